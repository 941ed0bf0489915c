//! Figures: equal to a plain SQL sum over the runs, for every grouping, bucket and time zone, and not dearer with the years.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::super::ledger::USAGE;
use super::super::reader::statement;
use super::super::{EventLog, Reader};
use super::team::engines;
use super::{failed, place, run, span, sqlite, usage};
use crate::domain::calendar::{self, Bucket};
use crate::domain::{
    Cost, CostBasis, CostSum, DashboardQuestion, Dimension, ErrorKind, Outcome, Percentiles, Provider, RunCounts,
    RunFilter, RunRecord, Span, TokenSums, Totals, Usage, UsageQuestion, UsageSource, Usd,
};

const MINUTE: i64 = 60_000;

pub(super) fn question(span: Span, by: Vec<Dimension>) -> UsageQuestion {
    UsageQuestion { span, filter: RunFilter::default(), by, buckets: Vec::new() }
}

#[test]
fn the_summary_gives_today_and_the_last_sixty_minutes() {
    for engine in engines() {
        let log = engine.open();
        let midnight = 1000 * MINUTE;
        let now = midnight + 90 * MINUTE + 5;
        log.record(run(1, midnight - 1)).unwrap();
        log.record(run(2, midnight)).unwrap();
        log.record(run(3, now)).unwrap();
        log.record(failed(4, now - 59 * MINUTE)).unwrap();
        let mut cancelled = run(5, now - 59 * MINUTE);
        cancelled.ending.outcome = Outcome::Cancelled;
        cancelled.usage = Usage::estimated(100, 10, None);
        log.record(cancelled).unwrap();
        log.record(run(6, now + 10 * MINUTE)).unwrap();
        engine.arrive(&log);

        let summary = engine.reader().summary(now, midnight).unwrap();
        let tokens = TokenSums { prompt: 118, completion: 16, total: 134, cached: 8, cache_write: 0, reasoning: 2 };
        assert_eq!(summary.today.runs, RunCounts { all: 4, failed: 1, cancelled: 1, estimated: 1 });
        assert_eq!(summary.today.tokens, tokens);
        assert_eq!(summary.today.cost, CostSum { known: Usd::default(), priced: 0, unpriced: 3 });
        assert_eq!(summary.per_minute.len(), 60);
        assert_eq!((summary.per_minute[0], summary.per_minute[59]), (110, 12));
        assert_eq!(summary.per_minute.iter().sum::<u64>(), 122);
    }
}

#[test]
fn minutes_that_the_panel_no_longer_shows_are_dropped() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    for id in 0..300 {
        log.record(run(id, i64::try_from(id).unwrap() * MINUTE)).unwrap();
        log.flush().unwrap();
    }
    let kept: i64 =
        sqlite(&path).query_row("SELECT count(*) FROM minute WHERE connector = ''", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 121);
}

#[test]
fn groups_come_with_the_most_tokens_first_and_a_nameless_model_as_no_name() {
    for engine in engines() {
        let log = engine.open();
        let mut nameless = failed(1, 0);
        nameless.target.requested_model = None;
        log.record(nameless).unwrap();
        log.record(failed(2, 0)).unwrap();
        log.record(run(3, 0)).unwrap();
        engine.arrive(&log);
        let groups = engine.reader().usage(&question(span(0, MINUTE), vec![Dimension::Model])).unwrap();
        let models: Vec<_> = groups.iter().map(|group| (group.key[0].as_str(), group.totals.runs.all)).collect();
        assert_eq!(models, [("gpt-4.1-2025-04-14", 1), ("", 1), ("gpt", 1)]);
    }
}

#[test]
fn extreme_spans_do_not_overflow() {
    for engine in engines() {
        let log = engine.open();
        log.record(run(1, -1)).unwrap();
        log.record(run(2, i64::MAX)).unwrap();
        log.record(run(3, i64::MIN)).unwrap();
        engine.arrive(&log);
        let reader = engine.reader();
        let runs = |from, to| reader.total(span(from, to)).unwrap().runs.all;
        assert_eq!(runs(i64::MIN, i64::MAX), 2);
        assert_eq!(runs(i64::MAX, i64::MIN), 0);
        assert_eq!(runs(-1, 0), 1);
        assert_eq!(reader.summary(i64::MIN, i64::MAX).unwrap().today.runs.all, 0);
        assert_eq!(reader.summary(i64::MAX, i64::MIN).unwrap().per_minute.len(), 60);
        assert_eq!(reader.earliest(), Ok(Some(i64::MIN)));
    }
}

/// The steps SQLite takes for a query, as it tells them.
fn plan(path: &std::path::PathBuf, sql: &str, parameters: usize) -> Vec<String> {
    let connection = sqlite(path);
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let values = rusqlite::params_from_iter(std::iter::repeat_n(0, parameters));
    statement.query_map(values, |row| row.get(3)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn no_figure_of_the_panel_reads_a_whole_table() {
    let (_directory, path) = place();
    EventLog::open(&path).unwrap().close().unwrap();
    let today = plan(&path, &statement(&[], &RunFilter::default()).0, 24);
    let searches = |what: &str| today.iter().filter(|step| step.contains(what)).count();
    for table in USAGE {
        let search = format!("SEARCH {} USING PRIMARY KEY (slot>? AND slot<?)", table.table);
        assert_eq!(searches(&search), 2, "{today:?}");
    }
    assert_eq!(searches("SEARCH event USING PRIMARY KEY (started_ms>? AND started_ms<?)"), 2, "{today:?}");
    for table in ["event", "usage_week", "usage_day", "usage_quarter", "label"] {
        assert_eq!(searches(&format!("SCAN {table}")), 0, "{today:?}");
    }
}

#[test]
fn a_reader_notices_what_others_write() {
    for engine in engines() {
        let log = engine.open();
        let reader = engine.reader();
        assert_eq!(reader.changed(), Ok(true));
        assert_eq!(reader.changed(), Ok(false));
        log.record(run(1, 0)).unwrap();
        engine.arrive(&log);
        assert_eq!(reader.changed(), Ok(true));
        assert_eq!(reader.changed(), Ok(false));
    }
}

fn any_usage() -> impl Strategy<Value = Usage> {
    let counts = (proptest::option::of(0_u64..5000), proptest::option::of(0_u64..5000));
    let source = prop::sample::select(&UsageSource::ALL[..]);
    (counts, source).prop_map(|((prompt, completion), source)| Usage {
        source,
        prompt,
        completion,
        total: prompt.zip(completion).map(|(prompt, completion)| prompt + completion),
        ..usage(prompt.unwrap_or(0), completion.unwrap_or(0))
    })
}

/// Around the days on which the clocks of Europe, America and Lord Howe change, and a plain one.
pub(super) fn any_start() -> impl Strategy<Value = i64> {
    let days = ["2026-03-28", "2026-10-24", "2026-11-01", "2026-04-04", "2026-07-01"];
    let start = |day: &str| format!("{day}T00:00:00Z").parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let starts: Vec<i64> = days.into_iter().map(start).collect();
    (prop::sample::select(starts), 0..48 * 60 * MINUTE).prop_map(|(day, within)| day + within)
}

pub(super) fn any_run() -> impl Strategy<Value = RunRecord> {
    let model = || proptest::option::of("[ab]");
    let words = ("[xy]", prop::sample::select(&Provider::ALL[..]), model(), model(), "[pq]");
    let outcome = prop::sample::select(&Outcome::ALL[..]);
    let cost = proptest::option::of(0_i64..1 << 40);
    let time = || proptest::option::of((1_u64..9_000_000).prop_map(Duration::from_micros));
    (0_u128..1000, any_start(), words, outcome, any_usage(), (cost, time(), time())).prop_map(
        |(id, start, (connector, provider, asked, answered, user), outcome, usage, (cost, first_token, total))| {
            let mut record = run(id, start);
            (record.target.connector, record.target.provider) = (connector, provider);
            (record.target.requested_model, record.target.model, record.caller.user) = (asked, answered, user);
            (record.ending.outcome, record.usage) = (outcome, usage);
            (record.timing.first_token, record.timing.total) = (first_token, total);
            record.ending.error_kind = (outcome == Outcome::Error).then_some(ErrorKind::RateLimit);
            record.cost = cost.map(|nanos| Cost { amount: Usd::from_nanos(nanos), basis: CostBasis::Config });
            record
        },
    )
}

/// What a person would ask with `sqlite3`: a plain sum over the runs.
fn plain(path: &std::path::PathBuf, span: Span, by: &[Dimension]) -> BTreeMap<Vec<String>, Totals> {
    let columns: Vec<String> = by.iter().map(|dimension| format!("coalesce(\"{}\", '')", dimension.word())).collect();
    let keys = columns.iter().fold(String::new(), |keys, column| keys + ", " + column);
    let sql = format!(
        "SELECT count(*), sum(outcome = 'error'), sum(outcome = 'cancelled'), sum(usage_source = 'estimated'),
            sum(prompt), sum(completion), sum(total), sum(cached), sum(cache_write), sum(reasoning),
            sum(cost_nano_usd), count(cost_nano_usd),
            sum(cost_nano_usd IS NULL AND
                (coalesce(prompt, 0) > 0 OR coalesce(completion, 0) > 0 OR coalesce(total, 0) > 0 OR outcome = 'ok'))
            {keys}
        FROM run WHERE started_ms >= ?1 AND started_ms < ?2 {}",
        if by.is_empty() { String::new() } else { format!("GROUP BY {}", columns.join(", ")) }
    );
    let connection = sqlite(path);
    let mut statement = connection.prepare(&sql).unwrap();
    let rows = statement.query_map([span.from_ms, span.until_ms], |row| {
        let count = |at| row.get::<_, Option<i64>>(at).map(|count| u64::try_from(count.unwrap_or(0)).unwrap());
        let key = (13..13 + by.len()).map(|at| row.get(at)).collect::<Result<Vec<String>, _>>()?;
        let totals = Totals {
            runs: RunCounts { all: count(0)?, failed: count(1)?, cancelled: count(2)?, estimated: count(3)? },
            tokens: TokenSums {
                prompt: count(4)?,
                completion: count(5)?,
                total: count(6)?,
                cached: count(7)?,
                cache_write: count(8)?,
                reasoning: count(9)?,
            },
            cost: CostSum {
                known: Usd::from_nanos(row.get::<_, Option<i64>>(10)?.unwrap_or(0)),
                priced: count(11)?,
                unpriced: count(12)?,
            },
        };
        Ok((key, totals))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

/// Whether percentiles are those of the times of a column, within a bucket of the histogram.
fn are_those(found: Option<Percentiles>, path: &std::path::PathBuf, column: &str, span: Span) -> bool {
    let connection = sqlite(path);
    let sql =
        format!("SELECT {column} FROM run WHERE started_ms >= ?1 AND started_ms < ?2 AND {column} > 0 ORDER BY 1");
    let mut statement = connection.prepare(&sql).unwrap();
    let times = statement.query_map([span.from_ms, span.until_ms], |row| row.get::<_, u32>(0)).unwrap();
    let times: Vec<f64> = times.map(|time| f64::from(time.unwrap()) / 1e6).collect();
    let Some(found) = found else { return times.is_empty() };
    let near = |(percent, found): (usize, Duration)| {
        let truth = times[(times.len() * percent).div_ceil(100) - 1];
        (0.9999..=1.0906).contains(&(found.as_secs_f64() / truth))
    };
    found.count == times.len() as u64 && [(50, found.p50), (95, found.p95), (99, found.p99)].into_iter().all(near)
}

pub(super) fn zones() -> Vec<&'static str> {
    vec![
        "UTC",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "America/New_York",
        "Asia/Tokyo",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_span_grouping_bucket_and_zone_agrees_with_a_plain_sql_sum(
        runs in prop::collection::vec(any_run(), 0..60),
        ends in prop::collection::vec((any_start(), any_start()), 4),
        by in prop::sample::subsequence(Dimension::ALL.to_vec(), 0..=8),
        zone in prop::sample::select(zones()),
        bucket in prop::sample::select(&Bucket::ALL[..]),
    ) {
        let (_directory, path) = place();
        let log = EventLog::open(&path).unwrap();
        for record in &runs {
            log.record(record.clone()).unwrap();
        }
        log.flush().unwrap();
        let reader = Reader::open(&path).unwrap();
        let zone = calendar::zone(zone).unwrap();
        for (one, other) in ends {
            let asked = span(one.min(other), one.max(other));
            let found: BTreeMap<_, _> = reader.usage(&question(asked, by.clone())).unwrap()
                .into_iter().map(|group| (group.key, group.totals)).collect();
            prop_assert_eq!(&found, &plain(&path, asked, &by));
            // A year of hours is asked for elsewhere.
            let asked = if bucket == Bucket::Hour { span(asked.from_ms, asked.until_ms.min(asked.from_ms + 86_400_000 * 3)) } else { asked };
            let buckets = bucket.starts(asked, &zone).unwrap();
            let split = UsageQuestion { buckets: buckets.clone(), ..question(asked, by.clone()) };
            let mut in_buckets = BTreeMap::new();
            for group in reader.usage(&split).unwrap() {
                in_buckets.insert((group.bucket.unwrap(), group.key), group.totals);
            }
            let dashboard = reader.dashboard(&DashboardQuestion { connector: None, span: asked, buckets: buckets.clone(), now_ms: 0 }).unwrap();
            prop_assert_eq!(dashboard.total, plain(&path, asked, &[])[&Vec::new()]);
            for (at, start) in buckets.iter().enumerate() {
                let end = buckets.get(at + 1).copied().unwrap_or(i64::MAX);
                let window = span(asked.from_ms.max(*start), asked.until_ms.min(end));
                for (key, totals) in plain(&path, window, &by) {
                    prop_assert_eq!(in_buckets.get(&(*start, key)).copied().unwrap_or_default(), totals);
                }
                let point = &dashboard.series[at];
                let truth = plain(&path, window, &[])[&Vec::new()];
                prop_assert_eq!(point.totals, truth);
                prop_assert_eq!(point.failures.iter().map(|(_, runs)| runs).sum::<u64>(), truth.runs.failed);
                prop_assert!(are_those(point.latency.total, &path, "total_us", window));
                prop_assert!(are_those(point.latency.first_token, &path, "first_token_us", window));
            }
            prop_assert!(are_those(dashboard.latency.total, &path, "total_us", asked));
            for (dimension, rows) in &dashboard.tables {
                let truth = plain(&path, asked, &[*dimension]);
                for (word, totals) in rows {
                    prop_assert_eq!(truth.get(&vec![word.clone()]), Some(totals));
                }
            }
            let of_one = DashboardQuestion { connector: Some("x".to_owned()), span: asked, buckets, now_ms: 0 };
            let truth = plain(&path, asked, &[Dimension::Connector]).get(&vec!["x".to_owned()]).copied().unwrap_or_default();
            prop_assert_eq!(reader.dashboard(&of_one).unwrap().total, truth);
        }
    }
}
