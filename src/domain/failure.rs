//! The error taxonomy: what failed, in the words of the design, with what to do about it.

use std::fmt;

/// What kind of thing failed. The words are those of `--json` and the event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// The configuration cannot be used.
    Config,
    /// A secret reference did not resolve.
    Secret,
    /// The network policy forbids it.
    Policy,
    /// A name did not resolve.
    Dns,
    /// No connection.
    Connect,
    /// The proxy refused or failed.
    Proxy,
    /// The handshake or a certificate failed.
    Tls,
    /// A time limit passed; the message says which.
    Timeout,
    /// The key was refused.
    Auth,
    /// No such path, model or deployment.
    NotFound,
    /// The server refuses the request as written.
    InvalidRequest,
    /// The prompt does not fit the model's context.
    ContextLength,
    /// A content filter stopped the prompt or the reply.
    ContentFilter,
    /// Too many requests or tokens for now.
    RateLimit,
    /// The account has no balance or quota left.
    Quota,
    /// The server failed.
    Server,
    /// The answer is not what the protocol promises.
    Malformed,
    /// The stream ended before it was finished.
    StreamCut,
    /// The response is larger than the cap.
    TooLarge,
    /// A budget is spent.
    Budget,
    /// Anything else.
    Internal,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: [Self; 21] = [
        Self::Config,
        Self::Secret,
        Self::Policy,
        Self::Dns,
        Self::Connect,
        Self::Proxy,
        Self::Tls,
        Self::Timeout,
        Self::Auth,
        Self::NotFound,
        Self::InvalidRequest,
        Self::ContextLength,
        Self::ContentFilter,
        Self::RateLimit,
        Self::Quota,
        Self::Server,
        Self::Malformed,
        Self::StreamCut,
        Self::TooLarge,
        Self::Budget,
        Self::Internal,
    ];

    /// The word of JSON, the event log and the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Secret => "secret",
            Self::Policy => "policy",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Auth => "auth",
            Self::NotFound => "not-found",
            Self::InvalidRequest => "invalid-request",
            Self::ContextLength => "context-length",
            Self::ContentFilter => "content-filter",
            Self::RateLimit => "rate-limit",
            Self::Quota => "quota",
            Self::Server => "server",
            Self::Malformed => "malformed",
            Self::StreamCut => "stream-cut",
            Self::TooLarge => "too-large",
            Self::Budget => "budget",
            Self::Internal => "internal",
        }
    }

    /// The exit code a command ends with.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Config | Self::Secret | Self::Policy => 2,
            Self::Dns | Self::Connect | Self::Proxy | Self::Tls => 3,
            Self::Auth => 4,
            Self::NotFound
            | Self::InvalidRequest
            | Self::ContextLength
            | Self::ContentFilter
            | Self::RateLimit
            | Self::Quota
            | Self::Server
            | Self::Malformed
            | Self::StreamCut
            | Self::TooLarge => 5,
            Self::Timeout => 6,
            Self::Budget => 7,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A failure for the person who reads it. Its texts are already masked and free of control characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind of thing failed.
    pub kind: ErrorKind,
    /// What happened and where.
    pub message: String,
    /// What to do; empty when nothing can be advised.
    pub hint: String,
    /// The status of the last response, where there was one.
    pub http_status: Option<u16>,
    /// How many attempts were made.
    pub attempts: u32,
}

impl Failure {
    /// A failure before any response. Untrusted text in `message` must have gone through [`super::text::clean`].
    pub fn new(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: hint.into(), http_status: None, attempts: 0 }
    }
}
