//! A long text, cleaned and wrapped to a width as it grows. Only its last rows are wrapped again.
//!
//! Rows form a chain: where a row ends depends on the text from its start alone. A row is settled once
//! the cluster that decided its end can no longer grow; a push takes up the chain after the last settled row.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::domain::text::clean;

mod wrap;

use wrap::Row;

/// A text that grows at its end, wrapped to a width.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    text: String,
    width: u16,
    /// Rows that no later piece can change.
    settled: Vec<Packed>,
    /// The rows after them.
    tail: Vec<Row>,
    pending: Pending,
}

/// A settled row in four bytes, for there may be millions: where the next one starts, and whether the byte before that
/// is left out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Packed(u32);

impl Packed {
    fn new(row: Row) -> Option<Self> {
        let next = u32::try_from(row.next).ok().filter(|next| *next <= u32::MAX >> 1)?;
        Some(Self(next << 1 | u32::from(row.end < row.next)))
    }

    fn next(self) -> usize {
        usize::try_from(self.0 >> 1).unwrap_or(usize::MAX)
    }

    fn end(self) -> usize {
        self.next().saturating_sub(usize::from(self.0 & 1 == 1))
    }
}

/// Bytes that are cleaned at once: what needs it is copied, and a reply of many MiB may come in one piece.
const CLEANED: usize = 64 << 10;

/// A carriage return at the end of a piece waits: before a line feed it is dropped, before anything else it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pending {
    #[default]
    Nothing,
    Return,
}

impl Flow {
    /// Appends a piece as the server sent it; it is cleaned here. Costs as much as the piece and the rows it changes.
    pub fn push(&mut self, piece: &str) {
        let mut rest = piece;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.floor_char_boundary(CLEANED));
            let part = self.with_pending(part);
            self.text.push_str(&clean(&part));
            rest = after;
        }
        self.wrap();
    }

    /// Sets the width in columns; another one wraps everything again. At 0, which is "not known yet", nothing is wrapped.
    pub fn set_width(&mut self, width: u16) {
        if self.width == width {
            return;
        }
        self.width = width;
        self.settled.clear();
        self.wrap();
    }

    /// How many rows there are; none while the width is not known.
    pub fn rows(&self) -> usize {
        self.settled.len() + self.tail.len()
    }

    /// A row's text, its tabs as spaces; empty past the end.
    pub fn row(&self, index: usize) -> Cow<'_, str> {
        let row = self.ends(index).and_then(|(end, _)| self.text.get(self.start(index)..end));
        let row = row.unwrap_or_default();
        if !row.contains('\t') {
            return Cow::Borrowed(row);
        }
        Cow::Owned(row.replace('\t', &" ".repeat(wrap::tab(self.width))))
    }

    /// Where what a row shows ends, and where the next row starts.
    fn ends(&self, index: usize) -> Option<(usize, usize)> {
        match index.checked_sub(self.settled.len()) {
            None => self.settled.get(index).map(|row| (row.end(), row.next())),
            Some(index) => self.tail.get(index).map(|row| (row.end, row.next)),
        }
    }

    /// Where a row starts in the text; the text's length past the end.
    pub fn start(&self, index: usize) -> usize {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends(before).map(|(_, next)| next));
        start.unwrap_or(self.text.len())
    }

    /// Which bytes of the text a row shows; none past the end.
    pub fn bytes(&self, index: usize) -> std::ops::Range<usize> {
        self.ends(index).map(|(end, _)| self.start(index)..end).unwrap_or_default()
    }

    /// Columns that a part of a row takes as it is shown.
    pub fn columns(&self, bytes: std::ops::Range<usize>) -> usize {
        let part = self.text.get(bytes).unwrap_or_default();
        part.split('\t').map(UnicodeWidthStr::width).sum::<usize>() + part.matches('\t').count() * wrap::tab(self.width)
    }

    /// The row that a byte of the text stands in.
    pub fn row_of(&self, byte: usize) -> usize {
        let settled = self.settled.partition_point(|row| row.next() <= byte);
        let tail = self.tail.partition_point(|row| row.next <= byte);
        (settled + tail).min(self.rows().saturating_sub(1))
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
        self.tail.clear();
        if self.width == 0 {
            return;
        }
        let mut from = self.settled.last().map_or(0, |row| row.next());
        while let Some(row) = wrap::next_row(&self.text, from, self.width) {
            from = row.next;
            let is_settled = self.tail.is_empty() && row.decided < self.text.len();
            match Packed::new(row).filter(|_| is_settled) {
                Some(packed) => self.settled.push(packed),
                None => self.tail.push(row),
            }
        }
    }
}

#[cfg(test)]
mod tests;
