//! One run: who, what, how it ended, its times as bars, its tokens, its cost.

use std::time::Duration;

use crate::app::events::EventsPane;
use crate::app::events::copy::{self, Fact, Step};
use crate::config::theme::Role;
use crate::domain::calendar::TimeZone;
use crate::domain::{Outcome, RunRecord, Timing};
use crate::ui::canvas::Canvas;
use crate::ui::number::span_or_dash;
use crate::ui::text::Row;

/// Columns of the names.
const NAME: usize = 15;
/// Columns of a time.
const TIME: usize = 10;
/// Columns that the bars get at most.
const BARS: usize = 60;

/// Draws the run from one of its lines on.
pub(super) fn draw(run: &RunRecord, pane: &EventsPane, top: usize, canvas: &mut Canvas<'_>) {
    let zone = pane.window.zone.clone().unwrap_or(TimeZone::UTC);
    let rows = rows(run, &zone, canvas);
    let top = top.min(rows.len().saturating_sub(canvas.height()));
    for (y, row) in rows.into_iter().skip(top).take(canvas.height()).enumerate() {
        canvas.put(y, row);
    }
}

fn rows(run: &RunRecord, zone: &TimeZone, canvas: &Canvas<'_>) -> Vec<Row> {
    let fact = |(name, value): &Fact| fact(name, value, run.ending.outcome, canvas);
    let head = |title: &str| [canvas.row(), canvas.text(Role::Accent, " ").add(canvas.style(Role::Accent), title)];
    let mut rows: Vec<Row> = copy::story(run, zone).iter().map(fact).collect();
    rows.extend(head("Times"));
    rows.extend(copy::steps(&run.timing).into_iter().map(|step| bar(step, &run.timing, canvas)));
    rows.extend(head("Tokens and cost"));
    rows.extend(copy::tokens(run).iter().map(fact));
    rows.extend(head("Over the wire"));
    rows.extend(copy::traffic(run).iter().map(fact));
    rows
}

fn fact(name: &str, value: &str, outcome: Outcome, canvas: &Canvas<'_>) -> Row {
    let role = match (name, outcome) {
        ("outcome", Outcome::Error) => Role::Bad,
        ("outcome", Outcome::Ok) => Role::Good,
        (_, Outcome::Ok | Outcome::Error | Outcome::Cancelled) => Role::Text,
    };
    let row = canvas.row().space(1).column(canvas.style(Role::Dim), name, NAME);
    row.add(canvas.style(role), value)
}

/// A step with its bar, scaled to the longest of them.
fn bar((name, took, from): Step, timing: &Timing, canvas: &Canvas<'_>) -> Row {
    let row = canvas.row().space(1).column(canvas.style(Role::Dim), name, NAME);
    let row = row.right_column(canvas.style(Role::Strong), &span_or_dash(took), TIME).space(2);
    let room = row.left().saturating_sub(1).min(BARS);
    let ends = copy::steps(timing).into_iter().filter_map(|(_, took, from)| took.map(|took| took.saturating_add(from)));
    let most = ends.max().unwrap_or_default();
    let Some(took) = took.filter(|took| !took.is_zero() && room > 0) else { return row };
    let before = columns(from, most, room).min(room - 1);
    let length = columns(took, most, room).clamp(1, room - before);
    row.space(before).add(canvas.style(Role::Accent), &"█".repeat(length))
}

/// Columns of a time, where `most` takes all of `room`.
fn columns(time: Duration, most: Duration, room: usize) -> usize {
    let columns = time.as_micros() * room as u128 / most.as_micros().max(1);
    usize::try_from(columns).unwrap_or(room).min(room)
}
