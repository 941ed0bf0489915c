//! Files of earlier versions become today's, whole or not at all.

use rusqlite::types::Value;

use super::super::schema::{APPLICATION_ID, V1, VERSION};
use super::super::{EventLog, Reader, sums};
use super::team::{link, nothing_waits, record, shared};
use super::{column, failed, place, rows, run, span, sqlite};
use crate::domain::calendar::{self, Bucket};
use crate::domain::{
    Dashboard, DashboardQuestion, Dimension, ErrorKind, RunFilter, RunRecord, UsageGroup, UsageQuestion,
};

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
fn whoever_first_reads_an_older_file_is_told_where_it_is_damaged() {
    let (_directory, path) = place();
    old(&path, 5000);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 40_000].fill(0xab);
    std::fs::write(&path, bytes).unwrap();
    let told = Reader::open(&path).and_then(|reader| reader.total(span(0, i64::MAX))).expect_err("it is damaged");
    assert!(told.to_string().contains("was damaged") && told.to_string().contains("damaged-1"), "{told}");
    assert!(Reader::open(&path).and_then(|reader| reader.total(span(0, i64::MAX))).is_ok(), "a new one was begun");
}

#[test]
fn a_file_of_version_1_keeps_every_run_and_its_sums() {
    let (_directory, path) = place();
    // More than one batch of the move.
    old(&path, 5000);
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

const HOUR_MS: i64 = 3_600_000;

/// Runs of some months, at most one an hour, so that an hour of them is a quarter of an hour as well.
fn months() -> Vec<RunRecord> {
    let one = |at: u8| {
        let start = i64::from(at) * 11 * HOUR_MS + i64::from(at % 4) * HOUR_MS / 4;
        let mut record = if at.is_multiple_of(3) { failed(at.into(), start) } else { run(at.into(), start) };
        record.target.connector = format!("c-{}", at % 2);
        if at.is_multiple_of(6) {
            record.ending.error_kind = Some(ErrorKind::Timeout);
        }
        record
    };
    (0..=u8::MAX).map(one).collect()
}

/// What takes the sums back to what they were before version 4: by the hour, and failures apart.
fn older(int: &str, blob: &str, table: &str) -> String {
    let columns = sums::COLUMNS.join(", ");
    let typed = sums::COLUMNS.map(|column| format!("{column} {int} NOT NULL")).join(", ");
    let rest = format!("{columns}, failed, cancelled, first_token, latency FROM newer WHERE seconds = 900;");
    let failures = |connector: &str| {
        format!(
            "INSERT INTO failure SELECT {connector}, slot, error_kind, sum(runs) FROM usage_quarter
            JOIN party ON party.id = party WHERE outcome = 'error' GROUP BY 1, 2, 3;"
        )
    };
    format!(
        "DROP TABLE usage_week; ALTER TABLE series RENAME TO newer;
        CREATE TABLE series (connector TEXT NOT NULL, seconds {int} NOT NULL, slot {int} NOT NULL, {typed},
            failed {int} NOT NULL, cancelled {int} NOT NULL, first_token {blob} NOT NULL, latency {blob} NOT NULL,
            PRIMARY KEY (connector, seconds, slot)){table};
        INSERT INTO series SELECT connector, 900, slot, {rest}
        INSERT INTO series SELECT connector, 3600, slot / 4, {rest}
        CREATE TABLE failure (connector TEXT NOT NULL, slot {int} NOT NULL, error_kind TEXT NOT NULL,
            runs {int} NOT NULL, PRIMARY KEY (connector, slot, error_kind)){table};
        {} {} DROP TABLE newer;",
        failures("''"),
        failures("connector")
    )
}

fn figures(reader: &Reader) -> (Dashboard, Vec<UsageGroup>) {
    let asked = span(5 * HOUR_MS + 7, 2700 * HOUR_MS + 11);
    let buckets = Bucket::Day.starts(asked, &calendar::zone("Asia/Kolkata").unwrap()).unwrap();
    let split = UsageQuestion {
        span: asked,
        filter: RunFilter::default(),
        by: vec![Dimension::Connector, Dimension::ErrorKind],
        buckets: buckets.clone(),
    };
    let dashboard = DashboardQuestion { connector: Some("c-1".to_owned()), span: asked, buckets, now_ms: 0 };
    (reader.dashboard(&dashboard).unwrap(), reader.usage(&split).unwrap())
}

#[test]
fn a_file_of_version_3_tells_the_same_figures_from_its_new_sums() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    for record in months() {
        log.record(record).unwrap();
    }
    log.close().unwrap();
    let before = figures(&Reader::open(&path).unwrap());
    assert!(before.0.total.runs.failed > 0 && before.0.latency.total.is_some());
    sqlite(&path).execute_batch(&older("INTEGER", "BLOB", " STRICT, WITHOUT ROWID")).unwrap();
    sqlite(&path).pragma_update(None, "user_version", 3).unwrap();
    // A command that only reads may be the first to come after an update.
    assert_eq!(figures(&Reader::open(&path).unwrap()), before);
    let names = "SELECT count(*) FROM sqlite_schema WHERE name IN ('failure', 'series_old')";
    assert_eq!(sqlite(&path).query_row(names, [], |row| row.get::<_, i64>(0)), Ok(0));
    let version: i64 = sqlite(&path).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, VERSION);
}

#[test]
fn a_team_s_log_of_version_1_becomes_today_s_and_is_closed_to_older_programs() {
    let Some(cluster) = shared() else { return };
    let name = cluster.database();
    let team = link(&cluster.url(&name));
    let (_directory, path) = place();
    record(&path, &team, months()).close().unwrap();
    nothing_waits(&path);
    let reader = || Reader::open_with(&path, Some(team.clone())).unwrap();
    let before = figures(&reader());
    cluster.sql(&name, &format!("SET ROLE ops; {}", older("BIGINT", "BYTEA", "")));
    cluster.sql(&name, "UPDATE switchboard_log SET version = 1");
    // Many come at once after an update.
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4).map(|_| scope.spawn(|| figures(&reader()))).collect();
        for asked in asking {
            assert_eq!(asked.join().unwrap(), before);
        }
    });
    assert_eq!(reader().notice(), None);
    assert_eq!(cluster.sql(&name, "SELECT version FROM switchboard_log"), "2");
    let as_before = "SELECT is_nullable, column_default IS NULL FROM information_schema.columns
        WHERE table_name = 'series' AND column_name = 'failures'";
    assert_eq!(cluster.sql(&name, as_before), "NO|t", "a row of an older program lacks it and is refused");
    record(&path, &team, [run(1000, 0)]).close().unwrap();
    nothing_waits(&path);
}
