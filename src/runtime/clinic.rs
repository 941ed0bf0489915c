//! Examinations as tasks: a few at once, each with its own cancel, each telling exactly one end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, Sender};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::effects::Answer;
use super::runner::Runner;
use crate::app::Msg;
use crate::app::effect::Examine;
use crate::domain::{DoctorEvent, DoctorOutcome, RunId, Source};

/// Examinations at once. More would compete for the line they measure.
const AT_ONCE: usize = 4;
/// Probes of a watch at once: one that waits for a silent server shall not keep the others back.
const PROBES_AT_ONCE: usize = 16;
/// Events between an examination and the loop.
const EVENTS: usize = 32;

/// Examinations that go on or wait.
pub(super) struct Clinic {
    runner: Arc<dyn Runner>,
    answers: Sender<Answer>,
    places: Arc<Semaphore>,
    probe_places: Arc<Semaphore>,
    cancels: BTreeMap<RunId, CancellationToken>,
    tasks: TaskTracker,
}

impl Clinic {
    /// An empty clinic that answers through `answers`.
    pub(super) fn new(runner: Arc<dyn Runner>, answers: Sender<Answer>) -> Self {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let probe_places = Arc::new(Semaphore::new(PROBES_AT_ONCE));
        Self { runner, answers, places, probe_places, cancels: BTreeMap::new(), tasks: TaskTracker::new() }
    }

    /// Begins an examination as soon as there is a place.
    pub(super) fn examine(&mut self, examine: Examine) {
        // One that is over has nobody left who waits for its cancel.
        self.cancels.retain(|_, cancel| !cancel.is_cancelled());
        let cancel = CancellationToken::new();
        self.cancels.insert(examine.run, cancel.clone());
        let run = examine.run;
        let (out, events) = mpsc::channel(EVENTS);
        self.tasks.spawn(forward(run, events, self.answers.clone()));
        let places = match examine.source {
            Source::Watch => &self.probe_places,
            Source::Screen | Source::Command | Source::Doctor | Source::Load => &self.places,
        };
        let (runner, places) = (Arc::clone(&self.runner), Arc::clone(places));
        self.tasks.spawn(async move {
            let place = tokio::select! {
                biased;
                () = cancel.cancelled() => None,
                place = places.acquire_owned() => place.ok(),
            };
            if place.is_some() {
                runner.examine(examine, out, cancel.clone()).await;
            }
            cancel.cancel();
        });
    }

    /// Stops an examination; its end is told by itself.
    pub(super) fn stop(&mut self, run: RunId) {
        if let Some(cancel) = self.cancels.remove(&run) {
            cancel.cancel();
        }
    }

    /// Stops everything, and waits for it a little.
    pub(super) async fn close(self, patience: Duration) {
        drop(self.answers);
        self.cancels.values().for_each(CancellationToken::cancel);
        self.tasks.close();
        // What does not stop is dropped with the program.
        timeout(patience, self.tasks.wait()).await.ok();
    }
}

/// Hands events on. An examination that ended without telling so, by a mistake of ours or before it began, is told here.
async fn forward(run: RunId, mut events: mpsc::Receiver<DoctorEvent>, answers: Sender<Answer>) {
    let mut has_ended = false;
    while let Some(event) = events.recv().await {
        has_ended |= matches!(event, DoctorEvent::Ended { .. });
        // A closed channel means that the program ends.
        answers.send(Answer::Msg(Msg::Doctor(run, vec![event]))).await.ok();
    }
    if !has_ended {
        let ended = DoctorEvent::Ended { outcome: DoctorOutcome::Cancelled, proxy: None };
        answers.send(Answer::Msg(Msg::Doctor(run, vec![ended]))).await.ok();
    }
}
