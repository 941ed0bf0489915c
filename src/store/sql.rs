//! What the store needs of a database: statements in, rows out. Both engines speak the same SQL through it.
//!
//! Parameters are written `$1`, `$2`, … and numbered in the order in which they first appear, for one engine
//! counts names and the other numbers. Whole numbers, texts, blobs and NULL are all there is.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};

use super::{row, schema};
use crate::domain::RunId;

/// A statement failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SqlError {
    /// In the file.
    #[error(transparent)]
    File(#[from] rusqlite::Error),
    /// In the team's database.
    #[error(transparent)]
    Team(#[from] postgres::Error),
}

/// A row that may be there already.
pub(super) struct Fresh {
    /// Its start and id.
    pub(super) key: (i64, RunId),
    /// Its values, in the order of the statement.
    pub(super) values: Vec<Value>,
}

/// A connection, in or out of a transaction.
pub(super) trait Sql {
    /// Runs a query and hands over its rows one by one.
    fn query(&self, sql: &str, parameters: &[Value], each: &mut dyn FnMut(&Row<'_>)) -> Result<(), SqlError>;

    /// Runs a statement and tells how many rows it changed.
    fn execute(&self, sql: &str, parameters: &[Value]) -> Result<usize, SqlError>;

    /// Inserts those rows of `event` that are not there yet, and tells of each whether it was new.
    fn insert(&self, rows: &[Fresh]) -> Result<Vec<bool>, SqlError> {
        let insert = event_insert(1) + EVENT_KNOWN;
        rows.iter().map(|row| Ok(self.execute(&insert, &row.values)? == 1)).collect()
    }

    /// Makes others wait who want to add to the sums, until the transaction ends: rows of sums are added to in one
    /// order, but some are dropped in passing.
    fn claim_sums(&self) -> Result<(), SqlError> {
        Ok(())
    }

    /// A request id as this engine keeps it.
    fn request_id(&self, id: Option<&str>) -> Value {
        id.map_or(Value::Null, |id| Value::Text(row::short(id)))
    }

    /// The column `request_id` as a text, in this engine's words.
    fn request_id_text(&self) -> &'static str {
        "request_id"
    }
}

/// A row of a query.
pub(super) struct Row<'a>(pub(super) &'a [ValueRef<'a>]);

impl Row<'_> {
    /// A whole number; 0 where there is none.
    pub(super) fn number(&self, at: usize) -> i64 {
        self.known(at).unwrap_or(0)
    }

    /// A sum of counts, which are never negative.
    pub(super) fn count(&self, at: usize) -> u64 {
        u64::try_from(self.number(at)).unwrap_or(0)
    }

    /// A whole number, where it is known.
    pub(super) fn known(&self, at: usize) -> Option<i64> {
        self.0.get(at).and_then(|value| value.as_i64_or_null().ok().flatten())
    }

    /// A text; empty where there is none.
    pub(super) fn text(&self, at: usize) -> &str {
        self.0.get(at).and_then(|value| value.as_str_or_null().ok().flatten()).unwrap_or_default()
    }

    /// A blob; empty where there is none.
    pub(super) fn blob(&self, at: usize) -> &[u8] {
        self.0.get(at).and_then(|value| value.as_blob_or_null().ok().flatten()).unwrap_or_default()
    }

    /// Whatever stands there, of any type.
    pub(super) fn value(&self, at: usize) -> ValueRef<'_> {
        self.0.get(at).copied().unwrap_or(ValueRef::Null)
    }
}

impl Sql for Connection {
    fn query(&self, sql: &str, parameters: &[Value], each: &mut dyn FnMut(&Row<'_>)) -> Result<(), SqlError> {
        let mut statement = self.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(parameters))?;
        while let Some(row) = rows.next()? {
            let mut values = [ValueRef::Null; COLUMNS_MAX];
            for (at, value) in values.iter_mut().enumerate().take(columns) {
                *value = row.get_ref(at)?;
            }
            each(&Row(values.get(..columns).unwrap_or_default()));
        }
        Ok(())
    }

    fn execute(&self, sql: &str, parameters: &[Value]) -> Result<usize, SqlError> {
        Ok(self.prepare_cached(sql)?.execute(params_from_iter(parameters))?)
    }

    fn request_id(&self, id: Option<&str>) -> Value {
        row::packed(id)
    }

    fn request_id_text(&self) -> &'static str {
        schema::REQUEST_ID
    }
}

/// No query of the store has more columns.
pub(super) const COLUMNS_MAX: usize = 48;

const EVENT_COLUMNS: &str =
    "started_ms, id, label, request_id, prompt, completion, total, cached, cache_write, reasoning,
    cost_nano_usd, queue_us, dns_us, connect_us, tls_us, first_byte_us, first_token_us, last_token_us, total_us, chunks,
    request_bytes, response_bytes";

/// Values of a row of `event`.
pub(super) const EVENT_VALUES: usize = 22;

/// What follows [`event_insert`]: a run that is there stays as it is.
pub(super) const EVENT_KNOWN: &str = " ON CONFLICT (started_ms, id) DO NOTHING";

/// Inserts so many rows into `event`.
pub(super) fn event_insert(rows: usize) -> String {
    let row = |at: usize| {
        let numbers: Vec<String> = (1..=EVENT_VALUES).map(|value| format!("${}", at * EVENT_VALUES + value)).collect();
        format!("({})", numbers.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("INSERT INTO event ({EVENT_COLUMNS}) VALUES {}", rows.join(", "))
}

/// A text as a parameter.
pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A count as a parameter; one beyond what a column holds is cut.
pub(super) fn count(count: u64) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}
