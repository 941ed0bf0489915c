use super::*;

#[test]
fn a_whole_completion_is_read() {
    let read = body(
        r#"{"id":"c","object":"chat.completion","model":"gpt-x","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Hi","reasoning_content":"why","refusal":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#,
    );
    assert_eq!((read.verdict.answer.as_str(), read.verdict.reasoning.as_str()), ("Hi", "why"));
    assert_eq!(read.transcript.tool_calls.len(), 2);
    assert_eq!((read.verdict.usage.total, read.kind()), (Some(3), None));
    assert_eq!(read.verdict.finish_reason.as_deref(), Some("stop"));
}

#[test]
fn blank_lines_before_the_json_are_skipped() {
    let read = body("\n\n\n  {\"choices\":[{\"text\":\"legacy\",\"finish_reason\":null}]}\n");
    assert_eq!((read.verdict.answer.as_str(), read.kind()), ("legacy", None));
}

#[test]
fn a_whole_response_is_read() {
    let read = body(
        &json!({"object": "response", "model": "gpt-x", "status": "completed", "error": null, "output": [
            {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "why"}]},
            {"type": "message", "content": [{"type": "output_text", "text": "<think>more</think>Hi"}]},
            {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
            {"type": "web_search_call"}, null],
            "usage": {"input_tokens": 1, "output_tokens": 2}})
        .to_string(),
    );
    assert_eq!((read.verdict.answer.as_str(), read.verdict.reasoning.as_str()), ("Hi", "whymore"));
    assert_eq!((read.verdict.usage.total, read.kind()), (Some(3), None));
    assert_eq!(read.transcript.tool_calls[0].name, "f");
}

#[test]
fn an_error_under_status_200_is_an_error() {
    for (text, kind) in [
        (r#"{"error":{"code":429,"message":"Rate limited","metadata":{}},"user_id":"u"}"#, ErrorKind::RateLimit),
        (r#"{"error":"boom"}"#, ErrorKind::Server),
        (r#"[{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}]"#, ErrorKind::InvalidRequest),
        (r#"{"object":"error","message":"bad","code":404}"#, ErrorKind::NotFound),
        (r#"{"detail":"bad"}"#, ErrorKind::Server),
        (
            r#"{"object":"response","status":"failed","error":{"code":"server_error","message":"bad"},"output":[]}"#,
            ErrorKind::Server,
        ),
        (r#"{"choices":[{"finish_reason":"content_filter","message":{"content":""}}]}"#, ErrorKind::ContentFilter),
    ] {
        assert_eq!(body(text).kind(), Some(kind), "{text}");
    }
}

#[test]
fn what_is_no_reply_is_malformed_and_says_what_it_is() {
    for (text, message, hint) in [
        ("", "an empty body", "gateway"),
        (" \n ", "an empty body", "gateway"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "a web page: Sign in", "/v1"),
        ("{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"done\":true}\n", "JSON lines", "/v1"),
        ("{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":true}", "another protocol", "/v1"),
        ("{\"ok\":true}", "JSON that is no reply: {\"ok\":true}", "endpoint"),
        ("{\"choices\":[]}", "JSON that is no reply", "endpoint"),
        ("{\"choices\":null}", "JSON that is no reply", "endpoint"),
        ("17", "JSON that is no reply: 17", "endpoint"),
        ("hello \u{1b}[2J", "no JSON: hello ␛[2J", "endpoint"),
    ] {
        let failure = body(text).verdict.failure.unwrap();
        assert_eq!(failure.kind, ErrorKind::Malformed, "{text}");
        assert!(failure.message.contains(message), "{} / {message}", failure.message);
        assert!(failure.hint.contains(hint), "{}", failure.hint);
    }
}

#[test]
fn names_that_a_server_gives_are_cleaned() {
    let read = body(r#"{"model":"m\u001b[31m","choices":[{"message":{"content":"x"},"finish_reason":"st\u0007op"}]}"#);
    assert_eq!(read.verdict.model.as_deref(), Some("m␛[31m"));
    assert_eq!(read.verdict.finish_reason.as_deref(), Some("st␇op"));
}
