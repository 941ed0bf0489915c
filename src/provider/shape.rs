//! Shaping: what is added to or taken from a body before it is sent, per provider. Pure; the person's order is kept.

use serde_json::{Map, Value, json};

use super::call::Mode;
use crate::domain::{Connector, Endpoint, EndpointKind};

/// Whether a stream is asked to end with its usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageAsk {
    /// `stream_options.include_usage` is added.
    Ask,
    /// The server is known to refuse the option.
    Refused,
}

/// A body as it will be sent, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shaped {
    /// The JSON text.
    pub body: String,
    /// The model it names.
    pub model: Option<String>,
    /// What was added or set, as `key: value`.
    pub added: Vec<String>,
    /// Keys that were taken out.
    pub removed: Vec<String>,
}

impl Shaped {
    /// True where `stream_options.include_usage` was added here, so that a refusal of it may be answered by dropping it.
    pub fn asks_for_usage(&self) -> bool {
        self.added.iter().any(|added| added.starts_with(INCLUDE_USAGE))
    }
}

/// What is wrong with a body, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct BodyProblem {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

const INCLUDE_USAGE: &str = "stream_options.include_usage";

/// Reads a body as typed. Nesting deeper than the reader's limit (128) is a problem, not an overflow.
pub fn check_body(text: &str) -> Result<Value, BodyProblem> {
    let at_start = |message: &str| BodyProblem { line: 1, column: 1, message: message.to_owned() };
    if text.trim().is_empty() {
        return Err(at_start("the body is empty; it must be a JSON object, {…}"));
    }
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(at_start("the body must be a JSON object, {…}")),
        Err(error) => Err(problem(text, &error)),
    }
}

/// The body as it will be sent to this endpoint.
pub fn shape(
    text: &str,
    connector: &Connector,
    endpoint: &Endpoint,
    mode: Mode,
    usage: UsageAsk,
) -> Result<Shaped, BodyProblem> {
    let Value::Object(body) = check_body(text)? else {
        return Err(BodyProblem { line: 1, column: 1, message: "the body must be a JSON object, {…}".to_owned() });
    };
    let mut shaping = Shaping { body, added: Vec::new(), removed: Vec::new() };
    // A deployment's path names its model, yet gateways in front of it may read the body's: it is sent where configured.
    shaping.default("model", connector.default_model.clone().map(Value::from));
    shaping.default("temperature", connector.options.temperature.map(Value::from));
    shaping.stream(mode);
    shaping.stream_options(endpoint.kind, mode, usage);
    if endpoint.kind == EndpointKind::ChatCompletions {
        shaping.drop_orphans("tools", &["tool_choice", "parallel_tool_calls"]);
        shaping.drop_orphans("functions", &["function_call"]);
    }
    Ok(shaping.done())
}

/// The model a body names, if it is a body at all.
pub(super) fn model_of(text: &str) -> Option<String> {
    check_body(text).ok()?.get("model")?.as_str().filter(|model| !model.is_empty()).map(str::to_owned)
}

struct Shaping {
    body: Map<String, Value>,
    added: Vec<String>,
    removed: Vec<String>,
}

impl Shaping {
    fn set(&mut self, key: &str, value: Value) {
        self.added.push(format!("{key}: {value}"));
        self.body.insert(key.to_owned(), value);
    }

    fn default(&mut self, key: &str, value: Option<Value>) {
        let missing = self.body.get(key).is_none_or(Value::is_null);
        if let Some(value) = value.filter(|_| missing) {
            self.set(key, value);
        }
    }

    /// The mode is chosen beside the body, so it wins over what the body says.
    fn stream(&mut self, mode: Mode) {
        let stream = Value::Bool(mode == Mode::Stream);
        if self.body.get("stream") != Some(&stream) {
            self.set("stream", stream);
        }
    }

    fn stream_options(&mut self, kind: EndpointKind, mode: Mode, usage: UsageAsk) {
        match (mode, kind, usage) {
            // The option is legal only in a stream.
            (Mode::Plain, _, _) => self.remove("stream_options"),
            // Responses always state their usage at the end and know no such option.
            (Mode::Stream, EndpointKind::Responses, _) | (Mode::Stream, _, UsageAsk::Refused) => {}
            (Mode::Stream, EndpointKind::ChatCompletions | EndpointKind::Completions, UsageAsk::Ask) => {
                self.include_usage();
            }
        }
    }

    /// A person's own word about it, `false` too, is kept.
    fn include_usage(&mut self) {
        match self.body.get_mut("stream_options") {
            Some(Value::Object(options)) if options.get("include_usage").is_some_and(|said| !said.is_null()) => return,
            Some(Value::Object(options)) => {
                options.insert("include_usage".to_owned(), Value::Bool(true));
            }
            Some(Value::Null) | None => {
                self.body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
            }
            // Not an object: the server shall say what it thinks of it.
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => return,
        }
        self.added.push(format!("{INCLUDE_USAGE}: true"));
    }

    /// Servers refuse these keys when the list they speak about is empty or absent.
    fn drop_orphans(&mut self, list: &str, keys: &[&str]) {
        let empty = match self.body.get(list) {
            None | Some(Value::Null) => true,
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => false,
        };
        if empty {
            for key in keys {
                self.remove(key);
            }
        }
    }

    fn remove(&mut self, key: &str) {
        if self.body.shift_remove(key).is_some() {
            self.removed.push(key.to_owned());
        }
    }

    fn done(self) -> Shaped {
        let model = self.body.get("model").and_then(Value::as_str).filter(|model| !model.is_empty());
        let model = model.map(str::to_owned);
        Shaped { body: Value::Object(self.body).to_string(), model, added: self.added, removed: self.removed }
    }
}

/// The reader counts columns in bytes; people count characters.
fn problem(text: &str, error: &serde_json::Error) -> BodyProblem {
    let line = error.line().max(1);
    let before = text.split('\n').nth(line - 1).map_or(0, |text| {
        let end = text.floor_char_boundary(error.column().saturating_sub(1));
        text.get(..end).unwrap_or_default().chars().count()
    });
    let words = error.to_string();
    let message = words.rsplit_once(" at line ").map_or(words.as_str(), |(message, _)| message).to_owned();
    BodyProblem { line, column: before + 1, message }
}

#[cfg(test)]
mod tests;
