//! The keys of a network table: one list for the file, `--set`, the editor and `show --network`.

use super::value::{CaMode, HttpVersion, MinTls, VerificationMode};

/// A key of `[network]`, `[[network.hosts]]` and `[connectors.ID.network]`. The order is that of the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetworkKey {
    /// From the start of DNS to a ready connection, TLS included.
    ConnectTimeout,
    /// From the written request to the first byte of the response.
    FirstByteTimeout,
    /// Between two reads of the body; keep-alive comments count as activity.
    IdleTimeout,
    /// One attempt from its start to its end.
    TotalTimeout,
    /// Bytes a response may have, headers apart.
    MaxResponseSize,
    /// A proxy's URL, `none`, or `env`.
    Proxy,
    /// The user the proxy asks for.
    ProxyUser,
    /// A secret reference to that user's password.
    ProxyPassword,
    /// Headers for the proxy alone.
    ProxyHeaders,
    /// Hosts that are reached without the proxy.
    ProxyBypassHosts,
    /// Where set, the proxy is used for these hosts alone.
    ProxyOnlyHosts,
    /// How the certificate of an `https` proxy is verified.
    ProxyVerificationMode,
    /// How the server's certificate is verified.
    VerificationMode,
    /// PEM files of authorities.
    CaFiles,
    /// Whether those are added to the system's, or take its place.
    CaMode,
    /// Authorities as PEM text.
    CaPem,
    /// The oldest TLS version that is spoken.
    MinTls,
    /// A PEM file with the client's certificate and its chain.
    ClientCert,
    /// A PEM file with its key; the certificate's own file where unset.
    ClientKey,
    /// A secret reference to the passphrase of the key, or of the PKCS#12 file.
    ClientKeyPassphrase,
    /// A PKCS#12 file, in the place of certificate and key.
    ClientPkcs12,
    /// Which HTTP version is offered.
    HttpVersion,
    /// Addresses for names, in the place of DNS.
    Resolve,
    /// The hosts that may be called at all; `[network]` alone.
    AllowedHosts,
}

/// What a key's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Duration,
    Size,
    Proxy,
    Text,
    Path,
    Pem,
    Secret,
    Headers,
    Hosts,
    Files,
    CaMode,
    Verification,
    MinTls,
    Http,
    Resolve,
}

/// The form a value has in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text in quotes.
    Text,
    /// A text in quotes with a unit of time.
    Duration,
    /// A text in quotes with a unit, or a number of bytes.
    Size,
    /// A list of texts.
    List,
    /// A table of texts.
    Table,
}

impl NetworkKey {
    /// Every key.
    pub const ALL: [Self; 24] = [
        Self::ConnectTimeout,
        Self::FirstByteTimeout,
        Self::IdleTimeout,
        Self::TotalTimeout,
        Self::MaxResponseSize,
        Self::Proxy,
        Self::ProxyUser,
        Self::ProxyPassword,
        Self::ProxyHeaders,
        Self::ProxyBypassHosts,
        Self::ProxyOnlyHosts,
        Self::ProxyVerificationMode,
        Self::VerificationMode,
        Self::CaFiles,
        Self::CaMode,
        Self::CaPem,
        Self::MinTls,
        Self::ClientCert,
        Self::ClientKey,
        Self::ClientKeyPassphrase,
        Self::ClientPkcs12,
        Self::HttpVersion,
        Self::Resolve,
        Self::AllowedHosts,
    ];

    /// The key as a connector's field: `network.proxy`.
    pub fn path(self) -> &'static str {
        match self {
            Self::ConnectTimeout => "network.connect_timeout",
            Self::FirstByteTimeout => "network.first_byte_timeout",
            Self::IdleTimeout => "network.idle_timeout",
            Self::TotalTimeout => "network.total_timeout",
            Self::MaxResponseSize => "network.max_response_size",
            Self::Proxy => "network.proxy",
            Self::ProxyUser => "network.proxy_user",
            Self::ProxyPassword => "network.proxy_password",
            Self::ProxyHeaders => "network.proxy_headers",
            Self::ProxyBypassHosts => "network.proxy_bypass_hosts",
            Self::ProxyOnlyHosts => "network.proxy_only_hosts",
            Self::ProxyVerificationMode => "network.proxy_verification_mode",
            Self::VerificationMode => "network.verification_mode",
            Self::CaFiles => "network.ca_files",
            Self::CaMode => "network.ca_mode",
            Self::CaPem => "network.ca_pem",
            Self::MinTls => "network.min_tls",
            Self::ClientCert => "network.client_cert",
            Self::ClientKey => "network.client_key",
            Self::ClientKeyPassphrase => "network.client_key_passphrase",
            Self::ClientPkcs12 => "network.client_pkcs12",
            Self::HttpVersion => "network.http_version",
            Self::Resolve => "network.resolve",
            Self::AllowedHosts => "network.allowed_hosts",
        }
    }

    /// The key as it stands in a network table.
    pub fn word(self) -> &'static str {
        self.path().strip_prefix("network.").unwrap_or_default()
    }

    /// The key of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.word() == word)
    }

    /// True for a key that a connector and `[[network.hosts]]` may have too.
    pub fn is_shared(self) -> bool {
        self != Self::AllowedHosts
    }

    /// True where the value is a secret reference, so that anything else in its place must not show.
    pub fn is_secret(self) -> bool {
        self.kind() == Kind::Secret
    }

    /// The words a value is chosen from; empty where it is typed.
    pub fn words(self) -> &'static [&'static str] {
        match self.kind() {
            Kind::CaMode => CaMode::WORDS,
            Kind::Verification => VerificationMode::WORDS,
            Kind::MinTls => MinTls::WORDS,
            Kind::Http => HttpVersion::WORDS,
            Kind::Duration
            | Kind::Size
            | Kind::Proxy
            | Kind::Text
            | Kind::Path
            | Kind::Pem
            | Kind::Secret
            | Kind::Headers
            | Kind::Hosts
            | Kind::Files
            | Kind::Resolve => &[],
        }
    }

    /// True where a value may have several lines.
    pub fn has_lines(self) -> bool {
        matches!(self.shape(), Shape::List | Shape::Table) || self.kind() == Kind::Pem
    }

    /// The form of the value in the file.
    pub fn shape(self) -> Shape {
        match self.kind() {
            Kind::Duration => Shape::Duration,
            Kind::Size => Shape::Size,
            Kind::Hosts | Kind::Files => Shape::List,
            Kind::Headers | Kind::Resolve => Shape::Table,
            Kind::Proxy
            | Kind::Text
            | Kind::Path
            | Kind::Pem
            | Kind::Secret
            | Kind::CaMode
            | Kind::Verification
            | Kind::MinTls
            | Kind::Http => Shape::Text,
        }
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::ConnectTimeout | Self::FirstByteTimeout | Self::IdleTimeout | Self::TotalTimeout => Kind::Duration,
            Self::MaxResponseSize => Kind::Size,
            Self::Proxy => Kind::Proxy,
            Self::ProxyUser => Kind::Text,
            Self::ProxyPassword | Self::ClientKeyPassphrase => Kind::Secret,
            Self::ProxyHeaders => Kind::Headers,
            Self::ProxyBypassHosts | Self::ProxyOnlyHosts | Self::AllowedHosts => Kind::Hosts,
            Self::ProxyVerificationMode | Self::VerificationMode => Kind::Verification,
            Self::CaFiles => Kind::Files,
            Self::CaMode => Kind::CaMode,
            Self::CaPem => Kind::Pem,
            Self::MinTls => Kind::MinTls,
            Self::ClientCert | Self::ClientKey | Self::ClientPkcs12 => Kind::Path,
            Self::HttpVersion => Kind::Http,
            Self::Resolve => Kind::Resolve,
        }
    }
}
