//! Files of earlier versions become today's, whole or not at all.

use rusqlite::types::Value;

use super::super::schema::{APPLICATION_ID, V1, VERSION};
use super::super::{EventLog, Reader};
use super::{column, place, rows, span, sqlite};
use crate::domain::{Dimension, RunFilter, UsageQuestion};

const ROW: &str = "
INSERT INTO run VALUES (?1, ?2, ?3, 'azure-openai', 'chat-completions', 'acme.openai.azure.com', 'gpt', ?4, 'screen', ?5,
    200, ?6, 'req_0123456789abcdef0123456789abcdef', 'stop', 1, ?7, 3, 12, NULL, NULL, 1, 'reported',
    1, 2, 3, 4, 5, 6, 7, 8, 80123)";

/// A file as version 1 wrote it, with so many runs: every tenth failed, and nobody knows its tokens.
fn old(path: &std::path::PathBuf, runs: u16) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = sqlite(path);
    connection.execute_batch(V1).unwrap();
    connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    let transaction = connection.unchecked_transaction().unwrap();
    for number in 0..runs {
        let failed = number % 10 == 0;
        let values: [Value; 7] = [
            u128::from(number).to_be_bytes().to_vec().into(),
            (i64::from(number) * 100_000).into(),
            format!("c-{}", number % 3).into(),
            if failed { Value::Null } else { "gpt-4.1".to_owned().into() },
            if failed { "error" } else { "ok" }.to_owned().into(),
            if failed { "auth".to_owned().into() } else { Value::Null },
            if failed { Value::Null } else { 9.into() },
        ];
        transaction.execute(ROW, rusqlite::params_from_iter(values)).unwrap();
    }
    transaction.commit().unwrap();
}

#[test]
fn a_file_of_version_1_keeps_every_run_and_its_sums() {
    let (_directory, path) = place();
    // More than one batch of the move.
    old(&path, 5000);
    assert_eq!(Reader::open(&path).unwrap().total(span(0, i64::MAX)).unwrap().runs.all, 0, "an older file is not read");
    EventLog::open(&path).unwrap().close().unwrap();
    assert_eq!(rows(&path), 5000);
    let expected = [
        ("started_ms", Value::Integer(100_000)),
        ("connector", Value::Text("c-1".to_owned())),
        ("model", Value::Text("gpt-4.1".to_owned())),
        ("request_id", Value::Text("req_0123456789abcdef0123456789abcdef".to_owned())),
        ("prompt", Value::Integer(9)),
        ("cached", Value::Null),
        ("cost_nano_usd", Value::Null),
        ("user", Value::Text(String::new())),
        ("last_token_us", Value::Integer(8)),
        ("total_us", Value::Integer(80_123)),
    ];
    for (name, value) in expected {
        assert_eq!(column(&path, 1, name), value, "{name}");
    }
    let question = UsageQuestion {
        span: span(0, i64::MAX),
        filter: RunFilter::default(),
        by: vec![Dimension::Outcome],
        buckets: Vec::new(),
    };
    let groups = Reader::open(&path).unwrap().usage(&question).unwrap();
    let told: Vec<_> =
        groups.iter().map(|group| (group.key.concat(), group.totals.runs.all, group.totals.tokens.prompt)).collect();
    assert_eq!(told, [("ok".to_owned(), 4500, 40_500), ("error".to_owned(), 500, 0)]);
}

#[test]
fn a_move_that_fails_leaves_the_old_file_as_it_was() {
    let (_directory, path) = place();
    old(&path, 20);
    sqlite(&path).execute_batch("CREATE TABLE party (theirs)").unwrap();
    EventLog::open(&path).unwrap_err();
    let version: i64 = sqlite(&path).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!((version, rows(&path)), (1, 20));
    assert!(version < VERSION);
}
