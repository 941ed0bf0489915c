//! The columns of a sum, as tables, queries and code share them.

use crate::domain::{CostSum, RunCounts, RunRecord, TokenSums, Totals, UsageSource, Usd};

use super::row;
use super::sql::Row;

/// The columns, in the order of [`Sums`].
pub(super) const COLUMNS: [&str; 11] = [
    "runs",
    "estimated",
    "prompt",
    "completion",
    "total",
    "cached",
    "cache_write",
    "reasoning",
    "cost_nano_usd",
    "priced",
    "unpriced",
];

/// One run's share of each column, read from `event`, `label` and `party`. The same as [`Sums::of`].
pub(super) const OF_EVENT: &str = "
    1 AS runs, CASE WHEN usage_source = 'estimated' THEN 1 ELSE 0 END AS estimated,
    coalesce(prompt, 0) AS prompt, coalesce(completion, 0) AS completion, coalesce(total, 0) AS total,
    coalesce(cached, 0) AS cached, coalesce(cache_write, 0) AS cache_write, coalesce(reasoning, 0) AS reasoning,
    coalesce(cost_nano_usd, 0) AS cost_nano_usd,
    CASE WHEN cost_nano_usd IS NULL THEN 0 ELSE 1 END AS priced,
    CASE WHEN cost_nano_usd IS NULL AND (prompt > 0 OR completion > 0 OR total > 0 OR outcome = 'ok') THEN 1 ELSE 0 END
        AS unpriced";

/// Sums over runs, one number a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums(pub(super) [i64; 11]);

impl Sums {
    /// One run's share.
    pub(super) fn of(record: &RunRecord) -> Self {
        let tokens = |count| row::known(count).unwrap_or(0);
        let usage = &record.usage;
        let cost = row::cost(record);
        let used = [usage.prompt, usage.completion, usage.total].into_iter().any(|count| tokens(count) > 0);
        let unpriced = cost.is_none() && (used || record.ending.outcome == crate::domain::Outcome::Ok);
        Self([
            1,
            i64::from(usage.source == UsageSource::Estimated),
            tokens(usage.prompt),
            tokens(usage.completion),
            tokens(usage.total),
            tokens(usage.cached),
            tokens(usage.cache_write),
            tokens(usage.reasoning),
            cost.unwrap_or(0),
            i64::from(cost.is_some()),
            i64::from(unpriced),
        ])
    }

    /// The columns from `at` on.
    pub(super) fn read(row: &Row<'_>, at: usize) -> Self {
        let mut sums = Self::default();
        for (offset, sum) in sums.0.iter_mut().enumerate() {
            *sum = row.number(at + offset);
        }
        sums
    }

    /// Adds another.
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum = sum.saturating_add(more);
        }
    }

    /// Adds another, or takes it away.
    pub(super) fn add_signed(&mut self, other: &Self, sign: i64) {
        self.add(&Self(other.0.map(|sum| sum.saturating_mul(sign))));
    }

    /// The sums as totals; failed and cancelled runs are told apart.
    pub(super) fn totals(&self, failed: u64, cancelled: u64) -> Totals {
        let [runs, estimated, prompt, completion, total, cached, cache_write, reasoning, cost, priced, unpriced] =
            self.0;
        let count = |sum: i64| u64::try_from(sum).unwrap_or(0);
        Totals {
            runs: RunCounts { all: count(runs), failed, cancelled, estimated: count(estimated) },
            tokens: TokenSums {
                prompt: count(prompt),
                completion: count(completion),
                total: count(total),
                cached: count(cached),
                cache_write: count(cache_write),
                reasoning: count(reasoning),
            },
            cost: CostSum { known: Usd::from_nanos(cost), priced: count(priced), unpriced: count(unpriced) },
        }
    }
}

/// `prefix.runs + excluded.runs` and so on: what an upsert adds.
pub(super) fn added_to(table: &str) -> String {
    COLUMNS.map(|column| format!("{column} = {table}.{column} + excluded.{column}")).join(", ")
}

/// `CAST(sum(runs) AS BIGINT)` and so on.
pub(super) fn summed() -> String {
    COLUMNS.map(|column| format!("CAST(sum({column}) AS BIGINT)")).join(", ")
}
