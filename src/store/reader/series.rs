//! Sums and latencies by buckets of time: from whole hours or quarters, and from events where a span or a bucket
//! begins or ends within a quarter.

use std::collections::BTreeMap;

use rusqlite::types::Value;

use super::pieces::{Pieces, Range, up};
use crate::domain::{ErrorKind, Latency, Point, Span};
use crate::store::histogram::Histogram;
use crate::store::ledger::{ALL, QUARTER_MS};
use crate::store::sql::{Row, Sql, SqlError, text};
use crate::store::sums::{self, Sums};

const HOUR_MS: i64 = 4 * QUARTER_MS;

/// What is summed up of one bucket.
#[derive(Default, Clone)]
pub(super) struct Bucket {
    sums: Sums,
    failed: u64,
    cancelled: u64,
    failures: BTreeMap<ErrorKind, u64>,
    first_token: Histogram,
    latency: Histogram,
}

impl Bucket {
    fn point(&self, from_ms: i64) -> Point {
        let mut failures: Vec<(ErrorKind, u64)> = self.failures.iter().map(|(kind, runs)| (*kind, *runs)).collect();
        failures.sort_by_key(|(kind, runs)| (std::cmp::Reverse(*runs), *kind));
        Point { from_ms, totals: self.sums.totals(self.failed, self.cancelled), failures, latency: self.latency() }
    }

    /// How long its runs took.
    fn latency(&self) -> Latency {
        Latency { first_token: self.first_token.percentiles(), total: self.latency.percentiles() }
    }
}

/// The buckets of a question.
pub(super) struct Series<'a> {
    starts: &'a [i64],
    buckets: Vec<Bucket>,
}

/// The points in order, and the latencies of the whole span.
pub(super) fn read(
    sql: &dyn Sql,
    (connector, span): (Option<&str>, Span),
    starts: &[i64],
) -> Result<(Vec<Point>, Latency), SqlError> {
    let mut series = Series { starts, buckets: vec![Bucket::default(); starts.len()] };
    let connector = connector.unwrap_or(ALL);
    let plan = plan(span, starts);
    series.read_slots(sql, connector, (3600, plan.hours))?;
    for quarters in plan.quarters {
        series.read_slots(sql, connector, (900, quarters))?;
    }
    series.read_failures(sql, connector, plan.whole)?;
    for ends in plan.ends_ms {
        series.read_events(sql, connector, ends)?;
    }
    let points = starts.iter().zip(&series.buckets).map(|(start, bucket)| bucket.point(*start)).collect();
    Ok((points, whole(&series.buckets).latency()))
}

/// Which rows stand for a span.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    hours: Range,
    quarters: [Range; 2],
    /// All quarters, those of the hours as well.
    whole: Range,
    ends_ms: [Range; 2],
}

/// Hours where every bucket begins with one, quarters where every bucket begins with one, else events alone.
fn plan(span: Span, starts: &[i64]) -> Plan {
    let inner = || starts.iter().filter(|start| **start > span.from_ms);
    let begin_with = |unit: i64| inner().all(|start| start.rem_euclid(unit) == 0);
    if !begin_with(QUARTER_MS) {
        let ends_ms = [(span.from_ms, span.until_ms), (0, 0)];
        return Plan { hours: (0, 0), quarters: [(0, 0); 2], whole: (0, 0), ends_ms };
    }
    let Pieces { quarters: [whole, _], ends_ms, .. } = Pieces::in_quarters(span);
    let (hour, end) = (up(whole.0, 4), whole.1.div_euclid(4));
    if whole.0 >= whole.1 || hour >= end || !begin_with(HOUR_MS) {
        return Plan { hours: (0, 0), quarters: [whole, (0, 0)], whole, ends_ms };
    }
    Plan { hours: (hour, end), quarters: [(whole.0, hour * 4), (end * 4, whole.1)], whole, ends_ms }
}

fn whole(buckets: &[Bucket]) -> Bucket {
    let mut whole = Bucket::default();
    for bucket in buckets {
        whole.first_token.add(&bucket.first_token.encode());
        whole.latency.add(&bucket.latency.encode());
    }
    whole
}

impl Series<'_> {
    fn bucket(&mut self, at_ms: i64) -> Option<&mut Bucket> {
        let at = self.starts.partition_point(|start| *start <= at_ms).checked_sub(1)?;
        self.buckets.get_mut(at)
    }

    fn read_slots(&mut self, sql: &dyn Sql, connector: &str, (seconds, slots): (i64, Range)) -> Result<(), SqlError> {
        if slots.0 >= slots.1 {
            return Ok(());
        }
        let statement = format!(
            "SELECT slot, {}, failed, cancelled, first_token, latency FROM series
            WHERE connector = $1 AND seconds = $2 AND slot >= $3 AND slot < $4",
            sums::COLUMNS.join(", ")
        );
        let parameters = [text(connector), seconds.into(), slots.0.into(), slots.1.into()];
        let after = 1 + sums::COLUMNS.len();
        sql.query(&statement, &parameters, &mut |row| {
            let Some(bucket) = self.bucket(row.number(0).saturating_mul(seconds * 1000)) else { return };
            bucket.sums.add(&Sums::read(row, 1));
            bucket.failed += row.count(after);
            bucket.cancelled += row.count(after + 1);
            bucket.first_token.add(row.blob(after + 2));
            bucket.latency.add(row.blob(after + 3));
        })
    }

    fn read_failures(&mut self, sql: &dyn Sql, connector: &str, slots: Range) -> Result<(), SqlError> {
        let parameters = [text(connector), slots.0.into(), slots.1.into()];
        sql.query(FAILURES, &parameters, &mut |row| {
            let kind = kind(row.text(1));
            let Some(bucket) = self.bucket(row.number(0).saturating_mul(QUARTER_MS)) else { return };
            if let Some(kind) = kind {
                *bucket.failures.entry(kind).or_default() += row.count(2);
            }
        })
    }

    fn read_events(&mut self, sql: &dyn Sql, connector: &str, (from, until): Range) -> Result<(), SqlError> {
        if from >= until {
            return Ok(());
        }
        let mut parameters: Vec<Value> = vec![from.into(), until.into()];
        let mut of_connector = "";
        if connector != ALL {
            parameters.push(text(connector));
            of_connector = " AND connector = $3";
        }
        let statement = format!(
            "SELECT started_ms, {}, outcome, error_kind, first_token_us, total_us
            FROM event JOIN label ON label.id = event.label JOIN party ON party.id = label.party
            WHERE started_ms >= $1 AND started_ms < $2{of_connector}",
            sums::OF_EVENT
        );
        sql.query(&statement, &parameters, &mut |row| {
            if let Some(bucket) = self.bucket(row.number(0)) {
                bucket.count(row);
            }
        })
    }
}

const FAILURES: &str = "SELECT slot, error_kind, runs FROM failure WHERE connector = $1 AND slot >= $2 AND slot < $3";

impl Bucket {
    /// Counts an event.
    fn count(&mut self, row: &Row<'_>) {
        let after = 1 + sums::COLUMNS.len();
        self.sums.add(&Sums::read(row, 1));
        match row.text(after) {
            "error" => {
                self.failed += 1;
                if let Some(kind) = kind(row.text(after + 1)) {
                    *self.failures.entry(kind).or_default() += 1;
                }
            }
            "cancelled" => self.cancelled += 1,
            _ => {}
        }
        if let Some(time) = row.known(after + 2) {
            self.first_token.count(time);
        }
        if let Some(time) = row.known(after + 3) {
            self.latency.count(time);
        }
    }
}

/// The kind of a word. One that only a newer version knows is counted as internal.
fn kind(word: &str) -> Option<ErrorKind> {
    let known = ErrorKind::ALL.into_iter().find(|kind| kind.word() == word);
    known.or_else(|| (!word.is_empty()).then_some(ErrorKind::Internal))
}
