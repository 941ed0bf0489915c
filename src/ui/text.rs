//! Text by the columns it takes: fitting, padding, wrapping. Cuts only between graphemes.
//!
//! Everything that comes from outside passes through [`Row`], which cleans it.

use std::borrow::Cow;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::text::{clean_line, cut};

use super::highlight::{Piece, spans};
use super::style::Styles;

/// Columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The longest start of a text that takes at most `max` columns.
pub(super) fn head(text: &str, max: usize) -> &str {
    let mut columns = 0;
    let end = text.grapheme_indices(true).find_map(|(at, grapheme)| {
        columns += width(grapheme);
        (columns > max).then_some(at)
    });
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The longest end of a text that takes at most `max` columns.
pub(super) fn tail(text: &str, max: usize) -> &str {
    let mut columns = 0;
    let start = text.grapheme_indices(true).rev().find_map(|(at, grapheme)| {
        columns += width(grapheme);
        (columns > max).then_some(at + grapheme.len())
    });
    start.and_then(|start| text.get(start..)).unwrap_or(text)
}

/// The text, cut to `max` columns with an ellipsis where something was cut.
pub(super) fn fit(text: &str, max: usize) -> Cow<'_, str> {
    let short = head(text, max);
    if short.len() == text.len() {
        return Cow::Borrowed(text);
    }
    match max {
        0 => Cow::Borrowed(""),
        _ => Cow::Owned(format!("{}…", head(text, max - 1).trim_end())),
    }
}

/// A text of any length made one clean line of at most `max` columns. Looks at no more of it than can show.
pub(super) fn one_line(text: &str, max: usize) -> String {
    // A grapheme may take many bytes, but a column hardly ever takes more than 16.
    fit(&clean_line(&cut(text, max.saturating_mul(16).saturating_add(64))), max).into_owned()
}

/// A text wrapped at words into at most `rows` lines; the last one ends in an ellipsis where more follows.
pub(super) fn wrap(text: &str, columns: usize, rows: usize) -> Vec<String> {
    let columns = columns.max(1);
    let enough = columns.saturating_mul(rows).saturating_mul(16).saturating_add(64);
    let text = clean_line(&cut(text, enough)).into_owned();
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(&text, columns) {
        if width(&line) + width(word) > columns && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if line.is_empty() && word.trim().is_empty() && !lines.is_empty() {
            continue;
        }
        push_word(word, columns, &mut line, &mut lines);
    }
    if !line.trim().is_empty() {
        lines.push(line);
    }
    shorten(lines, columns, rows)
}

/// Words with the signs that cling to them, and the white space between. What is long, as a URL or a text without
/// spaces, may be broken at every word's end, lest most of a line stay empty.
fn words(text: &str, columns: usize) -> impl Iterator<Item = &str> {
    let parts = text.split_inclusive(' ').flat_map(|part| match part.strip_suffix(' ') {
        Some(word) => [word, " "],
        None => [part, ""],
    });
    parts.filter(|part| !part.is_empty()).flat_map(move |part| {
        let (long, short) = if width(part) > columns / 2 { (part, "") } else { ("", part) };
        long.split_word_bounds().chain(std::iter::once(short).filter(|part| !part.is_empty()))
    })
}

/// A word longer than a line is cut where the line ends; a sign wider than a line is left out.
fn push_word(word: &str, columns: usize, line: &mut String, lines: &mut Vec<String>) {
    for grapheme in word.graphemes(true) {
        // A letter with a skin tone takes three columns.
        let grapheme = if width(grapheme) > columns { "…" } else { grapheme };
        if width(line) + width(grapheme) > columns && !line.is_empty() {
            lines.push(std::mem::take(line));
        }
        line.push_str(grapheme);
    }
}

fn shorten(mut lines: Vec<String>, columns: usize, rows: usize) -> Vec<String> {
    if lines.len() > rows {
        lines.truncate(rows);
        if let Some(last) = lines.last_mut() {
            *last = format!("{}…", head(last, columns.saturating_sub(1)).trim_end());
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// One line of the screen, built from left to right. It never gets wider than it may be.
#[derive(Debug, Clone)]
pub(super) struct Row {
    spans: Vec<Span<'static>>,
    width: usize,
    max: usize,
}

impl Row {
    /// An empty line of at most `max` columns.
    pub(super) fn new(max: usize) -> Self {
        Self { spans: Vec::new(), width: 0, max }
    }

    /// Columns that are still free.
    pub(super) fn left(&self) -> usize {
        self.max.saturating_sub(self.width)
    }

    /// Columns that are taken.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Adds a text, cut where the line ends.
    #[must_use]
    pub(super) fn add(mut self, style: Style, text: &str) -> Self {
        let text = one_line(text, self.left());
        self.width += width(&text);
        self.spans.push(Span::styled(text, style));
        self
    }

    /// Adds a text whose pieces look different, cut where the line ends; `read` tells the pieces of what shows.
    #[must_use]
    pub(super) fn add_pieces(mut self, text: &str, read: impl FnOnce(&str) -> Vec<Piece>, styles: Styles<'_>) -> Self {
        let text = one_line(text, self.left());
        self.width += width(&text);
        self.spans.extend(spans(&text, &read(&text), |role| styles.of(role)));
        self
    }

    /// Adds a text only where the whole of it fits.
    #[must_use]
    pub(super) fn add_whole(self, style: Style, text: &str) -> Self {
        if width(&clean_line(text)) <= self.left() { self.add(style, text) } else { self }
    }

    /// Adds a text in a column of a width of its own.
    #[must_use]
    pub(super) fn column(self, style: Style, text: &str, columns: usize) -> Self {
        let end = self.width + columns;
        let text = one_line(text, columns);
        self.add(style, &text).pad_to(end)
    }

    /// Adds a text at the right of a column.
    #[must_use]
    pub(super) fn right_column(self, style: Style, text: &str, columns: usize) -> Self {
        let text = one_line(text, columns);
        let start = self.width + columns.saturating_sub(width(&text));
        self.pad_to(start).add(style, &text)
    }

    /// Adds spaces.
    #[must_use]
    pub(super) fn space(self, columns: usize) -> Self {
        let end = self.width + columns;
        self.pad_to(end)
    }

    /// Adds spaces up to a column.
    #[must_use]
    pub(super) fn pad_to(mut self, column: usize) -> Self {
        let missing = column.min(self.max).saturating_sub(self.width);
        if missing > 0 {
            self.spans.push(Span::raw(" ".repeat(missing)));
            self.width += missing;
        }
        self
    }

    /// Adds another line's pieces where the whole of them fits.
    #[must_use]
    pub(super) fn append(mut self, other: Self) -> Self {
        if other.width <= self.left() {
            self.width += other.width;
            self.spans.extend(other.spans);
        }
        self
    }

    /// Adds another line's pieces, cut where the line ends.
    #[must_use]
    pub(super) fn append_cut(self, other: Self) -> Self {
        other.spans.into_iter().fold(self, |row, span| row.add(span.style, &span.content))
    }

    /// Adds another line's pieces at the right edge, where there is room for them and a gap.
    #[must_use]
    pub(super) fn right(self, other: Self) -> Self {
        if other.width == 0 || other.width + usize::from(self.width > 0) > self.left() {
            return self;
        }
        let start = self.max - other.width;
        self.pad_to(start).append(other)
    }

    /// Fills the line and lays a style over all of it.
    #[must_use]
    pub(super) fn fill(self, style: Style) -> Self {
        let max = self.max;
        let mut row = self.pad_to(max);
        for span in &mut row.spans {
            span.style = span.style.patch(style);
        }
        row
    }

    /// The line for the terminal library.
    pub(super) fn into_line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        assert_eq!(fit("openai-prod", 11), "openai-prod");
        assert_eq!(fit("openai-prod", 8), "openai-…");
        assert_eq!(fit("openai", 1), "…");
        assert_eq!(fit("openai", 0), "");
    }

    #[test]
    fn wide_characters_are_never_split() {
        assert_eq!(fit("東京都", 6), "東京都");
        assert_eq!(fit("東京都", 5), "東京…");
        assert_eq!(fit("東京都", 4), "東…");
        assert_eq!(tail("東京都", 3), "都");
        assert_eq!(head("👩‍👩‍👧x", 2), "👩‍👩‍👧");
        assert_eq!(head("e\u{301}e\u{301}", 1), "e\u{301}");
    }

    #[test]
    fn text_is_wrapped_at_words() {
        assert_eq!(wrap("the key was refused by the server", 12, 9), ["the key was", "refused by", "the server"]);
        assert_eq!(wrap("the key was refused by the server", 12, 2), ["the key was", "refused by…"]);
        assert_eq!(wrap("aaaaaaaaaa", 4, 9), ["aaaa", "aaaa", "aa"]);
        assert!(wrap("  ", 4, 9).is_empty());
    }

    #[test]
    fn signs_stay_with_their_word() {
        assert_eq!(wrap("drop them and edit \"abc\"?", 24, 9), ["drop them and edit", "\"abc\"?"]);
        assert_eq!(wrap("see http://a.test/v1/chat", 16, 9), ["see http://", "a.test/v1/chat"]);
    }

    #[test]
    fn a_row_cleans_what_it_is_given() {
        let line = Row::new(20).add(Style::new(), "a\u{1b}[31m\nb\u{202e}").into_line();
        assert_eq!(line.to_string(), "a␛[31m b\u{fffd}");
    }

    #[test]
    fn the_right_part_gives_way() {
        let right = |max| {
            let note = Row::new(max).add(Style::new(), "right");
            Row::new(max).add(Style::new(), "left").right(note).into_line().to_string()
        };
        assert_eq!(right(12), "left   right");
        assert_eq!(right(10), "left right");
        assert_eq!(right(9), "left");
    }

    proptest! {
        #[test]
        fn nothing_gets_wider_than_asked(text in "\\PC{0,40}", max in 0usize..30, rows in 0usize..5) {
            prop_assert!(width(&fit(&text, max)) <= max);
            prop_assert!(width(tail(&text, max)) <= max);
            prop_assert!(width(&one_line(&text, max)) <= max);
            let row = Row::new(max).column(Style::new(), &text, 7).right_column(Style::new(), &text, 5).add(Style::new(), &text);
            prop_assert!(row.width() <= max);
            let lines = wrap(&text, max.max(2), rows);
            prop_assert!(lines.len() <= rows);
            prop_assert!(lines.iter().all(|line| width(line) <= max.max(2)));
        }
    }
}
