//! The one thread of a process that writes: it drains what waits into one durable commit, again and again.

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};

use super::connect::{self, Look};
use super::error::{StoreError, is_damage};
use super::ledger::Ledger;
use super::outbox;
use super::queue::{Next, Queue};
use super::retention::{self, Kept, Retention};
use super::sql::SqlError;
use super::team::Bell;
use crate::domain::RunRecord;

/// Starts the thread. It ends when the queue is closed and empty.
/// With a bell, what is written is owed to the team's log, and the bell is rung for it.
pub(super) fn start(
    connection: Connection,
    retention: Retention,
    queue: &Arc<Queue>,
    bell: Option<Arc<Bell>>,
) -> io::Result<JoinHandle<()>> {
    let writer = Writer { connection, ledger: Ledger::default(), end: AtEnd(Arc::clone(queue)), bell };
    Builder::new().name("event-log".to_owned()).spawn(move || writer.run(retention))
}

/// Tells those who wait that the thread is over, however it came to that.
struct AtEnd(Arc<Queue>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.0.ended();
    }
}

struct Writer {
    connection: Connection,
    ledger: Ledger,
    end: AtEnd,
    bell: Option<Arc<Bell>>,
}

impl Writer {
    fn run(mut self, retention: Retention) {
        // What cannot be done now is done by the next process.
        self.prepare(retention).ok();
        let mut batch = Vec::new();
        while self.end.0.next(&mut batch) == Next::Commit {
            match self.write(&batch) {
                Ok(()) => self.end.0.committed(&mut batch),
                Err(error) => self.end.0.failed(&mut batch, error),
            }
        }
    }

    fn prepare(&mut self, retention: Retention) -> Result<(), SqlError> {
        let mut kept = Kept::Newest;
        if let Some(bell) = &self.bell {
            outbox::prepare(&mut self.connection)?;
            bell.ring();
            kept = Kept::Owed;
        }
        retention::apply(&mut self.connection, retention, kept)?;
        Ok(())
    }

    fn write(&mut self, batch: &[RunRecord]) -> Result<(), StoreError> {
        match self.commit(batch) {
            Err(error) if is_damage(&error) => self.begin_anew(batch),
            result => result.map_err(|error| StoreError::sql(self.end.0.path(), &error)),
        }
    }

    /// Another process may have set the file aside already, so the path is looked at again before it is judged.
    fn begin_anew(&mut self, batch: &[RunRecord]) -> Result<(), StoreError> {
        let queue = &self.end.0;
        let opened = connect::open_writer(queue.path(), Look::Thorough)?;
        queue.note(opened.notice);
        self.connection = opened.connection;
        self.ledger.forget();
        self.commit(batch).map_err(|error| StoreError::sql(self.end.0.path(), &error))
    }

    /// Writes the runs in one durable commit. A run that is already there is left as it is.
    fn commit(&mut self, batch: &[RunRecord]) -> Result<(), SqlError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let owed = self.bell.as_ref().map_or(&[][..], |_bell| batch);
        let written = self.ledger.add(&*transaction, batch).and_then(|_added| outbox::owe(&transaction, owed));
        let written = written.and_then(|()| Ok(transaction.commit()?));
        match (&written, &self.bell) {
            (Ok(()), Some(bell)) => bell.ring(),
            (Ok(()), None) => {}
            (Err(_failed), _) => self.ledger.forget(),
        }
        written
    }
}
