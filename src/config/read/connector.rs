//! `[connectors.ID]`: a table becomes a draft, the draft is checked, and what is found goes to its key.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::network::{self, Places};
use super::table::{Key, Problems, Value, in_order, nearest};
use crate::domain::price::Rows;
use crate::domain::{Connector, Draft, Field, Finding, Header, Provider, SecretRef};

/// The keys of a connector beside `network`; headers and `network` are tables of their own.
const KNOWN: [&str; 15] = [
    "name",
    "provider",
    "url",
    "default_model",
    "api_key",
    "organization",
    "project",
    "headers",
    "context_window",
    "temperature",
    "native_tool_calling",
    "max_attempts",
    "network",
    "prices",
    "notes",
];

const KEY_HINT: &str = "write \"env:NAME\" for a variable, \"file:PATH\" for a file or \"cmd:COMMAND\" for a command \
                        that prints it; typed into the editor of the screen, a key is put into a file for you";

/// Every connector, and where the keys of their network tables stand.
pub(super) fn read_all(value: &Value<'_>, problems: &mut Problems<'_>) -> (Vec<Connector>, BTreeMap<String, Places>) {
    let Some(table) = problems.table("connectors", value) else { return (Vec::new(), BTreeMap::new()) };
    let (mut connectors, mut places) = (Vec::new(), BTreeMap::new());
    for (id, value) in in_order(table) {
        if let Some((connector, own)) = read_one(id, value, problems) {
            places.insert(connector.id.to_string(), own);
            connectors.push(connector);
        }
    }
    (connectors, places)
}

/// The prices of each connector that has some.
pub(super) fn read_prices(value: &Value<'_>, problems: &mut Problems<'_>) -> BTreeMap<String, Rows> {
    let Some(connectors) = value.get_ref().as_table() else { return BTreeMap::new() };
    let read = |(id, value): (&Key<'_>, &Value<'_>)| {
        let own = value.get_ref().as_table()?.get("prices")?;
        let id = id.get_ref().clone().into_owned();
        let rows = super::prices::read(&format!("connectors.{id}.prices"), own, problems);
        Some((id, rows))
    };
    in_order(connectors).into_iter().filter_map(read).collect()
}

fn read_one(id: &Key<'_>, value: &Value<'_>, problems: &mut Problems<'_>) -> Option<(Connector, Places)> {
    let path = format!("connectors.{}", id.get_ref());
    let table = problems.table(&path, value)?;
    let mut reader = Reader {
        draft: Draft::new(Provider::OpenAi),
        places: Vec::new(),
        unusable: Vec::new(),
        path,
        start: id.span().start,
        problems,
    };
    reader.draft.url.clear();
    reader.draft.id = id.get_ref().clone().into_owned();
    reader.read(table);
    let places = reader.network_places();
    Some((reader.check()?, places))
}

/// One connector on its way from a table to a draft.
struct Reader<'p, 'a> {
    draft: Draft,
    /// Where the value of each field stands.
    places: Vec<(Field, usize)>,
    /// Fields whose value could not be taken: their problem is told, and the rules need not look.
    unusable: Vec<Field>,
    path: String,
    start: usize,
    problems: &'p mut Problems<'a>,
}

impl Reader<'_, '_> {
    fn read(&mut self, table: &DeTable<'_>) {
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            // A quoted key may hold a dot; it is no network key for that.
            match field(name).filter(|_| !name.contains('.')) {
                Some(field) => self.read_field(field, value),
                None if name == "network" => self.read_network(value),
                // Prices are no field of the connector: see `read_prices`.
                None if name == "prices" => {}
                None => {
                    // A misspelt key is one problem, not also a missing one.
                    self.unusable.extend(nearest(name, &KNOWN).and_then(field));
                    self.problems.unknown(&self.path, key, &KNOWN);
                }
            }
        }
        if !table.contains_key("provider") && !self.unusable.contains(&Field::Provider) {
            self.unusable.push(Field::Provider);
            let message = format!("{}: a provider is needed: openai, azure-openai or other", self.path);
            self.problems.add(self.start, &message, "");
        }
    }

    fn read_network(&mut self, value: &Value<'_>) {
        let path = format!("{}.network", self.path);
        let Some(table) = self.problems.table(&path, value) else { return };
        for (key, value) in in_order(table) {
            if let Some(key) = network::shared_key(&path, key, self.problems) {
                self.read_field(Field::Network(key), value);
            }
        }
    }

    fn network_places(&self) -> Places {
        let place = |(field, at): &(Field, usize)| {
            if let Field::Network(key) = field { Some((*key, self.problems.place(*at))) } else { None }
        };
        self.places.iter().filter_map(place).collect()
    }

    fn read_field(&mut self, field: Field, value: &Value<'_>) {
        let path = format!("{}.{}", self.path, field.key());
        self.places.push((field, value.span().start));
        let text = match field {
            Field::Headers => return self.read_headers(&path, value),
            Field::ApiKey => self.read_key(&path, value),
            Field::ContextWindow | Field::MaxAttempts => {
                self.problems.whole(&path, value).map(|number| number.to_string())
            }
            Field::Temperature => self.problems.number(&path, value),
            Field::NativeToolCalling => self.problems.choice(&path, value).map(|choice| choice.to_string()),
            Field::Network(key) => network::text(key, &path, value, self.problems),
            Field::Provider => return self.read_provider(&path, value),
            Field::Name
            | Field::Id
            | Field::Url
            | Field::DefaultModel
            | Field::Organization
            | Field::Project
            | Field::Notes => self.problems.text(&path, value),
        };
        let set = text.and_then(|text| {
            let set = self.draft.set(field, &text);
            self.problems.take(&path, value, set)
        });
        if set.is_none() {
            self.unusable.push(field);
        }
    }

    /// Not through [`Draft::set`]: a change of provider would put a default URL in.
    fn read_provider(&mut self, path: &str, value: &Value<'_>) {
        let text = self.problems.text(path, value);
        match text.and_then(|text| self.problems.take(path, value, text.parse())) {
            Some(provider) => self.draft.provider = provider,
            None => self.unusable.push(Field::Provider),
        }
    }

    /// A key itself is refused, and its text goes no further than here.
    fn read_key(&mut self, path: &str, value: &Value<'_>) -> Option<String> {
        let text = self.problems.text(path, value)?;
        if text.trim().is_empty() || SecretRef::is_meant(text.trim()) {
            return Some(text);
        }
        let message = format!("{path}: a key itself is not kept in this file; write where it lives");
        self.problems.add(value.span().start, &message, KEY_HINT);
        None
    }

    fn read_headers(&mut self, path: &str, value: &Value<'_>) {
        if value.get_ref().as_table().is_none() {
            self.unusable.push(Field::Headers);
        }
        self.draft.headers.extend(headers_of(path, value, self.problems));
    }

    fn check(self) -> Option<Connector> {
        let findings = match self.draft.check(|_| false) {
            Ok(checked) => return Some(checked.connector),
            Err(findings) => findings,
        };
        for Finding { field, message } in findings {
            if !self.unusable.contains(&field) {
                let at = self.place(field).unwrap_or(self.start);
                let key = if field == Field::Id { String::new() } else { format!(".{}", field.key()) };
                self.problems.add(at, &format!("{}{key}: {message}", self.path), "");
            }
        }
        None
    }

    fn place(&self, field: Field) -> Option<usize> {
        self.places.iter().find(|(of, _)| *of == field).map(|(_, at)| *at)
    }
}

/// A table of headers; those that cannot be sent are told and left out.
pub(super) fn headers_of(path: &str, value: &Value<'_>, problems: &mut Problems<'_>) -> Vec<Header> {
    let Some(table) = problems.table(path, value) else { return Vec::new() };
    let owner = path.strip_suffix(".headers").unwrap_or(path).to_owned();
    let mut headers = Vec::new();
    for (key, value) in in_order(table) {
        let Some(text) = problems.text(&format!("{path}.{}", key.get_ref()), value) else { continue };
        let header = Header { name: key.get_ref().clone().into_owned(), value: text };
        let found = findings(&header);
        if found.is_empty() {
            headers.push(header);
        }
        for finding in found {
            problems.add(key.span().start, &format!("{owner}: {}", finding.message), "");
        }
    }
    headers
}

fn field(key: &str) -> Option<Field> {
    Field::ALL.into_iter().find(|field| field.key() == key && *field != Field::Id)
}

/// What the rules say about one header alone.
fn findings(header: &Header) -> Vec<Finding> {
    let alone = Draft { headers: vec![header.clone()], ..Draft::new(Provider::OpenAi) };
    let found = alone.check(|_| false).err().unwrap_or_default();
    found.into_iter().filter(|finding| finding.field == Field::Headers).collect()
}
