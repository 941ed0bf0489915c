//! A field's value as it may be shown. A typed key is dots unless the person asked to see it.

use super::Below;
use crate::app::edit::{EditPane, KeyShown};
use crate::domain::draft::key_may_be_shown;
use crate::domain::policy::ValueSource;
use crate::domain::{Field, NetworkKey, NetworkPolicy, Provider, SecretText};
use crate::ui::canvas::Canvas;
use tui_textarea::TextArea;

/// Lines of a long text that show.
const LINES: usize = 6;

/// One line of a value.
pub(super) enum Value {
    /// It is set.
    Text(String),
    /// It is not: what that means.
    Missing(String),
    /// It is being typed; the cursor is before this character.
    Typing { text: String, at: usize },
    /// One of a few.
    Choices(Vec<(bool, &'static str)>),
}

/// The lines of a field's value; at least one.
pub(super) fn of(edit: &EditPane, field: Field, inherited: &NetworkPolicy, canvas: &Canvas<'_>) -> Vec<Value> {
    if let Some(typing) = edit.typing.as_ref().filter(|_| edit.cursor == field) {
        return typed(edit, field, typing, canvas);
    }
    match field {
        Field::Provider => vec![provider(edit.draft.provider)],
        Field::NativeToolCalling => vec![choice(edit.draft.options.native_tool_calling)],
        Field::ApiKey => vec![key(edit, inherited)],
        Field::Network(key) if !key.words().is_empty() => vec![word(edit.draft.network.get(key), key)],
        Field::Name
        | Field::Id
        | Field::Url
        | Field::DefaultModel
        | Field::Organization
        | Field::Project
        | Field::Headers
        | Field::ContextWindow
        | Field::Temperature
        | Field::MaxAttempts
        | Field::Notes
        | Field::Network(_) => lines(edit, field, inherited),
    }
}

fn lines(edit: &EditPane, field: Field, inherited: &NetworkPolicy) -> Vec<Value> {
    let text = edit.draft.shown(field);
    if text.is_empty() {
        return vec![Value::Missing(missing(field, edit.draft.provider, inherited))];
    }
    let count = text.lines().count();
    let mut lines: Vec<Value> = text.lines().take(LINES).map(|line| Value::Text(line.to_owned())).collect();
    if count > LINES {
        lines.pop();
        lines.push(Value::Text(format!("… {} more lines", count - LINES + 1)));
    }
    if lines.is_empty() { vec![Value::Text(String::new())] } else { lines }
}

fn key(edit: &EditPane, inherited: &NetworkPolicy) -> Value {
    let key = &edit.draft.auth.api_key;
    if key.expose().is_empty() {
        return Value::Missing(missing(Field::ApiKey, edit.draft.provider, inherited));
    }
    Value::Text(shown(edit, key))
}

/// A reference as it is, a key as dots: few of them, so that they do not tell its length.
fn shown(edit: &EditPane, key: &SecretText) -> String {
    if key_may_be_shown(key) || edit.state.key == KeyShown::Plain {
        return key.expose().to_owned();
    }
    format!("{}  (typed; saving moves it to a file of its own)", "•".repeat(12))
}

/// While it is typed a key is a dot a character, so that one sees that keys arrive.
fn typed(edit: &EditPane, field: Field, typing: &TextArea<'static>, canvas: &Canvas<'_>) -> Vec<Value> {
    let cursor = typing.cursor();
    let (row, at) = (cursor.0, cursor.1);
    let hides = field.is_secret()
        && edit.state.key == KeyShown::Masked
        && !key_may_be_shown(&SecretText::new(typing.lines().join("\n")));
    let shown = |line: &String| if hides { "•".repeat(line.chars().count()) } else { line.clone() };
    let room = LINES.min(canvas.height().max(1));
    let first = (row + 1).saturating_sub(room);
    let lines = typing.lines().iter().enumerate().skip(first).take(room);
    lines
        .map(
            |(number, line)| {
                if number == row { Value::Typing { text: shown(line), at } } else { Value::Text(shown(line)) }
            },
        )
        .collect()
}

fn provider(chosen: Provider) -> Value {
    Value::Choices(Provider::ALL.into_iter().map(|provider| (provider == chosen, provider.word())).collect())
}

fn choice(chosen: Option<bool>) -> Value {
    let choices = [(None, "unset"), (Some(true), "yes"), (Some(false), "no")];
    Value::Choices(choices.into_iter().map(|(choice, word)| (choice == chosen, word)).collect())
}

/// What it means that a field is empty.
fn missing(field: Field, provider: Provider, inherited: &NetworkPolicy) -> String {
    let text = match field {
        Field::Name => "required: what the list shows",
        Field::Id => "required: lower-case letters, digits, hyphens",
        Field::Url => "required",
        Field::DefaultModel if provider == Provider::Other => "required",
        Field::DefaultModel => "none; the body may name one",
        Field::ApiKey => "none; env:NAME, file:PATH, cmd:COMMAND, or the key",
        Field::Headers => "none; one a line, name: value",
        Field::MaxAttempts => "1 (default)",
        Field::ContextWindow | Field::Temperature | Field::Organization | Field::Project | Field::Notes => "none",
        Field::Provider | Field::NativeToolCalling => "",
        Field::Network(key) => {
            let effective = inherited.effective(key).and_then(|effective| effective.value.clone());
            return effective.unwrap_or_else(|| "none".to_owned());
        }
    };
    text.to_owned()
}

/// Where the value of a network key comes from: below the connector, or the line that sets it.
pub(super) fn source(edit: &EditPane, key: NetworkKey, below: &Below<'_>) -> String {
    if edit.draft.network.get(key).is_empty() {
        let inherited = below.inherited.effective(key);
        return match inherited.map(|effective| (&effective.from, &effective.value)) {
            None | Some((ValueSource::Default, None)) => String::new(),
            Some((from, Some(value))) if !key.words().is_empty() => format!("{value} ({from})"),
            Some((from, _)) => format!(" ({from})"),
        };
    }
    let unchanged = edit.draft.network.get(key) == edit.opened.network.get(key);
    let place = below.places.and_then(|places| places.get(&key)).filter(|_| unchanged);
    place.map(|place| format!(" ({place})")).unwrap_or_default()
}

fn word(chosen: &str, key: NetworkKey) -> Value {
    let unset = (chosen.is_empty(), "unset");
    Value::Choices(std::iter::once(unset).chain(key.words().iter().map(|word| (*word == chosen, *word))).collect())
}
