//! The model: everything the screen shows, and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::keymap::{Context, Keymap};
use crate::config::theme::Theme;
use crate::config::{Config, Entry};
use crate::domain::{ConnectorId, RunId, UsageSummary};

use super::doctor::DoctorPane;
use super::edit::EditPane;
use super::events::EventsPane;
use super::list::ListPane;
use super::overlay::Overlay;
use super::runs::Runs;
use super::test::TestPane;
use super::usage::UsagePane;

/// Everything the screen shows.
#[derive(Debug, Clone)]
pub struct Model {
    /// The configuration as last read, and what is wrong with the file now.
    pub config: ConfigState,
    /// The list of connectors.
    pub list: ListPane,
    /// The edit pane, while one is open.
    pub edit: Option<EditPane>,
    /// Test panes by what they test; a pane stays when it is left.
    pub tests: BTreeMap<Subject, TestPane>,
    /// Every run that is alive, and the last one of each subject.
    pub runs: Runs,
    /// What the event log tells.
    pub ledger: Ledger,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// What the bottom line says for a while.
    pub notice: Option<Notice>,
    /// Focus, size, time: how it is looked at.
    pub view: View,
    /// Keys and colours.
    pub look: Look,
}

/// What a test pane tests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A saved connector.
    Saved(ConnectorId),
    /// The draft of the edit pane, as it stands.
    Draft,
}

/// The configuration as the screen knows it.
#[derive(Debug, Clone)]
pub struct ConfigState {
    /// The file's path, `~` for the home directory.
    pub path: String,
    /// As last read without an error.
    pub config: Config,
    /// Why the file on disk cannot be used; the last good state stays.
    pub problem: Option<String>,
}

impl ConfigState {
    /// The connector of this id.
    pub fn entry(&self, id: &ConnectorId) -> Option<&Entry> {
        self.config.entries.iter().find(|entry| entry.connector.id == *id)
    }
}

/// What the event log tells, as far as it was asked.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The running token panel.
    pub panel: TokenPanel,
    /// The usage screen, as it was left.
    pub usage: Option<UsagePane>,
    /// The events screen, as it was left.
    pub events: Option<Box<EventsPane>>,
}

/// What fills the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Screen {
    /// The list and the workspace.
    #[default]
    Panes,
    /// The usage of a connector, or of all.
    Usage,
    /// Runs of the event log.
    Events,
    /// Connectors, probed again and again.
    Watch,
}

/// The panel across the bottom.
#[derive(Debug, Clone, Default)]
pub struct TokenPanel {
    /// From the event log; finished runs only.
    pub logged: UsageSummary,
    /// Why the event log cannot be used.
    pub problem: Option<String>,
}

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The list.
    #[default]
    List,
    /// The workspace's tab.
    Workspace,
}

/// The tabs of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// The connector's fields.
    Edit,
    /// A request and its response.
    #[default]
    Test,
    /// The staged check.
    Doctor,
}

/// Whether a pane has the whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zoom {
    /// All panes have their place.
    #[default]
    Off,
    /// The response has the screen.
    Response,
}

/// How the model is looked at.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// What fills the screen.
    pub screen: Screen,
    /// Which pane has the keys.
    pub focus: Focus,
    /// Which tab of the workspace shows.
    pub tab: Tab,
    /// Whether the response has the screen.
    pub zoom: Zoom,
    /// What the last drawing found out.
    pub facts: Facts,
    /// Time since the program started.
    pub now: Duration,
    /// Whether the mouse is ours.
    pub mouse: Mouse,
    /// Where the person looked, the latest first.
    pub been: Vec<Place>,
}

/// Whose the mouse is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mouse {
    /// The terminal's: it selects text.
    #[default]
    Off,
    /// Ours: it scrolls and clicks.
    On,
}

/// Something that is looked at, to come back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A tab of a saved connector.
    Pane(ConnectorId, Tab),
    /// The usage screen.
    Usage,
    /// The events screen.
    Events,
    /// The watch screen.
    Watch,
}

/// Where a part of the screen lies. One without a column or a row does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// Its first column.
    pub x: u16,
    /// Its first row.
    pub y: u16,
    /// Its columns.
    pub width: u16,
    /// Its rows.
    pub height: u16,
}

impl Area {
    /// True for a cell inside of it.
    pub fn has(&self, column: u16, row: u16) -> bool {
        let inside = |at: u16, start: u16, size: u16| at >= start && at - start < size;
        inside(column, self.x, self.width) && inside(row, self.y, self.height)
    }
}

/// Where the parts lie that a mouse can point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas {
    /// The rows of the list.
    pub list: Area,
    /// The list as one line.
    pub list_header: Area,
    /// The workspace with its frame.
    pub workspace: Area,
    /// The response's text.
    pub response: Area,
    /// The titles of the workspace's tabs: edit, test, doctor.
    pub tabs: [Area; 3],
    /// The titles of the response's tabs, in their order.
    pub response_tabs: [Area; 6],
    /// The rows of the table of a screen that lies over the panes.
    pub table: Rows,
}

/// Rows that can be selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rows {
    /// Where those in view lie.
    pub area: Area,
    /// Which of all is the first in view.
    pub first: usize,
}

impl Rows {
    /// Which row lies at a cell.
    pub fn at(&self, column: u16, row: u16) -> Option<usize> {
        self.area.has(column, row).then(|| self.first + usize::from(row - self.area.y))
    }
}

/// What drawing found out: sizes that scrolling and wrapping need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// Columns and rows of the response's text.
    pub response: (u16, u16),
    /// Rows of the list.
    pub list_rows: u16,
    /// Rows of the edit pane's fields.
    pub edit_rows: u16,
    /// Columns and rows of the page over the screen.
    pub page: (u16, u16),
    /// Rows of that page below those that show.
    pub below: usize,
    /// Where things lie.
    pub areas: Areas,
}

/// A line that stays for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it says; one line, clean.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// When it goes.
    pub until: Duration,
}

/// How a line is meant. Each has a word or sign of its own: colour alone says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Info,
    /// It worked.
    Good,
    /// It did not.
    Bad,
}

/// Keys and colours.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// Which key does what.
    pub keymap: Keymap,
    /// Colours and borders.
    pub theme: Theme,
}

impl Model {
    /// A model over a configuration. `seed` is where run ids start: a fresh UUID (version 7).
    pub fn new(config: ConfigState, look: Look, seed: u128) -> Self {
        let mut model = Self {
            list: ListPane::default(),
            edit: None,
            tests: BTreeMap::new(),
            runs: Runs::new(RunId::from_u128(seed)),
            ledger: Ledger::default(),
            overlay: None,
            notice: None,
            view: View::default(),
            config,
            look,
        };
        super::update::settle(&mut model);
        model
    }

    /// Where a key pressed now would act.
    pub fn context(&self) -> Context {
        self.overlay.as_ref().map_or_else(|| self.context_below(), Overlay::context)
    }

    /// Where a key would act if nothing lay over the screen.
    pub fn context_below(&self) -> Context {
        match self.view.screen {
            Screen::Panes => self.context_of_panes(),
            Screen::Usage => {
                let typing = self.ledger.usage.as_ref().is_some_and(|pane| pane.typing.is_some());
                if typing { Context::Range } else { Context::Usage }
            }
            Screen::Events => self.ledger.events.as_ref().map_or(Context::Events, |pane| pane.context()),
            Screen::Watch => Context::Watch,
        }
    }

    fn context_of_panes(&self) -> Context {
        match (self.view.focus, self.view.tab) {
            (Focus::List, _) => self.list.context(),
            (Focus::Workspace, Tab::Edit) => self.edit.as_ref().map_or(Context::Edit, EditPane::context),
            (Focus::Workspace, Tab::Doctor) => Context::Doctor,
            (Focus::Workspace, Tab::Test) => self.test_pane().map_or(Context::Test, TestPane::context),
        }
    }

    /// What the test pane in view tests: the open draft while it is tested, else the selected connector.
    pub fn subject(&self) -> Option<Subject> {
        match &self.edit {
            Some(edit) if edit.tests_draft() => Some(Subject::Draft),
            _ => self.list.selected.clone().map(Subject::Saved),
        }
    }

    /// The doctor's pane in view: that of the selected connector.
    pub fn doctor_pane(&self) -> Option<&DoctorPane> {
        self.runs.examinations.get(self.list.selected.as_ref()?)
    }

    /// The test pane in view.
    pub fn test_pane(&self) -> Option<&TestPane> {
        self.tests.get(&self.subject()?)
    }
}
