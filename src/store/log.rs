//! The handle through which a process records its runs.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::connect::{self, Look};
use super::error::StoreError;
use super::queue::Queue;
use super::retention::Retention;
use super::team::{Bell, Team, forwarder};
use super::writer;
use crate::domain::RunRecord;

/// How long a log that is closed waits for the team's.
const PATIENCE: Duration = Duration::from_secs(3);

/// The event log, open for recording. Clones share one writer; when the last goes, what waits is written.
#[derive(Debug, Clone)]
pub struct EventLog {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    queue: Arc<Queue>,
    /// Of the forwarder, where there is a team.
    bell: Option<Arc<Bell>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl EventLog {
    /// Opens the file, creating it and its directories for their owner alone, and starts the writer.
    /// A damaged file is set aside as `….damaged-N`; [`EventLog::notice`] says so.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Retention::default(), None)
    }

    /// [`EventLog::open`]; the writer begins with dropping what need not be kept. Where there is a team, everything
    /// goes to its log too, what the file held before included; what is not there yet is never dropped.
    pub fn open_with(path: &Path, retention: Retention, team: Option<Team>) -> Result<Self, StoreError> {
        let opened = connect::open_writer(path, Look::Quick)?;
        let queue = Arc::new(Queue::new(path, opened.notice));
        let no_thread = |error: std::io::Error| {
            StoreError::internal(path, format!("its thread cannot be started: {error}"), "close other programs")
        };
        let bell = team.map(|team| forwarder::start(path, team)).transpose().map_err(no_thread)?;
        let thread = writer::start(opened.connection, retention, &queue, bell.clone()).map_err(no_thread)?;
        Ok(Self { shared: Arc::new(Shared { queue, bell, thread: Mutex::new(Some(thread)) }) })
    }

    /// Hands a run to the writer; never waits for the disk. An error says that the log is failing now:
    /// the run is kept for later attempts, unless too many wait already ([`EventLog::problem`] counts those lost).
    pub fn record(&self, record: RunRecord) -> Result<(), StoreError> {
        self.shared.queue.push(record)
    }

    /// Waits until everything recorded before is durable, or an attempt to make it so fails.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.shared.queue.flush()
    }

    /// Writes what waits and ends the log for every clone; the team's log is waited for, for three seconds at most. An
    /// error says that runs were lost.
    pub fn close(self) -> Result<(), StoreError> {
        self.shared.stop();
        self.shared.queue.verdict()
    }

    /// What the person should know once: a damaged file was set aside.
    pub fn notice(&self) -> Option<String> {
        self.shared.queue.notice()
    }

    /// What is wrong with the log now, and how many runs wait or were lost.
    pub fn problem(&self) -> Option<String> {
        self.shared.queue.problem()
    }

    /// Why the team's log is behind, and how many runs wait for it in the file. They are not lost.
    pub fn behind(&self) -> Option<String> {
        self.shared.bell.as_ref().and_then(|bell| bell.problem())
    }

    /// What to do about [`EventLog::behind`], where something can be done.
    pub fn behind_hint(&self) -> Option<String> {
        self.shared.bell.as_ref().and_then(|bell| bell.hint())
    }
}

impl Shared {
    fn stop(&self) {
        self.queue.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            // Its guard has already ended the queue and counted what was not written.
        }
        if let Some(bell) = &self.bell {
            forwarder::close(self.queue.path(), bell, PATIENCE);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop();
    }
}
