//! The pool with a provider that does what a test says.

use std::sync::Arc;

use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::timeout;

use super::*;
use crate::app::overlay::Page;
use crate::app::test::Mode;
use crate::domain::{Auth, Connector, NetworkOverlay, NetworkPolicy, Options, Provider};

/// Does what the body says: `ok` ends, `wait` waits to be cancelled, `deaf` never ends, `panic` panics.
#[derive(Default)]
struct Actor {
    recorded: Mutex<Vec<(RunId, Outcome)>>,
}

impl Runner for Actor {
    fn execute(&self, start: Arc<Start>, seat: Seat) -> BoxFuture<'static, RunEnd> {
        Box::pin(async move {
            let tell = |event| seat.events.send((start.run, vec![event]));
            tell(RunEvent::Started { queue: seat.queue }).await.ok();
            let outcome = match start.body.as_str() {
                "panic" => panic!("as asked"),
                "deaf" => pending().await,
                "wait" => {
                    seat.cancel.cancelled().await;
                    Outcome::Cancelled
                }
                _ => Outcome::Ok,
            };
            let end = RunEnd { outcome, ..Job::new(Start::clone(&start)).unfinished() };
            tell(RunEvent::Ended(Box::new(end.clone()))).await.ok();
            end
        })
    }

    fn record(&self, ended: &Ended<'_>) {
        self.recorded.lock().unwrap().push((ended.start.run, ended.end.outcome));
    }

    fn preview(&self, _start: Start) -> Result<Page, Failure> {
        Ok(Page::default())
    }
}

struct Stage {
    actor: Arc<Actor>,
    pool: Pool,
    events: Receiver<Batch>,
}

impl Stage {
    fn new(limit: usize) -> Self {
        let actor = Arc::new(Actor::default());
        let (sender, events) = channel(64);
        Self { pool: Pool::new(actor.clone(), limit, sender), actor, events }
    }

    fn start(&mut self, run: u8, body: &str) {
        self.pool.start(start(run, body));
    }

    /// Drives the pool until this many runs are over.
    async fn ends(&mut self, count: usize) {
        for _ in 0..count {
            timeout(Duration::from_secs(10), self.pool.next_end()).await.expect("a run ends");
        }
    }

    async fn heard(&mut self) -> Batch {
        timeout(Duration::from_secs(10), self.events.recv()).await.expect("an event").expect("an open channel")
    }

    /// What was told so far, as words.
    fn told(&mut self) -> Vec<(RunId, &'static str)> {
        let mut told = Vec::new();
        while let Ok((run, events)) = self.events.try_recv() {
            told.extend(events.iter().map(|event| (run, word(event))));
        }
        told
    }

    fn recorded(&self) -> Vec<(RunId, Outcome)> {
        self.actor.recorded.lock().unwrap().clone()
    }
}

fn word(event: &RunEvent) -> &'static str {
    let RunEvent::Ended(end) = event else {
        assert!(matches!(event, RunEvent::Started { .. }), "{event:?}");
        return "started";
    };
    end.outcome.word()
}

fn id(run: u8) -> RunId {
    RunId::from_u128(u128::from(run))
}

fn start(run: u8, body: &str) -> Start {
    let connector = Connector {
        id: "c".parse().unwrap(),
        name: "C".into(),
        provider: Provider::Other,
        url: "http://127.0.0.1:1/v1".into(),
        default_model: Some("m".into()),
        auth: Auth::default(),
        headers: Vec::new(),
        options: Options::default(),
        notes: None,
        network: NetworkOverlay::default(),
    };
    Start {
        run: id(run),
        connector,
        policy: NetworkPolicy::default(),
        body: body.into(),
        mode: Mode::Stream,
        prices: Arc::default(),
    }
}

#[tokio::test]
async fn a_run_tells_its_start_its_events_and_one_end_in_this_order() {
    let mut stage = Stage::new(1);
    stage.start(1, "ok");
    stage.ends(1).await;
    assert_eq!(stage.told(), [(id(1), "started"), (id(1), "ok")]);
    assert_eq!(stage.recorded(), [(id(1), Outcome::Ok)]);
    assert!(stage.pool.is_empty());
}

#[tokio::test]
async fn a_run_above_the_limit_waits_until_a_place_is_free() {
    let mut stage = Stage::new(1);
    stage.start(1, "wait");
    stage.start(2, "ok");
    assert_eq!(word(&stage.heard().await.1[0]), "started");
    assert_eq!(stage.told(), []);
    assert_eq!(stage.pool.cancel(id(1)), None);
    stage.ends(2).await;
    let told = stage.told();
    assert_eq!(told.last(), Some(&(id(2), "ok")));
    assert_eq!(stage.recorded(), [(id(1), Outcome::Cancelled), (id(2), Outcome::Ok)]);
}

#[tokio::test]
async fn a_run_cancelled_in_the_queue_ends_at_once_and_never_starts() {
    let mut stage = Stage::new(1);
    stage.start(1, "wait");
    stage.start(2, "ok");
    let (run, events) = stage.pool.cancel(id(2)).expect("its end");
    assert_eq!((run, word(&events[0]), events.len()), (id(2), "cancelled", 1));
    let RunEvent::Ended(end) = &events[0] else { panic!("no end") };
    assert!(end.timing.queue.is_some());
    assert_eq!(stage.pool.cancel(id(2)), None);
    stage.pool.cancel(id(1));
    stage.ends(1).await;
    assert!(stage.told().iter().all(|(run, _)| *run == id(1)));
    assert_eq!(stage.recorded(), [(id(2), Outcome::Cancelled), (id(1), Outcome::Cancelled)]);
}

#[tokio::test]
async fn a_panic_ends_its_own_run_and_frees_its_place() {
    let mut stage = Stage::new(1);
    stage.start(1, "panic");
    stage.start(2, "ok");
    stage.ends(2).await;
    assert_eq!(stage.recorded(), [(id(1), Outcome::Error), (id(2), Outcome::Ok)]);
    assert_eq!(
        stage.told().iter().filter(|(run, _)| *run == id(1)).map(|(_, word)| *word).collect::<Vec<_>>(),
        ["started", "error"]
    );
}

#[tokio::test]
async fn a_run_that_is_started_twice_runs_once() {
    let mut stage = Stage::new(2);
    stage.start(1, "wait");
    stage.start(1, "wait");
    stage.pool.cancel(id(1));
    stage.ends(1).await;
    assert_eq!(stage.recorded().len(), 1);
}

#[tokio::test]
async fn a_raised_limit_lets_the_next_go() {
    let mut stage = Stage::new(1);
    stage.start(1, "wait");
    stage.start(2, "ok");
    stage.pool.set_limit(2);
    stage.ends(1).await;
    assert_eq!(stage.recorded(), [(id(2), Outcome::Ok)]);
}

#[tokio::test]
async fn runs_that_do_not_stop_are_given_up_and_recorded_once() {
    let mut stage = Stage::new(2);
    stage.start(1, "deaf");
    stage.start(2, "wait");
    stage.start(3, "ok");
    stage.heard().await;
    stage.pool.cancel_all();
    stage.ends(1).await;
    assert!(!stage.pool.is_empty());
    stage.pool.abandon();
    assert!(stage.pool.is_empty());
    let mut recorded = stage.recorded();
    recorded.sort_by_key(|(run, _)| *run);
    assert_eq!(recorded, [1, 2, 3].map(|run| (id(run), Outcome::Cancelled)));
}

#[tokio::test]
async fn a_run_is_recorded_when_nobody_listens_any_more() {
    let mut stage = Stage::new(1);
    stage.events.close();
    stage.start(1, "ok");
    stage.ends(1).await;
    assert_eq!(stage.recorded(), [(id(1), Outcome::Ok)]);
}
