//! What a reply has produced: its texts and tool calls, and the deltas that tell of them.

use crate::domain::{Delta, RunEvent};

use super::super::estimate::Sample;
use super::think::{Piece, Splitter};
use super::tools::{Slots, ToolPiece};

/// Output so far. Texts are kept as far as the token estimate needs them: whoever listens has all of them.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) answer: Sample,
    pub(super) reasoning: Sample,
    pub(super) tools: Sample,
    splitter: Splitter,
    slots: Slots,
}

impl Output {
    pub(super) fn is_empty(&self) -> bool {
        self.answer.is_empty() && self.reasoning.is_empty() && !self.has_calls()
    }

    /// True once content has come, even if it is still held back.
    pub(super) fn has_content(&self) -> bool {
        !self.splitter.is_untouched() || !self.answer.is_empty()
    }

    pub(super) fn has_calls(&self) -> bool {
        !self.slots.is_empty()
    }

    /// Content, in which reasoning may stand between tags.
    #[inline]
    pub(super) fn content(&mut self, text: &str, out: &mut Vec<RunEvent>) {
        if self.splitter.is_through() {
            return self.answer(text, out);
        }
        let mut splitter = std::mem::take(&mut self.splitter);
        splitter.push(text, &mut |piece| self.piece(piece, out));
        self.splitter = splitter;
    }

    /// Emits what was held back in case a tag follows.
    pub(super) fn flush(&mut self, out: &mut Vec<RunEvent>) {
        let mut splitter = std::mem::take(&mut self.splitter);
        splitter.finish(&mut |piece| self.piece(piece, out));
        self.splitter = splitter;
    }

    fn piece(&mut self, piece: Piece<'_>, out: &mut Vec<RunEvent>) {
        match piece {
            Piece::Answer(text) => self.answer(text, out),
            Piece::Reasoning(text) => self.reasoning(text, out),
        }
    }

    #[inline]
    fn answer(&mut self, text: &str, out: &mut Vec<RunEvent>) {
        if !text.is_empty() {
            self.answer.push(text);
            out.push(RunEvent::Delta(Delta::Answer(text.to_owned())));
        }
    }

    #[inline]
    pub(super) fn reasoning(&mut self, text: &str, out: &mut Vec<RunEvent>) {
        if !text.is_empty() {
            self.reasoning.push(text);
            out.push(RunEvent::Delta(Delta::Reasoning(text.to_owned())));
        }
    }

    pub(super) fn refusal(&mut self, text: &str, out: &mut Vec<RunEvent>) {
        if !text.is_empty() {
            self.answer.push(text);
            out.push(RunEvent::Delta(Delta::Refusal(text.to_owned())));
        }
    }

    pub(super) fn tool(&mut self, piece: &ToolPiece<'_>, out: &mut Vec<RunEvent>) {
        if let Some(delta) = self.slots.place(piece) {
            self.tools.push(delta.name.as_deref().unwrap_or_default());
            self.tools.push(&delta.arguments);
            out.push(RunEvent::Delta(Delta::ToolCall(delta)));
        }
    }

    /// A whole tool call: adds only what its pieces did not bring.
    pub(super) fn whole_tool(&mut self, piece: &ToolPiece<'_>, out: &mut Vec<RunEvent>) {
        if self.slots.has_arguments(piece) {
            self.tool(&ToolPiece { arguments: "", ..*piece }, out);
        } else {
            self.tool(piece, out);
        }
    }
}
