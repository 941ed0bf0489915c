//! The rows of one field: its line, more lines where it has them, and what is said about it.

use crate::app::edit::{EditPane, IdState, Target};
use crate::app::model::Focus;
use crate::config::theme::Role;
use crate::domain::Field;
use crate::ui::canvas::Canvas;
use crate::ui::text::{Row, wrap};

use super::values::{self, Value};

/// Columns of the labels, the marker apart.
const LABEL: usize = 15;

/// The rows of a field.
pub(super) fn rows(edit: &EditPane, field: Field, focus: Focus, canvas: &Canvas<'_>) -> Vec<Row> {
    let here = edit.cursor == field;
    let values = values::of(edit, field, canvas);
    let mut rows: Vec<Row> = values
        .into_iter()
        .enumerate()
        .map(|(at, value)| {
            let row = start(field, at, (here, focus), canvas);
            let row = value_row(row, &value, canvas);
            if at == 0 { with_note(row, edit, field, canvas) } else { row }
        })
        .collect();
    rows.extend(reading(edit, field, canvas));
    rows.extend(finding(edit, field, canvas));
    rows
}

/// The marker and the label; further rows of a field have neither label.
fn start(field: Field, at: usize, (here, focus): (bool, Focus), canvas: &Canvas<'_>) -> Row {
    let marker = match (here, focus) {
        (true, Focus::Workspace) => canvas.text(Role::Focus, "▌"),
        (true, Focus::List) => canvas.text(Role::Dim, "▌"),
        (false, _) => canvas.row().space(1),
    };
    let label = if at == 0 { label(field) } else { "" };
    let role = if here { Role::Strong } else { Role::Dim };
    marker.column(canvas.style(role), label, LABEL.min(canvas.width() / 3)).space(1)
}

fn value_row(row: Row, value: &Value, canvas: &Canvas<'_>) -> Row {
    match value {
        Value::Text(text) => row.add(canvas.style(Role::Text), text),
        Value::Missing(text) => row.add(canvas.style(Role::Dim), text),
        Value::Typing { text, at } => crate::ui::input::add(row, text, *at, canvas.styles),
        Value::Choices(choices) => choices.iter().fold(row, |row, (chosen, word)| {
            let (sign, role) = if *chosen { ("● ", Role::Strong) } else { ("○ ", Role::Dim) };
            row.add(canvas.style(role), sign).add(canvas.style(role), word).space(2)
        }),
    }
}

fn with_note(row: Row, edit: &EditPane, field: Field, canvas: &Canvas<'_>) -> Row {
    let suggested = edit.target == Target::New && edit.state.id == IdState::Suggested && !edit.draft.id.is_empty();
    if field == Field::Id && suggested && edit.typing.is_none() {
        return row.add_whole(canvas.style(Role::Dim), "  (suggested)");
    }
    row
}

/// How the URL is read and what will be called; nothing where a finding already says why it cannot be.
fn reading(edit: &EditPane, field: Field, canvas: &Canvas<'_>) -> Vec<Row> {
    if field != Field::Url {
        return Vec::new();
    }
    let indent = || indent(canvas);
    match edit.reading() {
        Ok(read) => vec![
            indent().add(canvas.style(Role::Good), "✓ ").add(canvas.style(Role::Dim), &read.describe()),
            indent().add(canvas.style(Role::Accent), "→ ").add(canvas.style(Role::Text), read.url.as_str()),
        ],
        Err(_said) if edit.finding(field).is_some() => Vec::new(),
        Err(problem) => vec![indent().add(canvas.style(Role::Warning), &format!("! {problem}"))],
    }
}

fn finding(edit: &EditPane, field: Field, canvas: &Canvas<'_>) -> Vec<Row> {
    let Some(finding) = edit.finding(field) else { return Vec::new() };
    let room = indent(canvas).left().saturating_sub(2);
    let lines = wrap(&finding.message, room, 3);
    lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let sign = if at == 0 { "✗ " } else { "  " };
            indent(canvas).add(canvas.style(Role::Bad), sign).add(canvas.style(Role::Bad), line)
        })
        .collect()
}

fn indent(canvas: &Canvas<'_>) -> Row {
    canvas.row().space(2 + LABEL.min(canvas.width() / 3))
}

/// What people call a field.
pub(super) fn label(field: Field) -> &'static str {
    match field {
        Field::Name => "Name",
        Field::Id => "Id",
        Field::Provider => "Provider",
        Field::Url => "URL",
        Field::DefaultModel => "Default model",
        Field::ApiKey => "API key",
        Field::Organization => "Organization",
        Field::Project => "Project",
        Field::Headers => "Headers",
        Field::ContextWindow => "Context window",
        Field::Temperature => "Temperature",
        Field::NativeToolCalling => "Native tools",
        Field::MaxAttempts => "Attempts",
        Field::ConnectTimeout => "Connect within",
        Field::FirstByteTimeout => "First byte in",
        Field::IdleTimeout => "Idle at most",
        Field::TotalTimeout => "Total at most",
        Field::MaxResponseSize => "Response up to",
        Field::Notes => "Notes",
    }
}
