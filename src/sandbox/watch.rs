//! Counts of requests, and waiting for a count to come true.
//!
//! Owns the proof that a request ended in exactly one way. It must not know what a request was.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Requests so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests whose head was read.
    pub started: u64,
    /// Requests the sandbox ended itself: answered in full, refused, cut by design, or ended by its stop.
    pub finished: u64,
    /// Requests whose client left before the answer was complete.
    pub abandoned: u64,
}

/// Reads the counts from outside, also after the sandbox has ended.
#[derive(Debug, Clone)]
pub struct Watch(watch::Receiver<Counts>);

impl Watch {
    /// The counts now.
    pub fn counts(&self) -> Counts {
        *self.0.borrow()
    }

    /// Waits until the counts satisfy a condition. `Err` holds the last counts when the time is over,
    /// or when the sandbox ended without satisfying it.
    pub async fn until(&self, condition: impl Fn(&Counts) -> bool, limit: Duration) -> Result<Counts, Counts> {
        let mut receiver = self.0.clone();
        match tokio::time::timeout(limit, receiver.wait_for(condition)).await {
            Ok(Ok(counts)) => Ok(*counts),
            Ok(Err(_ended)) => Err(self.counts()),
            Err(_elapsed) => Err(self.counts()),
        }
    }
}

/// The side that counts.
#[derive(Debug, Clone)]
pub(super) struct Counters(watch::Sender<Counts>);

impl Counters {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Counts::default()))
    }

    pub(super) fn watch(&self) -> Watch {
        Watch(self.0.subscribe())
    }

    /// Counts a request as started; the ticket counts its end.
    pub(super) fn start(&self, stop: &CancellationToken) -> Ticket {
        self.0.send_modify(|counts| counts.started += 1);
        Ticket { counters: Some(self.clone()), stop: stop.clone() }
    }
}

/// One request under way. Dropped unfinished, it was abandoned by its client, unless the sandbox is stopping.
#[derive(Debug)]
pub(super) struct Ticket {
    counters: Option<Counters>,
    stop: CancellationToken,
}

impl Ticket {
    /// The sandbox has said all it will say.
    pub(super) fn finish(&mut self) {
        if let Some(counters) = self.counters.take() {
            counters.0.send_modify(|counts| counts.finished += 1);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.stop.is_cancelled() {
            self.finish();
        } else if let Some(counters) = self.counters.take() {
            counters.0.send_modify(|counts| counts.abandoned += 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn a_finished_request_is_counted_once() {
        let counters = Counters::new();
        let mut ticket = counters.start(&CancellationToken::new());
        ticket.finish();
        ticket.finish();
        drop(ticket);
        assert_eq!(counters.watch().counts(), Counts { started: 1, finished: 1, abandoned: 0 });
    }

    #[tokio::test]
    async fn a_dropped_request_was_abandoned() {
        let counters = Counters::new();
        drop(counters.start(&CancellationToken::new()));
        let counts = counters.watch().until(|counts| counts.abandoned == 1, SOON).await;
        assert_eq!(counts, Ok(Counts { started: 1, finished: 0, abandoned: 1 }));
    }

    #[tokio::test]
    async fn a_request_dropped_by_the_stop_was_not_abandoned() {
        let counters = Counters::new();
        let stop = CancellationToken::new();
        let ticket = counters.start(&stop);
        stop.cancel();
        drop(ticket);
        assert_eq!(counters.watch().counts(), Counts { started: 1, finished: 1, abandoned: 0 });
    }

    #[tokio::test]
    async fn waiting_ends_with_the_last_counts_when_the_time_is_over() {
        let counters = Counters::new();
        let watch = counters.watch();
        assert_eq!(watch.until(|counts| counts.started > 0, Duration::ZERO).await, Err(Counts::default()));
    }

    #[tokio::test]
    async fn counts_outlive_the_side_that_counts() {
        let counters = Counters::new();
        let watch = counters.watch();
        drop(counters.start(&CancellationToken::new()));
        drop(counters);
        assert!(watch.until(|counts| counts.abandoned == 1, SOON).await.is_ok());
        assert!(watch.until(|counts| counts.abandoned == 2, SOON).await.is_err());
    }
}
