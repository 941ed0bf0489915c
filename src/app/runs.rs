//! Runs as the screen knows them: alive ones, and the last of each subject.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::{RunId, RunPhase, Transcript};

use super::fences::Fences;
use super::flow::Flow;
use super::model::Subject;

mod text;

pub use text::{COUNTS, TIMES, TIMING_PAIRS};

/// Every run that is alive, and the last one of each subject.
#[derive(Debug, Clone)]
pub struct Runs {
    /// By id.
    pub all: BTreeMap<RunId, RunView>,
    /// The last run of each subject.
    pub latest: BTreeMap<Subject, RunId>,
    /// The id the next run gets.
    pub next: RunId,
    /// Bytes that arrived in the last second, over all runs.
    pub bytes_per_second: u64,
    /// Runs whose cancelling was asked for and that have not ended yet.
    pub cancelling: BTreeSet<RunId>,
}

/// One run.
#[derive(Debug, Clone)]
pub struct RunView {
    /// What it tests.
    pub subject: Subject,
    /// The connector's id, or the draft's.
    pub connector: String,
    /// When it was asked for.
    pub asked: Duration,
    /// When its first attempt left the queue.
    pub started: Option<Duration>,
    /// What it produced.
    pub transcript: Transcript,
    /// The answer, cleaned and wrapped.
    pub answer: Flow,
    /// Where code stands in the answer.
    pub code: Fences,
    /// The reasoning, cleaned and wrapped.
    pub reasoning: Flow,
    /// Live figures.
    pub live: Live,
}

/// Figures that are shown while a run streams.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Live {
    /// Deltas with output so far: about one token each until usage is stated.
    pub deltas: u64,
    /// When the first came, since `asked`.
    pub first_token: Option<Duration>,
    /// When the latest came, since `asked`.
    pub latest: Option<Duration>,
}

impl RunView {
    /// A run that was just asked for.
    pub fn new(subject: Subject, connector: String, asked: Duration) -> Self {
        Self {
            subject,
            connector,
            asked,
            started: None,
            transcript: Transcript::default(),
            answer: Flow::default(),
            code: Fences::default(),
            reasoning: Flow::default(),
            live: Live::default(),
        }
    }

    /// True until its end came.
    pub fn is_alive(&self) -> bool {
        !self.transcript.is_over()
    }
}

impl Runs {
    /// No runs; the first gets the id `first`.
    pub fn new(first: RunId) -> Self {
        Self {
            all: BTreeMap::new(),
            latest: BTreeMap::new(),
            next: first,
            bytes_per_second: 0,
            cancelling: BTreeSet::new(),
        }
    }

    /// The last run of a subject.
    pub fn latest(&self, subject: &Subject) -> Option<&RunView> {
        self.all.get(self.latest.get(subject)?)
    }

    /// How many runs are in a phase that `is` accepts.
    pub fn count(&self, is: impl Fn(RunPhase) -> bool) -> usize {
        self.all.values().filter(|run| is(run.transcript.phase)).count()
    }

    /// How many runs are alive, queued ones included.
    pub fn alive(&self) -> usize {
        self.all.values().filter(|run| !run.transcript.is_over()).count()
    }
}
