//! Splits `<think>…</think>` off the start of a content, with tags that may be cut anywhere.
//!
//! Only a tag that nothing but blanks precedes counts: later in an answer it is text about tags.

/// A piece of content, told apart.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece<'a> {
    /// Answer.
    Answer(&'a str),
    /// Reasoning.
    Reasoning(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Nothing but blanks so far.
    #[default]
    Start,
    /// Between the tags.
    Inside,
    /// Behind a closing tag, nothing but blanks since: they belong to neither text.
    Behind,
    /// In the answer, for good.
    Through,
}

/// Tells answer and reasoning apart.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    /// Text that may be the start of a tag.
    held: String,
}

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";
/// Blanks beyond this are no longer held back, in bytes.
const BLANKS_MAX: usize = 256;

impl Splitter {
    /// True once no tag can come any more.
    #[inline]
    pub(super) fn is_through(&self) -> bool {
        self.state == State::Through
    }

    /// True while there was no content at all.
    pub(super) fn is_untouched(&self) -> bool {
        self.state == State::Start && self.held.is_empty()
    }

    /// Takes in more content.
    pub(super) fn push(&mut self, text: &str, sink: &mut impl FnMut(Piece<'_>)) {
        let mut held = std::mem::take(&mut self.held);
        let mut rest = if held.is_empty() {
            text
        } else {
            held.push_str(text);
            held.as_str()
        };
        loop {
            rest = match self.state {
                State::Through => return sink(Piece::Answer(rest)),
                State::Start | State::Behind => match self.open(rest, sink) {
                    Some(after) => after,
                    None => return,
                },
                State::Inside => match self.inside(rest, sink) {
                    Some(after) => after,
                    None => return,
                },
            };
        }
    }

    /// The content is over: what was held back is text after all.
    pub(super) fn finish(&mut self, sink: &mut impl FnMut(Piece<'_>)) {
        let held = std::mem::take(&mut self.held);
        match self.state {
            State::Inside => sink(Piece::Reasoning(&held)),
            State::Behind => sink(Piece::Answer(held.trim_start())),
            State::Start | State::Through => sink(Piece::Answer(&held)),
        }
    }

    fn open<'a>(&mut self, text: &'a str, sink: &mut impl FnMut(Piece<'_>)) -> Option<&'a str> {
        let start = text.trim_start();
        if let Some(after) = start.strip_prefix(OPEN) {
            self.state = State::Inside;
            return Some(after);
        }
        if OPEN.starts_with(start) && text.len() <= BLANKS_MAX {
            text.clone_into(&mut self.held);
            return None;
        }
        let answer = if self.state == State::Behind { start } else { text };
        self.state = State::Through;
        sink(Piece::Answer(answer));
        None
    }

    fn inside<'a>(&mut self, text: &'a str, sink: &mut impl FnMut(Piece<'_>)) -> Option<&'a str> {
        if let Some((reasoning, after)) = text.split_once(CLOSE) {
            sink(Piece::Reasoning(reasoning));
            self.state = State::Behind;
            return Some(after);
        }
        let kept = (1..CLOSE.len()).rev().find(|len| CLOSE.get(..*len).is_some_and(|start| text.ends_with(start)));
        let (reasoning, held) = text.split_at_checked(text.len() - kept.unwrap_or(0)).unwrap_or((text, ""));
        sink(Piece::Reasoning(reasoning));
        held.clone_into(&mut self.held);
        None
    }
}
