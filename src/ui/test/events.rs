//! Raw events as they came: when, how long after the one before, how large, of which type.

use std::time::Duration;

use crate::app::runs::RunView;
use crate::app::test::TestPane;
use crate::config::theme::Role;
use crate::domain::RawEvent;
use crate::ui::canvas::Canvas;
use crate::ui::highlight::{is_json, json};
use crate::ui::number;
use crate::ui::text::Row;

const AT: usize = 9;
const GAP: usize = 9;
const SIZE: usize = 9;
/// The column behind times and gaps.
pub(super) const FIRST_TEXT: usize = AT + GAP + 3;

/// Draws the events in view; returns how many rows there are and how many show.
pub(super) fn draw(pane: &TestPane, run: &RunView, canvas: &mut Canvas<'_>) -> (usize, usize) {
    let raw = &run.transcript.raw;
    let height = canvas.height().saturating_sub(1);
    let rows = raw.events.len();
    if rows == 0 {
        canvas.put(usize::from(height > 1), canvas.text(Role::Dim, " no events"));
        return (0, height);
    }
    let header = columns(canvas.row(), ["at", "gap", "size", "type", "data"], [Role::Dim; 5], canvas);
    canvas.put(0, header.right(dropped(run, canvas)));
    let first = pane.scroll.first(rows, height);
    for y in 0..height {
        let Some(event) = raw.events.get(first + y) else { break };
        let before = (first + y).checked_sub(1).and_then(|at| raw.events.get(at));
        let row = event_row(event, before, canvas);
        canvas.put(y + 1, row);
    }
    (rows, height)
}

/// Older events are not kept for ever.
fn dropped(run: &RunView, canvas: &Canvas<'_>) -> Row {
    let raw = &run.transcript.raw;
    match raw.count.saturating_sub(raw.events.len()) {
        0 => canvas.row(),
        dropped => canvas.row().add(canvas.style(Role::Warning), &format!("the first {dropped} are not kept ")),
    }
}

fn event_row(event: &RawEvent, before: Option<&RawEvent>, canvas: &Canvas<'_>) -> Row {
    let gap = before.map_or(Duration::ZERO, |before| event.at.saturating_sub(before.at));
    let gap = if before.is_some() { format!("+{}", number::span(gap)) } else { String::new() };
    let size = number::bytes(event.size as u64);
    let texts = [number::span(event.at), gap, size, event.kind.clone(), event.data.clone()];
    let roles = [Role::Text, Role::Dim, Role::Dim, Role::Accent, Role::Text];
    columns(canvas.row(), texts.each_ref().map(String::as_str), roles, canvas)
}

fn columns(row: Row, texts: [&str; 5], roles: [Role; 5], canvas: &Canvas<'_>) -> Row {
    let [at, gap, size, kind, data] = texts;
    let [at_role, gap_role, size_role, kind_role, data_role] = roles.map(|role| canvas.style(role));
    let wide = canvas.width() >= 70;
    let row = row.right_column(at_role, at, AT + 1).space(1);
    let row = row.right_column(gap_role, gap, GAP).space(1);
    let row = if wide { row.right_column(size_role, size, SIZE).space(2) } else { row.space(1) };
    let kind_room = if canvas.width() >= 90 { 28 } else { 12 };
    let row = row.column(kind_role, kind, kind_room).space(1);
    if is_json(data) { row.add_pieces(data, json, canvas.styles) } else { row.add(data_role, data) }
}
