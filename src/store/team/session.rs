//! A connection to the team's database, and the store's SQL through it.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use postgres::config::SslMode as Ssl;
use postgres::types::ToSql;
use postgres::{Client, Config, IsolationLevel, NoTls, Statement, Transaction};
use rusqlite::types::{Value, ValueRef};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::parameter::{Parameter, column};
use super::{Link, explain, tables};
use crate::domain::{DatabaseUrl, ErrorKind, Failure, RunId, SslMode};
use crate::store::error::StoreError;
use crate::store::sql::{COLUMNS_MAX, EVENT_KNOWN, Fresh, Row, Sql, SqlError, event_insert};

/// How long a TCP connection may take where the URL does not say.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a statement may take, waiting for others included.
const STATEMENT: Duration = Duration::from_secs(10);
/// After how long a silent transaction is given up by the server: a machine that stands still must not hold up a team.
const IDLE: Duration = Duration::from_secs(30);
/// After how long a peer that acknowledges nothing is gone.
const UNHEARD: Duration = Duration::from_secs(15);
/// Statements that are kept prepared.
const PREPARED: usize = 200;

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Reads one snapshot.
    Read,
    /// Writes; reads what others wrote meanwhile.
    Write,
}

/// A connection whose tables are there.
pub(super) struct Session {
    client: Client,
    statements: RefCell<HashMap<String, Statement>>,
    place: String,
    log: String,
}

impl Session {
    /// Connects, and makes the tables where there are none.
    pub(super) fn open(link: &dyn Link) -> Result<Self, StoreError> {
        let url = link.url().map_err(|failure| StoreError::team(&link.name(), failure))?;
        let url = DatabaseUrl::read(&url).map_err(|problem| {
            let hint = "[events] database leads to it; write postgres://user:password@host/database there";
            StoreError::team(&link.name(), Failure::new(ErrorKind::Config, problem.to_string(), hint))
        })?;
        let told = |failure: Failure| StoreError::team(&url.place, failure);
        let mut client = connect(link, &url).map_err(told)?;
        // Engines that know no such limits do without.
        client.batch_execute(&format!("SET statement_timeout = {}", STATEMENT.as_millis())).ok();
        client.batch_execute(&format!("SET idle_in_transaction_session_timeout = {}", IDLE.as_millis())).ok();
        let log = tables::ready(&mut client).map_err(told)?;
        Ok(Self { client, statements: RefCell::default(), place: url.place, log })
    }

    /// The id of the log, made with its tables.
    pub(super) fn log(&self) -> &str {
        &self.log
    }

    /// What went wrong, for the person.
    pub(super) fn explain(&self, error: &SqlError) -> StoreError {
        StoreError::team(&self.place, explain::sql(error))
    }

    /// Does something in one transaction, which is committed where it went well.
    pub(super) fn transact<T>(
        &mut self,
        access: Access,
        act: impl FnOnce(&dyn Sql) -> Result<T, SqlError>,
    ) -> Result<T, SqlError> {
        let builder = self.client.build_transaction();
        let transaction = match access {
            Access::Read => builder.isolation_level(IsolationLevel::RepeatableRead).read_only(true).start(),
            Access::Write => builder.isolation_level(IsolationLevel::ReadCommitted).start(),
        }?;
        let work = Work::new(transaction, &self.statements);
        let done = act(&work)?;
        work.into_transaction().commit()?;
        Ok(done)
    }
}

fn connect(link: &dyn Link, url: &DatabaseUrl) -> Result<Client, Failure> {
    let mut config: Config = url.rest.expose().parse().map_err(|error| explain::url(&error))?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNHEARD);
    }
    if config.get_application_name().is_none() {
        config.application_name("switchboard");
    }
    config.ssl_mode(match url.tls.mode {
        SslMode::Disable => Ssl::Disable,
        SslMode::Prefer => Ssl::Prefer,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Ssl::Require,
    });
    let client = match url.tls.mode {
        SslMode::Disable => config.connect(NoTls),
        SslMode::Prefer | SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
            config.connect(MakeRustlsConnect::new(link.tls(&url.tls)?))
        }
    };
    client.map_err(|error| explain::failure(&error))
}

/// A transaction as the store's SQL. The client wants to be borrowed mutably for everything it does.
pub(super) struct Work<'a> {
    transaction: RefCell<Transaction<'a>>,
    statements: &'a RefCell<HashMap<String, Statement>>,
}

impl<'a> Work<'a> {
    pub(super) fn new(transaction: Transaction<'a>, statements: &'a RefCell<HashMap<String, Statement>>) -> Self {
        Self { transaction: RefCell::new(transaction), statements }
    }

    pub(super) fn into_transaction(self) -> Transaction<'a> {
        self.transaction.into_inner()
    }

    fn prepared(&self, sql: &str) -> Result<Statement, postgres::Error> {
        let mut statements = self.statements.borrow_mut();
        if let Some(statement) = statements.get(sql) {
            return Ok(statement.clone());
        }
        if statements.len() >= PREPARED {
            statements.clear();
        }
        let statement = self.transaction.borrow_mut().prepare(sql)?;
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn rows(&self, sql: &str, parameters: &[&Value]) -> Result<Vec<postgres::Row>, postgres::Error> {
        let statement = self.prepared(sql)?;
        let values: Vec<Parameter<'_>> = parameters.iter().map(|value| Parameter(value)).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.transaction.borrow_mut().query(&statement, &values)
    }
}

impl Sql for Work<'_> {
    fn query(&self, sql: &str, parameters: &[Value], each: &mut dyn FnMut(&Row<'_>)) -> Result<(), SqlError> {
        let parameters: Vec<&Value> = parameters.iter().collect();
        for row in self.rows(sql, &parameters)? {
            let mut values = [ValueRef::Null; COLUMNS_MAX];
            for (at, value) in values.iter_mut().enumerate().take(row.len()) {
                *value = column(&row, at)?;
            }
            each(&Row(values.get(..row.len()).unwrap_or_default()));
        }
        Ok(())
    }

    fn execute(&self, sql: &str, parameters: &[Value]) -> Result<usize, SqlError> {
        let statement = self.prepared(sql)?;
        let values: Vec<Parameter<'_>> = parameters.iter().map(Parameter).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        let changed = self.transaction.borrow_mut().execute(&statement, &values)?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Many rows a statement, for each statement is a journey. Few sizes, so that few statements are prepared.
    fn insert(&self, mut rows: &[Fresh]) -> Result<Vec<bool>, SqlError> {
        const MOST: usize = 128;
        let mut new = Vec::with_capacity(rows.len());
        while !rows.is_empty() {
            let size = (rows.len() + 1).next_power_of_two().div_euclid(2).min(MOST);
            let (piece, rest) = rows.split_at_checked(size).unwrap_or((rows, &[]));
            let insert = event_insert(piece.len()) + EVENT_KNOWN + " RETURNING started_ms, id";
            let values: Vec<&Value> = piece.iter().flat_map(|row| &row.values).collect();
            let mut inserted = HashSet::new();
            for row in self.rows(&insert, &values)? {
                let id = <[u8; 16]>::try_from(row.try_get::<_, &[u8]>(1)?).unwrap_or_default();
                inserted.insert((row.try_get::<_, i64>(0)?, RunId::from_u128(u128::from_be_bytes(id))));
            }
            // A run that stands twice in one piece is new once.
            new.extend(piece.iter().map(|row| inserted.remove(&row.key)));
            rows = rest;
        }
        Ok(new)
    }

    /// The counter is what readers look at, and its row what writers wait for.
    fn claim_sums(&self) -> Result<(), SqlError> {
        self.execute("UPDATE switchboard_log SET changes = changes + 1", &[]).map(drop)
    }
}
