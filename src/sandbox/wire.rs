//! What goes out: events with their pace, and the reply every protocol shapes.

use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::behaviour::{Behaviour, Content, Quirk};
use super::request::{Ask, UsageShown};
use super::route::Dialect;
use super::script::{Script, Tally, Tempo};
use super::{MODEL, texts};

/// Replies are the same each time, so the clock is not read.
pub(super) const CREATED: u64 = 1_790_000_000;

/// When an event leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Together with the one before.
    AtOnce,
    /// At its turn in the tempo.
    Token,
}

/// Bytes of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) bytes: Bytes,
    pub(super) pace: Pace,
}

impl Frame {
    /// A `data:` line without a name.
    pub(super) fn data(value: &Value, pace: Pace) -> Self {
        Self { bytes: format!("data: {value}\n\n").into(), pace }
    }

    /// A named event.
    pub(super) fn named(name: &str, value: &Value, pace: Pace) -> Self {
        Self { bytes: format!("event: {name}\ndata: {value}\n\n").into(), pace }
    }
}

/// A whole stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frames {
    pub(super) events: Vec<Frame>,
    /// The sentinel, where the protocol has one.
    pub(super) done: Option<Frame>,
}

impl Frames {
    /// With the sentinel of the two older protocols.
    pub(super) fn with_done(events: Vec<Frame>) -> Self {
        let done = Frame { bytes: Bytes::from_static(b"data: [DONE]\n\n"), pace: Pace::AtOnce };
        Self { events, done: Some(done) }
    }
}

/// A reply, ready to be shaped by a protocol.
#[derive(Debug)]
pub(super) struct Reply {
    /// Counts the requests of a sandbox.
    pub(super) number: u64,
    /// The name the reply gives its model.
    pub(super) model: String,
    pub(super) dialect: Dialect,
    pub(super) usage: UsageShown,
    pub(super) script: Script,
    pub(super) tally: Tally,
}

impl Reply {
    pub(super) fn new(number: u64, dialect: Dialect, behaviour: Behaviour, ask: &Ask) -> Self {
        let script = Script::of(behaviour, ask);
        let tally = Tally::of(&script, ask.prompt_tokens);
        let usage = match behaviour {
            Behaviour::Wire(Quirk::NoUsage) => UsageShown::Hidden,
            Behaviour::Wire(_) | Behaviour::Content(_) | Behaviour::Fault(_) => ask.usage,
        };
        let model = match (behaviour, dialect) {
            (Behaviour::Content(Content::Hostile), _) => texts::HOSTILE_MODEL.to_owned(),
            // A deployment's name says nothing about its model; the reply does.
            (_, Dialect::Azure) => MODEL.to_owned(),
            (_, Dialect::OpenAi) => ask.model.clone(),
        };
        Self { number, model, dialect, usage, script, tally }
    }

    /// The fields that name a reply of the two older protocols.
    pub(super) fn head(&self, id: &str, object: &str) -> Value {
        json!({"id": format!("{id}-sandbox{}", self.number), "object": object, "created": CREATED,
            "model": self.model, "system_fingerprint": "fp_sandbox"})
    }

    /// The usage of the two older protocols, where it is shown.
    pub(super) fn chat_usage(&self) -> Option<Value> {
        match self.usage {
            UsageShown::Shown => Some(self.tally.as_chat()),
            UsageShown::Hidden => None,
        }
    }

    /// How long the reply takes when nothing of it is sent before the end.
    pub(super) fn duration(&self, tempo: Tempo) -> Duration {
        tempo.total(self.script.pieces.len())
    }
}

/// Sets a field; a value that is no object is left alone.
pub(super) fn set(value: &mut Value, name: &str, field: Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(name.to_owned(), field);
    }
}

/// Azure's first event of a stream: no identity, no choices, the verdict on the prompt.
pub(super) fn prompt_filter() -> Value {
    json!({"choices": [], "created": 0, "id": "", "model": "", "object": "",
        "prompt_filter_results": prompt_filter_results()})
}

/// Azure's verdict on the prompt.
pub(super) fn prompt_filter_results() -> Value {
    let mut results = content_filter_results();
    set(&mut results, "jailbreak", json!({"detected": false, "filtered": false}));
    json!([{"prompt_index": 0, "content_filter_results": results}])
}

/// Azure's verdict on a text: harmless in every category.
pub(super) fn content_filter_results() -> Value {
    let safe = json!({"filtered": false, "severity": "safe"});
    json!({"hate": safe, "self_harm": safe, "sexual": safe, "violence": safe})
}

/// Azure's late verdict: a choice without a delta, after the finish reason.
pub(super) fn late_filter(characters: usize) -> Value {
    json!({"id": "", "object": "", "created": 0, "model": "", "usage": null,
        "choices": [{"index": 0, "finish_reason": null, "content_filter_results": content_filter_results(),
            "content_filter_offsets": {"check_offset": characters, "start_offset": 0, "end_offset": characters}}]})
}
