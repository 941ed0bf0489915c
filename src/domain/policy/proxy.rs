//! Which proxy a table or a variable names, and what a request then does.

use std::fmt;

use url::Url;

use crate::domain::connector::Header;
use crate::domain::secret::{Credential, SecretText};

/// What `proxy` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxySetting {
    /// `none`: no proxy, whatever the environment says.
    None,
    /// `env`: what `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    Env,
    /// This one.
    Url(ProxyUrl),
}

/// A proxy's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyUrl {
    /// What is spoken to it.
    pub scheme: ProxyScheme,
    /// Its name or address; an IPv6 address in brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What is spoken to a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyScheme {
    /// HTTP: CONNECT for `https` targets, the whole URL for `http` targets.
    Http,
    /// The same inside TLS.
    Https,
    /// SOCKS5; names are resolved here.
    Socks5,
    /// SOCKS5; names are resolved by the proxy.
    Socks5h,
}

impl ProxyScheme {
    const ALL: [Self; 4] = [Self::Http, Self::Https, Self::Socks5, Self::Socks5h];

    /// The word before `://`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    /// True for both kinds of SOCKS.
    pub fn is_socks(self) -> bool {
        matches!(self, Self::Socks5 | Self::Socks5h)
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks5 | Self::Socks5h => 1080,
        }
    }
}

/// Why a text names no proxy. It is not repeated where it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyProblem {
    /// No `://`.
    #[error("a proxy's URL needs a scheme; write for example http://{0}, or \"none\" or \"env\"")]
    NoScheme(String),
    /// Another scheme.
    #[error("\"{0}://\" is no kind of proxy; use http, https, socks5 or socks5h")]
    Scheme(String),
    /// User or password in the URL.
    #[error("user and password do not belong into the proxy's URL; put them into proxy_user and proxy_password")]
    Credentials,
    /// A path or a query.
    #[error("a proxy's URL ends behind host and port; remove what follows")]
    Path,
    /// The parser refused it.
    #[error("not a URL: {0}")]
    Syntax(String),
}

impl ProxySetting {
    pub(super) fn parse(text: &str) -> Result<Self, ProxyProblem> {
        match text {
            "none" => Ok(Self::None),
            "env" => Ok(Self::Env),
            _ => {
                let (proxy, login) = ProxyUrl::parse(text)?;
                if login.is_some() { Err(ProxyProblem::Credentials) } else { Ok(Self::Url(proxy)) }
            }
        }
    }
}

impl fmt::Display for ProxySetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Env => f.write_str("env"),
            Self::Url(url) => url.fmt(f),
        }
    }
}

/// User and password that stood in a URL, decoded.
pub(super) type Login = (String, Option<SecretText>);

impl ProxyUrl {
    /// Reads a proxy's URL. The scheme is taken off first: for the rest, any proxy is as an HTTP one.
    pub(super) fn parse(text: &str) -> Result<(Self, Option<Login>), ProxyProblem> {
        let Some((scheme, rest)) = text.split_once("://") else {
            let told = if text.contains('@') || text.contains(char::is_control) { "proxy.example:3128" } else { text };
            return Err(ProxyProblem::NoScheme(told.to_owned()));
        };
        let word = scheme.to_ascii_lowercase();
        let known = ProxyScheme::ALL.into_iter().find(|known| known.word() == word);
        let scheme = known.ok_or_else(|| ProxyProblem::Scheme(scheme.escape_debug().to_string()))?;
        let url = Url::parse(&format!("http://{rest}")).map_err(|error| ProxyProblem::Syntax(error.to_string()))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyProblem::Path);
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        // The parser drops :80 as the default of http, which is not that of the other schemes.
        let typed = rest.trim_end_matches('/').rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let port = url.port().or_else(|| typed.filter(|port| *port == 80)).unwrap_or_else(|| scheme.default_port());
        Ok((Self { scheme, host, port }, login(&url)))
    }
}

fn login(url: &Url) -> Option<Login> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    Some((decoded(url.username()), url.password().map(|password| SecretText::new(decoded(password)))))
}

/// `%3A` is a colon again.
fn decoded(text: &str) -> String {
    // A form decoder takes a plus for a space; here it is a plus.
    let query = format!("v={}", text.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}:{}", self.scheme.word(), self.host, self.port)
    }
}

/// The way a request takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// The proxy; none for the direct way.
    pub proxy: Option<Proxy>,
    /// The rule that decided against a proxy that is set, for example `proxy_bypass_hosts: *.corp`.
    pub rule: Option<String>,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.proxy, &self.rule) {
            (Some(proxy), _) => write!(f, "through {}", proxy.url),
            (None, Some(rule)) => write!(f, "directly ({rule})"),
            (None, None) => f.write_str("directly"),
        }
    }
}

/// A proxy that is used, with what it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Where.
    pub url: ProxyUrl,
    /// Who asks.
    pub user: Option<String>,
    /// How that is proved; typed where it stood in a variable's URL.
    pub password: Option<Credential>,
    /// Headers for it alone.
    pub headers: Vec<Header>,
}
