//! The transcript of one run, gathered from its events.

use std::collections::VecDeque;

use super::run::{AttemptReport, Delta, Outcome, RawEvent, ResponseHead, RunEnd, RunEvent, RunPhase, ToolCallDelta};
use super::usage::Usage;

/// Raw events kept for showing; older ones are dropped and counted.
pub const RAW_KEPT: usize = 5_000;
/// Bytes of their data kept for showing. The reply's text is kept beside them: large events would be a second copy of it.
pub const RAW_HELD: usize = 8 << 20;

/// A tool call, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ToolCall {
    /// The provider's id.
    pub id: String,
    /// The function's name.
    pub name: String,
    /// Its arguments: JSON once complete, as the model wrote it.
    pub arguments: String,
}

/// What a run has produced so far. Its texts are as the server sent them: clean them before a terminal sees them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Transcript {
    /// How far the run has come.
    pub phase: RunPhase,
    /// Answer text; a refusal's text where the model refused.
    pub answer: String,
    /// Reasoning text.
    pub reasoning: String,
    /// Tool calls.
    pub tool_calls: Vec<ToolCall>,
    /// Events as they came.
    pub raw: RawLog,
    /// The response's head.
    pub head: Option<Box<ResponseHead>>,
    /// Usage as last stated.
    pub usage: Usage,
    /// Attempts that failed before the last.
    pub retries: Vec<AttemptReport>,
    /// Things worth telling.
    pub notes: Vec<String>,
    /// How it ended.
    pub end: Option<Box<RunEnd>>,
}

/// The most recent raw events, and how many there were in all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawLog {
    /// The last [`RAW_KEPT`], or fewer where they hold more than [`RAW_HELD`].
    pub events: VecDeque<RawEvent>,
    /// How many came in all.
    pub count: usize,
    /// Bytes of all their data.
    pub bytes: usize,
    /// Bytes of the data that is kept.
    held: usize,
}

impl RawLog {
    fn push(&mut self, event: RawEvent) {
        self.count += 1;
        self.bytes += event.size;
        self.held += event.data.len();
        self.events.push_back(event);
        while self.events.len() > RAW_KEPT || self.held > RAW_HELD {
            let Some(oldest) = self.events.pop_front() else { return };
            self.held -= oldest.data.len();
        }
    }
}

impl Transcript {
    /// Takes in one event. After the end, nothing changes any more.
    pub fn apply(&mut self, event: RunEvent) {
        if self.end.is_some() {
            return;
        }
        match event {
            RunEvent::Started { .. } | RunEvent::Attempt { .. } => self.phase = RunPhase::Connecting,
            RunEvent::Retry(report) => {
                self.phase = RunPhase::Retrying;
                self.retries.push(report);
            }
            RunEvent::Head(head) => {
                self.phase = RunPhase::Streaming;
                self.head = Some(head);
            }
            RunEvent::Raw(event) => self.raw.push(event),
            RunEvent::Delta(delta) => self.add(delta),
            RunEvent::Usage(usage) => self.usage = usage,
            RunEvent::Note(note) => self.notes.push(note),
            RunEvent::Ended(end) => {
                self.phase = RunPhase::Ended(end.outcome);
                self.usage = end.usage;
                self.end = Some(end);
            }
        }
    }

    /// True once the run is over.
    pub fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// How it ended, once it has.
    pub fn outcome(&self) -> Option<Outcome> {
        self.end.as_ref().map(|end| end.outcome)
    }

    fn add(&mut self, delta: Delta) {
        match delta {
            Delta::Answer(text) | Delta::Refusal(text) => self.answer.push_str(&text),
            Delta::Reasoning(text) => self.reasoning.push_str(&text),
            Delta::ToolCall(piece) => self.add_tool_call(piece),
        }
    }

    fn add_tool_call(&mut self, piece: ToolCallDelta) {
        while self.tool_calls.len() <= piece.slot {
            self.tool_calls.push(ToolCall::default());
        }
        let Some(call) = self.tool_calls.get_mut(piece.slot) else { return };
        if let Some(id) = piece.id.filter(|_| call.id.is_empty()) {
            call.id = id;
        }
        if let Some(name) = piece.name.filter(|_| call.name.is_empty()) {
            call.name = name;
        }
        call.arguments.push_str(&piece.arguments);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn raw_events_are_kept_up_to_a_number_and_a_size() {
        for (length, kept) in [(10, RAW_KEPT), (RawEvent::SHOWN_MAX, RAW_HELD / RawEvent::SHOWN_MAX)] {
            let mut log = RawLog::default();
            for at in 0..10_000 {
                let (kind, data) = ("message".to_owned(), "x".repeat(length));
                log.push(RawEvent { at: Duration::from_millis(at), kind, data, size: length });
            }
            assert_eq!((log.events.len(), log.count, log.bytes), (kept, 10_000, 10_000 * length));
            assert_eq!(log.events.back().map(|event| event.at), Some(Duration::from_millis(9_999)));
        }
    }
}
