use proptest::prelude::*;

use super::*;
use crate::domain::Provider;
use crate::provider::testing::connector;

const CHAT: &str = "http://h/v1/chat/completions";

fn shaped_for(body: &str, connector: &Connector, mode: Mode, usage: UsageAsk) -> Shaped {
    let endpoint = Endpoint::read(&connector.url, connector.provider).expect("a URL");
    shape(body, connector, &endpoint, mode, usage).expect("a body")
}

fn streamed(body: &str, url: &str) -> String {
    shaped_for(body, &connector(Provider::Other, url), Mode::Stream, UsageAsk::Ask).body
}

#[test]
fn the_order_of_the_body_is_kept_and_additions_come_last() {
    let body = r#"{"z":1,"messages":[],"a":2}"#;
    let sent = streamed(body, CHAT);
    let expected = r#"{"z":1,"messages":[],"a":2,"model":"m","stream":true,"stream_options":{"include_usage":true}}"#;
    assert_eq!(sent, expected);
}

#[test]
fn a_model_in_the_body_stays_and_a_null_one_does_not() {
    assert!(streamed(r#"{"model":"mine"}"#, CHAT).starts_with(r#"{"model":"mine","#));
    assert!(streamed(r#"{"model":null}"#, CHAT).starts_with(r#"{"model":"m","#));
}

#[test]
fn no_model_is_made_up() {
    let mut bare = connector(Provider::OpenAi, CHAT);
    bare.default_model = None;
    let shaped = shaped_for("{}", &bare, Mode::Plain, UsageAsk::Ask);
    assert_eq!((shaped.body.as_str(), shaped.model), (r#"{"stream":false}"#, None));
}

#[test]
fn a_deployment_gets_a_model_only_where_one_is_configured() {
    let url = "http://h/openai/deployments/gpt/chat/completions?api-version=2024-10-21";
    let mut azure = connector(Provider::AzureOpenAi, url);
    assert!(shaped_for("{}", &azure, Mode::Plain, UsageAsk::Ask).body.contains(r#""model":"m""#));
    azure.default_model = None;
    assert!(!shaped_for("{}", &azure, Mode::Plain, UsageAsk::Ask).body.contains("model"));
}

#[test]
fn temperature_is_sent_where_the_body_has_none() {
    let mut warm = connector(Provider::Other, CHAT);
    warm.options.temperature = Some(0.25);
    let sent = |body| shaped_for(body, &warm, Mode::Plain, UsageAsk::Ask).body;
    assert!(sent("{}").contains(r#""temperature":0.25"#));
    assert!(sent(r#"{"temperature":1}"#).contains(r#""temperature":1"#));
}

#[test]
fn the_mode_wins_over_the_body() {
    let plain = shaped_for(r#"{"stream":true}"#, &connector(Provider::Other, CHAT), Mode::Plain, UsageAsk::Ask);
    assert_eq!(plain.body, r#"{"stream":false,"model":"m"}"#);
    assert_eq!(plain.added, ["model: \"m\"", "stream: false"]);
}

#[test]
fn usage_is_asked_for_in_chat_and_completions_but_never_in_responses() {
    assert!(streamed("{}", CHAT).contains("include_usage"));
    assert!(streamed("{}", "http://h/v1/completions").contains("include_usage"));
    assert!(!streamed("{}", "http://h/v1/responses").contains("stream_options"));
}

#[test]
fn stream_options_are_merged_and_a_persons_word_is_kept() {
    let merged = streamed(r#"{"stream_options":{"include_obfuscation":false}}"#, CHAT);
    assert!(merged.contains(r#""stream_options":{"include_obfuscation":false,"include_usage":true}"#));
    let kept = streamed(r#"{"stream_options":{"include_usage":false}}"#, CHAT);
    assert!(kept.contains(r#""stream_options":{"include_usage":false}"#));
    assert!(streamed(r#"{"stream_options":null}"#, CHAT).contains(r#"{"include_usage":true}"#));
}

#[test]
fn a_remembered_refusal_leaves_the_option_out() {
    let shaped = shaped_for("{}", &connector(Provider::Other, CHAT), Mode::Stream, UsageAsk::Refused);
    assert!(!shaped.body.contains("stream_options"));
    assert!(!shaped.asks_for_usage());
}

#[test]
fn stream_options_do_not_go_into_a_plain_request() {
    let body = r#"{"stream_options":{"include_usage":true}}"#;
    let shaped = shaped_for(body, &connector(Provider::Other, CHAT), Mode::Plain, UsageAsk::Ask);
    assert_eq!(shaped.removed, ["stream_options"]);
}

#[test]
fn tool_keys_go_when_there_are_no_tools() {
    let body = r#"{"tools":[],"tool_choice":"auto","parallel_tool_calls":true,"function_call":"auto","seed":1}"#;
    let shaped = shaped_for(body, &connector(Provider::OpenAi, CHAT), Mode::Plain, UsageAsk::Ask);
    assert_eq!(shaped.removed, ["tool_choice", "parallel_tool_calls", "function_call"]);
    assert_eq!(shaped.body, r#"{"tools":[],"seed":1,"model":"m","stream":false}"#);
}

#[test]
fn tool_keys_stay_when_there_are_tools() {
    let body = r#"{"tools":[{}],"tool_choice":"auto","functions":[{}],"function_call":"auto"}"#;
    let shaped = shaped_for(body, &connector(Provider::OpenAi, CHAT), Mode::Plain, UsageAsk::Ask);
    assert!(shaped.removed.is_empty(), "{shaped:?}");
}

#[test]
fn problems_name_line_and_column_in_characters() {
    let at = |text: &str| check_body(text).map(|_| ()).map_err(|problem| (problem.line, problem.column));
    assert_eq!(at("{\n  \"a\": 1,\n  \"日本語\": x\n}"), Err((3, 10)));
    assert_eq!(at("[1]"), Err((1, 1)));
    assert_eq!(at("  "), Err((1, 1)));
    assert_eq!(at("\u{FEFF}{}"), Err((1, 1)));
    let problem = check_body("{\"a\":}").expect_err("not JSON");
    assert_eq!(problem.to_string(), "line 1, column 6: expected value");
}

#[test]
fn nesting_without_end_is_a_problem_not_an_overflow() {
    let deep = format!("{{\"a\":{}", "[".repeat(200_000));
    let problem = check_body(&deep).expect_err("too deep");
    assert!(problem.message.contains("recursion limit"), "{problem}");
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        check_body(&text).ok();
    }

    #[test]
    fn shaping_twice_changes_nothing_more(key in "[a-z]{1,8}", value in any::<i64>()) {
        let body = format!("{{\"{key}\":{value}}}");
        let once = streamed(&body, CHAT);
        prop_assert_eq!(streamed(&once, CHAT), once);
    }
}
