//! The tables, and how an older file becomes today's.

use rusqlite::{Connection, TransactionBehavior};

/// `application_id` of the file's header: "swbd".
pub(super) const APPLICATION_ID: i64 = 0x7377_6264;

/// Each entry lifts the schema by one version. An entry is never changed once released: a new one is added.
pub(super) const MIGRATIONS: [&str; 1] = [V1];

/// The version this program reads and writes: the number of [`MIGRATIONS`].
pub(super) const VERSION: i64 = 1;

/// `run` holds one row a run; what is unknown is NULL. Ids are UUIDs of version 7, so rows are appended.
///
/// `usage_minute` holds the sums of `run` by the minute of the start. It is kept in the transaction that
/// inserts the row, so both always agree; an unknown model is '' there, for NULLs are never equal in a key.
const V1: &str = "
CREATE TABLE run (
    id BLOB NOT NULL PRIMARY KEY,
    started_ms INTEGER NOT NULL,
    connector TEXT NOT NULL,
    provider TEXT NOT NULL,
    endpoint TEXT,
    host TEXT NOT NULL,
    requested_model TEXT,
    model TEXT,
    source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    http_status INTEGER,
    error_kind TEXT,
    request_id TEXT,
    finish_reason TEXT,
    attempts INTEGER NOT NULL,
    prompt INTEGER,
    completion INTEGER,
    total INTEGER,
    cached INTEGER,
    cache_write INTEGER,
    reasoning INTEGER,
    usage_source TEXT NOT NULL,
    queue_us INTEGER,
    dns_us INTEGER,
    connect_us INTEGER,
    tls_us INTEGER,
    first_byte_us INTEGER,
    first_token_us INTEGER,
    first_answer_us INTEGER,
    last_token_us INTEGER,
    total_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX run_by_start ON run (started_ms);
CREATE TABLE usage_minute (
    minute INTEGER NOT NULL,
    connector TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    outcome TEXT NOT NULL,
    runs INTEGER NOT NULL,
    estimated_runs INTEGER NOT NULL,
    prompt INTEGER NOT NULL,
    completion INTEGER NOT NULL,
    total INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    PRIMARY KEY (minute, connector, provider, model, outcome)
) STRICT, WITHOUT ROWID;
";

/// What a file is, as far as its header and its list of tables tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// No tables yet.
    Empty,
    /// Ours, of this version.
    Ours(i64),
    /// Another program's database.
    Foreign,
}

/// Reads what the file is.
pub(super) fn standing(connection: &Connection) -> rusqlite::Result<Standing> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    if tables == 0 {
        Ok(Standing::Empty)
    } else if pragma("application_id")? == APPLICATION_ID {
        Ok(Standing::Ours(pragma("user_version")?))
    } else {
        Ok(Standing::Foreign)
    }
}

/// Brings a file of an earlier version, or an empty one, to [`VERSION`].
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(from).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
