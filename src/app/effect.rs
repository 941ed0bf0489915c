//! What shall follow: orders to the runtime, as plain values.

use std::sync::Arc;

use crate::config::Change;
use crate::domain::doctor::Reach;
use crate::domain::{Connector, NetworkPolicy, Origin, PriceBook, RunId, Source};

use super::model::{Mouse, Subject};
use super::question::Question;
use super::test::Mode;

/// An order to the runtime.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Put a run into the pool.
    Start(Box<Start>),
    /// Cancel a run; its end comes as an event.
    Cancel(RunId),
    /// Examine a connector; what happens comes as messages.
    Examine(Box<Examine>),
    /// Stop an examination; its end comes as a message.
    StopExamination(RunId),
    /// Write a change to the file.
    Save(Box<Change>),
    /// Tell exactly what would be sent.
    Preview(Box<Start>),
    /// Open a text in `$EDITOR`; the screen is given away meanwhile.
    Edit(Subject, String),
    /// Copy a text to the person's clipboard.
    Copy(String),
    /// Write a text to a file.
    Write(Box<Export>),
    /// Take the mouse, or leave it to the terminal.
    Mouse(Mouse),
    /// Ask the event log; its answer comes as a message.
    Ask(Box<Question>),
    /// Write a picture of the screen into a file.
    Picture,
    /// Leave the terminal to the shell and stop until it continues us.
    Suspend,
    /// Clear and draw everything.
    Redraw,
    /// End the program: cancel what runs, drain the event log, restore the terminal.
    Quit,
}

/// What an examination needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Examine {
    /// Its id.
    pub run: RunId,
    /// The connector.
    pub connector: Connector,
    /// The policy that holds for it.
    pub policy: NetworkPolicy,
    /// Which file it stands in.
    pub origin: Origin,
    /// How far it goes.
    pub reach: Reach,
    /// Who asks: a watch goes the configured way alone, the doctor also that without a proxy.
    pub source: Source,
    /// What the tokens of its calls cost.
    pub prices: Arc<PriceBook>,
}

/// A text on its way to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// As typed; `~` is the home directory, and what is relative lies in the working directory.
    pub path: String,
    /// What is written.
    pub text: Arc<str>,
    /// Whether it may take the place of a file that is there.
    pub existing: Existing,
}

/// Whether a file that is there may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays; nothing is written.
    Keep,
    /// The person said so.
    Replace,
}

/// What a run needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Its id.
    pub run: RunId,
    /// The connector, saved or as drafted.
    pub connector: Connector,
    /// Its limits.
    pub policy: NetworkPolicy,
    /// The body as typed.
    pub body: String,
    /// Stream, or the reply in one piece.
    pub mode: Mode,
    /// What its tokens cost.
    pub prices: Arc<PriceBook>,
}
