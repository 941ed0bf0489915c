//! How `test` shows a run as it goes: text, one JSON object at the end, or one a event.

use serde_json::{Value, json};

use super::io::Io;
use super::test::Told;
use crate::domain::timing::{ReasoningSeen, millis};
use crate::domain::{AttemptReport, Cost, Delta, Failure, RunEnd, RunEvent, Transcript, Usage, UsageSource, text};

pub(super) mod plain;

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// The answer to stdout, everything else to stderr.
    Text,
    /// The result object alone.
    Json,
    /// One object an event, the result last.
    JsonLines,
    /// Text, with every change of state as a line.
    Plain,
}

/// Shows a run as it goes.
pub(super) struct Show {
    format: Format,
    plain: plain::Plain,
}

impl Show {
    /// Of a run that has not begun.
    pub(super) fn new(format: Format) -> Self {
        Self { format, plain: plain::Plain::default() }
    }

    /// Shows one event.
    pub(super) fn event(&mut self, io: &mut Io, event: &RunEvent) -> Result<(), Failure> {
        match self.format {
            Format::Text => show_text(io, event),
            Format::Json => Ok(()),
            Format::JsonLines => event_json(event).map_or(Ok(()), |value| io.json_line(&value)),
            Format::Plain => self.plain.event(io, event),
        }
    }
}

fn show_text(io: &mut Io, event: &RunEvent) -> Result<(), Failure> {
    match event {
        RunEvent::Delta(Delta::Answer(piece) | Delta::Refusal(piece)) => io.write(&text::clean(piece))?,
        RunEvent::Delta(Delta::Reasoning(piece)) => io.say_piece(&text::clean(piece)),
        RunEvent::Delta(Delta::ToolCall(_))
        | RunEvent::Started { .. }
        | RunEvent::Attempt { .. }
        | RunEvent::Head(_)
        | RunEvent::Raw(_)
        | RunEvent::Usage(_)
        | RunEvent::Ended(_) => {}
        RunEvent::Retry(report) => io.say(&retry_line(report)),
        RunEvent::Note(note) => io.say(&format!("note: {}", text::clean_line(note))),
    }
    Ok(())
}

fn retry_line(report: &AttemptReport) -> String {
    format!(
        "attempt {} of {} failed: {}; the next in {:.1} s",
        report.number,
        report.of,
        report.failure.message,
        report.wait.as_secs_f64()
    )
}

/// The end of a run, for a person.
pub(super) fn show_end(io: &mut Io, told: &Told) -> Result<(), Failure> {
    let Told { transcript, end, cost } = told;
    for call in &transcript.tool_calls {
        io.line(&text::clean(&format!("{}({})", call.name, call.arguments)))?;
    }
    if !transcript.answer.is_empty() && !transcript.answer.ends_with('\n') {
        io.write("\n")?;
    }
    if let Some(failure) = &end.failure {
        io.say(&format!("{}: {}", failure.kind, failure.message));
        if !failure.hint.is_empty() {
            io.say(&format!("  {}", failure.hint));
        }
    }
    io.say(&summary(transcript, end, cost.as_ref()));
    Ok(())
}

/// An estimate of the tokens makes the cost one.
fn price(cost: &Cost, usage: &Usage) -> String {
    format!("{}{}", about(usage), cost.amount)
}

/// The mark of what is made of tokens that were counted here.
fn about(usage: &Usage) -> &'static str {
    if usage.source == UsageSource::Estimated { "~" } else { "" }
}

fn summary(transcript: &Transcript, end: &RunEnd, cost: Option<&Cost>) -> String {
    let seen = if transcript.reasoning.is_empty() { ReasoningSeen::No } else { ReasoningSeen::Yes };
    let speed = end.timing.tokens_per_second(&end.usage, seen);
    let parts = [
        Some(end.outcome.word().to_owned()),
        end.model.as_deref().map(|model| text::clean_line(model).into_owned()),
        end.finish_reason.as_deref().map(|reason| text::clean_line(reason).into_owned()),
        tokens(&end.usage),
        cost.map(|cost| price(cost, &end.usage)),
        end.timing.first_token.map(|first| format!("first token {:.0} ms", millis(first))),
        speed.map(|speed| format!("{}{speed:.0} tok/s", about(&end.usage))),
        end.timing.total.map(|total| format!("total {:.0} ms", millis(total))),
        Some(end.attempts).filter(|attempts| *attempts > 1).map(|attempts| format!("{attempts} attempts")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
}

fn tokens(usage: &Usage) -> Option<String> {
    let mark = match usage.source {
        UsageSource::Reported => "",
        UsageSource::Estimated => "~",
        UsageSource::None => return None,
    };
    let figure = |tokens: Option<u64>| tokens.map_or_else(|| "?".to_owned(), |tokens| format!("{mark}{tokens}"));
    Some(format!("{} tokens in, {} out", figure(usage.prompt), figure(usage.completion)))
}

/// An event as an object; `None` for the end, which the result object tells.
fn event_json(event: &RunEvent) -> Option<Value> {
    Some(match event {
        RunEvent::Started { queue } => json!({"event": "started", "queue_ms": millis(*queue)}),
        RunEvent::Attempt { number, of } => json!({"event": "attempt", "number": number, "of": of}),
        RunEvent::Retry(report) => json!({
            "event": "retry", "number": report.number, "of": report.of, "wait_ms": millis(report.wait),
            "error": super::json::ErrorJson::from(&report.failure),
        }),
        RunEvent::Head(head) => json!({
            "event": "head", "at_ms": millis(head.at), "http_status": head.status, "version": head.version,
            "request_id": head.request_id, "headers": head.headers,
        }),
        RunEvent::Raw(raw) => json!({
            "event": "raw", "at_ms": millis(raw.at), "kind": raw.kind, "size": raw.size, "data": raw.data,
        }),
        RunEvent::Delta(delta) => delta_json(delta),
        RunEvent::Usage(usage) => json!({
            "event": "usage", "prompt_tokens": usage.prompt, "completion_tokens": usage.completion,
            "total_tokens": usage.total, "cached_tokens": usage.cached, "reasoning_tokens": usage.reasoning,
        }),
        RunEvent::Note(note) => json!({"event": "note", "text": note}),
        RunEvent::Ended(_) => return None,
    })
}

fn delta_json(delta: &Delta) -> Value {
    match delta {
        Delta::Answer(text) => json!({"event": "delta", "channel": "answer", "text": text}),
        Delta::Reasoning(text) => json!({"event": "delta", "channel": "reasoning", "text": text}),
        Delta::Refusal(text) => json!({"event": "delta", "channel": "refusal", "text": text}),
        Delta::ToolCall(piece) => json!({
            "event": "delta", "channel": "tool-call", "slot": piece.slot, "id": piece.id, "name": piece.name,
            "arguments": piece.arguments,
        }),
    }
}
