//! Tokens of Entra ID: asked for by an application's client credentials, used until 5 minutes before they expire.
//!
//! The request goes out by the policy of the host that hands them out. Neither the client's
//! secret nor the token is ever in an error.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use tokio::time::timeout;
use url::Url;
use url::form_urlencoded::Serializer;

use super::call::Services;
use super::headers::resolve;
use super::network::policy_secrets;
use super::read;
use crate::domain::text::{Mask, clean_line, cut};
use crate::domain::{Credential, Entra, EntraApp, ErrorKind, Failure, NetworkPolicy, SecretText};
use crate::net::{self, Limit, Trace, Way, place};
use crate::secrets::{Fetched, life};

/// Bytes of an answer that are read; a token with many roles is some kilobytes.
const ANSWER_MAX: usize = 256 << 10;
/// Bytes of the service's words that are told.
const TOLD_MAX: usize = 400;

/// The token a request shall carry: kept from before, or fetched.
pub(super) async fn token(entra: &Entra, services: &Services, policy: &NetworkPolicy) -> Result<SecretText, Failure> {
    match entra {
        Entra::Token(Credential::Reference(reference)) => services.resolver.token(reference).await,
        Entra::Token(Credential::Typed(token)) => Ok(token.clone()),
        Entra::App(app) => {
            let url = endpoint(app)?;
            let fetch = Box::pin(fetch(app, &url, services, policy));
            if let Credential::Typed(_) = app.client_secret {
                // A draft is tested with what was just typed, and not with what another secret brought.
                return fetch.await.map(|(token, _)| token);
            }
            let name = format!("entra {url} {} {} {}", app.client_id, app.scope(), app.client_secret.label());
            services.resolver.kept().get_or(&name, fetch).await
        }
    }
}

fn endpoint(app: &EntraApp) -> Result<Url, Failure> {
    app.token_url().map_err(|problem| {
        let message = format!("the authority of Entra ID cannot be used: {problem}");
        Failure::new(ErrorKind::Config, message, "correct entra.authority and entra.tenant")
    })
}

async fn fetch(app: &EntraApp, url: &Url, services: &Services, policy: &NetworkPolicy) -> Result<Fetched, Failure> {
    let policy = policy.token.as_deref().unwrap_or(policy);
    policy.sound()?;
    policy.allows(url)?;
    let secret = resolve(&app.client_secret, &services.resolver).await?;
    let (secrets, hidden) = policy_secrets(policy, url, &services.resolver).await?;
    let client = services.clients.of(url, policy, &secrets).await?;
    let (limits, trace) = (policy.limits, Trace::default());
    let form = Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &app.client_id)
        .append_pair("client_secret", secret.expose())
        .append_pair("scope", app.scope())
        .finish();
    let request = client.post(url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
    let limit = limits.connect_timeout + limits.first_byte_timeout;
    let response = match timeout(limit, trace.follow(request.send())).await {
        Err(_elapsed) => return Err(net::timed_out(Limit::FirstByte, limits.first_byte_timeout, url)),
        Ok(answered) => answered.map_err(|error| net::explain(&error, &Way { url, policy, trace: &trace }))?,
    };
    let status = response.status().as_u16();
    let body = read::error_body(response, limits.first_byte_timeout, ANSWER_MAX).await;
    let answer: Option<Value> = serde_json::from_slice(&body).ok();
    match &answer {
        Some(answer) if status == 200 => granted(answer, url),
        Some(_) | None => Err(refused(status, answer.as_ref(), url, &Mask::new(hidden.into_iter().chain([secret])))),
    }
}

fn granted(answer: &Value, url: &Url) -> Result<Fetched, Failure> {
    let token = answer.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let Some(token) = token else {
        let message = format!("{} answers without an access_token", place(url));
        return Err(Failure::new(
            ErrorKind::Malformed,
            message,
            "check entra.authority: is it Entra ID that answers there?",
        ));
    };
    let lives = answer.get("expires_in").and_then(|lives| lives.as_u64().or_else(|| lives.as_str()?.parse().ok()));
    Ok((SecretText::new(token), lives.map(Duration::from_secs).and_then(life)))
}

fn refused(status: u16, answer: Option<&Value>, url: &Url, mask: &Mask) -> Failure {
    let text = |key: &str| answer.and_then(|answer| answer.get(key)?.as_str()).unwrap_or_default();
    // What follows the first line is trace ids and times.
    let words = text("error_description").lines().next().unwrap_or_default();
    let words = words.split(" Trace ID:").next().unwrap_or_default();
    let words = if words.is_empty() { text("error") } else { words };
    let told = cut(&clean_line(&mask.apply(words)), TOLD_MAX).into_owned();
    let told = if told.is_empty() { "without an explanation".to_owned() } else { told };
    let kind = match status {
        429 => ErrorKind::RateLimit,
        500.. => ErrorKind::Server,
        400..=403 => ErrorKind::Auth,
        _ => ErrorKind::NotFound,
    };
    let message = format!("no token of Entra ID: HTTP {status} from {}: {told}", place(url));
    Failure { http_status: None, ..Failure::new(kind, message, advice(words)) }
}

/// What the codes of Entra ID ask for. They are documented as "Microsoft Entra authentication and authorization error codes".
const CODES: [(&str, &str); 10] = [
    ("AADSTS7000215", "entra.client_secret is wrong: it must be the secret's value, not its id"),
    ("AADSTS7000222", "the client's secret has expired: make a new one and set it"),
    ("AADSTS700016", "entra.client_id is not known in this tenant: check both"),
    ("AADSTS700027", "the application wants a certificate in the place of a secret; give a secret to it"),
    ("AADSTS90002", "entra.tenant is not known: check it, and entra.authority for another cloud"),
    ("AADSTS900023", "entra.tenant is neither an id nor a domain of a tenant"),
    ("AADSTS70011", "entra.scope is not valid: for client credentials it ends in /.default"),
    ("AADSTS1002012", "entra.scope is not valid: for client credentials it ends in /.default"),
    ("AADSTS500011", "entra.scope names a resource that this tenant does not have"),
    ("AADSTS53003", "a rule of conditional access forbids it: ask the administrator of the tenant"),
];

fn advice(words: &str) -> &'static str {
    let code = words.split([':', ' ']).find(|word| word.starts_with("AADSTS")).unwrap_or_default();
    let known = CODES.iter().find(|(known, _)| *known == code);
    known.map_or("check entra.tenant, entra.client_id and entra.client_secret", |(_, advice)| advice)
}
