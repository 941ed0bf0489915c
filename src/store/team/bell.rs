//! What lies between those who write to the file and the thread that sends: a bell, and how the sending goes.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::store::error::StoreError;

/// How far the forwarder's life has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// What waits may still be sent.
    Closing,
    Ended,
}

/// What a wait ends for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// A ring, too.
    Ring,
    /// The end alone: ringing makes a server that is away come back no sooner.
    End,
}

/// Whether there is more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Going,
    /// What can be sent at once is sent, nothing is waited for.
    Ending,
}

/// How a close went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    Ended,
    /// It waits for something else.
    Hanging,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Rings so far, and those that were answered.
    rings: (u64, u64),
    owed: u64,
    problem: Option<StoreError>,
}

/// Shared by the writer, the forwarder and the handles of a log.
#[derive(Debug)]
pub(in crate::store) struct Bell {
    state: Mutex<State>,
    changed: Condvar,
}

impl Bell {
    pub(super) fn new() -> Self {
        let state = State { phase: Phase::Open, rings: (0, 0), owed: 0, problem: None };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs were written that the team's log lacks.
    pub(in crate::store) fn ring(&self) {
        let mut state = self.state();
        state.rings.0 += 1;
        self.changed.notify_all();
    }

    /// Why the team's log is behind: nothing where it is not, or where it is only a moment.
    pub(in crate::store) fn problem(&self) -> Option<String> {
        let state = self.state();
        let wait = match state.owed {
            1 => "1 run waits here".to_owned(),
            owed => format!("{owed} runs wait here"),
        };
        match (&state.problem, state.owed, state.phase) {
            (Some(problem), 0, _) => Some(problem.to_string()),
            (Some(problem), _, _) => Some(format!("{wait}: {problem}")),
            (None, 0, _) | (None, _, Phase::Open) => None,
            (None, _, Phase::Closing | Phase::Ended) => Some(format!("{wait} for the team's event log")),
        }
    }

    /// What to do about it.
    pub(in crate::store) fn hint(&self) -> Option<String> {
        self.state().problem.as_ref().map(|problem| problem.hint().to_owned()).filter(|hint| !hint.is_empty())
    }

    /// Lets the forwarder send what it can, and waits for that so long at most.
    pub(super) fn close(&self, patience: Duration) -> Closed {
        let deadline = Instant::now() + patience;
        let mut state = self.state();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing;
        }
        self.changed.notify_all();
        while state.phase != Phase::Ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Closed::Hanging;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Closed::Ended
    }

    /// So many runs are owed now.
    pub(super) fn owe(&self, owed: u64) {
        self.state().owed = owed;
    }
}

/// The forwarder's side.
impl Bell {
    /// How many runs are owed now, and why they are not sent.
    pub(super) fn tell(&self, owed: u64, problem: Option<StoreError>) {
        let mut state = self.state();
        (state.owed, state.problem) = (owed, problem);
    }

    /// What was rung for until now is being looked at.
    pub(super) fn answer(&self) -> Life {
        let mut state = self.state();
        state.rings.1 = state.rings.0;
        if state.phase == Phase::Open { Life::Going } else { Life::Ending }
    }

    /// Waits for a reason to go on.
    pub(super) fn wait(&self, at_most: Duration, wake: Wake) -> Life {
        let deadline = Instant::now() + at_most;
        let mut state = self.state();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let rung = wake == Wake::Ring && state.rings.0 > state.rings.1;
            match state.phase {
                Phase::Open if !rung && !left.is_zero() => {}
                Phase::Open => return Life::Going,
                Phase::Closing | Phase::Ended => return Life::Ending,
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Nothing is sent any more; nobody may wait for it.
    pub(super) fn ended(&self) {
        self.state().phase = Phase::Ended;
        self.changed.notify_all();
    }
}
