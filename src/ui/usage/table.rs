//! The table: sums by connector, model, person or machine.

use crate::app::model::Rows;
use crate::app::usage::{Sort, UsagePane};
use crate::config::theme::Role;
use crate::domain::{Dimension, Totals};
use crate::ui::canvas::Canvas;
use crate::ui::number::count;
use crate::ui::text::Row;
use crate::ui::workspace::area;

/// Columns of a figure with the gap before it.
const FIGURE: usize = 9;
/// From this width on, prompt and completion have columns of their own.
const WIDE: usize = 72;
/// Columns that a bar gets at most.
const BAR: usize = 20;

/// Draws the table; the selected row is always in view. Tells where its rows lie.
pub(super) fn draw(pane: &UsagePane, canvas: &mut Canvas<'_>) -> Rows {
    let rows = pane.rows();
    let head = head(pane, canvas);
    canvas.put(0, head);
    if rows.is_empty() {
        canvas.put(1, canvas.text(Role::Dim, " nothing ran in this range"));
        return Rows::default();
    }
    let room = canvas.height().saturating_sub(1).max(1);
    let top = pane.look.cursor.saturating_sub(room - 1).min(rows.len().saturating_sub(room));
    let most = rows.iter().map(|(_, totals)| totals.tokens.total).max().unwrap_or(0);
    for (y, (at, row)) in rows.iter().enumerate().skip(top).take(room).enumerate() {
        let figures = figures(row, canvas);
        let figures = if at == pane.look.cursor { figures.fill(canvas.style(Role::Selected)) } else { figures };
        let line = canvas.row().append(figures).space(1);
        canvas.put(y + 1, bar(line, row.1.tokens.total, most, canvas));
    }
    Rows { area: area(canvas.rows(1, rows.len() - top)), first: top }
}

fn name_columns(canvas: &Canvas<'_>) -> usize {
    let figures = if canvas.width() < WIDE { 4 } else { 6 };
    canvas.width().saturating_sub(figures * FIGURE + 2).clamp(8, 40)
}

/// The figures there is room for.
fn shown<T>(canvas: &Canvas<'_>, [runs, failed, prompt, completion, total, cost]: [T; 6]) -> Vec<T> {
    if canvas.width() < WIDE {
        vec![runs, failed, total, cost]
    } else {
        vec![runs, failed, prompt, completion, total, cost]
    }
}

fn head(pane: &UsagePane, canvas: &Canvas<'_>) -> Row {
    let sorted = |sort: Sort, name: &str| if pane.look.sort == sort { format!("{name}▼") } else { name.to_owned() };
    let dim = canvas.style(Role::Dim);
    let of = match pane.look.table {
        Dimension::Connector => "connector",
        Dimension::Model => "model",
        Dimension::User => "user",
        Dimension::Machine => "machine",
        Dimension::Provider | Dimension::Source | Dimension::Outcome | Dimension::ErrorKind => pane.look.table.word(),
    };
    let row = canvas.row().space(1).column(canvas.style(Role::Accent), &sorted(Sort::Name, of), name_columns(canvas));
    let columns = [
        sorted(Sort::Runs, "runs"),
        sorted(Sort::Failed, "failed"),
        "prompt".to_owned(),
        "complet.".to_owned(),
        sorted(Sort::Tokens, "total"),
        sorted(Sort::Cost, "cost"),
    ];
    shown(canvas, columns).iter().fold(row, |row, name| row.space(1).right_column(dim, name, FIGURE - 1))
}

/// The name and the figures, as wide as they are: what stands beside them is no part of the selected row.
fn figures((name, totals): &(String, Totals), canvas: &Canvas<'_>) -> Row {
    let text = canvas.style(Role::Text);
    let name = if name.is_empty() { "-" } else { name };
    let mark = if totals.runs.estimated > 0 { "~" } else { "" };
    let tokens = |n: u64| format!("{mark}{}", count(n));
    let cost = match totals.cost.usd() {
        Some(usd) => format!("{mark}{usd}{}", if totals.cost.unpriced > 0 { "+" } else { "" }),
        None => totals.cost.told(),
    };
    let failed = if totals.runs.failed > 0 { canvas.style(Role::Bad) } else { canvas.style(Role::Dim) };
    let count_of = if canvas.width() < WIDE { 4 } else { 6 };
    let width = (name_columns(canvas) + count_of * FIGURE + 2).min(canvas.width());
    let row = Row::new(width).space(1).column(canvas.style(Role::Strong), name, name_columns(canvas));
    let figures = [
        (text, count(totals.runs.all)),
        (failed, count(totals.runs.failed)),
        (text, tokens(totals.tokens.prompt)),
        (text, tokens(totals.tokens.completion)),
        (canvas.style(Role::Strong), tokens(totals.tokens.total)),
        (text, cost),
    ];
    let row = shown(canvas, figures)
        .iter()
        .fold(row, |row, (style, figure)| row.space(1).right_column(*style, figure, FIGURE - 1));
    row.space(1)
}

/// Its share of the largest row's tokens.
fn bar(row: Row, tokens: u64, most: u64, canvas: &Canvas<'_>) -> Row {
    let room = row.left().min(BAR);
    let length = u128::from(tokens) * room as u128 / u128::from(most.max(1));
    let length = usize::try_from(length).unwrap_or(0).max(usize::from(tokens > 0 && room > 0));
    row.add(canvas.style(Role::Accent), &"█".repeat(length))
}
