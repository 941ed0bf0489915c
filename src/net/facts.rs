//! What a TLS handshake showed, kept also where it failed: certificates, the verdict, whether a certificate was asked for.

use rustls::pki_types::CertificateDer;

/// Whose handshake it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// An `https` proxy's.
    Proxy,
    /// The server's.
    Target,
}

/// One handshake.
#[derive(Debug, Clone, PartialEq)]
pub struct Handshake {
    /// Whose.
    pub hop: Hop,
    /// The name that was asked for.
    pub name: String,
    /// The certificates that were shown, the server's own first; empty where it did not come that far.
    pub chain: Vec<CertificateDer<'static>>,
    /// What full verification says about them, whatever the mode then made of it; none where it did not come that far.
    pub verdict: Option<Result<(), rustls::Error>>,
    /// Whether a client certificate was asked for, and sent.
    pub identity: Asked,
}

/// Whether a client certificate was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Asked {
    /// It was not.
    #[default]
    No,
    /// It was, and none was sent.
    NotSent {
        /// The authorities that are accepted, as DER names; empty for any.
        accepted: Vec<Vec<u8>>,
    },
    /// It was, and one was sent.
    Sent {
        /// The authorities that are accepted, as DER names; empty for any.
        accepted: Vec<Vec<u8>>,
    },
}

impl Handshake {
    /// A handshake that begins.
    pub(super) fn begun(hop: Hop, name: String) -> Self {
        Self { hop, name, chain: Vec::new(), verdict: None, identity: Asked::No }
    }
}
