//! Network tables: `[network]`, `[[network.hosts]]`, and the texts a connector's own table hands to its draft.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};
use url::Url;

use super::table::{Key, Problems, Value, in_order};
use crate::config::Place;
use crate::domain::policy::{NetworkKey, NetworkOverlay, Shape};

/// Where each key of a table stands.
pub(in crate::config) type Places = BTreeMap<NetworkKey, Place>;

/// One table, with the places of its keys.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::config) struct Table {
    pub(in crate::config) values: NetworkOverlay,
    pub(in crate::config) places: Places,
}

/// What one file says about the network, but for the values of connectors.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::config) struct Network {
    pub(in crate::config) general: Table,
    pub(in crate::config) hosts: Vec<(Url, Table)>,
    /// Where the keys of each connector's table stand, by its id.
    pub(in crate::config) connectors: BTreeMap<String, Places>,
}

/// Whether a table may have the keys that hold for all requests alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    General,
    Shared,
}

/// Reads `[network]` with its `[[network.hosts]]`.
pub(super) fn read(value: &Value<'_>, network: &mut Network, problems: &mut Problems<'_>) {
    let Some(table) = problems.table("network", value) else { return };
    network.general = read_table("network", table, Scope::General, problems);
    if let Some(hosts) = table.get("hosts") {
        network.hosts = read_hosts(hosts, problems);
    }
}

/// The key of a connector's table, or the problem with its name.
pub(super) fn shared_key(path: &str, key: &Key<'_>, problems: &mut Problems<'_>) -> Option<NetworkKey> {
    known_key(path, key, Scope::Shared, problems)
}

fn known_key(path: &str, key: &Key<'_>, scope: Scope, problems: &mut Problems<'_>) -> Option<NetworkKey> {
    let known = |key: &NetworkKey| scope == Scope::General || key.is_shared();
    match NetworkKey::of(key.get_ref()) {
        Some(found) if known(&found) => Some(found),
        Some(found) => {
            let message = format!("{path}.{}: stands in [network] alone, for it holds for every request", found.word());
            problems.add(key.span().start, &message, "move it to [network]");
            None
        }
        None => {
            let words: Vec<&str> = NetworkKey::ALL.into_iter().filter(known).map(NetworkKey::word).collect();
            problems.unknown(path, key, &words);
            None
        }
    }
}

fn read_table(path: &str, table: &DeTable<'_>, scope: Scope, problems: &mut Problems<'_>) -> Table {
    let mut read = Table::default();
    for (key, value) in in_order(table) {
        let own = if scope == Scope::General { "hosts" } else { "url" };
        if key.get_ref() == own {
            continue;
        }
        let Some(found) = known_key(path, key, scope, problems) else { continue };
        let path = format!("{path}.{}", found.word());
        let Some(text) = text(found, &path, value, problems) else { continue };
        let set = read.values.set(found, &text);
        if problems.take(&path, value, set).is_some() {
            read.places.insert(found, problems.place(key.span().start));
        }
    }
    for contradiction in read.values.contradictions() {
        let word = contradiction.key.word();
        let at = table.get(word).map(|value| value.span().start).unwrap_or_default();
        problems.add(at, &format!("{path}.{word}: {}", contradiction.message), "");
    }
    read
}

/// The value of a key as the text its rules read. What is wrong with its type is told here.
pub(super) fn text(key: NetworkKey, path: &str, value: &Value<'_>, problems: &mut Problems<'_>) -> Option<String> {
    let text = match key.shape() {
        Shape::Text => problems.text(path, value),
        Shape::Duration => problems.duration_text(path, value),
        Shape::Size => problems.text_or_whole(path, value),
        Shape::List => list(path, value, problems),
        Shape::Table => entries(key, path, value, problems),
    }?;
    if text.trim().is_empty() {
        problems.add(value.span().start, &format!("{path}: it is empty; set it, or leave the key out"), "");
        return None;
    }
    Some(text)
}

fn list(path: &str, value: &Value<'_>, problems: &mut Problems<'_>) -> Option<String> {
    let DeValue::Array(items) = value.get_ref() else { return problems.one_or_many(path, value) };
    let lines: Option<Vec<String>> = items.iter().map(|item| problems.text(path, item)).collect();
    let lines = lines?;
    one_line_each(path, value, lines.iter(), problems)?;
    // The line end behind the last says that commas belong to the entries.
    Some(lines.join("\n") + "\n")
}

/// A table of texts, one entry a line.
fn entries(key: NetworkKey, path: &str, value: &Value<'_>, problems: &mut Problems<'_>) -> Option<String> {
    let separator = if key == NetworkKey::ProxyHeaders { ':' } else { '=' };
    let mut lines = Vec::new();
    for (name, value) in in_order(problems.table(path, value)?) {
        let text = problems.text(&format!("{path}.{}", name.get_ref().escape_debug()), value)?;
        let name = name.get_ref().as_ref();
        if name.contains(separator) {
            let message = format!("{path}: '{separator}' cannot stand in \"{}\"", name.escape_debug());
            problems.add(value.span().start, &message, "");
            return None;
        }
        one_line_each(path, value, [name, &text].into_iter(), problems)?;
        lines.push(format!("{name}{separator} {text}"));
    }
    Some(lines.join("\n"))
}

fn one_line_each(
    path: &str,
    value: &Value<'_>,
    mut texts: impl Iterator<Item = impl AsRef<str>>,
    problems: &mut Problems<'_>,
) -> Option<()> {
    if texts.any(|text| text.as_ref().contains(['\n', '\r'])) {
        problems.add(value.span().start, &format!("{path}: an entry holds a line end"), "");
        return None;
    }
    Some(())
}

fn read_hosts(value: &Value<'_>, problems: &mut Problems<'_>) -> Vec<(Url, Table)> {
    let DeValue::Array(items) = value.get_ref() else {
        problems.add(value.span().start, "network.hosts: a list of tables is needed", "write [[network.hosts]]");
        return Vec::new();
    };
    let mut hosts: Vec<(Url, Table, usize)> = Vec::new();
    for item in items {
        let Some(table) = problems.table("network.hosts", item) else { continue };
        let read = read_table("network.hosts", table, Scope::Shared, problems);
        let Some((url, at)) = host_url(item, table, problems) else { continue };
        if let Some((_, _, line)) = hosts.iter().find(|(other, _, _)| other.origin() == url.origin()) {
            let message =
                format!("network.hosts: {} has a table already, in line {line}", url.as_str().trim_end_matches('/'));
            problems.add(at, &message, "keep one of them, with the keys of both");
            continue;
        }
        let line = problems.place(at).line;
        hosts.push((url, read, line));
    }
    hosts.into_iter().map(|(url, table, _)| (url, table)).collect()
}

/// What a table of hosts is for, and where that stands.
fn host_url(item: &Value<'_>, table: &DeTable<'_>, problems: &mut Problems<'_>) -> Option<(Url, usize)> {
    const FORM: &str = "write scheme, host and port alone, for example \"https://gateway.corp:8443\"";
    let Some(value) = table.get("url") else {
        problems.add(item.span().start, "network.hosts: a url is needed: the host it is for", FORM);
        return None;
    };
    let (text, at) = (problems.text("network.hosts.url", value)?, value.span().start);
    let bare = |url: &Url| {
        let rest = url.query().is_some() || url.fragment().is_some() || !matches!(url.path(), "" | "/");
        !rest && url.username().is_empty() && url.password().is_none()
    };
    let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https")).filter(bare);
    if url.is_none() {
        problems.add(at, "network.hosts.url: this is no host", FORM);
    }
    Some((url?, at))
}
