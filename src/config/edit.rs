//! Changes to a file's text that leave everything else as it was: comments, order, spacing, line ends.
//!
//! A key that keeps its value is not written again. Knows the shape of the file, not the file itself.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, Table, TomlError, Value};

use crate::domain::policy::Plain as NetworkPlain;
use crate::domain::{Connector, ConnectorId, Credential, Field};

mod erase;
mod headers;
mod lines;
mod place;

use erase::Marker;
use lines::LineEnd;

/// Why a text could not be edited: it is no TOML.
pub(super) type EditError = TomlError;

/// The connector as a table of the file. A typed key is left out: it belongs to no text.
pub fn show_toml(connector: &Connector) -> String {
    put("", None, connector).unwrap_or_default()
}

/// Writes a connector into a text: over the one it was before, or at the end.
pub(super) fn put(text: &str, before: Option<&Connector>, after: &Connector) -> Result<String, EditError> {
    edit(text, |doc, marker, line_end| match before {
        Some(before) => {
            if before.id != after.id {
                place::rename(doc, &before.id, &after.id);
            }
            if let Some(item) = place::find(doc, &after.id) {
                Change { marker, line_end, before, after }.apply(item);
            }
        }
        None => place::append(doc, after, line_end),
    })
}

/// Takes a connector out of a text, with the comment that stands directly above it.
pub(super) fn remove(text: &str, id: &ConnectorId) -> Result<String, EditError> {
    edit(text, |doc, marker, _| {
        if let Some(connectors) = doc.get_mut("connectors") {
            erase::entry(connectors, id.as_str(), marker);
        }
    })
}

fn edit(text: &str, change: impl FnOnce(&mut DocumentMut, &Marker, LineEnd)) -> Result<String, EditError> {
    let plain = lines::plain(text);
    let mut doc: DocumentMut = plain.parse()?;
    let marker = Marker::unused_in(&plain);
    change(&mut doc, &marker, LineEnd::of(text));
    let edited = marker.drop_lines(&doc.to_string());
    Ok(lines::restore(text, &edited))
}

/// A connector's table on its way from one value to another.
struct Change<'a> {
    marker: &'a Marker,
    line_end: LineEnd,
    before: &'a Connector,
    after: &'a Connector,
}

impl Change<'_> {
    fn apply(&self, connector: &mut Item) {
        for field in Field::ALL {
            match field.key().strip_prefix("network.") {
                None => self.apply_one(connector, field, field.key()),
                Some(key) => self.apply_network(connector, field, key),
            }
        }
        if self.before.headers != self.after.headers {
            headers::change(connector, self);
        }
        if self.after.network.is_empty() {
            erase::entry(connector, "network", self.marker);
        }
    }

    fn apply_network(&self, connector: &mut Item, field: Field, key: &str) {
        if value_of(self.before, field) == value_of(self.after, field) {
            return;
        }
        if !place::has(connector, "network") {
            let table = place::table_like(connector);
            place::insert(connector, "network", table);
        }
        if let Some(network) = place::child(connector, "network") {
            self.apply_one(network, field, key);
        }
    }

    fn apply_one(&self, table: &mut Item, field: Field, key: &str) {
        let (before, after) = (value_of(self.before, field), value_of(self.after, field));
        match after {
            Some(after) if before.as_ref() != Some(&after) => place::set(table, key, after.write(self.line_end)),
            None if before.is_some() => erase::entry(table, key, self.marker),
            Some(_) | None => {}
        }
    }
}

/// A value as the file holds it.
#[derive(Debug, Clone, PartialEq)]
enum Plain {
    Text(String),
    Whole(i64),
    Number(f64),
    Choice(bool),
    List(Vec<String>),
    Table(Vec<(String, String)>),
}

impl Plain {
    fn write(self, line_end: LineEnd) -> Value {
        match self {
            Self::Text(text) => line_end.quote(&text),
            Self::Whole(number) => Value::from(number),
            Self::Number(number) => Value::from(number),
            Self::Choice(choice) => Value::from(choice),
            Self::List(entries) => Value::from(entries.iter().map(|entry| line_end.quote(entry)).collect::<Array>()),
            Self::Table(entries) => {
                let mut table = InlineTable::new();
                for (name, value) in entries {
                    table.insert(&name, line_end.quote(&value));
                }
                Value::from(table)
            }
        }
    }
}

/// A field's value; nothing for those that are no single value.
fn value_of(connector: &Connector, field: Field) -> Option<Plain> {
    let (auth, options) = (&connector.auth, &connector.options);
    let text = |text: &Option<String>| text.clone().map(Plain::Text);
    match field {
        Field::Id | Field::Headers => None,
        Field::Name => Some(Plain::Text(connector.name.clone())),
        Field::Provider => Some(Plain::Text(connector.provider.word().to_owned())),
        Field::Url => Some(Plain::Text(connector.url.clone())),
        Field::DefaultModel => text(&connector.default_model),
        Field::ApiKey => match &auth.api_key {
            Some(Credential::Reference(reference)) => Some(Plain::Text(reference.to_string())),
            Some(Credential::Typed(_)) | None => None,
        },
        Field::Organization => text(&auth.organization),
        Field::Project => text(&auth.project),
        // The rules keep it far below what TOML can hold.
        Field::ContextWindow => options.context_window.and_then(|n| i64::try_from(n).ok()).map(Plain::Whole),
        Field::Temperature => options.temperature.map(Plain::Number),
        Field::NativeToolCalling => options.native_tool_calling.map(Plain::Choice),
        Field::MaxAttempts => options.max_attempts.map(i64::from).map(Plain::Whole),
        Field::Notes => text(&connector.notes),
        Field::Network(key) => connector.network.get(key).map(|value| match value.plain() {
            NetworkPlain::Text(text) => Plain::Text(text),
            NetworkPlain::List(entries) => Plain::List(entries),
            NetworkPlain::Table(entries) => Plain::Table(entries),
        }),
    }
}

/// A connector as tables of its own, network keys in one below it.
fn tables(connector: &Connector, line_end: LineEnd) -> (Table, Table) {
    let (mut main, mut network) = (Table::new(), Table::new());
    for field in Field::ALL {
        if field == Field::Headers && !connector.headers.is_empty() {
            main.insert("headers", Item::Value(headers::inline(&connector.headers, line_end).into()));
        }
        let Some(value) = value_of(connector, field).map(|value| value.write(line_end)) else { continue };
        match field.key().strip_prefix("network.") {
            Some(key) => network.insert(key, Item::Value(value)),
            None => main.insert(field.key(), Item::Value(value)),
        };
    }
    (main, network)
}

/// The same key under another name, with the spaces around it.
fn renamed(key: &Key, name: &str) -> Key {
    Key::new(name).with_leaf_decor(key.leaf_decor().clone()).with_dotted_decor(key.dotted_decor().clone())
}

/// The inline form of a table that is about to stand inside another inline one.
fn inlined(table: Table) -> InlineTable {
    let mut table = table.into_inline_table();
    table.fmt();
    table
}
