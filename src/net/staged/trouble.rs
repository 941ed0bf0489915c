//! What can go wrong on a way: one type for each, so that nothing is told from a library's text.

use std::io;
use std::net::SocketAddr;

use super::handshake::TlsFacts;
use crate::domain::DoctorStage;

/// A step of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Resolving a name.
    Dns,
    /// Connecting to the target or to the proxy.
    Tcp,
    /// TLS with an `https` proxy.
    ProxyTls,
    /// CONNECT.
    Connect,
    /// SOCKS.
    Socks,
    /// TLS with the target.
    Tls,
}

impl Step {
    /// The stage of the doctor that goes this step.
    pub fn stage(self) -> DoctorStage {
        match self {
            Self::Dns => DoctorStage::Dns,
            Self::Tcp => DoctorStage::Tcp,
            Self::ProxyTls | Self::Connect | Self::Socks => DoctorStage::Proxy,
            Self::Tls => DoctorStage::Tls,
        }
    }
}

/// A way that broke.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Where.
    pub step: Step,
    /// How.
    pub trouble: Trouble,
}

/// How a way broke.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// A name did not resolve.
    Dns {
        /// The name.
        host: String,
        /// The system's words; empty where the name has no address.
        reason: String,
    },
    /// No address took the connection.
    Tcp(Vec<TcpRefusal>),
    /// The proxy answered CONNECT with another status than success.
    Refused(ProxyReply),
    /// What answered CONNECT does not speak HTTP; its first bytes.
    NotHttp(Vec<u8>),
    /// The proxy's answer has a head of more than 32 kB.
    HeadTooLarge,
    /// The proxy sent bytes of its own after its answer to CONNECT.
    Chatter,
    /// SOCKS failed.
    Socks(SocksTrouble),
    /// The proxy closed or reset the connection.
    Closed(io::ErrorKind),
    /// A handshake failed.
    Tls(Box<TlsTrouble>),
    /// The limit passed.
    TimedOut,
}

/// What one address said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcpRefusal {
    /// The address.
    pub address: SocketAddr,
    /// What came back.
    pub kind: io::ErrorKind,
    /// The system's words.
    pub reason: String,
}

impl TcpRefusal {
    /// An address that did not answer within the limit.
    pub(super) fn silent(address: SocketAddr) -> Self {
        Self { address, kind: io::ErrorKind::TimedOut, reason: "no answer".to_owned() }
    }
}

/// A proxy's answer to CONNECT.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProxyReply {
    /// Its status.
    pub status: u16,
    /// The words after the status; cleaned.
    pub reason: String,
    /// `X-Squid-Error`; cleaned.
    pub squid_error: Option<String>,
    /// The schemes of `Proxy-Authenticate`; cleaned.
    pub authenticate: Vec<String>,
    /// `Via` or `Server`: who it says it is; cleaned.
    pub name: Option<String>,
}

/// How SOCKS failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocksTrouble {
    /// The proxy wants user and password, and none is configured.
    WantsLogin,
    /// The proxy refused the user and password.
    LoginRefused,
    /// The proxy takes none of the methods offered.
    NoMethod,
    /// It refused the connection, with this reply code.
    Reply(u8),
    /// What answered does not speak SOCKS; its first bytes.
    NotSocks(Vec<u8>),
    /// User or password is longer than 255 bytes.
    LoginTooLong,
}

/// Why a handshake failed, and what was learned before.
#[derive(Debug, Clone)]
pub struct TlsTrouble {
    /// The library's error; `None` where the connection ended without one.
    pub error: Option<rustls::Error>,
    /// How the connection ended.
    pub kind: io::ErrorKind,
    /// What the peer showed before.
    pub facts: TlsFacts,
}
