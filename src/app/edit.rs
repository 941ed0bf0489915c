//! The edit pane: a draft, the field being typed, and what is wrong with it.

use std::fmt;

use tui_textarea::TextArea;

use crate::config::Entry;
use crate::config::keymap::Context;
use crate::domain::{Checked, Connector, ConnectorId, Draft, Endpoint, Field, Finding, Origin, UrlProblem};

/// The edit pane.
#[derive(Clone)]
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
    /// What was sent to be written, until the answer comes.
    pub saving: Option<Box<Saving>>,
    /// What leaving the typed field without keeping it brings back.
    pub before: Option<Box<Before>>,
}

/// A save that was not answered yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Saving {
    /// The draft as it was sent.
    pub draft: Draft,
    /// What was mended on the way.
    pub mended: Vec<Finding>,
}

/// The draft before a field was typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Before {
    /// The draft.
    pub draft: Draft,
    /// Whether its id followed the name.
    pub id: IdState,
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

/// The text being typed may be a key: it is left out.
impl fmt::Debug for EditPane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, base, opened, draft, cursor, typing, findings, state } = self;
        f.debug_struct("EditPane")
            .field("target", target)
            .field("base", base)
            .field("opened", opened)
            .field("draft", draft)
            .field("cursor", cursor)
            .field("typing", &typing.as_ref().map(|_text| "••••"))
            .field("findings", findings)
            .field("state", state)
            .finish()
    }
}

impl EditPane {
    /// A pane over a connector that exists.
    pub fn open(entry: &Entry) -> Self {
        let connector = &entry.connector;
        let target = match entry.origin {
            Origin::User => Target::Saved(connector.id.clone()),
            Origin::System => Target::ReadOnly(connector.id.clone()),
        };
        let mut pane = Self::create(Draft::from(connector));
        pane.target = target;
        pane.base = Some(Box::new(connector.clone()));
        pane.state.id = IdState::Typed;
        pane
    }

    /// A pane over a connector that does not exist yet.
    pub fn create(draft: Draft) -> Self {
        Self {
            target: Target::New,
            base: None,
            opened: draft.clone(),
            draft,
            cursor: Field::Name,
            typing: None,
            findings: Vec::new(),
            state: EditState::default(),
        }
    }

    /// The draft as a connector, checked against the other connectors.
    ///
    /// # Errors
    /// Every finding.
    pub fn check(&self, entries: &[Entry]) -> Result<Checked, Vec<Finding>> {
        let own = match &self.target {
            Target::New => None,
            Target::Saved(id) | Target::ReadOnly(id) => Some(id.as_str()),
        };
        let taken = |id: &str| own != Some(id) && entries.iter().any(|entry| entry.connector.id.as_str() == id);
        let checked = self.draft.check(taken);
        let Some(message) = self.unreadable() else { return checked };
        let mut findings = checked.err().unwrap_or_default();
        findings.push(Finding { field: self.cursor, message });
        Err(findings)
    }

    /// Why the text being typed cannot be held in the draft, if so.
    pub fn unreadable(&self) -> Option<String> {
        let text = self.typing.as_ref()?.lines().join("\n");
        self.draft.clone().set(self.cursor, &text).err()
    }

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
        self.draft != self.opened || self.unreadable().is_some()
    }

    /// How the URL is read as it stands, the field being typed included.
    pub fn reading(&self) -> Result<Endpoint, UrlProblem> {
        Endpoint::read(&self.draft.url, self.draft.provider)
    }

    /// The fields the draft has, in order.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(|field| self.draft.has(*field))
    }

    /// The finding to show at a field, if any.
    pub fn finding(&self, field: Field) -> Option<&Finding> {
        let shows = self.state.tried == Tried::Yes || self.state.touched.contains(&field);
        self.findings.iter().find(|finding| finding.field == field && shows)
    }
}
