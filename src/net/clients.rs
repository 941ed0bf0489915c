//! The clients requests go through: one for each distinct recipe, built off the hot path, kept while they are used.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use url::Url;

use super::recipe::{PolicySecrets, Recipe, not_built};
use super::roots::Machine;
use super::trace::{SystemDns, TraceLayer};
use super::way::Hops;
use crate::domain::Failure;
use crate::domain::policy::{HttpVersion, NetworkPolicy};

/// Clients that are kept at once. A client without connections is a trust store of some 140 certificates.
const KEPT_MAX: usize = 16;
/// A client that was not asked for so long is dropped: its policy was changed, or its connector is not run any more.
const KEPT_FOR: Duration = Duration::from_mins(10);

/// A handle on the shared clients; cloning is cheap. A client is built when it is first needed: the trust store alone
/// is a file of some 140 certificates, and the first frame must not wait for it.
#[derive(Debug, Clone)]
pub struct Clients(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    machine: Machine,
    kept: Mutex<Vec<Kept>>,
}

#[derive(Debug)]
struct Kept {
    recipe: Recipe,
    client: Arc<OnceCell<reqwest::Client>>,
    used: Instant,
}

impl Default for Clients {
    fn default() -> Self {
        Self::on(Machine::Trusted)
    }
}

impl Clients {
    fn on(machine: Machine) -> Self {
        Self(Arc::new(Shared { machine, kept: Mutex::default() }))
    }

    /// The client for requests to a URL by a policy.
    ///
    /// # Errors
    /// What of the policy cannot be used: a file, a key, a passphrase, a machine that trusts nobody.
    pub async fn of(
        &self,
        url: &Url,
        policy: &NetworkPolicy,
        secrets: &PolicySecrets,
    ) -> Result<reqwest::Client, Failure> {
        let recipe = Recipe::of(url, policy, secrets).await;
        let client = self.kept(&recipe);
        let machine = self.0.machine;
        client.get_or_try_init(|| build_off_thread(recipe, machine)).await.cloned()
    }

    /// How TLS is spoken with the server and with an `https` proxy, for a connection that is made step by step.
    ///
    /// # Errors
    /// As [`Clients::of`].
    pub async fn hops(&self, url: &Url, policy: &NetworkPolicy, secrets: &PolicySecrets) -> Result<Hops, Failure> {
        let (recipe, machine) = (Recipe::of(url, policy, secrets).await, self.0.machine);
        match tokio::task::spawn_blocking(move || recipe.hops(machine)).await {
            Ok(hops) => hops,
            Err(error) => Err(not_built(&error)),
        }
    }

    /// A handle that does not trust the machine's authorities, for handshakes that are meant to fail on any machine.
    #[cfg(test)]
    pub(crate) fn trusting_nobody() -> Self {
        Self::on(Machine::Ignored)
    }

    fn kept(&self, recipe: &Recipe) -> Arc<OnceCell<reqwest::Client>> {
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        kept.retain(|one| now.saturating_duration_since(one.used) < KEPT_FOR);
        if let Some(one) = kept.iter_mut().find(|one| one.recipe == *recipe) {
            one.used = now;
            return Arc::clone(&one.client);
        }
        if kept.len() >= KEPT_MAX {
            let oldest = kept.iter().enumerate().min_by_key(|(_, one)| one.used).map(|(at, _)| at);
            oldest.map(|at| kept.swap_remove(at));
        }
        let client = Arc::<OnceCell<reqwest::Client>>::default();
        kept.push(Kept { recipe: recipe.clone(), client: Arc::clone(&client), used: now });
        client
    }
}

async fn build_off_thread(recipe: Recipe, machine: Machine) -> Result<reqwest::Client, Failure> {
    match tokio::task::spawn_blocking(move || build(recipe, machine)).await {
        Ok(built) => built,
        Err(error) => Err(not_built(&error)),
    }
}

fn build(recipe: Recipe, machine: Machine) -> Result<reqwest::Client, Failure> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(recipe.tls_config_on(machine)?)
        // Redirects are followed by the sender, which knows what may be carried along.
        .redirect(reqwest::redirect::Policy::none())
        // Attempts are counted and shown by the sender; the library must not add silent ones.
        .retry(reqwest::retry::never())
        .referer(false)
        // A test goes the whole way each time: a kept connection would hide DNS, connecting and TLS, and with HTTP/2 a
        // shared one would outlive a cancelled run.
        .pool_max_idle_per_host(0)
        .http2_max_header_list_size(256 * 1024)
        // The policy has read the environment; the library shall not do so again, by other rules.
        .no_proxy()
        .connector_layer(TraceLayer);
    let builder = match recipe.library_proxy()? {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    };
    let builder = match recipe.http {
        HttpVersion::Auto => builder,
        HttpVersion::Http1 => builder.http1_only(),
        HttpVersion::Http2 => builder.http2_prior_knowledge(),
    };
    builder.dns_resolver(SystemDns { pins: recipe.pins }).build().map_err(|error| not_built(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::{Proxy, ProxyScheme, ProxyUrl, Route, SystemStore, VerificationMode};
    use crate::domain::{ErrorKind, SecretText};

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    async fn client(clients: &Clients, target: &str, policy: &NetworkPolicy) -> Result<(), Failure> {
        clients.of(&url(target), policy, &PolicySecrets::default()).await.map(drop)
    }

    fn count(clients: &Clients) -> usize {
        clients.0.kept.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    #[tokio::test]
    async fn an_http_target_needs_no_roots_and_an_https_target_says_what_is_missing() {
        let clients = Clients::default();
        let mut policy = NetworkPolicy::default();
        policy.trust.system = SystemStore { file: Some("/nope".to_owned()), dir: None };
        assert_eq!(client(&clients, "http://h/v1", &policy).await, Ok(()));
        let failure = client(&clients, "https://h/v1", &policy).await.expect_err("no roots");
        assert_eq!(failure.kind, ErrorKind::Tls);
        assert!(failure.message.starts_with("this machine offers no trusted certificates: "), "{}", failure.message);
        policy.trust.mode = VerificationMode::None;
        assert_eq!(client(&clients, "https://h/v1", &policy).await, Ok(()));
    }

    #[tokio::test]
    async fn policies_that_differ_in_what_matters_have_clients_of_their_own() {
        let clients = Clients::trusting_nobody();
        let mut policy = NetworkPolicy::default();
        for target in ["https://h/v1", "https://other/v1", "https://h/v1"] {
            assert_eq!(client(&clients, target, &policy).await, Ok(()));
        }
        policy.limits.idle_timeout = Duration::from_secs(1);
        assert_eq!(client(&clients, "https://h/v1", &policy).await, Ok(()));
        assert_eq!(count(&clients), 1);
        policy.trust.mode = VerificationMode::None;
        assert_eq!(client(&clients, "https://h/v1", &policy).await, Ok(()));
        assert_eq!(client(&clients, "http://h/v1", &policy).await, Ok(()));
        assert_eq!(count(&clients), 3);
    }

    #[tokio::test]
    async fn few_clients_are_kept() {
        let clients = Clients::trusting_nobody();
        for port in 1..40 {
            let proxy = ProxyUrl { scheme: ProxyScheme::Http, host: "p".to_owned(), port };
            let proxy = Proxy { url: proxy, user: None, password: None, headers: Vec::new() };
            let route = Route { proxy: Some(proxy), rule: None };
            let policy = NetworkPolicy { route, ..NetworkPolicy::default() };
            assert_eq!(client(&clients, "http://h/v1", &policy).await, Ok(()));
        }
        assert_eq!(count(&clients), KEPT_MAX);
    }

    #[tokio::test]
    async fn a_changed_password_or_file_makes_another_client() {
        let clients = Clients::trusting_nobody();
        let file = tempfile::NamedTempFile::new().expect("a file");
        let mut policy = NetworkPolicy::default();
        policy.trust.ca_files = vec![file.path().display().to_string()];
        let failure = client(&clients, "https://h/v1", &policy).await.expect_err("an empty file");
        assert!(failure.message.ends_with(": it is empty"), "{}", failure.message);
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(vec!["h".to_owned()]).expect("parameters");
        std::fs::write(file.path(), params.self_signed(&key).expect("a certificate").pem()).expect("written");
        assert_eq!(client(&clients, "https://h/v1", &policy).await, Ok(()));
        let secrets = PolicySecrets { proxy_password: Some(SecretText::new("new")), ..PolicySecrets::default() };
        assert!(clients.of(&url("https://h/v1"), &policy, &secrets).await.is_ok());
        assert_eq!(count(&clients), 3);
    }
}
