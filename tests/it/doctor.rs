//! The doctor against seeded faults: its document names the stage, the cause and the fix.

mod faults;
mod proxies;
mod servers;
mod watch;

use serde_json::Value;

use crate::support::pki::{Authority, Shown, Wants};
use crate::support::{Home, Ran, Sandbox};
use servers::{Endpoint, Quirk};

/// What the document is to say.
struct Expected {
    stage: &'static str,
    kind: &'static str,
    exit: i32,
    cause: &'static str,
    fix: &'static str,
}

/// One fault, seeded.
struct Case {
    name: &'static str,
    home: Home,
    expected: Expected,
}

/// The home, with the authority in the place of the system's.
fn trusting(home: Home, authority: &Authority) -> Home {
    let file = home.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).expect("written");
    home.set("SSL_CERT_FILE", &file.display().to_string())
}

fn examine(home: &Home) -> (Ran, Value) {
    let ran = home.run(&["doctor", "x", "--json"]);
    let document = ran.json();
    (ran, document)
}

fn stage<'a>(document: &'a Value, name: &str) -> &'a Value {
    let stages = document["stages"].as_array().expect("stages");
    stages.iter().find(|stage| stage["stage"] == name).unwrap_or_else(|| panic!("{name} in {document:#}"))
}

fn holds(case: &Case) -> Result<(), String> {
    let (ran, document) = examine(&case.home);
    let Expected { stage: name, kind, exit, cause, fix } = &case.expected;
    let stages = document["stages"].as_array().expect("stages");
    let failed = stages.iter().find(|stage| stage["status"] == "failed");
    let Some(failed) = failed else { return Err(format!("{}: nothing failed: {document:#}", case.name)) };
    let text = |key: &str| failed[key].as_str().unwrap_or_default().to_owned();
    let is_told = text("stage") == *name && text("kind") == *kind;
    let is_explained = text("cause").contains(cause) && text("fix").contains(fix);
    if !is_told || !is_explained || ran.code != Some(*exit) || document["verdict"] != "failed" {
        return Err(format!("{}: exit {:?}: {failed:#}", case.name, ran.code));
    }
    let at = stages.iter().position(|stage| stage["status"] == "failed").unwrap_or_default();
    let later = stages.iter().skip(at + 1).filter(|stage| stage["status"] == "skipped");
    if later.clone().any(|stage| stage["detail"].as_str().is_none_or(str::is_empty)) {
        return Err(format!("{}: a stage that was not reached does not say why: {document:#}", case.name));
    }
    Ok(())
}

/// Every fault is examined, and all that are told wrongly are told at once.
fn all_hold(cases: &[Case]) {
    let wrong: Vec<String> = cases.iter().filter_map(|case| holds(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {} faults:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_stages_are_told_in_order_and_a_good_connector_is_well() {
    let endpoint = Endpoint::start(Quirk::None);
    let home = endpoint.home("");
    let (ran, document) = examine(&home);
    assert_eq!((ran.code, &document["verdict"]), (Some(0), &Value::from("ok")), "{document:#}");
    let names: Vec<_> =
        document["stages"].as_array().expect("stages").iter().map(|stage| stage["stage"].clone()).collect();
    let expected = [
        "config", "secrets", "policy", "dns", "tcp", "proxy", "tls", "http", "auth", "models", "call", "stream",
        "usage",
    ];
    assert_eq!(names, expected);
    assert_eq!(document["connector"], "x");
    assert!(document["without_proxy"].is_null() && document["proxy"].is_null());
    let events = home.run(&["events", "--json"]).ok().json();
    let events = events["runs"].as_array().expect("runs").clone();
    assert_eq!(events.len(), 2, "both calls are recorded: {events:#?}");
    assert!(events.iter().all(|event| event["source"] == "doctor"), "{events:#?}");
}

#[test]
fn the_text_is_told_stage_by_stage_with_the_verdict_last() {
    let sandbox = Sandbox::start(&Home::new(), &[]);
    let home = Home::with(&sandbox.connector("x", "not-found")).set("SANDBOX_KEY", "sandbox-key");
    let ran = home.run(&["doctor", "x"]);
    assert_eq!(ran.code, Some(5), "{}{}", ran.out, ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines.first().is_some_and(|line| line.starts_with("config   ok")), "{}", ran.out);
    assert_eq!(lines.last(), Some(&"x: failed at models"));
    assert!(ran.out.contains("         cause: there is no such model"), "{}", ran.out);
    assert!(ran.out.contains("         fix:   set default_model to one of the list"), "{}", ran.out);
}

#[test]
fn a_warning_is_no_failure() {
    for (quirk, name, cause) in [
        (Quirk::NoUsage, "usage", "the server never reports its tokens"),
        (Quirk::Buffered, "stream", "the whole stream came at once"),
        (Quirk::OnePiece, "stream", "the server answers a streamed call in one piece"),
    ] {
        let endpoint = Endpoint::start(quirk);
        let (ran, document) = examine(&endpoint.home(""));
        assert_eq!((ran.code, &document["verdict"]), (Some(0), &Value::from("warning")), "{document:#}");
        let told = stage(&document, name);
        assert_eq!(told["status"], "warning", "{document:#}");
        assert!(told["cause"].as_str().is_some_and(|told| told.contains(cause)), "{told:#}");
        assert!(told["fix"].is_string(), "{told:#}");
    }
}

#[test]
fn a_certificate_that_runs_out_soon_is_worth_a_word() {
    let authority = Authority::new("corp");
    let endpoint = Endpoint::start_tls(Quirk::None, &authority.server(Shown::RunsOut), &Wants::Nothing);
    let (ran, document) = examine(&trusting(endpoint.home(""), &authority));
    assert_eq!(ran.code, Some(0), "{document:#}");
    let tls = stage(&document, "tls");
    assert_eq!(tls["status"], "warning");
    assert!(tls["cause"].as_str().is_some_and(|cause| cause.starts_with("the certificate has ")), "{tls:#}");
}

#[test]
fn the_proxy_is_told_to_be_to_blame_or_not() {
    let endpoint = Endpoint::start(Quirk::None);
    let said = |proxy: &str| {
        let (_, document) = examine(&endpoint.home(&format!("network = {{ proxy = \"{proxy}\" }}\n")));
        (document["proxy"].as_str().unwrap_or_default().to_owned(), document)
    };
    let (text, document) = said(&format!("http://127.0.0.1:{}", proxies::buffering()));
    assert_eq!(stage(&document, "stream")["status"], "warning", "{document:#}");
    assert!(text.starts_with("the proxy is to blame for the stream"), "{text}");
    let (text, document) = said(&format!("http://127.0.0.1:{}", proxies::forwarding()));
    assert_eq!(document["verdict"], "ok", "{document:#}");
    assert!(text.starts_with("the proxy is not to blame for anything"), "{text}");
    let (text, document) = said(&format!("http://127.0.0.1:{}", proxies::answering()));
    assert_eq!(document["without_proxy"]["verdict"], "ok", "{document:#}");
    assert!(text.starts_with("the proxy is to blame: proxy fails through it"), "{text}");
}

#[test]
fn one_flag_leaves_the_proxy_out() {
    let endpoint = Endpoint::start(Quirk::None);
    let home = endpoint.home("network = { proxy = \"http://127.0.0.1:9\" }\n");
    let ran = home.run(&["doctor", "x", "--without-proxy", "--json"]).ok();
    let document = ran.json();
    assert_eq!(document["verdict"], "ok", "{document:#}");
    assert!(document["without_proxy"].is_null());
    assert_eq!(stage(&document, "proxy")["status"], "skipped");
}

#[test]
fn no_secret_is_in_a_report() {
    let secrets = ["sk-canary-key-0001", "canary-proxy-password", "canary-header-value"];
    let endpoint = Endpoint::start(Quirk::RepeatsKey);
    let proxy = proxies::wants_login();
    let network = format!(
        "headers = {{ x-gw-key = \"env:HEADER\" }}\nnetwork = {{ proxy = \"http://127.0.0.1:{proxy}\", proxy_user = \"u\", proxy_password = \"env:PASSWORD\" }}\n"
    );
    let home = endpoint.home(&network).set("KEY", secrets[0]).set("PASSWORD", secrets[1]).set("HEADER", secrets[2]);
    for arguments in [&["doctor", "x"][..], &["doctor", "x", "--json"], &["doctor", "x", "--without-proxy"]] {
        let ran = home.run(arguments);
        for secret in secrets {
            assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{secret} in {}{}", ran.out, ran.err);
        }
    }
}
