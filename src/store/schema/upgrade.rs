//! From version 1, which kept words in every row and sums by the minute, to version 2; and from the sums of that, which
//! were by the quarter, the hour and the day, to those of version 4.

use std::time::Duration;

use rusqlite::Transaction;
use rusqlite::types::{Value, ValueRef};

use crate::domain::{
    Caller, Ending, EndpointKind, ErrorKind, Outcome, Provider, RunId, RunRecord, RunTarget, Source, Timing, Traffic,
    Usage, UsageSource,
};
use crate::store::ledger::{Delta, Ledger, SERIES_MS};
use crate::store::sql::{Row, Sql, SqlError, text};
use crate::store::sums::{self, Sums};

const OLD: &str = "
SELECT id, started_ms, connector, provider, endpoint, host, requested_model, model, source, outcome, http_status,
    error_kind, request_id, finish_reason, attempts, prompt, completion, total, cached, cache_write, reasoning,
    usage_source, queue_us, dns_us, connect_us, tls_us, first_byte_us, first_token_us, first_answer_us, last_token_us,
    total_us
FROM run_v1 WHERE id > $1 ORDER BY id LIMIT 4096";

/// Moves every row, in the transaction it is given: a file is of one version or of the other.
pub(super) fn to_2(transaction: &Transaction<'_>) -> Result<(), SqlError> {
    transaction.execute_batch("ALTER TABLE run RENAME TO run_v1; DROP TABLE usage_minute; DROP INDEX run_by_start;")?;
    // Sums are written as today's ledger writes them, so the tables are today's as well.
    transaction.execute_batch(&(super::file_words(super::TABLES) + &super::file_words(super::ROLL_UPS)))?;
    let mut ledger = Ledger::default();
    let mut after = Vec::new();
    loop {
        let (mut batch, mut read) = (Vec::new(), 0_usize);
        let sql: &dyn Sql = &**transaction;
        sql.query(OLD, &[Value::Blob(after.clone())], &mut |row| {
            after = row.blob(0).to_vec();
            batch.extend(record(row));
            read += 1;
        })?;
        if read == 0 {
            break;
        }
        ledger.add(sql, &batch)?;
    }
    transaction.execute_batch("DROP TABLE run_v1;")?;
    Ok(transaction.execute_batch(&super::view())?)
}

/// Adds weeks, six hours and days, and moves failures to the rows of their time.
pub(super) fn to_4(transaction: &Transaction<'_>) -> Result<(), SqlError> {
    let weeks = "SELECT count(*) FROM sqlite_schema WHERE name = 'usage_week'";
    // A file of version 1 has just been given them.
    if transaction.query_row(weeks, [], |row| row.get::<_, i64>(0))? > 0 {
        return Ok(());
    }
    transaction.execute_batch(SET_ASIDE)?;
    transaction.execute_batch(&super::file_words(super::ROLL_UPS))?;
    roll_up(&**transaction)?;
    Ok(transaction.execute_batch(FORGET)?)
}

/// Before [`roll_up`].
pub(in crate::store) const SET_ASIDE: &str = "ALTER TABLE series RENAME TO series_old;";
/// After it.
pub(in crate::store) const FORGET: &str = "DROP TABLE series_old; DROP TABLE failure;";

const HOURS: &str = "
SELECT connector, slot, failed, cancelled, first_token, latency, {sums} FROM series_old
WHERE seconds = 3600 AND (connector, slot) > ($1, $2) ORDER BY connector, slot LIMIT 4096";

const FAILURES: &str = "
SELECT connector, slot, error_kind, runs FROM failure
WHERE (connector, slot, error_kind) > ($1, $2, $3) ORDER BY connector, slot, error_kind LIMIT 4096";

/// Fills the tables of version 4 from those before.
pub(in crate::store) fn roll_up(sql: &dyn Sql) -> Result<(), SqlError> {
    let columns = sums::COLUMNS.join(", ");
    let weeks = format!(
        "INSERT INTO usage_week (slot, party, {columns})
        SELECT CASE WHEN slot < 0 THEN (slot - 6) / 7 ELSE slot / 7 END AS week, party, {} FROM usage_day
        GROUP BY week, party",
        sums::summed()
    );
    sql.execute(&weeks, &[])?;
    let quarters = format!(
        "INSERT INTO series (connector, seconds, slot, {columns}, failed, cancelled, first_token, latency, failures)
        SELECT connector, seconds, slot, {columns}, failed, cancelled, first_token, latency, '' FROM series_old
        WHERE seconds = 900"
    );
    sql.execute(&quarters, &[])?;
    let [quarter, six, day] = SERIES_MS;
    in_pages(sql, &HOURS.replace("{sums}", &columns), [text(""), i64::MIN.into()], &|delta, row| {
        delta.points(row.text(0), row.number(1).saturating_mul(4 * quarter), &[six, day], |point| {
            point.failed += row.number(2);
            point.cancelled += row.number(3);
            point.first_token.add(row.blob(4), 1);
            point.latency.add(row.blob(5), 1);
            point.sums.add(&Sums::read(row, 6));
        });
    })?;
    in_pages(sql, FAILURES, [text(""), i64::MIN.into(), text("")], &|delta, row| {
        delta.points(row.text(0), row.number(1).saturating_mul(quarter), &SERIES_MS, |point| {
            point.failures.count(row.text(2), row.number(3));
        });
    })
}

/// Adds up a table page by page. The first columns of the question are its key, which is asked for from `after` on.
fn in_pages<const KEY: usize>(
    sql: &dyn Sql,
    question: &str,
    mut after: [Value; KEY],
    add: &dyn Fn(&mut Delta, &Row<'_>),
) -> Result<(), SqlError> {
    loop {
        let (mut delta, mut read) = (Delta::default(), 0_usize);
        sql.query(question, &after.clone(), &mut |row| {
            for (at, key) in after.iter_mut().enumerate() {
                *key = match row.value(at) {
                    ValueRef::Integer(number) => number.into(),
                    ValueRef::Text(_) | ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => text(row.text(at)),
                };
            }
            add(&mut delta, row);
            read += 1;
        })?;
        if read == 0 {
            return Ok(());
        }
        delta.write(sql)?;
    }
}

/// A row of version 1. One that no version ever wrote is left behind.
fn record(row: &Row<'_>) -> Option<RunRecord> {
    let id = <[u8; 16]>::try_from(row.blob(0)).ok()?;
    let words = |at| Some(row.text(at)).filter(|text| !text.is_empty()).map(str::to_owned);
    let small = |at| row.known(at).and_then(|number| u16::try_from(number).ok());
    Some(RunRecord {
        id: RunId::from_u128(u128::from_be_bytes(id)),
        started_at_ms: row.number(1),
        target: RunTarget {
            connector: row.text(2).to_owned(),
            provider: Provider::ALL.into_iter().find(|provider| provider.word() == row.text(3))?,
            endpoint: EndpointKind::ALL.into_iter().find(|kind| kind.word() == row.text(4)),
            host: row.text(5).to_owned(),
            requested_model: words(6),
            model: words(7),
        },
        caller: Caller {
            source: Source::ALL.into_iter().find(|source| source.word() == row.text(8))?,
            user: String::new(),
            machine: String::new(),
        },
        ending: Ending {
            outcome: Outcome::ALL.into_iter().find(|outcome| outcome.word() == row.text(9))?,
            http_status: small(10),
            error_kind: ErrorKind::ALL.into_iter().find(|kind| kind.word() == row.text(11)),
            finish_reason: words(13),
            request_id: words(12),
            attempts: small(14).unwrap_or(0).into(),
        },
        usage: usage(row),
        cost: None,
        timing: timing(row),
        traffic: Traffic::default(),
    })
}

fn usage(row: &Row<'_>) -> Usage {
    let tokens = |at| row.known(at).and_then(|count| u64::try_from(count).ok());
    Usage {
        prompt: tokens(15),
        completion: tokens(16),
        total: tokens(17),
        cached: tokens(18),
        cache_write: tokens(19),
        reasoning: tokens(20),
        stated_cost: None,
        source: UsageSource::ALL.into_iter().find(|source| source.word() == row.text(21)).unwrap_or_default(),
    }
}

fn timing(row: &Row<'_>) -> Timing {
    let time = |at| row.known(at).and_then(|micros| u64::try_from(micros).ok()).map(Duration::from_micros);
    Timing {
        queue: time(22),
        dns: time(23),
        connect: time(24),
        tls: time(25),
        first_byte: time(26),
        first_token: time(27),
        first_answer: time(28),
        last_token: time(29),
        total: time(30),
    }
}
