//! The test tab: the request above, its response below.

use crate::app::Model;
use crate::app::model::{Subject, Zoom};
use crate::app::test::{TestPane, Typing};
use crate::config::keymap::{Action, Context, List, Test};
use crate::config::theme::Role;

use super::canvas::Canvas;
use super::hints::key_name;
use super::workspace::Seen;

mod answer;
mod events;
mod failure;
pub(super) mod find;
mod pages;
mod request;
mod response;
mod timing;

/// From this height on a line separates request and response.
const WITH_LINE: usize = 15;
/// Below this height the body shows only while it is typed.
const WITH_BODY: usize = 8;

/// Draws the tab.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) -> Seen {
    let Some(pane) = model.test_pane() else { return no_pane(model, canvas) };
    let body = body_rows(pane, canvas);
    let used = match model.view.zoom {
        Zoom::Response => 0,
        Zoom::Off => draw_request(model, pane, body, canvas),
    };
    let rest = canvas.rows(used, usize::MAX);
    response::draw(model, pane, &mut canvas.part(rest))
}

fn draw_request(model: &Model, pane: &TestPane, body: usize, canvas: &mut Canvas<'_>) -> usize {
    let area = canvas.rows(0, 1 + body);
    request::draw(model, pane, &mut canvas.part(area));
    if canvas.height() < WITH_LINE {
        return 1 + body;
    }
    let line = "─".repeat(canvas.width());
    canvas.put(1 + body, canvas.text(Role::Border, &line));
    2 + body
}

/// Up to half of the height while the body is typed, else up to a third: what does not fit is drawn folded.
fn body_rows(pane: &TestPane, canvas: &Canvas<'_>) -> usize {
    let height = canvas.height();
    match (pane.typing, height < WITH_BODY) {
        (Typing::On, true) => height.saturating_sub(2),
        (Typing::Off, true) => 0,
        (Typing::On, false) => pane.body.lines().len().clamp(3, (height / 2).max(3)),
        (Typing::Off, false) => {
            let most = (height / 3).max(3);
            let lines = pane.body.lines().len();
            if lines <= most { lines } else { request::folded(pane, canvas.width(), most).len() }
        }
    }
}

fn no_pane(model: &Model, canvas: &mut Canvas<'_>) -> Seen {
    let response = (canvas.area.width, canvas.area.height);
    let said = match model.subject() {
        Some(Subject::Saved(id)) => summary(model, &id, canvas),
        Some(Subject::Draft) | None => Vec::new(),
    };
    let key = |context, action| key_name(model, context, action);
    let mut rows = said;
    if rows.is_empty() {
        let new = key(Context::List, Action::List(List::New));
        rows.push(canvas.row().space(1).add(canvas.style(Role::Dim), "Nothing is selected."));
        let row = canvas.row().space(1).add(canvas.style(Role::Accent), &new);
        rows.push(row.add(canvas.style(Role::Text), " creates a connector"));
    } else {
        let open = key(Context::List, Action::List(List::Test));
        let run = key(Context::Test, Action::Test(Test::Run));
        let row = canvas.row().space(1).add(canvas.style(Role::Accent), &open);
        let row = row.add(canvas.style(Role::Text), " opens its test, ");
        rows.push(canvas.row());
        rows.push(row.add(canvas.style(Role::Accent), &run).add(canvas.style(Role::Text), " runs it"));
    }
    for (y, row) in rows.into_iter().enumerate() {
        canvas.put(y + 1, row);
    }
    Seen { response, ..Seen::default() }
}

/// What a connector is, for a glance from the list.
fn summary(model: &Model, id: &crate::domain::ConnectorId, canvas: &Canvas<'_>) -> Vec<super::text::Row> {
    let Some(entry) = model.config.entry(id) else { return Vec::new() };
    let connector = &entry.connector;
    let key = connector.auth.api_key.as_ref().map(crate::domain::Credential::label);
    let none = || "none".to_owned();
    [
        ("Name", connector.name.clone()),
        ("Provider", connector.provider.word().to_owned()),
        ("URL", connector.url.clone()),
        ("Model", connector.default_model.clone().unwrap_or_else(none)),
        ("API key", key.unwrap_or_else(none)),
    ]
    .into_iter()
    .map(|(label, value)| {
        let row = canvas.row().space(1).column(canvas.style(Role::Dim), label, 10);
        row.add(canvas.style(Role::Text), &value)
    })
    .collect()
}
