//! The wire shape of each protocol and each behaviour.

use super::*;

const TEXT: &str = "/choices/0/delta/content";

fn finish_reasons(answer: &Answer) -> Vec<String> {
    let reasons = answer.events();
    reasons.iter().filter_map(|event| event.pointer("/choices/0/finish_reason")?.as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_chat_stream_has_role_text_finish_usage_and_done_in_order() {
    let answer = start(fast()).await.chat("sandbox-model").await;
    assert_eq!((answer.status, answer.complete), (200, true));
    assert!(answer.header("content-type").unwrap().starts_with("text/event-stream"));
    assert!(answer.joined(TEXT).starts_with("You said: \"Hello world\"."), "{}", answer.joined(TEXT));
    let events = answer.events();
    assert_eq!(events[0]["choices"][0]["delta"], json!({"role": "assistant", "content": "", "refusal": null}));
    assert_eq!(events[0]["usage"], Value::Null);
    assert_eq!(finish_reasons(&answer), ["stop"]);
    let last = events.last().unwrap();
    assert_eq!(last["choices"], json!([]));
    let usage = &last["usage"];
    assert_eq!(usage["completion_tokens"], json!(events.len() - 3));
    let (prompt, completion) = (usage["prompt_tokens"].as_u64().unwrap(), usage["completion_tokens"].as_u64().unwrap());
    assert_eq!(usage["total_tokens"], json!(prompt + completion));
    assert_eq!(answer.data().last().unwrap(), "[DONE]");
}

#[tokio::test]
async fn usage_is_not_told_to_a_stream_that_does_not_ask() {
    let body = json!({"model": "m", "messages": hello(), "stream": true});
    let answer = start(fast()).await.post("/v1/chat/completions", &body).await;
    assert!(!answer.text().contains("\"usage\""));
}

#[tokio::test]
async fn a_whole_chat_reply_says_what_the_stream_says() {
    let sandbox = start(fast()).await;
    let (whole, streamed) = (sandbox.chat_whole("m").await, sandbox.chat("m").await);
    assert_eq!(whole.header("content-type").unwrap(), "application/json");
    let document = whole.json();
    assert_eq!(document["choices"][0]["message"]["content"], json!(streamed.joined(TEXT)));
    assert_eq!(document["choices"][0]["finish_reason"], "stop");
    assert_eq!(document["usage"], streamed.events().last().unwrap()["usage"]);
}

#[tokio::test]
async fn completions_speak_text() {
    let sandbox = start(fast()).await;
    let body =
        json!({"model": "m", "prompt": "Hello world", "stream": true, "stream_options": {"include_usage": true}});
    let streamed = sandbox.post("/v1/completions", &body).await;
    let whole = sandbox.post("/v1/completions", &json!({"model": "m", "prompt": "Hello world"})).await.json();
    assert_eq!(whole["object"], "text_completion");
    assert_eq!(whole["choices"][0]["text"], json!(streamed.joined("/choices/0/text")));
    assert_eq!(whole["usage"], streamed.events().last().unwrap()["usage"]);
    assert_eq!(streamed.data().last().unwrap(), "[DONE]");
}

#[tokio::test]
async fn responses_number_their_events_and_end_with_the_usage() {
    let sandbox = start(fast()).await;
    let answer = sandbox.responses("m").await;
    let events = answer.events();
    let numbers: Vec<u64> = events.iter().filter_map(|event| event["sequence_number"].as_u64()).collect();
    assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());
    assert_eq!(events[0]["type"], "response.created");
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.completed");
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], json!(answer.joined("/delta")));
    assert!(last["response"]["usage"]["output_tokens"].as_u64() > Some(10));
    assert!(!answer.text().contains("[DONE]"));
    let named = answer.text().lines().filter(|line| line.starts_with("event: ")).count();
    assert_eq!(named, events.len());
    let whole = sandbox.post("/v1/responses", &json!({"model": "m", "input": "Hello world"})).await.json();
    assert_eq!(whole["output"][0]["content"], last["response"]["output"][0]["content"]);
}

#[tokio::test]
async fn a_limit_ends_with_length_or_incomplete() {
    let sandbox = start(fast()).await;
    let body = json!({"model": "m", "messages": hello(), "stream": true, "max_tokens": 4});
    assert_eq!(finish_reasons(&sandbox.post("/v1/chat/completions", &body).await), ["length"]);
    let body = json!({"model": "m", "input": "Hi", "stream": true, "max_output_tokens": 4});
    let events = sandbox.post("/v1/responses", &body).await.events();
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.incomplete");
    assert_eq!(last["response"]["incomplete_details"]["reason"], "max_output_tokens");
}

#[tokio::test]
async fn azure_annotates_before_and_after_the_text() {
    let sandbox = start(fast()).await;
    let dated = "/openai/deployments/gpt/chat/completions?api-version=2024-10-21";
    for path in ["/openai/v1/chat/completions", dated] {
        let events = sandbox.post(path, &chat_body("gpt")).await.events();
        assert_eq!((&events[0]["choices"], &events[0]["id"]), (&json!([]), &json!("")));
        assert!(events[0]["prompt_filter_results"].is_array());
        let stop = events.iter().position(|event| event["choices"][0]["finish_reason"] == "stop").unwrap();
        let late = &events[stop + 1]["choices"][0];
        assert!(late.get("delta").is_none() && late["content_filter_offsets"].is_object());
        assert_eq!(events[stop]["model"], MODEL);
        assert!(events.last().unwrap()["usage"]["total_tokens"].is_u64());
    }
}

#[tokio::test]
async fn a_deployment_picks_the_behaviour_and_needs_no_model() {
    let path = "/openai/deployments/tools/chat/completions?api-version=2024-10-21";
    let answer = start(fast()).await.post(path, &json!({"messages": hello()})).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
    assert!(answer["prompt_filter_results"].is_array());
}

#[tokio::test]
async fn azure_responses_are_served_in_both_forms() {
    let sandbox = start(fast()).await;
    for path in ["/openai/v1/responses", "/openai/responses?api-version=2025-03-01-preview"] {
        let answer = sandbox.post(path, &json!({"model": "m", "input": "Hi"})).await.json();
        assert_eq!(answer["status"], "completed");
        assert!(answer["content_filters"].is_array());
    }
}

#[tokio::test]
async fn reasoning_comes_before_the_answer_and_is_counted() {
    let sandbox = start(fast()).await;
    let chat = sandbox.chat("reasoning").await;
    assert_eq!(chat.joined("/choices/0/delta/reasoning_content"), texts::THOUGHTS);
    assert_eq!(chat.joined(TEXT), texts::CONCLUSION);
    let usage = chat.events().last().unwrap()["usage"].clone();
    assert!(usage["completion_tokens_details"]["reasoning_tokens"].as_u64() > Some(10));
    let responses = sandbox.responses("reasoning").await.events();
    let output = &responses.last().unwrap()["response"]["output"];
    assert_eq!(output[0]["summary"][0]["text"], texts::THOUGHTS);
    assert_eq!(output[1]["content"][0]["text"], texts::CONCLUSION);
    assert!(responses.iter().any(|event| event["type"] == "response.reasoning_summary_text.delta"));
}

#[tokio::test]
async fn two_calls_come_in_pieces() {
    let sandbox = start(fast()).await;
    let chat = sandbox.chat("tools").await;
    assert_eq!(finish_reasons(&chat), ["tool_calls"]);
    for (index, tool) in script::TOOLS.iter().enumerate() {
        let pieces: Vec<Value> = chat
            .events()
            .iter()
            .filter_map(|event| event.pointer("/choices/0/delta/tool_calls/0").cloned())
            .filter(|piece| piece["index"] == json!(index))
            .collect();
        assert_eq!(pieces[0]["id"], tool.id);
        assert!(pieces.len() > 3 && pieces[1].get("id").is_none());
        let arguments: String = pieces.iter().filter_map(|piece| piece["function"]["arguments"].as_str()).collect();
        assert_eq!(arguments, tool.arguments);
    }
    let output = sandbox.responses("tools").await.events().last().unwrap()["response"]["output"].clone();
    assert_eq!(output[1]["arguments"], script::TOOLS[1].arguments);
    assert_eq!(output[1]["call_id"], script::TOOLS[1].id);
}

#[tokio::test]
async fn a_refusal_has_its_own_field() {
    let sandbox = start(fast()).await;
    assert_eq!(sandbox.chat("refusal").await.joined("/choices/0/delta/refusal"), texts::REFUSAL);
    let message = sandbox.chat_whole("refusal").await.json()["choices"][0]["message"].clone();
    assert_eq!((&message["refusal"], &message["content"]), (&json!(texts::REFUSAL), &Value::Null));
    let answer = sandbox.responses("refusal").await;
    assert_eq!(answer.events().last().unwrap()["response"]["output"][0]["content"][0]["type"], "refusal");
}

#[tokio::test]
async fn strange_text_arrives_unharmed() {
    let sandbox = start(fast()).await;
    assert_eq!(sandbox.chat("unicode").await.joined(TEXT), texts::UNICODE);
    let long = sandbox.chat("long").await.joined(TEXT);
    assert_eq!(long.lines().count(), texts::LONG_LINES);
}

#[tokio::test]
async fn hostile_text_model_and_headers_are_sent_raw() {
    let answer = start(fast()).await.chat("hostile").await;
    let text = answer.joined(TEXT);
    assert!(text.starts_with(texts::HOSTILE) && text.ends_with("The end."));
    assert!(text.contains(&"W".repeat(texts::HUGE)));
    assert_eq!(answer.events()[0]["model"], texts::HOSTILE_MODEL);
    let id = answer.headers.iter().find(|(name, _)| name == "x-request-id").unwrap();
    assert!(id.1.contains(&0x9b));
}

#[tokio::test]
async fn a_cut_stream_has_neither_finish_nor_end() {
    let sandbox = start(fast()).await;
    let answer = sandbox.chat("cut").await;
    assert_eq!((answer.status, answer.complete), (200, false));
    assert!(answer.joined(TEXT).starts_with("You said"));
    assert_eq!(finish_reasons(&answer), [""; 0]);
    assert!(!answer.text().ends_with("\n\n"));
    assert!(!sandbox.responses("cut").await.complete);
    let whole = sandbox.chat_whole("cut").await;
    assert!(!whole.complete && !whole.body.is_empty());
    let counts = sandbox.watch.until(|counts| counts.finished == 3, SOON).await.unwrap();
    assert_eq!(counts.abandoned, 0);
}

#[tokio::test]
async fn no_usage_never_tells_its_tokens() {
    let sandbox = start(fast()).await;
    assert!(!sandbox.chat("no-usage").await.text().contains("\"usage\""));
    assert!(sandbox.chat_whole("no-usage").await.json().get("usage").is_none());
    let events = sandbox.responses("no-usage").await.events();
    assert_eq!(events.last().unwrap()["response"]["usage"], Value::Null);
}

#[tokio::test]
async fn no_done_ends_after_finish_and_usage() {
    let answer = start(fast()).await.chat("no-done").await;
    assert!(answer.complete && !answer.text().contains("[DONE]"));
    assert_eq!(finish_reasons(&answer), ["stop"]);
}

#[tokio::test]
async fn a_burst_is_one_write() {
    let answer = start(fast()).await;
    let mut stream = answer
        .send(&format!("POST /v1/chat/completions HTTP/1.1\r\napi-key: {KEY}"), &chat_body("burst").to_string())
        .await;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let body = &bytes[memchr::memmem::find(&bytes, b"\r\n\r\n").unwrap() + 4..];
    let size = memchr::memmem::find(body, b"\r\n").unwrap();
    let chunk = usize::from_str_radix(std::str::from_utf8(&body[..size]).unwrap(), 16).unwrap();
    // One chunk, then the empty one that ends the body.
    assert_eq!(body.len(), size + 2 + chunk + 2 + 5);
}

#[tokio::test]
async fn one_event_of_a_malformed_stream_cannot_be_read() {
    let sandbox = start(fast()).await;
    let answer = sandbox.chat("malformed").await;
    assert_eq!(answer.data().len() - answer.events().len(), 2, "the broken one and [DONE]");
    assert_eq!(answer.joined(TEXT), sandbox.chat("m").await.joined(TEXT));
    let whole = sandbox.chat_whole("malformed").await;
    assert!(whole.complete && serde_json::from_slice::<Value>(&whole.body).is_err());
}
