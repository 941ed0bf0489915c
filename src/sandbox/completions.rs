//! The shape of the legacy Completions, streamed and whole. It knows text alone: a refusal becomes text,
//! reasoning is counted but not shown, and tool calls are left out.

use serde_json::{Value, json};

use super::request::UsageShown;
use super::route::Dialect;
use super::script::{Finish, Piece};
use super::wire::{Frame, Frames, Pace, Reply, content_filter_results, prompt_filter, prompt_filter_results, set};

const OBJECT: &str = "text_completion";

/// The events of a streamed reply.
pub(super) fn frames(reply: &Reply) -> Frames {
    let mut events = Vec::with_capacity(reply.script.pieces.len() + 3);
    if reply.dialect == Dialect::Azure {
        events.push(Frame::data(&prompt_filter(), Pace::AtOnce));
    }
    for text in reply.script.pieces.iter().filter_map(visible) {
        events.push(Frame::data(&chunk(reply, text, None), Pace::Token));
    }
    events.push(Frame::data(&chunk(reply, "", Some(finish(reply))), Pace::AtOnce));
    if let Some(usage) = reply.chat_usage() {
        let mut last = reply.head("cmpl", OBJECT);
        set(&mut last, "choices", json!([]));
        set(&mut last, "usage", usage);
        events.push(Frame::data(&last, Pace::AtOnce));
    }
    Frames::with_done(events)
}

/// A reply in one document.
pub(super) fn whole(reply: &Reply) -> Value {
    let mut choice = choice(&reply.script.joined(visible), Some(finish(reply)));
    let mut document = reply.head("cmpl", OBJECT);
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

fn visible(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Text(text) | Piece::Refusal(text) => Some(text),
        Piece::Reasoning(_) | Piece::ToolOpen(..) | Piece::ToolArguments(..) => None,
    }
}

/// There are no tool calls here, so nothing ends because of them.
fn finish(reply: &Reply) -> Finish {
    match reply.script.finish {
        Finish::Length => Finish::Length,
        Finish::Stop | Finish::ToolCalls => Finish::Stop,
    }
}

fn chunk(reply: &Reply, text: &str, finish: Option<Finish>) -> Value {
    let mut chunk = reply.head("cmpl", OBJECT);
    set(&mut chunk, "choices", json!([choice(text, finish)]));
    if reply.usage == UsageShown::Shown {
        set(&mut chunk, "usage", Value::Null);
    }
    chunk
}

fn choice(text: &str, finish: Option<Finish>) -> Value {
    json!({"text": text, "index": 0, "logprobs": null, "finish_reason": finish.map(Finish::word)})
}
