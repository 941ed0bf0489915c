//! What comes in besides keys: what runs tell, gathered, and answers of errands.
//!
//! Sixty-four streams of a hundred tokens a second are 6400 batches a second. A loop that waits for each is woken as
//! often, and that costs more than what it does with them. So they gather for a moment, a quarter of a frame: nobody
//! sees it, and the times of a run are read where its bytes arrive, not here.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::effects::Answer;
use super::moment::reached;
use super::runner::Batch;
use crate::domain::RunEvent;

/// The least time between two takings.
const GATHER: Duration = Duration::from_millis(8);
/// Batches that may wait. A full channel slows the sockets, never the screen. Each holds some 64 KiB at most, and a stream
/// brings an event in each: twice what 64 streams of 1000 tokens a second bring while it gathers.
const WAITING: usize = 1024;
/// Bytes that are taken in one turn, about. What more there is waits until keys and frames have had theirs.
const TURN: usize = 512 << 10;
/// What an event costs beside its bytes, in bytes.
const EVENT: usize = 256;

/// What comes in besides keys.
pub(super) struct Inbox {
    /// From runs.
    pub(super) runs: Gathered,
    /// From errands.
    pub(super) answers: Receiver<Answer>,
}

/// What runs tell, taken many batches at a time.
pub(super) struct Gathered {
    batches: Receiver<Batch>,
    /// Nothing is taken before.
    next: Instant,
}

impl Gathered {
    /// Where runs tell what happens, and where it gathers.
    pub(super) fn new() -> (Sender<Batch>, Self) {
        let (events, batches) = channel(WAITING);
        (events, Self { batches, next: Instant::now() })
    }

    /// Waits until something was told and takes all of it, or a turn's worth. Loses nothing when it is dropped while it
    /// waits.
    pub(super) async fn take(&mut self) -> Vec<Batch> {
        reached(self.next).await;
        let first = self.batches.recv().await;
        let (batches, taken) = self.turn(first);
        self.next = if taken < TURN { Instant::now() + GATHER } else { Instant::now() };
        batches
    }

    /// Takes what was told so far, however recently, or a turn's worth.
    pub(super) fn take_now(&mut self) -> Vec<Batch> {
        self.turn(None).0
    }

    /// A turn's worth at most, and how much it is.
    fn turn(&mut self, first: Option<Batch>) -> (Vec<Batch>, usize) {
        let mut batches: Vec<Batch> = first.into_iter().collect();
        let mut taken: usize = batches.iter().map(weight).sum();
        while taken < TURN
            && let Ok(batch) = self.batches.try_recv()
        {
            taken += weight(&batch);
            batches.push(batch);
        }
        (joined(batches), taken)
    }
}

/// What taking in a batch costs. Every output stands in an event as it came, too.
fn weight((_, events): &Batch) -> usize {
    let bytes = events.iter().map(|event| if let RunEvent::Raw(raw) = event { raw.size } else { 0 });
    bytes.sum::<usize>() + events.len() * EVENT
}

/// The batches of one run as one, so that the model is told once.
fn joined(batches: Vec<Batch>) -> Vec<Batch> {
    let mut joined: Vec<Batch> = Vec::with_capacity(batches.len().min(64));
    for (run, events) in batches {
        match joined.iter_mut().find(|(other, _)| *other == run) {
            Some((_, earlier)) => earlier.extend(events),
            None => joined.push((run, events)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::domain::RunId;

    const STREAMS: u128 = 64;

    fn note(run: u128, text: &str) -> Batch {
        (RunId::from_u128(run), vec![RunEvent::Note(text.to_owned())])
    }

    #[tokio::test]
    async fn what_many_runs_tell_within_a_moment_is_taken_at_once_and_in_order() {
        let (events, mut runs) = Gathered::new();
        runs.next = Instant::now() + Duration::from_hours(1);
        for text in ["one", "two", "three"] {
            for run in 0..STREAMS {
                events.send(note(run, text)).await.unwrap();
                assert!(runs.take().now_or_never().is_none(), "woken by {text:?} of run {run}");
            }
        }
        runs.next = Instant::now();
        let before = Instant::now();
        let taken = runs.take().await;
        assert_eq!(taken.len(), 64);
        for (_, events) in taken {
            assert_eq!(events, ["one", "two", "three"].map(|text| RunEvent::Note(text.to_owned())));
        }
        assert!(runs.next >= before + GATHER);
    }

    #[tokio::test]
    async fn more_than_a_turn_is_taken_in_turns_without_gathering() {
        let (events, mut runs) = Gathered::new();
        let raw = |size| {
            RunEvent::Raw(crate::domain::RawEvent {
                at: Duration::ZERO,
                kind: "message".to_owned(),
                data: String::new(),
                size,
            })
        };
        for _ in 0..5 {
            events.send((RunId::from_u128(1), vec![raw(TURN / 2)])).await.unwrap();
        }
        let mut turns = Vec::new();
        for _ in 0..3 {
            let taken = runs.take().await;
            turns.push(taken.iter().map(|(_, events)| events.len()).sum::<usize>());
        }
        assert_eq!(turns, [2, 2, 1]);
        assert!(runs.next > Instant::now(), "what comes next gathers again");
    }

    #[tokio::test]
    async fn the_last_words_of_a_run_need_not_gather() {
        let (events, mut runs) = Gathered::new();
        runs.next = Instant::now() + Duration::from_hours(1);
        events.send(note(1, "the end")).await.unwrap();
        assert_eq!(runs.take_now(), [note(1, "the end")]);
        assert_eq!(runs.take_now(), []);
    }
}
