//! The tables, and how an older file becomes today's.
//!
//! * `event` holds the figures of one run a row, ordered by start. What is unknown is NULL.
//! * `label` holds everything about a run that is no figure, once: who, what, where and how it ended. Years of
//!   events share a few hundred labels, so a row needs no text but its request id.
//! * `party` holds what sums can be split by; each label belongs to one.
//! * `usage_quarter`, `usage_day` and `usage_week` hold the sums of each party by the quarter hour, the UTC day and the
//!   week of the start.
//! * `series` holds the sums, latencies and failures by kind of a connector, and of all under the name '', by the quarter
//!   hour, six hours and UTC day.
//! * `minute` holds the tokens of the last two hours.
//! * `outbox` names the events that the team's log does not have yet, and `team` the log they go to. Only the file has
//!   these two.
//! * `run` shows every event with its words, for a person with `sqlite3` or `psql`.
//!
//! Sums are kept in the transaction that inserts the event, so both always agree.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::sql::SqlError;

pub(super) mod upgrade;

/// `application_id` of the file's header: "swbd".
pub(super) const APPLICATION_ID: i64 = 0x7377_6264;

/// The version this program reads and writes.
pub(super) const VERSION: i64 = 4;

/// A step from one version to the next. A step is never changed once released: a new one is added.
type Step = fn(&Transaction<'_>) -> Result<(), SqlError>;

/// From an empty file, and from each earlier version.
const STEPS: [Step; 4] = [
    |transaction| Ok(transaction.execute_batch(V1)?),
    upgrade::to_2,
    |transaction| Ok(transaction.execute_batch(V3)?),
    upgrade::to_4,
];

/// Version 1: a row a run with its words, and sums by the minute.
pub(super) const V1: &str = "
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

/// Version 3 adds what the team's log is still owed, and which log that is.
const V3: &str = "
CREATE TABLE outbox (started_ms INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (started_ms, id)) STRICT, WITHOUT ROWID;
CREATE TABLE team (log TEXT NOT NULL) STRICT;
";

/// The tables that came with version 2 and stayed, in the words both engines share: `{int}`, `{blob}`, `{key}` and `{table}` stand for what
/// each calls them.
pub(super) const TABLES: &str = "
CREATE TABLE party (
    id {key},
    connector TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    person TEXT NOT NULL,
    machine TEXT NOT NULL,
    source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    error_kind TEXT NOT NULL,
    UNIQUE (connector, model, provider, person, machine, source, outcome, error_kind)
){rows};
CREATE TABLE label (
    id {key},
    party {int} NOT NULL,
    endpoint TEXT NOT NULL,
    host TEXT NOT NULL,
    requested_model TEXT NOT NULL,
    answered_model TEXT NOT NULL,
    http_status {int} NOT NULL,
    finish_reason TEXT NOT NULL,
    attempts {int} NOT NULL,
    usage_source TEXT NOT NULL,
    cost_basis TEXT NOT NULL,
    UNIQUE (party, endpoint, host, requested_model, answered_model, http_status, finish_reason, attempts,
        usage_source, cost_basis)
){rows};
CREATE TABLE event (
    started_ms {int} NOT NULL,
    id {blob} NOT NULL,
    label {int} NOT NULL,
    request_id {blob},
    prompt {int},
    completion {int},
    total {int},
    cached {int},
    cache_write {int},
    reasoning {int},
    cost_nano_usd {int},
    queue_us {int},
    dns_us {int},
    connect_us {int},
    tls_us {int},
    first_byte_us {int},
    first_token_us {int},
    last_token_us {int},
    total_us {int},
    chunks {int} NOT NULL,
    request_bytes {int} NOT NULL,
    response_bytes {int} NOT NULL,
    PRIMARY KEY (started_ms, id)
){table};
CREATE TABLE usage_quarter (
    slot {int} NOT NULL,
    party {int} NOT NULL,
    {sums},
    PRIMARY KEY (slot, party)
){table};
CREATE TABLE usage_day (
    slot {int} NOT NULL,
    party {int} NOT NULL,
    {sums},
    PRIMARY KEY (slot, party)
){table};
CREATE TABLE minute (
    connector TEXT NOT NULL,
    minute {int} NOT NULL,
    total {int} NOT NULL,
    PRIMARY KEY (connector, minute)
){table};
";

/// Sums that came with version 4: coarser ones for long spans, and failures beside them.
const ROLL_UPS: &str = "
CREATE TABLE usage_week (
    slot {int} NOT NULL,
    party {int} NOT NULL,
    {sums},
    PRIMARY KEY (slot, party)
){table};
CREATE TABLE series (
    connector TEXT NOT NULL,
    seconds {int} NOT NULL,
    slot {int} NOT NULL,
    {sums},
    failed {int} NOT NULL,
    cancelled {int} NOT NULL,
    first_token {blob} NOT NULL,
    latency {blob} NOT NULL,
    failures TEXT NOT NULL,
    PRIMARY KEY (connector, seconds, slot)
){table};
";

/// The columns of a sum, as [`super::sums::Sums`] orders them.
const SUMS: &str = "runs {int} NOT NULL,
    estimated {int} NOT NULL,
    prompt {int} NOT NULL,
    completion {int} NOT NULL,
    total {int} NOT NULL,
    cached {int} NOT NULL,
    cache_write {int} NOT NULL,
    reasoning {int} NOT NULL,
    cost_nano_usd {int} NOT NULL,
    priced {int} NOT NULL,
    unpriced {int} NOT NULL";

/// A request id as it was told, from the tag and bytes of [`super::row::packed`].
pub(super) const REQUEST_ID: &str = "CASE typeof(request_id)
        WHEN 'blob' THEN CASE substr(request_id, 1, 1)
            WHEN x'01' THEN 'req_' || lower(hex(substr(request_id, 2)))
            ELSE lower(hex(substr(request_id, 2, 4)) || '-' || hex(substr(request_id, 6, 2)) || '-' ||
                hex(substr(request_id, 8, 2)) || '-' || hex(substr(request_id, 10, 2)) || '-' ||
                hex(substr(request_id, 12))) END
        ELSE request_id END";

/// What a person asks with `sqlite3` or `psql`.
const VIEW: &str = "
CREATE VIEW run AS SELECT
    {id} AS id, started_ms, connector, provider, nullif(endpoint, '') AS endpoint, host,
    nullif(requested_model, '') AS requested_model, nullif(answered_model, '') AS answered_model, model, source,
    person AS \"user\", machine, outcome, nullif(http_status, 0) AS http_status, nullif(error_kind, '') AS error_kind,
    {request_id} AS request_id,
    nullif(finish_reason, '') AS finish_reason, attempts, prompt, completion, total, cached, cache_write, reasoning,
    usage_source, cost_nano_usd, nullif(cost_basis, '') AS cost_basis,
    queue_us, dns_us, connect_us, tls_us, first_byte_us, first_token_us, last_token_us, total_us,
    chunks, request_bytes, response_bytes
FROM event JOIN label ON label.id = event.label JOIN party ON party.id = label.party;
";

fn view() -> String {
    VIEW.replace("{id}", "lower(hex(event.id))").replace("{request_id}", REQUEST_ID)
}

/// The tables and the view as PostgreSQL writes them.
pub(super) fn for_team() -> String {
    let view = VIEW.replace("{id}", "encode(event.id, 'hex')").replace("{request_id}", "request_id");
    team_words(TABLES) + &team_words(ROLL_UPS) + &view
}

/// The tables of sums that an older log of a team lacks.
pub(super) fn roll_ups_for_team() -> String {
    team_words(ROLL_UPS)
}

fn team_words(tables: &str) -> String {
    let tables = tables.replace("{sums}", SUMS).replace("request_id {blob}", "request_id TEXT");
    let tables = tables.replace("{int}", "BIGINT").replace("{blob}", "BYTEA").replace("{rows}", "");
    tables.replace("{key}", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY").replace("{table}", "")
}

/// The tables as SQLite writes them. A request id is a text, or a blob where it fits into fewer bytes.
fn file_words(tables: &str) -> String {
    let tables = tables.replace("{sums}", SUMS).replace("request_id {blob}", "request_id ANY");
    let tables = tables.replace("{int}", "INTEGER").replace("{blob}", "BLOB");
    let tables = tables.replace("{key}", "INTEGER PRIMARY KEY").replace("{rows}", " STRICT");
    tables.replace("{table}", " STRICT, WITHOUT ROWID")
}

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
pub(super) fn migrate(connection: &mut Connection) -> Result<(), SqlError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(from).unwrap_or(0);
    for step in STEPS.iter().skip(done) {
        step(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}
