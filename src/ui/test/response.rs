//! The response: how it stands, its tabs, and the part that shows.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::Model;
use crate::app::flow::Flow;
use crate::app::runs::RunView;
use crate::app::test::{Follow, ResponseTab, TestPane};
use crate::config::keymap::{Action, Context, Move, Test};
use crate::config::theme::Role;
use crate::domain::text::clean_line;
use crate::domain::{Outcome, RunPhase};
use crate::ui::canvas::Canvas;
use crate::ui::hints::key_name;
use crate::ui::text::{Row, width};
use crate::ui::workspace::Seen;
use crate::ui::{number, state};

use super::{answer, events, failure, find, pages, timing};

/// Draws header, tabs and the part that shows.
pub(super) fn draw(model: &Model, pane: &TestPane, canvas: &mut Canvas<'_>) -> Seen {
    let run = pane.run.and_then(|id| model.runs.all.get(&id));
    let header = header(model, pane, run, canvas);
    canvas.put(0, header);
    let (tabs, spots) = tabs(pane, run, canvas);
    canvas.put(1, tabs);
    let rest = canvas.rows(2, usize::MAX);
    let mut part = canvas.part(Rect { width: rest.width.saturating_sub(1), ..rest });
    let Some(run) = run else { return Seen { response_tabs: spots, ..before(model, &mut part) } };
    let told = failure::draw(run, &mut part);
    let area = part.rows(told, usize::MAX);
    Seen { response_tabs: spots, response_at: area, ..draw_tab(model, pane, run, &mut part.part(area)) }
}

/// Nothing ran yet.
fn before(model: &Model, canvas: &mut Canvas<'_>) -> Seen {
    let run = key_name(model, Context::Test, Action::Test(Test::Run));
    let edit = key_name(model, Context::Test, Action::Test(Test::EditBody));
    let row = canvas.row().space(1).add(canvas.style(Role::Accent), &run);
    let row = row.add(canvas.style(Role::Dim), " runs the request, ");
    let row = row.add(canvas.style(Role::Accent), &edit).add(canvas.style(Role::Dim), " changes its body first.");
    canvas.put(usize::from(canvas.height() > 2), row);
    Seen { response: size(canvas), ..Seen::default() }
}

/// The size of the text: a column stays free at its left, as one does at its right.
fn size(canvas: &Canvas<'_>) -> (u16, u16) {
    (canvas.area.width.saturating_sub(1), canvas.area.height)
}

fn header(model: &Model, pane: &TestPane, run: Option<&RunView>, canvas: &Canvas<'_>) -> Row {
    let row = canvas.row().space(1).add(canvas.style(Role::Strong), "Response");
    let gap = if canvas.width() < 80 { 2 } else { 3 };
    let Some(run) = run else { return row.space(gap).add(canvas.style(Role::Dim), "not run yet") };
    let sign = state::sign(Some(run));
    let row = row.space(gap).add(canvas.style(sign.role), &format!("{} {}", sign.sign, word(model, pane, run)));
    figures(model, run).into_iter().fold(row, |row, (role, text)| {
        let needed = gap + width(&clean_line(&text));
        if needed <= row.left() { row.space(gap).add(canvas.style(role), &text) } else { row }
    })
}

fn word(model: &Model, pane: &TestPane, run: &RunView) -> &'static str {
    let asked = pane.run.is_some_and(|id| model.runs.cancelling.contains(&id));
    if asked && run.is_alive() { "cancelling" } else { state::word(run) }
}

/// The figures, the most telling first: what does not fit is left out.
fn figures(model: &Model, run: &RunView) -> Vec<(Role, String)> {
    let tokens = state::tokens(run).map(|tokens| format!("{}{} tok", about(run), number::count(tokens)));
    let speed = state::speed(run).map(|speed| format!("{speed} tok/s"));
    let first = state::first_token(run).map(|first| format!("first token {}", number::span(first)));
    [
        (Role::Warning, attempts(run)),
        (Role::Dim, waiting(model, run)),
        (Role::Text, tokens),
        (Role::Text, speed),
        (Role::Text, first),
        status(run),
        (Role::Dim, finish(run)),
    ]
    .into_iter()
    .filter_map(|(role, text)| Some((role, text?)))
    .collect()
}

/// The mark of tokens that were estimated, or are counted by deltas until they are stated.
fn about(run: &RunView) -> &'static str {
    use crate::domain::UsageSource::{Estimated, None, Reported};
    match run.transcript.usage.source {
        Reported => "",
        Estimated | None => "~",
    }
}

fn attempts(run: &RunView) -> Option<String> {
    let last = run.transcript.retries.last()?;
    let number = last.number.saturating_add(1);
    let of = last.of.max(number);
    match run.transcript.phase {
        RunPhase::Retrying => Some(format!("attempt {number}/{of} waits {}", number::seconds(last.wait))),
        RunPhase::Queued | RunPhase::Connecting | RunPhase::Streaming | RunPhase::Ended(_) => {
            Some(format!("attempt {number}/{of}"))
        }
    }
}

/// How long nothing came, in whole seconds, so that a silent server does not look like a dead screen.
fn waiting(model: &Model, run: &RunView) -> Option<String> {
    if let Some(silent) = state::silence(run, model.view.now) {
        return Some(format!("silent {}", number::seconds(silent)));
    }
    let silent = matches!(run.transcript.phase, RunPhase::Connecting | RunPhase::Streaming | RunPhase::Queued);
    if !silent || run.live.deltas > 0 {
        return None;
    }
    let waited = model.view.now.checked_sub(run.started.unwrap_or(run.asked))?;
    (waited.as_secs() > 0).then(|| number::seconds(waited))
}

fn status(run: &RunView) -> (Role, Option<String>) {
    let head = run.transcript.head.as_ref().map(|head| head.status);
    let status = run.transcript.end.as_ref().and_then(|end| end.http_status).or(head);
    let role = if status.is_some_and(|status| status >= 400) { Role::Bad } else { Role::Dim };
    (role, status.map(|status| format!("HTTP {status}")))
}

fn finish(run: &RunView) -> Option<String> {
    run.transcript.end.as_ref()?.finish_reason.clone()
}

fn tabs(pane: &TestPane, run: Option<&RunView>, canvas: &Canvas<'_>) -> (Row, [Rect; 6]) {
    let with_counts = tab_row(pane, run, canvas);
    if with_counts.0.width() < canvas.width() { with_counts } else { tab_row(pane, None, canvas) }
}

/// The tabs with their counts, and where each of them stands. One column more than it may be wide tells that it does
/// not fit.
fn tab_row(pane: &TestPane, run: Option<&RunView>, canvas: &Canvas<'_>) -> (Row, [Rect; 6]) {
    let separator = if canvas.width() < 56 { " " } else { " │ " };
    let mut row = canvas.row().space(1);
    let mut number = 0;
    let spots = ResponseTab::ALL.map(|tab| {
        let between = if number == 0 { "" } else { separator };
        number += 1;
        let start = row.width() + width(between);
        row = add_tab(row.clone().add(canvas.style(Role::Border), between), pane, (tab, run), canvas);
        let column = |at: usize| canvas.area.x.saturating_add(u16::try_from(at).unwrap_or(u16::MAX));
        let end = column(row.width());
        Rect {
            x: column(start),
            y: canvas.area.y.saturating_add(1),
            width: end.saturating_sub(column(start)),
            height: 1,
        }
    });
    (row, spots)
}

fn add_tab(row: Row, pane: &TestPane, (tab, run): (ResponseTab, Option<&RunView>), canvas: &Canvas<'_>) -> Row {
    let role = if tab == pane.tab { Role::Tab } else { Role::Dim };
    let row = row.add(canvas.style(role), tab.title());
    match run.and_then(|run| tab_count(tab, run)) {
        Some(count) => row.add(canvas.style(role), &format!(" {count}")),
        None => row,
    }
}

fn tab_count(tab: ResponseTab, run: &RunView) -> Option<String> {
    let n = match tab {
        ResponseTab::Tools => run.transcript.tool_calls.len(),
        ResponseTab::Events if run.is_alive() => run.live.events,
        ResponseTab::Events => run.transcript.raw.count,
        ResponseTab::Answer | ResponseTab::Reasoning | ResponseTab::Headers | ResponseTab::Timing => 0,
    };
    (n > 0).then(|| number::count(n as u64))
}

fn draw_tab(model: &Model, pane: &TestPane, run: &RunView, canvas: &mut Canvas<'_>) -> Seen {
    match pane.tab {
        ResponseTab::Answer => draw_flow(model, pane, (run, &run.answer), canvas),
        ResponseTab::Reasoning => draw_flow(model, pane, (run, &run.reasoning), canvas),
        ResponseTab::Events => {
            let (rows, height) = events::draw(pane, run, canvas);
            mark_events(pane, rows, height, canvas);
            let response = (size(canvas).0, u16::try_from(height).unwrap_or(u16::MAX));
            Seen { response, place: following(model, pane, rows, height), ..Seen::default() }
        }
        ResponseTab::Tools => page(pane, pages::tools(run, canvas), canvas),
        ResponseTab::Headers => page(pane, pages::headers(run, canvas), canvas),
        ResponseTab::Timing => page(pane, timing::rows(run, canvas), canvas),
    }
}

/// What was found in the events in view; their times and sizes are not searched.
fn mark_events(pane: &TestPane, rows: usize, height: usize, canvas: &mut Canvas<'_>) {
    let first = pane.scroll.first(rows, height);
    let hit = pane.find.as_ref().and_then(|find| find.hits.current()).map(|hit| hit.start);
    let row = hit.and_then(|hit| hit.checked_sub(first));
    let area = canvas.rows(1, usize::MAX);
    find::mark_drawn(pane, (events::FIRST_TEXT, row), &mut canvas.part(area));
}

/// A text that may be long: only the rows in view are looked at.
fn draw_flow(model: &Model, pane: &TestPane, (run, flow): (&RunView, &Flow), canvas: &mut Canvas<'_>) -> Seen {
    let (rows, height) = (flow.rows(), canvas.height());
    let seen = Seen { response: size(canvas), ..Seen::default() };
    if flow.text().is_empty() {
        draw_silence(pane.tab, run, canvas);
        return seen;
    }
    let first = pane.scroll.first(rows, height);
    let area = Rect { x: canvas.area.x + 1, width: seen.response.0, ..canvas.area };
    let mut inside = canvas.part(area);
    if pane.tab == ResponseTab::Answer {
        answer::draw(run, first, height, &mut inside);
    } else {
        let style = inside.style(Role::Dim);
        for y in 0..height.min(rows.saturating_sub(first)) {
            inside.put_line(y, &Line::styled(flow.row(first + y), style));
        }
    }
    find::mark_flow(pane, flow, first, &mut inside);
    Seen { place: following(model, pane, rows, height), ..seen }
}

/// Why there is no text, or not yet.
fn draw_silence(tab: ResponseTab, run: &RunView, canvas: &mut Canvas<'_>) {
    let reasoning = tab == ResponseTab::Reasoning;
    let elsewhere = !run.reasoning.text().is_empty() || !run.transcript.tool_calls.is_empty();
    let said = match run.transcript.phase {
        RunPhase::Queued => "waiting for a place in the pool",
        RunPhase::Connecting | RunPhase::Retrying => "waiting for the server",
        RunPhase::Streaming if reasoning => "no reasoning so far",
        RunPhase::Streaming if elsewhere => "no answer so far; see Reasoning and Tools",
        RunPhase::Streaming => "waiting for the first token",
        RunPhase::Ended(Outcome::Error) => return,
        RunPhase::Ended(Outcome::Ok | Outcome::Cancelled) if reasoning => "no reasoning text came",
        RunPhase::Ended(Outcome::Ok) if elsewhere => "no answer text; see Reasoning and Tools",
        RunPhase::Ended(Outcome::Ok) => "the reply has no text",
        RunPhase::Ended(Outcome::Cancelled) => "cancelled before any text came",
    };
    let row = canvas.row().space(1).add(canvas.style(Role::Dim), said);
    canvas.put(usize::from(canvas.height() > 2), row);
}

/// What the border says while the view does not follow the end.
fn following(model: &Model, pane: &TestPane, rows: usize, height: usize) -> String {
    let below = rows.saturating_sub(pane.scroll.first(rows, height).saturating_add(height));
    if pane.scroll.follow == Follow::On || rows <= height {
        return String::new();
    }
    let key = key_name(model, Context::Test, Action::Move(Move::Last));
    match below {
        0 => format!("end, {key} follows"),
        below => format!("▼ {}, {key} follows", number::things(below, "more row")),
    }
}

/// A tab that starts at its top and does not follow.
fn page(pane: &TestPane, rows: Vec<Row>, canvas: &mut Canvas<'_>) -> Seen {
    let (all, height) = (rows.len(), canvas.height());
    let first = pane.scroll.top.min(all.saturating_sub(height));
    for (y, row) in rows.into_iter().skip(first).take(height).enumerate() {
        canvas.put(y, row);
    }
    find::mark_drawn(pane, (0, None), canvas);
    let below = all.saturating_sub(first + height);
    let place = if below > 0 { format!("▼ {}", number::things(below, "more row")) } else { String::new() };
    Seen { response: size(canvas), place, ..Seen::default() }
}
