//! From version 1, which kept words in every row and sums by the minute, to version 2.

use std::time::Duration;

use rusqlite::Transaction;
use rusqlite::types::Value;

use crate::domain::{
    Caller, Ending, EndpointKind, ErrorKind, Outcome, Provider, RunId, RunRecord, RunTarget, Source, Timing, Traffic,
    Usage, UsageSource,
};
use crate::store::ledger::Ledger;
use crate::store::sql::{Row, Sql, SqlError};

const OLD: &str = "
SELECT id, started_ms, connector, provider, endpoint, host, requested_model, model, source, outcome, http_status,
    error_kind, request_id, finish_reason, attempts, prompt, completion, total, cached, cache_write, reasoning,
    usage_source, queue_us, dns_us, connect_us, tls_us, first_byte_us, first_token_us, first_answer_us, last_token_us,
    total_us
FROM run_v1 WHERE id > $1 ORDER BY id LIMIT 4096";

/// Moves every row, in the transaction it is given: a file is of one version or of the other.
pub(super) fn to_2(transaction: &Transaction<'_>) -> Result<(), SqlError> {
    transaction.execute_batch("ALTER TABLE run RENAME TO run_v1; DROP TABLE usage_minute; DROP INDEX run_by_start;")?;
    transaction.execute_batch(&super::tables())?;
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
