//! The client every request goes through: built once, off the hot path, from parts of our own.

use std::sync::Arc;

use rustls::client::{Resumption, Tls12Resumption};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;
use url::Url;

use super::trace::{HelloMark, SystemDns, TraceLayer};
use crate::domain::{ErrorKind, Failure, text};

/// Which proxy requests go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyUse {
    /// What `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in either case.
    Environment,
    /// None, whatever the environment says.
    Direct,
}

/// A handle on the shared client; cloning is cheap. The client is built when it is first needed: the trust store alone
/// is a file of some 140 certificates, and the first frame must not wait for it.
#[derive(Debug, Clone)]
pub struct Clients(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    proxy: ProxyUse,
    built: OnceCell<Built>,
}

#[derive(Debug)]
struct Built {
    client: reqwest::Client,
    /// Why no root certificate was found; `None` where there are some.
    no_roots: Option<String>,
}

impl Clients {
    /// A handle; nothing is built yet.
    pub fn new(proxy: ProxyUse) -> Self {
        Self(Arc::new(Shared { proxy, built: OnceCell::new() }))
    }

    /// Builds the client if that has not happened, so that the first request need not.
    pub async fn warm(&self) -> Result<(), Failure> {
        self.built().await.map(|_| ())
    }

    /// The client for a URL. An `http` URL needs no trust store, an `https` URL without one is a failure that says so.
    pub async fn for_url(&self, url: &Url) -> Result<reqwest::Client, Failure> {
        let built = self.built().await?;
        match &built.no_roots {
            Some(why) if url.scheme() == "https" => Err(no_roots(why)),
            Some(_) | None => Ok(built.client.clone()),
        }
    }

    /// A handle that trusts nobody, for handshakes that are meant to fail on any machine.
    #[cfg(test)]
    pub(crate) fn trusting_nobody() -> Self {
        let client = client(RootCertStore::empty(), ProxyUse::Direct).expect("a client");
        let built = OnceCell::new_with(Some(Built { client, no_roots: None }));
        Self(Arc::new(Shared { proxy: ProxyUse::Direct, built }))
    }

    async fn built(&self) -> Result<&Built, Failure> {
        let proxy = self.0.proxy;
        self.0.built.get_or_try_init(|| build_off_thread(proxy)).await
    }
}

async fn build_off_thread(proxy: ProxyUse) -> Result<Built, Failure> {
    match tokio::task::spawn_blocking(move || build(proxy)).await {
        Ok(built) => built,
        Err(error) => Err(not_built(&error)),
    }
}

fn build(proxy: ProxyUse) -> Result<Built, Failure> {
    let (roots, no_roots) = system_roots();
    Ok(Built { client: client(roots, proxy)?, no_roots })
}

fn client(roots: RootCertStore, proxy: ProxyUse) -> Result<reqwest::Client, Failure> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls_config(roots)?)
        // Redirects are followed by the sender, which knows what may be carried along.
        .redirect(reqwest::redirect::Policy::none())
        // Attempts are counted and shown by the sender; the library must not add silent ones.
        .retry(reqwest::retry::never())
        .referer(false)
        // A test goes the whole way each time: a kept connection would hide DNS, connecting and TLS, and with HTTP/2 a
        // shared one would outlive a cancelled run.
        .pool_max_idle_per_host(0)
        .http2_max_header_list_size(256 * 1024)
        .dns_resolver(SystemDns)
        .connector_layer(TraceLayer);
    let builder = match proxy {
        ProxyUse::Environment => builder,
        ProxyUse::Direct => builder.no_proxy(),
    };
    builder.build().map_err(|error| not_built(&error))
}

/// ring is passed explicitly: a process-wide default would be decided by whichever crate comes first.
fn tls_config(roots: RootCertStore) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| not_built(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // The store keeps nothing, so every handshake is a full and comparable one; it only marks when one begins.
    config.resumption = Resumption::store(Arc::new(HelloMark)).tls12_resumption(Tls12Resumption::Disabled);
    Ok(config)
}

/// The system's roots, or why there is none. A certificate that cannot be read is skipped as long as others can.
pub(super) fn system_roots() -> (RootCertStore, Option<String>) {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, unreadable) = roots.add_parsable_certificates(found.certs);
    let why = (added == 0).then(|| {
        let mut causes: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        if unreadable > 0 {
            causes.push(format!("{unreadable} certificates could not be read"));
        }
        if causes.is_empty() { "none is installed".to_owned() } else { causes.join("; ") }
    });
    (roots, why)
}

pub(super) fn no_roots(why: &str) -> Failure {
    let message = format!("this machine offers no trusted certificates: {}", text::clean_line(why));
    Failure::new(ErrorKind::Tls, message, "install ca-certificates, or point SSL_CERT_FILE at a PEM file of them")
}

fn not_built(error: &dyn std::error::Error) -> Failure {
    let message = format!("the HTTP client could not be built: {}", text::clean_line(&error.to_string()));
    Failure::new(ErrorKind::Internal, message, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[tokio::test]
    async fn an_http_target_needs_no_roots_and_an_https_target_says_what_is_missing() {
        let client = build(ProxyUse::Direct).expect("a client").client;
        let clients = Clients::new(ProxyUse::Direct);
        let built = Built { client, no_roots: Some("could not read /nope".to_owned()) };
        clients.0.built.set(built).expect("not built yet");
        assert!(clients.for_url(&url("http://h/v1")).await.is_ok());
        let failure = clients.for_url(&url("https://h/v1")).await.expect_err("no roots");
        assert_eq!(failure.kind, ErrorKind::Tls);
        assert_eq!(failure.message, "this machine offers no trusted certificates: could not read /nope");
    }

    #[tokio::test]
    async fn a_client_is_built_once_and_shared() {
        let clients = Clients::new(ProxyUse::Direct);
        assert!(clients.0.built.get().is_none());
        clients.warm().await.expect("built");
        assert!(clients.clone().0.built.get().is_some());
    }
}
