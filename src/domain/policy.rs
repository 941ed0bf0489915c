//! The network policy of one request: which way it takes, whom it trusts, how long it may take and how much it may bring.
//!
//! [`NetworkLayers::resolve`] makes it of everything the files and the environment say. A run, the doctor, the editor
//! and `show --network` all use its answer, so none of them can tell another story.

use std::time::Duration;

use url::Url;

use super::failure::{ErrorKind, Failure};
use super::secret::SecretRef;

mod env;
mod headers;
mod hosts;
mod key;
mod layers;
mod overlay;
mod proxy;
mod resolve;
#[cfg(test)]
pub(crate) mod tests;
mod value;

pub use env::NetworkEnv;
pub use hosts::{HostProblem, HostRule, Pin};
pub use key::{NetworkKey, Shape};
pub use layers::{HostTable, KeyPlaces, NetworkLayers, NetworkTable, ValueSource};
pub use overlay::{Contradiction, NetworkOverlay};
pub use proxy::{Proxy, ProxyProblem, ProxyScheme, ProxySetting, ProxyUrl, Route};
pub use value::{CaMode, HttpVersion, MinTls, NetworkValue, Plain, VerificationMode};

/// Everything that holds for one connector's requests, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// How long a request may take and how much it may bring.
    pub limits: Limits,
    /// Through a proxy, or directly.
    pub route: Route,
    /// Whom a TLS handshake trusts.
    pub trust: Trust,
    /// What the client proves itself with.
    pub identity: Option<Identity>,
    /// Which HTTP version is offered.
    pub http: HttpVersion,
    /// Addresses that stand in for DNS.
    pub pins: Vec<Pin>,
    /// The hosts that may be called; all where unset.
    pub allowed_hosts: Option<Vec<HostRule>>,
    /// What holds for the service that hands out the connector's tokens, where it has one: another host, another way.
    pub token: Option<Box<Self>>,
    /// Every key with its value and where that came from, in the order of [`NetworkKey::ALL`].
    pub effective: Vec<Effective>,
    /// What cannot hold; a request is not sent while there is something.
    pub problems: Vec<PolicyProblem>,
}

/// What holds where nothing is said anywhere.
impl Default for NetworkPolicy {
    fn default() -> Self {
        NetworkLayers::default().resolve(None, None)
    }
}

/// How long a request may take and how much it may bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// See [`NetworkKey::ConnectTimeout`].
    pub connect_timeout: Duration,
    /// See [`NetworkKey::FirstByteTimeout`].
    pub first_byte_timeout: Duration,
    /// See [`NetworkKey::IdleTimeout`].
    pub idle_timeout: Duration,
    /// See [`NetworkKey::TotalTimeout`].
    pub total_timeout: Duration,
    /// See [`NetworkKey::MaxResponseSize`].
    pub max_response_size: u64,
}

impl Limits {
    /// What holds where nothing is said. Thinking models may be silent for minutes, so idle is generous.
    pub const DEFAULT: Self = Self {
        connect_timeout: Duration::from_secs(10),
        first_byte_timeout: Duration::from_mins(2),
        idle_timeout: Duration::from_mins(5),
        total_timeout: Duration::from_mins(10),
        max_response_size: 64 << 20,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Whom a TLS handshake trusts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust {
    /// How the server's certificate is verified.
    pub mode: VerificationMode,
    /// How the certificate of an `https` proxy is verified.
    pub proxy_mode: VerificationMode,
    /// The oldest TLS version that is spoken.
    pub min_tls: MinTls,
    /// PEM files of authorities, `~/` expanded.
    pub ca_files: Vec<String>,
    /// Whether they are added to the system's.
    pub ca_mode: CaMode,
    /// Authorities as PEM text.
    pub ca_pem: Option<String>,
    /// Where the system's authorities are.
    pub system: SystemStore,
}

/// Where the system's authorities are, where the environment names a place; both unset for the usual one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SystemStore {
    /// `SSL_CERT_FILE`.
    pub file: Option<String>,
    /// `SSL_CERT_DIR`.
    pub dir: Option<String>,
}

/// What the client proves itself with, `~/` expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// PEM files; the key may stand in the certificate's file.
    Pem {
        /// The certificate and its chain.
        cert: String,
        /// The key.
        key: String,
        /// The passphrase of an encrypted key.
        passphrase: Option<SecretRef>,
    },
    /// One PKCS#12 file.
    Pkcs12 {
        /// The file.
        file: String,
        /// Its passphrase; empty where unset.
        passphrase: Option<SecretRef>,
    },
}

/// A key, its value, and where that came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// The key.
    pub key: NetworkKey,
    /// Its value as it may be shown; none where it is unset and nothing is built in.
    pub value: Option<String>,
    /// Where it came from.
    pub from: ValueSource,
}

/// Something in a policy that cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// The key it is about.
    pub key: NetworkKey,
    /// What is wrong, with the place.
    pub message: String,
    /// What to do; empty when the message says it.
    pub hint: String,
}

impl NetworkPolicy {
    /// The value of a key and where it came from.
    pub fn effective(&self, key: NetworkKey) -> Option<&Effective> {
        self.effective.iter().find(|effective| effective.key == key)
    }

    /// The same without any proxy.
    #[must_use]
    pub fn without_proxy(&self) -> Self {
        let token = self.token.as_ref().map(|token| Box::new(token.without_proxy()));
        Self { route: Route::default(), token, ..self.clone() }
    }

    /// Whether a request can be sent by this policy at all.
    ///
    /// # Errors
    /// The first thing that cannot hold, as a failure of kind `config`.
    pub fn sound(&self) -> Result<(), Failure> {
        let problem = |problem: &PolicyProblem| Failure::new(ErrorKind::Config, &problem.message, &problem.hint);
        self.problems.first().map_or(Ok(()), |first| Err(problem(first)))
    }

    /// Whether a URL may be called.
    ///
    /// # Errors
    /// A failure of kind `policy` that names the host and the rules.
    pub fn allows(&self, url: &Url) -> Result<(), Failure> {
        let Some(rules) = &self.allowed_hosts else { return Ok(()) };
        if rules.iter().any(|rule| rule.matches(url)) {
            return Ok(());
        }
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let from = self.effective(NetworkKey::AllowedHosts).map(|effective| effective.from.to_string());
        let message = format!("{host}:{port} is not among the allowed hosts ({})", from.unwrap_or_default());
        let listed = rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Err(Failure::new(
            ErrorKind::Policy,
            message,
            format!("allowed_hosts lists {listed}; add the host there if it is meant"),
        ))
    }
}
