//! The event log's row: what is kept of a run. Never the text of a body, a reply or an error.

use super::connector::Provider;
use super::endpoint::EndpointKind;
use super::failure::ErrorKind;
use super::money::Usd;
use super::run::{Outcome, RunId, Traffic};
use super::timing::Timing;
use super::usage::Usage;

/// Who asked for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The screen.
    Screen,
    /// A command.
    Command,
    /// The staged check of a connector.
    Doctor,
    /// A probe that is repeated.
    Watch,
    /// A load test.
    Load,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 5] = [Self::Screen, Self::Command, Self::Doctor, Self::Watch, Self::Load];

    /// The word of the event log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Command => "command",
            Self::Doctor => "doctor",
            Self::Watch => "watch",
            Self::Load => "load",
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
    /// What was called.
    pub target: RunTarget,
    /// Who called.
    pub caller: Caller,
    /// How it ended.
    pub ending: Ending,
    /// Tokens.
    pub usage: Usage,
    /// What it cost, where that is known.
    pub cost: Option<Cost>,
    /// Times.
    pub timing: Timing,
    /// What went over the wire.
    pub traffic: Traffic,
}

/// What a run called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RunTarget {
    /// The connector's id; of an unsaved draft, the id typed.
    pub connector: String,
    /// Whose rules it followed.
    pub provider: Provider,
    /// What was called.
    pub endpoint: Option<EndpointKind>,
    /// Host and port of the URL, without path, query or credentials.
    pub host: String,
    /// The model the request named.
    pub requested_model: Option<String>,
    /// The model that answered, as the reply names it.
    pub model: Option<String>,
}

/// Who made a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Caller {
    /// Which part of the product.
    pub source: Source,
    /// The operating system's name of the person; empty where it has none.
    pub user: String,
    /// The machine's name; empty where it has none.
    pub machine: String,
}

/// How a run ended, in words alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Ok, error or cancelled.
    pub outcome: Outcome,
    /// Status of the last response.
    pub http_status: Option<u16>,
    /// What kind of thing failed.
    pub error_kind: Option<ErrorKind>,
    /// `stop`, `length`, …, as the reply names it.
    pub finish_reason: Option<String>,
    /// The provider's id for the request.
    pub request_id: Option<String>,
    /// Attempts made.
    pub attempts: u32,
}

/// What a run cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// The amount.
    pub amount: Usd,
    /// Who says so.
    pub basis: CostBasis,
}

/// Where a cost comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CostBasis {
    /// The server stated it.
    Server,
    /// A price of the configuration file.
    Config,
    /// A price table of this date (`2026-08-05`), built in or imported.
    Table(String),
}

impl CostBasis {
    /// The word of JSON and the event log: `server`, `config`, or the table's date.
    pub fn word(&self) -> &str {
        match self {
            Self::Server => "server",
            Self::Config => "config",
            Self::Table(date) => date,
        }
    }

    /// The basis of a word of the event log.
    pub fn from_word(word: &str) -> Self {
        match word {
            "server" => Self::Server,
            "config" => Self::Config,
            date => Self::Table(date.to_owned()),
        }
    }
}

impl RunRecord {
    /// The model that answered, or the one asked for where none did: what sums are grouped by. Empty where nobody
    /// named one.
    pub fn model(&self) -> &str {
        self.target.model.as_deref().or(self.target.requested_model.as_deref()).unwrap_or_default()
    }

    /// True where the run has a cost that nobody knows: it used tokens, or succeeded.
    pub fn is_unpriced(&self) -> bool {
        let used = [self.usage.prompt, self.usage.completion, self.usage.total].iter().flatten().any(|n| *n > 0);
        self.cost.is_none() && (used || self.ending.outcome == Outcome::Ok)
    }
}
