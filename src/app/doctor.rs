//! The doctor's pane of a connector: its last examination, and which stage is read.

use std::time::Duration;

use crate::domain::{DoctorReport, DoctorStage, RunId};

/// One examination on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorPane {
    /// Its id.
    pub run: RunId,
    /// What it told so far.
    pub report: DoctorReport,
    /// When it was asked for.
    pub asked: Duration,
    /// When it ended.
    pub ended: Option<Duration>,
    /// Which stage is read.
    pub cursor: Cursor,
}

/// Which stage is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// The one that goes on; at the end the first that is not good.
    Follows,
    /// The one a person chose.
    At(DoctorStage),
}

impl DoctorPane {
    /// An examination that was just asked for.
    pub fn new(run: RunId, connector: &str, asked: Duration) -> Self {
        Self { run, report: DoctorReport::new(connector), asked, ended: None, cursor: Cursor::Follows }
    }

    /// True until its end came.
    pub fn is_alive(&self) -> bool {
        self.report.outcome.is_none()
    }

    /// The stage that is read.
    pub fn stage(&self) -> DoctorStage {
        match self.cursor {
            Cursor::At(stage) => stage,
            Cursor::Follows if self.is_alive() => {
                // What failed is of interest; the way without the proxy may go on beside it.
                if let Some(failed) = self.report.configured.failure() {
                    return failed.stage;
                }
                let running = self.report.configured.running.last().copied();
                let told = || self.report.configured.stages.last().map(|stage| stage.stage);
                running.or_else(told).unwrap_or(DoctorStage::Config)
            }
            Cursor::Follows => self.worst().unwrap_or(DoctorStage::Config),
        }
    }

    fn worst(&self) -> Option<DoctorStage> {
        self.report.configured.complaint().map(|stage| stage.stage)
    }
}
