//! What is asked of the event log, and what it answers: plain values, the same for the screen and the commands,
//! and for a log in a file or in a team's database.

use std::collections::BTreeMap;
use std::time::Duration;

use super::failure::ErrorKind;
use super::record::RunRecord;
use super::run::{Outcome, RunId};
use super::totals::Totals;

/// Moments from `from_ms` up to but without `until_ms`: milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub from_ms: i64,
    /// The first after it.
    pub until_ms: i64,
}

/// What sums can be split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The connector's id.
    Connector,
    /// The model that answered, or the one asked for where none did.
    Model,
    /// The provider's word.
    Provider,
    /// The operating system's name of the person.
    User,
    /// The machine's name.
    Machine,
    /// Which part of the product asked.
    Source,
    /// How it ended.
    Outcome,
    /// What kind of thing failed; empty for what did not fail.
    ErrorKind,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 8] = [
        Self::Connector,
        Self::Model,
        Self::Provider,
        Self::User,
        Self::Machine,
        Self::Source,
        Self::Outcome,
        Self::ErrorKind,
    ];

    /// The word of `--by` and of JSON keys.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connector => "connector",
            Self::Model => "model",
            Self::Provider => "provider",
            Self::User => "user",
            Self::Machine => "machine",
            Self::Source => "source",
            Self::Outcome => "outcome",
            Self::ErrorKind => "error_kind",
        }
    }
}

/// Which runs are meant. What is `None` is not looked at; what is set must be equal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunFilter {
    /// The connector's id.
    pub connector: Option<String>,
    /// The model, as [`RunRecord::model`] tells it.
    pub model: Option<String>,
    /// The person.
    pub user: Option<String>,
    /// The machine.
    pub machine: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What kind of thing failed.
    pub error_kind: Option<ErrorKind>,
    /// Runs that took longer than this from t0 to their end.
    pub slower_than: Option<Duration>,
    /// Text that stands somewhere in connector, model, host, user, machine, outcome, error kind or request id;
    /// letters alike in either case.
    pub text: Option<String>,
}

/// Sums of a span. `filter.slower_than` and `filter.text` are not looked at: sums do not know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuestion {
    /// Which time.
    pub span: Span,
    /// Which runs.
    pub filter: RunFilter,
    /// What the sums are split by.
    pub by: Vec<Dimension>,
    /// Starts of the buckets of time they are split by as well, the first at or before the span's start; empty for no
    /// such split.
    pub buckets: Vec<i64>,
}

/// One answer to a [`UsageQuestion`]. Ordered by bucket, then the most tokens first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageGroup {
    /// Start of its bucket, where there are buckets.
    pub bucket: Option<i64>,
    /// One word for each dimension asked for, in that order; empty where nobody knows it.
    pub key: Vec<String>,
    /// The sums.
    pub totals: Totals,
}

/// What a dashboard shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DashboardQuestion {
    /// Of one connector, or of all.
    pub connector: Option<String>,
    /// Which time.
    pub span: Span,
    /// Starts of the buckets of time, the first at or before the span's start.
    pub buckets: Vec<i64>,
    /// Now, for the tokens of the recent minutes.
    pub now_ms: i64,
}

/// A dashboard's figures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dashboard {
    /// Everything in the span.
    pub total: Totals,
    /// Total tokens of finished runs in each of the last 60 minutes, oldest first; the last is the running minute.
    pub per_minute: Vec<u64>,
    /// One point a bucket, in order, those in which nothing ran as well.
    pub series: Vec<Point>,
    /// Sums by connector, model, user, machine and error kind: the most tokens first.
    pub tables: BTreeMap<Dimension, Vec<(String, Totals)>>,
    /// Over the whole span.
    pub latency: Latency,
}

/// A bucket of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Point {
    /// Its start.
    pub from_ms: i64,
    /// Its sums.
    pub totals: Totals,
    /// Failures by kind, the most first.
    pub failures: Vec<(ErrorKind, u64)>,
    /// How long runs took.
    pub latency: Latency,
}

/// How long runs took, over all that know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Latency {
    /// t0 to the first token.
    pub first_token: Option<Percentiles>,
    /// t0 to the end.
    pub total: Option<Percentiles>,
}

/// Percentiles, each at most one bucket of the histogram (about 9 %) above the true value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percentiles {
    /// Half are faster.
    pub p50: Duration,
    /// 95 of 100 are faster.
    pub p95: Duration,
    /// 99 of 100 are faster.
    pub p99: Duration,
    /// How many there are: below 100, p99 is the slowest in disguise.
    pub count: u64,
}

/// Where a run stands in the log: runs are ordered by start, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    /// When it was asked for.
    pub started_at_ms: i64,
    /// The run.
    pub id: RunId,
}

/// A page of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuestion {
    /// Which time.
    pub span: Span,
    /// Which runs.
    pub filter: RunFilter,
    /// Where the page begins.
    pub from: PageFrom,
    /// At most so many.
    pub limit: usize,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFrom {
    /// With the newest; newest first.
    Newest,
    /// With the first older than this one; newest first.
    OlderThan(EventKey),
    /// With the first newer than this one; oldest first.
    NewerThan(EventKey),
    /// With the oldest; oldest first.
    Oldest,
}

/// A page of runs, in the order asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EventPage {
    /// The runs.
    pub runs: Vec<RunRecord>,
    /// The key to go on from; `None` when there are no more.
    pub next: Option<EventKey>,
}

impl RunRecord {
    /// Where it stands in the log.
    pub fn key(&self) -> EventKey {
        EventKey { started_at_ms: self.started_at_ms, id: self.id }
    }
}
