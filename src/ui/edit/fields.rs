//! The rows of one field: its line, more lines where it has them, and what is said about it.

use crate::app::edit::{EditPane, IdState, Target};
use crate::app::model::Focus;
use crate::config::theme::Role;
use crate::domain::{Field, NetworkKey};
use crate::ui::canvas::Canvas;
use crate::ui::text::{Row, wrap};

use super::Below;
use super::values::{self, Value};

/// Columns of the labels, the marker apart.
const LABEL: usize = 15;

/// The rows of a field.
pub(super) fn rows(
    edit: &EditPane,
    field: Field,
    (focus, below): (Focus, &Below<'_>),
    canvas: &Canvas<'_>,
) -> Vec<Row> {
    let here = edit.cursor == field;
    let values = values::of(edit, field, &below.inherited, canvas);
    let mut rows = heading(field, canvas);
    let lines = values.into_iter().enumerate().map(|(at, value)| {
        let row = start(field, at, (here, focus), canvas);
        let row = value_row(row, &value, canvas);
        if at == 0 { with_note(row, edit, (field, below), canvas) } else { row }
    });
    rows.extend(lines);
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

/// The network keys are a group of their own: most connectors set none of them.
fn heading(field: Field, canvas: &Canvas<'_>) -> Vec<Row> {
    if field != Field::Network(NetworkKey::ConnectTimeout) {
        return Vec::new();
    }
    let said = "what the files and the environment say where it is unset";
    let row = canvas.row().space(1).column(canvas.style(Role::Accent), "Network", LABEL.min(canvas.width() / 3));
    vec![canvas.row(), row.space(1).add(canvas.style(Role::Dim), said)]
}

fn with_note(row: Row, edit: &EditPane, (field, below): (Field, &Below<'_>), canvas: &Canvas<'_>) -> Row {
    if let (Field::Network(key), None) = (field, &edit.typing) {
        return row.add_whole(canvas.style(Role::Dim), &values::source(edit, key, below));
    }
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
    match edit.reading() {
        Ok(read) => {
            let mut rows = said("✓", &read.describe(), (Role::Good, Role::Dim), canvas);
            rows.extend(said("→", read.url.as_str(), (Role::Accent, Role::Text), canvas));
            rows
        }
        Err(_said) if edit.finding(field).is_some() => Vec::new(),
        Err(problem) => said("!", &problem.to_string(), (Role::Warning, Role::Dim), canvas),
    }
}

fn finding(edit: &EditPane, field: Field, canvas: &Canvas<'_>) -> Vec<Row> {
    let Some(finding) = edit.finding(field) else { return Vec::new() };
    said("✗", &finding.message, (Role::Bad, Role::Bad), canvas)
}

/// What is said about a field, below its value: a sign, and up to three lines.
fn said(sign: &str, text: &str, (sign_role, role): (Role, Role), canvas: &Canvas<'_>) -> Vec<Row> {
    let indent = canvas.row().space(2 + LABEL.min(canvas.width() / 3));
    let lines = wrap(text, indent.left().saturating_sub(3), 3);
    let row = |(at, line): (usize, &String)| {
        let sign = if at == 0 { sign } else { "" };
        indent.clone().column(canvas.style(sign_role), sign, 1).space(1).add(canvas.style(role), line)
    };
    lines.iter().enumerate().map(row).collect()
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
        Field::Network(key) => network_label(key),
        Field::Notes => "Notes",
    }
}

fn network_label(key: NetworkKey) -> &'static str {
    match key {
        NetworkKey::ConnectTimeout => "Connect within",
        NetworkKey::FirstByteTimeout => "First byte in",
        NetworkKey::IdleTimeout => "Idle at most",
        NetworkKey::TotalTimeout => "Total at most",
        NetworkKey::MaxResponseSize => "Response up to",
        NetworkKey::Proxy => "Proxy",
        NetworkKey::ProxyUser => "Proxy user",
        NetworkKey::ProxyPassword => "Proxy password",
        NetworkKey::ProxyHeaders => "Proxy headers",
        NetworkKey::ProxyBypassHosts => "Proxy not for",
        NetworkKey::ProxyOnlyHosts => "Proxy only for",
        NetworkKey::ProxyVerificationMode => "Verify proxy",
        NetworkKey::VerificationMode => "Verify server",
        NetworkKey::CaFiles => "CA files",
        NetworkKey::CaMode => "CA mode",
        NetworkKey::CaPem => "CA as PEM",
        NetworkKey::MinTls => "TLS at least",
        NetworkKey::ClientCert => "Client cert",
        NetworkKey::ClientKey => "Client key",
        NetworkKey::ClientKeyPassphrase => "Key passphrase",
        NetworkKey::ClientPkcs12 => "Client PKCS#12",
        NetworkKey::HttpVersion => "HTTP version",
        NetworkKey::Resolve => "Addresses",
        NetworkKey::AllowedHosts => "Allowed hosts",
    }
}
