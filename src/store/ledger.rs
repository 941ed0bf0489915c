//! Adds runs to the tables: events, the words they share, and every sum over them, in the caller's transaction.
//!
//! Sums of a batch are made in memory first, so that thousands of runs make few upserts, always in the same order:
//! two writers to one database wait for each other and never in a circle.

use std::collections::{BTreeMap, HashMap};

use rusqlite::types::Value;

use super::failures::Failures;
use super::histogram::Histogram;
use super::row;
use super::sql::{Fresh, Sql, SqlError, text};
use super::sums::{self, Sums};
use crate::domain::{ErrorKind, Outcome, RunRecord};

/// Milliseconds in a quarter of an hour.
pub(super) const QUARTER_MS: i64 = 900_000;
/// Milliseconds in a minute.
pub(super) const MINUTE_MS: i64 = 60_000;
/// Milliseconds in a day.
pub(super) const DAY_MS: i64 = 86_400_000;
/// Milliseconds in a week. Weeks of the tables begin with a Thursday, as the count of days does.
pub(super) const WEEK_MS: i64 = 7 * DAY_MS;

/// A table of the sums of parties.
pub(super) struct Usage {
    pub(super) table: &'static str,
    /// Milliseconds of a slot.
    pub(super) unit_ms: i64,
}

/// The tables of the sums of parties, the coarsest first.
pub(super) const USAGE: [Usage; 3] = [
    Usage { table: "usage_week", unit_ms: WEEK_MS },
    Usage { table: "usage_day", unit_ms: DAY_MS },
    Usage { table: "usage_quarter", unit_ms: QUARTER_MS },
];
/// The sizes of slots in `series`: quarters, quarters of a day, and days.
pub(super) const SERIES_MS: [i64; 3] = [QUARTER_MS, DAY_MS / 4, DAY_MS];
/// The name of all connectors together in `series` and `minute`.
pub(super) const ALL: &str = "";

/// Minutes kept in `minute`.
const MINUTES: i64 = 120;
/// Labels remembered; a server that makes up model names does not fill the memory.
const REMEMBERED: usize = 10_000;

/// Adds runs, and remembers which labels are there.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    labels: HashMap<String, Label>,
}

/// Where a run's words are.
#[derive(Debug, Clone, Copy)]
struct Label {
    id: i64,
    party: i64,
}

impl Ledger {
    /// Adds the runs that are not there yet and tells how many those were.
    pub(super) fn add(&mut self, sql: &dyn Sql, batch: &[RunRecord]) -> Result<usize, SqlError> {
        let labels = self.label_all(sql, batch)?;
        let rows: Vec<Fresh> = batch.iter().zip(&labels).map(|(record, label)| fresh(sql, record, *label)).collect();
        let new = sql.insert(&rows)?;
        let mut delta = Delta::default();
        for (record, label) in batch.iter().zip(&labels).zip(&new).filter_map(|(run, new)| new.then_some(run)) {
            delta.add(record, label.party);
        }
        let added = new.iter().filter(|new| **new).count();
        if added > 0 {
            sql.claim_sums()?;
            delta.write(sql)?;
        }
        Ok(added)
    }

    /// Forgets the labels: the transaction that made them was rolled back.
    pub(super) fn forget(&mut self) {
        self.labels.clear();
    }

    /// The label of each run. Those that are new are made in the order of their words, whatever that of the runs is.
    fn label_all(&mut self, sql: &dyn Sql, batch: &[RunRecord]) -> Result<Vec<Label>, SqlError> {
        let words = batch.iter().map(|record| (row::party(record), row::label(record)));
        let keys: Vec<String> = words.map(|(party, label)| key(&party, &label)).collect();
        let wanted: BTreeMap<&String, &RunRecord> = keys.iter().zip(batch).collect();
        if self.labels.len() + wanted.len() > REMEMBERED {
            self.labels.clear();
        }
        for (key, record) in wanted {
            if !self.labels.contains_key(key) {
                let label = made(sql, record)?;
                self.labels.insert(key.clone(), label);
            }
        }
        Ok(keys.iter().filter_map(|key| self.labels.get(key).copied()).collect())
    }
}

/// The label of a run, made where it is not there.
fn made(sql: &dyn Sql, record: &RunRecord) -> Result<Label, SqlError> {
    let party = found(sql, &PARTY, &row::party(record).map(Value::Text))?;
    let values: Vec<Value> = std::iter::once(Value::Integer(party)).chain(row::label(record)).collect();
    Ok(Label { id: found(sql, &LABEL, &values)?, party })
}

fn key(party: &[String], label: &[Value]) -> String {
    let mut key = String::with_capacity(192);
    for word in party {
        key.push_str(word);
        key.push('\0');
    }
    for value in label {
        match value {
            Value::Text(word) => key.push_str(word),
            Value::Integer(number) => key.push_str(&number.to_string()),
            Value::Null | Value::Real(_) | Value::Blob(_) => {}
        }
        key.push('\0');
    }
    key
}

/// A table of words: its name and the columns that make a row unique.
struct Words {
    table: &'static str,
    columns: &'static [&'static str],
}

const PARTY: Words = Words {
    table: "party",
    columns: &["connector", "model", "provider", "person", "machine", "source", "outcome", "error_kind"],
};
const LABEL: Words = Words {
    table: "label",
    columns: &[
        "party",
        "endpoint",
        "host",
        "requested_model",
        "answered_model",
        "http_status",
        "finish_reason",
        "attempts",
        "usage_source",
        "cost_basis",
    ],
};

/// The id of a row of words, which is made where it is not there.
fn found(sql: &dyn Sql, words: &Words, values: &[Value]) -> Result<i64, SqlError> {
    let Words { table, columns } = words;
    let names = columns.join(", ");
    let insert = format!("INSERT INTO {table} ({names}) VALUES ({}) ON CONFLICT DO NOTHING", numbered(columns.len()));
    let equal: Vec<String> = (1..).zip(*columns).map(|(at, column)| format!("{column} = ${at}")).collect();
    let select = format!("SELECT id FROM {table} WHERE {}", equal.join(" AND "));
    sql.execute(&insert, values)?;
    let mut id = 0;
    sql.query(&select, values, &mut |row| id = row.number(0))?;
    Ok(id)
}

/// `$1, $2, …`
pub(super) fn numbered(columns: usize) -> String {
    let numbers: Vec<String> = (1..=columns).map(|at| format!("${at}")).collect();
    numbers.join(", ")
}

fn fresh(sql: &dyn Sql, record: &RunRecord, label: Label) -> Fresh {
    let about = [
        Value::Integer(record.started_at_ms),
        row::key(record.id),
        Value::Integer(label.id),
        sql.request_id(record.ending.request_id.as_deref()),
    ];
    let values = about.into_iter().chain(row::figures(record)).collect();
    Fresh { key: (record.started_at_ms, record.id), values }
}

/// What a batch adds to each table of sums.
#[derive(Default)]
pub(super) struct Delta {
    /// By table, slot and party.
    usage: BTreeMap<(&'static str, i64, i64), Sums>,
    /// By connector, milliseconds of a slot, and slot.
    series: BTreeMap<(String, i64, i64), Point>,
    minutes: BTreeMap<(String, i64), i64>,
}

impl Delta {
    fn add(&mut self, record: &RunRecord, party: i64) {
        let sums = Sums::of(record);
        let start = record.started_at_ms;
        for level in USAGE {
            self.usage.entry((level.table, start.div_euclid(level.unit_ms), party)).or_default().add(&sums);
        }
        let total = row::known(record.usage.total).unwrap_or(0);
        for name in [ALL.to_owned(), row::short(&record.target.connector)] {
            self.points(&name, start, &SERIES_MS, |point| point.count(record, &sums));
            let tokens = self.minutes.entry((name, start.div_euclid(MINUTE_MS))).or_default();
            *tokens = tokens.saturating_add(total);
        }
    }

    /// Hands out the slots of `series` that a moment is in.
    pub(super) fn points(&mut self, connector: &str, at_ms: i64, units: &[i64], mut act: impl FnMut(&mut Point)) {
        for unit in units {
            act(self.series.entry((connector.to_owned(), *unit, at_ms.div_euclid(*unit))).or_default());
        }
    }

    pub(super) fn write(&self, sql: &dyn Sql) -> Result<(), SqlError> {
        for ((table, slot, party), sums) in &self.usage {
            add_usage(sql, table, (*slot, *party), sums)?;
        }
        for (key, point) in &self.series {
            point.write(sql, key)?;
        }
        self.write_minutes(sql)
    }

    /// Older minutes than the panel shows go, as seen from the newest run: the log reads no clock.
    fn write_minutes(&self, sql: &dyn Sql) -> Result<(), SqlError> {
        for ((connector, minute), total) in &self.minutes {
            sql.execute(ADD_MINUTE, &[text(connector), Value::Integer(*minute), Value::Integer(*total)])?;
        }
        let newest = self.minutes.keys().map(|(_, minute)| *minute).max();
        match newest {
            Some(newest) => sql.execute(DROP_MINUTES, &[Value::Integer(newest.saturating_sub(MINUTES))]).map(drop),
            None => Ok(()),
        }
    }
}

const ADD_MINUTE: &str = "
INSERT INTO minute (connector, minute, total) VALUES ($1, $2, $3)
ON CONFLICT (connector, minute) DO UPDATE SET total = minute.total + excluded.total";

const DROP_MINUTES: &str = "DELETE FROM minute WHERE minute < $1";

fn add_usage(sql: &dyn Sql, table: &str, (slot, party): (i64, i64), sums: &Sums) -> Result<(), SqlError> {
    let statement = format!(
        "INSERT INTO {table} (slot, party, {}) VALUES ({}) ON CONFLICT (slot, party) DO UPDATE SET {}",
        sums::COLUMNS.join(", "),
        numbered(2 + sums::COLUMNS.len()),
        sums::added_to(table),
    );
    let values: Vec<Value> = [slot, party].into_iter().chain(sums.0).map(Value::Integer).collect();
    sql.execute(&statement, &values).map(drop)
}

const READ_TIMES: &str =
    "SELECT first_token, latency, failures FROM series WHERE connector = $1 AND seconds = $2 AND slot = $3";
const WRITE_TIMES: &str = "UPDATE series SET first_token = $1, latency = $2, failures = $3
    WHERE connector = $4 AND seconds = $5 AND slot = $6";

/// What a row of `series` holds, or what is added to it.
#[derive(Default)]
pub(super) struct Point {
    pub(super) sums: Sums,
    pub(super) failed: i64,
    pub(super) cancelled: i64,
    pub(super) failures: Failures,
    pub(super) first_token: Histogram,
    pub(super) latency: Histogram,
}

impl Point {
    fn count(&mut self, record: &RunRecord, sums: &Sums) {
        self.sums.add(sums);
        match record.ending.outcome {
            Outcome::Ok => {}
            Outcome::Error => {
                self.failed += 1;
                self.failures.count(record.ending.error_kind.map_or("", ErrorKind::word), 1);
            }
            Outcome::Cancelled => self.cancelled += 1,
        }
        if let Some(time) = record.timing.first_token {
            self.first_token.count(row::micros(time), 1);
        }
        if let Some(time) = record.timing.total {
            self.latency.count(row::micros(time), 1);
        }
    }

    /// Sums first: that locks the row, where rows are locked, before its histograms are read and written.
    fn write(&self, sql: &dyn Sql, (connector, unit, slot): &(String, i64, i64)) -> Result<(), SqlError> {
        let statement = format!(
            "INSERT INTO series (connector, seconds, slot, {}, failed, cancelled, first_token, latency, failures)
            VALUES ({}) ON CONFLICT (connector, seconds, slot) DO UPDATE SET {},
            failed = series.failed + excluded.failed, cancelled = series.cancelled + excluded.cancelled",
            sums::COLUMNS.join(", "),
            numbered(8 + sums::COLUMNS.len()),
            sums::added_to("series"),
        );
        let key = [text(connector), Value::Integer(unit / 1000), Value::Integer(*slot)];
        let counts = self.sums.0.into_iter().chain([self.failed, self.cancelled]).map(Value::Integer);
        let empty = [Value::Blob(Vec::new()), Value::Blob(Vec::new()), text("")];
        let values: Vec<Value> = key.iter().cloned().chain(counts).chain(empty).collect();
        sql.execute(&statement, &values)?;
        let (mut first_token, mut latency) = (self.first_token.clone(), self.latency.clone());
        let mut failures = self.failures.clone();
        sql.query(READ_TIMES, &key, &mut |row| {
            first_token.add(row.blob(0), 1);
            latency.add(row.blob(1), 1);
            failures.add(row.text(2), 1);
        })?;
        let times = [Value::Blob(first_token.encode()), Value::Blob(latency.encode()), text(&failures.encode())];
        let values: Vec<Value> = times.into_iter().chain(key).collect();
        sql.execute(WRITE_TIMES, &values).map(drop)
    }
}
