//! The staged connector against servers and proxies that play each fault.

mod fixture;

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::ErrorKind;
use fixture::{Authority, Certificate, Proxy, closed_port, place, plain, proxied, proxy, tls_server, way};

/// Where it broke, and what that means.
async fn broken(way: Way) -> (Step, Advice) {
    let broken = super::walk(Arc::new(way.clone())).await.expect_err("it breaks");
    (broken.step, Advice::of(&broken, &way))
}

#[track_caller]
fn told(advice: &Advice, kind: ErrorKind, message: &str, hint: &str) {
    assert_eq!(advice.kind, kind, "{advice:?}");
    assert!(advice.message.contains(message), "{message:?} in {advice:?}");
    assert!(advice.hint.contains(hint), "{hint:?} in {advice:?}");
}

#[tokio::test]
async fn a_good_way_is_walked_and_its_facts_are_told() {
    let authority = Authority::new("corp");
    let server = tls_server(&authority.issue(&Certificate::for_name("localhost")), None).await;
    let steps = Steps::new(Arc::new(way(server, Some(authority.hop()))));
    let resolved = steps.resolve().await.expect("a name");
    let (open, _) = steps.connect(&resolved).await.expect("a connection");
    let (open, none) = steps.enter_proxy(open, &resolved).await.expect("no proxy");
    let (_, facts) = steps.handshake(open).await.expect("a handshake");
    let facts = facts.expect("facts of TLS");
    let session = facts.session.expect("a session");
    assert!(none.is_none());
    assert_eq!((session.version.as_str(), session.alpn.as_deref()), ("TLS 1.3", Some("http/1.1")));
    assert_eq!(facts.chain.first().map(|leaf| leaf.names.clone()), Some(vec!["localhost".to_owned()]));
    assert_eq!((facts.strict, facts.asked), (Some(Ok(())), None));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_told() {
    let mut to = place(1);
    to.host = Host::Domain("nothing.invalid".to_owned());
    let (step, advice) = broken(way(to, None)).await;
    assert_eq!(step, Step::Dns);
    told(&advice, ErrorKind::Dns, "nothing.invalid did not resolve", "spelling");
}

#[tokio::test]
async fn a_closed_port_is_told_with_its_address() {
    let (step, advice) = broken(way(place(closed_port()), None)).await;
    assert_eq!(step, Step::Tcp);
    told(&advice, ErrorKind::Connect, "refused the connection (127.0.0.1:", "nothing listens on");
}

#[tokio::test]
async fn each_fault_of_a_certificate_is_told() {
    let authority = Authority::new("corp");
    let stranger = Authority::new("stranger");
    let cases = [
        (
            authority.issue(&Certificate::for_name("elsewhere.example")),
            "is not for localhost; it names elsewhere.example",
            "write one of these names in url",
        ),
        (authority.issue(&Certificate::expired()), "expired", "renew"),
        (authority.issue(&Certificate::of_the_future()), "starts to be valid only in", "clock"),
        (
            stranger.issue(&Certificate::for_name("localhost")),
            "was issued by \"stranger\"",
            "add the certificate of \"stranger\" to ca_files",
        ),
        (Authority::self_signed(), "is self-signed", "ca_files"),
    ];
    for (served, message, hint) in cases {
        let server = tls_server(&served, None).await;
        let (step, advice) = broken(way(server, Some(authority.hop()))).await;
        assert_eq!(step, Step::Tls);
        told(&advice, ErrorKind::Tls, message, hint);
    }
}

#[tokio::test]
async fn a_plain_port_is_told_by_its_answer_or_its_silence() {
    let authority = Authority::new("corp");
    let answers =
        plain(|mut io| Box::pin(async move { fixture::say(&mut io, b"HTTP/1.1 400 Bad Request\r\n\r\n").await })).await;
    let (step, advice) = broken(way(answers, Some(authority.hop()))).await;
    assert_eq!(step, Step::Tls);
    told(&advice, ErrorKind::Tls, "does not speak TLS", "write http:// in url");
    let silent = plain(|io| Box::pin(async move { fixture::hold(io).await })).await;
    let hurried = Way { limit: Duration::from_millis(200), ..way(silent, Some(authority.hop())) };
    let (step, advice) = broken(hurried).await;
    assert_eq!(step, Step::Tls);
    told(&advice, ErrorKind::Timeout, "within 200ms", "write http:// in url");
}

#[tokio::test]
async fn a_client_certificate_that_is_missing_or_unknown_is_told() {
    let (authority, clients, stranger) =
        (Authority::new("corp"), Authority::new("clients"), Authority::new("stranger"));
    let certificate = authority.issue(&Certificate::for_name("localhost"));
    let server = tls_server(&certificate, Some(&clients)).await;
    let (step, advice) = broken(way(server.clone(), Some(authority.hop()))).await;
    assert_eq!(step, Step::Tls);
    told(&advice, ErrorKind::Tls, "asks for a client certificate", "set client_cert and client_key");
    assert!(advice.message.contains("accepts certificates of clients"), "{advice:?}");
    let wrong = authority.hop_with(&stranger.issue(&Certificate::for_name("me")));
    let (_, advice) = broken(way(server.clone(), Some(wrong))).await;
    told(&advice, ErrorKind::Tls, "does not accept the client certificate", "authority the server trusts");
    let right = authority.hop_with(&clients.issue(&Certificate::for_name("me")));
    let steps = Steps::new(Arc::new(way(server, Some(right))));
    let resolved = steps.resolve().await.expect("a name");
    let (open, _) = steps.connect(&resolved).await.expect("a connection");
    let (_, facts) = steps.handshake(open).await.expect("the right one is taken");
    assert_eq!(facts.and_then(|facts| facts.asked).map(|asked| asked.answer), Some(Answer::Sent));
}

#[tokio::test]
async fn every_kind_of_proxy_is_walked_through() {
    let authority = Authority::new("corp");
    let server = tls_server(&authority.issue(&Certificate::for_name("localhost")), None).await;
    let secure = authority.issue(&Certificate::for_name("localhost"));
    let kinds = [
        (ProxyKind::Http, Proxy::Http),
        (ProxyKind::Https(authority.hop()), Proxy::Tls(secure)),
        (ProxyKind::Socks5, Proxy::Socks),
        (ProxyKind::Socks5h, Proxy::Socks),
    ];
    for (kind, played) in kinds {
        let scheme = kind.scheme();
        let hop = proxied(proxy(played).await, kind, Some(("us:er", "pass:word")));
        let way = Way { proxy: Some(hop), ..way(server.clone(), Some(authority.hop())) };
        super::walk(Arc::new(way)).await.unwrap_or_else(|broken| panic!("{scheme}: {broken:?}"));
    }
}

#[tokio::test]
async fn a_proxy_that_wants_a_user_is_told_apart_from_one_that_refuses_it() {
    let authority = Authority::new("corp");
    let server = tls_server(&authority.issue(&Certificate::for_name("localhost")), None).await;
    for (kind, played) in [(ProxyKind::Http, Proxy::Http), (ProxyKind::Socks5h, Proxy::Socks)] {
        let at = proxy(played).await;
        let through = |login| Way {
            proxy: Some(proxied(at.clone(), kind.clone(), login)),
            ..way(server.clone(), Some(authority.hop()))
        };
        let (_, advice) = broken(through(None)).await;
        told(&advice, ErrorKind::Proxy, "asks for a user and password", "set proxy_user");
        let (_, advice) = broken(through(Some(("us:er", "wrong")))).await;
        told(&advice, ErrorKind::Proxy, "refuses the user and password", "check proxy_user");
        assert_eq!(advice.keys, ["proxy_user", "proxy_password"]);
    }
}

#[tokio::test]
async fn what_a_proxy_says_of_a_dead_target_is_repeated() {
    let authority = Authority::new("corp");
    let dead = place(closed_port());
    for (kind, played, message) in [
        (ProxyKind::Http, Proxy::Http, "503 Service Unavailable, ERR_CONNECT_FAIL 111"),
        (ProxyKind::Socks5h, Proxy::Socks, "connection refused (reply 5)"),
    ] {
        let hop = proxied(proxy(played).await, kind, Some(("us:er", "pass:word")));
        let (step, advice) = broken(Way { proxy: Some(hop), ..way(dead.clone(), Some(authority.hop())) }).await;
        assert!(matches!(step, Step::Connect | Step::Socks), "{step:?}");
        told(&advice, ErrorKind::Proxy, message, "check host and port of url");
    }
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_told() {
    let authority = Authority::new("corp");
    let target = place(9);
    let (http, socks) = (proxy(Proxy::Http).await, proxy(Proxy::Socks).await);
    let secure = proxy(Proxy::Tls(authority.issue(&Certificate::for_name("localhost")))).await;
    let cases = [
        (socks, ProxyKind::Http, ErrorKind::Proxy, "answers in SOCKS", "write socks5://"),
        (http.clone(), ProxyKind::Socks5h, ErrorKind::Timeout, "did not answer in SOCKS within", "write http://"),
        (
            http,
            ProxyKind::Https(authority.hop()),
            ErrorKind::Timeout,
            "the TLS handshake with the proxy",
            "write http:// in proxy",
        ),
        (secure, ProxyKind::Http, ErrorKind::Proxy, "the proxy", "write https:// in proxy"),
        (place(closed_port()), ProxyKind::Http, ErrorKind::Proxy, "refused the connection", "whether the proxy is up"),
    ];
    for (at, kind, error, message, hint) in cases {
        let hop = proxied(at, kind, None);
        let hurried = Duration::from_millis(400);
        let (_, advice) =
            broken(Way { proxy: Some(hop), limit: hurried, ..way(target.clone(), Some(authority.hop())) }).await;
        told(&advice, error, message, hint);
    }
}

#[tokio::test]
async fn a_proxy_that_knows_no_basic_is_told() {
    let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\r\n";
    let at = plain(move |mut io| Box::pin(async move { fixture::say(&mut io, answer).await })).await;
    let way = Way { proxy: Some(proxied(at, ProxyKind::Http, None)), ..way(place(9), Some(Authority::new("x").hop())) };
    let (step, advice) = broken(way).await;
    assert_eq!(step, Step::Connect);
    told(&advice, ErrorKind::Proxy, "407", "wants Negotiate");
}

#[tokio::test]
async fn a_plain_request_is_forwarded_without_a_tunnel() {
    let at = plain(|io| Box::pin(async move { fixture::hold(io).await })).await;
    let way = Way { proxy: Some(proxied(at, ProxyKind::Http, None)), ..way(place(9), None) };
    assert!(way.is_forwarded());
    assert!(super::walk(Arc::new(way)).await.is_ok());
}

#[tokio::test]
async fn a_reset_in_the_handshake_is_told() {
    let at = plain(|io| Box::pin(async move { drop(io) })).await;
    let (step, advice) = broken(way(at, Some(Authority::new("x").hop()))).await;
    assert_eq!(step, Step::Tls);
    told(&advice, ErrorKind::Tls, "in the middle of the TLS handshake", "check scheme, host and port");
}

#[tokio::test]
async fn an_address_that_the_policy_fixes_stands_in_for_the_name() {
    let authority = Authority::new("corp");
    let mut to = tls_server(&authority.issue(&Certificate::for_name("nothing.invalid")), None).await;
    to.host = Host::Domain("nothing.invalid".to_owned());
    let pinned = Some(IpAddr::from([127, 0, 0, 1]));
    let direct = Way { fixed: pinned, ..way(to.clone(), Some(authority.hop())) };
    super::walk(Arc::new(direct)).await.expect("the way is walked");
    let hop = proxied(proxy(Proxy::Socks).await, ProxyKind::Socks5, Some(("us:er", "pass:word")));
    let through = Way { fixed_target: pinned, proxy: Some(hop), ..way(to, Some(authority.hop())) };
    super::walk(Arc::new(through)).await.expect("the way is walked");
}
