//! Figures: equal to a plain sum over the runs, and not dearer with the years.

use std::collections::HashMap;

use proptest::prelude::*;

use super::super::reader::{RECENT, sums_sql};
use super::super::{EventLog, GroupBy, GroupKey, Reader};
use super::{failed, place, run, sqlite, usage};
use crate::domain::{Outcome, Provider, RunCounts, RunRecord, TokenSums, Totals, Usage, UsageSource};

const MINUTE: i64 = 60_000;

#[test]
fn the_summary_gives_today_and_the_last_sixty_minutes() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
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
    log.flush().unwrap();

    let summary = Reader::open(&path).unwrap().summary(now, midnight).unwrap();
    let tokens = TokenSums { prompt: 118, completion: 16, total: 134, cached: 8, cache_write: 0, reasoning: 2 };
    assert_eq!(summary.today.runs, RunCounts { all: 4, failed: 1, cancelled: 1, estimated: 1 });
    assert_eq!(summary.today.tokens, tokens);
    assert_eq!(summary.per_minute.len(), 60);
    assert_eq!((summary.per_minute[0], summary.per_minute[59]), (110, 12));
    assert_eq!(summary.per_minute.iter().sum::<u64>(), 122);
}

#[test]
fn groups_come_with_the_most_tokens_first_and_a_nameless_model_as_none() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    let mut nameless = failed(1, 0);
    nameless.target.requested_model = None;
    log.record(nameless).unwrap();
    log.record(failed(2, 0)).unwrap();
    log.record(run(3, 0)).unwrap();
    log.flush().unwrap();
    let groups = Reader::open(&path).unwrap().totals(0, MINUTE, &[GroupBy::Model]).unwrap();
    let models: Vec<_> = groups.into_iter().map(|(key, totals)| (key.model, totals.runs.all)).collect();
    let named = |model: &str| Some(model.to_owned());
    assert_eq!(models, [(named("gpt-4.1-2025-04-14"), 1), (None, 1), (named("gpt"), 1)]);
}

#[test]
fn extreme_spans_do_not_overflow() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    log.record(run(1, -1)).unwrap();
    log.record(run(2, i64::MAX)).unwrap();
    log.flush().unwrap();
    let reader = Reader::open(&path).unwrap();
    let runs = |from, to| reader.total(from, to).unwrap().runs.all;
    assert_eq!(runs(i64::MIN, i64::MAX), 1);
    assert_eq!(runs(i64::MAX, i64::MIN), 0);
    assert_eq!(runs(-1, 0), 1);
    assert_eq!(reader.summary(i64::MIN, i64::MAX).unwrap().today.runs.all, 0);
    assert_eq!(reader.summary(i64::MAX, i64::MIN).unwrap().per_minute.len(), 60);
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
    let today = plan(&path, &sums_sql(""), 6);
    let searches = |steps: &[String], what: &str| steps.iter().filter(|step| step.contains(what)).count();
    assert_eq!(searches(&today, "SEARCH usage_minute USING PRIMARY KEY (minute>? AND minute<?)"), 1, "{today:?}");
    assert_eq!(searches(&today, "SEARCH run USING INDEX run_by_start (started_ms>? AND started_ms<?)"), 2, "{today:?}");
    assert_eq!(searches(&today, "SCAN run") + searches(&today, "SCAN usage_minute"), 0, "{today:?}");
    let recent = plan(&path, RECENT, 2);
    assert_eq!(recent, ["SEARCH usage_minute USING PRIMARY KEY (minute>? AND minute<?)"]);
}

#[test]
fn a_reader_notices_what_others_write() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.changed(), Ok(true));
    assert_eq!(reader.changed(), Ok(false));
    log.record(run(1, 0)).unwrap();
    log.flush().unwrap();
    assert_eq!(reader.changed(), Ok(true));
    assert_eq!(reader.changed(), Ok(false));
}

fn any_usage() -> impl Strategy<Value = Usage> {
    let counts = (proptest::option::of(0_u64..5000), proptest::option::of(0_u64..5000));
    let source = prop_oneof![Just(UsageSource::Reported), Just(UsageSource::Estimated), Just(UsageSource::None)];
    (counts, source).prop_map(|((prompt, completion), source)| Usage {
        source,
        prompt,
        completion,
        total: prompt.zip(completion).map(|(prompt, completion)| prompt + completion),
        ..usage(prompt.unwrap_or(0), completion.unwrap_or(0))
    })
}

fn any_run() -> impl Strategy<Value = RunRecord> {
    let outcome = prop_oneof![Just(Outcome::Ok), Just(Outcome::Error), Just(Outcome::Cancelled)];
    let model = || proptest::option::of("[ab]");
    (
        0_u128..60,
        0..5 * MINUTE,
        "[xy]",
        prop::sample::select(&Provider::ALL[..]),
        model(),
        model(),
        outcome,
        any_usage(),
    )
        .prop_map(|(id, start, connector, provider, asked, answered, outcome, usage)| {
            let mut record = run(id, start);
            (record.target.connector, record.target.provider, record.target.requested_model) =
                (connector, provider, asked);
            (record.target.model, record.ending.outcome, record.usage) = (answered, outcome, usage);
            record
        })
}

fn plain_sum(totals: &mut Totals, record: &RunRecord) {
    let usage = &record.usage;
    totals.runs.all += 1;
    totals.runs.failed += u64::from(record.ending.outcome == Outcome::Error);
    totals.runs.cancelled += u64::from(record.ending.outcome == Outcome::Cancelled);
    totals.tokens.prompt += usage.prompt.unwrap_or(0);
    totals.tokens.completion += usage.completion.unwrap_or(0);
    totals.tokens.total += usage.total.unwrap_or(0);
    totals.tokens.cached += usage.cached.unwrap_or(0);
    totals.tokens.reasoning += usage.reasoning.unwrap_or(0);
    totals.runs.estimated += u64::from(usage.source == UsageSource::Estimated);
}

fn plain_groups(runs: &[RunRecord], from: i64, to: i64, by: &[GroupBy]) -> HashMap<GroupKey, Totals> {
    let mut seen = std::collections::HashSet::new();
    let mut groups = HashMap::new();
    for record in runs.iter().filter(|record| seen.insert(record.id)) {
        if (from..to).contains(&record.started_at_ms) {
            let asked = |group, value: Option<String>| value.filter(|_| by.contains(&group));
            let key = GroupKey {
                connector: asked(GroupBy::Connector, Some(record.target.connector.clone())),
                model: asked(GroupBy::Model, record.target.model.clone().or(record.target.requested_model.clone())),
                provider: asked(GroupBy::Provider, Some(record.target.provider.word().to_owned())),
            };
            plain_sum(groups.entry(key).or_default(), record);
        }
    }
    groups
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_span_and_grouping_agrees_with_a_plain_sum(
        runs in prop::collection::vec(any_run(), 0..60),
        spans in prop::collection::vec((0..5 * MINUTE, 0..6 * MINUTE), 8),
        by in prop::sample::subsequence(vec![GroupBy::Connector, GroupBy::Model, GroupBy::Provider], 1..=3),
    ) {
        let (_directory, path) = place();
        let log = EventLog::open(&path).unwrap();
        for record in &runs {
            log.record(record.clone()).unwrap();
        }
        log.flush().unwrap();
        let reader = Reader::open(&path).unwrap();
        for (from, to) in spans {
            let found: HashMap<_, _> = reader.totals(from, to, &by).unwrap().into_iter().collect();
            prop_assert_eq!(found, plain_groups(&runs, from, to, &by));
            let all = plain_groups(&runs, from, to, &[]).into_values().next().unwrap_or_default();
            prop_assert_eq!(reader.total(from, to).unwrap(), all);
        }
    }
}
