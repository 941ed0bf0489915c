//! A file's text, read strictly: every unknown key, wrong type and bad value is found, with line and column.
//!
//! Decides nothing about values itself: a connector passes the rules of [`crate::domain::Draft`], and their
//! findings are placed where the key stands.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::Source;
use super::{ConfigError, Placed};
use crate::domain::{Connector, NetworkOverlay, units};

mod connector;
mod syntax;
mod table;

use table::{Key, Problems, Value};

/// What one file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Layer {
    pub(super) connectors: Vec<Connector>,
    pub(super) network: NetworkOverlay,
    pub(super) max_running: Option<usize>,
    pub(super) keys: BTreeMap<String, Placed<Vec<String>>>,
    pub(super) theme: BTreeMap<String, Placed<String>>,
    pub(super) mouse: Option<bool>,
}

/// The keys a table of limits may have.
pub(super) const LIMITS: [&str; 5] =
    ["connect_timeout", "first_byte_timeout", "idle_timeout", "total_timeout", "max_response_size"];
const TOP: [&str; 6] = ["connectors", "network", "pool", "screen", "keys", "theme"];

/// Reads a text as a configuration file and gives back its connectors. The file need not exist.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn check_text(text: &str, file: &Path) -> Result<Vec<Connector>, Vec<ConfigError>> {
    all(text, file).map(|layer| layer.connectors)
}

/// Reads a layer; what is wrong first stands for everything that is wrong.
pub(super) fn layer(text: &str, file: &Path) -> Result<Layer, ConfigError> {
    all(text, file).map_err(|problems| {
        let others = problems.len().saturating_sub(1);
        let first = problems.into_iter().next();
        let mut first = first.unwrap_or_else(|| ConfigError::new(file, "cannot be read", ""));
        if others > 0 {
            let more = format!("{others} more to mend; `switchboard config check` lists all");
            first.hint = if first.hint.is_empty() { more } else { format!("{}; {more}", first.hint) };
        }
        first
    })
}

fn all(text: &str, file: &Path) -> Result<Layer, Vec<ConfigError>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let source = Source { file, text };
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(syntax::explain(source, &errors));
    }
    let mut problems = Problems::new(source);
    let layer = read_root(root.get_ref(), &mut problems);
    problems.finish().map(|()| layer)
}

fn read_root(root: &DeTable<'_>, problems: &mut Problems<'_>) -> Layer {
    let mut layer = Layer::default();
    for (key, value) in table::in_order(root) {
        match key.get_ref().as_ref() {
            "connectors" => layer.connectors = connector::read_all(value, problems),
            "network" => read_network(value, &mut layer.network, problems),
            "pool" => layer.max_running = read_pool(value, problems),
            "screen" => layer.mouse = read_screen(value, problems),
            "keys" => layer.keys = read_keys(value, problems),
            "theme" => layer.theme = read_theme(value, problems),
            _ => problems.unknown("", key, &TOP),
        }
    }
    layer
}

fn read_network(value: &Value<'_>, network: &mut NetworkOverlay, problems: &mut Problems<'_>) {
    let Some(table) = problems.table("network", value) else { return };
    for (key, value) in table::in_order(table) {
        let name = key.get_ref().as_ref();
        let path = format!("network.{name}");
        let slot = match name {
            "connect_timeout" => &mut network.connect_timeout,
            "first_byte_timeout" => &mut network.first_byte_timeout,
            "idle_timeout" => &mut network.idle_timeout,
            "total_timeout" => &mut network.total_timeout,
            "max_response_size" => {
                let read = problems.text_or_whole(&path, value);
                network.max_response_size = read.and_then(|text| problems.take(&path, value, units::parse_size(&text)));
                continue;
            }
            _ => {
                problems.unknown("network", key, &LIMITS);
                continue;
            }
        };
        let read = problems.duration_text(&path, value);
        *slot = read.and_then(|text| problems.take(&path, value, units::parse_duration(&text)));
    }
}

fn read_pool(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<usize> {
    let (value, path) = (only(value, "pool", "max_running", problems)?, "pool.max_running");
    let number = problems.whole(path, value)?;
    let running = usize::try_from(number).ok().filter(|running| (1..=256).contains(running));
    problems.take(path, value, running.ok_or_else(|| format!("{number} runs at once cannot be; use 1 to 256")))
}

fn read_screen(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<bool> {
    let value = only(value, "screen", "mouse", problems)?;
    problems.choice("screen.mouse", value)
}

/// The value of the one key a table has.
fn only<'t, 'i>(
    value: &'t Value<'i>,
    name: &str,
    known: &'static str,
    problems: &mut Problems<'_>,
) -> Option<&'t Value<'i>> {
    let mut found = None;
    for (key, value) in table::in_order(problems.table(name, value)?) {
        if key.get_ref() == known {
            found = Some(value);
        } else {
            problems.unknown(name, key, &[known]);
        }
    }
    found
}

fn read_keys(value: &Value<'_>, problems: &mut Problems<'_>) -> BTreeMap<String, Placed<Vec<String>>> {
    read_map("keys", value, problems, |path, value, problems| match value.get_ref() {
        DeValue::Array(items) => items.iter().map(|item| problems.text(path, item)).collect(),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_) => Some(vec![problems.one_or_many(path, value)?]),
    })
}

fn read_theme(value: &Value<'_>, problems: &mut Problems<'_>) -> BTreeMap<String, Placed<String>> {
    read_map("theme", value, problems, |path, value, problems| problems.text(path, value))
}

/// A table whose keys are known elsewhere; each value keeps its place, so that it can be judged there.
fn read_map<T>(
    name: &str,
    value: &Value<'_>,
    problems: &mut Problems<'_>,
    mut read: impl FnMut(&str, &Value<'_>, &mut Problems<'_>) -> Option<T>,
) -> BTreeMap<String, Placed<T>> {
    let Some(table) = problems.table(name, value) else { return BTreeMap::new() };
    let entry = |(key, value): (&Key<'_>, &Value<'_>)| {
        let place = problems.place(key.span().start);
        let value = read(&format!("{name}.{}", key.get_ref()), value, problems)?;
        Some((key.get_ref().clone().into_owned(), Placed { value, place }))
    };
    table::in_order(table).into_iter().filter_map(entry).collect()
}
