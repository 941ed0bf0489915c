//! Typed looks at the values of a table, and the problems found on the way.

use std::fmt::Display;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::ConfigError;
use crate::config::error::{Place, Source};

/// A key with its place.
pub(super) type Key<'i> = Spanned<DeString<'i>>;
/// A value with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// The entries of a table as the person ordered them.
pub(super) fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(&'t Key<'i>, &'t Value<'i>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Nobody mends more at once, and finding the place of each takes a look at the whole text.
const PROBLEMS_MAX: usize = 200;

/// What is wrong with a text, each with its place.
#[derive(Debug)]
pub(super) struct Problems<'a> {
    source: Source<'a>,
    found: Vec<(usize, ConfigError)>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source, found: Vec::new() }
    }

    /// Every problem in the order of the text.
    pub(super) fn finish(mut self) -> Result<(), Vec<ConfigError>> {
        self.found.sort_by_key(|(at, _)| *at);
        if self.found.is_empty() { Ok(()) } else { Err(self.found.into_iter().map(|(_, error)| error).collect()) }
    }

    pub(super) fn place(&self, offset: usize) -> Place {
        self.source.place(offset)
    }

    pub(super) fn add(&mut self, offset: usize, message: &str, hint: &str) {
        if self.found.len() < PROBLEMS_MAX {
            self.found.push((offset, self.place(offset).error(message, hint)));
        }
    }

    /// A key that is not among the known ones.
    pub(super) fn unknown(&mut self, table: &str, key: &Key<'_>, known: &[&str]) {
        let name = key.get_ref();
        let near = nearest(name, known).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
        let holder = if table.is_empty() { "the file".to_owned() } else { format!("[{table}]") };
        let hint = format!("{holder} may have: {}", known.join(", "));
        self.add(key.span().start, &format!("unknown key \"{name}\"{near}"), &hint);
    }

    /// The value of a result, or its problem at the value's place.
    pub(super) fn take<T, E: Display>(&mut self, path: &str, value: &Value<'_>, result: Result<T, E>) -> Option<T> {
        result.map_err(|problem| self.add(value.span().start, &format!("{path}: {problem}"), "")).ok()
    }

    fn wrong(&mut self, path: &str, value: &Value<'_>, wanted: &str) {
        let message = format!("{path}: {wanted} is needed here, not {}", name_of(value.get_ref()));
        self.add(value.span().start, &message, "");
    }

    pub(super) fn table<'t, 'i>(&mut self, path: &str, value: &'t Value<'i>) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(path, value, "a table");
        }
        table
    }

    pub(super) fn text(&mut self, path: &str, value: &Value<'_>) -> Option<String> {
        self.text_called(path, value, "a text in quotes")
    }

    /// A text where a list of texts was possible too.
    pub(super) fn one_or_many(&mut self, path: &str, value: &Value<'_>) -> Option<String> {
        self.text_called(path, value, "a text in quotes, or a list of them,")
    }

    /// A text, with the advice to add a unit where a bare number stands.
    pub(super) fn duration_text(&mut self, path: &str, value: &Value<'_>) -> Option<String> {
        self.text_called(path, value, "a duration in quotes with its unit, for example \"10s\",")
    }

    fn text_called(&mut self, path: &str, value: &Value<'_>, wanted: &str) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(path, value, wanted);
        }
        text
    }

    pub(super) fn whole(&mut self, path: &str, value: &Value<'_>) -> Option<i64> {
        let number = whole(value);
        if number.is_none() {
            self.wrong(path, value, "a whole number");
        }
        number
    }

    /// A text, or a whole number as text.
    pub(super) fn text_or_whole(&mut self, path: &str, value: &Value<'_>) -> Option<String> {
        whole(value)
            .map(|number| number.to_string())
            .or_else(|| self.text_called(path, value, "a size such as \"64MiB\""))
    }

    /// A number, with or without a fraction, as text.
    pub(super) fn number(&mut self, path: &str, value: &Value<'_>) -> Option<String> {
        let number = match value.get_ref().as_float() {
            Some(number) => Some(number.as_str().to_owned()),
            None => whole(value).map(|number| number.to_string()),
        };
        if number.is_none() {
            self.wrong(path, value, "a number");
        }
        number
    }

    pub(super) fn choice(&mut self, path: &str, value: &Value<'_>) -> Option<bool> {
        let choice = value.get_ref().as_bool();
        if choice.is_none() {
            self.wrong(path, value, "true or false");
        }
        choice
    }
}

fn whole(value: &Value<'_>) -> Option<i64> {
    let number = value.get_ref().as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn name_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "this whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The known word that a person most likely meant. The measure is that of most command lines.
pub(super) fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    const LIKENESS_MIN: f64 = 0.75;
    let likeness = |word: &'k str| (strsim::jaro_winkler(&name.to_lowercase().replace('-', "_"), word), word);
    let best = known.iter().copied().map(likeness).max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(best.1).filter(|_| best.0 >= LIKENESS_MIN)
}
