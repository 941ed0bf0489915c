//! What a broken way means to a person: what was seen, and what to change.

use std::io;

use rustls::{AlertDescription, CertificateError, Error, OtherError};

use super::handshake::{Answer, TlsFacts};
use super::trouble::{Broken, ProxyReply, SocksTrouble, Step, TcpRefusal, TlsTrouble, Trouble};
use super::{ProxyHop, Way};
use crate::domain::text::{clean_line, cut};
use crate::domain::units::show_duration;
use crate::domain::{ErrorKind, Failure};
use crate::net::tls;

/// Keys of the configuration file that the fix is about, the likeliest first.
pub type Keys = &'static [&'static str];

/// What a broken way means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What was seen.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Which keys of the file decide it.
    pub keys: Keys,
}

impl From<Advice> for Failure {
    fn from(advice: Advice) -> Self {
        Self::new(advice.kind, advice.message, advice.hint)
    }
}

impl Advice {
    fn new(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>, keys: Keys) -> Self {
        Self { kind, message: message.into(), hint: hint.into(), keys }
    }

    /// What this failure on this way means.
    pub fn of(broken: &Broken, way: &Way) -> Self {
        match &broken.trouble {
            Trouble::Dns { host, reason } => dns(host, reason, way),
            Trouble::Tcp(refusals) => tcp(refusals, way),
            Trouble::Refused(reply) => refused(reply, way),
            Trouble::NotHttp(bytes) => not_http(bytes, way),
            Trouble::HeadTooLarge => Self::proxy(way, "answers with a head of more than 32 kB", CHECK_PROXY, PROXY),
            Trouble::Chatter => Self::proxy(way, "sends bytes of its own into the tunnel", CHECK_PROXY, PROXY),
            Trouble::Socks(trouble) => socks(trouble, way),
            Trouble::Closed(kind) => closed(*kind, broken.step, way),
            Trouble::Tls(trouble) => handshake(trouble, broken.step, way),
            Trouble::TimedOut => timed_out(broken.step, way),
        }
    }

    fn proxy(way: &Way, what: &str, hint: impl Into<String>, keys: Keys) -> Self {
        Self::new(ErrorKind::Proxy, format!("the proxy {} {what}", proxy_name(way)), hint, keys)
    }
}

const PROXY: Keys = &["proxy"];
const LOGIN: Keys = &["proxy_user", "proxy_password"];
const URL: Keys = &["url"];
const TRUST: Keys = &["ca_files"];
const PROXY_TRUST: Keys = &["ca_files", "proxy_verification_mode"];
const CLIENT: Keys = &["client_cert", "client_key"];
const LIMIT: Keys = &["connect_timeout"];
const SET_LOGIN: &str = "set proxy_user, and proxy_password to a secret reference";
const CHECK_LOGIN: &str = "check proxy_user and what proxy_password refers to";
const CHECK_PROXY: &str = "check host, port and scheme of proxy";

/// `http://p:3128 ([network], config.toml:2)`.
fn proxy_name(way: &Way) -> String {
    let Some(proxy) = &way.proxy else { return String::new() };
    let from = if proxy.from.is_empty() { String::new() } else { format!(" ({})", proxy.from) };
    format!("{}://{}{from}", proxy.kind.scheme(), proxy.place)
}

fn dns(host: &str, reason: &str, way: &Way) -> Advice {
    let host = clean_line(host);
    let reason = reason.rsplit(": ").next().filter(|reason| !reason.is_empty()).unwrap_or("it has no address");
    let is_proxy = way.proxy.as_ref().is_some_and(|proxy| proxy.place.host.to_string() == host);
    let (whose, keys) = if is_proxy { ("the proxy's name", PROXY) } else { ("the name", URL) };
    let message = format!("{whose} {host} did not resolve: {}", clean_line(reason));
    let hint = match (is_proxy, reason.contains("Temporary")) {
        (_, true) => "the name server does not answer: is this machine online, or is its VPN down?",
        (true, false) => "check the spelling of the host in proxy",
        (false, false) if way.proxy.is_none() => {
            "check the spelling of the host in url; inside a VPN the name may need its name server, and behind a proxy only the proxy may know it (set proxy)"
        }
        (false, false) => "check the spelling of the host in url; with socks5h:// the proxy resolves names",
    };
    Advice::new(ErrorKind::Dns, message, hint, keys)
}

fn tcp(refusals: &[TcpRefusal], way: &Way) -> Advice {
    let first = way.first();
    let listed: Vec<String> = refusals.iter().take(4).map(|one| format!("{} {}", one.address, one.reason)).collect();
    let all = |kind| refusals.iter().all(|one| one.kind == kind);
    let name = if way.proxy.is_some() { format!("the proxy {}", proxy_name(way)) } else { first.to_string() };
    let what = if all(io::ErrorKind::ConnectionRefused) {
        format!("{name} refused the connection")
    } else if all(io::ErrorKind::TimedOut) {
        format!("{name} did not answer within {}", show_duration(way.limit))
    } else {
        format!("no connection to {name}")
    };
    let message = format!("{what} ({})", listed.join(", "));
    let silent = all(io::ErrorKind::TimedOut);
    if way.proxy.is_some() {
        let hint = "check host and port of proxy, and whether the proxy is up";
        let kind = if silent { ErrorKind::Timeout } else { ErrorKind::Proxy };
        return Advice::new(kind, message, hint, PROXY);
    }
    let (kind, hint) = if silent {
        let hint = "a firewall may drop it, or only a proxy may go there: check host and port of url, or set proxy";
        (ErrorKind::Timeout, hint.to_owned())
    } else if all(io::ErrorKind::ConnectionRefused) {
        (ErrorKind::Connect, format!("nothing listens on {first}: start the server, or check host and port of url"))
    } else {
        (ErrorKind::Connect, "check the network, the VPN, and host and port of url".to_owned())
    };
    Advice::new(kind, message, hint, URL)
}

fn refused(reply: &ProxyReply, way: &Way) -> Advice {
    let mut said = format!("{} {}", reply.status, reply.reason).trim_end().to_owned();
    if let Some(error) = &reply.squid_error {
        said.extend([", ", error]);
    }
    let target = &way.target;
    if reply.status == 407 {
        let refused = if has_login(way) { "refuses the user and password" } else { "asks for a user and password" };
        return Advice::proxy(way, &format!("{refused}: it answers {said}"), login_hint(reply, way), LOGIN);
    }
    let what = format!("did not connect to {target}: it answers {said}");
    let denied = reply.status == 403 || reply.squid_error.as_deref().is_some_and(|error| error.contains("DENIED"));
    let hint = if denied {
        format!("ask whoever runs the proxy to allow {target}, or go around it with proxy_bypass_hosts")
    } else if matches!(reply.status, 404 | 405 | 400 | 501) {
        "this server may be no proxy: check host and port of proxy".to_owned()
    } else {
        format!("the proxy could not reach {target}: check host and port of url, and whether the proxy may go there")
    };
    Advice::proxy(way, &what, hint, if denied { &["proxy_bypass_hosts", "proxy"] } else { &["url", "proxy"] })
}

fn login_hint(reply: &ProxyReply, way: &Way) -> String {
    let knows_basic = reply.authenticate.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
    if !knows_basic && !reply.authenticate.is_empty() {
        let schemes = reply.authenticate.join(", ");
        return format!(
            "the proxy wants {schemes}, and only Basic is spoken here: ask for Basic, or put a relay such as cntlm before it"
        );
    }
    if has_login(way) { CHECK_LOGIN.to_owned() } else { SET_LOGIN.to_owned() }
}

fn has_login(way: &Way) -> bool {
    way.proxy.as_ref().is_some_and(|proxy| proxy.login.is_some())
}

fn not_http(bytes: &[u8], way: &Way) -> Advice {
    let (what, hint) = match bytes.first() {
        Some(4 | 5) => ("answers in SOCKS, not in HTTP", "write socks5:// in proxy"),
        Some(0x15 | 0x16) => ("answers in TLS, not in plain HTTP", "write https:// in proxy"),
        Some(_) | None => ("does not answer in HTTP", CHECK_PROXY),
    };
    Advice::proxy(way, what, hint, PROXY)
}

fn socks(trouble: &SocksTrouble, way: &Way) -> Advice {
    let target = &way.target;
    let (what, hint, keys) = match trouble {
        SocksTrouble::WantsLogin => ("asks for a user and password".to_owned(), SET_LOGIN, LOGIN),
        SocksTrouble::LoginRefused => ("refuses the user and password".to_owned(), CHECK_LOGIN, LOGIN),
        SocksTrouble::NoMethod => (
            "takes neither a user nor none".to_owned(),
            "it may want GSSAPI, which is not spoken here: ask whoever runs it",
            LOGIN,
        ),
        SocksTrouble::LoginTooLong => {
            ("cannot be logged in to".to_owned(), "SOCKS takes at most 255 bytes of user and of password", LOGIN)
        }
        SocksTrouble::NotSocks(bytes) if bytes.starts_with(b"HT") => {
            ("answers in HTTP, not in SOCKS".to_owned(), "write http:// in proxy", PROXY)
        }
        SocksTrouble::NotSocks(_) => ("does not answer in SOCKS 5".to_owned(), CHECK_PROXY, PROXY),
        SocksTrouble::Reply(code) => {
            let (words, hint, keys) = socks_reply(*code);
            (format!("did not connect to {target}: {words} (reply {code})"), hint, keys)
        }
    };
    Advice::proxy(way, &what, hint, keys)
}

/// The words of RFC 1928, section 6.
fn socks_reply(code: u8) -> (&'static str, &'static str, Keys) {
    const REACH: &str = "check host and port of url, and whether the proxy may go there";
    const RULES: &str = "ask whoever runs the proxy to allow it, or go around it with proxy_bypass_hosts";
    match code {
        1 => ("general failure; it may not know the name", REACH, &["url", "proxy"]),
        2 => ("its rules do not allow it", RULES, &["proxy_bypass_hosts", "proxy"]),
        3 => ("network unreachable", REACH, URL),
        4 => ("host unreachable", REACH, URL),
        5 => ("connection refused", "nothing listens there: start the server, or check host and port of url", URL),
        6 => ("the connection timed out", REACH, URL),
        7 => ("it does not know CONNECT", CHECK_PROXY, PROXY),
        8 => (
            "it does not take this kind of address",
            "write socks5:// instead of socks5h://, or the other way round",
            PROXY,
        ),
        _ => ("an unknown failure", REACH, PROXY),
    }
}

fn closed(kind: io::ErrorKind, step: Step, way: &Way) -> Advice {
    let how = if kind == io::ErrorKind::ConnectionReset { "reset" } else { "closed" };
    let asked = match step {
        Step::Socks => "when it was asked in SOCKS",
        Step::Dns | Step::Tcp | Step::ProxyTls | Step::Connect | Step::Tls => "when it was asked for a tunnel",
    };
    let hint = match step {
        Step::Connect => "it may expect TLS (write https:// in proxy), or a user (set proxy_user and proxy_password)",
        Step::Socks => {
            "it may be an HTTP proxy (write http:// in proxy), or want a user (set proxy_user and proxy_password)"
        }
        Step::Dns | Step::Tcp | Step::ProxyTls | Step::Tls => CHECK_PROXY,
    };
    Advice::proxy(way, &format!("{how} the connection {asked}"), hint, PROXY)
}

fn timed_out(step: Step, way: &Way) -> Advice {
    let length = show_duration(way.limit);
    let (message, hint, keys): (String, &str, Keys) = match step {
        Step::Dns => (
            format!("resolving {} took longer than {length}", way.first().host),
            "the name server does not answer: check it, or fix the address with resolve",
            &["resolve", "connect_timeout"],
        ),
        Step::Tcp => (format!("connecting to {} took longer than {length}", way.first()), "check host and port", LIMIT),
        Step::ProxyTls => (
            format!("the TLS handshake with the proxy {} took longer than {length}", proxy_name(way)),
            "the proxy may not speak TLS: write http:// in proxy, or raise connect_timeout",
            PROXY,
        ),
        Step::Connect => (
            format!("the proxy {} did not answer CONNECT within {length}", proxy_name(way)),
            "it may be another kind of proxy (write socks5:// or https://), or the target does not answer it",
            PROXY,
        ),
        Step::Socks => (
            format!("the proxy {} did not answer in SOCKS within {length}", proxy_name(way)),
            "it may be an HTTP proxy: write http:// in proxy; or raise connect_timeout",
            PROXY,
        ),
        Step::Tls => (
            format!("{} did not answer the TLS handshake within {length}", way.target),
            "the port may not speak TLS: write http:// in url, or raise connect_timeout",
            URL,
        ),
    };
    Advice::new(ErrorKind::Timeout, message, hint, keys)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library adds variants; the rest is told in its own words")]
fn handshake(trouble: &TlsTrouble, step: Step, way: &Way) -> Advice {
    let is_proxy = step == Step::ProxyTls;
    let place = if is_proxy { format!("the proxy {}", proxy_name(way)) } else { way.target.to_string() };
    let Some(error) = &trouble.error else { return hung_up(trouble, &place, is_proxy.then_some(()), way) };
    let names = if is_proxy { tls::Keys::PROXY } else { tls::Keys::TARGET };
    let told = tls::explain(error, &place, &names);
    // A bad certificate is one, whoever shows it.
    let kind = ErrorKind::Tls;
    let trust = if is_proxy { PROXY_TRUST } else { TRUST };
    if let Some(advice) = client_certificate(error, &trouble.facts, &place) {
        return advice;
    }
    if let Some((message, hint)) = issuer(error, &trouble.facts, &place) {
        return Advice::new(kind, message, hint, trust);
    }
    let keys: Keys = match error {
        Error::InvalidMessage(_) if is_proxy => PROXY,
        Error::InvalidMessage(_) => URL,
        Error::AlertReceived(AlertDescription::ProtocolVersion) => &["min_tls"],
        Error::AlertReceived(AlertDescription::NoApplicationProtocol) => &["http_version"],
        Error::InvalidCertificate(_) if is_proxy => &["proxy_verification_mode"],
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => &["url", "verification_mode"],
        _ => &[],
    };
    let hint = match error {
        Error::InvalidMessage(_) if is_proxy => "the port speaks no TLS: write http:// in proxy".to_owned(),
        Error::InvalidMessage(_) => "the port speaks no TLS: write http:// in url, or check the port".to_owned(),
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) if !is_proxy => {
            "write one of these names in url; where that cannot be, verification_mode = \"certificate\" checks the chain and not the name".to_owned()
        }
        _ => told.hint,
    };
    Advice::new(kind, told.message, hint, keys)
}

/// The connection ended inside the handshake, without a word.
fn hung_up(trouble: &TlsTrouble, place: &str, proxy: Option<()>, way: &Way) -> Advice {
    let how = if trouble.kind == io::ErrorKind::ConnectionReset { "reset" } else { "closed" };
    let message = format!("{place} {how} the connection in the middle of the TLS handshake");
    if trouble.facts.asked.is_some() {
        let hint = "it asked for a client certificate and may not take what it got: check client_cert and client_key";
        return Advice::new(ErrorKind::Tls, message, hint, CLIENT);
    }
    let (kind, keys) = if proxy.is_some() { (ErrorKind::Proxy, PROXY) } else { (ErrorKind::Tls, URL) };
    let through = way.proxy.as_ref().filter(|_| proxy.is_none()).map_or("", |_: &ProxyHop| ", or the proxy cuts it");
    let hint = format!("the port may not speak TLS, or not to this host name{through}: check scheme, host and port");
    Advice::new(kind, message, hint, keys)
}

/// An alert that is about the client's certificate.
fn client_certificate(error: &Error, facts: &TlsFacts, place: &str) -> Option<Advice> {
    let Error::AlertReceived(alert) = error else { return None };
    let asked = facts.asked.as_ref()?;
    let issuers = match asked.issuers.as_slice() {
        [] => String::new(),
        issuers => format!("; it accepts certificates of {}", cut(&issuers.join(", "), 300)),
    };
    Some(match asked.answer {
        Answer::Nothing => Advice::new(
            ErrorKind::Tls,
            format!("{place} asks for a client certificate, and there is none to send ({alert:?}){issuers}"),
            "set client_cert and client_key, or client_pkcs12",
            CLIENT,
        ),
        Answer::Sent => Advice::new(
            ErrorKind::Tls,
            format!("{place} does not accept the client certificate ({alert:?}){issuers}"),
            "give client_cert a certificate of an authority the server trusts, with its whole chain",
            CLIENT,
        ),
    })
}

/// An issuer that is not trusted, told with its name.
#[expect(clippy::wildcard_enum_match_arm, reason = "two problems of many are about the issuer")]
fn issuer(error: &Error, facts: &TlsFacts, place: &str) -> Option<(String, String)> {
    let Error::InvalidCertificate(problem) = error else { return None };
    let own_issuer = match problem {
        CertificateError::UnknownIssuer => false,
        CertificateError::Other(OtherError(cause)) if cause.to_string().contains("CaUsedAsEndEntity") => true,
        _ => return None,
    };
    let leaf = facts.chain.first()?;
    if own_issuer || leaf.is_self_issued {
        let message =
            format!("the certificate of {place} is self-signed (\"{}\"), and nobody here vouches for it", leaf.subject);
        return Some((
            message,
            "if it is the server you mean, put its certificate into a file and name that in ca_files".to_owned(),
        ));
    }
    let top = facts.chain.last().map_or(leaf, |last| last);
    let message = format!(
        "the certificate of {place} was issued by \"{}\", an authority this machine does not trust",
        leaf.issuer
    );
    let hint = if facts.chain.len() == 1 {
        format!(
            "add the certificate of \"{}\" to ca_files; if it is an intermediate one, the server must send its whole chain",
            leaf.issuer
        )
    } else {
        format!("add the certificate of \"{}\" to ca_files", top.issuer)
    };
    Some((message, hint))
}
