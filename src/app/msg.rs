//! What can happen to the screen. Plain values, so that any sequence can be replayed in a test.

use std::time::Duration;

use crate::config::keymap::Chord;
use crate::config::{Config, SaveError};
use crate::domain::{ConnectorId, DoctorEvent, Failure, RunEvent, RunId, UsageSummary};

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
    /// What would be sent.
    Previewed(Result<Page, Failure>),
    /// `$EDITOR` ended.
    Edited(Subject, Result<String, Failure>),
    /// A copy or a picture was made, or not, or telemetry not delivered: what to tell.
    Copied(Result<String, String>),
    /// The system asks the program to end (SIGTERM, SIGHUP).
    Terminate,
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
}
