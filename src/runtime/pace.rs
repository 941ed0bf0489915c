//! When to draw. Pure: instants in, a decision out.
//!
//! A key is answered at once; everything else waits for the next frame, so that a thousand tokens a second
//! cost thirty frames and not a thousand. What changed nothing is never drawn.

use std::time::{Duration, Instant};

use crate::config::theme::Motion;

/// The least time between two frames that no key asked for.
const FRAME: Duration = Duration::from_millis(33);
/// The same where motion is reduced.
const STEP: Duration = Duration::from_millis(250);

/// Whether a frame is due, and since when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    wanted: Wanted,
    last: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Nothing,
    Soon,
    Now,
}

impl Pace {
    /// The first frame is due at once.
    pub(super) fn new() -> Self {
        Self { wanted: Wanted::Now, last: None }
    }

    /// Something changed: the next frame shows it.
    pub(super) fn soon(&mut self) {
        if self.wanted == Wanted::Nothing {
            self.wanted = Wanted::Soon;
        }
    }

    /// Someone waits for it.
    pub(super) fn now(&mut self) {
        self.wanted = Wanted::Now;
    }

    /// When the next frame is due; `None` while there is nothing to show.
    pub(super) fn due(&self, now: Instant, motion: Motion) -> Option<Instant> {
        let gap = match motion {
            Motion::Full => FRAME,
            Motion::Reduced => STEP,
        };
        match self.wanted {
            Wanted::Nothing => None,
            Wanted::Now => Some(now),
            Wanted::Soon => Some(self.last.map_or(now, |last| last + gap)),
        }
    }

    /// A frame was drawn.
    pub(super) fn drawn(&mut self, now: Instant) {
        *self = Self { wanted: Wanted::Nothing, last: Some(now) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_due(pace: Pace, now: Instant) -> bool {
        pace.due(now, Motion::Full).is_some_and(|due| due <= now)
    }

    #[test]
    fn nothing_changed_means_no_frame() {
        let start = Instant::now();
        let mut pace = Pace::new();
        assert!(is_due(pace, start));
        pace.drawn(start);
        assert_eq!(pace.due(start + FRAME * 100, Motion::Full), None);
    }

    #[test]
    fn changes_gather_until_the_next_frame() {
        let start = Instant::now();
        let mut pace = Pace::new();
        pace.drawn(start);
        pace.soon();
        pace.soon();
        assert!(!is_due(pace, start + FRAME / 2));
        assert_eq!(pace.due(start, Motion::Full), Some(start + FRAME));
        assert_eq!(pace.due(start, Motion::Reduced), Some(start + STEP));
        assert!(is_due(pace, start + FRAME));
    }

    #[test]
    fn a_key_is_shown_at_once_and_a_change_after_it_does_not_delay_it() {
        let start = Instant::now();
        let mut pace = Pace::new();
        pace.drawn(start);
        pace.now();
        pace.soon();
        assert!(is_due(pace, start));
    }
}
