//! The shape of Chat Completions, streamed and whole.

use serde_json::{Value, json};

use super::request::UsageShown;
use super::route::Dialect;
use super::script::{Finish, Piece};
use super::wire::{
    Frame, Frames, Pace, Reply, content_filter_results, late_filter, prompt_filter, prompt_filter_results, set,
};

/// The events of a streamed reply.
pub(super) fn frames(reply: &Reply) -> Frames {
    let azure = reply.dialect == Dialect::Azure;
    let mut events = Vec::with_capacity(reply.script.pieces.len() + 5);
    if azure {
        events.push(Frame::data(&prompt_filter(), Pace::AtOnce));
    }
    let opening = json!({"role": "assistant", "content": "", "refusal": null});
    events.push(Frame::data(&chunk(reply, &opening, None), Pace::AtOnce));
    for piece in &reply.script.pieces {
        events.push(Frame::data(&chunk(reply, &delta(piece), None), Pace::Token));
    }
    events.push(Frame::data(&chunk(reply, &json!({}), Some(reply.script.finish)), Pace::AtOnce));
    if azure {
        events.push(Frame::data(&late_filter(reply.script.text().chars().count()), Pace::AtOnce));
    }
    if let Some(usage) = reply.chat_usage() {
        let mut last = reply.head("chatcmpl", OBJECT);
        set(&mut last, "choices", json!([]));
        set(&mut last, "usage", usage);
        events.push(Frame::data(&last, Pace::AtOnce));
    }
    Frames::with_done(events)
}

const OBJECT: &str = "chat.completion.chunk";

fn chunk(reply: &Reply, delta: &Value, finish: Option<Finish>) -> Value {
    let mut choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish.map(Finish::word)});
    if reply.dialect == Dialect::Azure {
        set(&mut choice, "content_filter_results", json!({}));
    }
    let mut chunk = reply.head("chatcmpl", OBJECT);
    set(&mut chunk, "choices", json!([choice]));
    if reply.usage == UsageShown::Shown {
        set(&mut chunk, "usage", Value::Null);
    }
    chunk
}

fn delta(piece: &Piece) -> Value {
    match piece {
        Piece::Text(text) => json!({"content": text}),
        Piece::Reasoning(text) => json!({"reasoning_content": text}),
        Piece::Refusal(text) => json!({"refusal": text}),
        Piece::ToolOpen(index, tool) => json!({"tool_calls": [{"index": index, "id": tool.id, "type": "function",
            "function": {"name": tool.name, "arguments": ""}}]}),
        Piece::ToolArguments(index, text) => json!({"tool_calls": [{"index": index, "function": {"arguments": text}}]}),
    }
}

/// A reply in one document.
pub(super) fn whole(reply: &Reply) -> Value {
    let mut choice = json!({"index": 0, "message": message(reply), "logprobs": null,
        "finish_reason": reply.script.finish.word()});
    let mut document = reply.head("chatcmpl", "chat.completion");
    if reply.dialect == Dialect::Azure {
        set(&mut choice, "content_filter_results", content_filter_results());
        set(&mut document, "prompt_filter_results", prompt_filter_results());
    }
    set(&mut document, "choices", json!([choice]));
    if let Some(usage) = reply.chat_usage() {
        set(&mut document, "usage", usage);
    }
    document
}

fn message(reply: &Reply) -> Value {
    let or_null = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
    let mut message = json!({"role": "assistant", "content": or_null(reply.script.text()),
        "refusal": or_null(reply.script.refusal()), "annotations": []});
    let reasoning = reply.script.reasoning();
    if !reasoning.is_empty() {
        set(&mut message, "reasoning_content", Value::String(reasoning));
    }
    let calls: Vec<Value> = reply
        .script
        .calls()
        .into_iter()
        .map(|(_, tool, arguments)| {
            json!({"id": tool.id, "type": "function", "function": {"name": tool.name, "arguments": arguments}})
        })
        .collect();
    if !calls.is_empty() {
        set(&mut message, "tool_calls", Value::Array(calls));
    }
    message
}
