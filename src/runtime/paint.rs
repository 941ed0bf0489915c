//! From the screen that shows to the next one in as few bytes as it takes. Pure: cells in, bytes out.
//!
//! Owns what the terminal shows, as far as it was told, and the choice between drawing what differs and scrolling
//! first. What a terminal can do is not guessed: until it said so, the oldest sequences alone are used.

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

mod diff;
mod encode;
mod shift;

use encode::Encoder;

/// Whether a terminal can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ability {
    /// It did not say so.
    #[default]
    Unknown,
    /// It said so.
    Told,
}

/// What a terminal said that it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Scroll regions and erasing characters: a terminal that names its attributes (DA1) is a VT100 or its heir.
    pub scrolling: Ability,
    /// Synchronised output (DEC private mode 2026), as it answers DECRQM.
    pub synchronised: Ability,
}

/// Whether the terminal shows what was drawn last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    /// Something else may be there.
    Lost,
    /// It does.
    Sure,
}

/// Draws frames for one terminal.
#[derive(Debug)]
pub struct Painter {
    shown: Buffer,
    next: Buffer,
    memory: Memory,
    abilities: Abilities,
}

/// A drawing this short is sent without looking for a shorter one: scrolling alone takes some 20 bytes.
const SHORT: usize = 96;
/// A frame up to this long is written and read in one piece anyway, so that it need not be bracketed.
const ONE_PIECE: usize = 256;
/// Columns and rows of the largest screen; beyond them nothing is drawn. Every cell takes memory.
const LARGEST: Size = Size { width: 1_000, height: 1_000 };

impl Painter {
    /// A painter for a terminal of which nothing is known.
    pub fn new() -> Self {
        let empty = || Buffer::empty(Rect::ZERO);
        Self { shown: empty(), next: empty(), memory: Memory::Lost, abilities: Abilities::default() }
    }

    /// From now on the terminal is known to do this.
    pub fn learn(&mut self, abilities: Abilities) {
        self.abilities = abilities;
    }

    /// What the terminal is known to do.
    pub fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// Something else was on the screen: the next frame draws everything.
    pub fn forget(&mut self) {
        self.memory = Memory::Lost;
    }

    /// An empty sheet of this size for the next frame.
    pub fn sheet(&mut self, size: Size) -> &mut Buffer {
        let area = Rect::new(0, 0, size.width.min(LARGEST.width), size.height.min(LARGEST.height));
        if self.next.area != area {
            self.next.resize(area);
        }
        self.next.reset();
        &mut self.next
    }

    /// The bytes that bring the sheet onto the screen: none where nothing differs.
    pub fn frame(&mut self) -> Vec<u8> {
        let wiped = self.memory == Memory::Lost || self.shown.area != self.next.area;
        if wiped {
            self.shown.resize(self.next.area);
            self.shown.reset();
            self.memory = Memory::Sure;
        }
        let drawn = self.drawn();
        std::mem::swap(&mut self.shown, &mut self.next);
        let lead: &[u8] = if wiped { b"\x1b[m\x1b[2J\x1b[H" } else { b"" };
        self.bracketed([lead, &drawn].concat())
    }

    fn bracketed(&self, frame: Vec<u8>) -> Vec<u8> {
        match self.abilities.synchronised {
            Ability::Told if frame.len() > ONE_PIECE => [b"\x1b[?2026h", frame.as_slice(), b"\x1b[?2026l"].concat(),
            Ability::Told | Ability::Unknown => frame,
        }
    }

    /// The shorter of two drawings: what differs, or a scroll and what differs then.
    fn drawn(&mut self) -> Vec<u8> {
        let updates = diff::updates(&self.shown, &self.next);
        let plain = self.encoded(&updates, Encoder::new(self.shown.area, self.abilities.scrolling));
        if plain.len() <= SHORT || self.abilities.scrolling == Ability::Unknown {
            return plain;
        }
        let Some(shift) = shift::find(&self.shown, &self.next, &shift::spans(&updates)) else { return plain };
        shift.apply(&mut self.shown);
        let mut encoder = Encoder::new(self.shown.area, self.abilities.scrolling);
        encoder.shift(shift);
        let scrolled = self.encoded(&diff::updates(&self.shown, &self.next), encoder);
        if scrolled.len() < plain.len() { scrolled } else { plain }
    }

    fn encoded(&self, updates: &[encode::Update<'_>], mut encoder: Encoder) -> Vec<u8> {
        encoder.updates(updates, &self.next);
        encoder.finish()
    }
}

impl Default for Painter {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
