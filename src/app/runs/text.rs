//! What a response tab holds, as text: for copying, and to know how far it scrolls.

use std::time::Duration;

use serde_json::{Value, json};

use super::RunView;
use crate::app::flow::Flow;
use crate::app::test::ResponseTab;
use crate::domain::text::clean;
use crate::domain::timing::millis;
use crate::domain::{RawEvent, ResponseHead, Timing, ToolCall};

/// Times and rates on the timing page.
pub const TIMES: usize = 9;
/// Token counts on the timing page, and where they came from.
pub const COUNTS: usize = 6;
/// Columns from which the timing page sets both side by side, where one column has too few rows for them.
pub const TIMING_PAIRS: u16 = 50;

impl RunView {
    /// The tab's content as text, as it came but for control characters; empty where there is none yet.
    pub fn text(&self, tab: ResponseTab) -> String {
        let transcript = &self.transcript;
        let text = match tab {
            ResponseTab::Answer => return self.answer.text().to_owned(),
            ResponseTab::Reasoning => return self.reasoning.text().to_owned(),
            ResponseTab::Tools => joined(transcript.tool_calls.iter().map(tool_call), "\n\n"),
            ResponseTab::Events => joined(transcript.raw.events.iter().map(event), "\n"),
            ResponseTab::Headers => transcript.head.as_deref().map(head).unwrap_or_default(),
            ResponseTab::Timing => transcript.end.as_deref().map(|end| timing(&end.timing)).unwrap_or_default(),
        };
        clean(&text).into_owned()
    }

    /// How many rows the tab has at this width: those of the flow, one an event, else those of its text. The timing
    /// page is in one column where all of it shows; then it does not scroll, whatever is told here.
    pub fn rows(&self, tab: ResponseTab, width: u16) -> usize {
        match tab {
            ResponseTab::Answer => self.answer.rows(),
            ResponseTab::Reasoning => self.reasoning.rows(),
            ResponseTab::Events => self.transcript.raw.events.len(),
            ResponseTab::Timing if width >= TIMING_PAIRS => TIMES,
            ResponseTab::Timing => TIMES + 1 + COUNTS,
            ResponseTab::Tools | ResponseTab::Headers => self.page(tab, width).rows(),
        }
    }

    /// The tab's text, wrapped; for tabs that are short.
    pub fn page(&self, tab: ResponseTab, width: u16) -> Flow {
        let mut flow = Flow::default();
        flow.push(&self.text(tab));
        flow.set_width(width);
        flow
    }
}

fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

/// Arguments that are good JSON are set out in lines; others stay as the model wrote them.
fn tool_call(call: &ToolCall) -> String {
    let arguments = serde_json::from_str::<Value>(&call.arguments)
        .map_or_else(|_not_json| call.arguments.clone(), |value| format!("{value:#}"));
    let id = if call.id.is_empty() { String::new() } else { format!(" ({})", call.id) };
    format!("{}{id}\n{arguments}", call.name)
}

fn event(event: &RawEvent) -> String {
    json!({ "at_ms": millis(event.at), "event": event.kind, "size": event.size, "data": event.data }).to_string()
}

fn head(head: &ResponseHead) -> String {
    let first = format!("{} {}", head.version, head.status);
    let rest = head.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    joined(std::iter::once(first).chain(rest), "\n")
}

fn timing(timing: &Timing) -> String {
    let Timing { queue, dns, connect, tls, first_byte, first_token, first_answer, last_token, total } = timing;
    let rows = [
        ("queue", queue),
        ("dns", dns),
        ("connect", connect),
        ("tls", tls),
        ("first byte", first_byte),
        ("first token", first_token),
        ("first answer", first_answer),
        ("last token", last_token),
        ("total", total),
    ];
    let line = |name: &str, time: Duration| format!("{name}: {} ms", millis(time));
    joined(rows.into_iter().filter_map(|(name, time)| time.map(|time| line(name, time))), "\n")
}
