//! A connector that was deleted, kept as long as the program runs so that it can be put back as it stood.
//!
//! Owns how the text that went finds its place again in a file that may have changed meanwhile. It must not
//! read or write files.

use std::fmt;
use std::path::PathBuf;

use super::edit;
use crate::domain::{Connector, ConnectorId, SecretText};

/// A connector that was taken out of the file, and what is needed to put it back.
#[derive(Clone, PartialEq)]
pub struct Removed {
    connector: Connector,
    /// The file's text before and after.
    before: String,
    after: String,
    key: Option<StoredKey>,
}

/// A key of a connector, whose file went with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredKey {
    /// Where it lay; the connector refers to it.
    pub(super) path: PathBuf,
    /// The key.
    pub(super) key: SecretText,
}

impl fmt::Debug for Removed {
    /// The texts are the person's file: they belong in no log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Removed({})", self.connector.id)
    }
}

impl Removed {
    /// What a removal took: the connector, and the text before and after.
    pub(super) fn new(connector: Connector, (before, after): (String, String), key: Option<StoredKey>) -> Self {
        Self { connector, before, after, key }
    }

    /// Whose id it is.
    pub fn id(&self) -> &ConnectorId {
        &self.connector.id
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    pub(super) fn key(&self) -> Option<&StoredKey> {
        self.key.as_ref()
    }

    /// The file's text with the connector in it again. The best place comes first: where it stood, with its
    /// comments; the last is the end of the file, without them.
    pub(super) fn put_back(&self, now: &str) -> Vec<String> {
        let as_it_was = if now == self.after { Some(self.before.clone()) } else { self.merged(now) };
        as_it_was.into_iter().chain(edit::put(now, None, &self.connector).ok()).collect()
    }

    /// The lines that went, put where their neighbours are by now.
    fn merged(&self, now: &str) -> Option<String> {
        let lines = |text| -> Vec<&str> { str::split_inclusive(text, '\n').collect() };
        let (before, after, now) = (lines(&self.before), lines(&self.after), lines(now));
        let gone = gone(&before, &after)?;
        let same = after.iter().zip(&now).take_while(|(a, b)| a == b).count();
        let room = after.len().min(now.len()) - same;
        let tail = after.iter().rev().zip(now.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
        let place = |at: usize| {
            if at <= same { at } else { now.len() - tail.min(after.len().saturating_sub(at)) }
        };
        let mut text = String::new();
        let mut gone = gone.into_iter().map(|(at, line)| (place(at), line)).peekable();
        for at in 0..=now.len() {
            while let Some((_, line)) = gone.next_if(|(place, _)| *place <= at) {
                push_line(&mut text, line);
            }
            if let Some(line) = now.get(at) {
                push_line(&mut text, line);
            }
        }
        Some(text)
    }
}

/// A line that was the last of its file may have no end.
fn push_line(text: &mut String, line: &str) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
}

/// The lines of `before` that `after` lacks, each with how many lines of `after` stand above it.
fn gone<'t>(before: &[&'t str], after: &[&str]) -> Option<Vec<(usize, &'t str)>> {
    let mut kept = 0;
    let mut gone = Vec::new();
    for line in before {
        if after.get(kept) == Some(line) {
            kept += 1;
        } else {
            gone.push((kept, *line));
        }
    }
    (kept == after.len()).then_some(gone)
}

#[cfg(test)]
impl Removed {
    /// A connector that stood alone in its file.
    pub(crate) fn of(connector: Connector) -> Self {
        let before = edit::put("", None, &connector).unwrap();
        Self::new(connector, (before, String::new()), None)
    }
}
