//! What the pool needs of the provider and the event log, so that a test can play both.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::app::effect::{Examine, Start};
use crate::app::overlay::Page;
use crate::domain::{DoctorEvent, Failure, RunEnd, RunEvent, RunId};

/// Events of one run, in order.
pub(super) type Batch = (RunId, Vec<RunEvent>);

/// Executes runs and records how they ended.
pub(super) trait Runner: Send + Sync + 'static {
    /// Executes a run and tells every event of it, from its start to its one end, which is returned too.
    fn execute(&self, start: Arc<Start>, seat: Seat) -> BoxFuture<'static, RunEnd>;

    /// Writes a run's end to the event log. Must not wait for the disk.
    fn record(&self, ended: &Ended<'_>);

    /// Examines a connector and tells every event of it; records the calls it makes.
    fn examine(&self, examine: Examine, out: Sender<DoctorEvent>, cancel: CancellationToken) -> BoxFuture<'static, ()>;

    /// Tells what would be sent. Pure: it resolves no secret and asks nobody.
    fn preview(&self, start: Start) -> Result<Page, Failure>;
}

/// A run's place in the pool.
#[derive(Debug)]
pub(super) struct Seat {
    /// Where it tells what happens.
    pub(super) events: Sender<Batch>,
    /// Set when it shall stop.
    pub(super) cancel: CancellationToken,
    /// How long it waited.
    pub(super) queue: Duration,
}

/// A run that is over.
#[derive(Debug)]
pub(super) struct Ended<'a> {
    /// What was run.
    pub(super) start: &'a Start,
    /// When it was asked for: milliseconds since 1970, UTC.
    pub(super) asked_ms: i64,
    /// How it ended.
    pub(super) end: &'a RunEnd,
}
