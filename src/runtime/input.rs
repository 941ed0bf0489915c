//! What a terminal sends, as keys, pastes and answers. Pure: bytes in, events out.
//!
//! A reader of our own, because answers to questions come among the keys, a second later on a slow line, and the
//! terminal library's would take what is typed after an answer that it does not know. Whatever is not understood is
//! dropped as a whole; it never becomes keys.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

mod sequence;

use sequence::Step;

/// Something a terminal sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    /// A key, a paste, the mouse.
    Event(Event),
    /// The answer to a question.
    Answer(Answer),
}

/// What a terminal says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has the attributes of a VT100 or an heir of one (DA1).
    Attributes,
    /// It knows this private mode and can set it (DECRPM).
    Mode(u16),
    /// It does not know this private mode, or cannot set it.
    NoMode(u16),
}

/// Bytes that are no whole sequence yet.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    bytes: Vec<u8>,
    pasting: Pasting,
}

/// Whether what comes is pasted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pasting {
    #[default]
    No,
    /// Up to here the end was looked for.
    Yes { searched: usize },
}

const PASTE_END: &[u8] = b"\x1b[201~";

impl Decoder {
    /// Takes bytes and tells what they are.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        self.bytes.extend_from_slice(bytes);
        let mut inputs = Vec::new();
        let mut used = 0;
        while let Some(taken) = self.step(used, &mut inputs) {
            used += taken;
        }
        self.bytes.drain(..used);
        inputs
    }

    /// True while a sequence has begun and not ended. An escape key looks the same until time has passed.
    pub(super) fn is_waiting(&self) -> bool {
        self.pasting == Pasting::No && !self.bytes.is_empty()
    }

    /// Time has passed: what waited is what it looks like.
    pub(super) fn give_up(&mut self) -> Vec<Input> {
        let key = match self.bytes.as_slice() {
            [0x1b] => Some(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)),
            [0x1b, b'['] => Some(KeyEvent::new(KeyCode::Char('['), KeyModifiers::ALT)),
            [0x1b, b'O'] => Some(KeyEvent::new(KeyCode::Char('O'), KeyModifiers::ALT | KeyModifiers::SHIFT)),
            _ => None,
        };
        self.bytes.clear();
        key.map(|key| Input::Event(Event::Key(key))).into_iter().collect()
    }

    /// One step from `used` on; `None` when more must come first.
    fn step(&mut self, used: usize, inputs: &mut Vec<Input>) -> Option<usize> {
        let rest = self.bytes.get(used..).filter(|rest| !rest.is_empty())?;
        if let Pasting::Yes { searched } = self.pasting {
            let (taken, text) = paste(rest, searched)
                .inspect_err(|so_far| {
                    self.pasting = Pasting::Yes { searched: *so_far };
                })
                .ok()?;
            self.pasting = Pasting::No;
            inputs.push(Input::Event(Event::Paste(text)));
            return Some(taken);
        }
        match sequence::next(rest) {
            Step::More => None,
            Step::Skip(taken) => Some(taken),
            Step::Took(taken, input) => {
                inputs.push(input);
                Some(taken)
            }
            Step::Paste(taken) => {
                self.pasting = Pasting::Yes { searched: 0 };
                Some(taken)
            }
        }
    }
}

/// A paste up to its end, and how many bytes that is; else how far its end was looked for.
fn paste(bytes: &[u8], searched: usize) -> Result<(usize, String), usize> {
    let from = searched.min(bytes.len());
    let found = memchr::memmem::find(bytes.get(from..).unwrap_or_default(), PASTE_END).map(|at| from + at);
    // The end may have come in part.
    let end = found.ok_or(bytes.len().saturating_sub(PASTE_END.len() - 1))?;
    let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    Ok((end + PASTE_END.len(), text))
}

#[cfg(test)]
mod tests;
