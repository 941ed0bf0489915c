//! Proxies that refuse, hosts that are not allowed, pins, weak modes, and input that cannot be used.

use serde_json::Value;

use crate::support::pki::{Authority, BOTH, Shown, Wants, server_config};
use crate::support::wire::{SAID, Served, endpoint, http_proxy, http2_endpoint, refusing, silent, socks5, speaking};
use crate::support::{Home, Sandbox};

fn file(url: &str, policy: &str) -> String {
    format!(
        "[connectors.x]\nname = \"x\"\nprovider = \"other\"\nurl = \"{url}\"\ndefault_model = \"m\"\n[connectors.x.network]\n{policy}"
    )
}

fn error_of(home: &Home) -> (Option<i32>, Value) {
    let ran = home.run(&["test", "x", "--json"]);
    assert!(!(ran.out.clone() + &ran.err).contains("canary"), "{}{}", ran.out, ran.err);
    (ran.code, ran.json()["error"].clone())
}

fn says(home: &Home, code: i32, kind: &str, words: &[&str]) {
    let (found, error) = error_of(home);
    assert_eq!((found, error["kind"].as_str()), (Some(code), Some(kind)), "{error}");
    let told =
        format!("{} {}", error["message"].as_str().unwrap_or_default(), error["hint"].as_str().unwrap_or_default());
    for word in words {
        assert!(told.contains(word), "{word} in {told}");
    }
}

#[test]
fn a_proxy_that_wants_a_password_or_gets_a_wrong_one_says_so() {
    let authority = Authority::new("a");
    let server = endpoint(Some(server_config(&authority.server(Shown::Good), BOTH, &Wants::Nothing)));
    let url = format!("https://localhost:{}/v1", server.port);
    let login = Some(("svc", "right"));
    let wrong = "proxy_user = \"svc\"\nproxy_password = \"env:WORD\"\n";
    for (scheme, proxy) in [("http", http_proxy(None, login)), ("socks5h", socks5(login))] {
        let line = format!("proxy = \"{scheme}://localhost:{}\"\n", proxy.port);
        let place = format!("the proxy {scheme}://localhost:{} ([connectors.x.network], config.toml:7)", proxy.port);
        says(&Home::with(&file(&url, &line)), 3, "proxy", &[&place, "asks for a user and password", "set proxy_user"]);
        let home = Home::with(&file(&url, &(line + wrong))).set("WORD", "wrong-canary");
        says(&home, 3, "proxy", &[&place, "refuses the user and password", "check proxy_user"]);
    }
    assert!(server.seen().is_empty());
}

#[test]
fn a_proxy_that_is_down_or_cannot_reach_the_host_says_so() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (scheme, words) in [
        ("http", "refused the connection"),
        ("https", "refused the connection"),
        ("socks5", "refused the connection"),
        ("socks5h", "refused the connection"),
    ] {
        let proxy = format!("proxy = \"{scheme}://localhost:{nobody}\"\n");
        let modes = "verification_mode = \"none\"\nproxy_verification_mode = \"none\"\n";
        let home = Home::with(&file("https://localhost:1/v1", &(proxy + modes)));
        says(&home, 3, "proxy", &[&format!("the proxy {scheme}://localhost:{nobody}"), words]);
    }
    for (scheme, proxy) in [("http", http_proxy(None, None)), ("socks5h", socks5(None))] {
        let line = format!("proxy = \"{scheme}://localhost:{}\"\nverification_mode = \"none\"\n", proxy.port);
        let home = Home::with(&file(&format!("https://localhost:{nobody}/v1"), &line));
        says(&home, 3, "proxy", &[&format!("did not connect to localhost:{nobody}")]);
    }
}

#[test]
fn the_certificate_of_a_proxy_is_judged_by_its_own_mode() {
    let authority = Authority::new("a");
    let good = endpoint(Some(server_config(&authority.server(Shown::Good), BOTH, &Wants::Nothing)));
    let proxy = http_proxy(Some(server_config(&authority.server(Shown::WrongHost), BOTH, &Wants::Nothing)), None);
    let plain = endpoint(None);
    for url in [format!("https://localhost:{}/v1", good.port), format!("http://localhost:{}/v1", plain.port)] {
        let policy =
            format!("proxy = \"https://localhost:{}\"\nca_pem = \"\"\"\n{}\"\"\"\n", proxy.port, authority.pem());
        let place = format!("the certificate of the proxy https://localhost:{}", proxy.port);
        let words = [place.as_str(), "is not for localhost; it names elsewhere.example", "proxy_verification_mode"];
        says(&Home::with(&file(&url, &policy)), 3, "tls", &words);
        let weak = Home::with(&file(&url, &(policy + "proxy_verification_mode = \"certificate\"\n")));
        let lines = weak.run(&["test", "x", "--jsonl"]).ok().out;
        assert!(
            lines.contains("proxy_verification_mode = certificate")
                && lines.contains(SAID.split(' ').next_back().unwrap()),
            "{lines}"
        );
    }
}

#[test]
fn the_environment_names_the_proxy_and_whom_it_is_not_for() {
    let (server, proxy) = (endpoint(None), http_proxy(None, Some(("u", "p@ss-canary"))));
    let url = format!("http://localhost:{}/v1", server.port);
    let variable = format!("http://u:p%40ss-canary@localhost:{}", proxy.port);
    let home = Home::with(&file(&url, "")).set("http_proxy", &variable);
    assert_eq!(home.run(&["test", "x", "--json"]).ok().json()["text"], SAID);
    assert_eq!(proxy.seen().len(), 1);
    let around = Home::with(&file(&url, "")).set("http_proxy", &variable).set("NO_PROXY", "localhost");
    around.run(&["test", "x"]).ok();
    let none = Home::with(&file(&url, "proxy = \"none\"\n")).set("http_proxy", &variable);
    none.run(&["test", "x"]).ok();
    assert_eq!(proxy.seen().len(), 1);
    let broken = Home::with(&file(&url, "")).set("http_proxy", "http://h:canary:99999");
    says(&broken, 2, "config", &["the variable http_proxy names no proxy", "proxy = \"none\""]);
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn proxy_headers_reach_the_proxy_alone() {
    let (server, proxy) = (endpoint(None), http_proxy(None, None));
    let line = format!(
        "proxy = \"http://localhost:{}\"\nproxy_headers = {{ x-proxy-team = \"search\", x-proxy-key = \"env:PROXY_KEY\" }}\n",
        proxy.port
    );
    let home =
        Home::with(&file(&format!("http://localhost:{}/v1", server.port), &line)).set("PROXY_KEY", "header-canary");
    home.run(&["test", "x"]).ok();
    assert!(proxy.seen()[0].contains("x-proxy-team: search") && proxy.seen()[0].contains("x-proxy-key: header-canary"));
    let tls = Authority::new("a");
    let secure = endpoint(Some(server_config(&tls.server(Shown::Good), BOTH, &Wants::Nothing)));
    let policy = line + "verification_mode = \"none\"\n";
    let home =
        Home::with(&file(&format!("https://localhost:{}/v1", secure.port), &policy)).set("PROXY_KEY", "header-canary");
    home.run(&["test", "x"]).ok();
    assert!(proxy.seen()[1].starts_with("CONNECT ") && proxy.seen()[1].contains("x-proxy-key: header-canary"));
    assert!(!secure.seen().concat().contains("x-proxy"), "{:?}", secure.seen());
}

#[test]
fn a_pin_stands_in_for_the_name_server() {
    let server = endpoint(None);
    let policy = format!("resolve = {{ \"nowhere.invalid:{}\" = \"127.0.0.1\" }}\n", server.port);
    let home = Home::with(&file(&format!("http://nowhere.invalid:{}/v1", server.port), &policy));
    assert_eq!(home.run(&["test", "x", "--json"]).ok().json()["text"], SAID);
    let other = policy.replace("nowhere", "elsewhere");
    says(
        &Home::with(&file(&format!("http://nowhere.invalid:{}/v1", server.port), &other)),
        3,
        "dns",
        &["nowhere.invalid"],
    );
}

#[test]
fn a_host_that_is_not_allowed_is_neither_saved_nor_called() {
    let server = endpoint(None);
    let url = format!("http://localhost:{}/v1", server.port);
    let home = Home::with(&("[network]\nallowed_hosts = [\"*.corp\"]\n".to_owned() + &file(&url, "")));
    says(
        &home,
        2,
        "policy",
        &["is not among the allowed hosts ([network], config.toml:2)", "allowed_hosts lists *.corp"],
    );
    let add = |url: &str| home.run(&["add", "y", "--provider", "other", "--url", url, "--set", "default_model=m"]);
    let refused = add("http://elsewhere.test/v1");
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("elsewhere.test:80 is not among the allowed hosts"), "{}", refused.err);
    assert!(!home.text().contains("elsewhere"));
    add("https://gw.corp/v1").ok();
    assert!(server.seen().is_empty());
}

#[test]
fn the_systems_store_may_be_named_by_a_variable_and_a_handshake_is_timed() {
    let authority = Authority::new("a");
    let server = endpoint(Some(server_config(&authority.server(Shown::Good), BOTH, &Wants::Nothing)));
    let home = Home::with(&file(&format!("https://localhost:{}/v1", server.port), ""));
    let store = home.path().join("store.pem");
    std::fs::write(&store, authority.pem()).unwrap();
    let result = home.set("SSL_CERT_FILE", &store.display().to_string()).run(&["test", "x", "--json"]).ok().json();
    assert_eq!(result["text"], SAID);
    let time = |name: &str| result["timing"][name].as_f64().unwrap_or_else(|| panic!("{name} in {result}"));
    assert!(time("dns_ms") >= 0.0 && time("connect_ms") > 0.0 && time("tls_ms") > 0.0);
    assert!(time("tls_ms") <= time("first_byte_ms"), "{result}");
}

#[test]
fn a_server_that_misses_the_certificate_by_http_is_understood() {
    let authority = Authority::new("a");
    let config = server_config(&authority.server(Shown::Good), BOTH, &Wants::CertificateButGoesOn(&authority));
    let server = refusing(config, "400 Bad Request", "<html>400 No required SSL certificate was sent</html>");
    let policy = format!("ca_pem = \"\"\"\n{}\"\"\"\n", authority.pem());
    let home = Home::with(&file(&format!("https://localhost:{}/v1", server.port), &policy));
    says(&home, 3, "tls", &["asks for a client certificate and got none", "set client_cert"]);
}

#[test]
fn a_server_that_closes_over_the_certificate_is_understood_where_its_alert_is_lost() {
    let authority = Authority::new("a");
    let leaf = authority.server(Shown::Good);
    let takes = server_config(&leaf, BOTH, &Wants::CertificateButGoesOn(&authority));
    let refuses = server_config(&leaf, BOTH, &Wants::CertificateOf(&Authority::new("another")));
    let home = |server: &Served, key: &str| {
        let policy = format!("ca_pem = \"\"\"\n{}\"\"\"\n{key}", authority.pem());
        let home = Home::with(&file(&format!("https://localhost:{}/v1", server.port), &policy));
        let client = authority.client();
        std::fs::write(home.path().join("client.pem"), format!("{}{}", client.pem, client.key_pem())).unwrap();
        home
    };
    let own = "client_cert = \"~/client.pem\"\n";
    let none = silent(&[&takes]);
    says(&home(&none, ""), 3, "tls", &["a client certificate, got none, and closed", "set client_cert"]);
    let lost = silent(&[&takes, &refuses]);
    says(&home(&lost, own), 3, "tls", &["does not accept the client certificate"]);
    // It took the certificate, so that something else is wrong.
    let good = silent(&[&takes]);
    says(&home(&good, own), 5, "stream-cut", &["closed the connection without an answer"]);
}

#[test]
fn http_2_is_spoken_where_both_want_it_and_only_there() {
    let authority = Authority::new("a");
    let tls = server_config(&authority.server(Shown::Good), BOTH, &Wants::Nothing);
    let home = |port: u16, version: &str| {
        let policy = format!("http_version = \"{version}\"\nca_pem = \"\"\"\n{}\"\"\"\n", authority.pem());
        Home::with(&file(&format!("https://localhost:{port}/v1"), &policy))
    };
    let said = |home: &Home| home.run(&["test", "x", "--json"]).ok().json()["text"].clone();
    let two = http2_endpoint(&tls);
    for version in ["auto", "2"] {
        assert_eq!(said(&home(two.port, version)), SAID, "{version}");
    }
    assert_eq!(two.seen(), ["/v1/chat/completions HTTP/2.0"; 2]);
    let both = endpoint(Some(speaking(&tls, &["h2", "http/1.1"])));
    assert_eq!(said(&home(both.port, "1.1")), SAID);
    assert!(both.seen().iter().all(|head| head.starts_with("POST /v1/chat/completions HTTP/1.1")), "{:?}", both.seen());
    let one = endpoint(Some(speaking(&tls, &["http/1.1"])));
    says(&home(one.port, "2"), 3, "tls", &["http_version"]);
    says(&home(two.port, "1.1"), 3, "tls", &["http_version"]);
}

#[test]
fn a_weak_mode_is_noted_in_the_run() {
    let authority = Authority::new("a");
    let server = endpoint(Some(server_config(&authority.server(Shown::Expired), BOTH, &Wants::Nothing)));
    let home = Home::with(&file(&format!("https://localhost:{}/v1", server.port), "verification_mode = \"none\"\n"));
    let lines = home.run(&["test", "x", "--jsonl"]).ok().out;
    assert!(
        lines.contains("verification_mode = none ([connectors.x.network], config.toml:7) let pass what is not: the certificate of localhost"),
        "{lines}"
    );
}

#[test]
fn files_that_cannot_be_used_are_named_with_the_fix() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &[]);
    let place = home.path().display().to_string();
    std::fs::write(home.path().join("rubbish.pem"), "<html>").unwrap();
    std::fs::write(home.path().join("client.pem"), Authority::new("a").client().pem).unwrap();
    std::fs::write(home.path().join("other.key"), Authority::new("b").client().key_pem()).unwrap();
    let url = sandbox.base.replace("http://", "https://");
    for (policy, kind, words) in [
        (
            "ca_files = [\"~/nothing.pem\"]\n".to_owned(),
            "config",
            "ca_files PLACE/nothing.pem: it cannot be read: no such file",
        ),
        (
            "ca_files = [\"~/rubbish.pem\"]\n".to_owned(),
            "config",
            "ca_files PLACE/rubbish.pem: it holds no certificate",
        ),
        (
            "client_cert = \"~/client.pem\"\nclient_key = \"~/other.key\"\n".to_owned(),
            "config",
            "client_key PLACE/other.key: its key does not belong to the certificate of PLACE/client.pem",
        ),
        (
            "client_pkcs12 = \"~/rubbish.pem\"\n".to_owned(),
            "config",
            "client_pkcs12 PLACE/rubbish.pem: it is no PKCS#12 file",
        ),
        (
            "client_key = \"~/other.key\"\n".to_owned(),
            "config",
            "client_key ([connectors.x.network], config.toml:7): a key without its certificate",
        ),
        (
            "client_cert = \"~/client.pem\"\nclient_key_passphrase = \"env:NOT_SET\"\n".to_owned(),
            "secret",
            "env:NOT_SET: the variable is not set",
        ),
    ] {
        home.write(&file(&url, &policy));
        says(&home, 2, kind, &[&words.replace("PLACE", &place)]);
    }
}
