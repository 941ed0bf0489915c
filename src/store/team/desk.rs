//! Questions to the team's log, answered by a thread of their own: whoever asks waits for a bounded time, whatever the
//! network does.

use std::fmt;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::session::{Access, Session};
use super::{Team, explain};
use crate::domain::{ErrorKind, Failure};
use crate::store::error::StoreError;
use crate::store::sql::{Sql, SqlError};

/// How long an answer may take, connecting included.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long a log that did not answer is not asked again.
const REST: Duration = Duration::from_secs(10);
/// How often a question is asked again where writers came in its way.
const CONFLICTS: usize = 3;

type Job = Box<dyn FnOnce(&mut Line) + Send>;

/// Where questions are put.
pub(in crate::store) struct Desk {
    team: Team,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    jobs: Option<SyncSender<Job>>,
    /// Why it did not answer, and when that was.
    away: Option<(Instant, StoreError)>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("team", &self.team).finish_non_exhaustive()
    }
}

impl Desk {
    pub(in crate::store) fn new(team: Team) -> Self {
        Self { team, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the log did not answer last.
    pub(in crate::store) fn problem(&self) -> Option<StoreError> {
        self.state().away.as_ref().map(|(_, error)| error.clone())
    }

    /// Asks in one snapshot. One that did not answer a moment ago is not asked.
    pub(in crate::store) fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&dyn Sql) -> Result<T, SqlError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if let Some((since, error)) = &self.state().away
            && since.elapsed() < REST
        {
            return Err(error.clone());
        }
        let (tell, told) = sync_channel(1);
        let job: Job = Box::new(move |line: &mut Line| {
            let answer = line.ask(&question);
            // Nobody waits any more.
            tell.send(answer).ok();
        });
        let answer = match self.jobs().and_then(|jobs| jobs.try_send(job).map_err(|_full| self.late())) {
            Ok(()) => told.recv_timeout(PATIENCE).unwrap_or_else(|missing| {
                // A thread that hangs is left behind; the next question has another.
                self.state().jobs = None;
                Err(match missing {
                    RecvTimeoutError::Timeout => self.late(),
                    RecvTimeoutError::Disconnected => self.failed("the thread that asks it broke off"),
                })
            }),
            Err(error) => Err(error),
        };
        self.state().away = answer.as_ref().err().map(|error| (Instant::now(), error.clone()));
        answer
    }

    fn late(&self) -> StoreError {
        let message = format!("it does not answer within {}", crate::domain::units::show_duration(PATIENCE));
        StoreError::team(
            &self.team.name(),
            Failure::new(ErrorKind::Timeout, message, "is the server overloaded, or the network slow?"),
        )
    }

    fn failed(&self, what: &str) -> StoreError {
        StoreError::team(&self.team.name(), Failure::new(ErrorKind::Internal, what, ""))
    }

    fn jobs(&self) -> Result<SyncSender<Job>, StoreError> {
        let mut state = self.state();
        if let Some(jobs) = &state.jobs {
            return Ok(jobs.clone());
        }
        let (jobs, waiting) = sync_channel::<Job>(16);
        let mut line = Line { team: self.team.clone(), session: None };
        let thread = Builder::new().name("team-log-questions".to_owned());
        let started = thread.spawn(move || waiting.into_iter().for_each(|job| job(&mut line)));
        started.map_err(|error| self.failed(&format!("the thread that asks it cannot be started: {error}")))?;
        state.jobs = Some(jobs.clone());
        Ok(jobs)
    }
}

/// The thread's side.
struct Line {
    team: Team,
    session: Option<Session>,
}

impl Line {
    /// A connection that broke since the last question is no failure: there is another.
    fn ask<T>(&mut self, question: &dyn Fn(&dyn Sql) -> Result<T, SqlError>) -> Result<T, StoreError> {
        if let Some(Ok(answer)) = self.session.as_mut().map(|session| put(session, question)) {
            return Ok(answer);
        }
        self.session = None;
        let session = self.session.insert(Session::open(&*self.team)?);
        put(session, question).map_err(|error| session.explain(&error))
    }
}

fn put<T>(session: &mut Session, question: &dyn Fn(&dyn Sql) -> Result<T, SqlError>) -> Result<T, SqlError> {
    let mut answer = session.transact(Access::Read, question);
    for _ in 0..CONFLICTS {
        match &answer {
            Err(error) if explain::is_conflict(error) => answer = session.transact(Access::Read, question),
            Ok(_) | Err(_) => break,
        }
    }
    answer
}
