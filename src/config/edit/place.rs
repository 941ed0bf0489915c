//! Where things stand in a document, in every form TOML has: tables with a header, dotted keys, inline tables.

use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

use super::lines::LineEnd;
use super::{inlined, renamed, tables};
use crate::domain::{Connector, ConnectorId};

pub(super) fn find<'d>(doc: &'d mut DocumentMut, id: &ConnectorId) -> Option<&'d mut Item> {
    child(doc.get_mut("connectors")?, id.as_str())
}

pub(super) fn child<'t>(table: &'t mut Item, key: &str) -> Option<&'t mut Item> {
    table.as_table_like_mut()?.get_mut(key)
}

pub(super) fn has(table: &Item, key: &str) -> bool {
    table.as_table_like().is_some_and(|table| table.contains_key(key))
}

/// An empty table of the form that can stand in the given one.
pub(super) fn table_like(parent: &Item) -> Item {
    if parent.is_inline_table() {
        return Item::Value(InlineTable::new().into());
    }
    let mut table = Table::new();
    table.set_dotted(parent.as_table().is_some_and(Table::is_dotted));
    table.decor_mut().set_prefix("");
    Item::Table(table)
}

/// Sets a key: in its place with the spaces and the comment around it, or behind the others.
pub(super) fn set(table: &mut Item, key: &str, mut value: Value) {
    if let Some(old) = child(table, key).and_then(Item::as_value_mut) {
        *value.decor_mut() = old.decor().clone();
        *old = value;
    } else {
        insert(table, key, Item::Value(value));
    }
}

pub(super) fn insert(table: &mut Item, key: &str, item: Item) {
    match table {
        Item::Table(table) => insert_line(table, key, item),
        Item::Value(Value::InlineTable(table)) => insert_inline(table, key, item),
        Item::Value(_) | Item::ArrayOfTables(_) | Item::None => {}
    }
}

/// A new line is indented as the one above it.
fn insert_line(table: &mut Table, key: &str, item: Item) {
    let above = table.iter().filter(|(_, item)| item.is_value()).last().map(|(key, _)| key.to_owned());
    let above = above.and_then(|above| table.key(&above)?.leaf_decor().prefix()?.as_str().map(str::to_owned));
    let indent = above.unwrap_or_default().rsplit('\n').next().unwrap_or_default().to_owned();
    let is_value = item.is_value();
    table.insert(key, item);
    if let Some(mut key) = table.key_mut(key).filter(|_| is_value && !indent.is_empty()) {
        key.leaf_decor_mut().set_prefix(indent);
    }
}

/// A new entry takes over the white space before the closing brace, and stands in front of its key what stood
/// in front of the last one.
fn insert_inline(table: &mut InlineTable, key: &str, item: Item) {
    let Ok(mut value) = item.into_value() else { return };
    let last = table.iter().last().map(|(key, _)| key.to_owned());
    let prefix = last.as_deref().and_then(|last| table.key(last)?.leaf_decor().prefix().cloned());
    if let Some(last) = last.and_then(|last| table.get_mut(&last)) {
        let suffix = last.decor().suffix().cloned().unwrap_or_else(|| " ".into());
        if suffix.as_str().is_none_or(|suffix| suffix.trim().is_empty()) {
            last.decor_mut().set_suffix("");
            value.decor_mut().set_prefix(" ");
            value.decor_mut().set_suffix(suffix);
        }
    }
    table.insert(key, value);
    let own_line = prefix.filter(|prefix| prefix.as_str().is_some_and(|prefix| prefix.trim().is_empty()));
    if let (Some(mut key), Some(prefix)) = (table.key_mut(key), own_line) {
        key.leaf_decor_mut().set_prefix(prefix);
    }
}

/// Gives a connector another id. Every key is taken out and put back, because the map has no other way to keep
/// the order.
pub(super) fn rename(doc: &mut DocumentMut, old: &ConnectorId, new: &ConnectorId) {
    match doc.get_mut("connectors") {
        Some(Item::Table(table)) => {
            for name in names(table.iter().map(|(name, _)| name)) {
                let Some((key, item)) = table.remove_entry(&name) else { continue };
                let key = if name == old.as_str() { renamed(&key, new.as_str()) } else { key };
                table.insert_formatted(&key, item);
            }
        }
        Some(Item::Value(Value::InlineTable(table))) => {
            for name in names(table.iter().map(|(name, _)| name)) {
                let Some((key, value)) = table.remove_entry(&name) else { continue };
                let key = if name == old.as_str() { renamed(&key, new.as_str()) } else { key };
                table.insert_formatted(&key, value);
            }
        }
        Some(Item::Value(_) | Item::ArrayOfTables(_) | Item::None) | None => {}
    }
}

fn names<'t>(names: impl Iterator<Item = &'t str>) -> Vec<String> {
    names.map(str::to_owned).collect()
}

/// Puts a new connector behind everything else, comments at the end of the file included.
pub(super) fn append(doc: &mut DocumentMut, connector: &Connector, line_end: LineEnd) {
    let (mut main, below) = tables(connector, line_end);
    if let Some(Item::Value(Value::InlineTable(_))) = doc.get("connectors") {
        for (name, table) in below {
            main.insert(name, Item::Value(inlined(table).into()));
        }
        if let Some(connectors) = doc.get_mut("connectors") {
            insert(connectors, connector.id.as_str(), Item::Value(inlined(main).into()));
        }
        return;
    }
    let mut position = last_position(doc.as_table()) + 1;
    main.decor_mut().set_prefix(gap(doc));
    main.set_position(Some(position));
    doc.set_trailing("");
    for (name, mut table) in below {
        position += 1;
        table.decor_mut().set_prefix("");
        table.set_position(Some(position));
        main.insert(name, Item::Table(table));
    }
    let mut connectors = Table::new();
    connectors.set_implicit(true);
    let connectors = doc.entry("connectors").or_insert(Item::Table(connectors));
    if let Item::Table(connectors) = connectors {
        connectors.insert(connector.id.as_str(), Item::Table(main));
    }
}

/// What stands between the last line of the file and a new table: the comments at its end, and a blank line.
fn gap(doc: &DocumentMut) -> String {
    let mut gap = doc.trailing().as_str().unwrap_or_default().to_owned();
    if !gap.is_empty() && !gap.ends_with('\n') {
        gap.push('\n');
    }
    let blank_before = if gap.is_empty() { doc.is_empty() } else { format!("\n{gap}").ends_with("\n\n") };
    if !blank_before {
        gap.push('\n');
    }
    gap
}

fn last_position(table: &Table) -> isize {
    let children = table.iter().map(|(_, item)| match item {
        Item::Table(table) => last_position(table),
        Item::ArrayOfTables(tables) => tables.iter().map(last_position).max().unwrap_or_default(),
        Item::Value(_) | Item::None => 0,
    });
    children.max().unwrap_or_default().max(table.position().unwrap_or_default())
}
