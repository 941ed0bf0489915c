//! One row of a wrapped text: where it ends, and why.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A row as byte offsets into the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it starts.
    pub(super) start: usize,
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
    start: usize,
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

/// The row that starts at `start`; `None` at the end of the text. It is at most `width` columns wide, or one cluster.
pub(super) fn next_row(text: &str, start: usize, width: u16) -> Option<Row> {
    let window = window(text, start, width).filter(|window| !window.is_empty())?;
    let mut reader = Reader { start, at: start, columns: 0, best: None, content: Content::Blank };
    for cluster in window.graphemes(true) {
        let end = reader.at + cluster.len();
        if cluster == "\n" {
            return Some(Row { start, end: reader.at, next: end, decided: end });
        }
        let columns = cluster.width();
        if reader.columns + columns > usize::from(width) && reader.at > start {
            return Some(reader.broken_before(cluster, columns));
        }
        reader.take(cluster, columns);
    }
    Some(Row { start, end: reader.at, next: reader.at, decided: reader.at })
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
        let is_space = cluster == " ";
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
            " " => Break { end: self.at, next: decided },
            _ if columns > 1 => here,
            _ => self.best.unwrap_or(here),
        };
        Row { start: self.start, end: at.end, next: at.next, decided }
    }
}
