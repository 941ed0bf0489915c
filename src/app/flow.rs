//! A long text, cleaned and wrapped to a width as it grows. Only its last rows are wrapped again.
//!
//! Rows form a chain: where a row ends depends on the text from its start alone. A row is settled once
//! the cluster that decided its end can no longer grow; a push takes up the chain after the last settled row.

use std::borrow::Cow;

mod wrap;

use wrap::Row;

/// A text that grows at its end, wrapped to a width.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    text: String,
    width: u16,
    rows: Vec<Row>,
    /// How many rows no later piece can change.
    settled: usize,
    pending: Pending,
}

/// A carriage return at the end of a piece waits: before a line feed it is dropped, before anything else it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pending {
    #[default]
    Nothing,
    Return,
}

/// A tab's columns. Fixed, so that a row does not depend on what stands before it.
const TAB: &str = "    ";

impl Flow {
    /// Appends a piece as the server sent it; it is cleaned here. Costs as much as the piece and the rows it changes.
    pub fn push(&mut self, piece: &str) {
        let piece = self.with_pending(piece);
        let cleaned = crate::domain::text::clean(&piece);
        if cleaned.contains('\t') {
            self.text.push_str(&cleaned.replace('\t', TAB));
        } else {
            self.text.push_str(&cleaned);
        }
        self.wrap();
    }

    /// Sets the width in columns; another one wraps everything again. At 0, which is "not known yet", nothing is wrapped.
    pub fn set_width(&mut self, width: u16) {
        if self.width == width {
            return;
        }
        self.width = width;
        self.settled = 0;
        self.wrap();
    }

    /// How many rows there are; none while the width is not known.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// A row's text; empty past the end.
    pub fn row(&self, index: usize) -> &str {
        self.rows.get(index).and_then(|row| self.text.get(row.start..row.end)).unwrap_or_default()
    }

    /// Where a row starts in the text; the text's length past the end.
    pub fn start(&self, index: usize) -> usize {
        self.rows.get(index).map_or(self.text.len(), |row| row.start)
    }

    /// Which bytes of the text a row shows; none past the end.
    pub fn bytes(&self, index: usize) -> std::ops::Range<usize> {
        self.rows.get(index).map(|row| row.start..row.end).unwrap_or_default()
    }

    /// The row that a byte of the text stands in.
    pub fn row_of(&self, byte: usize) -> usize {
        self.rows.partition_point(|row| row.start <= byte).saturating_sub(1)
    }

    /// The whole text, cleaned.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn with_pending<'a>(&mut self, piece: &'a str) -> Cow<'a, str> {
        let piece = match std::mem::take(&mut self.pending) {
            Pending::Return => Cow::Owned(format!("\r{piece}")),
            Pending::Nothing => Cow::Borrowed(piece),
        };
        let Some(before) = piece.strip_suffix('\r') else { return piece };
        self.pending = Pending::Return;
        Cow::Owned(before.to_owned())
    }

    fn wrap(&mut self) {
        self.rows.truncate(self.settled);
        if self.width == 0 {
            return;
        }
        let mut from = self.rows.last().map_or(0, |row| row.next);
        while let Some(row) = wrap::next_row(&self.text, from, self.width) {
            from = row.next;
            if self.settled == self.rows.len() && row.decided < self.text.len() {
                self.settled += 1;
            }
            self.rows.push(row);
        }
    }
}

#[cfg(test)]
mod tests;
