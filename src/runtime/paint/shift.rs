//! Rows that moved up or down as a whole: what a scroll region can do with a few bytes.

use ratatui::buffer::{Buffer, Cell};

use super::encode::Update;

/// Rows that move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    /// The first row of the region.
    pub(super) top: u16,
    /// The row after its last.
    pub(super) bottom: u16,
    /// How far.
    pub(super) by: By,
}

/// How far rows move, and to where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// So many rows up; rows come in empty at the bottom.
    Up(u16),
    /// So many rows down; rows come in empty at the top.
    Down(u16),
}

/// The part of a row that changes: from its first to after its last changed column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    y: u16,
    from: u16,
    to: u16,
}

/// The changed part of each row that has one, from top to bottom.
pub(super) fn spans(updates: &[Update<'_>]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for &(x, y, _) in updates {
        match spans.last_mut() {
            Some(span) if span.y == y => span.to = x + 1,
            Some(_) | None => spans.push(Span { y, from: x, to: x + 1 }),
        }
    }
    spans
}

/// The move that explains most of the changed rows; `None` where hardly any moved. What it does not explain is drawn
/// after it, so a wrong guess costs bytes and nothing else.
pub(super) fn find(shown: &Buffer, next: &Buffer, spans: &[Span]) -> Option<Shift> {
    let height = next.area.height;
    let mut best: Option<(usize, Shift)> = None;
    for by in (1..height).flat_map(|rows| [By::Up(rows), By::Down(rows)]) {
        let moved = || spans.iter().filter(|span| has_moved(shown, next, (**span, by)));
        let votes = moved().count();
        if votes < 2 || best.is_some_and(|(most, _)| votes <= most) {
            continue;
        }
        let (Some(first), Some(last)) = (moved().next(), moved().next_back()) else { continue };
        best = Some((votes, by.region(first.y, last.y)));
    }
    best.map(|(_, shift)| shift)
}

/// True where the changed part of a row stood where the move would take it from. Blank rows say nothing.
fn has_moved(shown: &Buffer, next: &Buffer, (span, by): (Span, By)) -> bool {
    let Some(source) = by.source(span.y).filter(|source| *source < shown.area.height) else { return false };
    let new = part(next, span.y, span);
    new == part(shown, source, span) && new.iter().any(|cell| *cell != Cell::EMPTY)
}

fn part(buffer: &Buffer, y: u16, span: Span) -> &[Cell] {
    let start = usize::from(y) * usize::from(buffer.area.width);
    buffer.content.get(start + usize::from(span.from)..start + usize::from(span.to)).unwrap_or_default()
}

impl By {
    /// The row that a move brings to `y`.
    fn source(self, y: u16) -> Option<u16> {
        match self {
            Self::Up(rows) => y.checked_add(rows),
            Self::Down(rows) => y.checked_sub(rows),
        }
    }

    /// The region in which the rows from `first` to `last` are where they moved to.
    fn region(self, first: u16, last: u16) -> Shift {
        match self {
            Self::Up(rows) => Shift { top: first, bottom: last + rows + 1, by: self },
            Self::Down(rows) => Shift { top: first - rows, bottom: last + 1, by: self },
        }
    }
}

impl Shift {
    /// Does to a buffer what the terminal does to its screen.
    pub(super) fn apply(self, buffer: &mut Buffer) {
        let width = usize::from(buffer.area.width);
        let at = |row: u16| usize::from(row) * width;
        let Some(region) = buffer.content.get_mut(at(self.top)..at(self.bottom)) else { return };
        let length = region.len();
        let fresh = match self.by {
            By::Up(rows) => {
                region.rotate_left(at(rows).min(length));
                region.get_mut(length.saturating_sub(at(rows))..)
            }
            By::Down(rows) => {
                region.rotate_right(at(rows).min(length));
                region.get_mut(..at(rows).min(length))
            }
        };
        for cell in fresh.unwrap_or_default() {
            cell.reset();
        }
    }
}
