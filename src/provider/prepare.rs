//! From a call to a request: URL, body and headers. The preview stops before secrets are resolved; a run does not.

use reqwest::header::HeaderMap;
use url::Url;

use super::call::{Call, Memory, Services};
use super::errors::About;
use super::headers::{self, Planned, names_a_credential};
use super::network::policy_secrets;
use super::shape::{Shaped, UsageAsk, shape};
use crate::domain::policy::{NetworkKey, VerificationMode};
use crate::domain::text::Mask;
use crate::domain::{Connector, Endpoint, ErrorKind, Failure, NetworkPolicy, SecretText};
use crate::net::PolicySecrets;

/// A request without its secrets.
pub(super) struct Outline {
    pub(super) endpoint: Endpoint,
    pub(super) shaped: Shaped,
    pub(super) headers: Vec<Planned>,
    /// Headers that are left out, and why.
    pub(super) notes: Vec<String>,
}

/// A request that can be written.
pub(super) struct Prepared {
    pub(super) connector: Connector,
    pub(super) endpoint: Endpoint,
    pub(super) shaped: Shaped,
    pub(super) headers: HeaderMap,
    /// Masks every secret the request carries.
    pub(super) mask: Mask,
    pub(super) notes: Vec<String>,
    /// The secrets as they were fetched.
    fetched: Vec<SecretText>,
    /// What the network policy needs and no text may show.
    pub(super) network: PolicySecrets,
}

impl Prepared {
    /// Drops what was kept of the secrets, for the server refused them. True where something was: fetching anew may help.
    pub(super) fn refuse_secrets(&self, services: &Services) -> bool {
        // Each is asked: which of them the server refused is not known.
        let dropped = self.fetched.iter().filter(|secret| services.resolver.kept().refuse(secret));
        dropped.count() > 0
    }

    /// What an error of its reply is told with.
    pub(super) fn about(&self) -> About<'_> {
        About { connector: &self.connector, endpoint: &self.endpoint, mask: &self.mask }
    }
}

/// Reads the URL, shapes the body and plans the headers.
pub(super) fn outline(call: &Call, memory: &Memory) -> Result<Outline, Failure> {
    let connector = &call.connector;
    let endpoint = Endpoint::read(&connector.url, connector.provider).map_err(|problem| {
        let message = format!("the URL of {} cannot be used: {problem}", connector.id);
        Failure::new(ErrorKind::Config, message, "correct the connector's url")
    })?;
    let body = |usage| {
        shape(&call.body, connector, &endpoint, call.mode, usage).map_err(|problem| {
            let message = format!("the body cannot be sent: {problem}");
            Failure::new(ErrorKind::InvalidRequest, message, "correct the body; it must be one JSON object")
        })
    };
    let asked = body(UsageAsk::Ask)?;
    let refused = memory.refuses_usage(&endpoint.url, asked.model.as_deref());
    let shaped = if refused { body(UsageAsk::Refused)? } else { asked };
    let (headers, notes) = headers::plan(connector, call.mode);
    Ok(Outline { endpoint, shaped, headers, notes })
}

/// Credentials that stand in the URL's query, as gateways want them; as written and as meant.
pub(super) fn query_secrets(url: &Url) -> Vec<SecretText> {
    let written = url.query().unwrap_or_default().split('&').filter_map(|field| field.split_once('='));
    let written = written.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let meant = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()));
    let secret = |(name, value): (String, String)| names_a_credential(&name).then(|| SecretText::new(value));
    written.chain(meant).filter_map(secret).collect()
}

/// The service that hands out tokens gets the client's secret: a weaker look at its certificate is told.
fn weak_token(policy: &NetworkPolicy) -> Option<String> {
    let token = policy.token.as_deref().filter(|token| token.trust.mode != VerificationMode::Full)?;
    let from = token.effective(NetworkKey::VerificationMode).map(|row| row.from.to_string()).unwrap_or_default();
    Some(format!("verification_mode = {} ({from}) holds where its token is asked for", token.trust.mode.word()))
}

/// Makes the request ready, secrets resolved.
pub(super) async fn prepare(call: &Call, services: &Services) -> Result<Prepared, Failure> {
    let Outline { endpoint, shaped, headers, notes } = outline(call, &services.memory)?;
    call.policy.sound()?;
    call.policy.allows(&endpoint.url)?;
    let (network, hidden) = policy_secrets(&call.policy, &endpoint.url, &services.resolver).await?;
    let notes = notes.into_iter().chain(weak_token(&call.policy)).collect();
    let filled = headers::fill(&headers, services, &call.policy).await?;
    let mask = Mask::new(filled.secrets.into_iter().chain(query_secrets(&endpoint.url)).chain(hidden));
    Ok(Prepared {
        connector: call.connector.clone(),
        endpoint,
        shaped,
        headers: filled.headers,
        mask,
        notes,
        fetched: filled.fetched,
        network,
    })
}
