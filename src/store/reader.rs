//! Questions asked of the event log. Sums come from the tables of sums; events are read only where a span begins or
//! ends within a quarter of an hour, and for pages of events.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::connect;
use super::error::StoreError;
use super::ledger::{ALL, MINUTE_MS};
use super::sql::{Sql, SqlError, text};
use super::team::{Desk, Team};
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
/// and finds the file once it is there. With a team its log is asked first, and the file where that is away.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    state: Mutex<State>,
    team: Option<Desk>,
}

#[derive(Debug, Default)]
struct State {
    connection: Option<Connection>,
    identity: Option<(u64, u64)>,
    seen: Option<Seen>,
}

/// Whose figures a reader tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    /// This machine's.
    File,
    /// The team's.
    Team,
}

/// What [`Reader::changed`] saw last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    File(i64),
    Team(i64),
}

impl Reader {
    /// Opens the log for reading. A file that is not there is an empty log.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, None)
    }

    /// [`Reader::open`], for the log of a team where there is one.
    pub fn open_with(path: &Path, team: Option<Team>) -> Result<Self, StoreError> {
        let reader = Self { path: path.to_owned(), state: Mutex::default(), team: team.map(Desk::new) };
        reader.with_file(|_| Ok(()))?;
        Ok(reader)
    }

    /// Whose figures the answers are.
    pub fn answering(&self) -> Answering {
        if self.team.as_ref().is_some_and(|team| team.problem().is_none()) { Answering::Team } else { Answering::File }
    }

    /// Why the answers are those of the file although there is a team.
    pub fn notice(&self) -> Option<String> {
        let problem = self.team.as_ref()?.problem()?;
        Some(format!("this machine's runs alone: {problem}"))
    }

    /// What the running panel shows: sums since `since_ms` (local midnight) up to the running minute, and the
    /// tokens of each of the last 60 minutes. A run counts in the minute it started.
    pub fn summary(&self, now_ms: i64, since_ms: i64) -> Result<UsageSummary, StoreError> {
        let next_minute = now_ms.div_euclid(MINUTE_MS).saturating_add(1);
        let span = Span { from_ms: since_ms, until_ms: next_minute.saturating_mul(MINUTE_MS) };
        let found = self.with(move |sql| {
            let today = groups::total(sql, span, &RunFilter::default())?;
            Ok(UsageSummary { today, per_minute: per_minute(sql, ALL, now_ms)?, ..UsageSummary::default() })
        })?;
        let empty = || UsageSummary { per_minute: vec![0; 60], ..UsageSummary::default() };
        Ok(found.unwrap_or_else(empty))
    }

    /// Sums of a span, split as asked. Without any split there is one group, of nothing where nothing ran.
    pub fn usage(&self, question: &UsageQuestion) -> Result<Vec<UsageGroup>, StoreError> {
        let asked = question.clone();
        let found = self.with(move |sql| groups::usage(sql, &asked))?;
        Ok(found.unwrap_or_else(|| groups::nothing(question)))
    }

    /// What was used of each budget since its day, week or month began in this time zone.
    pub fn spending(&self, budgets: &[Budget], now_ms: i64, zone: &TimeZone) -> Result<Vec<Spending>, StoreError> {
        let spent = |budget: &Budget| -> Result<Spending, StoreError> {
            let span = Span { from_ms: budget.per.start(now_ms, zone), until_ms: i64::MAX };
            let filter = budget.filter();
            let used = self.with(move |sql| groups::total(sql, span, &filter))?.unwrap_or_default();
            Ok(Spending { budget: budget.clone(), used })
        };
        budgets.iter().map(spent).collect()
    }

    /// The sum of all runs of a span.
    pub fn total(&self, span: Span) -> Result<Totals, StoreError> {
        Ok(self.with(move |sql| groups::total(sql, span, &RunFilter::default()))?.unwrap_or_default())
    }

    /// What a dashboard shows.
    pub fn dashboard(&self, question: &DashboardQuestion) -> Result<Dashboard, StoreError> {
        let asked = question.clone();
        let found = self.with(move |sql| dashboard::read(sql, &asked))?;
        Ok(found.unwrap_or_else(|| dashboard::nothing(question)))
    }

    /// A page of runs.
    pub fn events(&self, question: &EventQuestion) -> Result<EventPage, StoreError> {
        let asked = question.clone();
        Ok(self.with(move |sql| events::page(sql, &asked))?.unwrap_or_default())
    }

    /// The start of the earliest run.
    pub fn earliest(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.with(|sql| known(sql, "SELECT min(started_ms) FROM event"))?.flatten())
    }

    /// Whether anyone, this process included, wrote since this was last asked. True the first time, and where another
    /// log answers than before.
    pub fn changed(&self) -> Result<bool, StoreError> {
        let counter = |sql: &dyn Sql| known(sql, "SELECT changes FROM switchboard_log");
        let seen = match self.team.as_ref().and_then(|team| team.ask(counter).ok()) {
            Some(changes) => Seen::Team(changes.unwrap_or(-1)),
            None => Seen::File(self.with_file(|sql| known(sql, "PRAGMA data_version"))?.flatten().unwrap_or(-1)),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(state.seen.replace(seen) != Some(seen))
    }

    /// Asks the team's log, or the file.
    fn with<T: Send + 'static>(
        &self,
        ask: impl Fn(&dyn Sql) -> Result<T, SqlError> + Send + Sync + 'static,
    ) -> Result<Option<T>, StoreError> {
        let Some(team) = &self.team else { return self.with_file(ask) };
        let ask = Arc::new(ask);
        let asked = Arc::clone(&ask);
        match team.ask(move |sql| asked(sql)) {
            Ok(answer) => Ok(Some(answer)),
            // The notice says so.
            Err(_away) => self.with_file(|sql| ask(sql)),
        }
    }

    /// Asks the connection in one snapshot, opening it first where a file has appeared or another took its place.
    fn with_file<T>(&self, ask: impl FnOnce(&dyn Sql) -> Result<T, SqlError>) -> Result<Option<T>, StoreError> {
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
        let snapshot = connection.unchecked_transaction().map_err(SqlError::from);
        let answer = snapshot.and_then(|snapshot| ask(&*snapshot));
        answer.map(Some).map_err(|error| StoreError::sql(&self.path, &error))
    }
}

/// The first number of the first row.
fn known(sql: &dyn Sql, question: &str) -> Result<Option<i64>, SqlError> {
    let mut found = None;
    sql.query(question, &[], &mut |row| found = row.known(0))?;
    Ok(found)
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
