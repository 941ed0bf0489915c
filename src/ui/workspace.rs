//! The workspace: a frame with the connector's name and the tabs, and the tab that shows.

use ratatui::layout::Rect;
use ratatui::widgets::Block;

use crate::app::Model;
use crate::app::edit::{EditPane, Target};
use crate::app::model::{Area, Areas, Facts, Focus, Subject, Tab, Zoom};
use crate::config::theme::Role;

use super::canvas::Canvas;
use super::text::Row;
use super::{doctor, edit, test};

/// What a tab found out while it was drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) response: (u16, u16),
    pub(super) edit_rows: u16,
    /// What stands in the lower border: where one is in a long text.
    pub(super) place: String,
    /// Where the response's text lies.
    pub(super) response_at: Rect,
    /// Where the titles of the response's tabs stand.
    pub(super) response_tabs: [Rect; 6],
}

/// Draws the workspace; completes what drawing found out.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, list_rows: u16) -> Facts {
    let focused = model.view.focus == Focus::Workspace;
    let border = canvas.style(if focused { Role::Focus } else { Role::Border });
    let title = title(model, canvas).into_line();
    let block = Block::bordered().border_set(canvas.styles.border()).border_style(border).title_top(title);
    let inner = canvas.frame(block);
    let mut inside = canvas.part(inner);
    let seen = match (model.view.tab, model.view.zoom) {
        (Tab::Test, _) | (Tab::Edit, Zoom::Response) => test::draw(model, &mut inside),
        (Tab::Doctor, _) => doctor::draw(model, &mut inside),
        (Tab::Edit, Zoom::Off) => edit::draw(model, &mut inside),
    };
    canvas.put_place(Role::Warning, &seen.place);
    test::find::put(model, canvas);
    let areas = Areas {
        workspace: area(canvas.area),
        response: area(seen.response_at),
        tabs: tab_spots(model, canvas),
        response_tabs: seen.response_tabs.map(area),
        ..Areas::default()
    };
    Facts { response: seen.response, list_rows, edit_rows: seen.edit_rows, areas, ..Facts::default() }
}

/// Where a part of the screen lies, for the model.
pub(super) fn area(rect: Rect) -> Area {
    Area { x: rect.x, y: rect.y, width: rect.width, height: rect.height }
}

/// The titles of the tabs stand at the end of the frame's title.
fn tab_spots(model: &Model, canvas: &Canvas<'_>) -> [Area; 3] {
    let end = title(model, canvas).width();
    let start = end.saturating_sub(tabs(model, canvas).width()) + 1;
    let spot = |from: usize, width: u16| Area {
        x: canvas.area.x.saturating_add(u16::try_from(from).unwrap_or(u16::MAX)),
        y: canvas.area.y,
        width,
        height: 1,
    };
    [spot(start, 4), spot(start + 7, 4), spot(start + 14, 6)]
}

fn title(model: &Model, canvas: &Canvas<'_>) -> Row {
    let tabs = tabs(model, canvas);
    let room = canvas.width().saturating_sub(2);
    let name_room = room.saturating_sub(tabs.width() + 6).min(48);
    let name = name(model, Row::new(name_room), canvas);
    let row = Row::new(room).space(1).append(name);
    row.add(canvas.style(Role::Border), " ── ").append(tabs)
}

fn tabs(model: &Model, canvas: &Canvas<'_>) -> Row {
    let role = |tab| if model.view.tab == tab { Role::Tab } else { Role::Dim };
    let row = canvas.row().add(canvas.style(role(Tab::Edit)), "Edit");
    let row = row.add(canvas.style(Role::Border), " │ ");
    let row = row.add(canvas.style(role(Tab::Test)), "Test").add(canvas.style(Role::Border), " │ ");
    row.add(canvas.style(role(Tab::Doctor)), "Doctor").space(1)
}

fn name(model: &Model, row: Row, canvas: &Canvas<'_>) -> Row {
    let strong = canvas.style(Role::Strong);
    let draft = model.edit.as_ref().map(|edit| (edit, draft_name(edit)));
    match (model.view.tab, draft, model.subject()) {
        (Tab::Edit, Some((edit, name)), _) if edit.is_changed() => {
            let name_room = row.left().saturating_sub(10);
            let name = super::text::one_line(&name, name_room);
            row.add(strong, &name).add_whole(canvas.style(Role::Warning), " • unsaved")
        }
        (Tab::Edit, Some((_, name)), _) => row.add(strong, &name),
        (Tab::Test, Some((edit, name)), Some(Subject::Draft)) => {
            let name = if edit.draft.id.is_empty() { &name } else { &edit.draft.id };
            row.add(canvas.style(Role::Warning), "draft: ").add(strong, name)
        }
        (_, _, Some(Subject::Saved(id))) => row.add(strong, id.as_str()),
        (_, _, Some(Subject::Draft) | None) => row.add(canvas.style(Role::Dim), "no connector"),
    }
}

fn draft_name(edit: &EditPane) -> String {
    match (&edit.target, edit.draft.id.is_empty()) {
        (Target::Saved(id) | Target::ReadOnly(id), _) => id.to_string(),
        (Target::New, true) => "new connector".to_owned(),
        (Target::New, false) => format!("new: {}", edit.draft.id),
    }
}
