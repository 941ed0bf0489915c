//! Questions asked of the event log. All sums are made by SQLite, over the sums of whole minutes; rows are
//! read only where a span begins or ends within a minute.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Row, Rows};

use super::connect;
use super::error::StoreError;
use super::row::MINUTE_MS;
use crate::domain::{CostSum, RunCounts, TokenSums, Totals, UsageSummary};

/// Minutes of [`UsageSummary::per_minute`].
const RECENT_MINUTES: i64 = 60;

/// What sums can be split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBy {
    /// The connector's id.
    Connector,
    /// The model that answered, or the one asked for where none did.
    Model,
    /// The provider's word.
    Provider,
}

/// Which group a sum is of. What was not asked for is `None`; so is a model that nobody named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct GroupKey {
    /// The connector's id.
    pub connector: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The provider's word.
    pub provider: Option<String>,
}

/// A connection that only reads. It can be opened before the file exists: then it tells of nothing,
/// and finds the file once it is there.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    connection: Option<Connection>,
    identity: Option<(u64, u64)>,
    seen: Option<i64>,
}

impl Reader {
    /// Opens the log for reading. A file that is not there is an empty log.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let reader = Self { path: path.to_owned(), state: Mutex::default() };
        reader.with(|_| Ok(()))?;
        Ok(reader)
    }

    /// What the running panel shows: sums since `since_ms` (local midnight) up to the running minute, and the
    /// tokens of each of the last 60 minutes. A run counts in the minute it started.
    pub fn summary(&self, now_ms: i64, since_ms: i64) -> Result<UsageSummary, StoreError> {
        let next_minute = now_ms.div_euclid(MINUTE_MS).saturating_add(1);
        let until_ms = next_minute.saturating_mul(MINUTE_MS);
        let empty = UsageSummary { today: Totals::default(), per_minute: recent(next_minute, &[]) };
        let found = self.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let today = total(&transaction, Span::new(since_ms, until_ms))?;
            let per_minute = recent(next_minute, &minutes(&transaction, next_minute)?);
            Ok(UsageSummary { today, per_minute })
        })?;
        Ok(found.unwrap_or(empty))
    }

    /// Sums of runs started in `from_ms..to_ms`, split by `by`, the most tokens first.
    pub fn totals(&self, from_ms: i64, to_ms: i64, by: &[GroupBy]) -> Result<Vec<(GroupKey, Totals)>, StoreError> {
        let span = Span::new(from_ms, to_ms);
        Ok(self.with(|connection| groups(connection, span, by))?.unwrap_or_default())
    }

    /// The sum of all runs started in `from_ms..to_ms`.
    pub fn total(&self, from_ms: i64, to_ms: i64) -> Result<Totals, StoreError> {
        let span = Span::new(from_ms, to_ms);
        Ok(self.with(|connection| total(connection, span))?.unwrap_or_default())
    }

    /// Whether anyone, this process included, wrote since this was last asked. True the first time.
    pub fn changed(&self) -> Result<bool, StoreError> {
        let version = self.with(data_version)?.unwrap_or(-1);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(state.seen.replace(version) != Some(version))
    }

    /// Asks the connection, opening it first where a file has appeared or another took its place.
    fn with<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<Option<T>, StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = connect::identity(&self.path);
        if state.connection.is_none() || state.identity != identity {
            let connection = match identity {
                Some(_) => connect::open_reader(&self.path)?,
                None => None,
            };
            *state = State { connection, identity, seen: None };
        }
        let answer = state.connection.as_ref().map(ask).transpose();
        answer.map_err(|error| StoreError::sqlite(&self.path, &error))
    }
}

/// A span as whole minutes and the milliseconds left over at its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    minutes: (i64, i64),
    head_ms: (i64, i64),
    tail_ms: (i64, i64),
}

impl Span {
    pub(super) fn new(from_ms: i64, to_ms: i64) -> Self {
        let first = from_ms.saturating_add(MINUTE_MS - 1).div_euclid(MINUTE_MS);
        let end = to_ms.div_euclid(MINUTE_MS);
        if first >= end {
            return Self { minutes: (0, 0), head_ms: (from_ms, to_ms), tail_ms: (0, 0) };
        }
        Self { minutes: (first, end), head_ms: (from_ms, first * MINUTE_MS), tail_ms: (end * MINUTE_MS, to_ms) }
    }

    fn parameters(self) -> [i64; 6] {
        let Self { minutes, head_ms, tail_ms } = self;
        [minutes.0, minutes.1, head_ms.0, head_ms.1, tail_ms.0, tail_ms.1]
    }
}

const ROWS: &str = "
    SELECT connector, provider, coalesce(model, requested_model, '') AS model, outcome,
        1 AS runs, usage_source = 'estimated' AS estimated_runs, coalesce(prompt, 0) AS prompt,
        coalesce(completion, 0) AS completion, coalesce(total, 0) AS total, coalesce(cached, 0) AS cached,
        coalesce(reasoning, 0) AS reasoning
    FROM run";

const SUMS: &str = "
    coalesce(sum(runs), 0), coalesce(sum(runs) FILTER (WHERE outcome = 'error'), 0),
    coalesce(sum(runs) FILTER (WHERE outcome = 'cancelled'), 0), coalesce(sum(prompt), 0),
    coalesce(sum(completion), 0), coalesce(sum(total), 0), coalesce(sum(cached), 0), coalesce(sum(reasoning), 0),
    coalesce(sum(estimated_runs), 0)";

/// Sums over the parts of a span, after whatever `keys` select.
pub(super) fn sums_sql(keys: &str) -> String {
    format!(
        "WITH part AS (
            SELECT connector, provider, model, outcome, runs, estimated_runs, prompt, completion, total, cached, reasoning
            FROM usage_minute WHERE minute >= ?1 AND minute < ?2
            UNION ALL {ROWS} WHERE started_ms >= ?3 AND started_ms < ?4
            UNION ALL {ROWS} WHERE started_ms >= ?5 AND started_ms < ?6
        ) SELECT {SUMS}{keys} FROM part"
    )
}

pub(super) const RECENT: &str =
    "SELECT minute, sum(total) FROM usage_minute WHERE minute >= ?1 AND minute < ?2 GROUP BY minute";

fn total(connection: &Connection, span: Span) -> rusqlite::Result<Totals> {
    connection.prepare_cached(&sums_sql(""))?.query_row(span.parameters(), read_totals)
}

fn groups(connection: &Connection, span: Span, by: &[GroupBy]) -> rusqlite::Result<Vec<(GroupKey, Totals)>> {
    let columns: String = by.iter().fold(String::new(), |mut columns, group| {
        // Writing to a String cannot fail.
        _ = write!(columns, ", {}", column(*group));
        columns
    });
    let mut sql = sums_sql(&columns);
    if let Some(columns) = columns.strip_prefix(", ") {
        _ = write!(sql, " GROUP BY {columns} ORDER BY sum(total) DESC, {columns}");
    }
    let mut statement = connection.prepare_cached(&sql)?;
    let rows: Rows<'_> = statement.query(span.parameters())?;
    rows.mapped(|row| Ok((read_key(row, by)?, read_totals(row)?))).collect()
}

fn column(group: GroupBy) -> &'static str {
    match group {
        GroupBy::Connector => "connector",
        GroupBy::Model => "model",
        GroupBy::Provider => "provider",
    }
}

/// Columns of [`SUMS`]; those of the key come after.
const SUM_COLUMNS: usize = 9;

fn read_key(row: &Row<'_>, by: &[GroupBy]) -> rusqlite::Result<GroupKey> {
    let mut key = GroupKey::default();
    for (at, group) in by.iter().enumerate() {
        let value: String = row.get(SUM_COLUMNS + at)?;
        match group {
            GroupBy::Connector => key.connector = Some(value),
            GroupBy::Model => key.model = Some(value).filter(|model| !model.is_empty()),
            GroupBy::Provider => key.provider = Some(value),
        }
    }
    Ok(key)
}

fn read_totals(row: &Row<'_>) -> rusqlite::Result<Totals> {
    let sum = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
    Ok(Totals {
        runs: RunCounts { all: sum(0)?, failed: sum(1)?, cancelled: sum(2)?, estimated: sum(8)? },
        tokens: TokenSums {
            prompt: sum(3)?,
            completion: sum(4)?,
            total: sum(5)?,
            cached: sum(6)?,
            cache_write: 0,
            reasoning: sum(7)?,
        },
        cost: CostSum::default(),
    })
}

fn minutes(connection: &Connection, end: i64) -> rusqlite::Result<Vec<(i64, u64)>> {
    let mut statement = connection.prepare_cached(RECENT)?;
    let rows = statement.query([end.saturating_sub(RECENT_MINUTES), end])?;
    rows.mapped(|row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))).collect()
}

/// The minutes before `end`, oldest first, with 0 where nothing ran.
fn recent(end: i64, found: &[(i64, u64)]) -> Vec<u64> {
    let tokens = |minute| found.iter().find(|(at, _)| *at == minute).map_or(0, |(_, tokens)| *tokens);
    (end.saturating_sub(RECENT_MINUTES)..end).map(tokens).collect()
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}
