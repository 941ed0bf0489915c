//! The test pane: a body, what would become of it, and the view on the response.

use tui_textarea::TextArea;

use crate::config::keymap::Context;
use crate::domain::RunId;

use super::find::Find;

pub(crate) mod body;

/// The test pane of one subject.
#[derive(Debug, Clone)]
pub struct TestPane {
    /// The body as typed.
    pub body: Box<TextArea<'static>>,
    /// Whether the body still follows the connector.
    pub origin: BodyOrigin,
    /// Whether keys go to the body.
    pub typing: Typing,
    /// What is wrong with the body, as of the last key.
    pub check: Result<BodyFacts, BodyProblem>,
    /// Stream, or the reply in one piece.
    pub mode: Mode,
    /// Which part of the response shows.
    pub tab: ResponseTab,
    /// Where each tab is scrolled to.
    pub scroll: Scroll,
    /// The run whose response shows.
    pub run: Option<RunId>,
    /// What is searched for in the response.
    pub find: Option<Box<Find>>,
}

/// Where the body came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyOrigin {
    /// Prefilled: it changes with the connector's endpoint and model.
    Prefilled,
    /// The person changed it: it stays.
    Typed,
}

/// Whether keys go to the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Typing {
    /// Keys act.
    #[default]
    Off,
    /// Keys are text.
    On,
}

/// A body that is good JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BodyFacts {
    /// The body's own `model`.
    pub model: Option<String>,
}

/// A body that is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyProblem {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Stream, or the reply in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// `"stream": true`.
    #[default]
    Stream,
    /// `"stream": false`.
    Plain,
}

/// The parts of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResponseTab {
    /// The answer's text.
    #[default]
    Answer,
    /// Reasoning text.
    Reasoning,
    /// Tool calls.
    Tools,
    /// Events as they came.
    Events,
    /// The response's headers.
    Headers,
    /// Times.
    Timing,
}

impl ResponseTab {
    /// Every tab, in order.
    pub const ALL: [Self; 6] = [Self::Answer, Self::Reasoning, Self::Tools, Self::Events, Self::Headers, Self::Timing];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Answer => "Answer",
            Self::Reasoning => "Reasoning",
            Self::Tools => "Tools",
            Self::Events => "Events",
            Self::Headers => "Headers",
            Self::Timing => "Timing",
        }
    }
}

/// Where the tab in view is scrolled to. Changing the tab starts at its top; answer, reasoning and events follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scroll {
    /// First row that shows, when not following.
    pub top: usize,
    /// Whether the end stays in view.
    pub follow: Follow,
}

/// Whether the end stays in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Follow {
    /// The end stays in view.
    #[default]
    On,
    /// The person scrolled: the view stays.
    Paused,
}

impl Scroll {
    /// The first row that shows, of `rows` in a view of `height`.
    pub fn first(&self, rows: usize, height: usize) -> usize {
        let last = rows.saturating_sub(height);
        match self.follow {
            Follow::On => last,
            Follow::Paused => self.top.min(last),
        }
    }
}

impl TestPane {
    /// A pane that starts with this body.
    pub fn new(text: &str) -> Self {
        Self {
            body: super::update::area(text),
            origin: BodyOrigin::Prefilled,
            typing: Typing::default(),
            check: body::check(text),
            mode: Mode::default(),
            tab: ResponseTab::default(),
            scroll: Scroll::default(),
            run: None,
            find: None,
        }
    }

    /// Where a key acts.
    pub fn context(&self) -> Context {
        let is_asked = self.find.as_ref().is_some_and(|find| find.typing == Typing::On);
        match self.typing {
            Typing::Off if is_asked => Context::Search,
            Typing::Off => Context::Test,
            Typing::On => Context::Body,
        }
    }

    /// The body's text.
    pub fn text(&self) -> String {
        self.body.lines().join("\n")
    }

    pub(super) fn set_text(&mut self, text: &str, origin: BodyOrigin) {
        self.body = super::update::area(text);
        self.origin = origin;
        self.recheck();
    }

    pub(super) fn recheck(&mut self) {
        self.check = body::check(&self.text());
    }

    /// The body changed by a person's hand.
    pub(super) fn typed(&mut self) {
        self.origin = BodyOrigin::Typed;
        self.recheck();
    }
}
