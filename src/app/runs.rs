//! Runs as the screen knows them: alive ones, and the last of each subject.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::{ConnectorId, RunId, RunPhase, Transcript};

use super::doctor::DoctorPane;
use super::fences::Fences;
use super::flow::Flow;
use super::live::Rates;
use super::model::Subject;
use super::watch::WatchPane;

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
    /// Bytes a second, of late.
    pub rates: Rates,
    /// The last examination of each connector.
    pub examinations: BTreeMap<ConnectorId, DoctorPane>,
    /// Connectors that are probed again and again.
    pub watch: WatchPane,
    /// Runs whose cancelling was asked for and that have not ended yet.
    pub cancelling: BTreeSet<RunId>,
}

/// What was done with a connector last: how it stands.
#[derive(Debug, Clone, Copy)]
pub enum Last<'r> {
    /// It was run.
    Run(&'r RunView),
    /// It was examined.
    Examination(&'r DoctorPane),
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
    /// What it produced, but for its texts, which `answer` and `reasoning` hold.
    pub transcript: Transcript,
    /// The answer, cleaned and wrapped.
    pub answer: Flow,
    /// Where code stands in the answer.
    pub code: Fences,
    /// The reasoning, cleaned and wrapped.
    pub reasoning: Flow,
    /// Figures as they are shown.
    pub live: Live,
    /// Figures as they are.
    pub counted: Counted,
}

/// Figures of a run that streams, and when they were brought to the screen last.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Counted {
    /// As of the last event.
    pub figures: Live,
    shown: Option<Duration>,
}

/// How often figures change on the screen. More often nobody reads them, and each change is sent over the line.
pub const FIGURES: Duration = Duration::from_millis(250);

/// Figures that are shown while a run streams.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Live {
    /// Deltas with output so far: about one token each until usage is stated.
    pub deltas: u64,
    /// When the first came, since `asked`.
    pub first_token: Option<Duration>,
    /// When the latest came, since `asked`.
    pub latest: Option<Duration>,
    /// Events so far.
    pub events: usize,
    /// Completion tokens, where the server states them.
    pub stated: Option<u64>,
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
            counted: Counted::default(),
        }
    }

    /// Brings the figures to the screen: the first at once, then four times a second, and the last.
    pub fn show_figures(&mut self, now: Duration) {
        let Counted { mut figures, shown } = self.counted;
        figures.events = self.transcript.raw.count;
        figures.stated = self.transcript.usage.completion;
        let is_first = (self.live.deltas == 0 && figures.deltas > 0) || (self.live.events == 0 && figures.events > 0);
        let is_due = shown.is_none_or(|shown| now.saturating_sub(shown) >= FIGURES);
        if is_first || is_due || !self.is_alive() {
            self.live = figures;
            self.counted.shown = Some(now);
        }
    }

    /// True until its end came.
    pub fn is_alive(&self) -> bool {
        !self.transcript.is_over()
    }

    fn is_after(&self, examined: &DoctorPane) -> bool {
        match (&self.transcript.end, examined.ended) {
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => self.asked > examined.asked,
            (Some(end), Some(ended)) => {
                let times = [end.timing.queue, end.timing.total];
                self.asked + times.into_iter().flatten().sum::<Duration>() > ended
            }
        }
    }
}

impl Runs {
    /// No runs; the first gets the id `first`.
    pub fn new(first: RunId) -> Self {
        Self {
            all: BTreeMap::new(),
            latest: BTreeMap::new(),
            next: first,
            rates: Rates::default(),
            examinations: BTreeMap::new(),
            watch: WatchPane::default(),
            cancelling: BTreeSet::new(),
        }
    }

    /// The last run of a subject.
    pub fn latest(&self, subject: &Subject) -> Option<&RunView> {
        self.all.get(self.latest.get(subject)?)
    }

    /// What was done with a saved connector last: what goes on, before what is over; of two that go on the one that was
    /// asked for later, and of two that are over the one that ended later.
    pub fn last(&self, id: &ConnectorId) -> Option<Last<'_>> {
        let run = self.latest(&Subject::Saved(id.clone()));
        let examined = self.examinations.get(id);
        match (run, examined) {
            (Some(run), Some(examined)) if run.is_after(examined) => Some(Last::Run(run)),
            (_, Some(examined)) => Some(Last::Examination(examined)),
            (run, None) => run.map(Last::Run),
        }
    }

    /// How many runs are in a phase that `is` accepts.
    pub fn count(&self, is: impl Fn(RunPhase) -> bool) -> usize {
        self.all.values().filter(|run| is(run.transcript.phase)).count()
    }

    /// How many examinations go on.
    pub fn examining(&self) -> usize {
        self.examinations.values().filter(|pane| pane.is_alive()).count()
    }

    /// How many runs are alive, queued ones included.
    pub fn alive(&self) -> usize {
        self.all.values().filter(|run| !run.transcript.is_over()).count()
    }
}
