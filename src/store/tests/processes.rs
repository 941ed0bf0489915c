//! Several processes on one file, and a process that is killed. Each child is this test binary again,
//! told by a variable of its environment to run one test as the child it describes.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::super::{EventLog, Reader};
use super::{place, rows, run, span, sqlite};
use crate::domain::DashboardQuestion;

const PATH: &str = "SWITCHBOARD_STORE_TEST_PATH";
const NUMBER: &str = "SWITCHBOARD_STORE_TEST_NUMBER";
const RUNS: u32 = 300;

/// Starts this binary as the child that the named test describes.
fn child(test: &str, path: &PathBuf, number: u32) -> Child {
    let name = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(PATH, path)
        .env(NUMBER, number.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child was told; `None` in an ordinary run of the tests.
fn told() -> Option<(PathBuf, u32)> {
    let path = std::env::var_os(PATH)?;
    let number = std::env::var(NUMBER).ok()?.parse().ok()?;
    Some((PathBuf::from(path), number))
}

fn id(number: u32, run: u32) -> u128 {
    u128::from(number) << 64 | u128::from(run)
}

#[test]
fn child_that_records_its_share() {
    let Some((path, number)) = told() else { return };
    let log = EventLog::open(&path).unwrap();
    for at in 0..RUNS {
        log.record(run(id(number, at), i64::from(at) * 1000)).unwrap();
        if at % 10 == 0 {
            log.flush().unwrap();
        }
    }
    log.close().unwrap();
}

#[test]
fn processes_that_write_at_once_lose_nothing_and_meet_no_lock() {
    let (_directory, path) = place();
    let children: Vec<_> = (1..=4).map(|number| child("child_that_records_its_share", &path, number)).collect();
    let reader = Reader::open(&path).unwrap();
    let mut seen = 0;
    for mut child in children {
        while child.try_wait().unwrap().is_none() {
            let runs = reader.total(super::span(0, i64::MAX)).unwrap().runs.all;
            assert!(runs >= seen, "{runs} runs after {seen}");
            seen = runs;
            thread::yield_now();
        }
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let total = reader.total(super::span(0, i64::MAX)).unwrap();
    let runs = u64::from(4 * RUNS);
    assert_eq!((total.runs.all, total.tokens.total), (runs, runs * 12));
    assert_eq!(rows(&path), i64::from(4 * RUNS));
}

/// How long writers and a reader meet: a minute where nothing may be left out.
fn meeting() -> Duration {
    let thorough = std::env::var_os("SWITCHBOARD_TEST_REQUIRE").is_some_and(|value| !value.is_empty());
    Duration::from_secs(if thorough { 60 } else { 2 })
}

#[test]
fn child_that_records_for_the_meeting() {
    let Some((path, number)) = told() else { return };
    let log = EventLog::open(&path).unwrap();
    let begun = Instant::now();
    let mut recorded = 0;
    while begun.elapsed() < meeting() {
        log.record(run(id(number, recorded), i64::from(recorded) * 100)).unwrap();
        recorded += 1;
        // One by one and in batches, as a screen and a load test write.
        if recorded % 7 == 0 {
            log.flush().unwrap();
        }
    }
    log.close().unwrap();
    println!("\nrecorded {recorded}");
}

#[test]
fn two_processes_that_write_and_one_that_reads_lose_nothing_and_meet_no_lock() {
    let (_directory, path) = place();
    let children: Vec<_> = (1..=2).map(|number| child("child_that_records_for_the_meeting", &path, number)).collect();
    let reader = Reader::open(&path).unwrap();
    let question = DashboardQuestion { connector: None, span: span(0, i64::MAX), buckets: vec![0], now_ms: 0 };
    let (mut seen, mut recorded) = (0, 0);
    for mut child in children {
        let out = child.stdout.take().unwrap();
        let waiting = thread::spawn(move || std::io::read_to_string(out).unwrap());
        while child.try_wait().unwrap().is_none() {
            // Every way to read, each of which would say that the database is locked.
            reader.changed().unwrap();
            let dashboard = reader.dashboard(&question).unwrap();
            assert!(dashboard.total.runs.all >= seen, "{} runs after {seen}", dashboard.total.runs.all);
            seen = dashboard.total.runs.all;
            thread::yield_now();
        }
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told = waiting.join().unwrap();
        let count = told.lines().find_map(|line| line.strip_prefix("recorded ")?.parse::<u64>().ok());
        recorded += count.unwrap_or_else(|| panic!("{told}"));
    }
    assert!(recorded > 100, "{recorded}");
    let total = reader.total(span(0, i64::MAX)).unwrap();
    assert_eq!((total.runs.all, total.tokens.total), (recorded, recorded * 12));
    assert_eq!(rows(&path), i64::try_from(recorded).unwrap());
}

#[test]
fn logs_of_one_process_share_a_file_too() {
    let (_directory, path) = place();
    thread::scope(|scope| {
        for number in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let log = EventLog::open(path).unwrap();
                for at in 0..RUNS {
                    log.record(run(id(number, at), 0)).unwrap();
                }
                log.close().unwrap();
            });
        }
    });
    assert_eq!(Reader::open(&path).unwrap().total(super::span(0, 1)).unwrap().runs.all, u64::from(4 * RUNS));
}

#[test]
fn child_that_records_until_it_is_killed() {
    let Some((path, number)) = told() else { return };
    let log = EventLog::open(&path).unwrap();
    let mut out = std::io::stdout();
    for at in 0.. {
        log.record(run(id(number, at), 0)).unwrap();
        log.flush().unwrap();
        writeln!(out, "\nrecorded {at}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_process_costs_no_run_that_was_flushed() {
    let (_directory, path) = place();
    for number in 1..=5 {
        let mut child = child("child_that_records_until_it_is_killed", &path, number);
        let mut told = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap)
            .filter_map(|line| line.strip_prefix("recorded ").map(|at| at.parse::<u32>().unwrap()));
        let early = told.by_ref().take(30 + 7 * usize::try_from(number).unwrap()).count();
        child.kill().unwrap();
        let late = told.count();
        child.wait().unwrap();
        let flushed = i64::try_from(early + late).unwrap();
        assert!(early > 30, "the child ended by itself");
        kept(&path, number, flushed);
    }
    let log = EventLog::open(&path).unwrap();
    assert_eq!(log.notice(), None);
}

/// The first `flushed` runs of the child are there, the file is whole, and the sums agree with the rows.
fn kept(path: &PathBuf, number: u32, flushed: i64) {
    let connection = sqlite(path);
    let bounds = [id(number, 0), id(number, u32::try_from(flushed).unwrap())].map(|id| format!("{id:032x}"));
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let found: i64 =
        connection.query_row("SELECT count(*) FROM run WHERE id >= ?1 AND id < ?2", bounds, |row| row.get(0)).unwrap();
    assert_eq!(found, flushed);
    assert_eq!(count("SELECT count(*) FROM run"), count("SELECT sum(runs) FROM usage_quarter"));
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}
