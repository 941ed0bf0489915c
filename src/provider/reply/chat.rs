//! Chat Completions and legacy Completions, chunks and whole replies alike.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::domain::RunEvent;

use super::super::errors::{Told, filtered_categories, is_error};
use super::Reply;
use super::tools::ToolPiece;

/// The key under which the deprecated single `function_call` is kept: no server uses this index.
const FUNCTION_CALL: i64 = -1;

impl Reply {
    /// Reads a chunk or a whole completion; what it does not have is not missed.
    pub(super) fn completion(&mut self, object: &Map<String, Value>, out: &mut Vec<RunEvent>) {
        self.named(object.get("model").and_then(Value::as_str).unwrap_or_default());
        let choices = object.get("choices").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (position, choice) in choices.iter().enumerate() {
            if let Value::Object(choice) = choice {
                self.choice(position, choice, out);
            }
        }
        let groq = object.get("x_groq");
        if let Some(error) = groq.and_then(|groq| groq.get("error")).filter(|error| is_error(error)) {
            self.told(Told::from_json(error));
        }
        let own = object.get("usage").filter(|usage| usage.is_object());
        if let Some(usage) = own.or_else(|| groq?.get("usage")) {
            self.consumed(usage, out);
        }
    }

    fn choice(&mut self, position: usize, choice: &Map<String, Value>, out: &mut Vec<RunEvent>) {
        let index =
            choice.get("index").and_then(integer).unwrap_or_else(|| i64::try_from(position).unwrap_or(i64::MAX));
        if index != 0 {
            if !self.facts.other_choices {
                self.facts.other_choices = true;
                out.push(RunEvent::Note("the reply has more than one choice; only the first is shown".to_owned()));
            }
            return;
        }
        if let Some(error) = choice.get("error").filter(|error| is_error(error)) {
            self.told(Told::from_json(error));
        }
        for key in ["delta", "message"] {
            if let Some(Value::Object(piece)) = choice.get(key) {
                self.piece(piece, out);
            }
        }
        if let Some(text) = choice.get("text").and_then(Value::as_str) {
            self.out.content(text, out);
        }
        let reason = choice.get("finish_reason").and_then(Value::as_str).unwrap_or_default();
        if reason == "content_filter" {
            let results = choice.get("content_filter_results").or_else(|| choice.get("content_filter_result"));
            self.facts.filtered.extend(results.map(filtered_categories).unwrap_or_default());
            self.facts.filtered.truncate(10);
        }
        self.finished(reason);
    }

    /// A delta or a message: they differ in nothing that matters here.
    fn piece(&mut self, piece: &Map<String, Value>, out: &mut Vec<RunEvent>) {
        self.out.reasoning(&reasoning(piece), out);
        match piece.get("content") {
            Some(Value::String(text)) => self.out.content(text, out),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.part(part, out)),
            Some(_) | None => {}
        }
        self.out.refusal(text(piece, "refusal"), out);
        if let Some(Value::Array(calls)) = piece.get("tool_calls") {
            for call in calls {
                self.tool_call(call, out);
            }
        }
        if let Some(Value::Object(call)) = piece.get("function_call") {
            let arguments = arguments(call.get("arguments"));
            let name = text(call, "name");
            self.out.tool(&ToolPiece { index: Some(FUNCTION_CALL), id: "", name, arguments: &arguments }, out);
        }
    }

    /// A part of a content list: text, thinking or a refusal.
    fn part(&mut self, part: &Value, out: &mut Vec<RunEvent>) {
        match part {
            Value::String(text) => self.out.content(text, out),
            Value::Object(part) if part.contains_key("thinking") => {
                let thinking = part.get("thinking").map(joined).unwrap_or_default();
                self.out.reasoning(&thinking, out);
            }
            Value::Object(part) => {
                self.out.content(text(part, "text"), out);
                self.out.refusal(text(part, "refusal"), out);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
        }
    }

    fn tool_call(&mut self, call: &Value, out: &mut Vec<RunEvent>) {
        let Value::Object(call) = call else { return };
        let of = |key: &str| call.get(key).and_then(Value::as_object);
        let function = of("function").or_else(|| of("custom"));
        let get = |key: &str| function.and_then(|function| function.get(key));
        let arguments = arguments(get("arguments").or_else(|| get("input")));
        let piece = ToolPiece {
            index: call.get("index").and_then(integer),
            id: text(call, "id"),
            name: get("name").and_then(Value::as_str).unwrap_or_default(),
            arguments: &arguments,
        };
        self.out.tool(&piece, out);
    }
}

/// The reasoning of a piece. Proxies repeat the same text under several keys: one is taken.
fn reasoning(piece: &Map<String, Value>) -> Cow<'_, str> {
    let plain =
        ["reasoning_content", "reasoning"].into_iter().map(|key| text(piece, key)).find(|text| !text.is_empty());
    match (plain, piece.get("reasoning_details")) {
        (Some(text), _) => Cow::Borrowed(text),
        (None, Some(details)) => Cow::Owned(joined(details)),
        (None, None) => Cow::Borrowed(""),
    }
}

/// The texts of a list of parts, one after the other.
pub(super) fn joined(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(joined).collect(),
        Value::Object(part) => ["text", "summary"].into_iter().map(|key| text(part, key)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

pub(super) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Arguments are JSON inside a string; some servers send the JSON itself.
pub(super) fn arguments(value: Option<&Value>) -> Cow<'_, str> {
    match value {
        Some(Value::String(text)) => Cow::Borrowed(text),
        None | Some(Value::Null) => Cow::Borrowed(""),
        Some(value @ (Value::Object(_) | Value::Array(_) | Value::Bool(_) | Value::Number(_))) => {
            Cow::Owned(value.to_string())
        }
    }
}

/// An index, be it an integer, a float or a text.
pub(super) fn integer(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "an index is small, and the cast saturates")]
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
