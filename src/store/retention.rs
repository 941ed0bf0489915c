//! What is dropped: whole UTC days that are too old, or the oldest where the file is too large.
//!
//! Events and every sum over them go together in one transaction, so both still agree.

use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::ledger::{DAY_MS, SERIES_MS, USAGE, WEEK_MS};
use super::outbox;
use super::sums;

/// How much is kept. Nothing is dropped where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Runs that are older go.
    pub keep: Option<Duration>,
    /// The oldest go while the tables take more bytes.
    pub max_bytes: Option<u64>,
    /// Now: milliseconds since 1970, UTC.
    pub now_ms: i64,
}

/// What stays whatever its age and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// The newest day.
    Newest,
    /// That, and what the team's log does not have yet.
    Owed,
}

/// Drops what need not be kept, and tells how many runs that were.
pub(super) fn apply(connection: &mut Connection, retention: Retention, kept: Kept) -> rusqlite::Result<usize> {
    let mut dropped = 0;
    let owed = match kept {
        Kept::Newest => i64::MAX,
        Kept::Owed => outbox::oldest(connection)?.map_or(i64::MAX, |oldest| oldest.div_euclid(DAY_MS)),
    };
    if let Some(keep) = retention.keep {
        let Some((_, newest)) = ends(connection)? else { return Ok(0) };
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        // A clock that runs years ahead must not empty the log: age is counted from the newest run at the latest.
        let oldest = retention.now_ms.min(newest).saturating_sub(keep_ms);
        dropped += drop_before(connection, oldest.div_euclid(DAY_MS).min(owed))?;
    }
    if let Some(max) = retention.max_bytes {
        while size(connection)? > max {
            let Some((oldest, newest)) = ends(connection)? else { break };
            let (first, last) = (oldest.div_euclid(DAY_MS), newest.div_euclid(DAY_MS));
            // The newest day stays, whatever its size.
            let day = (first + ((last - first) / 16).max(1)).min(last).min(owed);
            if drop_before(connection, day).inspect(|runs| dropped += runs)? == 0 {
                break;
            }
        }
    }
    Ok(dropped)
}

/// The starts of the oldest and the newest run.
fn ends(connection: &Connection) -> rusqlite::Result<Option<(i64, i64)>> {
    connection.query_row("SELECT (SELECT min(started_ms) FROM event), (SELECT max(started_ms) FROM event)", [], |row| {
        Ok(row.get::<_, Option<i64>>(0)?.zip(row.get(1)?))
    })
}

/// Bytes that the tables take; pages that were freed are used again before the file grows.
fn size(connection: &Connection) -> rusqlite::Result<u64> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = pragma("page_count")?.saturating_sub(pragma("freelist_count")?);
    Ok(u64::try_from(pages.saturating_mul(pragma("page_size")?)).unwrap_or(0))
}

fn drop_before(connection: &mut Connection, day: i64) -> rusqlite::Result<usize> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let moment = day.saturating_mul(DAY_MS);
    let runs = transaction.execute("DELETE FROM event WHERE started_ms < ?1", [moment])?;
    if runs > 0 {
        for level in USAGE {
            let drop = format!("DELETE FROM {} WHERE slot < ?1", level.table);
            transaction.execute(&drop, [moment.div_euclid(level.unit_ms)])?;
        }
        week_again(&transaction, moment.div_euclid(WEEK_MS))?;
        for unit in SERIES_MS {
            let slot = moment.div_euclid(unit);
            transaction.execute("DELETE FROM series WHERE seconds = ?1 AND slot < ?2", [unit / 1000, slot])?;
        }
    }
    transaction.commit()?;
    Ok(runs)
}

/// The week that lost some of its days is what the others sum up to.
fn week_again(transaction: &Transaction<'_>, week: i64) -> rusqlite::Result<()> {
    let sum = format!(
        "INSERT INTO usage_week (slot, party, {}) SELECT ?1, party, {} FROM usage_day
        WHERE slot >= ?1 * 7 AND slot < ?1 * 7 + 7 GROUP BY party",
        sums::COLUMNS.join(", "),
        sums::COLUMNS.map(|column| format!("sum({column})")).join(", ")
    );
    transaction.execute("DELETE FROM usage_week WHERE slot = ?1", [week])?;
    transaction.execute(&sum, [week]).map(drop)
}
