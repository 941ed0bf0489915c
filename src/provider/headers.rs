//! The headers of a request: planned without any secret, shown as planned, then filled with what the secrets resolve to.
//!
//! Precedence: a custom header replaces one of ours by the same name, except the one that carries the connector's key.
//! A custom `authorization` or `api-key` counts where the connector has no key of its own.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::call::{Mode, Services};
use super::entra;
use crate::domain::text::MASKED;
use crate::domain::{Connector, Credential, Entra, ErrorKind, Failure, Header, NetworkPolicy, Provider, SecretText};
use crate::secrets::Resolver;

const USER_AGENT: &str = concat!("switchboard/", env!("CARGO_PKG_VERSION"));

/// Headers that describe the message itself; only the client can know them.
const OF_THE_CLIENT: [&str; 5] = ["connection", "content-length", "te", "transfer-encoding", "upgrade"];

/// A header before its secret is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    /// Lower case.
    pub(super) name: String,
    value: PlannedValue,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PlannedValue {
    Text(String),
    /// A credential that stands in the file as text.
    Bare(SecretText),
    Secret {
        before: &'static str,
        credential: Credential,
    },
    /// A custom header whose value is a reference: sent as it is, for the word before a key may belong to it.
    Whole(Credential),
    /// A token of Entra ID, fetched or kept.
    Token(Entra),
}

impl Planned {
    fn text(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_ascii_lowercase(), value: PlannedValue::Text(value.into()) }
    }

    /// What may be shown: a secret as its reference.
    pub(super) fn shown(&self) -> String {
        match &self.value {
            PlannedValue::Text(text) => text.clone(),
            PlannedValue::Bare(_) => MASKED.to_owned(),
            PlannedValue::Secret { before, credential } => format!("{before}‹{}›", credential.label()),
            PlannedValue::Whole(credential) => format!("‹{}›", credential.label()),
            PlannedValue::Token(entra) => format!("{BEARER}‹{}›", entra.label()),
        }
    }
}

/// The headers of a connector's request, in the order they are shown, and notes about those that are not sent.
pub(super) fn plan(connector: &Connector, mode: Mode) -> (Vec<Planned>, Vec<String>) {
    let accept = match mode {
        Mode::Stream => "text/event-stream",
        Mode::Plain => "application/json",
    };
    let mut headers = vec![
        Planned::text("content-type", "application/json"),
        Planned::text("accept", accept),
        // Compression makes events arrive in batches and falsifies every time.
        Planned::text("accept-encoding", "identity"),
        Planned::text("user-agent", USER_AGENT),
    ];
    let auth = auth(connector);
    headers.extend(auth.clone());
    if connector.provider == Provider::OpenAi {
        headers.extend(connector.auth.organization.as_ref().map(|value| Planned::text("openai-organization", value)));
        headers.extend(connector.auth.project.as_ref().map(|value| Planned::text("openai-project", value)));
    }
    let mut notes = Vec::new();
    for custom in &connector.headers {
        let name = custom.name.trim().to_ascii_lowercase();
        if auth.as_ref().is_some_and(|auth| auth.name == name) {
            notes.push(format!("the custom header {name} is not sent: the connector's API key takes its place"));
        } else if OF_THE_CLIENT.contains(&name.as_str()) {
            notes.push(format!("the custom header {name} is not sent: it describes the message itself"));
        } else {
            replace(&mut headers, planned(name, custom));
        }
    }
    (headers, notes)
}

const BEARER: &str = "Bearer ";

fn auth(connector: &Connector) -> Option<Planned> {
    if let Some(entra) = &connector.auth.entra {
        return Some(Planned { name: "authorization".to_owned(), value: PlannedValue::Token(entra.clone()) });
    }
    let credential = connector.auth.api_key.clone()?;
    let (name, before) = match connector.provider {
        Provider::AzureOpenAi => ("api-key", ""),
        Provider::OpenAi | Provider::Other => ("authorization", BEARER),
    };
    Some(Planned { name: name.to_owned(), value: PlannedValue::Secret { before, credential } })
}

fn planned(name: String, custom: &Header) -> Planned {
    let value = match custom.reference() {
        Some(reference) => PlannedValue::Whole(Credential::Reference(reference)),
        None if names_a_credential(&name) => PlannedValue::Bare(SecretText::new(custom.value.trim())),
        None => PlannedValue::Text(custom.value.trim().to_owned()),
    };
    Planned { name, value }
}

/// True for the name of a header or a query's field that usually carries a credential.
pub(super) fn names_a_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["authorization", "cookie", "key", "token", "secret", "password", "sig", "signature", "code"]
        .iter()
        .any(|word| name == *word || name.ends_with(&format!("-{word}")) || name.ends_with(&format!("_{word}")))
}

fn replace(headers: &mut Vec<Planned>, header: Planned) {
    match headers.iter_mut().find(|earlier| earlier.name == header.name) {
        Some(earlier) => *earlier = header,
        None => headers.push(header),
    }
}

/// Headers ready to be sent, and every secret they carry.
pub(super) struct Filled {
    /// With secret values marked as such, so that no debug print shows them.
    pub(super) headers: HeaderMap,
    /// For the mask.
    pub(super) secrets: Vec<SecretText>,
    /// As they were fetched: what may be kept, and must not be once it is refused.
    pub(super) fetched: Vec<SecretText>,
}

/// Resolves what the plan refers to.
pub(super) async fn fill(plan: &[Planned], services: &Services, policy: &NetworkPolicy) -> Result<Filled, Failure> {
    let mut filled = Filled { headers: HeaderMap::with_capacity(plan.len()), secrets: Vec::new(), fetched: Vec::new() };
    for header in plan {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|error| bad(ErrorKind::Config, &format!("\"{}\" is no header name: {error}", header.name)))?;
        let value = match &header.value {
            PlannedValue::Text(text) => HeaderValue::from_bytes(text.as_bytes()).map_err(|error| {
                bad(ErrorKind::Config, &format!("the value of header {name} cannot be sent: {error}"))
            })?,
            PlannedValue::Bare(secret) => {
                let value = HeaderValue::from_bytes(secret.expose().as_bytes()).ok();
                let refused = || bad(ErrorKind::Config, &format!("the value of header {name} cannot be sent"));
                let mut value = value.ok_or_else(refused)?;
                value.set_sensitive(true);
                // Servers repeat the credential without the word before it.
                filled.secrets.extend(secret.expose().split_whitespace().next_back().map(SecretText::new));
                filled.secrets.push(secret.clone());
                value
            }
            PlannedValue::Secret { before, credential } => {
                let fetched = fetch(credential, &services.resolver).await?;
                let secret = bare(&fetched, credential)?;
                filled.fetched.push(fetched);
                let value = secret_value(before, &secret, &credential.label())?;
                filled.secrets.push(secret);
                value
            }
            PlannedValue::Whole(credential) => {
                let secret = fetch(credential, &services.resolver).await?;
                let value = secret_value("", &SecretText::new(secret.expose().trim()), &credential.label())?;
                // Servers repeat the credential without the word before it.
                filled.secrets.extend(secret.expose().split_whitespace().next_back().map(SecretText::new));
                filled.secrets.push(secret.clone());
                filled.fetched.push(secret);
                value
            }
            PlannedValue::Token(entra) => {
                let token = entra::token(entra, services, policy).await?;
                let value = secret_value(BEARER, &token, &entra.label())?;
                filled.fetched.push(token.clone());
                filled.secrets.push(token);
                value
            }
        };
        filled.headers.insert(name, value);
    }
    Ok(filled)
}

/// The secret a credential stands for, without what people paste around it.
pub(super) async fn resolve(credential: &Credential, resolver: &Resolver) -> Result<SecretText, Failure> {
    bare(&fetch(credential, resolver).await?, credential)
}

async fn fetch(credential: &Credential, resolver: &Resolver) -> Result<SecretText, Failure> {
    match credential {
        Credential::Reference(reference) => resolver.resolve(reference).await,
        Credential::Typed(secret) => Ok(secret.clone()),
    }
}

fn bare(secret: &SecretText, credential: &Credential) -> Result<SecretText, Failure> {
    // Keys are pasted with blanks around them, and with the word that the header adds by itself.
    let text = secret.expose().trim();
    let bare = match text.split_at_checked("Bearer ".len()) {
        Some((word, key)) if word.eq_ignore_ascii_case("Bearer ") => key.trim_start(),
        Some(_) | None => text,
    };
    if bare.is_empty() {
        let label = credential.label();
        return Err(Failure::new(ErrorKind::Secret, format!("the secret {label} is empty"), "put the key there"));
    }
    Ok(SecretText::new(bare))
}

fn secret_value(before: &str, secret: &SecretText, label: &str) -> Result<HeaderValue, Failure> {
    let text = format!("{before}{}", secret.expose());
    // The error of the parser is dropped on purpose: nothing of a secret shall be able to end in a message.
    let value = HeaderValue::from_str(&text).ok().filter(|_| text.is_ascii());
    let Some(mut value) = value else {
        let message = format!("the secret {label} holds characters that no header can carry");
        return Err(Failure::new(ErrorKind::Secret, message, "look for a line break or a typographic character in it"));
    };
    value.set_sensitive(true);
    Ok(value)
}

fn bad(kind: ErrorKind, message: &str) -> Failure {
    Failure::new(kind, crate::domain::text::clean_line(message), "correct it in the connector's headers")
}

#[cfg(test)]
mod tests;
