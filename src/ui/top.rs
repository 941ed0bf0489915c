//! The top line: what this is, on which file, and what is going on. Below it, what is wrong with the file.

use crate::app::Model;
use crate::config::theme::Role;
use crate::domain::RunPhase;

use super::canvas::Canvas;
use super::number;
use super::text::{Row, tail, width};

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
    let Some(problem) = &model.config.problem else { return };
    let row = canvas.text(Role::Bad, " ✗ ").add(canvas.style(Role::Bad), problem);
    let kept = canvas.text(Role::Dim, "the last good state is kept ");
    canvas.put(0, row.right(kept));
}

fn activity(model: &Model, canvas: &Canvas<'_>) -> Row {
    let queued = model.runs.count(|phase| phase == RunPhase::Queued);
    let running = model.runs.alive().saturating_sub(queued);
    let mut row = canvas.row();
    if running > 0 {
        row = row.add(canvas.style(Role::Busy), &format!("▶ {running} running")).space(2);
    }
    if queued > 0 {
        row = row.add(canvas.style(Role::Busy), &format!("◌ {queued} queued")).space(2);
    }
    if running > 0 {
        let rate = number::bytes(model.runs.bytes_per_second);
        row = row.add(canvas.style(Role::Dim), &format!("{rate}/s")).space(1);
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
