//! The list of connectors: selection, filter, marks.

use std::collections::BTreeSet;

use crate::config::Entry;
use crate::config::keymap::Context;
use crate::domain::ConnectorId;

/// The list pane. Its rows are the configuration's entries that pass the filter.
#[derive(Debug, Clone, Default)]
pub struct ListPane {
    /// The selected connector; none when nothing is listed.
    pub selected: Option<ConnectorId>,
    /// Marked connectors.
    pub marks: BTreeSet<ConnectorId>,
    /// The filter.
    pub filter: Filter,
    /// First row that shows.
    pub offset: usize,
}

/// The filter of the list: words that must all be in the id, name, provider, URL or model. `!word` must not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// As typed.
    pub text: String,
    /// Whether it is being typed.
    pub state: FilterState,
}

/// Whether the filter is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilterState {
    /// It holds, or is empty.
    #[default]
    Set,
    /// Keys go to it.
    Typing,
}

impl ListPane {
    /// Where a key acts.
    pub fn context(&self) -> Context {
        match self.filter.state {
            FilterState::Set => Context::List,
            FilterState::Typing => Context::Filter,
        }
    }

    /// The entries that pass the filter, in the file's order.
    pub fn rows<'a>(&'a self, entries: &'a [Entry]) -> impl Iterator<Item = &'a Entry> {
        entries.iter().filter(|entry| self.filter.passes(entry))
    }
}

impl Filter {
    fn passes(&self, entry: &Entry) -> bool {
        // The list is gone through for every frame and every key, mostly without a filter.
        if self.text.trim().is_empty() {
            return true;
        }
        let connector = &entry.connector;
        let model = connector.default_model.as_deref().unwrap_or_default();
        let provider = connector.provider;
        let hay = format!(
            "{} {} {} {} {} {model}",
            connector.id,
            connector.name,
            provider.word(),
            provider.label(),
            connector.url
        )
        .to_lowercase();
        self.text.to_lowercase().split_whitespace().all(|word| match word.strip_prefix('!') {
            Some(without) => without.is_empty() || !hay.contains(without),
            None => hay.contains(word),
        })
    }
}
