//! Reads what a provider answers, by what comes back and not by what was asked.
//!
//! Owns the wire shapes of Chat Completions, legacy Completions and Responses, streamed or whole, and the
//! rule of when a reply is complete. It must not read from a socket, know times, or show texts: they leave
//! here as the server sent them, except in a failure and in notes, which are masked and cleaned.

mod chat;
mod fast;
mod name;
mod output;
mod responses;
mod think;
mod tools;
mod usage;
mod verdict;

use serde_json::{Map, Value};

use crate::domain::text::{clean_line, cut};
use crate::domain::{EndpointKind, RunEvent, Usage};

use super::errors::{Told, is_error};
use output::Output;

pub use name::event_kind;
pub use verdict::Verdict;

/// Whether a stream is worth reading further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// More may come.
    Continue,
    /// The reply is over, whether or not the server closes the connection.
    Done,
}

/// How the reply came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As events, of which some may never arrive.
    Stream,
    /// As one document: once it was read, it is complete.
    Whole,
}

/// Why what came is no reply, where the server itself told no error.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Oddity {
    /// The body is empty.
    Empty,
    /// The body is a web page; its words.
    Page(String),
    /// The body is JSON lines, as Ollama's own API sends them.
    JsonLines,
    /// The body is Ollama's own reply.
    OtherProtocol,
    /// The body is JSON, but no reply; its start.
    NoReply(String),
    /// The body is no JSON; its start.
    NoJson(String),
}

/// A reply, as far as it has come.
#[derive(Debug)]
pub struct Reply {
    kind: EndpointKind,
    form: Form,
    out: Output,
    usage: Usage,
    facts: Facts,
    errors: Errors,
}

/// What the reply says about itself.
#[derive(Debug, Default)]
struct Facts {
    model: Option<String>,
    finish_reason: Option<String>,
    /// `[DONE]` or a terminal event was seen.
    terminated: bool,
    /// Categories that a content filter marked as filtered.
    filtered: Vec<String>,
    /// A choice other than the first was left out, and this was told.
    other_choices: bool,
    /// Usage was odd, and this was told.
    odd_usage: bool,
}

/// What went wrong so far.
#[derive(Debug, Default)]
struct Errors {
    told: Option<Told>,
    odd: Option<Oddity>,
    /// Events that were read.
    good: usize,
    /// Events that were not JSON objects.
    unreadable: usize,
    /// The start of the first of them.
    sample: String,
}

/// Longest note about something odd, in bytes.
const NOTE_MAX: usize = 300;

/// Longest start of something unreadable that is kept, in bytes.
const SAMPLE_MAX: usize = 4096;

impl Reply {
    /// A reply to a request of this kind, of which nothing has come. The kind decides only what no shape does.
    pub fn new(kind: EndpointKind) -> Self {
        Self {
            kind,
            form: Form::Stream,
            out: Output::default(),
            usage: Usage::default(),
            facts: Facts::default(),
            errors: Errors::default(),
        }
    }

    /// True once output of any kind has arrived: from here on, no other attempt may be made.
    pub fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    /// True once content has come, even if it is still held back.
    pub(super) fn has_begun(&self) -> bool {
        self.out.has_content()
    }

    /// Takes in one event of a stream: its type (`message` where the frame names none) and data.
    pub fn frame(&mut self, event: &str, data: &str, out: &mut Vec<RunEvent>) -> Step {
        if let Some(step) = self.fast_frame(event, data, out) {
            return step;
        }
        let data = data.trim();
        match data {
            "" | "null" | "\"\"" | "{}" => return Step::Continue,
            _ if data.starts_with("[DONE]") => {
                self.facts.terminated = true;
                return Step::Done;
            }
            _ => {}
        }
        match serde_json::from_str(data) {
            Ok(Value::Object(object)) => self.object(event, &object, out),
            Ok(other) if event == "error" => self.error(&other),
            Ok(Value::Array(items)) => self.array(event, &items, out),
            Ok(_) => self.unreadable(data),
            Err(_not_json) if event == "error" => self.error(&Value::String(data.to_owned())),
            Err(_not_json) => self.unreadable(data),
        }
    }

    /// Takes in a whole body that answered with status 200.
    pub fn body(&mut self, body: String, out: &mut Vec<RunEvent>) {
        self.form = Form::Whole;
        let text = body.trim_start_matches('\u{FEFF}').trim();
        match serde_json::from_str(text) {
            _ if text.is_empty() => self.odd(Oddity::Empty),
            Ok(Value::Object(object)) => {
                // A large body is not held twice while its texts are told.
                drop(body);
                self.whole(&object, out);
            }
            Ok(Value::Array(items)) => match items.first() {
                Some(Value::Object(object)) => self.whole(object, out),
                Some(_) | None => self.odd(Oddity::NoReply(sample(text))),
            },
            Ok(_) => self.odd(Oddity::NoReply(sample(text))),
            Err(_not_json) => self.odd(verdict::name_of_oddity(text)),
        }
    }

    fn array(&mut self, event: &str, items: &[Value], out: &mut Vec<RunEvent>) -> Step {
        match items.first() {
            Some(Value::Object(object)) => self.object(event, object, out),
            Some(_) | None => Step::Continue,
        }
    }

    /// One event, read by its shape.
    fn object(&mut self, event: &str, object: &Map<String, Value>, out: &mut Vec<RunEvent>) -> Step {
        self.errors.good += 1;
        let class = object.get("type").and_then(Value::as_str).unwrap_or_default();
        if matches!(class, "ping" | "keepalive") || matches!(event, "ping" | "keepalive") {
            return Step::Continue;
        }
        if class.starts_with("response.") {
            return self.response_event(class, object, out);
        }
        let has_choices = object.get("choices").is_some_and(Value::is_array);
        let error = object.get("error").filter(|error| is_error(error));
        let flat = event == "error" || class == "error" || object.get("object").is_some_and(|name| name == "error");
        if error.is_some() || flat {
            self.told(Told::from_json(&Value::Object(object.clone())));
            if !has_choices {
                // A Responses stream still sends `response.failed`, with its usage.
                return if class == "error" || self.kind == EndpointKind::Responses {
                    Step::Continue
                } else {
                    Step::Done
                };
            }
        }
        if object.get("object").is_some_and(|name| name == "response") {
            self.response_object(object, out);
            return Step::Done;
        }
        self.completion(object, out);
        Step::Continue
    }

    fn whole(&mut self, object: &Map<String, Value>, out: &mut Vec<RunEvent>) {
        self.errors.good += 1;
        if object.get("output").is_some_and(Value::is_array)
            || object.get("object").is_some_and(|name| name == "response")
        {
            return self.response_object(object, out);
        }
        let error = object.get("error").filter(|error| is_error(error));
        let has_choices = object.get("choices").and_then(Value::as_array).is_some_and(|choices| !choices.is_empty());
        let flat = ["detail", "errors", "message"].iter().any(|key| object.get(*key).is_some_and(is_error));
        let native = object.contains_key("done") && (object.contains_key("message") || object.contains_key("response"));
        match error {
            Some(_) => self.told(Told::from_json(&Value::Object(object.clone()))),
            None if has_choices => {}
            None if native => return self.odd(Oddity::OtherProtocol),
            None if flat => self.told(Told::from_json(&Value::Object(object.clone()))),
            None => self.odd(Oddity::NoReply(sample(&Value::Object(object.clone()).to_string()))),
        }
        self.completion(object, out);
    }

    fn error(&mut self, error: &Value) -> Step {
        self.errors.good += 1;
        self.told(Told::from_json(error));
        Step::Continue
    }

    /// Keeps the first error: a second one is usually the same, told again. One that explains itself goes before.
    fn told(&mut self, told: Told) {
        match &self.errors.told {
            Some(first) if !first.message.is_empty() || told.message.is_empty() => {}
            Some(_) | None => self.errors.told = Some(told),
        }
    }

    fn odd(&mut self, odd: Oddity) {
        self.errors.odd = Some(odd);
    }

    fn unreadable(&mut self, data: &str) -> Step {
        self.errors.unreadable += 1;
        if self.errors.sample.is_empty() {
            self.errors.sample = sample(data);
        }
        Step::Continue
    }

    /// The model as the reply names it. A first chunk may leave it blank.
    fn named(&mut self, model: &str) {
        if self.facts.model.is_none() && !model.is_empty() {
            self.facts.model = Some(model.to_owned());
        }
    }

    /// Odd usage is told once a reply: a stream may repeat it with every chunk.
    fn tell_oddity(&mut self, oddity: Option<String>, out: &mut Vec<RunEvent>) {
        if let Some(oddity) = oddity.filter(|_| !self.facts.odd_usage) {
            self.facts.odd_usage = true;
            out.push(RunEvent::Note(cut(&clean_line(&oddity), NOTE_MAX).into_owned()));
        }
    }

    fn finished(&mut self, reason: &str) {
        // A filter's verdict may come after the ordinary reason, and it is what matters.
        let filtered = self.facts.finish_reason.as_deref() == Some("content_filter");
        if !reason.is_empty() && !filtered {
            self.facts.finish_reason = Some(reason.to_owned());
        }
    }

    /// The last usage counts, except where it is all zeros after a real one.
    fn consumed(&mut self, stated: &Value, out: &mut Vec<RunEvent>) {
        let usage = usage::read(stated);
        self.tell_oddity(usage::oddity(stated, &self.usage, usage.as_ref()), out);
        let Some(usage) = usage else { return };
        let nothing = usage.prompt.unwrap_or(0) == 0 && usage.completion.unwrap_or(0) == 0;
        let better = !nothing || self.usage == Usage::default();
        if better && usage != self.usage {
            self.usage = usage;
            out.push(RunEvent::Usage(usage));
        }
    }
}

fn sample(text: &str) -> String {
    text.get(..text.floor_char_boundary(SAMPLE_MAX)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
