//! Where a key stands or would stand: a fix that does not say it is half a fix.

use crate::domain::policy::{NetworkKey, ValueSource};
use crate::domain::{Connector, Failure, NetworkPolicy};

/// What knows where keys stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) connector: &'a Connector,
    pub(super) policy: &'a NetworkPolicy,
    pub(super) file: &'a str,
}

impl Places<'_> {
    /// A hint with the place of the first of these keys.
    pub(super) fn fix(&self, hint: &str, keys: &[&str]) -> String {
        match (keys.first(), hint.is_empty()) {
            (None, _) => hint.to_owned(),
            (Some(key), true) => format!("look at {key} ({})", self.of(key)),
            (Some(key), false) => format!("{hint} ({key}: {})", self.of(key)),
        }
    }

    /// The same for a failure's hint.
    pub(super) fn fix_of(&self, failure: &Failure, keys: &[&str]) -> String {
        self.fix(&failure.hint, keys)
    }

    fn of(&self, key: &str) -> String {
        let own = || format!("[connectors.{}] of {}", self.connector.id, self.file);
        let Some(network) = NetworkKey::of(key) else { return own() };
        match self.policy.effective(network).map(|effective| &effective.from) {
            Some(from @ (ValueSource::Table { .. } | ValueSource::Variable(_))) => from.to_string(),
            Some(ValueSource::Default) | None => {
                let table = if network.is_shared() {
                    format!("[connectors.{}.network]", self.connector.id)
                } else {
                    "[network]".to_owned()
                };
                format!("{table} of {}", self.file)
            }
        }
    }
}
