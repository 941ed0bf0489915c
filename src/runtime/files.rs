//! The configuration file and the event log, as the loop sees them: blocking calls for other threads.
//!
//! Each answer is sent while the lock is held, so that the model hears of two changes in the order they
//! happened. Nothing here may be called on the interface's thread but [`Files::want_usage`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use jiff::ZonedDateTime;
use tokio::sync::mpsc::Sender;

use super::answers;
use super::effects::Answer;
use super::look::{Display, look};
use crate::app::Msg;
use crate::app::model::Look;
use crate::app::msg::{ConfigMsg, Errand};
use crate::app::question::Question;
use crate::config::{self, Change, Config, Paths, Removed, Saved, Stamp};
use crate::domain::text::clean_line;
use crate::domain::{Budget, ErrorKind, Failure, Origin, RunRecord, UsageSummary};
use crate::secrets::Vault;
use crate::store::{EventLog, Reader, Retention, StoreError, Team};
use crate::telemetry::Telemetry;

/// Usage as it was told last.
pub(super) type Told = Result<UsageSummary, String>;

/// The files behind the screen.
pub(super) struct Files {
    paths: Paths,
    display: Display,
    /// Where typed keys go.
    vault: Vault,
    seen: Mutex<Seen>,
    /// What was taken away and can still be brought back: its keys stay in the vault until the end.
    removed: Mutex<Vec<Removed>>,
    log: Log,
    panel: Mutex<Panel>,
    usage_wanted: AtomicBool,
    /// Of the configuration as last read.
    budgets: Mutex<Vec<Budget>>,
    /// For questions of the screens.
    questions: Mutex<Option<Reader>>,
}

/// The event log, opened when it is first needed, which is after the first frame.
pub(super) struct Log {
    /// Where runs are recorded, or why that cannot be.
    recorder: OnceLock<Result<EventLog, String>>,
    /// What it keeps.
    retention: Retention,
    /// Whose log is asked, where there is a team.
    team: Option<Team>,
    /// The collector that is told of runs too: set once the services it needs are there, empty where nobody asked for it.
    telemetry: OnceLock<Telemetry>,
}

impl Log {
    /// A log that is not opened yet.
    pub(super) fn new(retention: Retention, team: Option<Team>) -> Self {
        Self { recorder: OnceLock::new(), retention, team, telemetry: OnceLock::new() }
    }
}

struct Seen {
    /// What the configuration looked like when it was last read.
    read: Stamp,
    /// What it looked like at the last look, where that was something new. It is read at the next look if
    /// it is still the same: an editor may be in the middle of writing it, and half a file has half the
    /// connectors.
    glimpsed: Option<Stamp>,
}

#[derive(Default)]
struct Panel {
    reader: Option<Reader>,
    minute: i64,
    told: Option<Told>,
}

impl Files {
    /// Files of which `seen` was read already.
    pub(super) fn new(place: (Paths, Vault), display: Display, seen: Stamp, log: Log) -> Self {
        let (paths, vault) = place;
        Self {
            paths,
            display,
            vault,
            seen: Mutex::new(Seen { read: seen, glimpsed: None }),
            removed: Mutex::default(),
            log,
            panel: Mutex::default(),
            usage_wanted: AtomicBool::new(true),
            budgets: Mutex::default(),
            questions: Mutex::default(),
        }
    }

    /// The file that a connector of this origin stands in, as a fix names it.
    pub(super) fn name_of(&self, origin: Origin) -> String {
        clean_line(&self.paths.file_of(origin).to_string_lossy()).into_owned()
    }

    /// The log, where it can be used.
    pub(super) fn log(&self) -> Option<&EventLog> {
        self.opened().as_ref().ok()
    }

    fn opened(&self) -> &Result<EventLog, String> {
        self.log.recorder.get_or_init(|| {
            let opened = EventLog::open_with(&self.paths.event_log(), self.log.retention, self.log.team.clone());
            opened.map_err(|error| error.to_string())
        })
    }

    /// Records a run that ended just now, and tells the collector of it. Never waits.
    pub(super) fn record(&self, run: RunRecord) {
        if let Some(telemetry) = self.telemetry() {
            telemetry.record(&run, jiff::Timestamp::now().as_millisecond());
        }
        if let Some(log) = self.log() {
            // The log keeps what it cannot write and tells its problem with the figures.
            log.record(run).ok();
        }
    }

    /// From now on runs are told to this collector.
    pub(super) fn tell(&self, telemetry: Telemetry) {
        // Called once, at the start: a later call has nothing to add.
        self.log.telemetry.set(telemetry).ok();
    }

    /// The collector, where one is told.
    pub(super) fn telemetry(&self) -> Option<&Telemetry> {
        self.log.telemetry.get()
    }

    /// Reads the configuration again if it changed and has come to rest.
    pub(super) fn look(&self, answers: &Sender<Answer>) {
        // Someone else is at it: the next look will do.
        let Ok(mut seen) = self.seen.try_lock() else { return };
        let stamp = config::stamp(&self.paths);
        let new = Some(stamp).filter(|stamp| *stamp != seen.read);
        let before = std::mem::replace(&mut seen.glimpsed, new);
        if seen.glimpsed.is_some() && seen.glimpsed == before {
            let sight = load(&self.paths, self.display);
            *seen = Seen { read: sight.stamp, glimpsed: None };
            send(
                answers,
                match sight.read {
                    Ok((config, look)) => {
                        self.take_budgets(&config);
                        Answer::Config(ConfigMsg::Loaded(Box::new(config)), look)
                    }
                    Err(problem) => Answer::Msg(Msg::Config(ConfigMsg::Broken(problem))),
                },
            );
        }
    }

    /// Writes a change.
    pub(super) fn save(&self, change: &Change, answers: &Sender<Answer>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match config::save_undoable(&self.paths, change, &self.vault) {
            Ok(saved) => {
                *seen = Seen { read: saved.config.stamp.clone(), glimpsed: None };
                self.saved(saved, change)
            }
            Err(error) => Answer::Msg(Msg::Config(match change {
                Change::Restore(removed) => ConfigMsg::Restored(removed.clone(), Err(error)),
                Change::Put { .. } | Change::Remove { .. } => ConfigMsg::NotSaved(error),
            })),
        };
        send(answers, answer);
    }

    /// From now on these budgets are watched.
    pub(super) fn take_budgets(&self, config: &Config) {
        self.budgets.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&config.settings.budgets);
        self.usage_wanted.store(true, Ordering::SeqCst);
    }

    fn saved(&self, saved: Saved, change: &Change) -> Answer {
        let look = look(&saved.config.settings, self.display);
        let config = Box::new(saved.config);
        self.remember(change, saved.removed.as_deref());
        let msg = match (change, saved.removed) {
            (Change::Put { connector, .. }, _) => ConfigMsg::Saved(config, Some(connector.id.clone())),
            (Change::Restore(removed), _) => ConfigMsg::Restored(removed.clone(), Ok(config)),
            (Change::Remove { .. }, Some(removed)) => ConfigMsg::Removed(config, removed),
            (Change::Remove { .. }, None) => ConfigMsg::Saved(config, None),
        };
        match look {
            Ok(look) => Answer::Config(msg, look),
            // The change is written, and the keys stay what they are.
            Err(_wrong) => Answer::Msg(Msg::Config(msg)),
        }
    }

    /// What is brought back keeps its keys.
    fn remember(&self, change: &Change, gone: Option<&Removed>) {
        let mut removed = self.removed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Change::Restore(back) = change {
            removed.retain(|other| other != &**back);
        }
        removed.extend(gone.cloned());
    }

    /// Nothing can be brought back any more: the vault lets go of the keys of what was taken away.
    pub(super) fn forget(&self) {
        for removed in self.removed.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            config::forget(&self.paths, &removed, &self.vault);
        }
    }

    /// Asks for fresh figures. False when that was done already and nobody has answered yet.
    pub(super) fn want_usage(&self) -> bool {
        !self.usage_wanted.swap(true, Ordering::SeqCst)
    }

    /// Tells the figures if they changed, and once that the collector is away.
    pub(super) fn usage(&self, answers: &Sender<Answer>) {
        if let Some(notice) = self.telemetry().and_then(Telemetry::notice) {
            send(answers, Answer::Msg(Msg::Errand(Errand::Copied(Err(notice)))));
        }
        // Someone else is asking, and may wait for the team's log: what is wanted stays so until the next look.
        let Ok(mut panel) = self.panel.try_lock() else { return };
        let now = ZonedDateTime::now();
        let minute = now.timestamp().as_second().div_euclid(60);
        let wanted = self.usage_wanted.swap(false, Ordering::SeqCst);
        let ask = if wanted || panel.minute != minute { Ask::Always } else { Ask::Changed };
        let told = self.figures(&mut panel, &now, ask);
        panel.minute = minute;
        if let Some(told) = told.filter(|told| panel.told.as_ref() != Some(told)) {
            panel.told = Some(told.clone());
            send(answers, Answer::Msg(Msg::Usage(told)));
            send(answers, Answer::Msg(Msg::LogChanged));
        }
    }

    fn figures(&self, panel: &mut Panel, now: &ZonedDateTime, ask: Ask) -> Option<Told> {
        let log = match self.opened() {
            Ok(log) => log,
            Err(problem) => return Some(Err(problem.clone())),
        };
        if ask == Ask::Always {
            // The writer's own complaint is told below.
            log.flush().ok();
        }
        if let Some(problem) = log.problem() {
            return Some(Err(problem));
        }
        let budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let reader = || self.reader();
        let read = panel.read(&reader, now, (ask, &budgets));
        let read =
            read.map(|read| read.map(|figures| UsageSummary { notice: log.behind().or(figures.notice), ..figures }));
        let read = read.transpose();
        match log.notice().filter(|_| panel.told.is_none()) {
            // Stays until there are other figures, or for a minute.
            Some(notice) => Some(Err(notice)),
            None => read,
        }
    }

    /// Answers a question about the event log, through a reader of its own: the panel does not wait for it.
    pub(super) fn answer(&self, question: Question, answers: &Sender<Answer>) {
        let found = match self.opened() {
            Ok(log) => {
                // What was recorded before the question belongs to the answer; the panel tells the log's complaints.
                log.flush().ok();
                answers::find(&self.questions, &|| self.reader(), &question)
            }
            Err(problem) => Err(Failure::new(ErrorKind::Config, problem.clone(), "")),
        };
        send(answers, Answer::Msg(Msg::Answered(Box::new(question), found)));
    }

    fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open_with(&self.paths.event_log(), self.log.team.clone())
    }

    /// Makes everything recorded durable, and delivers what waits for the collector.
    pub(super) fn flush(&self) {
        // One that was never opened has nothing to write.
        if let Some(Ok(log)) = self.log.recorder.get() {
            // Nobody is left to be told; the log keeps what it can.
            log.flush().ok();
        }
        if let Some(telemetry) = self.telemetry() {
            telemetry.close();
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// Only if someone wrote.
    Changed,
    /// In any case.
    Always,
}

impl Panel {
    fn read(
        &mut self,
        open: &dyn Fn() -> Result<Reader, StoreError>,
        now: &ZonedDateTime,
        (ask, budgets): (Ask, &[Budget]),
    ) -> Result<Option<UsageSummary>, String> {
        let text = |error: StoreError| error.to_string();
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => open().map_err(text)?,
        };
        let reader = self.reader.insert(reader);
        if !reader.changed().map_err(text)? && ask == Ask::Changed {
            return Ok(None);
        }
        let midnight = now.start_of_day().map_err(|error| error.to_string())?;
        let (now_ms, since) = (now.timestamp().as_millisecond(), midnight.timestamp().as_millisecond());
        let summary = reader.summary(now_ms, since).map_err(text)?;
        let budgets = reader.spending(budgets, now_ms, now.time_zone()).map_err(text)?;
        Ok(Some(UsageSummary { budgets, notice: reader.notice(), ..summary }))
    }
}

/// The figures of the event log as they are now.
pub(super) fn figures(paths: &Paths, budgets: &[Budget]) -> Told {
    let open = || Reader::open(&paths.event_log());
    let read = Panel::default().read(&open, &ZonedDateTime::now(), (Ask::Always, budgets));
    read.map(Option::unwrap_or_default)
}

/// What was found on disk.
pub(super) struct Sight {
    /// What the files looked like, readable or not.
    pub(super) stamp: Stamp,
    /// What they say, or where they are wrong.
    pub(super) read: Result<(Config, Look), String>,
}

/// Reads the files.
pub(super) fn load(paths: &Paths, display: Display) -> Sight {
    let read = || {
        config::load(paths).and_then(|config| {
            let look = look(&config.settings, display)?;
            Ok((config, look))
        })
    };
    if let Ok((config, look)) = read() {
        return Sight { stamp: config.stamp.clone(), read: Ok((config, look)) };
    }
    // Read again behind a stamp: a change meanwhile makes the next look differ.
    let before = config::stamp(paths);
    let read = read();
    let stamp = read.as_ref().map_or(before, |(config, _)| config.stamp.clone());
    Sight { stamp, read: read.map_err(|error| error.to_string()) }
}

fn send(answers: &Sender<Answer>, answer: Answer) {
    // A closed channel means that the program ends.
    answers.blocking_send(answer).ok();
}
