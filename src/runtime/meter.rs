//! Bytes a second: those that arrive, and those that the terminal is sent.

use std::time::{Duration, Instant};

use crate::app::Rates;
use crate::domain::RunEvent;

/// Counts bytes between two readings.
#[derive(Debug)]
pub(super) struct Meter {
    arrived: usize,
    /// What the terminal had been sent at the last reading.
    sent: u64,
    since: Instant,
    told: Rates,
}

impl Meter {
    /// Nothing arrived yet.
    pub(super) fn new(now: Instant) -> Self {
        Self { arrived: 0, sent: 0, since: now, told: Rates::default() }
    }

    /// Counts what these events had on the wire.
    pub(super) fn count(&mut self, events: &[RunEvent]) {
        for event in events {
            if let RunEvent::Raw(raw) = event {
                self.arrived = self.arrived.saturating_add(raw.size);
            }
        }
    }

    /// Bytes a second since the last reading, where the terminal was sent `sent` in all; `None` when that is what was
    /// told last. Once nothing arrives any more the terminal's rate is told as 0: telling it would be what moves it.
    pub(super) fn read(&mut self, now: Instant, sent: u64) -> Option<Rates> {
        let span = now.duration_since(self.since).max(Duration::from_millis(1));
        let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let rate = |bytes: u64| bytes.saturating_mul(1000) / span;
        let arrived = rate(u64::try_from(std::mem::take(&mut self.arrived)).unwrap_or(u64::MAX));
        let drawn = rate(sent.saturating_sub(std::mem::replace(&mut self.sent, sent)));
        self.since = now;
        let rates = Rates { arrived, drawn: if arrived == 0 { 0 } else { drawn } };
        (std::mem::replace(&mut self.told, rates) != rates).then_some(rates)
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
    fn rates_are_told_when_they_change_and_fall_back_to_zero() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut meter = Meter::new(start);
        assert_eq!(meter.read(at(1), 0), None);
        meter.count(&[raw(1000), RunEvent::Note("no bytes".into()), raw(400)]);
        assert_eq!(meter.read(at(3), 300), Some(Rates { arrived: 700, drawn: 150 }));
        assert_eq!(meter.read(at(4), 400), Some(Rates::default()));
        assert_eq!(meter.read(at(5), 500), None);
    }

    #[test]
    fn two_readings_at_one_instant_are_no_division_by_zero() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        meter.count(&[raw(1)]);
        assert_eq!(meter.read(start, 2), Some(Rates { arrived: 1000, drawn: 2000 }));
    }
}
