//! A line that is being typed: the part around the cursor, and the cursor.

use crate::config::theme::Role;
use crate::domain::text::clean_line;

use super::style::Styles;
use super::text::{Row, head, tail, width};

/// Adds a typed text with the cursor before its character number `at`. The part around the cursor shows.
pub(super) fn add(row: Row, text: &str, at: usize, styles: Styles<'_>) -> Row {
    let room = row.left();
    if room == 0 {
        return row;
    }
    let split = text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
    let before = clean_line(text.get(..split).unwrap_or_default()).into_owned();
    let after = clean_line(text.get(split..).unwrap_or_default()).into_owned();
    let under = head_grapheme(&after);
    let cursor = if under.is_empty() { " " } else { under };
    let shown = tail(&before, room.saturating_sub(width(cursor)));
    let rest = after.get(under.len()..).unwrap_or_default();
    let row = row.add(styles.of(Role::Text), shown).add(styles.of(Role::Cursor), cursor);
    let rest = head(rest, row.left()).to_owned();
    row.add(styles.of(Role::Text), &rest)
}

fn head_grapheme(text: &str) -> &str {
    use unicode_segmentation::UnicodeSegmentation;
    text.graphemes(true).next().unwrap_or_default()
}
