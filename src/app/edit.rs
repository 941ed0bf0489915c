//! The edit pane: a draft, the field being typed, and what is wrong with it.

use tui_textarea::TextArea;

use crate::config::keymap::Context;
use crate::domain::{Connector, ConnectorId, Draft, Endpoint, Field, Finding, UrlProblem};

/// The edit pane.
#[derive(Debug, Clone)]
pub struct EditPane {
    /// What is edited.
    pub target: Target,
    /// The connector as it was opened; `None` for a new one.
    pub base: Option<Box<Connector>>,
    /// The draft as it was opened, to tell whether something changed.
    pub opened: Draft,
    /// The draft as it stands.
    pub draft: Draft,
    /// The field the cursor is on.
    pub cursor: Field,
    /// The field's text, while it is typed.
    pub typing: Option<Box<TextArea<'static>>>,
    /// What is wrong, field by field, as of the last key.
    pub findings: Vec<Finding>,
    /// Details that decide how it behaves.
    pub state: EditState,
}

/// What is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A connector that does not exist yet.
    New,
    /// A saved connector.
    Saved(ConnectorId),
    /// A connector of the system layer: shown, not changed.
    ReadOnly(ConnectorId),
}

/// Details of the edit pane.
#[derive(Debug, Clone, Default)]
pub struct EditState {
    /// Whether the id still follows the name.
    pub id: IdState,
    /// Whether findings of untouched fields show: only after a first try to save.
    pub tried: Tried,
    /// Whether the typed key shows.
    pub key: KeyShown,
    /// Whether the test tab tests this draft.
    pub testing: Testing,
    /// First row that shows.
    pub offset: usize,
    /// Fields that were typed in.
    pub touched: Vec<Field>,
}

/// Whether the id follows the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdState {
    /// It is suggested from the name.
    #[default]
    Suggested,
    /// The person typed it, or it is saved.
    Typed,
}

/// Whether saving was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tried {
    /// Not yet: fields that were never touched do not complain.
    #[default]
    NotYet,
    /// Yes: every finding shows.
    Yes,
}

/// Whether the typed key shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyShown {
    /// As dots.
    #[default]
    Masked,
    /// As typed.
    Plain,
}

/// Whether the test tab tests the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Testing {
    /// It tests the saved connector.
    #[default]
    Saved,
    /// It tests the draft.
    Draft,
}

impl EditPane {
    /// Where a key acts.
    pub fn context(&self) -> Context {
        if self.typing.is_some() { Context::Field } else { Context::Edit }
    }

    /// True when the test tab tests this draft.
    pub fn tests_draft(&self) -> bool {
        self.state.testing == Testing::Draft
    }

    /// True when something differs from what was opened.
    pub fn is_changed(&self) -> bool {
        self.draft != self.opened
    }

    /// How the URL is read as it stands, the field being typed included.
    pub fn reading(&self) -> Result<Endpoint, UrlProblem> {
        Endpoint::read(&self.draft.url, self.draft.provider)
    }

    /// The fields the provider has, in order.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        let provider = self.draft.provider;
        Field::ALL.into_iter().filter(move |field| field.applies_to(provider))
    }

    /// The finding to show at a field, if any.
    pub fn finding(&self, field: Field) -> Option<&Finding> {
        let shows = self.state.tried == Tried::Yes || self.state.touched.contains(&field);
        self.findings.iter().find(|finding| finding.field == field && shows)
    }
}
