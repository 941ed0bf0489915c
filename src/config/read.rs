//! A file's text, read strictly: every unknown key, wrong type and bad value is found, with line and column.
//!
//! Decides nothing about values itself: a connector passes the rules of [`crate::domain::Draft`], and their
//! findings are placed where the key stands.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::Source;
use super::keymap::{KeyProblem, Keymap};
use super::theme::Theme;
use super::{ConfigError, Placed};
use crate::domain::price::Rows;
use crate::domain::{Budget, Connector, TelemetryTarget};

mod budgets;
mod connector;
mod events;
mod network;
mod prices;
mod syntax;
mod table;
mod telemetry;

pub(super) use network::{Network, Places, Table as NetworkRead};
use table::{Key, Problems, Value};

/// What one file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Layer {
    pub(super) connectors: Vec<Connector>,
    pub(super) network: Network,
    pub(super) max_running: Option<usize>,
    pub(super) events: events::Events,
    pub(super) telemetry: Option<TelemetryTarget>,
    pub(super) budgets: Vec<Budget>,
    pub(super) prices: Rows,
    pub(super) connector_prices: BTreeMap<String, Rows>,
    pub(super) keys: BTreeMap<String, Placed<Vec<String>>>,
    pub(super) theme: BTreeMap<String, Placed<String>>,
}

const TOP: [&str; 9] = ["connectors", "network", "pool", "events", "telemetry", "budgets", "prices", "keys", "theme"];

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
            "connectors" => {
                (layer.connectors, layer.network.connectors) = connector::read_all(value, problems);
                layer.connector_prices = connector::read_prices(value, problems);
            }
            "events" => layer.events = events::read(value, problems),
            "telemetry" => layer.telemetry = telemetry::read(value, problems),
            "budgets" => layer.budgets = budgets::read(value, problems),
            "prices" => layer.prices = prices::read("prices", value, problems),
            "network" => network::read(value, &mut layer.network, problems),
            "pool" => layer.max_running = read_pool(value, problems),
            "keys" => layer.keys = read_keys(value, problems),
            "theme" => layer.theme = read_theme(value, problems),
            _ => problems.unknown("", key, &TOP),
        }
    }
    layer
}

fn read_pool(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<usize> {
    let (value, path) = (only(value, "pool", "max_running", problems)?, "pool.max_running");
    let number = problems.whole(path, value)?;
    let running = usize::try_from(number).ok().filter(|running| (1..=256).contains(running));
    problems.take(path, value, running.ok_or_else(|| format!("{number} runs at once cannot be; use 1 to 256")))
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
    let mut keys = BTreeMap::new();
    if let Some(table) = problems.table("keys", value) {
        read_actions("", table, &mut keys, problems);
    }
    keys
}

/// The name of an action holds a dot: `test.run = …`, `"test.run" = …` and `[keys.test]` are the same.
fn read_actions(
    above: &str,
    table: &DeTable<'_>,
    keys: &mut BTreeMap<String, Placed<Vec<String>>>,
    problems: &mut Problems<'_>,
) {
    for (key, value) in table::in_order(table) {
        let name = format!("{above}{}", key.get_ref());
        let path = format!("keys.{name}");
        let chords = match value.get_ref() {
            DeValue::Table(actions) => {
                read_actions(&format!("{name}."), actions, keys, problems);
                continue;
            }
            DeValue::Array(items) => items.iter().map(|item| problems.text(&path, item)).collect(),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => problems.one_or_many(&path, value).map(|chord| vec![chord]),
        };
        let Some(chords) = chords else { continue };
        judge_keys(&name, &chords, key.span().start, problems);
        keys.insert(name, Placed { value: chords, place: problems.place(key.span().start) });
    }
}

/// Whether a key means two things depends on the other keys, so that is asked when all are known.
fn judge_keys(name: &str, chords: &[String], at: usize, problems: &mut Problems<'_>) {
    let Err((_, problem)) = Keymap::with([(name, chords)]) else { return };
    let hint = match problem {
        KeyProblem::UnknownAction { .. } => "`switchboard config example` lists the actions",
        KeyProblem::UnknownKey(_) => "",
        KeyProblem::Taken { .. } => return,
    };
    problems.add(at, &format!("keys.{name}: {problem}"), hint);
}

fn read_theme(value: &Value<'_>, problems: &mut Problems<'_>) -> BTreeMap<String, Placed<String>> {
    let Some(table) = problems.table("theme", value) else { return BTreeMap::new() };
    let entry = |(key, value): (&Key<'_>, &Value<'_>)| {
        let (name, at) = (key.get_ref().clone().into_owned(), key.span().start);
        let path = format!("theme.{name}");
        let wish = problems.text(&path, value)?;
        let alone = BTreeMap::from([(name.clone(), wish.clone())]);
        if let Err((_, problem)) = Theme::from_settings(&alone) {
            problems.add(at, &format!("{path}: {problem}"), "");
        }
        Some((name, Placed { value: wish, place: problems.place(at) }))
    };
    table::in_order(table).into_iter().filter_map(entry).collect()
}

/// The line on which a connector begins, for an editor; nothing where the text is no TOML or has no such connector.
pub fn line_of(text: &str, id: &str) -> Option<usize> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let (root, _) = DeTable::parse_recoverable(text);
    let connectors = root.get_ref().get("connectors")?.get_ref().as_table()?;
    let (key, _) = connectors.get_key_value(id)?;
    Some(Source { file: Path::new(""), text }.place(key.span().start).line)
}
