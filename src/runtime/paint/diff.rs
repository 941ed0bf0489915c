//! The cells that must be drawn for one screen to become another.
//!
//! The terminal library's own difference forgets the right half of a wide character when another one, a column
//! further left, takes its place. Here a column that was under a wide character is always drawn once it is not.

use ratatui::buffer::{Buffer, Cell, CellWidth as _};

use super::encode::Update;

/// Cells of `next` that `shown` does not have, from left to right and from top to bottom. Both have one size.
pub(super) fn updates<'n>(shown: &Buffer, next: &'n Buffer) -> Vec<Update<'n>> {
    let width = usize::from(next.area.width).max(1);
    let rows = shown.content.chunks(width).zip(next.content.chunks(width));
    let mut updates = Vec::new();
    for (y, (before, after)) in (0..).zip(rows) {
        if before != after {
            row(y, before, after, &mut updates);
        }
    }
    updates
}

fn row<'n>(y: u16, before: &[Cell], after: &'n [Cell], updates: &mut Vec<Update<'n>>) {
    // Columns up to these are under a wide character.
    let (mut was_under, mut is_under) = (0, 0);
    for (x, (old, new)) in (0..).zip(before.iter().zip(after)) {
        if is_under <= x {
            if was_under > x || old != new {
                updates.push((x, y, new));
            }
            is_under = x.saturating_add(columns(new));
        }
        if was_under <= x {
            was_under = x.saturating_add(columns(old));
        }
    }
}

/// Columns a cell's character takes; most are ASCII.
fn columns(cell: &Cell) -> u16 {
    if cell.symbol().len() == 1 { 1 } else { cell.cell_width().max(1) }
}
