//! What a client is made of: the part of a policy that a connection depends on, its secrets, and the state of its files.
//! Two requests with equal recipes share a client. A staged check takes its TLS configuration from the same recipe.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine;
use rustls::ClientConfig;
use rustls::client::{Resumption, Tls12Resumption, WebPkiServerVerifier};
use url::Url;

use super::identity::{self, Resolver};
use super::roots::{self, Machine, Roots};
use super::staged::TlsHop;
use super::trace::HelloMark;
use super::verify::Verifier;
use super::way::Hops;
use crate::domain::policy::{
    HttpVersion, Identity, MinTls, NetworkPolicy, Proxy, ProxyScheme, Trust, VerificationMode,
};
use crate::domain::{ErrorKind, Failure, SecretText, text};

/// The secrets of a policy, resolved for one run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicySecrets {
    /// What proves the proxy's user.
    pub proxy_password: Option<SecretText>,
    /// Headers for the proxy, in order.
    pub proxy_headers: Vec<(String, SecretText)>,
    /// What opens the client's key.
    pub passphrase: Option<SecretText>,
}

impl PolicySecrets {
    /// Everything of it that no text may show, the coded form of user and password too.
    pub fn hidden(&self, user: Option<&str>) -> Vec<SecretText> {
        let coded = self.proxy_password.as_ref().map(|password| SecretText::new(coded(user, password)));
        let own = [self.proxy_password.clone(), self.passphrase.clone(), coded];
        own.into_iter().flatten().collect()
    }
}

/// User and password as the `Basic` scheme codes them.
fn coded(user: Option<&str>, password: &SecretText) -> String {
    base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", user.unwrap_or_default(), password.expose()))
}

/// What a client is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Whether the target speaks TLS.
    target: Target,
    pub(super) proxy: Option<Proxy>,
    trust: Trust,
    identity: Option<Identity>,
    pub(super) http: HttpVersion,
    pub(super) pins: Vec<(String, IpAddr)>,
    pub(super) secrets: PolicySecrets,
    /// How the files looked: a renewed certificate makes another recipe.
    files: Vec<Option<(SystemTime, u64)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Plain,
    Tls,
}

impl Recipe {
    /// The recipe for requests to a URL. Looks at the files that the policy names, but does not read them.
    pub async fn of(url: &Url, policy: &NetworkPolicy, secrets: &PolicySecrets) -> Self {
        let target = if url.scheme() == "https" { Target::Tls } else { Target::Plain };
        let proxy = policy.route.proxy.clone();
        let mut recipe = Self {
            target,
            pins: pins(url, policy),
            proxy,
            trust: policy.trust.clone(),
            identity: policy.identity.clone(),
            http: policy.http,
            secrets: secrets.clone(),
            files: Vec::new(),
        };
        if recipe.speaks_tls() {
            recipe.look_at_files().await;
        } else {
            // Nothing of it matters, so nothing of it shall tell clients apart.
            (recipe.trust, recipe.identity) = (Trust::default(), None);
        }
        recipe
    }

    fn speaks_tls(&self) -> bool {
        self.target == Target::Tls || self.secure_proxy().is_some()
    }

    /// An `https` proxy.
    fn secure_proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|proxy| proxy.url.scheme == ProxyScheme::Https)
    }

    async fn look_at_files(&mut self) {
        let own: Vec<&String> = match &self.identity {
            None => Vec::new(),
            Some(Identity::Pem { cert, key, .. }) => vec![cert, key],
            Some(Identity::Pkcs12 { file, .. }) => vec![file],
        };
        let mut files = Vec::new();
        for path in self.trust.ca_files.iter().chain(own) {
            let found = tokio::fs::metadata(path).await.ok();
            files.push(found.and_then(|found| Some((found.modified().ok()?, found.len()))));
        }
        self.files = files;
    }

    /// The TLS configuration of both hops. Reads the files: not for a thread that must not wait.
    ///
    /// # Errors
    /// What cannot be used, and what to do.
    pub fn tls_config(&self) -> Result<ClientConfig, Failure> {
        self.tls_config_on(Machine::Trusted)
    }

    pub(super) fn tls_config_on(&self, machine: Machine) -> Result<ClientConfig, Failure> {
        // ring is passed explicitly: a process-wide default would be decided by whichever crate comes first.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = self.verifier(machine, &provider)?;
        let identity = self.identity.as_ref();
        let identity = identity.map(|identity| identity::load(identity, self.secrets.passphrase.as_ref(), &provider));
        let resolver = Resolver { identity: identity.transpose()? };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions(self.trust.min_tls))
            .map_err(|error| not_built(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = self.alpn();
        // The store keeps nothing, so every handshake is a full and comparable one; it only marks when one begins.
        let mark = HelloMark { proxy: self.secure_proxy().map(|proxy| bare_host(&proxy.url.host)) };
        config.resumption = Resumption::store(Arc::new(mark)).tls12_resumption(Tls12Resumption::Disabled);
        Ok(config)
    }

    /// How TLS is spoken with the server and with an `https` proxy, each with a verifier that knows its hop.
    pub(super) fn hops(&self, machine: Machine) -> Result<Hops, Failure> {
        let mut config = self.tls_config_on(machine)?;
        let provider = Arc::clone(config.crypto_provider());
        let verifier = self.verifier(machine, &provider)?;
        let with = |mode| Arc::new(Verifier { mode, proxy_mode: mode, ..verifier.clone() });
        let strict = with(VerificationMode::Full);
        let hop = |config: ClientConfig, mode| TlsHop {
            config: Arc::new(config),
            verifier: with(mode),
            strict: Arc::<Verifier>::clone(&strict),
        };
        let target = hop(config.clone(), self.trust.mode);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.client_auth_cert_resolver = Arc::new(Resolver { identity: None });
        Ok(Hops { target, proxy: hop(config, self.trust.proxy_mode) })
    }

    fn verifier(&self, machine: Machine, provider: &Arc<rustls::crypto::CryptoProvider>) -> Result<Verifier, Failure> {
        let trust = &self.trust;
        let roots = if self.speaks_tls() { Some(Roots::load(trust, machine)?) } else { None };
        let lenient = |hop: Target, mode: VerificationMode| hop == Target::Plain || mode == VerificationMode::None;
        let proxy_hop = if self.secure_proxy().is_some() { Target::Tls } else { Target::Plain };
        let anyone = lenient(self.target, trust.mode) && lenient(proxy_hop, trust.proxy_mode);
        let (store, configured) = match roots {
            None => (None, Vec::new()),
            Some(Roots { store, none_of_the_system: Some(why), .. }) if store.is_empty() && !anyone => {
                return Err(roots::nobody(&why));
            }
            Some(Roots { store, configured, .. }) => (Some(store).filter(|store| !store.is_empty()), configured),
        };
        let build = |store| WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build();
        let webpki = store.map(build).transpose().map_err(|error| not_built(&error))?;
        Ok(Verifier {
            webpki,
            configured,
            mode: trust.mode,
            proxy_mode: trust.proxy_mode,
            algorithms: provider.signature_verification_algorithms,
        })
    }

    /// For a plain target the library's handshake is the proxy's, and no proxy is spoken to in HTTP/2.
    fn alpn(&self) -> Vec<Vec<u8>> {
        let (h2, h1) = (b"h2".to_vec(), b"http/1.1".to_vec());
        match (self.target, self.http) {
            (Target::Plain, _) | (Target::Tls, HttpVersion::Http1) => vec![h1],
            (Target::Tls, HttpVersion::Http2) => vec![h2],
            (Target::Tls, HttpVersion::Auto) => vec![h2, h1],
        }
    }

    /// The proxy as the library takes it.
    pub(super) fn library_proxy(&self) -> Result<Option<reqwest::Proxy>, Failure> {
        let Some(proxy) = &self.proxy else { return Ok(None) };
        let mut url = Url::parse(&proxy.url.to_string()).map_err(|error| not_built(&error))?;
        let password = self.secrets.proxy_password.as_ref();
        // For SOCKS the library reads user and password from the URL alone.
        if let (true, Some(user)) = (proxy.url.scheme.is_socks(), &proxy.user) {
            let set = url.set_username(user).and_then(|()| url.set_password(password.map(SecretText::expose)));
            set.map_err(|()| not_built(&std::io::Error::other("the proxy's user cannot be coded")))?;
        }
        let mut built = reqwest::Proxy::all(url).map_err(|error| not_built(&error))?;
        if let (false, Some(user)) = (proxy.url.scheme.is_socks(), &proxy.user) {
            built = built.basic_auth(user, password.map(SecretText::expose).unwrap_or_default());
        }
        if !self.secrets.proxy_headers.is_empty() {
            built = built.headers(self.proxy_headers()?);
        }
        Ok(Some(built))
    }

    fn proxy_headers(&self) -> Result<reqwest::header::HeaderMap, Failure> {
        let mut headers = reqwest::header::HeaderMap::new();
        for (name, value) in &self.secrets.proxy_headers {
            let wrong = || {
                let message = format!("proxy_headers: the value of \"{name}\" cannot stand in a header");
                Failure::new(ErrorKind::Config, message, "look for a line break or a typographic character in it")
            };
            let known: reqwest::header::HeaderName = name.parse().ok().ok_or_else(wrong)?;
            let mut value = reqwest::header::HeaderValue::from_str(value.expose()).ok().ok_or_else(wrong)?;
            value.set_sensitive(true);
            headers.insert(known, value);
        }
        Ok(headers)
    }
}

/// A host without the brackets of an IPv6 address, as a handshake names it.
fn bare_host(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}

/// The pins that matter here: of the target, and of the proxy.
fn pins(url: &Url, policy: &NetworkPolicy) -> Vec<(String, IpAddr)> {
    let proxy = policy.route.proxy.as_ref();
    let is_proxy = |host: &str, port: u16| proxy.is_some_and(|proxy| proxy.url.host == host && proxy.url.port == port);
    let matters = |pin: &&crate::domain::policy::Pin| pin.matches(url) || is_proxy(&pin.host, pin.port);
    policy.pins.iter().filter(matters).map(|pin| (pin.host.clone(), pin.address)).collect()
}

/// The TLS versions that are offered, the newest first.
pub(super) fn versions(oldest: MinTls) -> &'static [&'static rustls::SupportedProtocolVersion] {
    const NEWEST: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS13];
    const ALL: &[&rustls::SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];
    match oldest {
        MinTls::V12 => ALL,
        MinTls::V13 => NEWEST,
    }
}

pub(super) fn not_built(error: &dyn std::error::Error) -> Failure {
    let message = format!("the HTTP client could not be built: {}", text::clean_line(&error.to_string()));
    Failure::new(ErrorKind::Internal, message, "")
}
