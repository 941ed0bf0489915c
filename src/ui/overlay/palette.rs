//! The command palette: what is typed, and the commands that match with the keys that do the same.

use crate::app::overlay::{Palette, PaletteItem, Works};
use crate::config::theme::Role;
use crate::ui::canvas::Canvas;
use crate::ui::input;
use crate::ui::list::first_row;
use crate::ui::number;
use crate::ui::text::Row;

/// Rows of matches that show.
const ROWS: usize = 12;

/// Draws the palette; returns columns and rows of its inside.
pub(super) fn draw(palette: &Palette, canvas: &mut Canvas<'_>) -> (u16, u16) {
    let inner = super::open("Commands", (64, ROWS + 2), canvas);
    let mut inside = canvas.part(inner);
    let line = inside.text(Role::Accent, ": ");
    let line = input::add(line, &palette.text, palette.text.chars().count(), inside.styles);
    inside.put(0, line);
    let from = if inside.height() > 6 { 2 } else { 1 };
    let area = inside.rows(from, usize::MAX);
    let place = draw_matches(palette, &mut inside.part(area));
    super::put_place(&place, inner, canvas);
    (inner.width, inner.height)
}

/// Draws the matches; tells which of them show.
fn draw_matches(palette: &Palette, canvas: &mut Canvas<'_>) -> String {
    if palette.matches.is_empty() {
        canvas.put(0, canvas.text(Role::Dim, "  no command matches"));
    }
    let first = first_row(0, Some(palette.selected), palette.matches.len(), canvas.height());
    for (y, item) in palette.matches.iter().skip(first).take(canvas.height()).enumerate() {
        let selected = first + y == palette.selected;
        let marker = canvas.text(Role::Accent, if selected { "▌ " } else { "  " });
        let row = item_row(marker, item, canvas);
        canvas.put(y, if selected { row.fill(canvas.style(Role::Selected)) } else { row });
    }
    number::window(first, canvas.height(), palette.matches.len())
}

fn item_row(row: Row, item: &PaletteItem, canvas: &Canvas<'_>) -> Row {
    let name = if canvas.width() < 50 { 20 } else { 24 };
    let (strong, accent) = match item.works {
        Works::Here => (Role::Strong, Role::Accent),
        Works::In(_) => (Role::Dim, Role::Dim),
    };
    let row = row.column(canvas.style(strong), &item.name, name).space(1);
    let room = row.left().saturating_sub(12);
    let label = match item.works {
        Works::Here => item.label.clone(),
        Works::In(context) => format!("in {}: {}", context.title(), item.label),
    };
    let row = row.column(canvas.style(Role::Dim), &label, room);
    row.right_column(canvas.style(accent), &item.key, 11).space(1)
}
