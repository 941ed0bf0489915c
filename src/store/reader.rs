//! Questions asked of the event log. Sums come from the tables of sums; events are read only where a span begins or
//! ends within a quarter of an hour, and for pages of events.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::connect;
use super::error::StoreError;
use super::ledger::{ALL, MINUTE_MS};
use super::sql::{Sql, SqlError, text};
use crate::domain::{
    Budget, Dashboard, DashboardQuestion, EventPage, EventQuestion, RunFilter, Span, Spending, Totals, UsageGroup,
    UsageQuestion, UsageSummary,
};

mod dashboard;
mod events;
mod groups;
mod pieces;
mod series;

#[cfg(test)]
pub(super) use groups::statement;

/// Minutes of [`UsageSummary::per_minute`].
const RECENT_MINUTES: i64 = 60;

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
        let span = Span { from_ms: since_ms, until_ms: next_minute.saturating_mul(MINUTE_MS) };
        let found = self.with(|sql| {
            let today = groups::total(sql, span, &RunFilter::default())?;
            Ok(UsageSummary { today, per_minute: per_minute(sql, ALL, now_ms)?, budgets: Vec::new() })
        })?;
        let empty = || UsageSummary { per_minute: vec![0; 60], ..UsageSummary::default() };
        Ok(found.unwrap_or_else(empty))
    }

    /// Sums of a span, split as asked. Without any split there is one group, of nothing where nothing ran.
    pub fn usage(&self, question: &UsageQuestion) -> Result<Vec<UsageGroup>, StoreError> {
        let found = self.with(|sql| groups::usage(sql, question))?;
        Ok(found.unwrap_or_else(|| groups::nothing(question)))
    }

    /// What was used of each budget since its day, week or month began in this time zone.
    pub fn spending(&self, budgets: &[Budget], now_ms: i64, zone: &TimeZone) -> Result<Vec<Spending>, StoreError> {
        let spent = |budget: &Budget| -> Result<Spending, StoreError> {
            let span = Span { from_ms: budget.per.start(now_ms, zone), until_ms: i64::MAX };
            let used = self.with(|sql| groups::total(sql, span, &budget.filter()))?.unwrap_or_default();
            Ok(Spending { budget: budget.clone(), used })
        };
        budgets.iter().map(spent).collect()
    }

    /// The sum of all runs of a span.
    pub fn total(&self, span: Span) -> Result<Totals, StoreError> {
        Ok(self.with(|sql| groups::total(sql, span, &RunFilter::default()))?.unwrap_or_default())
    }

    /// What a dashboard shows.
    pub fn dashboard(&self, question: &DashboardQuestion) -> Result<Dashboard, StoreError> {
        let found = self.with(|sql| dashboard::read(sql, question))?;
        Ok(found.unwrap_or_else(|| dashboard::nothing(question)))
    }

    /// A page of runs.
    pub fn events(&self, question: &EventQuestion) -> Result<EventPage, StoreError> {
        Ok(self.with(|sql| events::page(sql, question))?.unwrap_or_default())
    }

    /// The start of the earliest run.
    pub fn earliest(&self) -> Result<Option<i64>, StoreError> {
        let mut earliest = None;
        self.with(|sql| sql.query("SELECT min(started_ms) FROM event", &[], &mut |row| earliest = row.known(0)))?;
        Ok(earliest)
    }

    /// Whether anyone, this process included, wrote since this was last asked. True the first time.
    pub fn changed(&self) -> Result<bool, StoreError> {
        let mut version = -1;
        self.with(|sql| sql.query("PRAGMA data_version", &[], &mut |row| version = row.number(0)))?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(state.seen.replace(version) != Some(version))
    }

    /// Asks the connection in one snapshot, opening it first where a file has appeared or another took its place.
    fn with<T>(&self, ask: impl FnOnce(&dyn Sql) -> Result<T, SqlError>) -> Result<Option<T>, StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = connect::identity(&self.path);
        if state.connection.is_none() || state.identity != identity {
            let connection = match identity {
                Some(_) => connect::open_reader(&self.path)?,
                None => None,
            };
            *state = State { connection, identity, seen: None };
        }
        let Some(connection) = &state.connection else { return Ok(None) };
        let answer = connection.unchecked_transaction().and_then(|snapshot| ask(&*snapshot));
        answer.map(Some).map_err(|error| StoreError::sqlite(&self.path, &error))
    }
}

const RECENT: &str = "SELECT minute, total FROM minute WHERE connector = $1 AND minute >= $2 AND minute < $3";

/// Tokens of the 60 minutes that end with the running one, oldest first, with 0 where nothing ran.
fn per_minute(sql: &dyn Sql, connector: &str, now_ms: i64) -> Result<Vec<u64>, SqlError> {
    let end = now_ms.div_euclid(MINUTE_MS).saturating_add(1);
    let first = end.saturating_sub(RECENT_MINUTES);
    let mut minutes = vec![0; 60];
    let parameters = [text(connector), first.into(), end.into()];
    sql.query(RECENT, &parameters, &mut |row| {
        let at = usize::try_from(row.number(0).saturating_sub(first)).ok();
        if let Some(minute) = at.and_then(|at| minutes.get_mut(at)) {
            *minute = row.count(1);
        }
    })?;
    Ok(minutes)
}
