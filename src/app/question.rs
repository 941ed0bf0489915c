//! What the screen asks the event log, as a person names it: ranges and buckets, not moments. The runtime knows the
//! time and the log, and answers.

use crate::domain::calendar::{Bucket, Range, TimeZone};
use crate::domain::{Dashboard, EventPage, PageFrom, RunFilter, Span};

/// A question. Its answer carries it, so that one that came too late is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// What a dashboard shows.
    Dashboard(DashboardWish),
    /// A page of runs.
    Events(EventsWish),
}

/// A dashboard, as chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DashboardWish {
    /// Of one connector, or of all.
    pub connector: Option<String>,
    /// Which time.
    pub range: Range,
    /// How it is cut; `None` for what fits the range.
    pub bucket: Option<Bucket>,
    /// In which time zone: a name, or `local`.
    pub zone: String,
}

/// A page of runs, as chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventsWish {
    /// Which time.
    pub range: Range,
    /// In which time zone: a name, or `local`.
    pub zone: String,
    /// Which runs.
    pub filter: RunFilter,
    /// Where the page begins.
    pub from: PageFrom,
    /// At most so many.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Findings {
    /// To [`Question::Dashboard`].
    Dashboard(Box<DashboardFound>),
    /// To [`Question::Events`].
    Events(Box<EventsFound>),
}

/// A page of runs, and the time zone they are told in.
#[derive(Debug, Clone, PartialEq)]
pub struct EventsFound {
    /// The runs.
    pub page: EventPage,
    /// The time zone asked for, as the machine knows it.
    pub zone: TimeZone,
}

/// A dashboard's figures, and what its range and bucket came to.
#[derive(Debug, Clone, PartialEq)]
pub struct DashboardFound {
    /// The figures.
    pub figures: Dashboard,
    /// The range, as moments.
    pub span: Span,
    /// The buckets' size.
    pub bucket: Bucket,
    /// What each bucket is called, in the order of the series.
    pub labels: Vec<String>,
}
