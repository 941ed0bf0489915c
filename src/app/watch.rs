//! The watch screen: connectors probed again and again by the doctor's cheap stages, and what that told.
//!
//! It probes while one looks at it and not otherwise, so that nothing is sent behind a person's back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::config::Entry;
use crate::domain::doctor::Probe;
use crate::domain::{Connector, ConnectorId, DoctorStage, NetworkPolicy, StageStatus};

use super::doctor::DoctorPane;
use super::model::Model;

/// Intervals to choose from, in seconds.
const INTERVALS: [u64; 7] = [5, 10, 30, 60, 300, 900, 3600];
/// The interval at first.
const FIRST: Duration = Duration::from_secs(30);
/// A probe that takes longer is told: what stands there is old by then.
const SLOW: Duration = Duration::from_secs(10);
/// Probes that are kept of each connector: more than a screen has columns for.
pub const KEPT: usize = 200;

/// Connectors that are watched.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchPane {
    /// From the start of a probe to that of the next.
    pub every: Duration,
    /// Whose probes make calls, which have a price: a person said so for each of them.
    pub calls: BTreeSet<ConnectorId>,
    /// Whether probes begin by themselves.
    pub state: Probing,
    /// What is known of each.
    pub watched: BTreeMap<ConnectorId, Watched>,
}

/// Whether probes begin by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probing {
    /// They do.
    On,
    /// The person stopped it.
    Paused,
}

/// What is known of one connector.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Watched {
    /// What is probed; another connector of its id is another one.
    pub whom: Option<Box<(Connector, NetworkPolicy)>>,
    /// The probe that goes on.
    pub going: Option<DoctorPane>,
    /// When the next is due.
    pub due: Duration,
    /// The last one that came to its end.
    pub last: Option<DoctorPane>,
    /// The last probes, the latest at the end.
    pub probes: VecDeque<Probe>,
    /// How many were made, and how many of them failed.
    pub counts: Counts,
    /// When the last probe ended that found something else than the one before.
    pub since: Duration,
}

/// Probes since the program started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All.
    pub all: u64,
    /// Those that failed.
    pub failed: u64,
}

impl Default for WatchPane {
    fn default() -> Self {
        Self { every: FIRST, calls: BTreeSet::new(), state: Probing::On, watched: BTreeMap::new() }
    }
}

impl WatchPane {
    /// The next longer interval; after the longest, the shortest.
    pub fn next_interval(&self) -> Duration {
        let mut longer = INTERVALS.into_iter().filter(|seconds| *seconds > self.every.as_secs());
        Duration::from_secs(longer.next().unwrap_or(INTERVALS[0]))
    }

    /// When a connector is probed next: at once where it never was, and not while a probe of it goes on.
    pub fn due(&self, id: &ConnectorId) -> Option<Duration> {
        match self.watched.get(id) {
            Some(watched) if watched.going.is_some() => None,
            Some(watched) => Some(watched.due),
            None => Some(Duration::ZERO),
        }
    }
}

impl Watched {
    /// The verdict of the last probe.
    pub fn verdict(&self) -> Option<StageStatus> {
        self.probes.back().map(|probe| probe.verdict)
    }

    /// How long the probe that goes on has been without an end, where that is worth telling.
    pub fn silent(&self, now: Duration) -> Option<Duration> {
        let waited = now.saturating_sub(self.going.as_ref()?.asked);
        (waited >= SLOW).then_some(waited)
    }

    /// Takes in a probe that came to its end at this time.
    pub fn ended(&mut self, pane: DoctorPane, now: Duration) {
        let probe = Probe::of(&pane.report);
        if self.last.as_ref().map(found) != Some(found(&pane)) {
            self.since = now;
        }
        self.counts.all += 1;
        self.counts.failed += u64::from(probe.verdict == StageStatus::Failed);
        if self.probes.len() == KEPT {
            self.probes.pop_front();
        }
        self.probes.push_back(probe);
        self.last = Some(DoctorPane { ended: Some(now), ..pane });
    }
}

/// What a probe comes to.
fn found(pane: &DoctorPane) -> Option<(DoctorStage, StageStatus)> {
    pane.report.configured.complaint().map(|stage| (stage.stage, stage.status))
}

/// The connectors that are watched: those that are marked, else those that the list shows.
pub fn rows(model: &Model) -> Vec<&Entry> {
    let entries = &model.config.config.entries;
    let marks = &model.list.marks;
    if marks.is_empty() {
        return model.list.rows(entries, &model.runs).collect();
    }
    entries.iter().filter(|entry| marks.contains(&entry.connector.id)).collect()
}
