//! What a failed request means to a person: kind, what and where, and what to do.

use std::error::Error;
use std::io;
use std::time::Duration;

use url::Url;

use super::facts::{Asked, Handshake, Hop};
use super::tls;
use super::trace::{Stage, Trace, Unresolved};
use crate::domain::policy::{NetworkKey, NetworkPolicy, VerificationMode};
use crate::domain::units::show_duration;
use crate::domain::{ErrorKind, Failure, text};

/// The limit that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `connect_timeout`, in this stage.
    Connect(Stage),
    /// `first_byte_timeout`.
    FirstByte,
    /// `idle_timeout`.
    Idle,
    /// `total_timeout`.
    Total,
}

/// What is known of the way a request took.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// What was called.
    pub url: &'a Url,
    /// By which policy.
    pub policy: &'a NetworkPolicy,
    /// What the connection left behind.
    pub trace: &'a Trace,
}

impl Way<'_> {
    /// The proxy in the way, as `http://p:3128 ([network], config.toml:2)`.
    fn proxy(&self) -> Option<String> {
        let proxy = self.policy.route.proxy.as_ref()?;
        let from = self.policy.effective(NetworkKey::Proxy).map(|row| row.from.to_string()).unwrap_or_default();
        Some(format!("{} ({from})", proxy.url))
    }

    /// The handshake that failed or was the last.
    fn handshake(&self) -> Option<Handshake> {
        self.trace.handshakes().pop()
    }
}

/// The failure of a connection that was not ready within a limit of this length.
pub fn not_connected(stage: Stage, length: Duration, way: &Way<'_>) -> Failure {
    let failure = timed_out(Limit::Connect(stage), length, way.url);
    let Some(proxy) = way.proxy() else { return failure };
    let message = format!("{}, through the proxy {proxy}", failure.message);
    let hint =
        "is this the proxy's right kind and port? an HTTP proxy does not answer SOCKS, nor one without TLS https://";
    Failure { message, hint: hint.to_owned(), ..failure }
}

/// The failure of a limit of this length.
pub fn timed_out(limit: Limit, length: Duration, url: &Url) -> Failure {
    let (place, length) = (place(url), show_duration(length));
    let (message, hint) = match limit {
        Limit::Connect(Stage::Dns) => (
            format!("resolving the name for {place} took longer than {length} (connect_timeout)"),
            "check the name server, or raise connect_timeout",
        ),
        Limit::Connect(Stage::Tls) => (
            format!("the TLS handshake with {place} took longer than {length} (connect_timeout)"),
            "the port may not speak TLS: try http://, or raise connect_timeout",
        ),
        Limit::Connect(Stage::Connect | Stage::Ready) => (
            format!("connecting to {place} took longer than {length} (connect_timeout)"),
            "check host, port and firewall; a proxy may be needed",
        ),
        Limit::FirstByte => (
            format!("{place} sent no byte of an answer within {length} (first_byte_timeout)"),
            "the server may be loading a model or thinking; raise first_byte_timeout if that is normal",
        ),
        Limit::Idle => (
            format!("{place} fell silent for {length} in the middle of its answer (idle_timeout)"),
            "raise idle_timeout if the model pauses that long; otherwise look at the server or a proxy between",
        ),
        Limit::Total => (
            format!("the answer of {place} took longer than {length} in all (total_timeout)"),
            "ask for fewer tokens, or raise total_timeout",
        ),
    };
    Failure::new(ErrorKind::Timeout, message, hint)
}

/// The failure a library error stands for, at this URL. Of the URL only host and port are told: its path and query may
/// hold what should not be repeated.
pub fn explain(error: &reqwest::Error, way: &Way<'_>) -> Failure {
    let (causes, url) = (Causes::of(error), way.url);
    let place = place(url);
    let handshake = way.handshake();
    if let (Some(Handshake { hop: Hop::Proxy, .. }), Some(proxy)) = (&handshake, way.proxy())
        && let Some(cause) = causes.tls.or_else(|| handshake.as_ref()?.verdict.as_ref()?.as_ref().err())
        && !causes.text.contains("unsuccessful")
        && !causes.text.contains("authorization")
    {
        return tls::explain(cause, &format!("the proxy {proxy}"), &tls::Keys::PROXY);
    }
    if let Some(unresolved) = causes.unresolved {
        return dns(unresolved, way);
    }
    if let Some(cause) = causes.tls {
        let failure = tls::explain(cause, &place, &tls::Keys::TARGET);
        return asked(failure, handshake.as_ref());
    }
    if let Some(proxy) = way.proxy() {
        if error.is_connect() {
            return through(&causes, (&place, &proxy), way);
        }
    } else if error.is_connect() {
        return connect(&causes, &place);
    }
    let failure = exchange(&causes, url);
    // A server that misses the client's certificate may just close: TLS 1.3 loses its alert in some cases.
    match (&failure.kind, handshake) {
        (ErrorKind::StreamCut, Some(Handshake { hop: Hop::Target, identity: Asked::NotSent { .. }, .. })) => {
            Failure::new(
                ErrorKind::Tls,
                format!("{place} asked for a client certificate, got none, and closed the connection"),
                "set client_cert or client_pkcs12",
            )
        }
        _ => failure,
    }
}

/// The failure of an error's body that says no more than that the client's certificate is missing or not taken: some
/// servers finish the handshake and answer by HTTP.
pub fn certificate_missed(handshakes: &[Handshake], body: &str, url: &Url) -> Option<Failure> {
    let asked = handshakes.iter().rfind(|handshake| handshake.hop == Hop::Target).map(|handshake| &handshake.identity);
    if !body.contains("SSL certificate") {
        return None;
    }
    let (what, hint) = match asked? {
        Asked::No => return None,
        Asked::NotSent { .. } => ("asks for a client certificate and got none", "set client_cert or client_pkcs12"),
        Asked::Sent { .. } => (
            "does not take the client certificate it got",
            "is it the right one, still valid, and issued by an authority the server knows?",
        ),
    };
    Some(Failure::new(ErrorKind::Tls, format!("{} {what}", place(url)), hint))
}

/// The failure of an answer that breaks off.
pub fn cut_off(error: &reqwest::Error, url: &Url) -> Failure {
    let causes = Causes::of(error);
    let place = place(url);
    if let Some(cause) = causes.tls {
        return tls::explain(cause, &place, &tls::Keys::TARGET);
    }
    if error.is_decode() || error.is_body() {
        return body(&causes, &place);
    }
    exchange(&causes, url)
}

/// What a verification weaker than `full` let pass, or would have: one line for each hop that has one.
pub fn doubts(way: &Way<'_>) -> Vec<String> {
    let trust = &way.policy.trust;
    let doubt = |handshake: Handshake| {
        let (mode, key) = match handshake.hop {
            Hop::Proxy => (trust.proxy_mode, NetworkKey::ProxyVerificationMode),
            Hop::Target => (trust.mode, NetworkKey::VerificationMode),
        };
        let verdict = handshake.verdict.filter(|_| mode != VerificationMode::Full)?;
        let from = way.policy.effective(key).map(|row| row.from.to_string()).unwrap_or_default();
        let rule = format!("{} = {} ({from})", key.word(), mode.word());
        let name = text::clean_line(&handshake.name).into_owned();
        Some(match verdict {
            Ok(()) => format!("{rule}: the certificate of {name} is good, but another would pass too"),
            Err(error) => format!("{rule} let pass what is not: the certificate of {name} {}", tls::doubt(&error)),
        })
    };
    way.trace.handshakes().into_iter().filter_map(doubt).collect()
}

/// What is worth knowing from a chain of errors.
#[derive(Default)]
struct Causes<'a> {
    unresolved: Option<&'a Unresolved>,
    tls: Option<&'a rustls::Error>,
    io: Option<&'a io::Error>,
    http: Option<&'a hyper::Error>,
    /// The whole chain in lower case.
    text: String,
    /// The innermost words.
    last: String,
}

impl<'a> Causes<'a> {
    fn of(error: &'a reqwest::Error) -> Self {
        let mut causes = Self::default();
        // The outermost error names the URL; what lies below does not.
        let mut next = error.source();
        while let Some(cause) = next {
            causes.take(cause);
            next = cause.source();
        }
        causes
    }

    fn take(&mut self, cause: &'a (dyn Error + 'static)) {
        self.unresolved = self.unresolved.or_else(|| cause.downcast_ref());
        self.http = cause.downcast_ref().or(self.http);
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            self.tls = self.tls.or_else(|| rustls_in(io));
            self.io = Some(io);
        }
        self.last = cause.to_string();
        self.text.push_str(&self.last.to_lowercase());
        self.text.push('\n');
    }

    fn words(&self) -> String {
        text::cut(&text::clean_line(&self.last), 300).into_owned()
    }
}

/// rustls hides in `io::Error::get_ref`: a walk by `source()` steps over it.
fn rustls_in(error: &io::Error) -> Option<&rustls::Error> {
    let mut current = error;
    loop {
        let inner = current.get_ref()?;
        if let Some(found) = inner.downcast_ref() {
            return Some(found);
        }
        current = inner.downcast_ref::<io::Error>()?;
    }
}

/// `host:port`, the port always told: where a failure happened. Path and query are left out.
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or("the server");
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A handshake that ended because of the client's certificate says so.
fn asked(failure: Failure, handshake: Option<&Handshake>) -> Failure {
    let hint = match handshake.map(|handshake| &handshake.identity) {
        Some(Asked::NotSent { .. }) if failure.hint.is_empty() || failure.hint.contains("client certificate") => {
            "it asked for a client certificate and got none; set client_cert or client_pkcs12"
        }
        Some(Asked::Sent { .. }) if failure.hint.contains("client certificate") => {
            "it does not take our client certificate; is it the right one, issued by an authority the server knows?"
        }
        Some(Asked::No | Asked::NotSent { .. } | Asked::Sent { .. }) | None => return failure,
    };
    Failure { hint: hint.to_owned(), ..failure }
}

/// A connection through a proxy that did not come about. The library says little: the proxy's own words are lost.
fn through(causes: &Causes<'_>, (place, proxy): (&str, &str), way: &Way<'_>) -> Failure {
    let has_user = way.policy.route.proxy.as_ref().is_some_and(|proxy| proxy.user.is_some());
    let is_socks = way.policy.route.proxy.as_ref().is_some_and(|proxy| proxy.url.scheme.is_socks());
    let said = &causes.text;
    let auth = said.contains("authorization required")
        || said.contains("socks error") && (said.contains("auth") || said.contains("credentials"));
    let unsuccessful = said.contains("unsuccessful");
    let (message, hint) = match (auth, has_user) {
        (true, true) => (
            format!("the proxy {proxy} refuses the user and password"),
            "check proxy_user and what proxy_password refers to",
        ),
        (true, false) => (
            format!("the proxy {proxy} asks for a user and password"),
            "set proxy_user, and proxy_password to a secret reference",
        ),
        (false, _) if unsuccessful => (
            format!("the proxy {proxy} did not connect to {place}"),
            "the proxy may not reach the host or not allow it; add the host to proxy_bypass_hosts, or set proxy = \"none\"",
        ),
        (false, _) if is_socks && said.contains("underlying connection") => (
            format!("the proxy {proxy} cannot be reached"),
            "check that the proxy runs and that its URL has the right scheme and port",
        ),
        (false, _) if is_socks => (
            format!("the proxy {proxy} did not connect to {place}: {}", causes.words()),
            "the proxy may not reach the host or not allow it; is it a SOCKS5 proxy?",
        ),
        (false, _) => {
            let what = connect(causes, &format!("the proxy {proxy}")).message;
            (what, "check that the proxy runs and that its URL has the right scheme and port")
        }
    };
    Failure::new(ErrorKind::Proxy, message, hint)
}

fn dns(unresolved: &Unresolved, way: &Way<'_>) -> Failure {
    let name = text::clean_line(&unresolved.host).into_owned();
    let reason = unresolved.reason.rsplit(": ").next().unwrap_or_default();
    let message = format!("the name {name} did not resolve: {}", text::clean_line(reason));
    let is_target = way.url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(&unresolved.host));
    let hint = match (is_target, reason.contains("Temporary")) {
        (false, _) => {
            "this is the proxy's name; check `proxy` and where it comes from: `switchboard show ID --network`"
        }
        (true, true) => "the name server does not answer; is this machine online?",
        (true, false) => "check the spelling of the host; inside a VPN the name may need its name server",
    };
    Failure::new(ErrorKind::Dns, message, hint)
}

fn connect(causes: &Causes<'_>, place: &str) -> Failure {
    let kind = causes.io.map(io::Error::kind);
    let (message, hint) = match kind {
        Some(io::ErrorKind::ConnectionRefused) => {
            (format!("{place} refused the connection"), format!("nothing listens on {place}; is the server running?"))
        }
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe) => (
            format!("{place} closed the connection before it was ready"),
            "a firewall or a server that expects something else; check scheme and port".to_owned(),
        ),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            (format!("there is no route to {place}"), "check the network, the VPN and the address".to_owned())
        }
        _ => (format!("could not connect to {place}: {}", causes.words()), "check host and port".to_owned()),
    };
    Failure::new(ErrorKind::Connect, message, hint)
}

fn body(causes: &Causes<'_>, place: &str) -> Failure {
    if ["invalid chunk", "invalid gzip", "brotli", "corrupt", "invalid header"].iter().any(|t| causes.text.contains(t))
    {
        let message = format!("the answer of {place} is broken: {}", causes.words());
        return Failure::new(ErrorKind::Malformed, message, "look at the server, or at a proxy between");
    }
    let message = format!("{place} closed the connection in the middle of its answer");
    Failure::new(ErrorKind::StreamCut, message, "the server or a proxy between gave up; its log may say why")
}

/// Sent, and no usable head came back.
fn exchange(causes: &Causes<'_>, url: &Url) -> Failure {
    let place = place(url);
    if causes.http.is_some_and(hyper::Error::is_parse) {
        let message = format!("{place} does not answer in HTTP: {}", causes.words());
        return Failure::new(ErrorKind::Malformed, message, wrong_scheme(url));
    }
    let closed = causes.http.is_some_and(|http| http.is_incomplete_message() || http.is_closed())
        || causes.io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionReset)
        || causes.text.contains("connection was not ready");
    if closed {
        let message = format!("{place} closed the connection without an answer");
        return Failure::new(ErrorKind::StreamCut, message, wrong_scheme(url));
    }
    let message = format!("the request to {place} failed: {}", causes.words());
    Failure::new(ErrorKind::Connect, message, "try again; the server's log may say more")
}

fn wrong_scheme(url: &Url) -> &'static str {
    if url.scheme() == "http" {
        "if the server expects TLS on this port, write https://; check that the port is that of the API"
    } else {
        "check that the port is that of the API"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn every_limit_names_itself_and_its_length() {
        let url = url("http://[::1]:8080/v1?key=hidden");
        for (limit, name) in [
            (Limit::Connect(Stage::Dns), "connect_timeout"),
            (Limit::Connect(Stage::Connect), "connect_timeout"),
            (Limit::Connect(Stage::Tls), "connect_timeout"),
            (Limit::FirstByte, "first_byte_timeout"),
            (Limit::Idle, "idle_timeout"),
            (Limit::Total, "total_timeout"),
        ] {
            let failure = timed_out(limit, Duration::from_millis(1500), &url);
            assert_eq!(failure.kind, ErrorKind::Timeout);
            assert!(failure.message.contains("1s500ms"), "{}", failure.message);
            assert!(failure.message.contains(name), "{}", failure.message);
            assert!(failure.message.contains("[::1]:8080"), "{}", failure.message);
            assert!(!failure.message.contains("hidden"));
        }
    }

    #[test]
    fn a_tls_error_is_found_inside_two_io_errors() {
        let inner = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
        let outer = io::Error::other(inner);
        assert_eq!(rustls_in(&outer), Some(&rustls::Error::DecryptError));
        assert_eq!(rustls_in(&io::Error::other("plain")), None);
    }

    #[test]
    fn the_port_is_told_even_where_the_url_does_not() {
        assert_eq!(place(&url("https://api.test/v1")), "api.test:443");
    }
}
