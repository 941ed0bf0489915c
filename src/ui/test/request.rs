//! The request: whether its body is good JSON, the model it will reach, and the body itself.

use std::ops::Range;

use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthChar;

use crate::app::Model;
use crate::app::model::Subject;
use crate::app::test::{BodyOrigin, Mode, TestPane, Typing};
use crate::config::theme::Role;
use crate::domain::{Endpoint, Provider};
use crate::ui::canvas::Canvas;
use crate::ui::highlight::{self, Json};
use crate::ui::text::{Row, wrap};

/// Bytes of a line whose tokens are looked for.
const LONGEST: usize = 16 << 10;
/// Columns of a tab in the text area.
const TAB: usize = 4;

/// Draws the header and the body.
pub(super) fn draw(model: &Model, pane: &TestPane, canvas: &mut Canvas<'_>) {
    let header = header(model, pane, canvas);
    canvas.put(0, header);
    let body = canvas.rows(1, usize::MAX);
    draw_body(pane, &mut canvas.part(body));
}

fn header(model: &Model, pane: &TestPane, canvas: &Canvas<'_>) -> Row {
    let row = Row::new(canvas.width().saturating_sub(1));
    let row = row.space(1).add(canvas.style(Role::Strong), "Request").space(2);
    let problem = match &pane.check {
        Err(problem) => {
            let text = format!("✗ line {}, column {}: {}", problem.line, problem.column, problem.message);
            return row.add(canvas.style(Role::Bad), &text);
        }
        Ok(_) => row.add(canvas.style(Role::Good), "JSON ok").space(2),
    };
    let row = match pane.origin {
        BodyOrigin::Prefilled => problem,
        BodyOrigin::Typed => problem.add(canvas.style(Role::Dim), "changed").space(2),
    };
    let mode = match pane.mode {
        Mode::Stream => "stream",
        Mode::Plain => "no stream",
    };
    let room = row.left().saturating_sub(mode.len() + 3);
    let right = Row::new(row.left()).append(model_row(model, pane, Row::new(room), canvas)).space(2);
    row.right(right.add(canvas.style(Role::Text), mode))
}

fn model_row(model: &Model, pane: &TestPane, row: Row, canvas: &Canvas<'_>) -> Row {
    let row = row.add(canvas.style(Role::Dim), "model ");
    match model_name(model, pane) {
        ModelName::Named(name) => row.add(canvas.style(Role::Text), &name),
        ModelName::Deployment => row.add(canvas.style(Role::Dim), "(deployment)"),
        ModelName::Nobody => row.add(canvas.style(Role::Dim), "(none)"),
    }
}

enum ModelName {
    Named(String),
    Deployment,
    Nobody,
}

/// The body's model wins, then the path's, then the connector's.
fn model_name(model: &Model, pane: &TestPane) -> ModelName {
    let own = pane.check.as_ref().ok().and_then(|facts| facts.model.clone());
    let Some((url, provider, default)) = tested(model) else {
        return own.map_or(ModelName::Nobody, ModelName::Named);
    };
    let by_path = Endpoint::read(url, provider).is_ok_and(|endpoint| endpoint.names_model());
    match (own, by_path, default) {
        (_, true, _) => ModelName::Deployment,
        (Some(name), false, _) | (None, false, Some(name)) => ModelName::Named(name),
        (None, false, None) => ModelName::Nobody,
    }
}

/// URL, provider and default model of what is tested.
fn tested(model: &Model) -> Option<(&str, Provider, Option<String>)> {
    match (model.subject()?, &model.edit) {
        (Subject::Draft, Some(edit)) => {
            let default = Some(edit.draft.default_model.clone()).filter(|name| !name.is_empty());
            Some((&edit.draft.url, edit.draft.provider, default))
        }
        (Subject::Draft, None) => None,
        (Subject::Saved(id), _) => {
            let connector = &model.config.entry(&id)?.connector;
            Some((&connector.url, connector.provider, connector.default_model.clone()))
        }
    }
}

/// A body of more lines than there are rows, as one text; white space between the lines of JSON means nothing.
pub(super) fn folded(pane: &TestPane, columns: usize, rows: usize) -> Vec<String> {
    // A row holds no more lines than columns: more of them are never looked at.
    let lines = pane.body.lines().iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let text: Vec<&str> = lines.take(columns.saturating_mul(rows)).collect();
    wrap(&text.join(" "), columns.saturating_sub(2), rows)
}

fn draw_folded(pane: &TestPane, canvas: &mut Canvas<'_>) {
    let lines = folded(pane, canvas.width(), canvas.height());
    let mut json = Json::default();
    for (y, line) in lines.iter().enumerate() {
        let rest = lines.get(y + 1).map(String::as_str).unwrap_or_default();
        let row = canvas.row().space(1).add_pieces(line, |line| json.pieces(line, rest), canvas.styles);
        canvas.put(y, row);
    }
}

/// The text area draws itself; its own styles give way to the theme's, and the cursor shows only while one types.
fn draw_body(pane: &TestPane, canvas: &mut Canvas<'_>) {
    if canvas.area.width < 3 || canvas.area.height == 0 {
        return;
    }
    if pane.typing == Typing::Off && pane.body.lines().len() > canvas.height() {
        return draw_folded(pane, canvas);
    }
    let area = ratatui::layout::Rect { x: canvas.area.x + 1, width: canvas.area.width - 2, ..canvas.area };
    let mut inside = canvas.part(area);
    (&*pane.body).render(area, inside.buffer);
    inside.scrub();
    let cursor = inside.style(Role::Cursor);
    let (top, left) = pane.body.scroll_offset();
    for (y, row) in area.rows().enumerate() {
        let line = pane.body.lines().get(usize::from(top) + y).map(String::as_str).unwrap_or_default();
        let styles = columns(line, usize::from(left), usize::from(area.width), &inside);
        for (x, position) in row.positions().enumerate() {
            if let Some(cell) = inside.buffer.cell_mut(position) {
                let marked = cell.modifier.contains(Modifier::REVERSED) && pane.typing == Typing::On;
                cell.set_style(Style::reset());
                cell.set_style(if marked { cursor } else { styles.get(x).copied().unwrap_or_default() });
            }
        }
    }
}

/// The styles of the columns of a line that show. Of a line far beyond what a person writes, no token is looked for.
fn columns(line: &str, left: usize, width: usize, canvas: &Canvas<'_>) -> Vec<Style> {
    if line.len() > LONGEST {
        return vec![canvas.style(Role::Text); width];
    }
    let pieces = highlight::json(line);
    let of = |(range, role): (Range<usize>, Role)| {
        let columns = line.get(range).map_or(0, columns_of);
        std::iter::repeat_n(canvas.style(role), columns)
    };
    pieces.into_iter().flat_map(of).skip(left).take(width).collect()
}

/// As the text area draws them. A tab is not at home inside of a line of JSON; one that stands there shifts a colour.
fn columns_of(text: &str) -> usize {
    text.chars().map(|c| if c == '\t' { TAB } else { c.width().unwrap_or(0) }).sum()
}
