//! Usage that cannot be: unknown instead of wrong, in no sum, and told.

use serde_json::{Value, json};

use super::{DONE, STREAM, answers, chunk, home, server::Server};

/// A stream that says these things about its usage, one after the other.
fn stating(usages: &[Value]) -> Server {
    let finish = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let event = |usage: &Value| format!("data: {}\n\n", json!({"choices": [], "usage": usage}));
    let stated = usages.iter().map(event).collect::<Vec<_>>().concat();
    Server::writing(format!("{STREAM}{}{finish}{stated}{DONE}", chunk("Once")))
}

#[test]
fn odd_counts_are_unknown_in_the_log_and_told_in_a_note() {
    let odd = [json!(-5), json!(12.5), json!(9_007_199_254_740_993_u64), json!(1e300), json!("many")];
    for count in odd {
        let server = stating(&[json!({"prompt_tokens": count, "completion_tokens": 3})]);
        let home = home(&format!("http://{}/v1", server.place()), "");
        let ran = home.run(&["test", "bad", "--jsonl"]).ok();
        let note = ran.out.lines().find(|line| line.contains("\"note\"")).unwrap_or_default();
        assert!(note.contains("prompt_tokens") && note.contains("no count"), "{count}: {}", ran.out);
        let total = home.run(&["usage", "--json"]).ok().json()["total"].clone();
        assert_eq!((&total["prompt_tokens"], &total["completion_tokens"]), (&json!(0), &json!(3)), "{count}");
        let runs = home.run(&["events", "--json"]).ok().json();
        assert_eq!(runs["runs"][0]["usage"]["prompt_tokens"], Value::Null, "{count} is unknown, not 0");
    }
}

#[test]
fn usage_that_shrinks_counts_as_last_stated_and_is_told() {
    let server = stating(&[
        json!({"prompt_tokens": 9, "completion_tokens": 30}),
        json!({"prompt_tokens": 9, "completion_tokens": 7}),
    ]);
    let home = home(&format!("http://{}/v1", server.place()), "");
    let ran = home.run(&["test", "bad"]).ok();
    assert!(ran.err.contains("usage shrank along the stream"), "{}", ran.err);
    assert_eq!(home.run(&["usage", "--json"]).ok().json()["total"]["total_tokens"], 16);
}

#[test]
fn a_missing_count_leaves_the_others() {
    let result = answers(&stating(&[json!({"prompt_tokens": 9})]), "Once");
    assert_eq!((&result["usage"]["prompt_tokens"], &result["usage"]["completion_tokens"]), (&json!(9), &Value::Null));
}

#[test]
fn a_model_of_ten_kilobytes_with_escapes_stays_a_name() {
    let model = "\u{1b}[31mm\u{202e}".to_owned() + &"x".repeat(10_000);
    let event = json!({"model": model, "choices": [{"index": 0, "delta": {"content": "Once"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1}});
    let server = Server::writing(format!("{STREAM}data: {event}\n\n{DONE}"));
    let home = home(&format!("http://{}/v1", server.place()), "");
    home.run(&["test", "bad"]).ok();
    home.run(&["test", "bad"]).ok();
    let usage = home.run(&["usage", "--json", "--by", "model"]).ok().json();
    assert_eq!(usage["groups"].as_array().map(Vec::len), Some(1), "one name, one group: {usage}");
    let name = usage["groups"][0]["key"]["model"].as_str().expect("a name");
    assert!(name.len() < 300 && name.ends_with('…') && !name.chars().any(char::is_control), "{name}");
    assert_eq!(usage["total"]["total_tokens"], 20);
    for args in [&["usage", "--by", "model"][..], &["events"], &["events", "--csv"], &["export", "metrics"]] {
        let out = home.run(args).ok().out;
        let bad = out.chars().find(|c| switchboard::domain::text::is_unsafe(*c));
        assert_eq!(bad, None, "{args:?}: {out:?}");
    }
}
