//! The staged connector: one connection, made step by step, so that each step can be timed and its failure told.
//!
//! The client library makes the connections of runs, and hides what a proxy or a peer said when one fails. This
//! walks the same way by hand: the name, the addresses, the proxy (its own TLS, CONNECT or SOCKS), the handshake.
//! Owns: the [`Way`], its [`Steps`], what each found out and what each failure means. Must not send a request: what
//! stands at the end is dropped or handed on.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use url::Host;

use crate::domain::SecretText;

mod advice;
mod certificate;
mod connect;
mod handshake;
mod reply;
mod resolve;
mod socks;
mod tcp;
#[cfg(test)]
pub(crate) mod tests;
mod trouble;

pub use advice::{Advice, Keys};
pub use certificate::CertificateFacts;
pub use handshake::{Answer, Asked, Session, TlsFacts, TlsHop};
pub use resolve::{Resolved, ResolvedBy};
pub use trouble::{Broken, ProxyReply, SocksTrouble, Step, TcpRefusal, TlsTrouble, Trouble};

/// A way to a server, with everything that decides how it is gone.
#[derive(Debug, Clone)]
pub struct Way {
    /// The server.
    pub target: Place,
    /// How TLS is spoken with it; `None` for `http`.
    pub tls: Option<TlsHop>,
    /// The proxy, where one applies.
    pub proxy: Option<ProxyHop>,
    /// The address of the first host, where the policy fixes it (`resolve`).
    pub fixed: Option<IpAddr>,
    /// The address of the target, where the policy fixes it and a SOCKS proxy is told an address.
    pub fixed_target: Option<IpAddr>,
    /// How long the whole way may take (`connect_timeout`).
    pub limit: Duration,
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name or address.
    pub host: Host<String>,
    /// Port.
    pub port: u16,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A proxy on the way.
#[derive(Debug, Clone)]
pub struct ProxyHop {
    /// What it speaks.
    pub kind: ProxyKind,
    /// Where it is.
    pub place: Place,
    /// Where the policy has it from, for messages; empty where nobody says.
    pub from: String,
    /// User and password, where it wants them.
    pub login: Option<(String, SecretText)>,
    /// Headers of its own, added to CONNECT.
    pub headers: Vec<(String, SecretText)>,
}

/// What a proxy speaks.
#[derive(Debug, Clone)]
pub enum ProxyKind {
    /// CONNECT in the clear.
    Http,
    /// CONNECT inside TLS.
    Https(TlsHop),
    /// SOCKS 5; names are resolved here.
    Socks5,
    /// SOCKS 5; names are resolved by the proxy.
    Socks5h,
}

impl ProxyKind {
    /// The scheme of its URL.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https(_) => "https",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    fn is_http(&self) -> bool {
        match self {
            Self::Http | Self::Https(_) => true,
            Self::Socks5 | Self::Socks5h => false,
        }
    }
}

impl Way {
    /// True where the proxy gets the request itself instead of a tunnel: plain HTTP through an HTTP proxy.
    pub fn is_forwarded(&self) -> bool {
        self.tls.is_none() && self.proxy.as_ref().is_some_and(|proxy| proxy.kind.is_http())
    }

    /// The host that is resolved and connected to first.
    pub fn first(&self) -> &Place {
        self.proxy.as_ref().map_or(&self.target, |proxy| &proxy.place)
    }
}

/// What bytes go over.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

type Io = Box<dyn Duplex>;

/// A connection that stands as far as its step says.
pub struct Open(Io);

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Open")
    }
}

/// The steps of a way. They are gone in order, all within the way's limit.
#[derive(Debug)]
pub struct Steps {
    way: Arc<Way>,
    deadline: Instant,
}

impl Steps {
    /// The clock of the limit starts here.
    pub fn new(way: Arc<Way>) -> Self {
        let deadline = Instant::now() + way.limit;
        Self { way, deadline }
    }

    /// Resolves the names that this side resolves.
    ///
    /// # Errors
    /// The name that did not resolve, or the limit.
    pub async fn resolve(&self) -> Result<Resolved, Broken> {
        self.within(Step::Dns, resolve::resolve(&self.way)).await
    }

    /// Connects to the first host: every address, the families in turns, the next after a quarter of a second.
    ///
    /// # Errors
    /// What each address said, also those that did not answer within the limit.
    pub async fn connect(&self, resolved: &Resolved) -> Result<(Open, SocketAddr), Broken> {
        let mut refusals = Vec::new();
        let attempt = tcp::connect(&resolved.first, &mut refusals);
        match timeout_at(self.deadline, attempt).await {
            Ok(Some((stream, address))) => Ok((Open(Box::new(stream)), address)),
            Ok(None) => Err(Broken { step: Step::Tcp, trouble: Trouble::Tcp(refusals) }),
            Err(_elapsed) => {
                let silent = resolved.first.iter().filter(|to| !refusals.iter().any(|one| one.address == **to));
                let silent: Vec<_> = silent.map(|address| TcpRefusal::silent(*address)).collect();
                refusals.extend(silent);
                Err(Broken { step: Step::Tcp, trouble: Trouble::Tcp(refusals) })
            }
        }
    }

    /// Goes through the proxy. Without one, and where requests are forwarded, only the proxy's own TLS is spoken.
    ///
    /// # Errors
    /// What the proxy said, in which of its steps.
    pub async fn enter_proxy(&self, open: Open, resolved: &Resolved) -> Result<(Open, Option<TlsFacts>), Broken> {
        let Some(proxy) = &self.way.proxy else { return Ok((open, None)) };
        let (io, facts) = match &proxy.kind {
            ProxyKind::Https(hop) => {
                let (io, facts) = self.shake(Step::ProxyTls, hop, &proxy.place.host, open.0).await?;
                (io, Some(facts))
            }
            ProxyKind::Http | ProxyKind::Socks5 | ProxyKind::Socks5h => (open.0, None),
        };
        if self.way.is_forwarded() {
            return Ok((Open(io), facts));
        }
        let io = if proxy.kind.is_http() {
            self.within(Step::Connect, connect::tunnel(io, proxy, &self.way.target)).await?
        } else {
            let target = match resolved.target {
                Some(address) => Place { host: host_of(address), port: self.way.target.port },
                None => self.way.target.clone(),
            };
            self.within(Step::Socks, socks::tunnel(io, proxy, &target)).await?
        };
        Ok((Open(io), facts))
    }

    /// Speaks TLS with the target. `None` where the way has none.
    ///
    /// # Errors
    /// Why the handshake failed, with what was learned of the peer before.
    pub async fn handshake(&self, open: Open) -> Result<(Open, Option<TlsFacts>), Broken> {
        let Some(hop) = &self.way.tls else { return Ok((open, None)) };
        let (io, facts) = self.shake(Step::Tls, hop, &self.way.target.host, open.0).await?;
        Ok((Open(io), Some(facts)))
    }

    async fn shake(&self, step: Step, hop: &TlsHop, host: &Host<String>, io: Io) -> Result<(Io, TlsFacts), Broken> {
        let shaking = handshake::Handshake::new(hop);
        match timeout_at(self.deadline, shaking.shake(host, io)).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(trouble)) => Err(Broken { step, trouble: Trouble::Tls(Box::new(trouble)) }),
            Err(_elapsed) => Err(Broken { step, trouble: Trouble::TimedOut }),
        }
    }

    async fn within<T>(&self, step: Step, walk: impl Future<Output = Result<T, Trouble>>) -> Result<T, Broken> {
        match timeout_at(self.deadline, walk).await {
            Ok(done) => done.map_err(|trouble| Broken { step, trouble }),
            Err(_elapsed) => Err(Broken { step, trouble: Trouble::TimedOut }),
        }
    }
}

fn host_of(address: IpAddr) -> Host<String> {
    match address {
        IpAddr::V4(address) => Host::Ipv4(address),
        IpAddr::V6(address) => Host::Ipv6(address),
    }
}

/// Walks the whole way and tells where it breaks.
///
/// # Errors
/// The step that failed, and why.
pub async fn walk(way: Arc<Way>) -> Result<(), Broken> {
    let steps = Steps::new(way);
    let resolved = steps.resolve().await?;
    let (open, _address) = steps.connect(&resolved).await?;
    let (open, _facts) = steps.enter_proxy(open, &resolved).await?;
    steps.handshake(open).await.map(|_| ())
}
