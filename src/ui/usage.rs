//! The usage screen: what was asked, tiles, a chart over time and a table.

use ratatui::widgets::Block;

use crate::app::Model;
use crate::app::model::Rows;
use crate::app::usage::{Asking, UsagePane, alive};
use crate::config::theme::Role;
use crate::domain::{Percentiles, TokenSums, Totals};

use super::canvas::Canvas;
use super::number::{count, span_or_dash, window};
use super::text::Row;
use super::tokens::sparkline;

mod chart;
mod table;

/// Lines that a problem may take.
const PROBLEM_LINES: usize = 3;
/// Rows of the chart and the table that are worth having.
const CHART_LEAST: usize = 4;
/// From this height on a line stays free below the figures.
const AIRY: usize = 20;

/// Draws the screen; tells where the rows of its table lie.
pub(super) fn draw(model: &Model, pane: &UsagePane, canvas: &mut Canvas<'_>) -> Rows {
    let title = title(pane, canvas).into_line();
    let border = canvas.style(Role::Focus);
    let block = Block::bordered().border_set(canvas.styles.border()).border_style(border).title_top(title);
    let inner = canvas.frame(block);
    let mut inside = canvas.part(inner);
    let head = head(model, pane, &inside);
    let used = head.len();
    for (y, row) in head.into_iter().enumerate() {
        inside.put(y, row);
    }
    let Some(found) = &pane.found else { return Rows::default() };
    let used = used + usize::from(inside.height() >= AIRY);
    let left = inside.height().saturating_sub(used);
    let rows = pane.rows().len();
    // The table needs its head; what it does not need is the chart's.
    let table = (rows.max(1) + 1).min((left / 2).max(3)).min(left);
    let chart = left.saturating_sub(table + 1);
    // Axes of nothing tell nothing.
    let has_chart = chart >= CHART_LEAST && found.figures.total.runs.all > 0;
    if has_chart {
        let area = inside.rows(used, chart);
        chart::draw(found, pane.look.chart, &mut inside.part(area));
    }
    let table = if has_chart { table } else { left };
    let area = inside.rows(inside.height().saturating_sub(table), table);
    let table = table::draw(pane, &mut inside.part(area));
    canvas.put_place(Role::Dim, &window(table.first, usize::from(table.area.height), rows));
    table
}

fn title(pane: &UsagePane, canvas: &Canvas<'_>) -> Row {
    let row = Row::new(canvas.width().saturating_sub(2)).space(1).add(canvas.style(Role::Strong), "usage of ");
    match &pane.wish.connector {
        Some(id) => row.add(canvas.style(Role::Strong), id).space(1),
        None => row.add(canvas.style(Role::Strong), "all connectors").space(1),
    }
}

/// What was asked, and the tiles.
fn head(model: &Model, pane: &UsagePane, canvas: &Canvas<'_>) -> Vec<Row> {
    let mut rows = vec![asked(pane, canvas)];
    if let Some(problem) = &pane.problem {
        rows.extend(canvas.signed(("✗", Role::Bad), &problem.message, (Role::Text, PROBLEM_LINES)));
        rows.extend(canvas.signed(("→", Role::Accent), &problem.hint, (Role::Dim, PROBLEM_LINES)));
    }
    match &pane.found {
        None if pane.problem.is_none() => rows.push(canvas.text(Role::Dim, " the event log is being asked …")),
        None => {}
        Some(found) => {
            let live = alive(model, pane.wish.connector.as_deref());
            rows.push(tokens(&found.figures.total, live, canvas));
            rows.push(runs(&found.figures.total, (&found.figures.per_minute, live), canvas));
            rows.push(times(&found.figures.latency, canvas));
        }
    }
    rows
}

fn asked(pane: &UsagePane, canvas: &Canvas<'_>) -> Row {
    let dim = canvas.style(Role::Dim);
    if let Some(text) = &pane.typing {
        let row = canvas.text(Role::Accent, " range or time zone: ").add(canvas.style(Role::Text), text);
        let row = row.add(canvas.style(Role::Cursor), " ");
        return row.add(dim, "  today 7d all 2026-11-01.. UTC Europe/Berlin");
    }
    let bucket = pane.found.as_ref().map_or("…", |found| found.bucket.word());
    let row = canvas.text(Role::Dim, " range ").add(canvas.style(Role::Strong), &pane.wish.range.to_string());
    let row = row.add(dim, "   by ").add(canvas.style(Role::Strong), bucket);
    let row = row.add(dim, "   time zone ").add(canvas.style(Role::Strong), &pane.wish.zone);
    let row = row.add(dim, "   chart ").add(canvas.style(Role::Strong), pane.look.chart.title());
    if pane.asking == Asking::No { row } else { row.add(canvas.style(Role::Busy), "   …") }
}

/// One estimate makes a sum an estimate, and so does a run that is alive.
fn mark(total: &Totals, live: TokenSums) -> &'static str {
    if total.runs.estimated > 0 || live.total > 0 { "~" } else { "" }
}

fn tokens(total: &Totals, live: TokenSums, canvas: &Canvas<'_>) -> Row {
    let (dim, strong) = (canvas.style(Role::Dim), canvas.style(Role::Strong));
    let mark = mark(total, live);
    let sums = total.tokens.and(live);
    let figure = |n: u64| format!("{mark}{}", count(n));
    let row = canvas.text(Role::Dim, " in ").add(strong, &figure(sums.prompt));
    let part = |name: &str, n: u64| if n > 0 { format!(" ({name} {})", figure(n)) } else { String::new() };
    let row = row.add(dim, &part("cached", sums.cached));
    let row = row.add(dim, "   out ").add(strong, &figure(sums.completion));
    let row = row.add(dim, &part("reasoning", sums.reasoning));
    let total = canvas.text(Role::Dim, "   total ").add(strong, &figure(sums.total));
    row.append(total)
}

fn runs(total: &Totals, (minutes, live): (&[u64], TokenSums), canvas: &Canvas<'_>) -> Row {
    let (dim, strong) = (canvas.style(Role::Dim), canvas.style(Role::Strong));
    let runs = &total.runs;
    let row = canvas.text(Role::Dim, " runs ").add(strong, &count(runs.all));
    let row = row.add(dim, "   failed ");
    let row = match runs.failed {
        0 => row.add(strong, "0"),
        failed => row.add(canvas.style(Role::Bad), &format!("{} ({})", count(failed), percent(failed, runs.all))),
    };
    let cost = total.cost.told();
    let estimated = if cost.starts_with('$') { mark(total, TokenSums::default()) } else { "" };
    let row = row.add(dim, "   cost ").add(strong, &format!("{estimated}{cost}"));
    let now = minutes.last().copied().unwrap_or(0).saturating_add(live.completion);
    let about = if now == 0 { "" } else { mark(total, live) };
    let rate = format!(" {about}{} tok/min", count(now));
    let room = row.left().saturating_sub(rate.len() + 4).min(30);
    let bars = sparkline(minutes.get(minutes.len().saturating_sub(room)..).unwrap_or_default());
    let bars = if room >= 6 { canvas.row().add(canvas.style(Role::Accent), &bars) } else { canvas.row() };
    row.right(bars.add(canvas.style(Role::Text), &rate).space(1))
}

fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1000 / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn times(latency: &crate::domain::Latency, canvas: &Canvas<'_>) -> Row {
    let first = percentiles(canvas.text(Role::Dim, " first token "), latency.first_token, canvas);
    let total = percentiles(canvas.text(Role::Dim, "   duration "), latency.total, canvas);
    first.append(total)
}

fn percentiles(row: Row, found: Option<Percentiles>, canvas: &Canvas<'_>) -> Row {
    let of = |time: fn(Percentiles) -> std::time::Duration| span_or_dash(found.map(time));
    let figures = [("p50", of(|found| found.p50)), ("p95", of(|found| found.p95)), ("p99", of(|found| found.p99))];
    figures.iter().enumerate().fold(row, |row, (at, (name, time))| {
        let gap = if at == 0 { "" } else { "  " };
        let row = row.add(canvas.style(Role::Dim), &format!("{gap}{name} "));
        row.add(canvas.style(Role::Strong), time)
    })
}
