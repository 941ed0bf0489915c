//! Every way to an endpoint times everything its certificate may be: each cell streams or fails as it should.

use std::sync::Arc;

use rustls::ServerConfig;
use serde_json::Value;

use crate::support::Home;
use crate::support::pki::{Authority, BOTH, Leaf, Shown, Wants, server_config};
use crate::support::wire::{SAID, Served, endpoint, http_proxy, socks5};

const USER: &str = "svc";
/// Every character that a URL would have to code.
const PASSWORD: &str = "se:cr@t /%?-canary";

/// Everything on the way, and whom the tests trust.
struct World {
    authority: Authority,
    ways: Vec<(&'static str, Option<Served>, String)>,
}

impl World {
    fn new() -> Self {
        let authority = Authority::new("the corporate authority");
        let tls = server_config(&authority.server(Shown::Good), BOTH, &Wants::Nothing);
        let login = Some((USER, PASSWORD));
        let word = format!("proxy_user = \"{USER}\"\nproxy_password = \"env:PROXY_WORD\"\n");
        let way = |name, scheme: &str, served: Served, more: &str| {
            let line = format!("proxy = \"{scheme}://localhost:{}\"\n{more}", served.port);
            (name, Some(served), line)
        };
        let ways = vec![
            ("no proxy", None, "proxy = \"none\"\n".to_owned()),
            way("http proxy", "http", http_proxy(None, None), ""),
            way("http proxy with auth", "http", http_proxy(None, login), &word),
            way("tls proxy", "https", http_proxy(Some(tls), None), ""),
            way("socks5", "socks5", socks5(None), ""),
            way("socks5h with auth", "socks5h", socks5(login), &word),
        ];
        Self { authority, ways }
    }

    fn served(&self, shown: Shown) -> Arc<ServerConfig> {
        server_config(&self.authority.server(shown), BOTH, &Wants::Nothing)
    }

    /// Runs one test over each way; the names of the ways it did not go well on.
    fn every_way(&self, scheme: &str, server: &Served, policy: &str, good: impl Fn(&str, Option<i32>, &Value) -> bool) {
        for (name, _, line) in &self.ways {
            let home = home(&format!("{scheme}://localhost:{}/v1", server.port), &format!("{line}{policy}"));
            std::fs::write(home.path().join("ca.pem"), self.authority.pem()).expect("written");
            let client = self.authority.client();
            std::fs::write(home.path().join("client.pem"), client.pem.clone()).expect("written");
            std::fs::write(home.path().join("client.key"), client.key_pem()).expect("written");
            let ran = home.run(&["test", "x", "--json"]);
            assert!(!(ran.out.clone() + &ran.err).contains("canary"), "{name}: {}{}", ran.out, ran.err);
            assert!(good(name, ran.code, &ran.json()), "{name}: {policy}: {:?} {}{}", ran.code, ran.out, ran.err);
            if scheme == "https" {
                same_for_the_doctor(&home, (ran.code, &ran.json()["error"]["kind"]), &format!("{name}: {policy}"));
            }
        }
    }
}

/// The doctor must not tell another story than a run: the same exit code, and the same kind of failure.
fn same_for_the_doctor(home: &Home, (code, kind): (Option<i32>, &Value), cell: &str) {
    let examined = home.run(&["doctor", "x", "--json"]);
    let document = examined.json();
    let stages = document["stages"].as_array().expect("stages");
    let failed = stages.iter().find(|stage| stage["status"] == "failed").map_or(&Value::Null, |stage| &stage["kind"]);
    assert_eq!((examined.code, failed), (code, kind), "{cell}: {document:#}");
}

fn home(url: &str, policy: &str) -> Home {
    let file = format!(
        "[connectors.x]\nname = \"x\"\nprovider = \"other\"\nurl = \"{url}\"\ndefault_model = \"m\"\n[connectors.x.network]\n{policy}"
    );
    Home::with(&file).set("PROXY_WORD", PASSWORD).set("SSL_CERT_FILE", "/dev/null")
}

fn streams(_: &str, code: Option<i32>, result: &Value) -> bool {
    code == Some(0) && result["text"] == SAID
}

/// Fails in the handshake with the endpoint, with these words.
fn refuses(words: &'static str) -> impl Fn(&str, Option<i32>, &Value) -> bool {
    move |_, code, result| {
        let told = result["error"]["message"].as_str().unwrap_or_default().to_owned()
            + result["error"]["hint"].as_str().unwrap_or_default();
        code == Some(3) && result["error"]["kind"] == "tls" && told.contains(words)
    }
}

const OWN: &str = "ca_files = [\"ca.pem\"]\n";

#[test]
fn plain_streams_on_every_way_and_only_the_proxy_sees_its_password() {
    let world = World::new();
    let server = endpoint(None);
    world.every_way("http", &server, OWN, streams);
    assert_eq!(server.seen().len(), world.ways.len());
    assert!(server.seen().iter().all(|head| !head.to_lowercase().contains("proxy-")), "{:?}", server.seen());
    for (name, served, _) in &world.ways {
        let seen = served.as_ref().map(Served::seen);
        assert!(seen.is_none_or(|seen| !seen.is_empty()), "{name} was not used");
    }
}

#[test]
fn a_good_certificate_streams_and_others_are_refused_in_full() {
    let world = World::new();
    world.every_way("https", &endpoint(Some(world.served(Shown::Good))), OWN, streams);
    for (shown, words) in [
        (Shown::WrongHost, "is not for localhost; it names elsewhere.example"),
        (Shown::Expired, "expired"),
        (Shown::NotYetValid, "starts to be valid only in"),
        (Shown::UnknownAuthority, "an authority this machine does not trust"),
        (Shown::SelfSigned, "is self-signed"),
    ] {
        world.every_way("https", &endpoint(Some(world.served(shown))), OWN, refuses(words));
    }
}

#[test]
fn the_mode_certificate_lets_another_name_pass_and_nothing_else() {
    let world = World::new();
    let policy = format!("{OWN}verification_mode = \"certificate\"\n");
    world.every_way("https", &endpoint(Some(world.served(Shown::WrongHost))), &policy, streams);
    for (shown, words) in [(Shown::Expired, "expired"), (Shown::UnknownAuthority, "does not trust")] {
        world.every_way("https", &endpoint(Some(world.served(shown))), &policy, refuses(words));
    }
}

#[test]
fn the_mode_none_lets_everything_pass_but_not_for_the_proxy() {
    let world = World::new();
    for shown in [Shown::WrongHost, Shown::Expired, Shown::UnknownAuthority, Shown::SelfSignedAuthority] {
        let policy = format!("{OWN}verification_mode = \"none\"\n");
        world.every_way("https", &endpoint(Some(world.served(shown))), &policy, streams);
    }
    let server = endpoint(Some(world.served(Shown::Expired)));
    let good = |name: &str, code: Option<i32>, result: &Value| match name {
        "tls proxy" => {
            let message = result["error"]["message"].as_str().unwrap_or_default();
            code == Some(3) && message.contains("this machine offers no trusted certificates")
        }
        name => streams(name, code, result),
    };
    // Without any authority, the server passes and the proxy does not.
    world.every_way("https", &server, "verification_mode = \"none\"\n", good);
    let both = "verification_mode = \"none\"\nproxy_verification_mode = \"none\"\n";
    world.every_way("https", &server, both, streams);
}

#[test]
fn an_authority_of_ones_own_takes_the_place_of_the_systems() {
    let world = World::new();
    let server = endpoint(Some(world.served(Shown::Good)));
    world.every_way("https", &server, &format!("{OWN}ca_mode = \"replace\"\n"), streams);
    let inline = world.authority.pem().replace('\n', "\n   ");
    world.every_way("https", &server, &format!("ca_pem = \"\"\"\n{inline}\"\"\"\nca_mode = \"replace\"\n"), streams);
    let other = Authority::new("another").pem();
    let policy = format!("ca_pem = \"\"\"\n{other}\"\"\"\nca_mode = \"replace\"\nproxy_verification_mode = \"none\"\n");
    world.every_way("https", &server, &policy, refuses("does not trust"));
}

#[test]
fn mutual_tls_streams_with_the_certificate_and_says_so_without() {
    let world = World::new();
    let leaf = world.authority.server(Shown::Good);
    let wants = Wants::CertificateOf(&world.authority);
    for versions in [BOTH, &[&rustls::version::TLS12]] {
        let server = endpoint(Some(server_config(&leaf, versions, &wants)));
        let policy = format!("{OWN}client_cert = \"client.pem\"\nclient_key = \"client.key\"\n");
        world.every_way("https", &server, &policy, streams);
        let certificates = server.seen().iter().filter(|seen| *seen == "a client certificate").count();
        assert!(certificates >= world.ways.len(), "{certificates}");
        world.every_way("https", &server, OWN, refuses("client certificate"));
    }
}

#[test]
fn a_self_signed_server_is_trusted_once_it_is_named() {
    let world = World::new();
    for shown in [Shown::SelfSignedAuthority, Shown::SelfSigned] {
        let leaf: Leaf = world.authority.server(shown);
        let server = endpoint(Some(server_config(&leaf, BOTH, &Wants::Nothing)));
        world.every_way("https", &server, &format!("{OWN}ca_pem = \"\"\"\n{}\"\"\"\n", leaf.pem), streams);
    }
}

#[test]
fn the_least_tls_version_holds() {
    let world = World::new();
    let old = server_config(&world.authority.server(Shown::Good), &[&rustls::version::TLS12], &Wants::Nothing);
    let server = endpoint(Some(old));
    world.every_way("https", &server, OWN, streams);
    let good = |name: &str, code: Option<i32>, result: &Value| {
        // The fixture of the proxy speaks both, the endpoint does not.
        refuses("min_tls")(name, code, result)
    };
    world.every_way("https", &server, &format!("{OWN}min_tls = \"1.3\"\n"), good);
    let new = server_config(&world.authority.server(Shown::Good), &[&rustls::version::TLS13], &Wants::Nothing);
    world.every_way("https", &endpoint(Some(new)), &format!("{OWN}min_tls = \"1.3\"\n"), streams);
}
