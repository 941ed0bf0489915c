//! Answers that may be used again for a while: of commands with a time to live, and tokens. In memory alone.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::{Failure, SecretText};

/// The clock lifetimes are measured by; handed in, so that tests have one of their own.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// A secret, and how long it may be used from when it was fetched; none for this once.
pub type Fetched = (SecretText, Option<Duration>);

/// What is kept, by what it was fetched for. Clones share it.
#[derive(Clone)]
pub struct Kept {
    slots: Arc<Mutex<HashMap<String, Slot>>>,
    clock: Clock,
}

/// Held while its secret is fetched: whoever comes meanwhile waits for that answer and does not fetch too.
type Slot = Arc<tokio::sync::Mutex<State>>;

#[derive(Default)]
struct State {
    current: Option<(SecretText, Instant)>,
    /// The last one that was refused, so that a second run that carried it knows that there may be a newer one.
    refused: Option<SecretText>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl Kept {
    /// Nothing yet.
    pub fn new(clock: Clock) -> Self {
        Self { slots: Arc::default(), clock }
    }

    /// The secret of this name, fetched where there is none that may still be used.
    pub async fn get_or(
        &self,
        name: &str,
        fetch: impl Future<Output = Result<Fetched, Failure>>,
    ) -> Result<SecretText, Failure> {
        let slot = self.slot(name);
        let mut slot = slot.lock().await;
        if let Some((secret, until)) = &slot.current
            && *until > (self.clock)()
        {
            return Ok(secret.clone());
        }
        slot.current = None;
        let asked = (self.clock)();
        let (secret, life) = fetch.await?;
        slot.current = life.and_then(|life| asked.checked_add(life)).map(|until| (secret.clone(), until));
        Ok(secret)
    }

    /// Drops a secret that was refused, wherever it is kept. True where it was: asking anew may help.
    pub fn refuse(&self, refused: &SecretText) -> bool {
        let slots: Vec<Slot> = self.slots.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut dropped = false;
        for slot in slots {
            // One that is being fetched just now may be the one that takes its place.
            let Ok(mut slot) = slot.try_lock() else {
                dropped = true;
                continue;
            };
            if slot.current.as_ref().is_some_and(|(secret, _)| secret == refused) {
                slot.current = None;
                slot.refused = Some(refused.clone());
            }
            dropped |= slot.refused.as_ref() == Some(refused);
        }
        dropped
    }

    fn slot(&self, name: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(name.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Source {
        fetched: AtomicU64,
    }

    impl Source {
        async fn fetch(&self, life: Option<u64>) -> Result<Fetched, Failure> {
            tokio::task::yield_now().await;
            let number = self.fetched.fetch_add(1, Ordering::Relaxed) + 1;
            Ok((SecretText::new(format!("s{number}")), life.map(Duration::from_secs)))
        }
    }

    /// A clock whose seconds are set by hand.
    fn clock() -> (Clock, Arc<AtomicU64>) {
        let (start, seconds) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let shown = Arc::clone(&seconds);
        (Arc::new(move || start + Duration::from_secs(shown.load(Ordering::Relaxed))), seconds)
    }

    #[tokio::test]
    async fn an_answer_is_used_until_its_time_is_over_and_no_longer() {
        let (clock, seconds) = clock();
        let (kept, source) = (Kept::new(clock), Source::default());
        for (at, secret) in [(0, "s1"), (9, "s1"), (10, "s2"), (15, "s2"), (20, "s3")] {
            seconds.store(at, Ordering::Relaxed);
            let got = kept.get_or("x", source.fetch(Some(10))).await.unwrap();
            assert_eq!(got.expose(), secret, "at {at}");
        }
        assert_eq!(kept.get_or("y", source.fetch(None)).await.unwrap().expose(), "s4");
        assert_eq!(kept.get_or("y", source.fetch(None)).await.unwrap().expose(), "s5");
    }

    #[tokio::test]
    async fn what_is_asked_for_at_once_is_fetched_once() {
        let (kept, source) = (Kept::new(clock().0), Source::default());
        let (one, two) =
            tokio::join!(kept.get_or("x", source.fetch(Some(10))), kept.get_or("x", source.fetch(Some(10))));
        assert_eq!((one.unwrap().expose(), two.unwrap().expose()), ("s1", "s1"));
    }

    #[tokio::test]
    async fn a_refused_secret_is_fetched_anew_and_a_newer_one_stays() {
        let (kept, source) = (Kept::new(clock().0), Source::default());
        let first = kept.get_or("x", source.fetch(Some(10))).await.unwrap();
        assert!(kept.refuse(&first));
        assert!(!kept.refuse(&SecretText::new("another")));
        let second = kept.get_or("x", source.fetch(Some(10))).await.unwrap();
        // A second run that carried the first one: there is a newer one by now, which stays.
        assert!(kept.refuse(&first));
        assert_eq!(kept.get_or("x", source.fetch(Some(10))).await.unwrap(), second);
    }
}
