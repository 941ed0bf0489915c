//! The event log's row: what is kept of a run. Never the text of a body or a reply.

use super::connector::Provider;
use super::endpoint::EndpointKind;
use super::run::{RunEnd, RunId};

/// Who asked for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The screen.
    Screen,
    /// A command.
    Command,
}

impl Source {
    /// The word of the event log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Command => "command",
        }
    }
}

/// One row of the event log.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// The run.
    pub id: RunId,
    /// When it was asked for: milliseconds since 1970, UTC.
    pub started_at_ms: i64,
    /// The connector's id; of an unsaved draft, the id typed.
    pub connector: String,
    /// Whose rules it followed.
    pub provider: Provider,
    /// What was called.
    pub endpoint: Option<EndpointKind>,
    /// Host of the URL, without path, query or credentials.
    pub host: String,
    /// The model the request named.
    pub requested_model: Option<String>,
    /// Who asked.
    pub source: Source,
    /// How it ended.
    pub end: RunEnd,
}

/// Sums over runs. Tokens that no run stated are `None`, never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenTotals {
    /// Runs of every outcome.
    pub runs: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Runs that were cancelled.
    pub cancelled: u64,
    /// Prompt tokens.
    pub prompt: u64,
    /// Completion tokens.
    pub completion: u64,
    /// Total tokens.
    pub total: u64,
    /// Cached prompt tokens.
    pub cached: u64,
    /// Reasoning tokens.
    pub reasoning: u64,
    /// Runs whose tokens were estimated.
    pub estimated_runs: u64,
}

/// What the running panel shows: the totals of a span, and its recent minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageSummary {
    /// Sums since local midnight.
    pub today: TokenTotals,
    /// Total tokens of finished runs in each of the last minutes, oldest first; the last is the running minute.
    pub per_minute: Vec<u64>,
}
