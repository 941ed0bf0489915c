//! Which run may go and which waits. Pure: ids in, ids out.
//!
//! Holds the rule of the pool: at most `limit` runs at once, the rest in the order they came. It must not
//! know what a run is or how it is started.

use std::collections::{BTreeSet, VecDeque};

use crate::domain::RunId;

/// Who runs and who waits.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    limit: usize,
    running: BTreeSet<RunId>,
    waiting: VecDeque<RunId>,
}

/// Where a run was when it was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// In the queue; it is out of it now.
    Waiting,
    /// Running; it stays counted until it ends.
    Running,
    /// Nowhere: it is over, or never was.
    Nowhere,
}

impl Queue {
    /// An empty queue. A limit of 0 would never run anything, so 1 is the least.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), running: BTreeSet::new(), waiting: VecDeque::new() }
    }

    /// Another limit. Runs above a lower one go on to their end.
    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit.max(1);
    }

    /// A run joins the end of the queue. One that is already known is not taken twice.
    pub(super) fn push(&mut self, run: RunId) {
        if !self.running.contains(&run) && !self.waiting.contains(&run) {
            self.waiting.push_back(run);
        }
    }

    /// The next run that may go now; it counts as running from here on.
    pub(super) fn admit(&mut self) -> Option<RunId> {
        if self.running.len() >= self.limit {
            return None;
        }
        let run = self.waiting.pop_front()?;
        self.running.insert(run);
        Some(run)
    }

    /// A run is over: its place is free.
    pub(super) fn finish(&mut self, run: RunId) {
        self.running.remove(&run);
    }

    /// A run shall stop.
    pub(super) fn cancel(&mut self, run: RunId) -> Found {
        if self.running.contains(&run) {
            return Found::Running;
        }
        let before = self.waiting.len();
        self.waiting.retain(|waiting| *waiting != run);
        if self.waiting.len() < before { Found::Waiting } else { Found::Nowhere }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(n: u8) -> RunId {
        RunId::from_u128(u128::from(n))
    }

    fn admit_all(queue: &mut Queue) -> Vec<RunId> {
        std::iter::from_fn(|| queue.admit()).collect()
    }

    #[test]
    fn runs_above_the_limit_wait_and_go_in_their_order() {
        let mut queue = Queue::new(2);
        (1..=4).for_each(|n| queue.push(id(n)));
        assert_eq!(admit_all(&mut queue), [id(1), id(2)]);
        queue.finish(id(2));
        assert_eq!(admit_all(&mut queue), [id(3)]);
        queue.finish(id(1));
        queue.finish(id(3));
        assert_eq!(admit_all(&mut queue), [id(4)]);
    }

    #[test]
    fn a_raised_limit_lets_more_go_and_a_lowered_one_stops_nobody() {
        let mut queue = Queue::new(1);
        (1..=4).for_each(|n| queue.push(id(n)));
        assert_eq!(admit_all(&mut queue), [id(1)]);
        queue.set_limit(3);
        assert_eq!(admit_all(&mut queue), [id(2), id(3)]);
        queue.set_limit(1);
        queue.finish(id(1));
        assert_eq!(admit_all(&mut queue), []);
        assert_eq!(queue.cancel(id(2)), Found::Running);
    }

    #[test]
    fn a_limit_of_none_is_one() {
        let mut queue = Queue::new(0);
        queue.push(id(1));
        assert_eq!(queue.admit(), Some(id(1)));
    }

    #[test]
    fn a_cancelled_run_leaves_the_queue() {
        let mut queue = Queue::new(1);
        (1..=3).for_each(|n| queue.push(id(n)));
        assert_eq!(queue.admit(), Some(id(1)));
        assert_eq!(queue.cancel(id(2)), Found::Waiting);
        assert_eq!(queue.cancel(id(2)), Found::Nowhere);
        queue.finish(id(1));
        assert_eq!(admit_all(&mut queue), [id(3)]);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Push(u8),
        Finish(u8),
        Cancel(u8),
        Limit(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..12u8).prop_map(Step::Push),
            (0..12u8).prop_map(Step::Finish),
            (0..12u8).prop_map(Step::Cancel),
            (0..5usize).prop_map(Step::Limit),
        ]
    }

    proptest! {
        #[test]
        fn nobody_is_lost_run_twice_or_admitted_above_the_limit(steps in prop::collection::vec(step(), 0..80)) {
            let mut queue = Queue::new(2);
            for step in steps {
                match step {
                    Step::Push(n) => queue.push(id(n)),
                    Step::Finish(n) => queue.finish(id(n)),
                    Step::Cancel(n) => { queue.cancel(id(n)); }
                    Step::Limit(limit) => queue.set_limit(limit),
                }
                let alive = queue.running.len() + queue.waiting.len();
                let admitted = admit_all(&mut queue);
                prop_assert!(admitted.is_empty() || queue.running.len() <= queue.limit);
                prop_assert!(queue.waiting.is_empty() || queue.running.len() >= queue.limit);
                prop_assert_eq!(queue.running.len() + queue.waiting.len(), alive);
                prop_assert!(queue.waiting.iter().all(|run| !queue.running.contains(run)));
            }
        }
    }
}
