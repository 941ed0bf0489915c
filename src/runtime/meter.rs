//! Bytes that arrive, per second.

use std::time::{Duration, Instant};

use crate::domain::RunEvent;

/// Counts the bytes of all runs between two readings.
#[derive(Debug)]
pub(super) struct Meter {
    bytes: usize,
    since: Instant,
    told: u64,
}

impl Meter {
    /// Nothing arrived yet.
    pub(super) fn new(now: Instant) -> Self {
        Self { bytes: 0, since: now, told: 0 }
    }

    /// Counts what these events had on the wire.
    pub(super) fn count(&mut self, events: &[RunEvent]) {
        for event in events {
            if let RunEvent::Raw(raw) = event {
                self.bytes = self.bytes.saturating_add(raw.size);
            }
        }
    }

    /// Bytes a second since the last reading; `None` when that is what was told last.
    pub(super) fn read(&mut self, now: Instant) -> Option<u64> {
        let span = now.duration_since(self.since).max(Duration::from_millis(1));
        let bytes = u64::try_from(self.bytes).unwrap_or(u64::MAX);
        let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let rate = bytes.saturating_mul(1000) / span;
        self.bytes = 0;
        self.since = now;
        (std::mem::replace(&mut self.told, rate) != rate).then_some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RawEvent;

    fn raw(size: usize) -> RunEvent {
        RunEvent::Raw(RawEvent { at: Duration::ZERO, kind: "message".into(), data: String::new(), size })
    }

    #[test]
    fn the_rate_is_told_when_it_changes_and_falls_back_to_zero() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        assert_eq!(meter.read(start + Duration::from_secs(1)), None);
        meter.count(&[raw(1000), RunEvent::Note("no bytes".into()), raw(400)]);
        assert_eq!(meter.read(start + Duration::from_secs(3)), Some(700));
        assert_eq!(meter.read(start + Duration::from_secs(4)), Some(0));
        assert_eq!(meter.read(start + Duration::from_secs(5)), None);
    }

    #[test]
    fn two_readings_at_one_instant_are_no_division_by_zero() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        meter.count(&[raw(1)]);
        assert_eq!(meter.read(start), Some(1000));
    }
}
