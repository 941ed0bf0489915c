//! `list`: every connector, one a line.

use std::path::Path;

use serde_json::json;

use super::Context;
use super::args::Output;
use super::json::{ConnectorJson, origin_word};
use crate::config::Entry;
use crate::domain::{Failure, text};

pub(super) fn run(context: &mut Context, output: Output) -> Result<u8, Failure> {
    let config = context.config()?;
    if output.json {
        let rows: Vec<_> =
            config.entries.iter().map(|entry| ConnectorJson::row(&entry.connector, entry.origin)).collect();
        context.io.json(&json!({ "connectors": rows }))?;
        return Ok(0);
    }
    if config.entries.is_empty() {
        context.io.say(&nothing_in(&context.paths()?.user_file));
    }
    let rows: Vec<[String; 5]> = config.entries.iter().map(columns).collect();
    for line in align(&rows) {
        context.io.line(&line)?;
    }
    Ok(0)
}

fn nothing_in(file: &Path) -> String {
    let has = if file.exists() { "has no connectors yet" } else { "is not there yet" };
    format!("{} {has}; `switchboard add` or the screen's `n` creates a connector", file.display())
}

fn columns(entry: &Entry) -> [String; 5] {
    let connector = &entry.connector;
    [
        connector.id.to_string(),
        connector.provider.word().to_owned(),
        origin_word(entry.origin).to_owned(),
        connector.default_model.clone().unwrap_or_else(|| "-".to_owned()),
        connector.url.clone(),
    ]
}

/// Columns as wide as their widest cell, two spaces apart. What the file says is shown, never obeyed.
pub(super) fn align(rows: &[impl AsRef<[String]>]) -> Vec<String> {
    use unicode_width::UnicodeWidthStr;
    let rows: Vec<Vec<_>> =
        rows.iter().map(|row| row.as_ref().iter().map(|cell| text::clean_line(cell)).collect()).collect();
    let mut widths = vec![0; rows.iter().map(Vec::len).max().unwrap_or(0)];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    let pad = |cell: &str, width: usize| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()) + 2));
    rows.iter()
        .map(|row| {
            row.iter().zip(&widths).map(|(cell, width)| pad(cell, *width)).collect::<String>().trim_end().to_owned()
        })
        .collect()
}
