//! What the pieces of a text are: JSON by its tokens, prose by the sign of a list or a heading. Colours alone: nothing
//! here changes a text or where it stands.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;

use crate::config::theme::{JsonPart, Role};

/// A piece of a text, and what it means.
pub(super) type Piece = (Range<usize>, Role);

/// How far a string is followed to see whether it is a key.
const KEY: usize = 512;

/// Reads JSON piece by piece, good or not. What it knows at the end of one piece holds for the next.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Json {
    /// The string it is in.
    inside: Option<JsonPart>,
}

impl Json {
    /// The pieces of a text. `rest` is what follows it, as far as it is known: a string before a colon is a key.
    pub(super) fn pieces(&mut self, text: &str, rest: &str) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut at = 0;
        while let Some(left) = text.get(at..).filter(|left| !left.is_empty()) {
            let (length, role) = self.token(left, rest);
            match pieces.last_mut().filter(|(_, last)| *last == role) {
                Some((range, _)) => range.end = at + length,
                None => pieces.push((at..at + length, role)),
            }
            at += length;
        }
        pieces
    }

    /// The first token of a text that is not empty: its length and its role.
    fn token(&mut self, text: &str, rest: &str) -> (usize, Role) {
        if let Some(part) = self.inside {
            return self.string(text, 0, part);
        }
        match text.chars().next() {
            Some('"') => {
                let part = if is_key(text, rest) { JsonPart::Key } else { JsonPart::Text };
                self.string(text, 1, part)
            }
            Some(c) if c.is_ascii_digit() || c == '-' => {
                let is_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
                (run(text, is_number), Role::Json(JsonPart::Number))
            }
            Some(c) if c.is_alphabetic() => (run(text, char::is_alphanumeric), Role::Json(JsonPart::Word)),
            Some(c) if c.is_whitespace() => (run(text, char::is_whitespace), Role::Text),
            Some('{' | '}' | '[' | ']' | ':' | ',') => (1, Role::Dim),
            Some(c) => (c.len_utf8(), Role::Text),
            None => (text.len(), Role::Text),
        }
    }

    fn string(&mut self, text: &str, from: usize, part: JsonPart) -> (usize, Role) {
        let end = closing(text, from);
        self.inside = if end.is_none() { Some(part) } else { None };
        (end.unwrap_or(text.len()), Role::Json(part))
    }
}

/// How long a text goes on so.
fn run(text: &str, is: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

/// The end of a string, its quote included.
fn closing(text: &str, from: usize) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(from);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    None
}

/// Whether the string at the start of a text is followed by a colon.
fn is_key(text: &str, rest: &str) -> bool {
    let rest = rest.get(..rest.floor_char_boundary(KEY)).unwrap_or_default();
    let colon_follows = |text: &str| text.trim_start().chars().next().map(|c| c == ':');
    if let Some(end) = closing(text, 1) {
        let after = text.get(end..).unwrap_or_default();
        return colon_follows(after).or_else(|| colon_follows(rest)).unwrap_or(false);
    }
    let after = closing(rest, 0).and_then(|end| rest.get(end..));
    after.and_then(colon_follows).unwrap_or(false)
}

/// Whether a text looks like JSON from its start on. Prose may begin with a bracket, too.
pub(super) fn is_json(text: &str) -> bool {
    let start = text.get(..text.floor_char_boundary(64)).unwrap_or_default().trim_start();
    let mut signs = start.chars();
    let (first, next) = (signs.next(), signs.find(|c| !c.is_whitespace()));
    match first {
        Some('{') => matches!(next, Some('"' | '}')),
        Some('[') => matches!(next, Some('{' | '[' | '"')),
        Some(_) | None => false,
    }
}

/// The pieces of a short text that is JSON as a whole, as far as it goes.
pub(super) fn json(text: &str) -> Vec<Piece> {
    Json::default().pieces(text, "")
}

/// The pieces of a line of prose, or of the first row of a long one: what sets a list, a heading or a quotation apart.
pub(super) fn prose(row: &str) -> Vec<Piece> {
    let indent = row.len() - row.trim_start().len();
    let text = row.get(indent..).unwrap_or_default();
    let digits = run(text, |c| c.is_ascii_digit());
    let after_digits = text.get(digits..).unwrap_or_default();
    let sign = match text.chars().next() {
        Some('-' | '*' | '+') => 1,
        Some('0'..='9') if digits <= 3 && after_digits.starts_with(['.', ')']) => digits + 1,
        Some('#') => return if is_heading(text) { vec![(0..row.len(), Role::Strong)] } else { Vec::new() },
        Some('>') => return vec![(0..row.len(), Role::Dim)],
        Some(_) | None => 0,
    };
    let is_list = sign > 0 && text.get(sign..).is_some_and(|rest| rest.starts_with(' '));
    if is_list { vec![(indent..indent + sign, Role::Accent)] } else { Vec::new() }
}

fn is_heading(text: &str) -> bool {
    let signs = run(text, |c| c == '#');
    signs <= 6 && text.get(signs..).is_some_and(|rest| rest.starts_with(' '))
}

/// A clean text as spans. A piece that would cut a cluster of characters gives way to it.
pub(super) fn spans(text: &str, pieces: &[Piece], style: impl Fn(Role) -> Style) -> Vec<Span<'static>> {
    let mut spans: Vec<(Role, String)> = Vec::new();
    let mut left = pieces.iter();
    let mut piece = left.next();
    for (at, cluster) in text.grapheme_indices(true) {
        while piece.is_some_and(|(range, _)| range.end <= at) {
            piece = left.next();
        }
        let role = piece.filter(|(range, _)| range.contains(&at)).map_or(Role::Text, |(_, role)| *role);
        match spans.last_mut().filter(|(last, _)| *last == role) {
            Some((_, text)) => text.push_str(cluster),
            None => spans.push((role, cluster.to_owned())),
        }
    }
    spans.into_iter().map(|(role, text)| Span::styled(text, style(role))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The pieces of a text, each as a letter and its text.
    fn told(pieces: &[Piece], text: &str) -> String {
        let letters = [(JsonPart::Key, "k"), (JsonPart::Text, "s"), (JsonPart::Number, "n"), (JsonPart::Word, "w")];
        let letter = |role: Role| {
            let part = letters.iter().find(|(part, _)| Role::Json(*part) == role).map(|(_, letter)| *letter);
            part.unwrap_or(if role == Role::Dim { "" } else { "t" })
        };
        let piece = |(range, role): &Piece| format!("{}{}", letter(*role), text.get(range.clone()).unwrap());
        pieces.iter().map(piece).collect::<Vec<_>>().join("·")
    }

    #[test]
    fn json_is_read_by_its_tokens() {
        let text = r#"{"a\"b": "c:", "d" : [-1.5e+3, true, null]}"#;
        let pieces = Json::default().pieces(text, "");
        let read = r#"{·k"a\"b"·:·t ·s"c:"·,·t ·k"d"·t ·:·t ·[·n-1.5e+3·,·t ·wtrue·,·t ·wnull·]}"#;
        assert_eq!(told(&pieces, text), read);
    }

    #[test]
    fn a_string_goes_on_in_the_next_row() {
        let mut json = Json::default();
        let rows = [r#"{"lo"#, r#"ng": "wor"#, r#"ds", 7}"#];
        let first = json.pieces(rows[0], &(rows[1].to_owned() + rows[2]));
        assert_eq!(told(&first, rows[0]), r#"{·k"lo"#);
        let second = json.pieces(rows[1], rows[2]);
        assert_eq!(told(&second, rows[1]), r#"kng"·:·t ·s"wor"#);
        assert_eq!(told(&json.pieces(rows[2], ""), rows[2]), r#"sds"·,·t ·n7·}"#);
    }

    #[test]
    fn what_looks_like_json() {
        for text in ["{\"a\":1}", "  [ {\"a\":1}]", "{}", "[\"a\"]"] {
            assert!(is_json(text), "{text}");
        }
        for text in ["[1] says so", "{name} is missing", "", "Hello", "[link](x)"] {
            assert!(!is_json(text), "{text}");
        }
    }

    #[test]
    fn lists_and_headings_are_set_apart() {
        let accent = |row| prose(row).first().map(|(range, role)| (range.clone(), *role));
        assert_eq!(accent("- one"), Some((0..1, Role::Accent)));
        assert_eq!(accent("  12. twelve"), Some((2..5, Role::Accent)));
        assert_eq!(accent("## Head"), Some((0..7, Role::Strong)));
        for row in ["-5 degrees", "**bold**", "2026 was", "#hash", "12.5 %", ""] {
            assert_eq!(accent(row), None, "{row}");
        }
    }

    proptest! {
        #[test]
        fn pieces_cover_a_text_in_order(text in "[\\PC\"\\\\{}:,]{0,40}", cut in 0usize..40) {
            let cut = text.floor_char_boundary(cut.min(text.len()));
            let (first, second) = text.split_at(cut);
            let mut json = Json::default();
            for (part, rest) in [(first, second), (second, "")] {
                let mut at = 0;
                for (range, _) in json.pieces(part, rest) {
                    prop_assert_eq!(range.start, at);
                    prop_assert!(range.end > at && part.is_char_boundary(range.end));
                    at = range.end;
                }
                prop_assert_eq!(at, part.len());
            }
        }

        #[test]
        fn spans_say_the_text(text in "\\PC{0,30}", at in 0usize..30, end in 0usize..60) {
            let pieces = [(at..at.max(end), Role::Accent)];
            let spans = spans(&text, &pieces, |_| Style::new());
            prop_assert_eq!(spans.iter().map(|span| span.content.as_ref()).collect::<String>(), text);
        }
    }
}
