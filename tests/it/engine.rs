//! A real inference engine: llama.cpp's server on a tiny model, started by `.ci/run`.
//!
//! Without it these tests say that they were skipped; where it is required, its absence is a failure.

use serde_json::Value;

use crate::support::Home;

struct Engine {
    open: String,
    locked: String,
    key: String,
}

fn engine() -> Option<Engine> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let engine = variable("SWITCHBOARD_TEST_ENGINE")
        .zip(variable("SWITCHBOARD_TEST_ENGINE_KEYED"))
        .zip(variable("SWITCHBOARD_TEST_ENGINE_KEY"))
        .map(|((open, locked), key)| Engine { open, locked, key });
    if engine.is_none() {
        assert!(variable("SWITCHBOARD_TEST_REQUIRE").is_none(), "the engine is required here and was not started");
        eprintln!("skipped: no engine; start one with tests/engine/up and set SWITCHBOARD_TEST_ENGINE and its like");
    }
    engine
}

fn home(engine: &Engine) -> Home {
    let connector = |id: &str, url: String, key: &str| {
        format!(
            "[connectors.{id}]\nname = \"{id}\"\nprovider = \"other\"\nurl = \"{url}\"\ndefault_model = \"tiny-random\"\n{key}"
        )
    };
    let key = "api_key = \"env:ENGINE_KEY\"\n";
    Home::with(
        &[
            connector("chat", engine.open.clone(), ""),
            connector("responses", format!("{}/responses", engine.open), ""),
            connector("completions", format!("{}/completions", engine.open), ""),
            connector("locked", engine.locked.clone(), key),
            connector("locked-out", engine.locked.clone(), ""),
        ]
        .concat(),
    )
    .set("ENGINE_KEY", &engine.key)
}

fn short(shape: &str) -> String {
    format!("{{{shape}, \"max_tokens\": 24, \"max_output_tokens\": 24}}")
}

#[test]
fn replies_stream_with_reported_usage_and_sane_timing() {
    let Some(engine) = engine() else { return };
    let home = home(&engine);
    let message = "\"messages\": [{\"role\": \"user\", \"content\": \"the river\"}]";
    for (id, body) in [
        ("chat", short(message)),
        ("locked", short(message)),
        ("completions", short("\"prompt\": \"the river\"")),
        ("responses", short("\"input\": \"the river\"")),
    ] {
        for mode in [&["test", id, "--body", "-", "--json"][..], &["test", id, "--body", "-", "--json", "--no-stream"]]
        {
            let result = home.run_with_stdin(mode, &body).ok().json();
            assert_eq!(result["status"], "ok", "{id}: {result}");
            assert_eq!(result["usage"]["source"], "reported", "{id}: {result}");
            let time = |name: &str| result["timing"][name].as_f64();
            assert!(time("first_byte_ms").is_some() && time("first_byte_ms") <= time("total_ms"), "{id}: {result}");
        }
    }
}

#[test]
fn without_its_key_the_engine_refuses() {
    let Some(engine) = engine() else { return };
    let ran = home(&engine).run(&["test", "locked-out", "--json"]);
    assert_eq!((ran.code, ran.json()["error"]["kind"].as_str()), (Some(4), Some("auth")), "{}", ran.out);
}

#[test]
fn a_prompt_that_overflows_the_context_is_told_as_such() {
    let Some(engine) = engine() else { return };
    let prompt = "river ".repeat(20_000);
    let body = format!("{{\"messages\": [{{\"role\": \"user\", \"content\": \"{prompt}\"}}]}}");
    let ran = home(&engine).run_with_stdin(&["test", "chat", "--body", "-", "--json"], &body);
    assert_eq!((ran.code, ran.json()["error"]["kind"].as_str()), (Some(5), Some("context-length")), "{}", ran.out);
}

#[test]
fn a_cancel_frees_the_engines_slot() {
    let Some(engine) = engine() else { return };
    let home = home(&engine);
    let endless = "{\"messages\": [{\"role\": \"user\", \"content\": \"the river\"}], \"ignore_eos\": true, \"max_tokens\": 100000}";
    std::fs::write(home.path().join("endless.json"), endless).expect("written");
    let mut child = home
        .command(&["test", "chat", "--jsonl", "--body", "endless.json"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("a pipe")));
    lines
        .by_ref()
        .find(|line| line.as_ref().is_ok_and(|line| line.contains("\"delta\"")))
        .expect("text arrives")
        .expect("a line");
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    let last: Value = serde_json::from_str(&lines.last().expect("a last line").expect("a line")).expect("JSON");
    assert_eq!((last["status"].as_str(), child.wait().expect("it ends").code()), (Some("cancelled"), Some(130)));
    assert!(slots_are_idle(&engine.open), "a slot is still busy");
}

/// Asks the engine until every slot is idle, for at most ten seconds.
fn slots_are_idle(base: &str) -> bool {
    let origin = base.trim_end_matches("/v1").trim_start_matches("http://");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while std::time::Instant::now() < deadline {
        let slots: Value = serde_json::from_str(&get(origin, "/slots")).unwrap_or_default();
        if slots.as_array().is_some_and(|slots| slots.iter().all(|slot| slot["is_processing"] == false)) {
            return true;
        }
    }
    false
}

fn get(origin: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(origin).expect("the engine listens");
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {origin}\r\n\r\n").expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("read");
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}
