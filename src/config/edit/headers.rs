//! The table of headers: changed key by key where the order stays, written anew where it does not.

use toml_edit::{InlineTable, Item, Value};

use super::lines::LineEnd;
use super::{Change, erase, place};
use crate::domain::Header;

pub(super) fn inline(headers: &[Header], line_end: LineEnd) -> InlineTable {
    let mut table = InlineTable::new();
    for header in headers {
        table.insert(&header.name, line_end.quote(&header.value));
    }
    table
}

/// Brings the headers of a connector's table from what they were to what they are.
pub(super) fn change(connector: &mut Item, change: &Change<'_>) {
    let (before, after) = (&change.before.headers, &change.after.headers);
    if after.is_empty() {
        return erase::entry(connector, "headers", change.marker);
    }
    let Some(table) = place::child(connector, "headers") else {
        return place::insert(connector, "headers", Item::Value(inline(after, change.line_end).into()));
    };
    if !keeps_order(before, after) {
        return rewrite(table, after, change.line_end);
    }
    for gone in before.iter().filter(|old| !after.iter().any(|new| new.name == old.name)) {
        erase::entry(table, &gone.name, change.marker);
    }
    for header in after.iter().filter(|new| !before.contains(new)) {
        place::set(table, &header.name, change.line_end.quote(&header.value));
    }
}

/// True when what stays keeps its order and what is new stands behind it.
fn keeps_order(before: &[Header], after: &[Header]) -> bool {
    let stays = before.iter().filter(|old| after.iter().any(|new| new.name == old.name));
    stays
        .map(|old| &old.name)
        .eq(after.iter().map(|new| &new.name).take_while(|name| before.iter().any(|old| &old.name == *name)))
}

fn rewrite(table: &mut Item, headers: &[Header], line_end: LineEnd) {
    match table {
        Item::Table(table) => {
            table.clear();
            for header in headers {
                table.insert(&header.name, Item::Value(line_end.quote(&header.value)));
            }
        }
        Item::Value(value) => {
            let decor = value.decor().clone();
            *value = Value::from(inline(headers, line_end));
            *value.decor_mut() = decor;
        }
        Item::ArrayOfTables(_) | Item::None => {}
    }
}
