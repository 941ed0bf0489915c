//! Spans and buckets of time as a person names them, in the time zone they choose.
//!
//! All arithmetic is on days and hours of that zone, so a day has 23 or 25 hours where the clocks change.
//! Now is always told, never read.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
pub use jiff::tz::TimeZone;
use jiff::{Span as Step, Timestamp};

use super::question::Span;

/// Buckets that one question may ask for: an hourly chart of a year. More is refused as a chart nobody can read.
pub const BUCKETS_MAX: usize = 10_000;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A range of time, as typed or chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Range {
    /// Since local midnight.
    #[default]
    Today,
    /// So many local days, today among them.
    Days(u16),
    /// Everything there is.
    All,
    /// From one moment to another; open where there is none.
    Between(Option<Moment>, Option<Moment>),
}

/// A moment, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A local day: its beginning as a start, its end as an end.
    Day(Date),
    /// A moment with its offset.
    At(Timestamp),
    /// So many milliseconds ago.
    Ago(i64),
}

/// How time is cut into pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Weeks, from Monday (ISO 8601).
    Week,
    /// Months.
    Month,
}

/// What was typed is no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CalendarProblem(String);

impl CalendarProblem {
    fn new(text: &str, help: &str) -> Self {
        Self(format!("\"{}\" {help}", text.escape_debug()))
    }
}

const MOMENT_HELP: &str = "is no time; use 2026-11-01, 2026-11-01T08:30:00Z, 36h or 7d (ago)";

impl FromStr for Moment {
    type Err = CalendarProblem;

    fn from_str(text: &str) -> Result<Self, CalendarProblem> {
        let text = text.trim();
        let ago = ago(text).map(Self::Ago);
        let at = || text.parse().ok().map(Self::At);
        let day = || text.parse().ok().map(Self::Day);
        // A date would be read as a timestamp of nothing: the longer form is tried first.
        ago.or_else(at).or_else(day).ok_or_else(|| CalendarProblem::new(text, MOMENT_HELP))
    }
}

fn ago(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "m" => 60_000,
        "h" => HOUR_MS,
        "d" => DAY_MS,
        "w" => 7 * DAY_MS,
        _ => return None,
    };
    number.parse::<u32>().ok().and_then(|number| i64::from(number).checked_mul(unit))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => write!(f, "{date}"),
            Self::At(at) => write!(f, "{at}"),
            Self::Ago(ms) if ms % DAY_MS == 0 => write!(f, "{}d", ms / DAY_MS),
            Self::Ago(ms) if ms % HOUR_MS == 0 => write!(f, "{}h", ms / HOUR_MS),
            Self::Ago(ms) => write!(f, "{}m", ms / 60_000),
        }
    }
}

impl FromStr for Range {
    type Err = CalendarProblem;

    fn from_str(text: &str) -> Result<Self, CalendarProblem> {
        let text = text.trim();
        let moment = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some),
        };
        match text {
            "today" => Ok(Self::Today),
            "all" => Ok(Self::All),
            _ => match (text.split_once(".."), days(text)) {
                (Some((from, until)), _) => Ok(Self::Between(moment(from)?, moment(until)?)),
                (None, Some(days)) => Ok(Self::Days(days)),
                (None, None) => {
                    let help = "is no range; use today, 7d, all, 2026-11-01.. or 2026-11-01..2026-11-07";
                    Err(CalendarProblem::new(text, help))
                }
            },
        }
    }
}

fn days(text: &str) -> Option<u16> {
    text.strip_suffix('d')?.parse().ok().filter(|days| *days > 0)
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |moment: &Option<Moment>| moment.map(|moment| moment.to_string()).unwrap_or_default();
        match self {
            Self::Today => f.write_str("today"),
            Self::Days(days) => write!(f, "{days}d"),
            Self::All => f.write_str("all"),
            Self::Between(from, until) => write!(f, "{}..{}", shown(from), shown(until)),
        }
    }
}

impl Range {
    /// The span it means at `now_ms`. What has no start starts with the earliest run, what has no end ends now.
    /// A range that ends before it starts is empty.
    pub fn span(&self, now_ms: i64, earliest_ms: Option<i64>, zone: &TimeZone) -> Span {
        let after_now = now_ms.saturating_add(1);
        let earliest = earliest_ms.unwrap_or(now_ms).min(now_ms);
        let today = day_of(now_ms, zone);
        let (from_ms, until_ms) = match self {
            Self::Today => (start_of(today, zone), after_now),
            Self::Days(days) => {
                let first = today.checked_sub(Step::new().days(i64::from(*days) - 1)).unwrap_or(today);
                (start_of(first, zone), after_now)
            }
            Self::All => (earliest, after_now),
            Self::Between(from, until) => (
                from.map_or(earliest, |from| from.start(now_ms, zone)),
                until.map_or(after_now, |until| until.end(now_ms, zone)),
            ),
        };
        Span { from_ms, until_ms: until_ms.max(from_ms) }
    }
}

impl Moment {
    fn start(self, now_ms: i64, zone: &TimeZone) -> i64 {
        match self {
            Self::Day(date) => start_of(date, zone),
            Self::At(at) => at.as_millisecond(),
            Self::Ago(ms) => now_ms.saturating_sub(ms),
        }
    }

    /// A day is meant to its end.
    fn end(self, now_ms: i64, zone: &TimeZone) -> i64 {
        match self {
            Self::Day(date) => date.tomorrow().map_or(i64::MAX, |next| start_of(next, zone)),
            Self::At(_) | Self::Ago(_) => self.start(now_ms, zone),
        }
    }
}

impl Bucket {
    /// Every size, the smallest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The word of `--by` and of JSON keys.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The size that shows a span in some tens of buckets.
    pub fn fitting(span: Span) -> Self {
        match span.until_ms.saturating_sub(span.from_ms) / DAY_MS {
            ..=2 => Self::Hour,
            3..=100 => Self::Day,
            101..=730 => Self::Week,
            _ => Self::Month,
        }
    }

    /// The starts of the buckets that a span touches, the first at or before its start.
    ///
    /// # Errors
    /// There would be more than [`BUCKETS_MAX`].
    pub fn starts(self, span: Span, zone: &TimeZone) -> Result<Vec<i64>, CalendarProblem> {
        let mut starts = Vec::new();
        let mut at = self.start(span.from_ms, zone);
        while at < span.until_ms {
            if starts.len() == BUCKETS_MAX {
                let help =
                    format!("would be more than {BUCKETS_MAX} in this range; use larger ones, or a shorter range");
                return Err(CalendarProblem::new(self.word(), &help));
            }
            starts.push(at);
            at = self.next(at, zone);
        }
        Ok(starts)
    }

    /// The start of the bucket that a moment is in.
    pub fn start(self, at_ms: i64, zone: &TimeZone) -> i64 {
        let day = day_of(at_ms, zone);
        match self {
            Self::Hour => start_of_hour(at_ms, zone),
            Self::Day => start_of(day, zone),
            Self::Week => start_of(monday_of(day), zone),
            Self::Month => start_of(day.first_of_month(), zone),
        }
    }

    /// Always later than `at_ms`, so that counting ends.
    fn next(self, at_ms: i64, zone: &TimeZone) -> i64 {
        let day = day_of(at_ms, zone);
        let later = |step: Step| day.checked_add(step).map_or(i64::MAX, |day| start_of(day, zone));
        let next = match self {
            Self::Hour => start_of_hour(at_ms.saturating_add(HOUR_MS), zone),
            Self::Day => later(Step::new().days(1)),
            Self::Week => later(Step::new().weeks(1)),
            Self::Month => later(Step::new().months(1)),
        };
        if next > at_ms { next } else { at_ms.saturating_add(HOUR_MS) }
    }

    /// What a bucket is called: `2026-11-24T13:00+01:00`, `2026-11-24`, `2026-W48`, `2026-11`.
    pub fn label(self, start_ms: i64, zone: &TimeZone) -> String {
        let local = stamp(start_ms).to_zoned_datetime(zone.clone());
        let day = local.date();
        match self {
            Self::Hour => local.strftime("%Y-%m-%dT%H:%M%:z").to_string(),
            Self::Day => day.to_string(),
            Self::Week => {
                let week = day.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Self::Month => day.strftime("%Y-%m").to_string(),
        }
    }
}

/// What a bucket is called below a chart, as short as its neighbours allow.
impl Bucket {
    /// `13:00`, or `Tue 24 13:00` where hours of several days stand side by side; `Tue 24 Nov`; `24 Nov` for the week that
    /// begins there; `Nov 2026`.
    pub fn tick(self, start_ms: i64, span: Span, zone: &TimeZone) -> String {
        let local = stamp(start_ms).to_zoned_datetime(zone.clone());
        let is_one_day = day_of(span.from_ms, zone) == day_of(span.until_ms.saturating_sub(1), zone);
        let format = match self {
            Self::Hour if is_one_day => "%H:%M",
            Self::Hour => "%a %-d %H:%M",
            Self::Day => "%a %-d %b",
            Self::Week => "%-d %b",
            Self::Month => "%b %Y",
        };
        local.strftime(format).to_string()
    }
}

impl FromStr for Bucket {
    type Err = CalendarProblem;

    fn from_str(text: &str) -> Result<Self, CalendarProblem> {
        let known = Self::ALL.into_iter().find(|bucket| bucket.word() == text);
        known.ok_or_else(|| CalendarProblem::new(text, "is no bucket of time; use hour, day, week or month"))
    }
}

/// The time zone of a name such as `Europe/Berlin`, `UTC` or `local`.
///
/// # Errors
/// The machine knows no such zone.
pub fn zone(name: &str) -> Result<TimeZone, CalendarProblem> {
    match name {
        "local" => Ok(TimeZone::system()),
        "UTC" | "utc" => Ok(TimeZone::UTC),
        name => TimeZone::get(name).map_err(|_unknown| {
            CalendarProblem::new(name, "is no time zone here; use local, UTC or a name such as Europe/Berlin")
        }),
    }
}

/// What a time zone is called.
pub fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("local")
}

/// A moment in a zone, to the second: `2026-11-24 13:05:09`.
pub fn moment(at_ms: i64, zone: &TimeZone) -> String {
    stamp(at_ms).to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A moment as RFC 3339, in UTC, to the millisecond.
pub fn rfc3339(at_ms: i64) -> String {
    stamp(at_ms).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The moment, or the nearest that a calendar has.
fn stamp(at_ms: i64) -> Timestamp {
    let nearest = if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(at_ms).unwrap_or(nearest)
}

fn day_of(at_ms: i64, zone: &TimeZone) -> Date {
    zone.to_datetime(stamp(at_ms)).date()
}

/// The first moment of a local day: where midnight is skipped, the moment the clocks go forward.
fn start_of(day: Date, zone: &TimeZone) -> i64 {
    let nearest = if day.year() < 0 { i64::MIN } else { i64::MAX };
    zone.to_timestamp(day.at(0, 0, 0, 0)).map_or(nearest, Timestamp::as_millisecond)
}

fn monday_of(day: Date) -> Date {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(Step::new().days(back)).unwrap_or(day)
}

/// The full hour of the local clock at or before a moment.
fn start_of_hour(at_ms: i64, zone: &TimeZone) -> i64 {
    let offset_ms = i64::from(zone.to_offset(stamp(at_ms)).seconds()) * 1000;
    at_ms.saturating_add(offset_ms).div_euclid(HOUR_MS).saturating_mul(HOUR_MS).saturating_sub(offset_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn berlin() -> TimeZone {
        zone("Europe/Berlin").unwrap()
    }

    #[test]
    fn ranges_are_read_and_told_alike() {
        for text in ["today", "7d", "30d", "all", "2026-11-01..", "2026-11-01..2026-11-07", "36h..", ".."] {
            assert_eq!(text.parse::<Range>().unwrap().to_string(), text);
        }
        for text in ["", "yesterday", "0d", "7 bananas", "x..y", "2026-13-01.."] {
            assert!(text.parse::<Range>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_local_and_today_is_one_of_them() {
        let now = at("2026-11-24T09:00:00Z");
        let span = "7d".parse::<Range>().unwrap().span(now, None, &berlin());
        assert_eq!(span, Span { from_ms: at("2026-11-17T23:00:00Z"), until_ms: now + 1 });
        let span = "2026-11-01..2026-11-07".parse::<Range>().unwrap().span(now, None, &berlin());
        assert_eq!(span, Span { from_ms: at("2026-10-31T23:00:00Z"), until_ms: at("2026-11-07T23:00:00Z") });
    }

    #[test]
    fn a_day_has_23_hours_when_the_clocks_go_forward_and_25_when_they_go_back() {
        for (day, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-24", 24)] {
            let span = format!("{day}..{day}").parse::<Range>().unwrap().span(0, None, &berlin());
            assert_eq!(Bucket::Hour.starts(span, &berlin()).unwrap().len(), hours, "{day}");
            assert_eq!(Bucket::Day.starts(span, &berlin()).unwrap().len(), 1, "{day}");
        }
    }

    #[test]
    fn a_half_hour_change_still_cuts_time_without_gaps() {
        let zone = zone("Australia/Lord_Howe").unwrap();
        let span = Span { from_ms: at("2026-04-03T00:00:00Z"), until_ms: at("2026-04-06T00:00:00Z") };
        let starts = Bucket::Hour.starts(span, &zone).unwrap();
        assert!(starts.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn ticks_are_short_and_say_the_day_where_hours_of_several_stand_side_by_side() {
        let at = at("2026-11-24T09:20:00Z");
        let start = Bucket::Hour.start(at, &berlin());
        let tick = |bucket: Bucket, days: i64| {
            let until_ms = start + days * 24 * HOUR_MS;
            bucket.tick(bucket.start(at, &berlin()), Span { from_ms: start, until_ms }, &berlin())
        };
        assert_eq!(Bucket::ALL.map(|bucket| tick(bucket, 7)), ["Tue 24 10:00", "Tue 24 Nov", "23 Nov", "Nov 2026"]);
        let today = Span { from_ms: start, until_ms: start + HOUR_MS };
        assert_eq!(Bucket::Hour.tick(start, today, &berlin()), "10:00");
    }

    #[test]
    fn weeks_begin_on_monday_and_labels_say_which() {
        let now = at("2026-11-24T09:00:00Z");
        let span = Span { from_ms: now, until_ms: now + 1 };
        let label = |bucket: Bucket| {
            let starts = bucket.starts(span, &berlin()).unwrap();
            bucket.label(starts[0], &berlin())
        };
        assert_eq!(Bucket::ALL.map(label), ["2026-11-24T10:00+01:00", "2026-11-24", "2026-W48", "2026-11"]);
    }

    #[test]
    fn too_many_buckets_are_refused() {
        let span = Span { from_ms: 0, until_ms: at("2026-11-24T09:00:00Z") };
        assert!(Bucket::Hour.starts(span, &TimeZone::UTC).is_err());
        assert!(Bucket::Day.starts(Span { from_ms: i64::MIN, until_ms: i64::MAX }, &TimeZone::UTC).is_err());
    }
}
