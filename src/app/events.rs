//! The events screen: which runs are meant, a window of the log around the cursor, and how it is looked at.

use crate::config::keymap::Context;
use crate::domain::calendar::{Range, TimeZone};
use crate::domain::{Failure, PageFrom, RunFilter, RunId, RunRecord};

use super::model::Screen;
use super::question::EventsWish;

pub mod copy;
pub mod filter;

/// Runs of one question.
pub const PAGE: usize = 100;
/// Runs that are kept at once: far from the cursor, pages are dropped and asked for again.
pub const WINDOW: usize = 10 * PAGE;

/// Runs of the event log, newest first.
#[derive(Debug, Clone)]
pub struct EventsPane {
    /// Which runs are meant.
    pub meant: Meant,
    /// The filter as typed.
    pub search: Search,
    /// What is kept of the log.
    pub window: Window,
    /// What is on its way.
    pub asked: Option<Asked>,
    /// Someone wrote to the log while an answer was on its way.
    pub changed: Changed,
    /// Why nothing newer was found.
    pub problem: Option<Failure>,
    /// How it is looked at.
    pub look: EventsLook,
    /// Where one goes back to.
    pub from: Screen,
}

/// Which runs are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    /// The range the screen was opened with; `since:` and `until:` of the filter go over it.
    pub base: Range,
    /// Which time.
    pub range: Range,
    /// In which time zone: a name, or `local`.
    pub zone: String,
    /// Which runs.
    pub filter: RunFilter,
}

/// The filter as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What holds; empty for every run.
    pub text: String,
    /// What is being typed.
    pub typing: Option<String>,
    /// What is wrong with what was typed.
    pub problem: Option<String>,
}

/// A part of the log without gaps, newest first.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// The runs.
    pub runs: Vec<RunRecord>,
    /// Whether there are newer ones that are not kept.
    pub newer: Beyond,
    /// Whether there are older ones.
    pub older: Beyond,
    /// Runs that ended since, as far as they were counted.
    pub fresh: usize,
    /// The time zone they are told in; known with the first answer.
    pub zone: Option<TimeZone>,
}

/// Whether the log goes on beyond the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Beyond {
    /// It does not.
    #[default]
    Nothing,
    /// It does.
    More,
}

/// What is on its way, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The question.
    pub wish: EventsWish,
    /// What its answer is for.
    pub aim: Aim,
}

/// What a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// To take the place of the window; the cursor goes to the newest.
    First,
    /// To take the place of the window; the cursor goes to the oldest.
    Last,
    /// To take the place of the window; the cursor stays on its run.
    Fresh,
    /// To be put behind the window.
    Older,
    /// To be put before it.
    Newer,
    /// To count what is new.
    Count,
}

/// Whether the log changed while an answer was on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Changed {
    /// It did not.
    #[default]
    No,
    /// It did.
    Yes,
}

/// How runs are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventsLook {
    /// The selected run.
    pub cursor: usize,
    /// The first row that shows.
    pub offset: usize,
    /// Whether the newest stays in view.
    pub follow: Following,
    /// First line of the run that is read, while one is.
    pub detail: Option<usize>,
}

/// Whether the newest run stays in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Following {
    /// New runs are counted.
    #[default]
    Off,
    /// New runs are shown.
    On,
}

impl EventsPane {
    /// Runs of a range.
    pub fn new(filter: RunFilter, range: Range, zone: String) -> Self {
        let text = filter::show(&filter);
        Self {
            meant: Meant { base: range.clone(), range, zone, filter },
            search: Search { text, ..Search::default() },
            window: Window::default(),
            asked: None,
            changed: Changed::No,
            problem: None,
            look: EventsLook::default(),
            from: Screen::Panes,
        }
    }

    /// Where a key acts.
    pub fn context(&self) -> Context {
        match (&self.search.typing, self.look.detail) {
            (Some(_), _) => Context::Search,
            (None, Some(_)) => Context::Event,
            (None, None) => Context::Events,
        }
    }

    /// The run under the cursor.
    pub fn selected(&self) -> Option<&RunRecord> {
        self.window.runs.get(self.look.cursor)
    }

    /// The question of a page.
    pub fn wish(&self, from: PageFrom) -> EventsWish {
        let Meant { range, zone, filter, .. } = self.meant.clone();
        EventsWish { range, zone, filter, from, limit: PAGE }
    }

    /// Where a page of this aim begins.
    pub fn page_from(&self, aim: Aim) -> PageFrom {
        let runs = &self.window.runs;
        match aim {
            Aim::First | Aim::Fresh | Aim::Count => PageFrom::Newest,
            Aim::Last => PageFrom::Oldest,
            Aim::Older => runs.last().map_or(PageFrom::Newest, |run| PageFrom::OlderThan(run.key())),
            Aim::Newer => runs.first().map_or(PageFrom::Newest, |run| PageFrom::NewerThan(run.key())),
        }
    }

    /// Puts the cursor on a run, if it is kept.
    pub fn select(&mut self, id: RunId) {
        if let Some(at) = self.window.runs.iter().position(|run| run.id == id) {
            self.look.cursor = at;
        }
    }
}
