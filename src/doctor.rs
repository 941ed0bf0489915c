//! The doctor: one staged check of a connector, on the path of a real run, told as it happens.
//!
//! Owns the stages and their verdicts: configuration, secrets, policy, then the way there step by step
//! ([`crate::net::staged`]), then what answers: HTTP, the key, the model, a short plain call, a short streamed one.
//! Where a proxy applies, the same goes on beside it without the proxy, and both are compared. It must not know who
//! looks: it tells [`DoctorEvent`]s, and hands the calls it made to whoever keeps the event log.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::domain::doctor::Reach;
use crate::domain::{
    Connector, DoctorEvent, DoctorOutcome, DoctorReport, DoctorStage, Lane, NetworkPolicy, PriceBook, RunRecord,
    Source, StageReport,
};
use crate::provider::Services;

mod answers;
mod blame;
mod calls;
mod checks;
mod credential;
mod judge;
mod place;
mod stream;
mod walk;
mod way;

use walk::Walk;

/// Whom to examine, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Patient {
    /// The connector, saved or a draft.
    pub connector: Connector,
    /// The policy that holds for it.
    pub policy: NetworkPolicy,
    /// The file it stands in, as a fix names it.
    pub file: String,
    /// What tokens of the calls cost.
    pub prices: Arc<PriceBook>,
    /// Which ways are gone.
    pub ways: Ways,
    /// How far.
    pub reach: Reach,
    /// Who asks, for the event log.
    pub source: Source,
}

/// Which ways are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ways {
    /// The configured one; where it has a proxy, also the one without it.
    Both,
    /// The configured one alone.
    Configured,
    /// The one without the proxy alone.
    WithoutProxy,
}

/// Where the rows of the calls go.
pub type Record = Arc<dyn Fn(RunRecord) + Send + Sync>;

/// What the doctor works with. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Practice {
    /// Clients and secrets, as a run has them.
    pub services: Services,
    /// Where the calls are recorded.
    pub record: Record,
    /// Where it tells what happens.
    pub out: Sender<DoctorEvent>,
}

/// Examines a connector and tells every event; the last one is `Ended`, exactly once. Cancelling drops the sockets.
pub async fn examine(patient: &Patient, practice: &Practice, cancel: &CancellationToken) -> DoctorReport {
    let teller = Teller::new(patient, practice);
    let outcome = tokio::select! {
        biased;
        () = cancel.cancelled() => DoctorOutcome::Cancelled,
        () = Box::pin(walk(patient, practice, &teller, cancel)) => DoctorOutcome::Complete,
    };
    teller.end(outcome).await
}

async fn walk(patient: &Patient, practice: &Practice, teller: &Teller, cancel: &CancellationToken) {
    let direct = patient.policy.without_proxy();
    let turn = Arc::new(tokio::sync::Mutex::new(()));
    let lane = |lane, policy: &NetworkPolicy| {
        let policy = policy.clone();
        Walk { patient, practice, teller, cancel, policy, lane, turn: Arc::clone(&turn) }
    };
    match patient.ways {
        Ways::WithoutProxy => lane(Lane::Configured, &direct).run().await,
        Ways::Both if patient.policy.route.proxy.is_some() => {
            let (configured, direct) = (lane(Lane::Configured, &patient.policy), lane(Lane::WithoutProxy, &direct));
            tokio::join!(configured.run(), direct.run());
        }
        Ways::Both | Ways::Configured => lane(Lane::Configured, &patient.policy).run().await,
    }
}

/// Tells events, and keeps the report that they make.
struct Teller {
    out: Sender<DoctorEvent>,
    report: Mutex<DoctorReport>,
}

impl Teller {
    fn new(patient: &Patient, practice: &Practice) -> Self {
        let report = DoctorReport::new(patient.connector.id.to_string());
        Self { out: practice.out.clone(), report: Mutex::new(report) }
    }

    async fn tell(&self, event: DoctorEvent) {
        self.with(|report| report.apply(event.clone()));
        // Where nobody listens, the report is still returned.
        self.out.send(event).await.ok();
    }

    async fn began(&self, lane: Lane, stage: DoctorStage) {
        self.tell(DoctorEvent::Began(lane, stage)).await;
    }

    async fn told(&self, lane: Lane, report: StageReport) {
        self.tell(DoctorEvent::Told(lane, Box::new(report))).await;
    }

    /// Stages of a way that told nothing yet.
    fn untold(&self, lane: Lane) -> Vec<DoctorStage> {
        self.with(|report| {
            let known = |stage: &DoctorStage| report.lane(lane).is_some_and(|lane| lane.stage(*stage).is_some());
            DoctorStage::ALL.into_iter().filter(|stage| !known(stage)).collect()
        })
    }

    async fn end(self, outcome: DoctorOutcome) -> DoctorReport {
        let proxy = self.with(|report| blame::proxy(report));
        self.tell(DoctorEvent::Ended { outcome, proxy }).await;
        self.report.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, look: impl FnOnce(&mut DoctorReport) -> T) -> T {
        look(&mut self.report.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
