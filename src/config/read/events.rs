//! `[events]`: how long the event log keeps runs, how large it may grow, and where the team's is.

use std::time::Duration;

use super::table::{Problems, Value, in_order};
use crate::domain::{Database, units};

const KEYS: [&str; 3] = ["keep", "max_size", "database"];

/// What the table says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::config) struct Events {
    pub(in crate::config) keep: Option<Duration>,
    pub(in crate::config) max_size: Option<u64>,
    pub(in crate::config) database: Option<Database>,
}

pub(super) fn read(value: &Value<'_>, problems: &mut Problems<'_>) -> Events {
    let mut events = Events::default();
    let Some(table) = problems.table("events", value) else { return events };
    for (key, value) in in_order(table) {
        match key.get_ref().as_ref() {
            "keep" => {
                let text = problems.text("events.keep", value);
                events.keep = text.and_then(|text| problems.take("events.keep", value, days(&text)));
            }
            "max_size" => {
                let text = problems.text_or_whole("events.max_size", value);
                events.max_size =
                    text.and_then(|text| problems.take("events.max_size", value, units::parse_size(&text)));
            }
            "database" => {
                let text = problems.text("events.database", value);
                events.database =
                    text.and_then(|text| problems.take("events.database", value, text.parse::<Database>()));
            }
            _ => problems.unknown("events", key, &KEYS),
        }
    }
    events
}

/// `400d`, `52w`: whole days, for days are what is dropped.
fn days(text: &str) -> Result<Duration, String> {
    let number = |unit: char, days: u64| text.trim().strip_suffix(unit)?.trim().parse::<u64>().ok()?.checked_mul(days);
    let days = number('d', 1).or_else(|| number('w', 7)).filter(|days| (1..=100_000).contains(days));
    let wrong = || format!("\"{}\" is no number of days; write for example 400d or 52w", text.escape_debug());
    days.map(|days| Duration::from_secs(days * 86_400)).ok_or_else(wrong)
}
