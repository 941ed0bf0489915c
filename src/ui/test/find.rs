//! What was found in the response: the places in view set apart, and which of how many one looks at.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::app::Model;
use crate::app::find::{Find, Needle};
use crate::app::flow::Flow;
use crate::app::model::{Tab, Zoom};
use crate::app::test::{TestPane, Typing};
use crate::config::theme::Role;
use crate::ui::canvas::Canvas;
use crate::ui::input;
use crate::ui::text::Row;

/// Marks the places of a flow whose rows from `first` on are drawn.
pub(super) fn mark_flow(pane: &TestPane, flow: &Flow, first: usize, canvas: &mut Canvas<'_>) {
    let Some(find) = pane.find.as_deref() else { return };
    for y in 0..canvas.height() {
        let bytes = flow.bytes(first + y);
        for (number, hit) in find.hits.within(bytes.clone()) {
            let start = hit.start.max(bytes.start);
            let before = flow.columns(bytes.start..start);
            let columns = before..before + flow.columns(start..hit.end.min(bytes.end));
            let style = style(canvas, find.hits.at, number);
            mark(canvas, y, &columns, style);
        }
    }
}

/// Marks what is found in the rows as they are drawn, from a column on. `row` is the one that is looked at.
pub(super) fn mark_drawn(pane: &TestPane, (column, row): (usize, Option<usize>), canvas: &mut Canvas<'_>) {
    let Some(needle) = pane.find.as_deref().and_then(|find| Needle::new(&find.text)) else { return };
    for y in 0..canvas.height() {
        let (text, columns) = drawn(canvas, y, column);
        let mut at = 0;
        while let Some(hit) = needle.find(&text, at..text.len()) {
            let column_of = |byte: usize| columns.partition_point(|(start, _)| *start < byte);
            let place = |index: usize| columns.get(index).map_or(canvas.width(), |(_, column)| *column);
            let style = style(canvas, row, y);
            mark(canvas, y, &(place(column_of(hit.start))..place(column_of(hit.end))), style);
            at = hit.end;
        }
    }
}

/// A row's text from a column on, and the byte and column each of its cells begins at.
fn drawn(canvas: &Canvas<'_>, y: usize, column: usize) -> (String, Vec<(usize, usize)>) {
    let (mut text, mut columns) = (String::new(), Vec::new());
    let Ok(row) = u16::try_from(y) else { return (text, columns) };
    let mut at = column;
    while at < canvas.width() {
        let x = canvas.area.x.saturating_add(u16::try_from(at).unwrap_or(u16::MAX));
        let Some(cell) = canvas.buffer.cell((x, canvas.area.y.saturating_add(row))) else { break };
        columns.push((text.len(), at));
        text.push_str(cell.symbol());
        at += cell.symbol().width().max(1);
    }
    (text, columns)
}

/// The place one looks at stands out among the others.
fn style(canvas: &Canvas<'_>, current: Option<usize>, this: usize) -> Style {
    if current == Some(this) { canvas.style(Role::Cursor) } else { canvas.styles.found() }
}

/// The lower border tells what is searched for and which place one looks at.
pub(in crate::ui) fn put(model: &Model, canvas: &mut Canvas<'_>) {
    let Some(find) = model.test_pane().and_then(|pane| pane.find.as_deref()) else { return };
    let shows = match model.view.tab {
        Tab::Test => true,
        Tab::Edit => model.view.zoom == Zoom::Response,
        Tab::Doctor => false,
    };
    if !shows {
        return;
    }
    let last = canvas.rows(canvas.height().saturating_sub(1), 1);
    let room = canvas.width().saturating_sub(4) / 2;
    let row = told(find, Row::new(room), canvas);
    let width = u16::try_from(row.width()).unwrap_or(u16::MAX);
    let at = Rect { x: last.x.saturating_add(2), width, ..last };
    canvas.part(at).put(0, row);
}

fn told(find: &Find, row: Row, canvas: &Canvas<'_>) -> Row {
    let count = find.count();
    let row = row.space(1).add(canvas.style(Role::Accent), "/");
    let room = row.left().saturating_sub(count.width() + 3);
    let text = match find.typing {
        Typing::On => input::add(Row::new(room), &find.text, find.text.chars().count(), canvas.styles),
        Typing::Off => Row::new(room).add(canvas.style(Role::Text), &find.text),
    };
    row.append(text).space(1).add(canvas.style(Role::Warning), &count).space(1)
}

fn mark(canvas: &mut Canvas<'_>, y: usize, columns: &Range<usize>, style: Style) {
    let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let area = Rect {
        x: canvas.area.x.saturating_add(small(columns.start)),
        y: canvas.area.y.saturating_add(small(y)),
        width: small(columns.len()),
        height: 1,
    };
    canvas.buffer.set_style(area.intersection(canvas.area), style);
}
