//! One row of a wrapped text: where it ends, and why.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A row as byte offsets into the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// Where what it shows ends.
    pub(super) end: usize,
    /// Where the next row starts.
    pub(super) next: usize,
    /// Where the cluster ends that decided this row's end.
    pub(super) decided: usize,
}

/// Where a row could be broken.
#[derive(Debug, Clone, Copy)]
struct Break {
    end: usize,
    next: usize,
}

/// How far a row has been read.
struct Reader {
    at: usize,
    columns: usize,
    /// The best place to break so far.
    best: Option<Break>,
    content: Content,
}

/// Whether a row holds more than spaces: an indent is no place to break.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Blank,
    Seen,
}

/// Columns a tab takes wherever it stands, so that a row does not depend on what is before it.
pub(super) fn tab(width: u16) -> usize {
    usize::from(width.min(4))
}

/// The row that starts at `start`; `None` at the end of the text. It is at most `width` columns wide, or one cluster.
pub(super) fn next_row(text: &str, start: usize, width: u16) -> Option<Row> {
    ascii_row(text.as_bytes(), start, usize::from(width)).or_else(|| any_row(text, start, width))
}

/// The row, whatever it is made of.
pub(super) fn any_row(text: &str, start: usize, width: u16) -> Option<Row> {
    let window = window(text, start, width).filter(|window| !window.is_empty())?;
    let mut reader = Reader { at: start, columns: 0, best: None, content: Content::Blank };
    for cluster in window.graphemes(true) {
        let end = reader.at + cluster.len();
        if cluster == "\n" {
            return Some(Row { end: reader.at, next: end, decided: end });
        }
        let columns = if cluster == "\t" { tab(width) } else { cluster.width() };
        if reader.columns + columns > usize::from(width) && reader.at > start {
            return Some(reader.broken_before(cluster, columns));
        }
        reader.take(cluster, columns);
    }
    Some(Row { end: reader.at, next: reader.at, decided: reader.at })
}

/// The same for a row of ASCII, where a column is a byte: most rows of most texts, and a hundred times as fast.
/// `None` where a character of it, or the one after it that could join its last, is none, or is a tab.
fn ascii_row(text: &[u8], start: usize, width: usize) -> Option<Row> {
    let window = text.get(start..start.checked_add(width)?.checked_add(2)?)?;
    let line = window.get(..=width)?;
    let plain = |bytes: &[u8]| bytes.is_ascii() && memchr::memchr(b'\t', bytes).is_none();
    if let Some(at) = memchr::memchr(b'\n', line) {
        let end = start + at;
        return plain(line.get(..at)?).then_some(Row { end, next: end + 1, decided: end + 1 });
    }
    if !plain(window) {
        return None;
    }
    let (row, here) = (line.get(..width)?, start + width);
    let decided = here + 1;
    if line.last() == Some(&b' ') {
        return Some(Row { end: here, next: decided, decided });
    }
    let space = memchr::memrchr(b' ', row);
    let after_word = |at: &usize| row.get(..*at).is_some_and(|before| before.iter().any(|byte| *byte != b' '));
    let end = space.filter(after_word).map_or(here, |at| start + at + 1);
    Some(Row { end, next: end, decided })
}

/// What a row may be made of. A row has an end even where nothing in it has a width.
fn window(text: &str, start: usize, width: u16) -> Option<&str> {
    let end = text.floor_char_boundary(start.saturating_add(64 + 32 * usize::from(width)));
    text.get(start..end)
}

impl Reader {
    fn take(&mut self, cluster: &str, columns: usize) {
        self.at += cluster.len();
        self.columns += columns;
        let is_space = cluster == " " || cluster == "\t";
        if !is_space {
            self.content = Content::Seen;
        }
        // Scripts written in wide characters break between any two of them.
        if self.content == Content::Seen && (is_space || columns > 1) {
            self.best = Some(Break { end: self.at, next: self.at });
        }
    }

    /// The row, broken because a cluster does not fit any more.
    fn broken_before(&self, cluster: &str, columns: usize) -> Row {
        let decided = self.at + cluster.len();
        let here = Break { end: self.at, next: self.at };
        let at = match cluster {
            // The space that a break replaces is not shown.
            " " | "\t" => Break { end: self.at, next: decided },
            _ if columns > 1 => here,
            _ => self.best.unwrap_or(here),
        };
        Row { end: at.end, next: at.next, decided }
    }
}
