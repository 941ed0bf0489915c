//! The top line: what this is, on which file, and what is going on. Below it, what is wrong with the file.

use crate::app::model::Mouse;
use crate::app::{Busy, Model, busy};
use crate::config::theme::Role;

use super::canvas::Canvas;
use super::number;
use super::text::{Row, tail, width, wrap};

/// From this width on there is room for the terminal's own rate.
const WITH_DRAWN: usize = 76;

/// Draws the line.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    let activity = activity(model, canvas);
    let row = canvas.text(Role::Strong, " switchboard").space(3);
    let room = row.left().saturating_sub(activity.width() + 2);
    let row = row.add(canvas.style(Role::Dim), &short_path(&model.config.path, room));
    canvas.put(0, row.right(activity));
}

/// Draws what is wrong with the file.
pub(super) fn draw_problem(model: &Model, canvas: &mut Canvas<'_>) {
    let mut rows: Vec<Row> = problem_lines(model, canvas.area.width)
        .iter()
        .enumerate()
        .map(|(at, line)| {
            canvas.text(Role::Bad, if at == 0 { " ✗ " } else { "   " }).add(canvas.style(Role::Bad), line)
        })
        .collect();
    if let Some(last) = rows.pop() {
        rows.push(last.right(canvas.text(Role::Dim, "the last good state is kept ")));
    }
    for (y, row) in rows.into_iter().enumerate() {
        canvas.put(y, row);
    }
}

/// What is wrong with the file, in the lines it takes.
pub(super) fn problem_lines(model: &Model, columns: u16) -> Vec<String> {
    let problem = model.config.problem.as_deref().unwrap_or_default();
    wrap(problem, usize::from(columns).saturating_sub(4), 3)
}

fn activity(model: &Model, canvas: &Canvas<'_>) -> Row {
    let Busy { running, queued, rates } = busy(model);
    let mut row = canvas.row();
    if model.view.mouse == Mouse::On {
        row = row.add(canvas.style(Role::Accent), "mouse on").space(2);
    }
    if running > 0 {
        row = row.add(canvas.style(Role::Busy), &format!("▶ {running} running")).space(2);
    }
    if queued > 0 {
        row = row.add(canvas.style(Role::Busy), &format!("◌ {queued} queued")).space(2);
    }
    if rates.arrived > 0 {
        row = row.add(canvas.style(Role::Dim), &format!("{}/s", number::bytes(rates.arrived))).space(1);
    }
    // What the drawing costs on the line to the terminal.
    if rates.drawn > 0 && canvas.width() >= WITH_DRAWN {
        row = row.space(1).add(canvas.style(Role::Dim), &format!("screen {}/s", number::bytes(rates.drawn))).space(1);
    }
    row
}

/// The end of a path says more than its start.
fn short_path(path: &str, room: usize) -> String {
    if width(path) <= room {
        return path.to_owned();
    }
    format!("…{}", tail(path, room.saturating_sub(1)))
}
