//! What is in the vault: a small versioned JSON document, name → value, when it was set, and who set it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::zeroize::{Zeroize, Zeroizing};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::seal::Plain;
use super::{Entry, Problem, Put};
use crate::domain::SecretText;

/// The version this switchboard writes.
const VERSION: u64 = 1;

/// The content of a vault.
#[derive(Clone, Default)]
pub(super) struct Document {
    secrets: BTreeMap<String, Secret>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    #[serde(serialize_with = "write_value", deserialize_with = "read_value")]
    value: SecretText,
    #[serde(serialize_with = "write_moment", deserialize_with = "read_moment")]
    updated: Timestamp,
    source: Source,
}

/// Who set a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Source {
    /// A person, by its name: it stays until a person removes it.
    Person,
    /// The editor, for a key that was typed: it goes with the connector.
    Editor,
}

/// Read first, so that a newer version is told as such and not as damage.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Serialize)]
struct Written<'d> {
    version: u64,
    secrets: &'d BTreeMap<String, Secret>,
}

#[derive(Deserialize)]
struct Read {
    secrets: BTreeMap<String, Secret>,
}

impl Document {
    pub(super) fn read(plain: &Plain) -> Result<Self, Problem> {
        let Versioned { version } = serde_json::from_slice(plain).map_err(|_none| Problem::Damaged)?;
        if version > VERSION {
            return Err(Problem::Newer(version));
        }
        // The parser's words may repeat a value: they are not told.
        let Read { secrets } = serde_json::from_slice(plain).map_err(|_wrong| Problem::Damaged)?;
        Ok(Self { secrets })
    }

    /// The place is taken at once, twice as large as JSON can make a secret's text grow in practice: growing would
    /// leave copies behind that are not wiped.
    pub(super) fn to_bytes(&self) -> Result<Plain, Problem> {
        let room: usize = self.secrets.iter().map(|(name, secret)| name.len() + 6 * secret.value.expose().len()).sum();
        let mut plain = Zeroizing::new(Vec::with_capacity(room + 128 * (self.secrets.len() + 1)));
        let written = Written { version: VERSION, secrets: &self.secrets };
        serde_json::to_writer(&mut *plain, &written).map_err(|error| Problem::NotWritten(error.to_string()))?;
        Ok(plain)
    }

    pub(super) fn value(&self, name: &str) -> Option<SecretText> {
        self.secrets.get(name).map(|secret| secret.value.clone())
    }

    pub(super) fn source(&self, name: &str) -> Option<Source> {
        self.secrets.get(name).map(|secret| secret.source)
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        let entry = |(name, secret): (&String, &Secret)| Entry { name: name.clone(), updated: secret.updated };
        self.secrets.iter().map(entry).collect()
    }

    /// A value set anew by a person under the name of a typed key is the person's from then on.
    pub(super) fn put(&mut self, name: &str, value: &SecretText, source: Source) -> Put {
        let secret = Secret { value: value.clone(), updated: now(), source };
        match self.secrets.insert(name.to_owned(), secret) {
            Some(_) => Put::Replaced,
            None => Put::Added,
        }
    }

    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.secrets.remove(name).is_some()
    }

    /// The wished name, or the first with a number behind it that is free.
    pub(super) fn free_name(&self, wish: &str) -> String {
        let numbered = (2_u64..).map(|number| format!("{wish}.{number}"));
        let mut names = std::iter::once(wish.to_owned()).chain(numbered);
        names.find(|name| !self.secrets.contains_key(name)).unwrap_or_default()
    }
}

/// To the second: nobody needs more.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn write_value<S: Serializer>(value: &SecretText, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.expose())
}

fn read_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretText, D::Error> {
    let mut text = String::deserialize(deserializer)?;
    let value = SecretText::new(text.as_str());
    text.zeroize();
    Ok(value)
}

fn write_moment<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(moment)
}

fn read_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}
