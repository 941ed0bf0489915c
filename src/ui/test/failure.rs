//! What went wrong, what to do about it, and what else is worth telling. It stands above what arrived.

use crate::app::runs::RunView;
use crate::config::theme::Role;
use crate::domain::Failure;
use crate::ui::canvas::Canvas;
use crate::ui::number;
use crate::ui::text::{Row, wrap};

/// Draws failure and notes; returns the rows they take.
pub(super) fn draw(run: &RunView, canvas: &mut Canvas<'_>) -> usize {
    let failure = run.transcript.end.as_ref().and_then(|end| end.failure.as_ref());
    let mut rows = failure.map(|failure| failure_rows(failure, canvas)).unwrap_or_default();
    rows.extend(retry_row(run, canvas));
    rows.extend(note_row(run, canvas));
    // The text below keeps at least a line while there is any.
    let arrived = !run.answer.text().is_empty();
    rows.truncate(canvas.height().saturating_sub(usize::from(arrived)));
    if !rows.is_empty() && rows.len() + 3 <= canvas.height() {
        rows.push(canvas.row());
    }
    let taken = rows.len();
    for (y, row) in rows.into_iter().enumerate() {
        canvas.put(y, row);
    }
    taken
}

fn failure_rows(failure: &Failure, canvas: &Canvas<'_>) -> Vec<Row> {
    let most = if canvas.height() < 8 { 2 } else { 4 };
    let room = canvas.width().saturating_sub(3);
    let message = format!("{}: {}", failure.kind, failure.message);
    let message = block("✗", &wrap(&message, room, most), (Role::Bad, Role::Text), canvas);
    let hint = block("→", &wrap(&failure.hint, room, most.min(3)), (Role::Accent, Role::Text), canvas);
    message.into_iter().chain(hint).collect()
}

/// Lines with a sign before the first.
fn block(sign: &str, lines: &[String], (sign_role, role): (Role, Role), canvas: &Canvas<'_>) -> Vec<Row> {
    lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let sign = if at == 0 { sign } else { " " };
            let row = canvas.row().space(1).add(canvas.style(sign_role), sign).space(1);
            row.add(canvas.style(if at == 0 && sign_role == Role::Bad { Role::Bad } else { role }), line)
        })
        .collect()
}

/// Why the last attempt failed, while another follows or once it did better.
fn retry_row(run: &RunView, canvas: &Canvas<'_>) -> Option<Row> {
    let last = run.transcript.retries.last()?;
    let text = format!("attempt {} failed: {}: {}", last.number, last.failure.kind, last.failure.message);
    Some(canvas.row().space(1).add(canvas.style(Role::Warning), "!").space(1).add(canvas.style(Role::Dim), &text))
}

fn note_row(run: &RunView, canvas: &Canvas<'_>) -> Option<Row> {
    let notes = &run.transcript.notes;
    let last = notes.last()?;
    let row = canvas.row().space(1).add(canvas.style(Role::Warning), "!").space(1);
    let row = match notes.len() {
        1 => row,
        more => row.add(canvas.style(Role::Dim), &format!("{}, the last: ", number::things(more, "note"))),
    };
    Some(row.add(canvas.style(Role::Text), last))
}
