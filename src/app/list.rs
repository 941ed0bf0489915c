//! The list of connectors: selection, filter, marks.

use std::collections::BTreeSet;

use crate::config::keymap::Context;
use crate::config::{Entry, Removed};
use crate::domain::{ConnectorId, DoctorOutcome, Origin, Outcome, RunPhase, StageStatus};

use super::doctor::DoctorPane;
use super::runs::{Last, Runs};

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
    /// What was deleted since the program started, the latest last.
    pub removed: Vec<Removed>,
}

/// The filter of the list: words that must all be in the id, name, provider, URL or model; `is:failed` and its like
/// ask how a connector stands. What `!word` says must not be.
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
    pub fn rows<'a>(&'a self, entries: &'a [Entry], runs: &'a Runs) -> impl Iterator<Item = &'a Entry> {
        let words: Vec<String> = self.filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        entries.iter().filter(move |entry| words.iter().all(|word| self.passes(entry, runs, word)))
    }

    fn passes(&self, entry: &Entry, runs: &Runs, word: &str) -> bool {
        match word.strip_prefix('!') {
            // Nothing was said yet.
            Some("" | "is:") => true,
            Some(without) => !self.has(entry, runs, without),
            None => self.has(entry, runs, word),
        }
    }

    fn has(&self, entry: &Entry, runs: &Runs, word: &str) -> bool {
        match word.strip_prefix("is:") {
            Some(state) => self.states(entry, runs).iter().any(|known| known.starts_with(state)),
            None => hay(entry).contains(word),
        }
    }

    /// How a connector stands, in the words of `is:`.
    fn states(&self, entry: &Entry, runs: &Runs) -> Vec<&'static str> {
        let id = &entry.connector.id;
        let state = match runs.last(id) {
            None => "untested",
            Some(Last::Run(run)) => ran(run.transcript.phase),
            Some(Last::Examination(pane)) => examined(pane),
        };
        let marked = Some("marked").filter(|_| self.marks.contains(id));
        let read_only = Some("ro").filter(|_| entry.origin == Origin::System);
        [Some(state), marked, read_only].into_iter().flatten().collect()
    }
}

fn ran(phase: RunPhase) -> &'static str {
    match phase {
        RunPhase::Queued => "queued",
        RunPhase::Connecting | RunPhase::Retrying | RunPhase::Streaming => "running",
        RunPhase::Ended(Outcome::Ok) => "ok",
        RunPhase::Ended(Outcome::Error) => "failed",
        RunPhase::Ended(Outcome::Cancelled) => "cancelled",
    }
}

/// A warning is no failure, and has a word of its own.
fn examined(pane: &DoctorPane) -> &'static str {
    match (pane.report.outcome, pane.report.verdict()) {
        (Some(DoctorOutcome::Cancelled), _) => "cancelled",
        // The way without the proxy may go on.
        (_, StageStatus::Failed) => "failed",
        (None, _) => "running",
        (Some(DoctorOutcome::Complete), StageStatus::Warning) => "warning",
        (Some(DoctorOutcome::Complete), StageStatus::Ok | StageStatus::Skipped) => "ok",
    }
}

fn hay(entry: &Entry) -> String {
    let connector = &entry.connector;
    let model = connector.default_model.as_deref().unwrap_or_default();
    let (id, name, provider, url) = (&connector.id, &connector.name, connector.provider, &connector.url);
    format!("{id} {name} {} {} {url} {model}", provider.word(), provider.label()).to_lowercase()
}
