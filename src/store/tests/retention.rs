//! What is dropped, and that sums and rows still agree.

use std::time::Duration;

use super::super::{EventLog, Reader, Retention};
use super::{place, rows, run, span, sqlite};
use crate::domain::{DashboardQuestion, RunFilter, UsageQuestion};

const DAY_MS: i64 = 86_400_000;

fn filled(path: &std::path::Path, days: i64, each: u32) {
    let log = EventLog::open(path).unwrap();
    for day in 0..days {
        for at in 0..each {
            let id = u128::from(day.unsigned_abs()) * 1000 + u128::from(at);
            log.record(run(id, day * DAY_MS + i64::from(at) * 60_000)).unwrap();
        }
        log.flush().unwrap();
    }
    log.close().unwrap();
}

fn agrees(path: &std::path::PathBuf) -> u64 {
    let reader = Reader::open(path).unwrap();
    let all = span(i64::MIN, i64::MAX);
    let question = UsageQuestion { span: all, filter: RunFilter::default(), by: Vec::new(), buckets: Vec::new() };
    let sum = reader.usage(&question).unwrap()[0].totals;
    let rows = u64::try_from(rows(path)).unwrap();
    let dashboard = DashboardQuestion { connector: None, span: all, buckets: vec![i64::MIN], now_ms: 0 };
    assert_eq!((sum.runs.all, reader.dashboard(&dashboard).unwrap().series[0].totals.runs.all), (rows, rows));
    let sums = ["usage_week", "usage_day", "usage_quarter"]
        .map(str::to_owned)
        .into_iter()
        .chain([900, 21_600, 86_400].map(|seconds| format!("series WHERE connector = '' AND seconds = {seconds}")));
    for table in sums {
        let sum = format!("SELECT sum(runs) FROM {table}");
        assert_eq!(
            sqlite(path).query_row(&sum, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs),
            Ok(rows),
            "{table}"
        );
    }
    rows
}

fn open(path: &std::path::Path, keep: Option<u64>, max_bytes: Option<u64>, now_ms: i64) {
    let keep = keep.map(|days| Duration::from_secs(days * 86_400));
    EventLog::open_with(path, Retention { keep, max_bytes, now_ms }, None).unwrap().close().unwrap();
}

#[test]
fn whole_days_that_are_too_old_go_with_their_sums() {
    let (_directory, path) = place();
    filled(&path, 10, 20);
    open(&path, Some(3), None, 9 * DAY_MS + 5);
    assert_eq!(agrees(&path), 4 * 20, "the day that is three days old is not yet old as a whole");
    let first: i64 = sqlite(&path).query_row("SELECT min(started_ms) FROM run", [], |row| row.get(0)).unwrap();
    assert_eq!(first, 6 * DAY_MS);
}

#[test]
fn a_clock_that_runs_ahead_does_not_empty_the_log() {
    let (_directory, path) = place();
    filled(&path, 10, 5);
    open(&path, Some(30), None, i64::MAX);
    assert_eq!(agrees(&path), 50);
    open(&path, None, None, i64::MAX);
    assert_eq!(agrees(&path), 50);
}

#[test]
fn the_oldest_days_go_while_the_file_is_too_large_and_the_newest_stays() {
    let (_directory, path) = place();
    filled(&path, 40, 60);
    open(&path, None, Some(150_000), 0);
    let left = agrees(&path);
    assert!((60..2400).contains(&left), "{left}");
    open(&path, None, Some(1), 0);
    assert_eq!(agrees(&path), 60);
}
