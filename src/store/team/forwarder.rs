//! The thread that sends what the file owes to the team's log, batch by batch, each in one transaction there.
//!
//! Several processes share a file, and one of them sends at a time: a lock file chooses. Where there are no such locks
//! two may send the same run, and the database takes it once.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::Builder;
use std::time::Duration;

use rusqlite::Connection;

use super::bell::{Bell, Closed, Life, Wake};
use super::session::{Access, Session};
use super::{Team, explain};
use crate::domain::{ErrorKind, Failure, units};
use crate::store::connect;
use crate::store::error::StoreError;
use crate::store::ledger::Ledger;
use crate::store::outbox::{self, Owed};
use crate::store::sql::SqlError;

/// Runs a transaction.
const BATCH: i64 = 512;
/// How often the file is looked at where nobody rings: another process may have left something behind.
const LOOK: Duration = Duration::from_secs(3);
/// When to look again whether the other process is done.
const ELSEWHERE: Duration = Duration::from_secs(1);
/// The first and the longest wait for a database that is away.
const AWAY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));
/// How long a connection may take until its tables are known.
const CONNECTED: Duration = Duration::from_secs(20);
/// How often a conflict with other writers is tried again at once.
const CONFLICTS: u32 = 6;

/// Starts the thread. It ends when it is closed.
pub(in crate::store) fn start(path: &Path, team: Team) -> io::Result<Arc<Bell>> {
    let bell = Arc::new(Bell::new());
    let sender = Sender {
        team,
        path: path.to_owned(),
        file: None,
        session: None,
        ledger: Ledger::default(),
        end: AtEnd(Arc::clone(&bell)),
    };
    Builder::new().name("team-log".to_owned()).spawn(move || sender.run())?;
    Ok(bell)
}

/// Lets the thread send what it can, for so long at most. One that hangs is left behind, and what it still owes counted.
pub(in crate::store) fn close(path: &Path, bell: &Bell, patience: Duration) {
    if bell.close(patience) == Closed::Hanging
        && let Ok(file) = connect::open_beside(path)
        && let Ok(owed) = outbox::count(&file)
    {
        bell.owe(owed);
    }
}

/// Tells those who wait that the thread is over, however it came to that.
struct AtEnd(Arc<Bell>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.0.ended();
    }
}

struct Sender {
    team: Team,
    path: PathBuf,
    /// A connection of its own to the file, and which file that is.
    file: Option<(Option<(u64, u64)>, Connection)>,
    session: Option<Session>,
    ledger: Ledger,
    end: AtEnd,
}

/// What came of a look at the file.
enum Round {
    /// Nothing is owed.
    Nothing,
    /// A batch arrived.
    Sent,
    /// Another process is at it.
    Elsewhere,
}

impl Sender {
    fn run(mut self) {
        let mut away = AWAY.0;
        loop {
            let life = self.end.0.answer();
            let round = self.round();
            let owed = self.owed();
            let (wait, wake) = match round {
                Ok(Round::Sent) => {
                    self.end.0.tell(owed, None);
                    away = AWAY.0;
                    continue;
                }
                Ok(Round::Nothing) => {
                    self.end.0.tell(owed, None);
                    (LOOK, Wake::Ring)
                }
                Ok(Round::Elsewhere) => (ELSEWHERE, Wake::End),
                Err(error) => {
                    self.end.0.tell(owed, Some(error));
                    self.session = None;
                    let wait = away.mul_f64(0.75 + fastrand::f64() / 2.0);
                    away = (away * 2).min(AWAY.1);
                    (wait, Wake::End)
                }
            };
            if life == Life::Ending || (self.end.0.wait(wait, wake) == Life::Ending && wake == Wake::End) {
                return;
            }
        }
    }

    /// Sends one batch.
    fn round(&mut self) -> Result<Round, StoreError> {
        let told = |path: &Path| {
            let path = path.to_owned();
            move |error: SqlError| StoreError::sql(&path, &error)
        };
        let path = self.path.clone();
        let Some(_lock) = claim(&path)? else { return Ok(Round::Elsewhere) };
        if outbox::count(self.file()?).map_err(told(&path))? == 0 {
            return Ok(Round::Nothing);
        }
        if self.session.is_none() {
            let session = connected(&self.team)?;
            self.ledger.forget();
            outbox::address(self.file()?, session.log()).map_err(told(&path))?;
            self.session = Some(session);
        }
        let owed = outbox::newest(self.file()?, BATCH).map_err(told(&path))?;
        if owed.keys.is_empty() {
            return Ok(Round::Nothing);
        }
        self.deliver(&owed)?;
        outbox::settle(self.file()?, &owed.keys).map_err(told(&path))?;
        Ok(Round::Sent)
    }

    /// Makes a batch durable in the team's log.
    fn deliver(&mut self, owed: &Owed) -> Result<(), StoreError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let mut conflicts = 0;
        loop {
            let ledger = &mut self.ledger;
            let Err(error) = session.transact(Access::Write, |sql| ledger.add(sql, &owed.runs)) else { return Ok(()) };
            self.ledger.forget();
            conflicts += 1;
            if !explain::is_conflict(&error) || conflicts > CONFLICTS {
                return Err(session.explain(&error));
            }
            let pause = Duration::from_millis(20 << conflicts).mul_f64(0.5 + fastrand::f64());
            self.end.0.wait(pause, Wake::End);
        }
    }

    /// The connection to the file that stands there now.
    fn file(&mut self) -> Result<&mut Connection, StoreError> {
        let identity = connect::identity(&self.path);
        let open = match self.file.take() {
            Some((known, connection)) if known == identity => connection,
            Some(_) | None => connect::open_beside(&self.path)?,
        };
        Ok(&mut self.file.insert((identity, open)).1)
    }

    fn owed(&mut self) -> u64 {
        // A file that cannot be read is told by the round.
        self.file().ok().and_then(|file| outbox::count(file).ok()).unwrap_or(0)
    }
}

/// A session, from a thread that is left behind where it hangs: a server may take a connection and never say a word.
fn connected(team: &Team) -> Result<Session, StoreError> {
    let failed = |kind, what: String| StoreError::team(&team.name(), Failure::new(kind, what, ""));
    let (tell, told) = sync_channel(1);
    let link = team.clone();
    let thread = Builder::new().name("team-log-connecting".to_owned()).spawn(move || {
        // Nobody waits any more.
        tell.send(Session::open(&*link)).ok();
    });
    thread.map_err(|error| failed(ErrorKind::Internal, format!("its thread cannot be started: {error}")))?;
    told.recv_timeout(CONNECTED).unwrap_or_else(|_silent| {
        let limit = units::show_duration(CONNECTED);
        Err(failed(ErrorKind::Timeout, format!("the connection is not ready within {limit}")))
    })
}

/// The right to send for this file, until it is dropped. `None` where another process has it.
fn claim(path: &Path) -> Result<Option<File>, StoreError> {
    let told = |error: &io::Error| StoreError::io(path, "its lock file for sending cannot be used", error);
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(connect::beside(path, ".sending")).map_err(|error| told(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(Some(file)),
        Err(TryLockError::Error(error)) => Err(told(&error)),
    }
}
