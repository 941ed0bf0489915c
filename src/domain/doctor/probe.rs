//! One probe of a watch: what of a report is followed over time.

use std::time::Duration;

use super::{DoctorReport, DoctorStage, Measures, StageStatus};

/// What one probe found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// The worst status of its stages.
    pub verdict: StageStatus,
    /// How long the first byte of an answer took; `None` where none came.
    pub first_byte: Option<Duration>,
    /// Whole days the server's certificate is still valid; negative once it has expired.
    pub days_left: Option<i64>,
    /// Requests the server still allows in its window.
    pub remaining_requests: Option<u64>,
    /// Tokens it still allows.
    pub remaining_tokens: Option<u64>,
}

impl Probe {
    /// What a report says of the connector as it is configured.
    pub fn of(report: &DoctorReport) -> Self {
        let stage = |stage| report.configured.stage(stage);
        let measures = |of| stage(of).map(|stage| stage.measures).unwrap_or_default();
        let Measures { remaining_requests, remaining_tokens, .. } = measures(DoctorStage::Http);
        Self {
            verdict: report.verdict(),
            first_byte: stage(DoctorStage::Http).and_then(|stage| stage.took),
            days_left: measures(DoctorStage::Tls).days_left,
            remaining_requests,
            remaining_tokens,
        }
    }
}
