//! What the team's log is owed: the names of runs that it does not have yet, kept in the file beside the runs.
//!
//! A name is written with its run in one transaction, and goes once the database has said that the run is durable
//! there. Whoever is killed between the two leaves a name that is sent again, and sending again adds nothing.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::row;
use super::sql::{Sql, SqlError};
use crate::domain::{EventKey, RunId, RunRecord};

/// Runs of the outbox, and the names they go by there.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// Whatever of it is still in the file.
    pub(super) runs: Vec<RunRecord>,
    /// Every name, for [`settle`].
    pub(super) keys: Vec<EventKey>,
}

/// A file that never owed anything owes every run in it.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), SqlError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if log(&transaction)?.is_none() {
        owe_all(&transaction, "")?;
    }
    Ok(transaction.commit()?)
}

/// From now on runs are owed to this log. One that is not the log of before lacks every run.
pub(super) fn address(connection: &mut Connection, id: &str) -> Result<(), SqlError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match log(&transaction)? {
        Some(known) if known == id => return Ok(()),
        // It was not known yet where everything goes.
        Some(unknown) if unknown.is_empty() => {
            transaction.execute("UPDATE team SET log = ?1", [id])?;
        }
        Some(_) | None => owe_all(&transaction, id)?,
    }
    Ok(transaction.commit()?)
}

fn log(connection: &Connection) -> Result<Option<String>, SqlError> {
    let mut log = None;
    connection.query("SELECT log FROM team", &[], &mut |row| log = Some(row.text(0).to_owned()))?;
    Ok(log)
}

fn owe_all(transaction: &Transaction<'_>, id: &str) -> Result<(), SqlError> {
    transaction.execute_batch("INSERT OR IGNORE INTO outbox SELECT started_ms, id FROM event; DELETE FROM team;")?;
    transaction.execute("INSERT INTO team (log) VALUES (?1)", [id])?;
    Ok(())
}

/// Writes down that these runs are owed.
pub(super) fn owe(transaction: &Transaction<'_>, batch: &[RunRecord]) -> Result<(), SqlError> {
    for record in batch {
        let key = [record.started_at_ms.into(), row::key(record.id)];
        Sql::execute(
            &**transaction,
            "INSERT INTO outbox (started_ms, id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &key,
        )?;
    }
    Ok(())
}

/// The newest runs that are owed: today's figures matter more than last year's.
pub(super) fn newest(connection: &Connection, limit: i64) -> Result<Owed, SqlError> {
    let mut owed = Owed::default();
    let snapshot = connection.unchecked_transaction()?;
    let sql: &dyn Sql = &*snapshot;
    let names = "SELECT started_ms, id FROM outbox ORDER BY started_ms DESC, id DESC LIMIT $1";
    sql.query(names, &[limit.into()], &mut |row| {
        let id = <[u8; 16]>::try_from(row.blob(1)).map(u128::from_be_bytes).unwrap_or_default();
        owed.keys.push(EventKey { started_at_ms: row.number(0), id: RunId::from_u128(id) });
    })?;
    let runs = format!(
        "SELECT {} FROM event JOIN label ON label.id = event.label JOIN party ON party.id = label.party
        WHERE started_ms = $1 AND event.id = $2",
        row::COLUMNS
    );
    for key in &owed.keys {
        let key = [key.started_at_ms.into(), row::key(key.id)];
        sql.query(&runs, &key, &mut |row| owed.runs.push(row::read(row)))?;
    }
    Ok(owed)
}

/// The team's log has these.
pub(super) fn settle(connection: &mut Connection, keys: &[EventKey]) -> Result<(), SqlError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for key in keys {
        let key = [key.started_at_ms.into(), row::key(key.id)];
        Sql::execute(&*transaction, "DELETE FROM outbox WHERE started_ms = $1 AND id = $2", &key)?;
    }
    Ok(transaction.commit()?)
}

/// How many runs are owed.
pub(super) fn count(connection: &Connection) -> Result<u64, SqlError> {
    let mut count = 0;
    connection.query("SELECT count(*) FROM outbox", &[], &mut |row| count = row.count(0))?;
    Ok(count)
}

/// The start of the oldest run that is owed.
pub(super) fn oldest(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    connection.query_row("SELECT min(started_ms) FROM outbox", [], |row| row.get(0))
}
