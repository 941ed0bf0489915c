//! Taking keys and tables out of a document.
//!
//! What goes is marked, and marked lines are dropped from the rendered text. So the comments above a key, which
//! the document hangs on the key, stay where they are.

use toml_edit::{Decor, InlineTable, Item, RawString, Table, Value};

/// A word that stands nowhere else in the text.
#[derive(Debug)]
pub(super) struct Marker {
    word: String,
    /// The comments and blank lines that the text begins with.
    head: String,
}

/// What becomes of the comments above what goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comments {
    /// Those directly above go, those behind a blank line stay.
    OwnGo,
    /// All go: they stand inside of what goes.
    AllGo,
}

impl Marker {
    pub(super) fn unused_in(text: &str) -> Self {
        let mut word = "switchboard-erases-this".to_owned();
        while text.contains(&word) {
            word.push_str("-too");
        }
        let is_head = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
        Self { word, head: text.split_inclusive('\n').take_while(is_head).collect() }
    }

    /// The text without marked lines, and without blank lines that would then lead it.
    pub(super) fn drop_lines(&self, text: &str) -> String {
        if !text.contains(&self.word) {
            return text.to_owned();
        }
        let kept: String = text.split_inclusive('\n').filter(|line| !line.contains(&self.word)).collect();
        if text.starts_with('\n') { kept } else { kept.trim_start_matches('\n').to_owned() }
    }

    /// What stays of the lines above a table: its own comment goes, unless it is the head of the file.
    fn kept(&self, above: &str, comments: Comments) -> String {
        if comments == Comments::AllGo {
            return String::new();
        }
        let mut lines: Vec<&str> = above.split_inclusive('\n').filter(|line| line.ends_with('\n')).collect();
        let own = lines.iter().rev().take_while(|line| line.trim_start().starts_with('#')).count();
        if own == lines.len() && lines.concat() == self.head {
            return self.head.clone();
        }
        lines.truncate(lines.len() - own);
        lines.pop();
        lines.concat()
    }

    fn keep(&self, decor: &mut Decor, comments: Comments) {
        let above = decor.prefix().and_then(RawString::as_str).unwrap_or_default();
        decor.set_prefix(self.kept(above, comments));
    }
}

/// Takes an entry out of a table of any form.
pub(super) fn entry(table: &mut Item, key: &str, marker: &Marker) {
    match table {
        Item::Table(table) => {
            if let Some(item) = table.get_mut(key) {
                mark(item, marker, Comments::OwnGo);
            }
        }
        Item::Value(Value::InlineTable(table)) => remove_inline(table, key),
        Item::Value(_) | Item::ArrayOfTables(_) | Item::None => {}
    }
}

fn mark(item: &mut Item, marker: &Marker, comments: Comments) {
    match item {
        Item::Value(value) => *value = Value::from(marker.word.as_str()),
        Item::Table(table) => mark_table(table, marker, comments),
        Item::ArrayOfTables(tables) => tables.iter_mut().for_each(|table| mark_table(table, marker, comments)),
        Item::None => {}
    }
}

fn mark_table(table: &mut Table, marker: &Marker, comments: Comments) {
    let dotted = table.is_dotted();
    if !dotted {
        marker.keep(table.decor_mut(), comments);
        table.decor_mut().set_suffix(format!(" # {}", marker.word));
    }
    let inside = if dotted { comments } else { Comments::AllGo };
    for (mut key, item) in table.iter_mut() {
        // A table with a header of its own may stand anywhere in the file, so its lines above are looked at apart.
        let own_header = item.as_table().is_some_and(|table| !table.is_dotted());
        if item.is_value() {
            marker.keep(key.leaf_decor_mut(), inside);
        }
        mark(item, marker, if own_header { Comments::OwnGo } else { inside });
    }
}

/// The white space before the closing brace goes to the entry that is last then.
fn remove_inline(table: &mut InlineTable, key: &str) {
    let was_last = table.iter().last().is_some_and(|(last, _)| last == key);
    let Some(removed) = table.remove(key) else { return };
    let last = table.iter_mut().last().filter(|_| was_last);
    if let (Some((_, last)), Some(suffix)) = (last, removed.decor().suffix()) {
        last.decor_mut().set_suffix(suffix.clone());
    }
}
