//! What can happen to the screen. Plain values, so that any sequence can be replayed in a test.

use std::time::Duration;

use crate::config::keymap::Chord;
use crate::config::{Config, Removed, SaveError};
use crate::domain::{ConnectorId, DoctorEvent, Failure, RunEvent, RunId, UsageSummary};

use super::effect::Export;
use super::live::Rates;
use super::model::{Facts, Subject};
use super::overlay::Page;
use super::question::{Findings, Question};

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// A key was pressed.
    Key(Chord),
    /// Text was pasted in one piece.
    Paste(String),
    /// The terminal has another size.
    Resize(u16, u16),
    /// Time since the program started.
    Tick(Duration),
    /// The screen was drawn.
    Drawn(Facts),
    /// A run tells something.
    Run(RunId, Vec<RunEvent>),
    /// The doctor tells something of an examination.
    Doctor(RunId, Vec<DoctorEvent>),
    /// The configuration was read again, or cannot be.
    Config(ConfigMsg),
    /// The event log's figures, or why there are none.
    Usage(Result<UsageSummary, String>),
    /// What the event log answers, or why it cannot.
    Answered(Box<Question>, Result<Findings, Failure>),
    /// Someone wrote to the event log: figures on the screen are old.
    LogChanged,
    /// Bytes a second, of late.
    Rates(Rates),
    /// The mouse was used, while it is switched on.
    Mouse(Pointer),
    /// What an errand came to.
    Errand(Errand),
    /// The system asks the program to end (SIGTERM, SIGHUP).
    Terminate,
}

/// What an errand of the runtime came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Errand {
    /// What would be sent.
    Previewed(Result<Page, Failure>),
    /// `$EDITOR` ended.
    Edited(Subject, Result<String, Failure>),
    /// A copy or a picture was made, or not, or telemetry not delivered: what to tell.
    Copied(Result<String, String>),
    /// A text was written to a file, or not.
    Wrote(Box<Export>, Wrote),
}

/// What became of a text on its way to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrote {
    /// It is there: the whole path, and its bytes.
    Done(String, u64),
    /// A file of that name is there already; nothing was written.
    Exists(String),
    /// It cannot be written: why.
    Failed(String),
}

/// What the mouse did, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    /// What it did.
    pub act: PointerAct,
    /// Counted from 0.
    pub column: u16,
    /// Counted from 0.
    pub row: u16,
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointerAct {
    /// The first button went down.
    Press,
    /// The wheel turned away from the person.
    WheelUp,
    /// The wheel turned to the person.
    WheelDown,
}

/// What became of the configuration file.
#[derive(Debug, Clone, PartialEq)]
pub enum ConfigMsg {
    /// It changed on disk and was read.
    Loaded(Box<Config>),
    /// It changed on disk and cannot be used; the last good state stays.
    Broken(String),
    /// A change was written; `ConnectorId` is what was saved, `None` after a removal.
    Saved(Box<Config>, Option<ConnectorId>),
    /// A change was not written.
    NotSaved(SaveError),
    /// A connector was taken away; it can be brought back.
    Removed(Box<Config>, Box<Removed>),
    /// A connector that was taken away is there again, or not.
    Restored(Box<Removed>, Result<Box<Config>, SaveError>),
}
