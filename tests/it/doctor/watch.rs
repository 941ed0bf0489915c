//! The watch: one line a probe, and an end at the first failure where that is asked for.

use serde_json::Value;

use super::servers::{Endpoint, Quirk};
use super::trusting;
use crate::support::pki::{Authority, Shown, Wants};

fn lines(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

#[test]
fn each_probe_is_a_line_and_makes_no_call() {
    let authority = Authority::new("corp");
    let endpoint = Endpoint::start_tls(Quirk::None, &authority.server(Shown::RunsOut), &Wants::Nothing);
    let home = trusting(endpoint.home(""), &authority);
    let ran = home.run(&["watch", "--count", "2", "--every", "1s", "--json"]).ok();
    let probes = lines(&ran.out);
    assert_eq!(probes.len(), 2, "{}", ran.out);
    for probe in probes {
        assert_eq!((&probe["connector"], &probe["verdict"]), (&Value::from("x"), &Value::from("warning")), "{probe:#}");
        assert!(probe["first_byte_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{probe:#}");
        assert!(probe["certificate_days_left"].as_i64().is_some_and(|days| (3..=5).contains(&days)), "{probe:#}");
        assert_eq!(probe["rate_limit_remaining"]["requests"], 41, "{probe:#}");
    }
    let runs = home.run(&["events", "--json"]).ok().json();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(0), "{runs:#}");
    let told = home.run(&["watch", "x", "--count", "1"]).ok().out;
    assert!(told.contains("first byte ") && told.contains("41 requests left"), "{told}");
}

#[test]
fn it_ends_at_the_first_failure_with_the_code_of_its_kind() {
    let home = super::servers::home("http://localhost:9/v1", "");
    let ran = home.run(&["watch", "--until-failure", "--json"]);
    assert_eq!(ran.code, Some(3), "{}{}", ran.out, ran.err);
    let probe = &lines(&ran.out)[0];
    assert_eq!((&probe["stage"], &probe["kind"]), (&Value::from("tcp"), &Value::from("connect")), "{probe:#}");
    assert!(probe["cause"].is_string() && probe["fix"].is_string());
}

#[test]
fn a_call_is_made_by_choice_alone_and_recorded_as_a_watch() {
    let home = Endpoint::start(Quirk::None).home("");
    home.run(&["watch", "x", "--count", "1", "--calls"]).ok();
    let runs = home.run(&["events", "--json"]).ok().json();
    let sources: Vec<_> = runs["runs"].as_array().expect("runs").iter().map(|run| run["source"].clone()).collect();
    assert_eq!(sources, ["watch", "watch"]);
    let nothing = home.run(&["watch", "nobody"]);
    assert_eq!(nothing.code, Some(2), "{}", nothing.err);
}
