//! The one thread of a process that writes: it drains what waits into one durable commit, again and again.

use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};

use super::connect::{self, Look};
use super::error::{StoreError, is_damage};
use super::ledger::Ledger;
use super::queue::{Next, Queue};
use super::retention::{self, Retention};
use crate::domain::RunRecord;

/// Starts the thread. It ends when the queue is closed and empty.
pub(super) fn start(connection: Connection, retention: Retention, queue: &Arc<Queue>) -> io::Result<JoinHandle<()>> {
    let writer = Writer { connection, ledger: Ledger::default(), end: AtEnd(Arc::clone(queue)) };
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
}

impl Writer {
    fn run(mut self, retention: Retention) {
        // What cannot be dropped now is dropped by the next process.
        retention::apply(&mut self.connection, retention).ok();
        let mut batch = Vec::new();
        while self.end.0.next(&mut batch) == Next::Commit {
            match self.write(&batch) {
                Ok(()) => self.end.0.committed(&mut batch),
                Err(error) => self.end.0.failed(&mut batch, error),
            }
        }
    }

    fn write(&mut self, batch: &[RunRecord]) -> Result<(), StoreError> {
        match self.commit(batch) {
            Err(error) if is_damage(&error) => self.begin_anew(batch),
            result => result.map_err(|error| StoreError::sqlite(self.end.0.path(), &error)),
        }
    }

    /// Another process may have set the file aside already, so the path is looked at again before it is judged.
    fn begin_anew(&mut self, batch: &[RunRecord]) -> Result<(), StoreError> {
        let queue = &self.end.0;
        let opened = connect::open_writer(queue.path(), Look::Thorough)?;
        queue.note(opened.notice);
        self.connection = opened.connection;
        self.ledger.forget();
        self.commit(batch).map_err(|error| StoreError::sqlite(self.end.0.path(), &error))
    }

    /// Writes the runs in one durable commit. A run that is already there is left as it is.
    fn commit(&mut self, batch: &[RunRecord]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let written = self.ledger.add(&*transaction, batch).and_then(|_added| transaction.commit());
        written.inspect_err(|_failed| self.ledger.forget())
    }
}
