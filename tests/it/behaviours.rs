//! Each behaviour of the sandbox, through `switchboard test`: status, error kind, exit code.

use serde_json::Value;

use crate::support::{Home, Sandbox};

fn home() -> Home {
    Home::new().set("SANDBOX_KEY", "sandbox-key")
}

struct Expected {
    model: &'static str,
    status: &'static str,
    kind: Option<&'static str>,
    code: i32,
}

const fn ok(model: &'static str) -> Expected {
    Expected { model, status: "ok", kind: None, code: 0 }
}

const fn fails(model: &'static str, kind: &'static str, code: i32) -> Expected {
    Expected { model, status: "error", kind: Some(kind), code }
}

const BEHAVIOURS: [Expected; 18] = [
    ok("sandbox-model"),
    ok("reasoning"),
    ok("tools"),
    ok("refusal"),
    ok("unicode"),
    ok("no-usage"),
    ok("no-done"),
    ok("burst"),
    ok("malformed"),
    ok("hostile"),
    fails("rate-limit", "rate-limit", 5),
    fails("quota", "quota", 5),
    fails("unauthorized", "auth", 4),
    fails("not-found", "not-found", 5),
    fails("server-error", "server", 5),
    fails("context-length", "context-length", 5),
    fails("content-filter", "content-filter", 5),
    fails("cut", "stream-cut", 5),
];

#[test]
fn each_behaviour_ends_as_documented_on_each_endpoint() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    for path in ["/chat/completions", "/completions", "/responses"] {
        let connector = |expected: &Expected| {
            sandbox.connector(expected.model, expected.model).replace(&sandbox.base, &format!("{}{path}", sandbox.base))
        };
        home.write(&BEHAVIOURS.iter().map(connector).collect::<String>());
        for expected in &BEHAVIOURS {
            let ran = home.run(&["test", expected.model, "--json"]);
            let result = ran.json();
            let what = format!("{path} {}: {result}", expected.model);
            assert_eq!(result["status"], expected.status, "{what}");
            assert_eq!(result["error"]["kind"].as_str(), expected.kind, "{what}");
            assert_eq!(ran.code, Some(expected.code), "{what}");
            shape_is_the_contract(&result);
        }
    }
}

fn shape_is_the_contract(result: &Value) {
    let keys: Vec<&str> = result.as_object().expect("an object").keys().map(String::as_str).collect();
    for key in [
        "connector",
        "provider",
        "model",
        "status",
        "http_status",
        "text",
        "reasoning",
        "tool_calls",
        "finish_reason",
        "request_id",
        "usage",
        "timing",
        "cost_usd",
        "error",
    ] {
        assert!(keys.contains(&key), "{key} is missing in {result}");
    }
}

#[test]
fn no_behaviour_of_the_sandbox_is_left_out() {
    let elsewhere = ["slow", "long", "stall"];
    for row in &switchboard::sandbox::BEHAVIOURS {
        let tried = BEHAVIOURS.iter().any(|expected| expected.model == row.name) || elsewhere.contains(&row.name);
        assert!(tried, "{} is not tried", row.name);
    }
}

#[test]
fn slow_and_long_replies_end_well() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&(sandbox.connector("slow", "slow") + &sandbox.connector("long", "long")));
    let few = "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"max_tokens\": 3}";
    let slow = home.run_with_stdin(&["test", "slow", "--body", "-", "--json"], few).ok().json();
    assert_eq!((&slow["status"], &slow["finish_reason"]), (&Value::from("ok"), &Value::from("length")));
    assert!(slow["timing"]["first_token_ms"].as_f64() >= Some(1900.0), "{slow}");
    let long = home.run(&["test", "long", "--json"]).ok().json();
    assert!(long["text"].as_str().is_some_and(|text| text.lines().count() >= 3000), "{}", long["usage"]);
}

#[test]
fn a_normal_reply_has_reported_usage_and_sane_timing() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("hello", "sandbox-model"));
    let result = home.run(&["test", "hello", "--json"]).ok().json();
    assert_eq!(result["usage"]["source"], "reported");
    assert_eq!(result["finish_reason"], "stop");
    let time = |name: &str| result["timing"][name].as_f64().unwrap_or_else(|| panic!("{name} in {result}"));
    assert!(time("first_byte_ms") <= time("first_token_ms"));
    assert!(time("first_token_ms") <= time("total_ms"));
    assert!(time("connect_ms") >= 0.0);
    assert!(result["timing"]["tls_ms"].is_null(), "there is no TLS on loopback");
    assert!(result["timing"]["dns_ms"].is_null(), "an address is not resolved");
}

#[test]
fn without_usage_it_is_estimated_and_marked() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("quiet", "no-usage"));
    let result = home.run(&["test", "quiet", "--json"]).ok().json();
    assert_eq!(result["usage"]["source"], "estimated");
    assert!(result["usage"]["completion_tokens"].as_u64() > Some(5));
}

#[test]
fn a_stalled_stream_ends_with_the_limit_that_passed() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    let limits = "[connectors.stuck.network]\nidle_timeout = \"300ms\"\n";
    home.write(&(sandbox.connector("stuck", "stall") + limits));
    let ran = home.run(&["test", "stuck", "--json"]);
    let result = ran.json();
    assert_eq!((ran.code, &result["error"]["kind"]), (Some(6), &Value::from("timeout")));
    assert!(result["error"]["message"].as_str().is_some_and(|message| message.contains("300ms")), "{result}");
    assert!(result["text"].as_str().is_some_and(|text| !text.is_empty()), "what arrived is kept: {result}");
}

#[test]
fn azure_answers_in_both_forms() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    let origin = sandbox.origin();
    home.write(&format!(
        "[connectors.dated]\nname = \"d\"\nprovider = \"azure-openai\"\napi_key = \"env:SANDBOX_KEY\"\nurl = \"{origin}/openai/deployments/gpt/chat/completions?api-version=2024-10-21\"\n\
         [connectors.v1]\nname = \"v\"\nprovider = \"azure-openai\"\napi_key = \"env:SANDBOX_KEY\"\ndefault_model = \"gpt\"\nurl = \"{origin}\"\n"
    ));
    for id in ["dated", "v1"] {
        let result = home.run(&["test", id, "--json"]).ok().json();
        assert_eq!(result["usage"]["source"], "reported", "{result}");
        assert!(result["text"].as_str().is_some_and(|text| text.len() > 10), "{result}");
    }
}

#[test]
fn a_wrong_key_is_an_auth_error_with_a_hint() {
    let home = home().set("WRONG", "wrong-key-that-nobody-may-see");
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("locked", "sandbox-model").replace("SANDBOX_KEY", "WRONG"));
    let ran = home.run(&["test", "locked", "--json"]);
    let error = &ran.json()["error"];
    assert_eq!((ran.code, error["kind"].as_str(), error["http_status"].as_u64()), (Some(4), Some("auth"), Some(401)));
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains("env:WRONG")), "{error}");
    // The sandbox repeats the key's first and last characters, as providers do.
    assert!(!ran.out.contains("wrong-ke") && !ran.out.contains("-see"), "{}", ran.out);
    assert!(!ran.out.contains("wrong-key-that-nobody-may-see") && !ran.err.contains("wrong-key-that-nobody-may-see"));
}

#[test]
fn text_streams_to_stdout_and_talk_to_stderr() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("hello", "sandbox-model"));
    let ran = home.run(&["test", "hello", "--prompt", "Say hello"]).ok();
    assert!(ran.out.ends_with('\n') && ran.out.len() > 20, "{}", ran.out);
    assert!(ran.err.contains("first token"), "{}", ran.err);
}

#[test]
fn escape_sequences_never_reach_the_terminal() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("evil", "hostile"));
    for format in [&["test", "evil"][..], &["test", "evil", "--json"], &["test", "evil", "--jsonl"]] {
        let ran = home.run(format);
        for text in [&ran.out, &ran.err] {
            let bad = text.chars().find(|c| switchboard::domain::text::is_unsafe(*c));
            assert_eq!(bad, None, "{format:?}: {text:?}");
        }
    }
}

#[test]
fn every_event_is_an_object_and_the_result_is_last() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("hello", "tools"));
    let ran = home.run(&["test", "hello", "--jsonl"]).ok();
    let objects: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(objects.len() > 5);
    let (last, events) = objects.split_last().expect("objects");
    assert!(events.iter().all(|event| event["event"].is_string()));
    shape_is_the_contract(last);
    assert_eq!(last["tool_calls"].as_array().map(Vec::len), Some(2), "{last}");
}

#[test]
fn nothing_listening_is_told_with_the_address() {
    let home = home();
    home.write("[connectors.down]\nname = \"d\"\nprovider = \"other\"\nurl = \"http://127.0.0.1:9/v1\"\ndefault_model = \"m\"\n");
    let ran = home.run(&["test", "down", "--json"]);
    let error = &ran.json()["error"];
    assert_eq!((ran.code, error["kind"].as_str()), (Some(3), Some("connect")));
    assert!(error["message"].as_str().is_some_and(|message| message.contains("127.0.0.1:9")), "{error}");
}

#[test]
fn an_interrupt_cancels_and_says_so() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("stuck", "stall"));
    let mut child = home
        .command(&["test", "stuck", "--jsonl"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("a pipe")));
    let is_delta = |line: &std::io::Result<String>| line.as_ref().is_ok_and(|line| line.contains("\"delta\""));
    lines.by_ref().find(is_delta).expect("text arrives").expect("a line");
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    let last: Value = serde_json::from_str(&lines.last().expect("a last line").expect("a line")).expect("JSON");
    assert_eq!(last["status"], "cancelled");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn every_run_is_counted_today_failures_and_all() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&(sandbox.connector("good", "sandbox-model") + &sandbox.connector("bad", "server-error")));
    let good = home.run(&["test", "good", "--json"]).ok().json();
    home.run(&["test", "bad"]);
    let usage = home.run(&["usage", "--json"]).ok().json();
    assert_eq!(usage["total"]["runs"], 2, "{usage}");
    assert_eq!(usage["total"]["failed"], 1);
    assert_eq!(usage["total"]["total_tokens"], good["usage"]["total_tokens"]);
    assert_eq!(usage["total"]["cost_usd"], Value::Null);
    assert_eq!(usage["groups"].as_array().map(Vec::len), Some(2));
}
