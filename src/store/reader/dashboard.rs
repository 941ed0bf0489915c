//! Everything a dashboard shows, in one snapshot.

use std::collections::BTreeMap;

use super::{groups, per_minute, series};
use crate::domain::{Dashboard, DashboardQuestion, Dimension, Point, RunFilter, Totals};
use crate::store::ledger::ALL;
use crate::store::sql::{Sql, SqlError};

/// The tables of a dashboard, read at once and split here.
const TABLES: [Dimension; 5] =
    [Dimension::Connector, Dimension::Model, Dimension::User, Dimension::Machine, Dimension::ErrorKind];

/// Reads the figures.
pub(super) fn read(sql: &dyn Sql, question: &DashboardQuestion) -> Result<Dashboard, SqlError> {
    let connector = question.connector.as_deref();
    let filter = RunFilter { connector: question.connector.clone(), ..RunFilter::default() };
    let found = groups::groups(sql, question.span, &TABLES, &filter)?;
    let (series, latency) = series::read(sql, (connector, question.span), &question.buckets)?;
    Ok(Dashboard {
        total: found.iter().fold(Totals::default(), |sum, (_, totals)| sum.and(totals)),
        per_minute: per_minute(sql, connector.unwrap_or(ALL), question.now_ms)?,
        series,
        tables: (0..).zip(TABLES).map(|(at, dimension)| (dimension, table(&found, (at, dimension)))).collect(),
        latency,
    })
}

/// One table: rows that share a word together, the most tokens first. What did not fail has no kind of failure.
fn table(found: &[(Vec<String>, Totals)], (at, dimension): (usize, Dimension)) -> Vec<(String, Totals)> {
    let mut rows: BTreeMap<&str, Totals> = BTreeMap::new();
    for (key, totals) in found {
        let word = key.get(at).map(String::as_str).unwrap_or_default();
        if dimension != Dimension::ErrorKind || !word.is_empty() {
            let sum = rows.entry(word).or_default();
            *sum = sum.and(totals);
        }
    }
    let mut rows: Vec<(String, Totals)> = rows.into_iter().map(|(word, totals)| (word.to_owned(), totals)).collect();
    rows.sort_by_key(|(_, totals)| std::cmp::Reverse((totals.tokens.total, totals.runs.all)));
    rows
}

/// What a log that is not there answers.
pub(super) fn nothing(question: &DashboardQuestion) -> Dashboard {
    let point = |start: &i64| Point { from_ms: *start, ..Point::default() };
    Dashboard { per_minute: vec![0; 60], series: question.buckets.iter().map(point).collect(), ..Dashboard::default() }
}
