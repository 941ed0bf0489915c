//! A key with its modifiers, as people write it: `ctrl-s`, `G`, `shift-tab`.

use std::fmt;
use std::str::FromStr;

/// A key of the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A character, with shift already applied.
    Char(char),
    /// A function key, 1 to 12.
    F(u8),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// A key with its modifiers. Shift is kept for keys that have no shifted character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Control is held.
    pub ctrl: bool,
    /// Alt is held, on other keyboards Option.
    pub alt: bool,
    /// Shift is held; false for characters, which carry it themselves.
    pub shift: bool,
}

/// A text that names no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoChord;

impl From<Key> for Chord {
    fn from(key: Key) -> Self {
        Self { key, ctrl: false, alt: false, shift: false }
    }
}

const NAMES: [(&str, Key); 17] = [
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pgup", Key::PageUp),
    ("pgdn", Key::PageDown),
    ("space", Key::Char(' ')),
    ("minus", Key::Char('-')),
    ("return", Key::Enter),
    ("escape", Key::Esc),
];

impl FromStr for Chord {
    type Err = NoChord;

    fn from_str(text: &str) -> Result<Self, NoChord> {
        let mut chord = Self::from(Key::Esc);
        let mut rest = text;
        while let Some((word, after)) = rest.split_once('-').filter(|(_, after)| !after.is_empty()) {
            match word.to_ascii_lowercase().as_str() {
                "ctrl" => chord.ctrl = true,
                "alt" => chord.alt = true,
                "shift" => chord.shift = true,
                _ => return Err(NoChord),
            }
            rest = after;
        }
        chord.key = key(rest).ok_or(NoChord)?;
        Ok(chord.normal())
    }
}

fn key(text: &str) -> Option<Key> {
    let mut chars = text.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        return Some(Key::Char(only));
    }
    let lower = text.to_ascii_lowercase();
    let named = NAMES.iter().find(|(name, _)| *name == lower).map(|(_, key)| *key);
    named.or_else(|| lower.strip_prefix('f')?.parse().ok().filter(|n| (1..=12).contains(n)).map(Key::F))
}

impl Chord {
    /// One form for each chord: a character carries shift itself, and control ignores case.
    #[must_use]
    pub fn normal(mut self) -> Self {
        if let Key::Char(c) = self.key {
            let upper = self.shift && !self.ctrl;
            let c = if self.ctrl { c.to_ascii_lowercase() } else { c };
            self.key = Key::Char(if upper { c.to_ascii_uppercase() } else { c });
            self.shift = false;
        }
        self
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            f.write_str(if held { name } else { "" })?;
        }
        match (self.key, NAMES.iter().find(|(_, key)| *key == self.key)) {
            (_, Some((name, _))) => f.write_str(name),
            (Key::Char(c), None) => write!(f, "{c}"),
            (Key::F(n), None) => write!(f, "f{n}"),
            (key, None) => write!(f, "{key:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_come_back_as_they_were_written() {
        for text in ["r", "G", "ctrl-s", "shift-tab", "alt-x", "space", "f12", "?", "[", "minus", "pgdn", "ctrl-alt-a"]
        {
            assert_eq!(text.parse::<Chord>().map(|chord| chord.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn shift_is_part_of_a_character() {
        assert_eq!("shift-g".parse::<Chord>(), "G".parse::<Chord>());
        assert_eq!("ctrl-S".parse::<Chord>(), "ctrl-s".parse::<Chord>());
    }

    #[test]
    fn nonsense_is_no_chord() {
        for text in ["", "hyper-x", "ctrl-", "f13", "enterr"] {
            assert_eq!(text.parse::<Chord>(), Err(NoChord), "{text}");
        }
    }
}
