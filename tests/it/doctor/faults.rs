//! The table of faults: what is broken, and what the doctor is to say of it.

use super::proxies;
use super::servers::{Endpoint, Quirk, home, serve};
use super::{Case, Expected, all_hold, trusting};
use crate::support::pki::{Authority, Shown, Wants};
use crate::support::{Home, Sandbox};

type Told = (&'static str, &'static str, i32, &'static str, &'static str);

fn case(name: &'static str, home: Home, (stage, kind, exit, cause, fix): Told) -> Case {
    Case { name, home, expected: Expected { stage, kind, exit, cause, fix } }
}

/// A port where nobody listens.
fn closed() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

fn through(proxy: &str, more: &str) -> String {
    format!("network = {{ proxy = \"{proxy}\", connect_timeout = \"2s\"{more} }}\n")
}

#[test]
fn faults_of_names_and_connections() {
    let nothing = format!("http://localhost:{}/v1", closed());
    let authority = Authority::new("corp");
    let secure = Endpoint::start_tls(Quirk::None, &authority.server(Shown::Good), &Wants::Nothing);
    let plain = Endpoint::start(Quirk::None);
    let resets = serve(drop);
    let silent =
        // It takes what comes, and keeps the connection.
        serve(|socket| drop(std::io::copy(&mut &socket, &mut std::io::sink())));
    let hurried = "network = { connect_timeout = \"500ms\" }\n";
    let silent = format!("https://localhost:{silent}/v1");
    let resets = format!("https://localhost:{resets}/v1");
    all_hold(&[
        case(
            "dns",
            home("http://nothing.invalid/v1", ""),
            ("dns", "dns", 3, "nothing.invalid did not resolve", "url: [connectors.x] of "),
        ),
        case(
            "refused",
            home(&nothing, ""),
            ("tcp", "connect", 3, "refused the connection (127.0.0.1:", "nothing listens on localhost:"),
        ),
        case(
            "reset",
            home(&resets, ""),
            ("tls", "tls", 3, "in the middle of the TLS handshake", "check scheme, host and port"),
        ),
        case(
            "hang-up",
            Endpoint::start(Quirk::Hangs).home(""),
            ("http", "stream-cut", 5, "closed the connection without an answer", "https://"),
        ),
        case(
            "https to http",
            home(&plain.base().replace("http:", "https:"), hurried),
            ("tls", "timeout", 6, "did not answer the TLS handshake", "write http:// in url"),
        ),
        case(
            "http to https",
            home(&secure.base().replace("https:", "http:"), ""),
            ("http", "malformed", 5, "does not answer in HTTP", "https://"),
        ),
        case(
            "silent",
            home(&silent, hurried),
            ("tls", "timeout", 6, "did not answer the TLS handshake within 500ms", "write http:// in url"),
        ),
    ]);
}

#[test]
fn faults_of_proxies() {
    let authority = Authority::new("corp");
    let secure = Endpoint::start_tls(Quirk::None, &authority.server(Shown::Good), &Wants::Nothing);
    let plain = Endpoint::start(Quirk::None);
    let at = |port: u16| format!("http://127.0.0.1:{port}");
    let https = |network: &str| trusting(secure.home(network), &authority);
    let wants = proxies::wants_login();
    let wrong = ", proxy_user = \"u\", proxy_password = \"env:WRONG\"";
    let down = closed();
    all_hold(&[
        case(
            "proxy down",
            https(&through(&at(down), "")),
            ("tcp", "proxy", 3, "the proxy http://127.0.0.1:", "(proxy: [connectors.x.network], config.toml:"),
        ),
        case(
            "proxy login missing",
            https(&through(&at(wants), "")),
            (
                "proxy",
                "proxy",
                3,
                "answers 407",
                "set proxy_user, and proxy_password to a secret reference (proxy_user: [connectors.x.network] of ",
            ),
        ),
        case(
            "proxy login wrong",
            https(&through(&at(wants), wrong)).set("WRONG", "nope"),
            (
                "proxy",
                "proxy",
                3,
                "answers 407",
                "check proxy_user and what proxy_password refers to (proxy_user: [connectors.x.network], config.toml:",
            ),
        ),
        case(
            "proxy login wrong, http",
            plain.home(&through(&at(wants), wrong)).set("WRONG", "nope"),
            ("proxy", "proxy", 3, "the proxy 127.0.0.1", "check proxy_user"),
        ),
        case(
            "proxy denies",
            https(&through(&at(proxies::denying()), "")),
            ("proxy", "proxy", 3, "403 Forbidden, ERR_ACCESS_DENIED 0", "proxy_bypass_hosts"),
        ),
        case(
            "proxy answers itself",
            plain.home(&through(&at(proxies::answering()), "")),
            (
                "proxy",
                "proxy",
                3,
                "answers itself, not the endpoint: 503 (\"Gateway of Corp\")",
                "check host and port of url",
            ),
        ),
    ]);
}

#[test]
fn faults_of_kinds_of_proxies() {
    let authority = Authority::new("corp");
    let secure = Endpoint::start_tls(Quirk::None, &authority.server(Shown::Good), &Wants::Nothing);
    let https = |network: &str| trusting(secure.home(network), &authority);
    let at = |port: u16| format!("http://127.0.0.1:{port}");
    all_hold(&[
        case(
            "SOCKS refuses",
            https(&through(&format!("socks5h://127.0.0.1:{}", proxies::socks(5)), "")),
            ("proxy", "proxy", 3, "connection refused (reply 5)", "nothing listens there"),
        ),
        case(
            "SOCKS forbids",
            https(&through(&format!("socks5h://127.0.0.1:{}", proxies::socks(2)), "")),
            ("proxy", "proxy", 3, "rules do not allow it (reply 2)", "ask whoever runs the proxy"),
        ),
        case(
            "HTTP to a SOCKS port",
            https(&through(&at(proxies::socks(0)), "")),
            ("proxy", "proxy", 3, "answers in SOCKS", "write socks5:// in proxy"),
        ),
        case(
            "proxy's name",
            https(&through("http://nothing.invalid:3128", "")),
            ("dns", "dns", 3, "the proxy's name nothing.invalid did not resolve", "(proxy: "),
        ),
    ]);
}

#[test]
fn faults_of_certificates() {
    let (authority, clients) = (Authority::new("corp"), Authority::new("clients"));
    let served = |shown| {
        let endpoint = Endpoint::start_tls(Quirk::None, &authority.server(shown), &Wants::Nothing);
        trusting(endpoint.home(""), &authority)
    };
    let guarded = Endpoint::start_tls(Quirk::None, &authority.server(Shown::Good), &Wants::CertificateOf(&clients));
    let strange = trusting(guarded.home("network = { client_cert = \"client.pem\" }\n"), &authority);
    let client = Authority::new("stranger").client();
    let file = strange.path().join("client.pem");
    std::fs::write(&file, format!("{}{}", client.pem, client.key_pem())).expect("written");
    let text = strange.text().replace("client.pem", &file.display().to_string());
    strange.write(&text);
    let lost = guarded.home("network = { client_cert = \"/nowhere/client.pem\" }\n");
    let guarded = trusting(guarded.home(""), &authority);
    all_hold(&[
        case("expired", served(Shown::Expired), ("tls", "tls", 3, "expired", "renew it, or set this machine's clock")),
        case("of the future", served(Shown::NotYetValid), ("tls", "tls", 3, "starts to be valid only in", "clock")),
        case(
            "wrong name",
            served(Shown::WrongHost),
            ("tls", "tls", 3, "is not for localhost; it names elsewhere.example", "write one of these names in url"),
        ),
        case(
            "unknown issuer",
            served(Shown::UnknownAuthority),
            (
                "tls",
                "tls",
                3,
                "was issued by \"nobody knows it\"",
                "add the certificate of \"nobody knows it\" to ca_files",
            ),
        ),
        case(
            "self-signed",
            served(Shown::SelfSignedAuthority),
            ("tls", "tls", 3, "is self-signed", "(ca_files: [connectors.x.network] of "),
        ),
        case(
            "client certificate missing",
            guarded,
            (
                "tls",
                "tls",
                3,
                "asks for a client certificate, and there is none to send",
                "set client_cert and client_key",
            ),
        ),
        case(
            "client certificate wrong",
            strange,
            ("tls", "tls", 3, "does not accept the client certificate", "give client_cert a certificate"),
        ),
        case("client certificate lost", lost, ("policy", "config", 2, "/nowhere/client.pem", "")),
    ]);
}

#[test]
fn faults_of_policy_and_keys() {
    let sandbox = Sandbox::start(&Home::new(), &[]);
    let of = |more: &str| Home::with(&format!("{}{more}", sandbox.connector("x", "m")));
    let allowed = of("[network]\nallowed_hosts = [\"*.corp.example\"]\n").set("SANDBOX_KEY", "sandbox-key");
    let azure = format!(
        "[connectors.x]\nname = \"x\"\nprovider = \"azure-openai\"\nurl = \"{}/openai/deployments/gpt/chat/completions?api-version=2024-10-21\"\napi_key = \"env:SANDBOX_KEY\"\n",
        sandbox.origin()
    );
    let none = sandbox.connector("x", "m").replace("api_key", "#api_key");
    all_hold(&[
        case(
            "host not allowed",
            allowed,
            ("policy", "policy", 2, "is not among the allowed hosts", "allowed_hosts: [network], config.toml:"),
        ),
        case("key missing", of(""), ("secrets", "secret", 2, "SANDBOX_KEY", "export SANDBOX_KEY")),
        case("no key", Home::with(&none), ("auth", "auth", 4, "401", "set api_key")),
        case(
            "key wrong",
            of("").set("SANDBOX_KEY", "another-key"),
            ("auth", "auth", 4, "Incorrect API key", "check the key in env:SANDBOX_KEY"),
        ),
        case(
            "key of another kind",
            Home::with(&azure).set("SANDBOX_KEY", "sk-proj-1234567890"),
            ("auth", "auth", 4, "looks like a key of OpenAI", "use a key of the Azure resource"),
        ),
    ]);
}

#[test]
fn faults_of_paths_and_models() {
    let sandbox = Sandbox::start(&Home::new(), &[]);
    let set = |text: String| Home::with(&text).set("SANDBOX_KEY", "sandbox-key");
    let of = |model: &str| sandbox.connector("x", model);
    let azure = |origin: &str, deployment: &str| {
        format!(
            "[connectors.x]\nname = \"x\"\nprovider = \"azure-openai\"\nurl = \"{origin}/openai/deployments/{deployment}/chat/completions?api-version=2024-10-21\"\napi_key = \"env:SANDBOX_KEY\"\n"
        )
    };
    let old = Endpoint::start(Quirk::OldVersion).base().replace("/v1", "");
    all_hold(&[
        case(
            "wrong path",
            set(of("m").replace("/v1\"", "/v2\"")),
            ("http", "not-found", 5, "something answers, but not at this path", "/v1 (url: "),
        ),
        case(
            "wrong deployment",
            set(azure(sandbox.origin(), "not-found")),
            (
                "models",
                "not-found",
                5,
                "resource, key and api-version are good, but there is no deployment \"not-found\"",
                "the deployment's own name",
            ),
        ),
        case(
            "wrong api-version",
            set(azure(&old, "gpt")),
            ("http", "not-found", 5, "api-version 2024-10-21 is unknown here", "check its host"),
        ),
        case(
            "unknown model",
            set(of("not-found")),
            ("models", "not-found", 5, "there is no such model", "set default_model to one of the list"),
        ),
        case(
            "web page",
            Endpoint::start(Quirk::Page).home(""),
            ("http", "malformed", 5, "a web page answers instead of the API", "url: "),
        ),
        case(
            "redirect",
            Endpoint::start(Quirk::Redirects).home(""),
            ("http", "not-found", 5, "redirects (302) to https://login.example", "make it the connector's URL"),
        ),
    ]);
}

#[test]
fn faults_of_calls_and_streams() {
    let sandbox = Sandbox::start(&Home::new(), &[]);
    let of = |model: &str| Home::with(&sandbox.connector("x", model)).set("SANDBOX_KEY", "sandbox-key");
    let hurried = "network = { idle_timeout = \"300ms\" }\n";
    all_hold(&[
        case("rate limit", of("rate-limit"), ("call", "rate-limit", 5, "429", "wait 2 s")),
        case("quota", of("quota"), ("call", "quota", 5, "quota", "check the balance, quota and billing")),
        case("server error", of("server-error"), ("call", "server", 5, "500", "run again")),
        case(
            "content filter",
            of("content-filter"),
            ("call", "content-filter", 5, "content filter", "change the prompt"),
        ),
        case(
            "stalled stream",
            Endpoint::start(Quirk::Stalls).home(hurried),
            ("stream", "timeout", 6, "fell silent for 300ms", "(idle_timeout: [connectors.x.network], config.toml:"),
        ),
        case("cut stream", Endpoint::start(Quirk::Cuts).home(""), ("stream", "stream-cut", 5, "", "")),
    ]);
}
