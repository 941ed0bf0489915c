//! What to do about an error, in one sentence or two.

use crate::domain::{Connector, Credential, ErrorKind, Provider, UrlForm};

use super::told::Shape;
use super::{About, Case, retry};

/// The hint; empty where nothing can be advised.
pub(super) fn hint(kind: ErrorKind, case: &Case<'_>, about: &About<'_>) -> String {
    match kind {
        ErrorKind::Auth => auth(case, about),
        ErrorKind::NotFound => not_found(case, about),
        ErrorKind::InvalidRequest => invalid_request(case, about),
        ErrorKind::ContextLength => context_length(case, about),
        ErrorKind::ContentFilter => content_filter(case, about),
        ErrorKind::RateLimit => rate_limit(case, about),
        ErrorKind::Quota => {
            format!("check the balance, quota and billing of the account that owns {}", key_label(about.connector))
        }
        ErrorKind::Server => server(case, about),
        ErrorKind::Proxy => {
            "the proxy wants a user: set proxy_user and proxy_password of this connector's network".to_owned()
        }
        ErrorKind::Malformed => unexpected_status(case, about),
        ErrorKind::Config
        | ErrorKind::Secret
        | ErrorKind::Policy
        | ErrorKind::Dns
        | ErrorKind::Connect
        | ErrorKind::Tls
        | ErrorKind::Timeout
        | ErrorKind::StreamCut
        | ErrorKind::TooLarge
        | ErrorKind::Budget
        | ErrorKind::Internal => String::new(),
    }
}

/// Which key was sent, as its reference.
fn key_label(connector: &Connector) -> String {
    if let Some(entra) = &connector.auth.entra {
        return format!("the {}", entra.label());
    }
    let by_header = || connector.headers.iter().find(|header| is_auth_header(&header.name));
    match (&connector.auth.api_key, by_header()) {
        (Some(Credential::Reference(reference)), _) => format!("the key in {reference}"),
        (Some(Credential::Typed(_)), _) => "the key that was typed".to_owned(),
        (None, Some(header)) => format!("the key in the header \"{}\"", header.name),
        (None, None) => "the key".to_owned(),
    }
}

fn is_auth_header(name: &str) -> bool {
    ["authorization", "api-key", "x-api-key"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn sends_a_key(connector: &Connector) -> bool {
    connector.auth.api_key.is_some()
        || connector.auth.entra.is_some()
        || connector.headers.iter().any(|header| is_auth_header(&header.name))
}

fn auth(case: &Case<'_>, about: &About<'_>) -> String {
    let connector = about.connector;
    if !sends_a_key(connector) {
        return "this connector sends no key; set api_key, for example to env:MY_KEY".to_owned();
    }
    let key = key_label(connector);
    let host = about.endpoint.authority();
    if case.told.message.contains("data action") {
        return format!("the identity behind {key} needs the role \"Cognitive Services OpenAI User\" on {host}");
    }
    if case.status == Some(403) {
        return format!("check that {key} may use this model, and that {host} admits your network and region");
    }
    match connector.provider {
        Provider::AzureOpenAi if connector.auth.entra.is_some() => {
            format!("{host} refused {key}: check entra.tenant and entra.scope, and the identity's role on the resource")
        }
        Provider::AzureOpenAi => format!("check {key}: it must belong to the Azure resource {host}"),
        Provider::OpenAi if connector.auth.organization.is_some() || connector.auth.project.is_some() => {
            format!("check {key}, and that it belongs to the organization and project of this connector")
        }
        Provider::OpenAi | Provider::Other => format!("check {key}: {host} refused it"),
    }
}

fn not_found(case: &Case<'_>, about: &About<'_>) -> String {
    let code = case.told.code.as_deref().unwrap_or_default();
    let text = case.told.message.to_lowercase();
    if let UrlForm::AzureDeployment { deployment, api_version } = &about.endpoint.form {
        return if code.eq_ignore_ascii_case("DeploymentNotFound") || text.contains("deployment") {
            let deployment = about.word(deployment);
            format!(
                "check the deployment \"{deployment}\" in the URL; one made within the last 5 minutes may not answer yet"
            )
        } else {
            let version = about.word(api_version);
            format!("check the path of the URL, and whether api-version {version} has this operation")
        };
    }
    if code.eq_ignore_ascii_case("DeploymentNotFound") {
        return "\"model\" must be the name of a deployment of this resource: check default_model".to_owned();
    }
    if text.contains("model") && case.told.shape == Shape::Json {
        return unknown_model(&text, about);
    }
    no_such_path(about)
}

fn unknown_model(text: &str, about: &About<'_>) -> String {
    let pull = if text.contains("pull") { "; with Ollama, run \"ollama pull\" for it first" } else { "" };
    match &about.connector.default_model {
        Some(model) => {
            let model = about.word(model);
            format!(
                "check \"model\" of the body and default_model (\"{model}\") against the models this server has{pull}"
            )
        }
        None => format!("check \"model\" of the body against the models this server has, or set default_model{pull}"),
    }
}

fn no_such_path(about: &About<'_>) -> String {
    let path = about.endpoint.url.path();
    let azure = about.connector.provider == Provider::AzureOpenAi;
    if !azure && !path.contains("/v1") {
        return format!("nothing answers at {path}; most servers want a base URL that ends in /v1");
    }
    format!("nothing answers at {path}; check the URL of this connector")
}

fn invalid_request(case: &Case<'_>, about: &About<'_>) -> String {
    let told = case.told;
    let text = told.message.to_lowercase();
    match case.status {
        Some(405) => return no_such_path(about),
        Some(413) => return "the body is larger than the server takes: shorten it".to_owned(),
        Some(_) | None => {}
    }
    let Some(field) = field_at_fault(case).map(|field| about.word(&field)) else {
        return "check the body against what this server supports".to_owned();
    };
    if field == "max_tokens" && text.contains("max_completion_tokens") {
        return "remove \"max_tokens\" from the body and use \"max_completion_tokens\" instead".to_owned();
    }
    if field == "max_completion_tokens" && is_unsupported(case) {
        return "remove \"max_completion_tokens\" from the body; this server may know \"max_tokens\" instead"
            .to_owned();
    }
    if is_unsupported(case) {
        let version = match &about.endpoint.form {
            UrlForm::AzureDeployment { .. } => ", or use a newer api-version in the URL",
            UrlForm::Full | UrlForm::Base | UrlForm::Host | UrlForm::AzureV1 => "",
        };
        return format!("remove \"{field}\" from the body{version}");
    }
    if field == "model" && about.connector.default_model.is_none() {
        return "add \"model\" to the body, or set default_model".to_owned();
    }
    format!("check \"{field}\" in the body")
}

const UNSUPPORTED: [&str; 9] = [
    "unsupported",
    "not supported",
    "unrecognized request argument",
    "unknown parameter",
    "unknown argument",
    "unknown name",
    "extra inputs are not permitted",
    "additional properties are not allowed",
    "not permitted",
];

/// True where the server does not know the field, rather than disliking its value.
fn is_unsupported(case: &Case<'_>) -> bool {
    let code = case.told.code.as_deref().unwrap_or_default();
    let text = case.told.message.to_lowercase();
    matches!(code, "unsupported_parameter" | "unknown_parameter")
        || (code != "unsupported_value" && UNSUPPORTED.iter().any(|words| text.contains(words)))
}

/// The field at fault: the server's `param`, else the first quoted or listed name in its message.
fn field_at_fault(case: &Case<'_>) -> Option<String> {
    if let Some(param) = &case.told.param {
        return Some(param.clone());
    }
    if !is_unsupported(case) {
        return None;
    }
    let message = &case.told.message;
    let supplied = message.split_once("supplied: ").map(|(_, after)| after);
    let quoted = || message.split_once(['\'', '"', '`']).map(|(_, after)| after);
    let name = supplied.or_else(quoted)?.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn context_length(case: &Case<'_>, about: &About<'_>) -> String {
    if let Some((prompt, window)) = case.told.context {
        return format!(
            "the prompt has {prompt} tokens and the model holds {window}: shorten it, or serve the model with a larger context"
        );
    }
    match about.connector.options.context_window {
        Some(window) => {
            format!("shorten the prompt or ask for fewer tokens; this connector's context_window is {window}")
        }
        None => "shorten the prompt or ask for fewer tokens".to_owned(),
    }
}

fn content_filter(case: &Case<'_>, about: &About<'_>) -> String {
    match case.told.filtered.as_slice() {
        [] => "change the prompt, or the filter's settings at the provider".to_owned(),
        categories => {
            let categories = about.word(&categories.join(", "));
            format!("the filter hit {categories}: change the prompt, or the filter's settings at the provider")
        }
    }
}

fn rate_limit(case: &Case<'_>, about: &About<'_>) -> String {
    let by_millis = case.header("retry-after-ms").and_then(|value| retry::seconds(value, 0.001));
    let by_seconds = || case.header("retry-after").and_then(|value| retry::seconds(value, 1.0));
    let by_body =
        || case.told.retry_delay.as_deref().and_then(|delay| retry::seconds(delay.trim_end_matches('s'), 1.0));
    let more = match about.connector.options.max_attempts {
        Some(2..) => "",
        Some(_) | None => "; max_attempts above 1 makes a run wait by itself",
    };
    match by_millis.or_else(by_seconds).or_else(by_body) {
        Some(wait) => format!("wait {} s, then run again{more}", wait.as_secs_f64().ceil()),
        None => format!("wait a little, then run again{more}"),
    }
}

fn server(case: &Case<'_>, about: &About<'_>) -> String {
    let loading = case.told.message.to_lowercase().contains("loading");
    match case.status {
        Some(503) if loading => "the server is loading its model: wait until it has, then run again".to_owned(),
        Some(408 | 499 | 502 | 504) => format!(
            "a gateway before {} gave up on it: run again, and check that the server behind it is up",
            about.endpoint.authority()
        ),
        Some(503 | 529) => "the server is overloaded: wait a little, then run again".to_owned(),
        Some(501) => no_such_path(about),
        Some(_) | None => match request_id(case, about) {
            Some(id) => format!("run again; if it stays, give the provider the request id {id}"),
            None => "run again; if it stays, look at the server's own log".to_owned(),
        },
    }
}

fn request_id(case: &Case<'_>, about: &About<'_>) -> Option<String> {
    let names = ["x-request-id", "apim-request-id", "x-generation-id", "x-litellm-call-id"];
    names.iter().find_map(|name| case.header(name)).map(|id| about.word(id))
}

fn unexpected_status(case: &Case<'_>, about: &About<'_>) -> String {
    match (case.status, case.header("location")) {
        (Some(300..400), Some(location)) => {
            let location = about.shown(location, 200);
            format!("the server redirects to {location}: if you trust it, make that this connector's URL")
        }
        _ => no_such_path(about),
    }
}
