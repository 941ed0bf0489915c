//! The events screen: which runs are meant, the runs as a table, or one run with everything the log keeps of it.

use ratatui::widgets::Block;

use crate::app::Model;
use crate::app::events::{Beyond, EventsPane, Following, copy, filter};
use crate::app::model::Rows;
use crate::config::keymap::{Action, Context, Events};
use crate::config::theme::Role;
use crate::domain::calendar::Range;

use super::canvas::Canvas;
use super::hints::key_name;
use super::number::window;
use super::text::{Row, tail, wrap};

mod detail;
mod table;

/// Lines that a problem may take.
const PROBLEM_LINES: usize = 3;

/// Draws the screen; tells the columns and rows of what is scrolled in it, and where the rows of its table lie.
pub(super) fn draw(model: &Model, pane: &EventsPane, canvas: &mut Canvas<'_>) -> ((u16, u16), Rows) {
    let title = title(pane, canvas).into_line();
    let border = canvas.style(Role::Focus);
    let block = Block::bordered().border_set(canvas.styles.border()).border_style(border).title_top(title);
    let inner = canvas.frame(block);
    let mut inside = canvas.part(inner);
    if let (Some(top), Some(run)) = (pane.look.detail, pane.selected()) {
        detail::draw(run, pane, top, &mut inside);
        let (lines, height) = (copy::lines(run), inside.height());
        canvas.put_place(Role::Dim, &window(top.min(lines.saturating_sub(height)), height, lines));
        return ((inner.width, inner.height), Rows::default());
    }
    let head = head(model, pane, &inside);
    let used = head.len();
    for (y, row) in head.into_iter().enumerate() {
        inside.put(y, row);
    }
    let area = inside.rows(used, inside.height().saturating_sub(used));
    let mut body = inside.part(area);
    let rows = if pane.window.runs.is_empty() {
        nothing(model, pane, &mut body);
        Rows::default()
    } else {
        table::draw(pane, &mut body)
    };
    canvas.put_place(Role::Dim, &place(pane, &rows));
    ((area.width, area.height.saturating_sub(1)), rows)
}

fn title(pane: &EventsPane, canvas: &Canvas<'_>) -> Row {
    let row = Row::new(canvas.width().saturating_sub(2)).space(1);
    let strong = canvas.style(Role::Strong);
    let reading = pane.selected().filter(|_| pane.look.detail.is_some());
    if let Some(run) = reading {
        return row.add(strong, &format!("run {}", run.id)).space(1);
    }
    let more = pane.window.older == Beyond::More || pane.window.newer == Beyond::More;
    let count = format!("{}{}", pane.window.runs.len(), if more { "+" } else { "" });
    row.add(strong, "Events").space(1).add(canvas.style(Role::Dim), &count).space(1)
}

/// Which runs show, where not all do.
fn place(pane: &EventsPane, rows: &Rows) -> String {
    let place = window(rows.first, usize::from(rows.area.height), pane.window.runs.len());
    if place.is_empty() || pane.window.older == Beyond::Nothing {
        return place;
    }
    // The window's end is not that of the log.
    place.replacen('▲', "▼", 1) + "+"
}

/// What was asked, and what is wrong.
fn head(model: &Model, pane: &EventsPane, canvas: &Canvas<'_>) -> Vec<Row> {
    let mut rows = vec![if pane.search.typing.is_some() { typing(pane, canvas) } else { asked(model, pane, canvas) }];
    if pane.search.typing.is_some() {
        rows.extend(told(filter::HELP, Role::Dim, canvas));
    }
    if let Some(problem) = &pane.search.problem {
        rows.extend(told(problem, Role::Bad, canvas));
    }
    if let Some(problem) = &pane.problem {
        rows.extend(told(&problem.message, Role::Bad, canvas));
        rows.extend(told(&problem.hint, Role::Dim, canvas));
    }
    rows
}

fn told(text: &str, role: Role, canvas: &Canvas<'_>) -> Vec<Row> {
    let sign = if role == Role::Bad { "✗" } else { " " };
    canvas.signed((sign, role), text, (role, PROBLEM_LINES))
}

/// The filter while it is typed; its end shows.
fn typing(pane: &EventsPane, canvas: &Canvas<'_>) -> Row {
    let text = pane.search.typing.as_deref().unwrap_or_default();
    let row = canvas.text(Role::Accent, " / ");
    let shown = crate::domain::text::clean_line(text);
    let shown = tail(&shown, row.left().saturating_sub(1)).to_owned();
    row.add(canvas.style(Role::Text), &shown).add(canvas.style(Role::Cursor), " ")
}

fn asked(model: &Model, pane: &EventsPane, canvas: &Canvas<'_>) -> Row {
    let dim = canvas.style(Role::Dim);
    let state = state(model, pane, canvas);
    let mut row = Row::new(canvas.width().saturating_sub(state.width() + 1)).add(canvas.style(Role::Accent), " / ");
    row = if pane.search.text.is_empty() {
        row.add(dim, "every run")
    } else {
        row.add(canvas.style(Role::Strong), &pane.search.text)
    };
    let is_told = pane.meant.range == Range::All || pane.meant.range != pane.meant.base;
    if !is_told {
        row = row.add(dim, "   range ").add(canvas.style(Role::Strong), &pane.meant.range.to_string());
    }
    let row = row.add_whole(dim, &format!("   time zone {}", pane.meant.zone));
    canvas.row().append(row).right(state)
}

/// Whether new runs are followed, or how many there are.
fn state(model: &Model, pane: &EventsPane, canvas: &Canvas<'_>) -> Row {
    let key = key_name(model, Context::Events, Action::Events(Events::Follow));
    let row = canvas.row();
    match (pane.look.follow, pane.window.newer, pane.window.fresh) {
        (Following::On, _, _) => row.add(canvas.style(Role::Good), "▶ following").space(1),
        (Following::Off, Beyond::More, _) => row.add(canvas.style(Role::Dim), "newer above").space(1),
        (Following::Off, Beyond::Nothing, 0) => row,
        (Following::Off, Beyond::Nothing, fresh) => {
            row.add(canvas.style(Role::Warning), &format!("{fresh} newer, {key} to follow")).space(1)
        }
    }
}

/// Why there is nothing, and what would change that.
fn nothing(model: &Model, pane: &EventsPane, canvas: &mut Canvas<'_>) {
    if pane.asked.is_some() {
        return canvas.put(0, canvas.text(Role::Dim, " the event log is being asked …"));
    }
    if pane.problem.is_some() {
        return;
    }
    let clear = key_name(model, Context::Events, Action::Events(Events::Clear));
    let said = if !pane.search.text.is_empty() {
        format!("no run passes this filter; {clear} clears it")
    } else if pane.meant.range == Range::All {
        "nothing ran yet: test a connector, here or with `switchboard test`, and its run stands here".to_owned()
    } else {
        "nothing ran in this range".to_owned()
    };
    for (y, line) in wrap(&said, canvas.width().saturating_sub(2), PROBLEM_LINES).iter().enumerate() {
        canvas.put(y, canvas.text(Role::Dim, " ").add(canvas.style(Role::Dim), line));
    }
}
