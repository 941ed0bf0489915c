//! Sums and latencies by buckets of time. A bucket is the rows between the bounds nearest to its ends, and the way from
//! there to the ends in smaller and smaller units; single runs are read only where an end is within a quarter of an hour.

use rusqlite::types::Value;

use super::pieces::{Part, nearest};
use crate::domain::{Latency, Point, Span};
use crate::store::failures::Failures;
use crate::store::histogram::Histogram;
use crate::store::ledger::{ALL, SERIES_MS};
use crate::store::sql::{Row, Sql, SqlError, text};
use crate::store::sums::{self, Sums};

/// Ranges that one statement reads.
const RANGES: usize = 64;

/// What is summed up of one bucket.
#[derive(Default, Clone)]
struct Bucket {
    sums: Sums,
    failed: i64,
    cancelled: i64,
    failures: Failures,
    first_token: Histogram,
    latency: Histogram,
}

impl Bucket {
    fn point(&self, from_ms: i64) -> Point {
        let count = |runs| u64::try_from(runs).unwrap_or(0);
        let totals = self.sums.totals(count(self.failed), count(self.cancelled));
        let latency = Latency { first_token: self.first_token.percentiles(), total: self.latency.percentiles() };
        Point { from_ms, totals, failures: self.failures.kinds(), latency }
    }
}

/// The points in order, and the latencies of the whole span.
pub(super) fn read(
    sql: &dyn Sql,
    (connector, span): (Option<&str>, Span),
    starts: &[i64],
) -> Result<(Vec<Point>, Latency), SqlError> {
    let mut series = Series { connector: connector.unwrap_or(ALL), buckets: vec![Bucket::default(); starts.len()] };
    for (unit, ways) in ways(span, starts) {
        for ways in ways.chunks(RANGES) {
            match unit {
                1 => series.read_runs(sql, ways)?,
                _ => series.read_slots(sql, unit, ways)?,
            }
        }
    }
    let points = starts.iter().zip(&series.buckets).map(|(start, bucket)| bucket.point(*start)).collect();
    let mut whole = Bucket::default();
    for bucket in &series.buckets {
        whole.first_token.join(&bucket.first_token);
        whole.latency.join(&bucket.latency);
    }
    Ok((points, whole.point(0).latency))
}

/// Rows to read, and which bucket they are added to and which they are taken away from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    part: Part,
    into: Option<usize>,
    out_of: Option<usize>,
}

/// What is read in each unit: whole buckets in one, and in those below it the ways to their ends. The end of a bucket is
/// the start of the next, so what is added to the one is taken away from the other.
fn ways(span: Span, starts: &[i64]) -> Vec<(i64, Vec<Way>)> {
    let length = span.until_ms.saturating_sub(span.from_ms);
    let each = i64::try_from(starts.len()).ok().and_then(|buckets| length.checked_div(buckets));
    let Some(each) = each.filter(|_| length > 0) else { return Vec::new() };
    let inner = starts.iter().skip(1).map(|start| (*start).clamp(span.from_ms, span.until_ms));
    let ends: Vec<i64> = std::iter::once(span.from_ms).chain(inner).chain([span.until_ms]).collect();
    let mut ways = Vec::new();
    let mut bounds: Option<Vec<i64>> = None;
    // The days on which clocks change have fewer hours than a day.
    let units = SERIES_MS.into_iter().rev().filter(|unit| *unit <= each.saturating_mul(2)).chain([1]);
    for unit in units {
        let next: Vec<i64> = ends.iter().map(|end| nearest(*end, unit)).collect();
        let found = match &bounds {
            None => buckets(&next),
            Some(bounds) => corrections(bounds, &next),
        };
        ways.push((unit, found.into_iter().filter(|way| !way.part.is_empty()).collect()));
        bounds = Some(next);
    }
    ways
}

/// Every bucket from bound to bound.
fn buckets(bounds: &[i64]) -> Vec<Way> {
    let pairs = bounds.iter().zip(bounds.iter().skip(1)).enumerate();
    pairs.map(|(at, (from, until))| Way { part: Part::way(*from, *until, 1), into: Some(at), out_of: None }).collect()
}

/// From each bound to the next nearer to the same end.
fn corrections(bounds: &[i64], nearer: &[i64]) -> Vec<Way> {
    let last = bounds.len().saturating_sub(1);
    let way = |(at, (from, to)): (usize, (&i64, &i64))| {
        let part = Part::way(*from, *to, 1);
        let (before, after) = (at.checked_sub(1), Some(at).filter(|at| *at < last));
        let (into, out_of) = if part.sign > 0 { (before, after) } else { (after, before) };
        Way { part, into, out_of }
    };
    bounds.iter().zip(nearer).enumerate().map(way).collect()
}

/// `WITH way (at, since, till) AS (VALUES …)`, the ranges as parameters. Few sizes, so that few statements are prepared.
fn ranges(ways: &[Way], unit: i64) -> (String, Vec<Value>) {
    let size = ways.len().next_power_of_two();
    let rows: Vec<String> = (0..size)
        .map(|at| format!("({at}, CAST(${} AS BIGINT), CAST(${} AS BIGINT))", at * 2 + 1, at * 2 + 2))
        .collect();
    let slots = ways.iter().map(|way| (way.part.from_ms.div_euclid(unit), way.part.until_ms.div_euclid(unit)));
    let padded = slots.chain(std::iter::repeat((0, 0))).take(size);
    let values = padded.flat_map(|(since, till)| [since.into(), till.into()]).collect();
    (format!("WITH way (at, since, till) AS (VALUES {})", rows.join(", ")), values)
}

struct Series<'a> {
    connector: &'a str,
    buckets: Vec<Bucket>,
}

impl Series<'_> {
    /// Hands a row to the buckets of its way.
    fn each(&mut self, ways: &[Way], row: &Row<'_>, act: fn(&mut Bucket, &Row<'_>, i64)) {
        let Some(way) = usize::try_from(row.number(0)).ok().and_then(|at| ways.get(at)) else { return };
        for (bucket, sign) in [(way.into, 1), (way.out_of, -1)] {
            if let Some(bucket) = bucket.and_then(|at| self.buckets.get_mut(at)) {
                act(bucket, row, sign);
            }
        }
    }

    fn read_slots(&mut self, sql: &dyn Sql, unit: i64, ways: &[Way]) -> Result<(), SqlError> {
        let (with, mut parameters) = ranges(ways, unit);
        let connector = parameters.len() + 1;
        let statement = format!(
            "{with} SELECT at, {}, failed, cancelled, first_token, latency, failures FROM way CROSS JOIN series
            WHERE connector = ${connector} AND seconds = ${} AND slot >= since AND slot < till",
            sums::COLUMNS.join(", "),
            connector + 1
        );
        parameters.extend([text(self.connector), (unit / 1000).into()]);
        sql.query(&statement, &parameters, &mut |row| self.each(ways, row, Bucket::add))
    }

    fn read_runs(&mut self, sql: &dyn Sql, ways: &[Way]) -> Result<(), SqlError> {
        let (with, mut parameters) = ranges(ways, 1);
        let mut of_connector = String::new();
        if self.connector != ALL {
            parameters.push(text(self.connector));
            of_connector = format!(" AND connector = ${}", parameters.len());
        }
        let statement = format!(
            "{with} SELECT at, {}, outcome, error_kind, first_token_us, total_us
            FROM way CROSS JOIN event JOIN label ON label.id = event.label JOIN party ON party.id = label.party
            WHERE started_ms >= since AND started_ms < till{of_connector}",
            sums::OF_EVENT
        );
        sql.query(&statement, &parameters, &mut |row| self.each(ways, row, Bucket::count))
    }
}

/// The first column after those of the way and the sums.
const AFTER: usize = 1 + sums::COLUMNS.len();

impl Bucket {
    /// Adds a row of `series`, or takes it away.
    fn add(&mut self, row: &Row<'_>, sign: i64) {
        self.sums.add_signed(&Sums::read(row, 1), sign);
        self.failed += row.number(AFTER) * sign;
        self.cancelled += row.number(AFTER + 1) * sign;
        self.first_token.add(row.blob(AFTER + 2), sign);
        self.latency.add(row.blob(AFTER + 3), sign);
        self.failures.add(row.text(AFTER + 4), sign);
    }

    /// Counts a run, or takes it away.
    fn count(&mut self, row: &Row<'_>, sign: i64) {
        self.sums.add_signed(&Sums::read(row, 1), sign);
        match row.text(AFTER) {
            "error" => {
                self.failed += sign;
                self.failures.count(row.text(AFTER + 1), sign);
            }
            "cancelled" => self.cancelled += sign,
            _ => {}
        }
        if let Some(time) = row.known(AFTER + 2) {
            self.first_token.count(time, sign);
        }
        if let Some(time) = row.known(AFTER + 3) {
            self.latency.count(time, sign);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;
    const DAY_MS: i64 = 24 * HOUR_MS;

    /// Slots that are read, in every unit.
    fn slots(days: i64, each: i64, late: i64) -> i64 {
        let span = Span { from_ms: -late, until_ms: days * DAY_MS - late };
        let starts: Vec<i64> = (0..days / each).map(|at| at * each * DAY_MS - late).collect();
        let parts = |(unit, ways): (i64, Vec<Way>)| ways.iter().map(move |way| (way.part, unit)).collect::<Vec<_>>();
        let parts = ways(span, &starts).into_iter().flat_map(parts);
        parts.map(|(part, unit)| (part.until_ms - part.from_ms) / unit).sum()
    }

    #[test]
    fn a_span_that_ends_before_it_begins_reads_nothing() {
        assert_eq!(ways(Span { from_ms: 5, until_ms: 4 }, &[5]), []);
        assert_eq!(ways(Span { from_ms: 0, until_ms: 4 }, &[]), []);
    }

    #[test]
    fn weeks_of_years_are_read_by_days_and_a_few_quarters_an_end() {
        assert_eq!(slots(399, 7, 0), 399);
        assert_eq!(slots(399, 7, HOUR_MS), 399 + 58 * 4);
        assert_eq!(slots(399, 7, 5 * HOUR_MS + HOUR_MS / 2), 399 + 58 * 3);
        assert!(slots(90, 1, 9 * HOUR_MS) <= 90 + 91 * 14);
    }
}
