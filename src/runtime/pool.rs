//! The task pool: runs as tasks, never more than allowed at once.
//!
//! Owns the promise that every run that was started tells exactly one end, as its last event, and is recorded
//! once: when it finishes, fails, panics, is cancelled (in the queue, too) or outlives the program. Who may go
//! is decided by [`Queue`].

use std::collections::BTreeMap;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::FutureExt;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::queue::{Found, Queue};
use super::runner::{Batch, Ended, Runner, Seat};
use crate::app::effect::Start;
use crate::domain::{ErrorKind, Failure, Outcome, RunEnd, RunEvent, RunId, Timing, Traffic, Usage};

/// Runs that wait and runs that go on.
pub(super) struct Pool {
    runner: Arc<dyn Runner>,
    events: Sender<Batch>,
    queue: Queue,
    jobs: BTreeMap<RunId, Arc<Job>>,
    tasks: JoinSet<RunId>,
}

/// A run from the moment it was asked for.
struct Job {
    start: Arc<Start>,
    asked: Instant,
    asked_ms: i64,
    cancel: CancellationToken,
    recorded: AtomicBool,
}

impl Pool {
    /// An empty pool that tells everything through `events`.
    pub(super) fn new(runner: Arc<dyn Runner>, limit: usize, events: Sender<Batch>) -> Self {
        Self { runner, events, queue: Queue::new(limit), jobs: BTreeMap::new(), tasks: JoinSet::new() }
    }

    /// Takes a run. It goes at once where there is a place.
    pub(super) fn start(&mut self, start: Start) {
        let run = start.run;
        if self.jobs.contains_key(&run) {
            return;
        }
        self.jobs.insert(run, Arc::new(Job::new(start)));
        self.queue.push(run);
        self.admit();
    }

    /// Stops a run. One that still waited ends here, and what it tells is returned.
    pub(super) fn cancel(&mut self, run: RunId) -> Option<Batch> {
        match self.queue.cancel(run) {
            Found::Waiting => {
                let job = self.jobs.remove(&run)?;
                let end = job.unfinished();
                job.record(&*self.runner, &end);
                Some((run, vec![RunEvent::Ended(Box::new(end))]))
            }
            Found::Running => {
                self.jobs.get(&run)?.cancel.cancel();
                None
            }
            Found::Nowhere => None,
        }
    }

    /// Another limit, from a configuration that was read again.
    pub(super) fn set_limit(&mut self, limit: usize) {
        self.queue.set_limit(limit);
        self.admit();
    }

    /// Waits for a run's task to end, and lets the next one go. Never returns while nothing runs.
    pub(super) async fn next_end(&mut self) -> RunId {
        // A task catches its own panic and is aborted only when the program ends.
        let Some(Ok(run)) = self.tasks.join_next().await else { return pending().await };
        self.jobs.remove(&run);
        self.queue.finish(run);
        self.admit();
        run
    }

    /// Stops every run. Those that waited are recorded here; the others end on their own.
    pub(super) fn cancel_all(&mut self) {
        let runs: Vec<RunId> = self.jobs.keys().copied().collect();
        for run in runs {
            self.cancel(run);
        }
    }

    /// True when no run is left.
    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Gives up runs that did not stop when told to; they are recorded as cancelled.
    pub(super) fn abandon(&mut self) {
        self.tasks.abort_all();
        for job in std::mem::take(&mut self.jobs).into_values() {
            job.record(&*self.runner, &job.unfinished());
        }
    }

    fn admit(&mut self) {
        while let Some(job) = self.queue.admit().and_then(|run| self.jobs.get(&run)) {
            let work = work(Arc::clone(&self.runner), Arc::clone(job), self.events.clone());
            self.tasks.spawn(work);
        }
    }
}

/// One run, from its start to its end. The runner tells both; a panic tells nothing, so its end is told here.
async fn work(runner: Arc<dyn Runner>, job: Arc<Job>, events: Sender<Batch>) -> RunId {
    let run = job.start.run;
    let seat = Seat { events: events.clone(), cancel: job.cancel.clone(), queue: job.asked.elapsed() };
    let execute = async { runner.execute(Arc::clone(&job.start), seat).await };
    if let Ok(end) = AssertUnwindSafe(execute).catch_unwind().await {
        job.record(&*runner, &end);
    } else {
        let end = job.broken();
        job.record(&*runner, &end);
        // A closed channel means that nobody looks any more.
        events.send((run, vec![RunEvent::Ended(Box::new(end))])).await.ok();
    }
    run
}

impl Job {
    fn new(start: Start) -> Self {
        Self {
            start: Arc::new(start),
            asked: Instant::now(),
            asked_ms: jiff::Timestamp::now().as_millisecond(),
            cancel: CancellationToken::new(),
            recorded: AtomicBool::new(false),
        }
    }

    fn record(&self, runner: &dyn Runner, end: &RunEnd) {
        if !self.recorded.swap(true, Ordering::SeqCst) {
            runner.record(&Ended { start: &self.start, asked_ms: self.asked_ms, end });
        }
    }

    /// The end of a run that was stopped before it could tell its own.
    fn unfinished(&self) -> RunEnd {
        RunEnd {
            outcome: Outcome::Cancelled,
            failure: None,
            http_status: None,
            model: self.start.connector.default_model.clone(),
            finish_reason: None,
            request_id: None,
            usage: Usage::default(),
            timing: Timing { queue: Some(self.asked.elapsed()), ..Timing::default() },
            attempts: 0,
            traffic: Traffic::default(),
        }
    }

    /// The end of a run whose task panicked.
    fn broken(&self) -> RunEnd {
        let failure = Failure::new(
            ErrorKind::Internal,
            "switchboard made a mistake in this run and stopped it",
            "other runs go on; run it again, and report it with the connector and the body if it comes back",
        );
        RunEnd { outcome: Outcome::Error, failure: Some(failure), ..self.unfinished() }
    }
}

#[cfg(test)]
mod tests;
