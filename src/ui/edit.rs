//! The edit tab: a row a field, what is wrong beside it, and how the URL is read.

use ratatui::layout::Rect;

use crate::app::Model;
use crate::app::edit::{EditPane, Target};
use crate::app::model::Subject;
use crate::config::keymap::{Action, Context, List};
use crate::config::theme::Role;
use crate::domain::policy::KeyPlaces;
use crate::domain::{Field, NetworkPolicy};

use super::canvas::Canvas;
use super::hints::key_name;
use super::list::first_row;
use super::number;
use super::text::Row;
use super::workspace::Seen;

mod fields;
mod values;

/// Draws the tab: the draft, or what may be edited.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) -> Seen {
    let Some(edit) = &model.edit else { return draw_closed(model, canvas) };
    let banner = draw_banner(model, edit, canvas);
    let area = canvas.rows(banner, usize::MAX);
    let mut part = canvas.part(Rect { width: area.width.saturating_sub(1), ..area });
    let focus = model.view.focus;
    let below = Below::of(model, edit);
    let rows = edit.fields().flat_map(|field| {
        let rows = fields::rows(edit, field, (focus, &below), &part);
        rows.into_iter().map(move |row| (field, row))
    });
    let rows = rows.collect();
    draw_rows(edit, rows, &mut part)
}

/// What lies below the connector's own network table, and where the keys of that stand.
pub(super) struct Below<'a> {
    pub(super) inherited: NetworkPolicy,
    pub(super) places: Option<&'a KeyPlaces>,
}

impl<'a> Below<'a> {
    fn of(model: &'a Model, edit: &EditPane) -> Self {
        let layers = &model.config.config.settings.network;
        let url = edit.reading().ok().map(|endpoint| endpoint.url);
        let places = edit.base.as_ref().and_then(|base| layers.connectors.get(base.id.as_str()));
        Self { inherited: layers.resolve(url.as_ref(), None), places }
    }
}

/// The rows in view: all of the field with the cursor, wherever the view is.
fn draw_rows(edit: &EditPane, rows: Vec<(Field, Row)>, canvas: &mut Canvas<'_>) -> Seen {
    let (all, height) = (rows.len(), canvas.height());
    let last = rows.iter().rposition(|(field, _)| *field == edit.cursor);
    let first = rows.iter().position(|(field, _)| *field == edit.cursor);
    let top = first_row(first_row(edit.state.offset, last, all, height), first, all, height);
    for (y, (_, row)) in rows.into_iter().skip(top).take(height).enumerate() {
        canvas.put(y, row);
    }
    let below = all.saturating_sub(top + height);
    let place = if below > 0 { format!("▼ {}", number::things(below, "more row")) } else { String::new() };
    Seen { edit_rows: canvas.area.height, place, ..Seen::default() }
}

fn draw_banner(model: &Model, edit: &EditPane, canvas: &mut Canvas<'_>) -> usize {
    match &edit.target {
        Target::New | Target::Saved(_) => 0,
        Target::ReadOnly(_) => {
            let key = key_name(model, Context::List, Action::List(List::Duplicate));
            let row = canvas.row().space(1).add(canvas.style(Role::Warning), "■ preconfigured, read-only");
            let row = row.add(canvas.style(Role::Dim), "; ").add(canvas.style(Role::Accent), &key);
            let row = row.add(canvas.style(Role::Dim), " in the list copies it");
            canvas.put(0, row);
            1
        }
    }
}

fn draw_closed(model: &Model, canvas: &mut Canvas<'_>) -> Seen {
    let key = |action| key_name(model, Context::List, Action::List(action));
    let (key, said) = match model.subject() {
        Some(Subject::Saved(id)) => (key(List::Edit), format!(" in the list edits {id}")),
        Some(Subject::Draft) | None => (key(List::New), " in the list creates a connector".to_owned()),
    };
    let row = canvas.row().space(1).add(canvas.style(Role::Accent), &key);
    canvas.put(1, row.add(canvas.style(Role::Dim), &said));
    Seen { edit_rows: canvas.area.height, ..Seen::default() }
}
