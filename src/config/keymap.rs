//! Which key does what, where. The one table that input, hints and help are derived from.
//!
//! Owns actions, their names for `[keys]`, and their default keys. It knows no terminal library.

use std::fmt;

mod chord;
mod doctor;
mod events;
mod table;
mod watch;

pub use chord::{Chord, Key};
pub use doctor::Doctor;
pub use events::Events;
pub use watch::Watch;

/// Where a key is pressed. Each has its own bindings; some fall back to [`Context::Global`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Anywhere no text is being typed.
    Global,
    /// The list of connectors.
    List,
    /// The list's filter, while it is typed.
    Filter,
    /// The fields of a connector.
    Edit,
    /// A field, while it is typed.
    Field,
    /// The test pane.
    Test,
    /// The request's body, while it is typed.
    Body,
    /// A page over the screen that is read: help, preview.
    Page,
    /// The command palette, while it is typed.
    Palette,
    /// A question.
    Question,
    /// The usage screen.
    Usage,
    /// A range of time, while it is typed.
    Range,
    /// The events screen.
    Events,
    /// A line that is typed: a filter of the events, what to find, the name of a file.
    Search,
    /// One run of the event log.
    Event,
    /// The doctor's pane.
    Doctor,
    /// The watch screen.
    Watch,
}

impl Context {
    /// Every context, in the order of the help.
    pub const ALL: [Self; 17] = [
        Self::Global,
        Self::List,
        Self::Filter,
        Self::Edit,
        Self::Field,
        Self::Test,
        Self::Body,
        Self::Doctor,
        Self::Watch,
        Self::Usage,
        Self::Range,
        Self::Events,
        Self::Search,
        Self::Event,
        Self::Page,
        Self::Palette,
        Self::Question,
    ];

    /// The title of its part of the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "Anywhere",
            Self::List => "Connectors",
            Self::Filter => "Typing a filter",
            Self::Edit => "Edit",
            Self::Field => "Typing a field",
            Self::Test => "Test",
            Self::Body => "Typing the body",
            Self::Page => "Pages",
            Self::Palette => "Command palette",
            Self::Question => "Questions",
            Self::Usage => "Usage",
            Self::Range => "Typing a range",
            Self::Events => "Events",
            Self::Search => "Typing a search or a name",
            Self::Event => "One run",
            Self::Doctor => "Doctor",
            Self::Watch => "Watch",
        }
    }

    /// True where letters are text, so that only this context's own keys act.
    pub fn is_typing(self) -> bool {
        match self {
            Self::Filter | Self::Field | Self::Body | Self::Palette | Self::Range | Self::Search => true,
            Self::Global
            | Self::List
            | Self::Edit
            | Self::Test
            | Self::Page
            | Self::Question
            | Self::Usage
            | Self::Events
            | Self::Event
            | Self::Doctor
            | Self::Watch => false,
        }
    }
}

/// Something a key can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See [`Global`].
    Global(Global),
    /// Moving in whatever is in focus.
    Move(Move),
    /// See [`List`].
    List(List),
    /// See [`Edit`].
    Edit(Edit),
    /// See [`Test`].
    Test(Test),
    /// See [`Usage`].
    Usage(Usage),
    /// See [`Events`].
    Events(Events),
    /// See [`Doctor`].
    Doctor(Doctor),
    /// See [`Watch`].
    Watch(Watch),
    /// See [`Prompt`].
    Prompt(Prompt),
}

/// What works everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Global {
    /// Show what works here.
    Help,
    /// Open the command palette.
    Palette,
    /// Go back; from the list, quit.
    Back,
    /// The usage of the selected connector.
    Usage,
    /// The usage of all connectors.
    UsageOfAll,
    /// Runs of the event log.
    Events,
    /// Every connector, probed again and again.
    Watch,
    /// Focus the next pane.
    NextPane,
    /// Focus the previous pane.
    PreviousPane,
    /// Cancel the run in view; when none runs, quit.
    CancelOrQuit,
    /// Write a picture of the screen into a file.
    Picture,
    /// Draw everything again.
    Redraw,
    /// Leave the terminal to the shell until it continues us. Works while something is typed, too.
    Suspend,
    /// Go to the pane that was looked at before, as `cd -` does.
    Before,
    /// The text in view without borders, to select it by hand.
    Plain,
    /// Let the mouse scroll and click here, or leave it to the terminal.
    Mouse,
}

/// Moving the selection or the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// One down.
    Down,
    /// One up.
    Up,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// To the first.
    First,
    /// To the last; in a reply, follow again.
    Last,
}

/// What works in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// Type a filter.
    Filter,
    /// Create a connector.
    New,
    /// Open the test pane.
    Test,
    /// Open the edit pane.
    Edit,
    /// Create a copy.
    Duplicate,
    /// Delete, after a question.
    Delete,
    /// Mark or unmark.
    Mark,
    /// Run the marked connectors, or the selected one.
    Run,
    /// Examine the marked connectors, or the selected one.
    Doctor,
    /// Cancel the runs of the marked connectors, or of the selected one.
    Cancel,
    /// Clear the filter; without one, the marks.
    Clear,
    /// Mark every connector that is listed; when all are, unmark them.
    MarkAll,
    /// Bring back what was deleted last.
    Undo,
}

/// What works in the edit pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edit {
    /// Type the field, or take its next choice.
    Open,
    /// Save the connector.
    Save,
    /// Test the draft as it stands.
    TestDraft,
    /// Leave; asks when something changed.
    Leave,
    /// Show the typed key, or hide it again.
    RevealKey,
}

/// What works in the test pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Test {
    /// Type the body.
    EditBody,
    /// Run, or run again.
    Run,
    /// Cancel the run.
    Cancel,
    /// Open the body in `$EDITOR`.
    OpenEditor,
    /// Copy what the tab shows.
    Copy,
    /// Show exactly what would be sent.
    Preview,
    /// The next response tab.
    NextTab,
    /// The previous response tab.
    PreviousTab,
    /// Give the pane the whole screen, or give it back.
    Zoom,
    /// Ask for a stream, or for the reply in one piece.
    ToggleStream,
    /// Put back the body the pane started with.
    ResetBody,
    /// Examine the connector.
    Doctor,
    /// Type what to find in the response.
    Find,
    /// The next place where it is found.
    FindNext,
    /// The previous place where it is found.
    FindPrevious,
    /// Write what the tab shows to a file.
    SaveReply,
}

/// What works in the usage screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usage {
    /// Since midnight.
    Today,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
    /// 90 days.
    Quarter,
    /// Everything there is.
    All,
    /// Type a range or a time zone.
    Type,
    /// The next size of the buckets of time.
    Bucket,
    /// Local time or UTC.
    Zone,
    /// The next chart.
    NextChart,
    /// The previous chart.
    PreviousChart,
    /// The next table.
    Table,
    /// The next order of the table.
    Sort,
    /// The runs behind the table's row.
    Events,
}

/// What ends typing or answers a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prompt {
    /// Take what was typed, or answer yes.
    Accept,
    /// Drop what was typed, or answer no.
    Dismiss,
    /// The third answer of a question that has one.
    Other,
    /// Complete what was typed.
    Complete,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub context: Context,
    /// What.
    pub action: Action,
    /// Its name in `[keys]`, for example `test.run`.
    pub name: &'static str,
    /// A word or two for the hint line.
    pub label: &'static str,
    /// Which keys.
    pub chords: Vec<Chord>,
}

/// The whole table, with the person's changes applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

/// What is wrong with an entry of `[keys]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// No action has this name.
    #[error("\"{name}\" is no action{}", did_you_mean(*.near))]
    UnknownAction {
        /// What was written.
        name: String,
        /// The nearest name.
        near: Option<&'static str>,
    },
    /// No key has this name.
    #[error("\"{0}\" is no key; write for example r, G, ctrl-s, shift-tab, space, f5")]
    UnknownKey(String),
    /// The key already does something else in that place, or anywhere.
    #[error("\"{chord}\" already means {other} there; change that one too")]
    Taken {
        /// The key.
        chord: String,
        /// The action that has it.
        other: &'static str,
    },
}

fn did_you_mean(near: Option<&'static str>) -> String {
    near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default()
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: table::defaults() }
    }
}

impl Keymap {
    /// The defaults with `[keys]` applied: each entry replaces an action's keys.
    ///
    /// # Errors
    /// The first entry that cannot be used, by its name.
    pub fn with<'a>(entries: impl IntoIterator<Item = (&'a str, &'a [String])>) -> Result<Self, (String, KeyProblem)> {
        let mut keymap = Self::default();
        let mut changed = Vec::new();
        for (name, keys) in entries {
            keymap.rebind(name, keys).map_err(|problem| (name.to_owned(), problem))?;
            changed.push(name.to_owned());
        }
        match keymap.clash(&changed) {
            Some(clash) => Err(clash),
            None => Ok(keymap),
        }
    }

    /// What a key does in a context; where nothing is typed, what it does anywhere. Suspending is never out of reach.
    pub fn action(&self, context: Context, chord: Chord) -> Option<Action> {
        let find = |context| self.bindings.iter().find(|row| row.context == context && row.chords.contains(&chord));
        let anywhere = || {
            let is_bound = context.is_typing() || context == Context::Question;
            find(Context::Global).filter(|row| !is_bound || row.action == Action::Global(Global::Suspend))
        };
        find(context).or_else(anywhere).map(|row| row.action)
    }

    /// The rows of a context, in the order of the help.
    pub fn rows(&self, context: Context) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(move |row| row.context == context)
    }

    /// Every row.
    pub fn all(&self) -> &[Binding] {
        &self.bindings
    }

    /// The first key of an action in a context, for a hint.
    pub fn key_of(&self, context: Context, action: Action) -> Option<Chord> {
        self.rows(context).find(|row| row.action == action).and_then(|row| row.chords.first().copied())
    }

    fn rebind(&mut self, name: &str, keys: &[String]) -> Result<(), KeyProblem> {
        let chords = keys
            .iter()
            .map(|key| key.parse().map_err(|_no: chord::NoChord| KeyProblem::UnknownKey(key.clone())))
            .collect::<Result<Vec<Chord>, _>>()?;
        let near = self.nearest(name);
        let row = self.bindings.iter_mut().find(|row| row.name == name);
        let row = row.ok_or_else(|| KeyProblem::UnknownAction { name: name.to_owned(), near })?;
        row.chords = chords;
        Ok(())
    }

    fn nearest(&self, name: &str) -> Option<&'static str> {
        let score = |row: &Binding| strsim::jaro_winkler(row.name, name);
        let best = self.bindings.iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
        (score(best) > 0.7).then_some(best.name)
    }

    fn clash(&self, changed: &[String]) -> Option<(String, KeyProblem)> {
        let before = Self::default();
        let is_changed = |row: &&Binding| changed.iter().any(|name| name == row.name);
        self.bindings.iter().filter(is_changed).find_map(|row| {
            let others = self.bindings.iter().filter(|other| other.name != row.name && meet(row, other));
            let shared = |other: &Binding| row.chords.iter().copied().find(|chord| other.chords.contains(chord));
            let mut clashes = others.filter_map(|other| Some((other, shared(other)?)));
            let (other, chord) = clashes.find(|(other, chord)| !before.share(row.name, other.name, *chord))?;
            Some((row.name.to_owned(), KeyProblem::Taken { chord: chord.to_string(), other: other.name }))
        })
    }

    /// True where both actions have the key.
    fn share(&self, one: &str, other: &str, chord: Chord) -> bool {
        let has = |name: &str| self.bindings.iter().any(|row| row.name == name && row.chords.contains(&chord));
        has(one) && has(other)
    }
}

/// True where a key of one would take it from the other: in one place, or where one of them acts anywhere.
fn meet(one: &Binding, other: &Binding) -> bool {
    let reaches = |from: &Binding, to: &Binding| {
        from.context == Context::Global && !to.context.is_typing() && to.context != Context::Question
    };
    one.context == other.context || reaches(one, other) || reaches(other, one)
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.chords.iter().map(Chord::to_string).collect();
        write!(f, "{} {}", keys.join("/"), self.label)
    }
}

#[cfg(test)]
mod tests;
