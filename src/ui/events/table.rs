//! Runs as a table: as many columns as fit, the most telling ones first.

use std::time::Duration;

use crate::app::events::{EventsPane, copy};
use crate::app::model::Rows;
use crate::config::theme::Role;
use crate::domain::calendar::{TimeZone, moment};
use crate::domain::timing::ReasoningSeen;
use crate::domain::{Outcome, RunRecord};
use crate::ui::canvas::Canvas;
use crate::ui::number::{UNKNOWN, count, span_or_dash, speed};
use crate::ui::text::Row;
use crate::ui::workspace::area;

/// Fewer columns are not enough for a model's name.
const MODEL_LEAST: usize = 8;

/// What a column tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Start,
    StartToTheSecond,
    Connector,
    Model,
    Outcome,
    Tokens,
    Cached,
    Cost,
    FirstToken,
    Total,
    Speed,
    User,
    Machine,
    Source,
}

impl Column {
    /// Its head, and its columns with the gap before the next.
    fn head(self) -> (&'static str, usize) {
        match self {
            Self::Start => ("start", 12),
            Self::StartToTheSecond => ("start", 20),
            Self::Connector => ("connector", 12),
            Self::Model => ("model", 0),
            Self::Outcome => ("outcome", 13),
            Self::Tokens => ("tokens", 8),
            Self::Cached => ("cached", 8),
            Self::Cost => ("cost", 9),
            Self::FirstToken => ("first", 7),
            Self::Total => ("total", 7),
            Self::Speed => ("tok/s", 7),
            Self::User => ("user", 12),
            Self::Machine => ("machine", 14),
            Self::Source => ("from", 9),
        }
    }

    /// Figures stand at the right of their column.
    fn is_figure(self) -> bool {
        matches!(self, Self::Tokens | Self::Cached | Self::Cost | Self::FirstToken | Self::Total | Self::Speed)
    }
}

/// The columns that fit, in the order they stand.
fn columns(width: usize) -> Vec<Column> {
    use Column::{
        Cached, Connector, Cost, FirstToken, Machine, Model, Outcome, Source, Speed, Start, StartToTheSecond, Tokens,
        Total, User,
    };
    match width {
        ..78 => vec![Start, Connector, Model, Outcome, Tokens],
        78..96 => vec![Start, Connector, Model, Outcome, Tokens, Cost, Total],
        96..108 => vec![Start, Connector, Model, Outcome, Tokens, Cost, FirstToken, Total],
        108..140 => {
            vec![StartToTheSecond, Connector, Model, Outcome, Tokens, Cached, Cost, FirstToken, Total, Speed]
        }
        _ => vec![
            StartToTheSecond,
            Connector,
            Model,
            Outcome,
            User,
            Machine,
            Source,
            Tokens,
            Cached,
            Cost,
            FirstToken,
            Total,
            Speed,
        ],
    }
}

/// Draws the table; the selected row is in view. Tells where its rows lie.
pub(super) fn draw(pane: &EventsPane, canvas: &mut Canvas<'_>) -> Rows {
    let columns = columns(canvas.width());
    let fixed: usize = columns.iter().map(|column| column.head().1).sum();
    // A column stays free at each side.
    let model = canvas.width().saturating_sub(fixed + 2).clamp(MODEL_LEAST, 48);
    let head = head(&columns, model, canvas);
    canvas.put(0, head);
    let room = canvas.height().saturating_sub(1);
    let zone = pane.window.zone.clone().unwrap_or(TimeZone::UTC);
    let first = pane.look.offset.min(pane.look.cursor);
    let first = first.max((pane.look.cursor + 1).saturating_sub(room.max(1)));
    for (y, (at, run)) in pane.window.runs.iter().enumerate().skip(first).take(room).enumerate() {
        let row = columns.iter().fold(canvas.row().space(1), |row, column| {
            let width = if *column == Column::Model { model } else { column.head().1 };
            cell(row, *column, (run, &zone), width, canvas)
        });
        canvas.put(y + 1, if at == pane.look.cursor { row.fill(canvas.style(Role::Selected)) } else { row });
    }
    Rows { area: area(canvas.rows(1, pane.window.runs.len().saturating_sub(first))), first }
}

fn head(columns: &[Column], model: usize, canvas: &Canvas<'_>) -> Row {
    let dim = canvas.style(Role::Dim);
    columns.iter().fold(canvas.row().space(1), |row, column| {
        let (name, width) = column.head();
        let width = if *column == Column::Model { model } else { width };
        if column.is_figure() {
            return row.space(1).right_column(dim, name, width.saturating_sub(1));
        }
        row.column(dim, name, width.saturating_sub(1)).space(1)
    })
}

fn cell(row: Row, column: Column, (run, zone): (&RunRecord, &TimeZone), width: usize, canvas: &Canvas<'_>) -> Row {
    let (text, role) = said(column, run, zone);
    let style = canvas.style(role);
    if column.is_figure() {
        return row.space(1).right_column(style, &text, width.saturating_sub(1));
    }
    row.column(style, &text, width.saturating_sub(1)).space(1)
}

/// What a run says in a column, and how it is meant.
fn said(column: Column, run: &RunRecord, zone: &TimeZone) -> (String, Role) {
    let (timing, mark) = (&run.timing, copy::about(run));
    let tokens = |n: Option<u64>| n.map_or_else(|| UNKNOWN.to_owned(), |n| format!("{mark}{}", count(n)));
    let start = || moment(run.started_at_ms, zone);
    match column {
        // Month, day, hours and minutes: the year is in the details.
        Column::Start => (start().get(5..16).unwrap_or_default().to_owned(), Role::Dim),
        Column::StartToTheSecond => (start(), Role::Dim),
        Column::Connector => (run.target.connector.clone(), Role::Strong),
        Column::Model => (or_dash(run.model()), Role::Text),
        Column::Outcome => (copy::outcome(run), outcome(run.ending.outcome)),
        Column::Tokens => (tokens(run.usage.total), Role::Text),
        Column::Cached => (tokens(run.usage.cached), Role::Dim),
        Column::Cost => (cost(run), Role::Text),
        Column::FirstToken => (short(timing.first_token), Role::Text),
        Column::Total => (short(timing.total), Role::Text),
        Column::Speed => {
            let fast = timing.tokens_per_second(&run.usage, ReasoningSeen::No);
            (fast.map_or_else(|| UNKNOWN.to_owned(), |fast| format!("{mark}{}", speed(fast))), Role::Dim)
        }
        Column::User => (or_dash(&run.caller.user), Role::Dim),
        Column::Machine => (or_dash(&run.caller.machine), Role::Dim),
        Column::Source => (run.caller.source.word().to_owned(), Role::Dim),
    }
}

fn outcome(outcome: Outcome) -> Role {
    match outcome {
        Outcome::Ok => Role::Good,
        Outcome::Error => Role::Bad,
        Outcome::Cancelled => Role::Warning,
    }
}

fn cost(run: &RunRecord) -> String {
    match &run.cost {
        Some(cost) => format!("{}{}", copy::about(run), cost.amount),
        None if run.is_unpriced() => "unknown".to_owned(),
        None => UNKNOWN.to_owned(),
    }
}

/// A time without spaces: a column is narrow.
fn short(time: Option<Duration>) -> String {
    span_or_dash(time).replace(' ', "")
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { UNKNOWN.to_owned() } else { text.to_owned() }
}
