//! Finding in a response: where a text stands, searched piece by piece as the response grows.
//!
//! Lower-case letters find capitals too; a capital makes case count, as in `less`.

use std::ops::Range;

use crate::domain::RunId;

use super::test::{ResponseTab, Typing};

/// Bytes that are searched at once: far below what a key may wait for.
const STEP: usize = 4 << 20;
/// Places that are kept. More are counted by nobody.
pub const MOST: usize = 100_000;

/// A search in a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Find {
    /// What is searched for, as typed.
    pub text: String,
    /// Whether it is being typed.
    pub typing: Typing,
    /// Where it stands.
    pub hits: Hits,
    /// What was searched before, for when nothing is kept of what is typed.
    pub before: String,
}

/// Where a text was found so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hits {
    /// The run and the tab that were searched.
    pub of: Option<(RunId, ResponseTab)>,
    /// Bytes of the text, or numbers of events, in their order.
    pub all: Vec<Range<usize>>,
    /// Which of them is the one looked at.
    pub at: Option<usize>,
    /// How far the search went, in bytes or events.
    pub searched: usize,
    /// Whether everything there is was searched.
    pub state: Searched,
    /// From where on a place is wanted.
    pub from: usize,
}

/// Whether everything there is was searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Searched {
    /// Not yet.
    #[default]
    Partly,
    /// For now.
    All,
    /// As far as [`MOST`] places.
    Enough,
}

impl Find {
    /// A search that is about to be typed.
    pub fn new(before: String) -> Self {
        Self { text: String::new(), typing: Typing::On, hits: Hits::default(), before }
    }

    /// What the screen tells: which place of how many, `3/17`.
    pub fn count(&self) -> String {
        let hits = &self.hits;
        let more = match hits.state {
            Searched::Partly => "…",
            Searched::All => "",
            Searched::Enough => "+",
        };
        match (hits.all.len(), hits.at) {
            _ if self.text.is_empty() => String::new(),
            (0, _) if hits.state == Searched::All => "not found".to_owned(),
            (all, None) => format!("{all}{more}"),
            (all, Some(at)) => format!("{}/{all}{more}", at + 1),
        }
    }
}

impl Hits {
    /// Searches the next piece of a text that may have grown.
    pub fn extend(&mut self, needle: &Needle, hay: &str) {
        let end = hay.floor_char_boundary(self.searched.saturating_add(STEP));
        let window = hay.floor_char_boundary(end.saturating_add(needle.longest()));
        let mut at = self.searched;
        while let Some(hit) = needle.find(hay, at..window).filter(|hit| hit.start < end || end == hay.len()) {
            at = hit.end;
            self.all.push(hit);
            if self.all.len() >= MOST {
                self.state = Searched::Enough;
                return;
            }
        }
        // A piece that comes may complete what begins at the end.
        let seen = if end == hay.len() { hay.len().saturating_sub(needle.longest()) } else { end };
        self.searched = hay.floor_char_boundary(at.max(seen));
        self.state = if end == hay.len() { Searched::All } else { Searched::Partly };
    }

    /// Looks at the first place from where one is wanted; behind the last comes the first.
    pub fn settle(&mut self) {
        if self.at.is_some() || self.all.is_empty() {
            return;
        }
        let next = self.all.partition_point(|hit| hit.start < self.from);
        match (next < self.all.len(), self.state) {
            (true, _) => self.at = Some(next),
            (false, Searched::All | Searched::Enough) => self.at = Some(0),
            (false, Searched::Partly) => {}
        }
    }

    /// The place that is looked at.
    pub fn current(&self) -> Option<&Range<usize>> {
        self.all.get(self.at?)
    }

    /// The places that touch a part of the text, each with its number.
    pub fn within(&self, part: Range<usize>) -> impl Iterator<Item = (usize, &Range<usize>)> {
        let first = self.all.partition_point(|hit| hit.end <= part.start);
        self.all.iter().enumerate().skip(first).take_while(move |(_, hit)| hit.start < part.end)
    }
}

/// What is searched for, and how letters are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    text: String,
    case: Case,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// As written.
    Counts,
    /// No capitals, and letters of ASCII alone.
    IgnoredAscii,
    /// No capitals, and other letters.
    Ignored,
}

impl Needle {
    /// A text to search for; nothing where it is empty.
    pub fn new(text: &str) -> Option<Self> {
        let case = match (text.chars().any(char::is_uppercase), text.is_ascii()) {
            (true, _) => Case::Counts,
            (false, true) => Case::IgnoredAscii,
            (false, false) => Case::Ignored,
        };
        (!text.is_empty()).then(|| Self { text: text.to_owned(), case })
    }

    /// The most bytes that one place may have: a capital may take more than its small letter.
    fn longest(&self) -> usize {
        self.text.len() * 3
    }

    /// The first place in a part of a text.
    pub fn find(&self, hay: &str, part: Range<usize>) -> Option<Range<usize>> {
        let from = part.start;
        let text = hay.get(part)?;
        let found = match self.case {
            Case::Counts => text.find(&self.text).map(|at| at..at + self.text.len()),
            Case::IgnoredAscii => self.find_ascii(text.as_bytes()).map(|at| at..at + self.text.len()),
            Case::Ignored => text.char_indices().find_map(|(at, _)| Some(at..at + self.length_at(text.get(at..)?)?)),
        };
        found.map(|hit| hit.start + from..hit.end + from)
    }

    fn find_ascii(&self, hay: &[u8]) -> Option<usize> {
        let needle = self.text.as_bytes();
        let small = *needle.first()?;
        let capital = small.to_ascii_uppercase();
        let mut from = 0;
        loop {
            let at = from + hay.get(from..)?.iter().position(|byte| *byte == small || *byte == capital)?;
            if hay.get(at..at + needle.len())?.eq_ignore_ascii_case(needle) {
                return Some(at);
            }
            from = at + 1;
        }
    }

    /// How many bytes of the text are the needle, if it begins with it.
    fn length_at(&self, text: &str) -> Option<usize> {
        let mut wanted = self.text.chars().flat_map(char::to_lowercase).peekable();
        for (at, c) in text.char_indices() {
            if wanted.peek().is_none() {
                return Some(at);
            }
            if !c.to_lowercase().all(|c| wanted.next() == Some(c)) {
                return None;
            }
        }
        wanted.peek().is_none().then_some(text.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(needle: &str, hay: &str) -> Vec<Range<usize>> {
        let mut hits = Hits::default();
        let needle = Needle::new(needle).unwrap();
        while hits.state == Searched::Partly {
            hits.extend(&needle, hay);
        }
        hits.all
    }

    #[test]
    fn small_letters_find_capitals_and_capitals_only_themselves() {
        assert_eq!(all("tide", "The Tide. tide TIDE"), [4..8, 10..14, 15..19]);
        assert_eq!(all("Tide", "The Tide. tide TIDE").first(), Some(&(4..8)));
        assert_eq!(all("grüße", "GRÜSSE Grüße GRÜẞE"), [8..15, 16..24]);
        assert_eq!(all("日本", "日本、日本"), [0..6, 9..15]);
    }

    #[test]
    fn a_long_text_is_searched_in_pieces_and_nothing_is_lost_between_them() {
        let hay = format!("{}needle{}needle", "x".repeat(STEP - 3), "y".repeat(STEP));
        assert_eq!(all("needle", &hay), [STEP - 3..STEP + 3, 2 * STEP + 3..2 * STEP + 9]);
    }

    #[test]
    fn more_places_than_anyone_counts_are_not_kept() {
        let mut hits = Hits::default();
        hits.extend(&Needle::new("a").unwrap(), &"a".repeat(MOST + 10));
        assert_eq!((hits.all.len(), hits.state), (MOST, Searched::Enough));
    }

    #[test]
    fn the_first_place_from_here_is_looked_at_and_behind_the_last_the_first() {
        let mut hits = Hits { from: 5, ..Hits::default() };
        hits.extend(&Needle::new("a").unwrap(), "a    .a");
        hits.settle();
        assert_eq!(hits.at, Some(1));
        let mut hits = Hits { from: 9, ..hits };
        hits.at = None;
        hits.settle();
        assert_eq!(hits.at, Some(0));
    }

    proptest! {
        #[test]
        fn a_text_that_grows_has_the_places_of_the_whole(
            pieces in prop::collection::vec("[aAbBßäÄ日 ]{0,6}", 0..12),
            needle in "[aAbBßäÄ日]{1,3}",
        ) {
            let needle = Needle::new(&needle).unwrap();
            let mut hits = Hits::default();
            let mut hay = String::new();
            for piece in &pieces {
                hay.push_str(piece);
                hits.extend(&needle, &hay);
            }
            let mut at = 0;
            let mut whole = Vec::new();
            while let Some(hit) = needle.find(&hay, at..hay.len()) {
                at = hit.end;
                whole.push(hit);
            }
            prop_assert_eq!(hits.all, whole);
        }
    }
}
