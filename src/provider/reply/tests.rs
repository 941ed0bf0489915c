use super::*;
use crate::domain::text::Mask;
use crate::domain::{
    Auth, Connector, Delta, Endpoint, ErrorKind, NetworkOverlay, Options, Provider, Transcript, UsageSource,
};
use crate::provider::errors::About;
use proptest::prelude::*;
use serde_json::json;

mod bodies;
mod streams;

const CHAT: EndpointKind = EndpointKind::ChatCompletions;

fn connector() -> Connector {
    Connector {
        id: "x".parse().unwrap(),
        name: "X".to_owned(),
        provider: Provider::Other,
        url: "http://h/v1".to_owned(),
        default_model: None,
        auth: Auth::default(),
        headers: Vec::new(),
        options: Options::default(),
        notes: None,
        network: NetworkOverlay::default(),
    }
}

/// All that a reply gave.
struct Read {
    verdict: Verdict,
    transcript: Transcript,
    events: Vec<RunEvent>,
    steps: Vec<Step>,
}

impl Read {
    fn kind(&self) -> Option<ErrorKind> {
        self.verdict.failure.as_ref().map(|failure| failure.kind)
    }

    fn deltas(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, RunEvent::Delta(_))).count()
    }
}

fn finish(reply: Reply, mut events: Vec<RunEvent>, steps: Vec<Step>) -> Read {
    let connector = connector();
    let endpoint = Endpoint::read(&connector.url, connector.provider).unwrap();
    let mask = Mask::default();
    let verdict = reply.finish(&About { connector: &connector, endpoint: &endpoint, mask: &mask }, &mut events);
    let mut transcript = Transcript::default();
    events.iter().cloned().for_each(|event| transcript.apply(event));
    assert_eq!(transcript.answer, verdict.answer.as_str());
    assert_eq!(transcript.reasoning, verdict.reasoning.as_str());
    Read { verdict, transcript, events, steps }
}

fn frames(kind: EndpointKind, frames: &[(&str, &str)]) -> Read {
    let mut reply = Reply::new(kind);
    let mut events = Vec::new();
    let steps = frames.iter().map(|(event, data)| reply.frame(event, data, &mut events)).collect();
    finish(reply, events, steps)
}

/// A stream of chat chunks.
fn chat(data: &[&str]) -> Read {
    frames(CHAT, &data.iter().map(|data| ("message", *data)).collect::<Vec<_>>())
}

/// A stream of Responses events, each named by its type.
fn responses(events: &[Value]) -> Read {
    let texts: Vec<_> =
        events.iter().map(|event| (event["type"].as_str().unwrap().to_owned(), event.to_string())).collect();
    let named: Vec<_> = texts.iter().map(|(event, data)| (event.as_str(), data.as_str())).collect();
    frames(EndpointKind::Responses, &named)
}

fn body(text: &str) -> Read {
    let mut reply = Reply::new(CHAT);
    let mut events = Vec::new();
    reply.body(text.to_owned(), &mut events);
    finish(reply, events, Vec::new())
}

/// A chunk whose delta is this.
fn delta(delta: &Value) -> String {
    json!({"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": null}], "usage": null})
        .to_string()
}

fn content(text: &str) -> String {
    delta(&json!({"content": text}))
}

const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

proptest! {
    #[test]
    fn thinking_is_split_off_wherever_it_is_cut(
        blank in "[ \n]{0,3}", thinking in "[a-z<>/ ]{0,20}", answer in "[a-z<>/]{1,20}", cuts in prop::collection::vec(1usize..8, 40)
    ) {
        prop_assume!(!thinking.contains("</think>") && !"</think>".starts_with(answer.as_str()));
        prop_assume!(!answer.starts_with("<think>") && !"<think>".starts_with(answer.as_str()));
        let whole = format!("{blank}<think>{thinking}</think>\n\n{answer}");
        let mut rest = whole.as_str();
        let mut chunks = Vec::new();
        for cut in cuts {
            let (left, right) = rest.split_at(cut.min(rest.len()));
            chunks.push(content(left));
            rest = right;
        }
        chunks.push(content(rest));
        let read = chat(&chunks.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(read.verdict.reasoning.as_str(), thinking);
        prop_assert_eq!(read.verdict.answer.as_str(), answer);
    }

    #[test]
    fn no_data_makes_the_reader_panic(events in prop::collection::vec((hostile(), "(message|error|response.failed|response.output_text.delta)"), 0..6)) {
        let mut reply = Reply::new(CHAT);
        let mut out = Vec::new();
        for (value, event) in &events {
            reply.frame(event, &value.to_string(), &mut out);
        }
        let read = finish(reply, out, Vec::new());
        prop_assert!(read.verdict.unreadable <= events.len());
        let first = events.first().map(|(value, _)| value.to_string()).unwrap_or_default();
        body(&first);
    }
}

/// Objects of the wire's keys with values of any type.
fn hostile() -> impl Strategy<Value = Value> {
    let keys = prop::sample::select(vec![
        "choices",
        "delta",
        "message",
        "content",
        "tool_calls",
        "function",
        "index",
        "id",
        "name",
        "arguments",
        "usage",
        "prompt_tokens",
        "error",
        "type",
        "response",
        "output",
        "item",
        "finish_reason",
        "model",
        "reasoning",
        "text",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(stop|response\\.completed|function_call|[a-z<>]{0,6})".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..6).prop_map(|pairs| Value::Object(
                pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

#[test]
fn raw_events_are_named() {
    for (event, data, name) in [
        ("response.created", "{}", "response.created"),
        ("message", "[DONE]", "[DONE]"),
        ("message", r#"{"type":"response.output_text.delta","delta":"x"}"#, "response.output_text.delta"),
        ("message", r#"{"type": "ping"}"#, "ping"),
        ("message", r#"{"id":"c","choices":[{"delta":{"content":"\"type\":\"x\""}}]}"#, "chunk"),
        ("message", r#"{"id":"c","choices":[],"usage":{"prompt_tokens":1}}"#, "usage"),
        ("message", r#"{"choices":[],"usage":null}"#, "chunk"),
        ("message", r#"{"error":{"type":"server_error","message":"m"}}"#, "error"),
        ("message", r#"{"error":"boom"}"#, "error"),
        ("message", r#"{"type":"error","error":{"type":"x"}}"#, "error"),
        ("message", "not json", "message"),
        ("", "", "message"),
    ] {
        assert_eq!(event_kind(event, data), name, "{event} {data}");
    }
}
