//! The shape of Responses, streamed and whole.

use serde_json::{Value, json};

use super::request::UsageShown;
use super::route::Dialect;
use super::script::{Finish, Piece, Tool};
use super::wire::{CREATED, Frame, Frames, Pace, Reply, content_filter_results, set};

/// The events of a streamed reply.
pub(super) fn frames(reply: &Reply) -> Frames {
    let mut writer = Writer { reply, events: Vec::with_capacity(reply.script.pieces.len() + 12), items: Vec::new() };
    let running = document(reply, "in_progress", &[]);
    writer.event("response.created", Pace::AtOnce, json!({"response": running}));
    writer.event("response.in_progress", Pace::AtOnce, json!({"response": running}));
    for run in runs(reply) {
        writer.item(&run);
    }
    let (event, status) = match reply.script.finish {
        Finish::Stop | Finish::ToolCalls => ("response.completed", "completed"),
        Finish::Length => ("response.incomplete", "incomplete"),
    };
    let ended = document(reply, status, &writer.items);
    writer.event(event, Pace::AtOnce, json!({"response": ended}));
    Frames { events: writer.events, done: None }
}

/// A reply in one document.
pub(super) fn whole(reply: &Reply) -> Value {
    let items: Vec<Value> =
        runs(reply).iter().enumerate().map(|(index, run)| run.item(reply, index, Progress::Done)).collect();
    let status = match reply.script.finish {
        Finish::Stop | Finish::ToolCalls => "completed",
        Finish::Length => "incomplete",
    };
    document(reply, status, &items)
}

/// Pieces of one kind in a row: one item of the output.
struct Run<'r> {
    what: What,
    pieces: Vec<&'r str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Reasoning,
    Text,
    Refusal,
    Call(&'static Tool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Begun,
    Done,
}

impl Progress {
    fn word(self) -> &'static str {
        match self {
            Self::Begun => "in_progress",
            Self::Done => "completed",
        }
    }
}

fn runs(reply: &Reply) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for piece in &reply.script.pieces {
        let (what, text) = match piece {
            Piece::Reasoning(text) => (What::Reasoning, Some(text.as_str())),
            Piece::Text(text) => (What::Text, Some(text.as_str())),
            Piece::Refusal(text) => (What::Refusal, Some(text.as_str())),
            Piece::ToolOpen(_, tool) => (What::Call(tool), None),
            Piece::ToolArguments(_, text) => {
                if let Some(run) = runs.last_mut() {
                    run.pieces.push(text);
                }
                continue;
            }
        };
        match runs.last_mut() {
            Some(run) if run.what == what => run.pieces.extend(text),
            Some(_) | None => runs.push(Run { what, pieces: text.into_iter().collect() }),
        }
    }
    runs
}

impl Run<'_> {
    /// The part of the item that holds the text, where it has one.
    fn part(&self, text: &str) -> Value {
        match self.what {
            What::Reasoning => json!({"type": "summary_text", "text": text}),
            What::Text => json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []}),
            What::Refusal => json!({"type": "refusal", "refusal": text}),
            What::Call(_) => Value::Null,
        }
    }

    fn id(&self, reply: &Reply, index: usize) -> String {
        let kind = match self.what {
            What::Reasoning => "rs",
            What::Text | What::Refusal => "msg",
            What::Call(_) => "fc",
        };
        format!("{kind}_sandbox{}_{index}", reply.number)
    }

    fn item(&self, reply: &Reply, index: usize, progress: Progress) -> Value {
        let text = match progress {
            Progress::Begun => String::new(),
            Progress::Done => self.pieces.concat(),
        };
        let parts = match progress {
            Progress::Begun => json!([]),
            Progress::Done => json!([self.part(&text)]),
        };
        let id = self.id(reply, index);
        match self.what {
            What::Reasoning => json!({"id": id, "type": "reasoning", "summary": parts}),
            What::Text | What::Refusal => json!({"id": id, "type": "message", "status": progress.word(),
                "role": "assistant", "content": parts}),
            What::Call(tool) => json!({"id": id, "type": "function_call", "status": progress.word(),
                "call_id": tool.id, "name": tool.name, "arguments": text}),
        }
    }

    /// The names of its events: part, delta and done, and the field that holds the whole at the end.
    fn names(&self) -> Names {
        let names = |part, text, field| Names { part, text, field };
        match self.what {
            What::Reasoning => names(Some("reasoning_summary_part"), "reasoning_summary_text", "text"),
            What::Text => names(Some("content_part"), "output_text", "text"),
            What::Refusal => names(Some("content_part"), "refusal", "refusal"),
            What::Call(_) => names(None, "function_call_arguments", "arguments"),
        }
    }

    /// Where in the output its events belong.
    fn place(&self, reply: &Reply, index: usize) -> Value {
        let mut place = json!({"item_id": self.id(reply, index), "output_index": index});
        match self.what {
            What::Reasoning => set(&mut place, "summary_index", json!(0)),
            What::Text | What::Refusal => set(&mut place, "content_index", json!(0)),
            What::Call(_) => {}
        }
        place
    }
}

struct Names {
    part: Option<&'static str>,
    text: &'static str,
    field: &'static str,
}

/// Numbers the events.
struct Writer<'r> {
    reply: &'r Reply,
    events: Vec<Frame>,
    items: Vec<Value>,
}

impl Writer<'_> {
    fn event(&mut self, name: &str, pace: Pace, fields: Value) {
        let mut event = json!({"type": name, "sequence_number": self.events.len()});
        if let (Some(event), Value::Object(fields)) = (event.as_object_mut(), fields) {
            event.extend(fields);
        }
        self.events.push(Frame::named(name, &event, pace));
    }

    fn item(&mut self, run: &Run<'_>) {
        let index = self.items.len();
        let begun = run.item(self.reply, index, Progress::Begun);
        let pace = match run.what {
            // Opening a call is a token of its own; other items open with their first text.
            What::Call(_) => Pace::Token,
            What::Reasoning | What::Text | What::Refusal => Pace::AtOnce,
        };
        self.event("response.output_item.added", pace, json!({"output_index": index, "item": begun}));
        self.text(run, index);
        let done = run.item(self.reply, index, Progress::Done);
        self.event("response.output_item.done", Pace::AtOnce, json!({"output_index": index, "item": done}));
        self.items.push(done);
    }

    fn text(&mut self, run: &Run<'_>, index: usize) {
        let names = run.names();
        let placed = |name: &str, value: Value| {
            let mut place = run.place(self.reply, index);
            set(&mut place, name, value);
            place
        };
        let whole = run.pieces.concat();
        let mut events: Vec<(String, Pace, Value)> = Vec::with_capacity(run.pieces.len() + 3);
        if let Some(part) = names.part {
            events.push((format!("response.{part}.added"), Pace::AtOnce, placed("part", run.part(""))));
        }
        for piece in &run.pieces {
            events.push((format!("response.{}.delta", names.text), Pace::Token, placed("delta", json!(piece))));
        }
        events.push((format!("response.{}.done", names.text), Pace::AtOnce, placed(names.field, json!(whole))));
        if let Some(part) = names.part {
            events.push((format!("response.{part}.done"), Pace::AtOnce, placed("part", run.part(&whole))));
        }
        for (name, pace, fields) in events {
            self.event(&name, pace, fields);
        }
    }
}

fn document(reply: &Reply, status: &str, items: &[Value]) -> Value {
    let ended = status != "in_progress";
    let usage = if ended && reply.usage == UsageShown::Shown { reply.tally.as_responses() } else { Value::Null };
    let incomplete = if status == "incomplete" { json!({"reason": "max_output_tokens"}) } else { Value::Null };
    let mut document = json!({"id": format!("resp_sandbox{}", reply.number), "object": "response",
        "created_at": CREATED, "status": status, "background": false, "error": null,
        "incomplete_details": incomplete, "model": reply.model, "output": items,
        "parallel_tool_calls": true, "store": false, "usage": usage});
    if reply.dialect == Dialect::Azure {
        let filters = json!([{"blocked": false, "source_type": "prompt",
            "content_filter_results": content_filter_results()}]);
        set(&mut document, "content_filters", filters);
    }
    document
}
