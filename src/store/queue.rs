//! What lies between those who record and the thread that writes: a bounded queue and the state of the log.
//!
//! The lock is held for a push or a swap of buffers, never while the disk is busy, so `record` does not
//! wait for it. Runs whose commit failed go back to the front of the queue.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::StoreError;
use crate::domain::RunRecord;

/// Runs that may wait; one commit takes them all.
pub(super) const CAPACITY: usize = 4096;

/// How long after a failed commit the next is tried unasked.
const RETRY: Duration = Duration::from_secs(1);

/// How far the log's life has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// What waits is still written, nothing more is taken.
    Closing,
    /// The writer is gone.
    Ended,
}

/// What the writer is doing, as far as those who wake it must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writer {
    Working,
    /// Waits for something to do.
    Idle,
    /// Someone waits for a commit, so a failed one is tried again at once.
    Asked,
}

#[derive(Debug, Default)]
struct Counts {
    accepted: u64,
    committed: u64,
    /// Not taken: the queue was full or the log closed.
    refused: u64,
    /// Commits that failed.
    failures: u64,
}

#[derive(Debug)]
struct State {
    waiting: Vec<RunRecord>,
    phase: Phase,
    writer: Writer,
    counts: Counts,
    failure: Option<StoreError>,
    notice: Option<String>,
}

impl State {
    /// Runs that will never be written.
    fn lost(&self) -> u64 {
        match self.phase {
            Phase::Open | Phase::Closing => self.counts.refused,
            Phase::Ended => self.counts.refused + self.unwritten(),
        }
    }

    /// Runs taken and not yet durable.
    fn unwritten(&self) -> u64 {
        self.counts.accepted.saturating_sub(self.counts.committed)
    }
}

/// Shared by the handles of a log and its writer.
#[derive(Debug)]
pub(super) struct Queue {
    path: PathBuf,
    state: Mutex<State>,
    work: Condvar,
    settled: Condvar,
}

/// What the writer does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Commit what was put into the batch.
    Commit,
    /// End.
    Stop,
}

impl Queue {
    pub(super) fn new(path: &Path, notice: Option<String>) -> Self {
        let state = State {
            waiting: Vec::new(),
            phase: Phase::Open,
            writer: Writer::Working,
            counts: Counts::default(),
            failure: None,
            notice,
        };
        Self { path: path.to_owned(), state: Mutex::new(state), work: Condvar::new(), settled: Condvar::new() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A state left by a thread that panicked is still whole: each change is made in one go.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, record: RunRecord) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.phase != Phase::Open || state.waiting.len() >= CAPACITY {
            state.counts.refused += 1;
            return Err(self.refusal(&state));
        }
        state.waiting.push(record);
        state.counts.accepted += 1;
        if state.writer == Writer::Idle {
            state.writer = Writer::Working;
            self.work.notify_one();
        }
        state.failure.clone().map_or(Ok(()), Err)
    }

    /// Waits until everything pushed before is committed, or a commit fails.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let mut state = self.state();
        let target = state.counts.accepted;
        let failures = state.counts.failures;
        while state.counts.committed < target && state.phase != Phase::Ended && state.counts.failures == failures {
            state.writer = Writer::Asked;
            self.work.notify_one();
            state = self.settled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.counts.committed >= target { Ok(()) } else { Err(self.refusal(&state)) }
    }

    /// Lets the writer finish what waits and end.
    pub(super) fn close(&self) {
        let mut state = self.state();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing;
        }
        self.work.notify_one();
    }

    /// How the log ended: an error when runs were lost.
    pub(super) fn verdict(&self) -> Result<(), StoreError> {
        let state = self.state();
        if state.lost() == 0 { Ok(()) } else { Err(self.refusal(&state)) }
    }

    pub(super) fn notice(&self) -> Option<String> {
        self.state().notice.clone()
    }

    pub(super) fn problem(&self) -> Option<String> {
        let state = self.state();
        let waiting = state.unwritten();
        match (&state.failure, state.lost()) {
            (None, 0) => None,
            (None, lost) => Some(format!("{lost} runs were not recorded in the event log")),
            (Some(failure), 0) => Some(format!("{failure}; {waiting} runs wait to be written")),
            (Some(failure), lost) => Some(format!("{failure}; {lost} runs were not recorded")),
        }
    }

    fn refusal(&self, state: &State) -> StoreError {
        match &state.failure {
            Some(failure) => failure.clone(),
            None if state.phase == Phase::Open => {
                StoreError::internal(&self.path, "too many runs wait to be written", "the disk is too slow or stalled")
            }
            None => StoreError::internal(&self.path, "it is closed", ""),
        }
    }
}

/// The writer's side.
impl Queue {
    /// Waits for runs and moves them into the empty `batch`.
    pub(super) fn next(&self, batch: &mut Vec<RunRecord>) -> Next {
        let mut state = self.state();
        loop {
            let ready = state.failure.is_none() || state.writer == Writer::Asked || state.phase != Phase::Open;
            match (state.waiting.is_empty(), ready) {
                (true, _) if state.phase != Phase::Open => return Next::Stop,
                (true, _) => {
                    state.writer = Writer::Idle;
                    state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                (false, true) => break,
                (false, false) => {
                    let (woken, waited) = self.work.wait_timeout(state, RETRY).unwrap_or_else(PoisonError::into_inner);
                    state = woken;
                    if waited.timed_out() {
                        break;
                    }
                }
            }
        }
        state.writer = Writer::Working;
        mem::swap(&mut state.waiting, batch);
        Next::Commit
    }

    /// The batch is durable.
    pub(super) fn committed(&self, batch: &mut Vec<RunRecord>) {
        let mut state = self.state();
        state.counts.committed += batch.len() as u64;
        state.failure = None;
        batch.clear();
        self.settled.notify_all();
    }

    /// The batch was not written: it waits for the next attempt, unless the log is ending.
    pub(super) fn failed(&self, batch: &mut Vec<RunRecord>, error: StoreError) {
        let mut state = self.state();
        state.counts.failures += 1;
        state.failure = Some(error);
        batch.append(&mut state.waiting);
        if state.phase == Phase::Open {
            mem::swap(&mut state.waiting, batch);
        }
        batch.clear();
        self.settled.notify_all();
    }

    pub(super) fn note(&self, notice: Option<String>) {
        let mut state = self.state();
        state.notice = notice.or(state.notice.take());
    }

    /// Nothing will be written any more; nobody may wait for it.
    pub(super) fn ended(&self) {
        let mut state = self.state();
        state.phase = Phase::Ended;
        state.waiting.clear();
        self.settled.notify_all();
    }
}
