//! The event log, tried on real files.

mod cluster;
mod opening;
mod processes;
mod retention;
mod sums;
mod team;
mod trouble;
mod upgrade;

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use super::{EventLog, row};
use crate::domain::{
    Caller, Ending, EndpointKind, ErrorKind, Outcome, Provider, RunId, RunRecord, RunTarget, Source, Span, Timing,
    Traffic, Usage, UsageSource,
};

/// A directory of its own, and the log's path in it.
fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("state").join("events.db");
    (directory, path)
}

fn usage(prompt: u64, completion: u64) -> Usage {
    Usage {
        prompt: Some(prompt),
        completion: Some(completion),
        total: Some(prompt + completion),
        cached: Some(prompt / 2),
        cache_write: None,
        reasoning: Some(completion / 2),
        stated_cost: None,
        source: UsageSource::Reported,
    }
}

fn run(id: u128, started_at_ms: i64) -> RunRecord {
    RunRecord {
        id: RunId::from_u128(id),
        started_at_ms,
        target: RunTarget {
            connector: "azure-prod".to_owned(),
            provider: Provider::AzureOpenAi,
            endpoint: Some(EndpointKind::ChatCompletions),
            host: "acme.openai.azure.com".to_owned(),
            requested_model: Some("gpt".to_owned()),
            model: Some("gpt-4.1-2025-04-14".to_owned()),
        },
        caller: Caller { source: Source::Screen, user: "ops".to_owned(), machine: "bastion".to_owned() },
        ending: Ending {
            outcome: Outcome::Ok,
            http_status: Some(200),
            error_kind: None,
            finish_reason: Some("stop".to_owned()),
            request_id: Some("req_1".to_owned()),
            attempts: 1,
        },
        usage: usage(9, 3),
        cost: None,
        timing: Timing { total: Some(Duration::from_micros(80_123)), ..Timing::default() },
        traffic: Traffic::default(),
    }
}

fn failed(id: u128, started_at_ms: i64) -> RunRecord {
    let mut record = run(id, started_at_ms);
    record.ending.outcome = Outcome::Error;
    record.ending.error_kind = Some(ErrorKind::Auth);
    record.ending.http_status = Some(401);
    record.target.model = None;
    record.usage = Usage::default();
    record
}

fn span(from_ms: i64, until_ms: i64) -> Span {
    Span { from_ms, until_ms }
}

fn sqlite(path: &PathBuf) -> Connection {
    Connection::open(path).expect("a database")
}

fn rows(path: &PathBuf) -> i64 {
    sqlite(path).query_row("SELECT count(*) FROM run", [], |row| row.get(0)).expect("a count")
}

fn column(path: &PathBuf, id: u128, name: &str) -> Value {
    let sql = format!("SELECT {name} FROM run WHERE id = lower(hex(?1))");
    sqlite(path).query_row(&sql, [row::key(RunId::from_u128(id))], |row| row.get(0)).expect("a row")
}

#[test]
fn a_run_is_kept_with_what_is_known_and_null_for_the_rest() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    log.record(run(7, 60_000)).unwrap();
    log.close().unwrap();
    let expected = [
        ("started_ms", Value::Integer(60_000)),
        ("connector", Value::Text("azure-prod".to_owned())),
        ("provider", Value::Text("azure-openai".to_owned())),
        ("endpoint", Value::Text("chat-completions".to_owned())),
        ("host", Value::Text("acme.openai.azure.com".to_owned())),
        ("requested_model", Value::Text("gpt".to_owned())),
        ("model", Value::Text("gpt-4.1-2025-04-14".to_owned())),
        ("source", Value::Text("screen".to_owned())),
        ("outcome", Value::Text("ok".to_owned())),
        ("http_status", Value::Integer(200)),
        ("error_kind", Value::Null),
        ("request_id", Value::Text("req_1".to_owned())),
        ("finish_reason", Value::Text("stop".to_owned())),
        ("attempts", Value::Integer(1)),
        ("prompt", Value::Integer(9)),
        ("completion", Value::Integer(3)),
        ("total", Value::Integer(12)),
        ("cached", Value::Integer(4)),
        ("cache_write", Value::Null),
        ("reasoning", Value::Integer(1)),
        ("usage_source", Value::Text("reported".to_owned())),
        ("dns_us", Value::Null),
        ("total_us", Value::Integer(80_123)),
    ];
    for (name, value) in expected {
        assert_eq!(column(&path, 7, name), value, "{name}");
    }
}

#[test]
fn each_time_lands_in_its_own_column() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    let mut record = run(1, 0);
    let at = |micros| Some(Duration::from_micros(micros));
    record.timing = Timing {
        queue: at(1),
        dns: at(2),
        connect: at(3),
        tls: at(4),
        first_byte: at(5),
        first_token: at(6),
        first_answer: None,
        last_token: at(8),
        total: at(9),
    };
    log.record(record).unwrap();
    log.close().unwrap();
    let names = ["queue", "dns", "connect", "tls", "first_byte", "first_token", "last_token", "total"];
    for (micros, name) in [1, 2, 3, 4, 5, 6, 8, 9].into_iter().zip(names) {
        assert_eq!(column(&path, 1, &format!("{name}_us")), Value::Integer(micros), "{name}");
    }
}

#[test]
fn a_failure_leaves_its_kind_and_status_but_none_of_its_words() {
    let (directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    log.record(failed(1, 0)).unwrap();
    log.flush().unwrap();
    assert_eq!(column(&path, 1, "error_kind"), Value::Text("auth".to_owned()));
    assert_eq!(column(&path, 1, "http_status"), Value::Integer(401));
    assert_eq!(column(&path, 1, "prompt"), Value::Null);
    for file in std::fs::read_dir(directory.path().join("state")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(memchr::memmem::find(&bytes, b"canary").is_none());
    }
}

#[test]
fn a_run_recorded_twice_counts_once_and_keeps_its_first_figures() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    let mut again = run(1, 0);
    again.usage = usage(1000, 1000);
    log.record(run(1, 0)).unwrap();
    log.flush().unwrap();
    log.record(again).unwrap();
    log.record(run(1, 0)).unwrap();
    log.close().unwrap();
    assert_eq!(rows(&path), 1);
    let total = super::Reader::open(&path).unwrap().total(span(0, 60_000)).unwrap();
    assert_eq!((total.runs.all, total.tokens.total), (1, 12));
}

#[test]
fn names_from_a_server_are_cut_and_cleaned_and_impossible_counts_are_unknown() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    let mut record = run(1, 0);
    record.target.model = Some(format!("\u{1b}[2Jevil{}", "x".repeat(10_000)));
    record.usage.prompt = Some(u64::MAX);
    record.usage.total = Some(1 << 54);
    log.record(record).unwrap();
    log.close().unwrap();
    let Value::Text(model) = column(&path, 1, "model") else { panic!("a model's name is text") };
    assert!(model.len() < 300 && !model.contains('\u{1b}'), "{model}");
    assert_eq!(column(&path, 1, "prompt"), Value::Null);
    assert_eq!(column(&path, 1, "total"), Value::Null);
    let total = super::Reader::open(&path).unwrap().total(span(0, 60_000)).unwrap();
    assert_eq!((total.tokens.prompt, total.tokens.completion, total.tokens.total), (0, 3, 0));
}

#[test]
fn the_last_handle_that_goes_writes_what_waits() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    let other = log.clone();
    for id in 0..100 {
        log.record(run(id, 0)).unwrap();
    }
    drop(log);
    other.record(run(100, 0)).unwrap();
    drop(other);
    assert_eq!(rows(&path), 101);
}

#[test]
fn a_closed_log_refuses_and_says_so() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    let other = log.clone();
    log.close().unwrap();
    let refused = other.record(run(1, 0)).unwrap_err();
    assert!(refused.to_string().contains("closed"), "{refused}");
    assert_eq!(other.flush(), Ok(()));
    assert!(other.problem().unwrap().contains("1 runs were not recorded"));
}
