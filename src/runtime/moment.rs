//! Waiting for a moment.

use std::future::pending;
use std::time::Instant;

/// Waits until this moment, and not at all where it has passed: the timer goes in steps of a millisecond, and would take
/// the next one. A key that is pressed is shown that much sooner.
pub(super) async fn reached(moment: Instant) {
    if moment > Instant::now() {
        tokio::time::sleep_until(moment.into()).await;
    }
}

/// The same, where there is a moment to wait for; else it never comes.
pub(super) async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => reached(moment).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn what_has_passed_is_not_waited_for() {
        assert!(reached(Instant::now()).now_or_never().is_some());
        assert!(reached(Instant::now() + Duration::from_hours(1)).now_or_never().is_none());
    }
}
