//! The list of connectors: a sign, the id, the provider, and the figure of the last run, or what the doctor says.

use ratatui::layout::Rect;
use ratatui::widgets::Block;

use crate::app::Model;
use crate::app::list::FilterState;
use crate::app::model::Focus;
use crate::config::Entry;
use crate::config::keymap::{Action, Context, List};
use crate::config::theme::Role;
use crate::domain::Origin;
use crate::domain::policy::VerificationMode;

use super::canvas::Canvas;
use super::hints::key_name;
use super::text::{Row, width};
use super::{input, number, state};

/// From this width on a row has room for the connector's name.
const WITH_NAME: usize = 58;

/// Rows the list has in an area, its frame apart.
pub(super) fn height(area: Rect) -> u16 {
    area.height.saturating_sub(2)
}

/// Draws the list; returns where its rows lie.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) -> Rect {
    let focused = model.view.focus == Focus::List;
    let border = canvas.style(if focused { Role::Focus } else { Role::Border });
    let title = title(model, canvas).into_line();
    let block = Block::bordered().border_set(canvas.styles.border()).border_style(border).title_top(title);
    let inner = canvas.frame(block);
    let mut inside = canvas.part(inner);
    let from = draw_filter(model, &mut inside);
    let rows = inside.rows(from, usize::MAX);
    let place = draw_rows(model, &mut inside.part(rows));
    canvas.put_place(Role::Dim, &place);
    rows
}

/// Draws the list as one line: the selected connector, where the workspace has the screen.
pub(super) fn draw_header(model: &Model, canvas: &mut Canvas<'_>) {
    let row = canvas.text(Role::Dim, &format!(" Connectors {}", counts(model))).space(2);
    let selected = model.list.selected.as_ref();
    let row = match selected.and_then(|id| model.config.entry(id)) {
        Some(entry) => header_of(model, entry, row, canvas),
        None => row,
    };
    canvas.put(0, row);
}

fn header_of(model: &Model, entry: &Entry, row: Row, canvas: &Canvas<'_>) -> Row {
    let last = model.runs.last(&entry.connector.id).map(|last| state::standing(last, model.view.now));
    let sign = last.as_ref().map_or_else(|| state::sign(None), |(sign, ..)| *sign);
    let row = row.add(canvas.style(sign.role), sign.sign).space(1);
    let row = row.add(canvas.style(Role::Strong), entry.connector.id.as_str()).space(2);
    let row = row.add(canvas.style(Role::Dim), entry.connector.provider.label()).space(2);
    match last {
        Some((sign, word, figure)) if !word.starts_with(&figure) => {
            row.add(canvas.style(sign.role), &format!("{word} {figure}"))
        }
        Some((sign, word, _)) => row.add(canvas.style(sign.role), &word),
        None => row,
    }
}

fn counts(model: &Model) -> String {
    let all = model.config.config.entries.len();
    let listed = model.list.rows(&model.config.config.entries, &model.runs).count();
    if model.list.filter.text.trim().is_empty() { all.to_string() } else { format!("{listed}/{all}") }
}

fn title(model: &Model, canvas: &Canvas<'_>) -> Row {
    let row = Row::new(canvas.width().saturating_sub(2)).space(1);
    let row = row.add(canvas.style(Role::Strong), "Connectors").space(1);
    let row = row.add(canvas.style(Role::Text), &counts(model));
    let row = match model.list.marks.len() {
        0 => row,
        marked => row.add_whole(canvas.style(Role::Warning), &format!(" + {marked} marked")),
    };
    row.space(1)
}

/// The filter's line, where there is one; returns where the rows start.
fn draw_filter(model: &Model, canvas: &mut Canvas<'_>) -> usize {
    let filter = &model.list.filter;
    let typing = filter.state == FilterState::Typing;
    if filter.text.is_empty() && !typing {
        return 0;
    }
    let row = canvas.text(Role::Accent, " / ");
    let row = if typing {
        input::add(row, &filter.text, filter.text.chars().count(), canvas.styles)
    } else {
        row.add(canvas.style(Role::Text), &filter.text)
    };
    canvas.put(0, row);
    1
}

/// Draws the rows in view; tells which they are.
fn draw_rows(model: &Model, canvas: &mut Canvas<'_>) -> String {
    let rows: Vec<&Entry> = model.list.rows(&model.config.config.entries, &model.runs).collect();
    if rows.is_empty() {
        draw_empty(model, canvas);
        return String::new();
    }
    let selected = rows.iter().position(|entry| Some(&entry.connector.id) == model.list.selected.as_ref());
    let first = first_row(model.list.offset, selected, rows.len(), canvas.height());
    let longest = rows.iter().map(|entry| entry.connector.id.as_str().len()).max().unwrap_or(0);
    for (y, entry) in rows.iter().skip(first).take(canvas.height()).enumerate() {
        let row = entry_row(model, entry, longest, canvas);
        canvas.put(y, row);
    }
    number::window(first, canvas.height(), rows.len())
}

/// The first row that shows: the wished one, unless the selected row would be out of view.
pub(super) fn first_row(wished: usize, selected: Option<usize>, rows: usize, height: usize) -> usize {
    let first = wished.min(rows.saturating_sub(height));
    match selected {
        Some(at) if at < first => at,
        Some(at) if at >= first + height => (at + 1).saturating_sub(height),
        Some(_) | None => first,
    }
}

fn entry_row(model: &Model, entry: &Entry, longest: usize, canvas: &Canvas<'_>) -> Row {
    let connector = &entry.connector;
    let last = model.runs.last(&connector.id).map(|last| state::standing(last, model.view.now));
    let selected = model.list.selected.as_ref() == Some(&connector.id);
    let marked = model.list.marks.contains(&connector.id);
    let (sign, figure) = match (last, entry.origin) {
        (Some((sign, _, figure)), _) => (sign, figure),
        (None, Origin::System) => (state::Sign { sign: "■", role: Role::Dim }, "(ro)".to_owned()),
        (None, Origin::User) => (state::sign(None), String::new()),
    };
    let row = canvas.text(Role::Accent, if selected { "▌" } else { " " });
    let row = row.add(canvas.style(Role::Warning), if marked { "+" } else { " " });
    let row = row.add(canvas.style(sign.role), sign.sign).space(1);
    let weak = model.config.config.settings.network.weak_mode(connector);
    let row = columns(row, (entry, weak), (longest, width(&figure)), canvas);
    let rest = row.left().saturating_sub(1);
    let row = row.right_column(canvas.style(sign.role), &figure, rest);
    match (selected, model.view.focus) {
        (true, Focus::List) => row.fill(canvas.style(Role::Selected)),
        (true, Focus::Workspace) => row.fill(canvas.style(Role::Strong)),
        (false, _) => row,
    }
}

/// Widths of the id, the name, the provider and the figure in a row that has `room` for them.
fn widths(room: usize, longest: usize) -> [usize; 4] {
    match room {
        WITH_NAME.. => {
            let id = (longest + 2).clamp(12, 24);
            [id, room - id - 9 - 12, 9, 12]
        }
        34.. => [room - 8 - 11, 0, 8, 11],
        24.. => [room - 8 - 7, 0, 8, 7],
        12.. => [room - 8, 0, 0, 8],
        _ => [room, 0, 0, 0],
    }
}

/// Everything left of the figure. Why a run failed may be a long word: the provider gives way to it, then the id.
fn columns(
    row: Row,
    (entry, weak): (&Entry, Option<VerificationMode>),
    (longest, figure): (usize, usize),
    canvas: &Canvas<'_>,
) -> Row {
    let room = row.left().saturating_sub(1);
    let [id, name, provider, right] = widths(room, longest);
    let figure = if figure == 0 { 0 } else { figure + 1 };
    let provider = if figure > right { 0 } else { provider };
    let id = if right == 0 { id } else { id.min(room.saturating_sub(figure)) };
    let connector = &entry.connector;
    let row = match weak.map(weak_sign) {
        None => row.column(canvas.style(Role::Text), connector.id.as_str(), id),
        Some(sign) => {
            let rest = id.saturating_sub(sign.len() + 1).max(1);
            row.column(canvas.style(Role::Text), connector.id.as_str(), rest).space(1).column(
                canvas.style(Role::Warning),
                sign,
                sign.len(),
            )
        }
    };
    let row = match name {
        0 => row,
        name => row.space(1).column(canvas.style(Role::Dim), &connector.name, name.saturating_sub(2)).space(1),
    };
    match provider {
        0 => row,
        provider => row.space(1).column(canvas.style(Role::Dim), connector.provider.label(), provider - 1),
    }
}

/// A connector whose certificates are not verified in full says so wherever it is seen.
fn weak_sign(mode: VerificationMode) -> &'static str {
    match mode {
        VerificationMode::Full => "",
        VerificationMode::Certificate => "!cert",
        VerificationMode::None => "!none",
    }
}

fn draw_empty(model: &Model, canvas: &mut Canvas<'_>) {
    let filtered = !model.list.filter.text.is_empty();
    let said = if filtered { " no connector passes the filter" } else { " no connectors yet" };
    canvas.put(1, canvas.text(Role::Dim, said));
    if filtered {
        let hidden = number::things(model.config.config.entries.len(), "connector");
        return canvas.put(2, canvas.text(Role::Dim, &format!(" {hidden} hidden")));
    }
    let key = key_name(model, Context::List, Action::List(List::New));
    let row = canvas.text(Role::Accent, &format!(" {key}")).add(canvas.style(Role::Text), " creates the first");
    canvas.put(3, row);
}
