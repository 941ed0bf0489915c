//! The tables of a team's log: made once, whoever comes first, brought up to date by whoever first knows better, and never
//! touched where somebody else's stand there.

use std::cell::RefCell;

use postgres::error::SqlState;
use postgres::{Client, Error};

use super::explain;
use super::session::Work;
use crate::domain::{ErrorKind, Failure};
use crate::store::schema::{self, upgrade};
use crate::store::sql::SqlError;

/// The version of the tables that this program reads and writes.
pub(super) const VERSION: i64 = 2;

/// Who is ours, of which version, by which name, and how often anything was written.
const LOG: &str =
    "CREATE TABLE switchboard_log (id TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, changes BIGINT NOT NULL)";

/// Any number will do that others hardly use: "swbd".
const LOCK: &str = "SELECT pg_advisory_xact_lock(1937203812)";

/// Whether makers of tables wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    Lock,
    /// The engine has no such locks: the slower one fails and looks again.
    Nothing,
}

/// The id of the log, whose tables are made where there are none.
pub(super) fn ready(client: &mut Client) -> Result<String, Failure> {
    let mut guard = Guard::Lock;
    let mut made = Ok(());
    for _ in 0..5 {
        if let Some((id, version)) = found(client).map_err(|error| explain::failure(&error))? {
            usable(version)?;
            if version < VERSION {
                migrate(client).map_err(|error| explain::sql(&error))?;
            }
            return Ok(id);
        }
        made = make(client, guard);
        match made.as_ref().err().and_then(Error::code) {
            Some(code) if *code == SqlState::UNDEFINED_FUNCTION || *code == SqlState::FEATURE_NOT_SUPPORTED => {
                guard = Guard::Nothing;
            }
            // Somebody was faster.
            Some(code) if RACED.contains(code) => {}
            Some(_) => break,
            None if made.is_err() => break,
            None => {}
        }
    }
    Err(made
        .map_or_else(|error| not_made(&error), |()| Failure::new(ErrorKind::Internal, "its tables do not stay", "")))
}

const RACED: [SqlState; 5] = [
    SqlState::DUPLICATE_TABLE,
    SqlState::UNIQUE_VIOLATION,
    SqlState::DUPLICATE_OBJECT,
    SqlState::T_R_SERIALIZATION_FAILURE,
    SqlState::T_R_DEADLOCK_DETECTED,
];

fn not_made(error: &Error) -> Failure {
    if error.code() == Some(&SqlState::DUPLICATE_TABLE) {
        let hint =
            "give switchboard a database of its own, or a schema: add ?options=-csearch_path%3Dswitchboard to the URL";
        return Failure::new(ErrorKind::Config, "another program's tables stand in it", hint);
    }
    explain::failure(error)
}

fn usable(version: i64) -> Result<(), Failure> {
    if version <= VERSION {
        return Ok(());
    }
    let message = format!("a newer switchboard made it (version {version}; this one knows {VERSION})");
    Err(Failure::new(ErrorKind::Config, message, "update this switchboard; until then its runs wait on this machine"))
}

fn found(client: &mut Client) -> Result<Option<(String, i64)>, Error> {
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_name = 'switchboard_log'
        AND table_schema = current_schema()";
    if client.query(tables, &[])?.is_empty() {
        return Ok(None);
    }
    let row = client.query_opt("SELECT id, version FROM switchboard_log", &[])?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

/// Brings a log of version 1 to today's. Whoever still writes as before fails for want of a column, and looks again.
fn migrate(client: &mut Client) -> Result<(), SqlError> {
    let statements = RefCell::default();
    let mut transaction = client.transaction()?;
    // Years of sums take longer than a question may.
    transaction.batch_execute("SET LOCAL statement_timeout = 0")?;
    // Every writer waits for this row.
    let row = transaction.query_one("SELECT version FROM switchboard_log FOR UPDATE", &[])?;
    if row.try_get::<_, i64>(0)? >= VERSION {
        return Ok(());
    }
    transaction.batch_execute(upgrade::SET_ASIDE)?;
    transaction.batch_execute(&schema::roll_ups_for_team())?;
    let work = Work::new(transaction, &statements);
    upgrade::roll_up(&work)?;
    let mut transaction = work.into_transaction();
    transaction.batch_execute(upgrade::FORGET)?;
    transaction.execute("UPDATE switchboard_log SET version = $1, changes = changes + 1", &[&VERSION])?;
    Ok(transaction.commit()?)
}

fn make(client: &mut Client, guard: Guard) -> Result<(), Error> {
    let mut transaction = client.transaction()?;
    if guard == Guard::Lock {
        transaction.batch_execute(LOCK)?;
    }
    transaction.batch_execute(LOG)?;
    transaction.batch_execute(&schema::for_team())?;
    let id = uuid::Uuid::now_v7().to_string();
    transaction.execute("INSERT INTO switchboard_log (id, version, changes) VALUES ($1, $2, 0)", &[&id, &VERSION])?;
    transaction.commit()
}
