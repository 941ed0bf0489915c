//! One way, stage after stage. What follows a failure is told as not reached.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::checks::Checked;
use super::place::Places;
use super::{Patient, Practice, Teller, answers, calls, checks, judge, stream, way};
use crate::domain::doctor::Reach;
use crate::domain::{DoctorStage, Lane, NetworkPolicy, StageReport, StageStatus};

/// One way of an examination.
pub(super) struct Walk<'a> {
    pub(super) patient: &'a Patient,
    pub(super) practice: &'a Practice,
    pub(super) teller: &'a Teller,
    pub(super) cancel: &'a CancellationToken,
    pub(super) policy: NetworkPolicy,
    pub(super) lane: Lane,
    /// Calls are made one at a time: a server with one place would falsify the times of the other way.
    pub(super) turn: Arc<Mutex<()>>,
}

/// A way ends at the stage that failed.
pub(super) struct Stopped;

impl Walk<'_> {
    /// Goes the way to its end.
    pub(super) async fn run(&self) {
        if self.stages().await.is_ok() {
            return;
        }
        let failed = self.teller.with(|report| {
            let lane = report.lane(self.lane);
            lane.and_then(|lane| lane.failure()).map(|stage| stage.stage)
        });
        let why =
            failed.map_or_else(|| "not reached".to_owned(), |stage| format!("not reached: {} failed", stage.word()));
        for stage in self.teller.untold(self.lane) {
            self.told(StageReport::skipped(stage, &why)).await;
        }
    }

    async fn stages(&self) -> Result<(), Stopped> {
        let checked = checks::run(self).await?;
        let way = way::run(self, &checked).await?;
        let answered = answers::run(self, &checked, &way).await?;
        match self.patient.reach {
            Reach::Models => self.without_calls(&answered).await,
            Reach::Calls => {
                let _turn = self.turn.lock().await;
                self.calls(&checked, &answered).await?;
            }
        }
        Ok(())
    }

    async fn calls(&self, checked: &Checked, answered: &answers::Answered) -> Result<(), Stopped> {
        self.began(DoctorStage::Auth).await;
        self.began(DoctorStage::Call).await;
        let plain = calls::plain(self, checked).await;
        for mut report in judge::plain(&plain, checked, answered, &self.places()) {
            // Many servers tell of their limits only where these count.
            if report.stage == DoctorStage::Call {
                report.measures = plain.head.as_ref().map(answers::headroom).unwrap_or_default();
            }
            self.tell(report).await?;
        }
        self.began(DoctorStage::Stream).await;
        let streamed = calls::streamed(self, checked).await;
        self.tell(stream::judge(&streamed, &self.policy, &self.places())).await?;
        self.tell(stream::usage(&streamed, &plain)).await
    }

    /// What the list of models says of the key is all there is.
    async fn without_calls(&self, answered: &answers::Answered) {
        let auth = judge::auth_by_list(answered, &self.places());
        self.told(auth).await;
        for stage in self.teller.untold(self.lane) {
            self.told(StageReport::skipped(stage, "no call was made")).await;
        }
    }

    /// Where a key stands.
    pub(super) fn places(&self) -> Places<'_> {
        Places { connector: &self.patient.connector, policy: &self.policy, file: &self.patient.file }
    }

    pub(super) async fn began(&self, stage: DoctorStage) {
        self.teller.began(self.lane, stage).await;
    }

    async fn told(&self, report: StageReport) {
        self.teller.told(self.lane, report).await;
    }

    /// Tells a stage; a failed one ends the way.
    pub(super) async fn tell(&self, report: StageReport) -> Result<(), Stopped> {
        let failed = report.status == StageStatus::Failed;
        self.told(report).await;
        if failed { Err(Stopped) } else { Ok(()) }
    }
}
