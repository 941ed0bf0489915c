//! A TLS handshake that tells what it saw: the chain, what a full verification says of it, the client certificate.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Host;

use super::Io;
use super::certificate::{CertificateFacts, distinguished_name};
use super::trouble::TlsTrouble;

/// How long a server that asked for a client certificate is given to refuse it: in TLS 1.3 its answer comes after the
/// handshake.
const REFUSAL: Duration = Duration::from_millis(300);
/// Issuers that are kept of those a server names.
const ISSUERS_MAX: usize = 8;

/// How TLS is spoken with one peer.
#[derive(Debug, Clone)]
pub struct TlsHop {
    /// Versions, ALPN, client certificate.
    pub config: Arc<ClientConfig>,
    /// Decides, as the policy's verification mode says.
    pub verifier: Arc<dyn ServerCertVerifier>,
    /// What `verification_mode = "full"` would say; it decides nothing.
    pub strict: Arc<dyn ServerCertVerifier>,
}

/// What a handshake found out, as far as it came.
#[derive(Debug, Clone, Default)]
pub struct TlsFacts {
    /// The peer's chain, its own certificate first.
    pub chain: Vec<CertificateFacts>,
    /// What a full verification says of it; `None` where no certificate came.
    pub strict: Option<Result<(), Error>>,
    /// Whether a client certificate was asked for; `None` where not.
    pub asked: Option<Asked>,
    /// Version, cipher suite and protocol, once the handshake is done.
    pub session: Option<Session>,
}

/// A client certificate that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The issuers the server says it accepts.
    pub issuers: Vec<String>,
    /// Whether one was sent.
    pub answer: Answer,
}

/// What was done when a client certificate was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// One was sent.
    Sent,
    /// There was none to send.
    Nothing,
}

/// What was agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `TLS 1.3`.
    pub version: String,
    /// The cipher suite.
    pub suite: String,
    /// `h2`, `http/1.1`; `None` where the server chose none.
    pub alpn: Option<String>,
}

/// One handshake to come.
pub(super) struct Handshake {
    config: ClientConfig,
    seen: Arc<Mutex<TlsFacts>>,
}

impl Handshake {
    pub(super) fn new(hop: &TlsHop) -> Self {
        let seen = Arc::new(Mutex::new(TlsFacts::default()));
        let mut config = (*hop.config).clone();
        // Every handshake is a full and comparable one.
        config.resumption = Resumption::disabled();
        config.client_auth_cert_resolver = Arc::new(CertificateWatch {
            inner: Arc::clone(&config.client_auth_cert_resolver),
            seen: Arc::clone(&seen),
        });
        let watch = ChainWatch { hop: hop.clone(), seen: Arc::clone(&seen) };
        config.dangerous().set_certificate_verifier(Arc::new(watch));
        Self { config, seen }
    }

    /// Shakes hands as the client of `host`.
    pub(super) async fn shake(self, host: &Host<String>, io: Io) -> Result<(Io, TlsFacts), TlsTrouble> {
        let name = server_name(host).map_err(|error| self.trouble(io::ErrorKind::InvalidInput, Some(error)))?;
        let connector = TlsConnector::from(Arc::new(self.config.clone()));
        let shaken = connector.connect(name, io).await;
        let mut stream = shaken.map_err(|error| self.trouble(error.kind(), rustls_in(&error).cloned()))?;
        let session = session(&stream);
        locked(&self.seen).session = Some(session);
        if locked(&self.seen).asked.is_some() {
            self.wait_for_refusal(&mut stream).await?;
        }
        let facts = locked(&self.seen).clone();
        Ok((Box::new(stream), facts))
    }

    /// A byte that comes unasked would be lost, but no server speaks before the request.
    async fn wait_for_refusal(&self, stream: &mut TlsStream<Io>) -> Result<(), TlsTrouble> {
        match timeout(REFUSAL, stream.read(&mut [0; 1])).await {
            Ok(Err(error)) => Err(self.trouble(error.kind(), rustls_in(&error).cloned())),
            Ok(Ok(0)) => Err(self.trouble(io::ErrorKind::UnexpectedEof, None)),
            Ok(Ok(_)) | Err(_) => Ok(()),
        }
    }

    fn trouble(&self, kind: io::ErrorKind, error: Option<Error>) -> TlsTrouble {
        TlsTrouble { error, kind, facts: locked(&self.seen).clone() }
    }
}

fn locked(seen: &Mutex<TlsFacts>) -> MutexGuard<'_, TlsFacts> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

fn server_name(host: &Host<String>) -> Result<ServerName<'static>, Error> {
    match host {
        Host::Ipv4(address) => Ok(ServerName::from(std::net::IpAddr::V4(*address))),
        Host::Ipv6(address) => Ok(ServerName::from(std::net::IpAddr::V6(*address))),
        Host::Domain(name) => {
            ServerName::try_from(name.clone()).map_err(|_no_name| Error::General("this host is no name for TLS".into()))
        }
    }
}

fn session(stream: &TlsStream<Io>) -> Session {
    let (_, connection) = stream.get_ref();
    let words = |text: Option<String>| text.unwrap_or_else(|| "unknown".to_owned());
    let version = connection.protocol_version().map(|version| format!("{version:?}").replace("TLSv1_", "TLS 1."));
    let suite = connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
    let alpn = connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
    Session { version: words(version), suite: words(suite), alpn }
}

/// rustls hides in `io::Error::get_ref`: a walk by `source()` steps over it.
fn rustls_in(error: &io::Error) -> Option<&Error> {
    let mut current = error;
    loop {
        let inner = current.get_ref()?;
        if let Some(found) = inner.downcast_ref() {
            return Some(found);
        }
        current = inner.downcast_ref::<io::Error>()?;
    }
}

/// A verifier that notes the chain and what full verification says, and leaves the decision to another.
#[derive(Debug)]
struct ChainWatch {
    hop: TlsHop,
    seen: Arc<Mutex<TlsFacts>>,
}

impl ServerCertVerifier for ChainWatch {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let strict = self.hop.strict.verify_server_cert(leaf, others, name, ocsp, now);
        {
            let mut seen = locked(&self.seen);
            seen.chain = std::iter::once(leaf).chain(others).filter_map(CertificateFacts::read).collect();
            seen.strict = Some(strict.map(|_| ()));
        }
        self.hop.verifier.verify_server_cert(leaf, others, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.hop.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.hop.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.hop.verifier.supported_verify_schemes()
    }
}

/// A source of client certificates that notes whether one was asked for.
#[derive(Debug)]
struct CertificateWatch {
    inner: Arc<dyn ResolvesClientCert>,
    seen: Arc<Mutex<TlsFacts>>,
}

impl ResolvesClientCert for CertificateWatch {
    fn resolve(&self, issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let found = self.inner.resolve(issuers, schemes);
        let answer = if found.is_some() { Answer::Sent } else { Answer::Nothing };
        let issuers = issuers.iter().take(ISSUERS_MAX).filter_map(|der| distinguished_name(der)).collect();
        locked(&self.seen).asked = Some(Asked { issuers, answer });
        found
    }

    fn has_certs(&self) -> bool {
        self.inner.has_certs()
    }
}
