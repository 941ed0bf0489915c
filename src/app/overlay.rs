//! What lies over the screen: pages, the palette, questions.

use std::sync::Arc;

use crate::config::keymap::{Action, Context};
use crate::domain::{Connector, ConnectorId, Draft};

use super::effect::Export;
use super::flow::Flow;
use super::model::Subject;

/// What lies over the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Overlay {
    /// What works here, derived from the keymap.
    Help(Page),
    /// Exactly what would be sent, secrets masked.
    Preview(Page),
    /// A longer message: a failure with its hint, a broken file.
    Message(Page),
    /// The command palette.
    Palette(Palette),
    /// A question.
    Question(Question),
    /// The name of a file, while it is typed.
    Name(Naming),
    /// A text without borders, to be selected by hand.
    Plain(Plain),
}

/// The name of a file that a text shall go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The name as typed.
    pub name: String,
    /// What will be written.
    pub text: Arc<str>,
}

/// A text that fills the screen.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    /// The text, wrapped to the whole width.
    pub flow: Flow,
    /// First row that shows.
    pub top: usize,
}

impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        self.flow.text() == other.flow.text() && self.top == other.top
    }
}

/// A page that is read and scrolled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Its lines, clean.
    pub lines: Vec<String>,
    /// First row that shows.
    pub top: usize,
}

/// The command palette.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// What was typed.
    pub text: String,
    /// Which of the matches is selected.
    pub selected: usize,
    /// The actions that match, best first.
    pub matches: Vec<PaletteItem>,
    /// Where the palette was opened: its commands act there.
    pub from: Option<Context>,
}

/// One command of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaletteItem {
    /// Its name, as in `[keys]`; or `go CONNECTOR`.
    pub name: String,
    /// What it does.
    pub label: String,
    /// The first key that does it too.
    pub key: String,
    /// What happens.
    pub command: Command,
    /// Whether it can be done from where the palette was opened.
    pub works: Works,
}

/// Whether a command works where the palette was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Works {
    /// It does.
    Here,
    /// It does there.
    In(Context),
}

/// What a command of the palette does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// An action, as if its key were pressed where the palette was opened.
    Act(Action),
    /// Select a connector and open its test pane.
    Go(ConnectorId),
}

/// A question and what it is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Delete these connectors?
    Delete(Vec<ConnectorId>),
    /// Drop the changes of the edit pane?
    Discard(After),
    /// Quit while runs are alive?
    Quit,
    /// The connector changed on disk while it was edited: keep mine, or take theirs (other)?
    Clash(Option<Box<Connector>>),
    /// Reset a body the person typed?
    ResetBody,
    /// Run these though a budget is spent? The text says which.
    OverBudget(Vec<Subject>, String),
    /// Make a connector of a pasted command?
    Paste(Box<Import>),
    /// Probe these connectors by calls that have a price?
    WatchCalls(Vec<ConnectorId>),
    /// Replace the file that is there?
    Replace(Box<Export>, String),
}

/// A connector and a body that come from elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The connector, not saved yet.
    pub draft: Draft,
    /// The body of its test pane.
    pub body: Option<String>,
    /// What was not carried over, each with its reason.
    pub left_out: Vec<String>,
}

/// What follows once changes are dropped.
#[derive(Debug, Clone, PartialEq)]
pub enum After {
    /// The edit pane closes.
    Close,
    /// The program ends.
    Quit,
    /// Another connector is edited.
    Edit(ConnectorId),
    /// A new connector is begun.
    New,
    /// A copy of this connector is begun.
    Duplicate(ConnectorId),
    /// A new connector is begun from a pasted command.
    Import(Box<Import>),
}

impl Overlay {
    /// Where a key acts.
    pub fn context(&self) -> Context {
        match self {
            Self::Help(_) | Self::Preview(_) | Self::Message(_) | Self::Plain(_) => Context::Page,
            Self::Name(_) => Context::Search,
            Self::Palette(_) => Context::Palette,
            Self::Question(_) => Context::Question,
        }
    }
}
