//! What can be said before a packet leaves: the URL, the secrets, the policy.

use std::time::Instant;

use url::Url;

use super::credential::{self, Mismatch};
use super::place::Places;
use super::walk::{Stopped, Walk};
use crate::domain::policy::{Identity, VerificationMode};
use crate::domain::text::clean_line;
use crate::domain::{
    Connector, Credential, DoctorStage, Endpoint, Entra, ErrorKind, Failure, NetworkPolicy, Provider, SecretText,
    StageReport, StageStatus,
};
use crate::secrets::Resolver;

/// What later stages need of the first three.
pub(super) struct Checked {
    pub(super) endpoint: Endpoint,
    /// The key is of another provider's kind.
    pub(super) mismatch: Option<Mismatch>,
    /// How the key is called in a message; `None` where none is sent.
    pub(super) key: Option<String>,
}

/// Configuration, secrets, policy.
pub(super) async fn run(walk: &Walk<'_>) -> Result<Checked, Stopped> {
    let (connector, places) = (&walk.patient.connector, walk.places());
    walk.began(DoctorStage::Config).await;
    let endpoint = match Endpoint::read(&connector.url, connector.provider) {
        Ok(endpoint) => endpoint,
        Err(problem) => {
            let cause = format!("the URL cannot be used: {problem}");
            let report = StageReport::failed(DoctorStage::Config, ErrorKind::Config, shown(&connector.url), cause);
            walk.tell(report.fix(places.fix("correct url", &["url"]))).await?;
            return Err(Stopped);
        }
    };
    walk.tell(config(connector, &endpoint, &places)).await?;
    walk.began(DoctorStage::Secrets).await;
    let mismatch = secrets(walk, &places).await?;
    walk.began(DoctorStage::Policy).await;
    walk.tell(policy(&walk.policy, &endpoint.url, &places)).await?;
    Ok(Checked { endpoint, mismatch, key: credential::label(connector) })
}

/// Without the query, which may hold a credential.
fn shown(url: &str) -> String {
    clean_line(url.split('?').next().unwrap_or_default()).into_owned()
}

fn config(connector: &Connector, endpoint: &Endpoint, places: &Places<'_>) -> StageReport {
    let detail = format!("{}: {}", endpoint.describe(), shown(endpoint.url.as_str()));
    let needs_model = connector.provider == Provider::Other && connector.default_model.is_none();
    if !needs_model {
        return StageReport::ok(DoctorStage::Config, detail);
    }
    let cause = "there is no default_model, and most servers need a model in every body";
    let fix = places.fix("set default_model", &["default_model"]);
    StageReport::warning(DoctorStage::Config, detail, cause).fix(fix)
}

/// A secret to resolve: the key it stands in, and the secret.
struct Wanted {
    key: String,
    credential: Credential,
}

fn wanted(connector: &Connector, policy: &NetworkPolicy) -> Vec<Wanted> {
    let one = |key: &str, credential: &Credential| Wanted { key: key.to_owned(), credential: credential.clone() };
    let key = connector.auth.api_key.iter().map(|credential| one("api_key", credential));
    let entra = connector.auth.entra.iter().map(|entra| one("entra", entra.credential()));
    let headers = connector.headers.iter().filter_map(|header| {
        Some(Wanted { key: format!("headers.{}", header.name), credential: Credential::Reference(header.reference()?) })
    });
    let routes = std::iter::once(&policy.route).chain(policy.token.iter().map(|token| &token.route));
    let proxy = routes.filter_map(|route| route.proxy.as_ref()).flat_map(|proxy| {
        let headers = proxy.headers.iter().filter_map(|header| Some(Credential::Reference(header.reference()?)));
        let password = proxy.password.iter().map(|password| one("proxy_password", password));
        password.chain(headers.map(|credential| one("proxy_headers", &credential))).collect::<Vec<_>>()
    });
    let passphrase = policy.identity.iter().filter_map(|identity| match identity {
        Identity::Pem { passphrase, .. } | Identity::Pkcs12 { passphrase, .. } => passphrase.clone(),
    });
    let passphrase = passphrase.map(|reference| one("client_key_passphrase", &Credential::Reference(reference)));
    key.chain(entra).chain(headers).chain(proxy).chain(passphrase).collect()
}

async fn secrets(walk: &Walk<'_>, places: &Places<'_>) -> Result<Option<Mismatch>, Stopped> {
    let connector = &walk.patient.connector;
    let began = Instant::now();
    let mut named = Vec::new();
    let mut mismatch = None;
    for wanted in wanted(connector, &walk.policy) {
        match resolve(&wanted.credential, &walk.practice.services.resolver).await {
            Ok(secret) if wanted.key == "api_key" => mismatch = credential::mismatch(connector.provider, &secret),
            Ok(_) => {}
            Err(failure) => {
                let detail = format!("{} = {}", wanted.key, wanted.credential.label());
                let key = wanted.key.split('.').next().unwrap_or_default();
                let report = StageReport::failed(DoctorStage::Secrets, failure.kind, detail, &failure.message);
                walk.tell(report.fix(places.fix_of(&failure, &[key])).took(began.elapsed())).await?;
            }
        }
        named.push(format!("{} = {}", wanted.key, wanted.credential.label()));
    }
    let detail = if named.is_empty() { "none is needed".to_owned() } else { format!("resolved {}", named.join(", ")) };
    walk.tell(secrets_report(connector, &detail, mismatch, places).took(began.elapsed())).await?;
    Ok(mismatch)
}

async fn resolve(credential: &Credential, resolver: &Resolver) -> Result<SecretText, Failure> {
    match credential {
        Credential::Reference(reference) => resolver.resolve(reference).await,
        Credential::Typed(secret) => Ok(secret.clone()),
    }
}

fn secrets_report(connector: &Connector, detail: &str, mismatch: Option<Mismatch>, places: &Places<'_>) -> StageReport {
    let stage = DoctorStage::Secrets;
    if let Some(mismatch) = mismatch {
        let fix = places.fix(mismatch.hint(), &["api_key"]);
        return StageReport::warning(stage, detail, mismatch.words()).fix(fix);
    }
    let sends_none = credential::label(connector).is_none();
    if sends_none && connector.provider != Provider::Other {
        let cause = "there is no api_key: requests go without a key";
        let fix = places.fix("set api_key, for example to env:MY_KEY", &["api_key"]);
        return StageReport::warning(stage, detail, cause).fix(fix);
    }
    StageReport::ok(stage, detail)
}

/// The policy of the connector, then that of the service which hands out its tokens.
fn policy(policy: &NetworkPolicy, url: &Url, places: &Places<'_>) -> StageReport {
    let own = policy_of(policy, url, "", places);
    let (Some(token), Some(Entra::App(app))) = (&policy.token, &places.connector.auth.entra) else { return own };
    let Ok(url) = app.token_url() else { return own };
    let lead = format!("{}; its tokens from {} ", own.detail, url.host_str().unwrap_or_default());
    let tokens = policy_of(token, &url, &lead, places);
    // Where all is well the second tells both.
    if own.status != StageStatus::Ok && own.status >= tokens.status { own } else { tokens }
}

fn policy_of(policy: &NetworkPolicy, url: &Url, lead: &str, places: &Places<'_>) -> StageReport {
    let stage = DoctorStage::Policy;
    let detail = format!("{lead}{}", policy.route);
    if let Some(problem) = policy.problems.first() {
        let fix = places.fix(&problem.hint, &[problem.key.word()]);
        return StageReport::failed(stage, ErrorKind::Config, detail, &problem.message).fix(fix);
    }
    if let Err(failure) = policy.allows(url) {
        let fix = places.fix_of(&failure, &["allowed_hosts"]);
        return StageReport::failed(stage, failure.kind, detail, &failure.message).fix(fix);
    }
    let is_https = url.scheme() == "https";
    match (is_https, policy.trust.mode) {
        (true, VerificationMode::None) => {
            weak(&detail, "verification_mode = \"none\": whoever stands between can read and change everything", places)
        }
        (true, VerificationMode::Certificate) => {
            weak(&detail, "verification_mode = \"certificate\": the name of the server is not checked", places)
        }
        (true, VerificationMode::Full) | (false, _) => StageReport::ok(stage, detail),
    }
}

fn weak(detail: &str, cause: &str, places: &Places<'_>) -> StageReport {
    let fix = places.fix("name the authority in ca_files and go back to \"full\"", &["verification_mode"]);
    StageReport::warning(DoctorStage::Policy, detail, cause).fix(fix)
}
