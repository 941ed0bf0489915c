//! Every way through a proxy to every kind of TLS: each streams, or fails as it should.

use serde_json::Value;

use super::certificates::Certificates;
use super::programs::{self, Nginx, PASSWORD, Program, Site, Squid, USER};
use crate::support::{Home, Sandbox};

/// What a cell is expected to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Streams,
    /// Fails with this kind of error.
    Fails(&'static str),
}
use Expected::{Fails, Streams};

/// One cell of a row: a connector to a site, with its share of a network policy.
struct Cell {
    id: &'static str,
    site: Site,
    policy: String,
    expected: Expected,
}

fn cell(id: &'static str, site: Site, policy: impl Into<String>, expected: Expected) -> Cell {
    Cell { id, site, policy: policy.into(), expected }
}

/// The columns: plain, full, certificate, none, own CA, mutual TLS, each as it should be and as it should not.
fn columns(certificates: &Certificates) -> Vec<Cell> {
    let mode = |mode: &str| format!("verification_mode = \"{mode}\"\n");
    let client = |name: &str| {
        format!("client_cert = \"{}\"\nclient_key = \"{}\"\n", certificates.pem(name), certificates.key(name))
    };
    let corp = format!("ca_files = [\"{}\"]\n", certificates.pem("corp-ca"));
    // Without the system's store, a proxy behind TLS needs its own authority named too.
    let (own, public) = (certificates.pem("corp-ca"), certificates.pem("public-ca"));
    let alone = format!("ca_mode = \"replace\"\nca_files = [\"{own}\", \"{public}\"]\n");
    vec![
        cell("plain", Site::Plain, "", Streams),
        cell("full", Site::Tls("good"), "", Streams),
        cell("full-rsa", Site::Tls("rsa"), "", Streams),
        cell("full-tls12", Site::Version("TLSv1.2"), "", Streams),
        cell("full-tls13", Site::Version("TLSv1.3"), "min_tls = \"1.3\"\n", Streams),
        cell("full-too-old", Site::Version("TLSv1.2"), "min_tls = \"1.3\"\n", Fails("tls")),
        cell("full-wrong-host", Site::Tls("wrong-host"), "", Fails("tls")),
        cell("full-expired", Site::Tls("expired"), "", Fails("tls")),
        cell("full-future", Site::Tls("future"), "", Fails("tls")),
        cell("full-self-signed", Site::Tls("self-signed"), "", Fails("tls")),
        cell("full-unknown", Site::Tls("unknown"), "", Fails("tls")),
        cell("certificate", Site::Tls("wrong-host"), mode("certificate"), Streams),
        cell("certificate-unknown", Site::Tls("unknown"), mode("certificate"), Fails("tls")),
        cell("certificate-expired", Site::Tls("expired"), mode("certificate"), Fails("tls")),
        cell("none-unknown", Site::Tls("unknown"), mode("none"), Streams),
        cell("none-expired", Site::Tls("expired"), mode("none"), Streams),
        cell("none-self-signed", Site::Tls("self-signed"), mode("none"), Streams),
        cell("own-ca", Site::Tls("corp"), corp.clone(), Streams),
        cell("own-ca-alone", Site::Tls("corp"), alone, Streams),
        cell("own-ca-missing", Site::Tls("corp"), "", Fails("tls")),
        cell("mutual", Site::Mutual, client("client"), Streams),
    ]
}

/// A row: how requests leave, and what the policy says for it.
struct Row {
    proxy: Option<Program>,
    policy: String,
}

impl Row {
    fn direct() -> Self {
        Self { proxy: None, policy: "proxy = \"none\"\n".to_owned() }
    }

    fn through(proxy: Program, scheme: &str, credentials: &str) -> Self {
        let policy = format!("proxy = \"{scheme}://localhost:{}\"\n{credentials}", proxy.port());
        Self { proxy: Some(proxy), policy }
    }
}

/// The stage on which everything plays: certificates, the sandbox, nginx before it.
struct Ground {
    place: tempfile::TempDir,
    certificates: Certificates,
    nginx: Nginx,
    sandbox: Sandbox,
}

impl Ground {
    fn new() -> Option<Self> {
        let place = tempfile::tempdir().expect("a temporary directory");
        // Squid gives up its rights and must still read what lies here.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(place.path(), open).expect("the directory is opened");
        let certificates = Certificates::issue(place.path());
        let sandbox = Sandbox::start(&Home::new(), &[]);
        let nginx = programs::nginx(place.path(), sandbox.origin(), &certificates)?;
        Some(Self { place, certificates, nginx, sandbox })
    }

    /// A home with a connector for each cell. The system's trust store knows `public-ca` alone.
    fn home(&self, row: &Row, cells: &[Cell]) -> Home {
        let connectors: Vec<String> = cells.iter().map(|cell| self.connector(row, cell)).collect();
        Home::with(&connectors.concat())
            .set("SANDBOX_KEY", "sandbox-key")
            .set("PROXY_PASSWORD", PASSWORD)
            .set("SSL_CERT_FILE", &self.certificates.pem("public-ca"))
    }

    fn connector(&self, row: &Row, cell: &Cell) -> String {
        format!(
            "[connectors.{id}]\nname = \"{id}\"\nprovider = \"other\"\nurl = \"{}\"\ndefault_model = \"sandbox-model\"\n\
            api_key = \"env:SANDBOX_KEY\"\n[connectors.{id}.network]\n{}{}\n",
            self.nginx.base(cell.site),
            row.policy,
            cell.policy,
            id = cell.id
        )
    }
}

/// What became of one cell; `None` where it did as expected.
fn wrong(home: &Home, cell: &Cell) -> Option<String> {
    let ran = home.run(&["test", cell.id, "--json"]);
    let result = ran.json();
    let found = found(&result);
    let text = result["text"].as_str().unwrap_or_default();
    let right = match cell.expected {
        Streams => found == "ok" && !text.is_empty(),
        Fails(kind) => found == kind,
    };
    if !right {
        return Some(format!("{}: expected {:?}, found {found}: {}", cell.id, cell.expected, result["error"]));
    }
    // The doctor must not tell another story.
    let examined = home.run(&["doctor", cell.id, "--json"]);
    let document = examined.json();
    let failed = document["stages"].as_array().into_iter().flatten().find(|stage| stage["status"] == "failed");
    let told = failed.and_then(|stage| stage["kind"].as_str()).unwrap_or("ok");
    let same = (examined.code, told) == (ran.code, found.as_str());
    (!same).then(|| format!("{}: a run tells {found} ({:?}), the doctor {told}: {document}", cell.id, ran.code))
}

fn found(result: &Value) -> String {
    match result["status"].as_str() {
        Some("error") => result["error"]["kind"].as_str().unwrap_or("?").to_owned(),
        status => status.unwrap_or("?").to_owned(),
    }
}

/// Plays every column through one row and tells all that went wrong at once.
fn play(ground: &Ground, row: &Row) {
    let cells = columns(&ground.certificates);
    let home = ground.home(row, &cells);
    let wrong: Vec<String> = cells.iter().filter_map(|cell| wrong(&home, cell)).collect();
    assert!(wrong.is_empty(), "{}\n{}", row.policy, wrong.join("\n"));
}

#[test]
fn without_a_proxy() {
    let Some(ground) = Ground::new() else { return };
    play(&ground, &Row::direct());
}

#[test]
fn through_an_open_http_proxy() {
    let Some(ground) = Ground::new() else { return };
    let Some(squid) = programs::squid(ground.place.path(), Squid::Open, &ground.certificates) else { return };
    play(&ground, &Row::through(squid, "http", ""));
    let log = std::fs::read_to_string(ground.place.path().join("squid.log")).expect("the log is read");
    let tunnel = format!("CONNECT localhost:{}", ground.nginx.port(Site::Tls("good")));
    let plain = format!("POST http://localhost:{}/v1/chat/completions", ground.nginx.port(Site::Plain));
    assert!(log.contains(&tunnel) && log.contains(&plain), "requests went past the proxy: {log}");
}

const CREDENTIALS: &str = "proxy_user = \"svc\"\nproxy_password = \"env:PROXY_PASSWORD\"\n";

#[test]
fn through_an_http_proxy_that_asks_who_is_there() {
    let Some(ground) = Ground::new() else { return };
    let Some(squid) = programs::squid(ground.place.path(), Squid::Basic, &ground.certificates) else { return };
    let port = squid.port();
    play(&ground, &Row::through(squid, "http", CREDENTIALS));
    for policy in ["", "proxy_user = \"svc\"\nproxy_password = \"env:SANDBOX_KEY\"\n"] {
        let row = Row { proxy: None, policy: format!("proxy = \"http://localhost:{port}\"\n{policy}") };
        refuse(&ground, &row);
    }
}

/// Neither a plain nor a tunnelled request gets through, and both say that it was the proxy.
fn refuse(ground: &Ground, row: &Row) {
    let cells = [cell("plain", Site::Plain, "", Fails("proxy")), cell("full", Site::Tls("good"), "", Fails("proxy"))];
    let home = ground.home(row, &cells);
    let wrong: Vec<String> = cells.iter().filter_map(|cell| wrong(&home, cell)).collect();
    assert!(wrong.is_empty(), "{}\n{}", row.policy, wrong.join("\n"));
}

#[test]
fn through_another_http_proxy_that_asks() {
    let Some(ground) = Ground::new() else { return };
    let Some(tinyproxy) = programs::tinyproxy(ground.place.path(), USER, "sandbox-key") else { return };
    let credentials = "proxy_user = \"svc\"\nproxy_password = \"env:SANDBOX_KEY\"\n";
    play(&ground, &Row::through(tinyproxy, "http", credentials));
}

#[test]
fn through_a_proxy_behind_tls() {
    let Some(ground) = Ground::new() else { return };
    let Some(squid) = programs::squid(ground.place.path(), Squid::Tls, &ground.certificates) else { return };
    play(&ground, &Row::through(squid, "https", ""));
}

#[test]
fn through_a_socks_proxy() {
    let Some(ground) = Ground::new() else { return };
    let Some(open) = programs::microsocks(None) else { return };
    play(&ground, &Row::through(open, "socks5", ""));
    let Some(locked) = programs::microsocks(Some((USER, PASSWORD))) else { return };
    let row = Row::through(locked, "socks5h", CREDENTIALS);
    play(&ground, &row);
    let port = row.proxy.as_ref().map_or(0, Program::port);
    refuse(&ground, &Row { proxy: None, policy: format!("proxy = \"socks5h://localhost:{port}\"\n") });
}

#[test]
fn a_proxy_that_is_down_is_told_apart_from_the_endpoint() {
    let Some(ground) = Ground::new() else { return };
    for scheme in ["http", "https", "socks5"] {
        let policy = format!("proxy = \"{scheme}://localhost:{}\"\n", programs::free_port());
        refuse(&ground, &Row { proxy: None, policy });
    }
}

#[test]
fn a_client_certificate_that_is_missing_or_a_strangers_is_told_as_such() {
    let Some(ground) = Ground::new() else { return };
    let upstream = ground.sandbox.origin().trim_start_matches("http://").to_owned();
    let Some(stunnel) = programs::stunnel(ground.place.path(), &upstream, &ground.certificates) else { return };
    let gateway = format!("https://localhost:{}/v1", stunnel.port());
    let connector = |id: &str, url: &str, policy: &str| {
        format!(
            "[connectors.{id}]\nname = \"{id}\"\nprovider = \"other\"\nurl = \"{url}\"\ndefault_model = \"m\"\n\
            api_key = \"env:SANDBOX_KEY\"\n[connectors.{id}.network]\n{policy}"
        )
    };
    let client = |name: &str| {
        let (cert, key) = (ground.certificates.pem(name), ground.certificates.key(name));
        format!("client_cert = \"{cert}\"\nclient_key = \"{key}\"\n")
    };
    let nginx = ground.nginx.base(Site::Mutual);
    let home = Home::with(
        &[
            connector("alert", &gateway, ""),
            connector("alert-stranger", &gateway, &client("stranger")),
            connector("alert-known", &gateway, &client("client")),
            connector("page", &nginx, ""),
            connector("page-stranger", &nginx, &client("stranger")),
        ]
        .concat(),
    )
    .set("SANDBOX_KEY", "sandbox-key")
    .set("SSL_CERT_FILE", &ground.certificates.pem("public-ca"));
    assert_eq!(found(&home.run(&["test", "alert-known", "--json"]).json()), "ok");
    for id in ["alert", "alert-stranger", "page", "page-stranger"] {
        let result = home.run(&["test", id, "--json"]).json();
        let error = &result["error"];
        let words = format!("{} {}", error["message"], error["hint"]);
        assert_eq!(error["kind"], "tls", "{id}: {error}");
        assert!(words.contains("client certificate") || words.contains("client_cert"), "{id}: {error}");
    }
}
