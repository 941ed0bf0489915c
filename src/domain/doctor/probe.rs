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
        let (listed, called): (Measures, Measures) = (measures(DoctorStage::Http), measures(DoctorStage::Call));
        Self {
            verdict: report.verdict(),
            first_byte: stage(DoctorStage::Http).and_then(|stage| stage.took),
            days_left: measures(DoctorStage::Tls).days_left,
            remaining_requests: called.remaining_requests.or(listed.remaining_requests),
            remaining_tokens: called.remaining_tokens.or(listed.remaining_tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DoctorEvent, Lane, StageReport};

    #[test]
    fn what_a_call_says_of_the_limits_goes_over_what_the_list_of_models_says() {
        let mut report = DoctorReport::new("x");
        let mut tell = |stage, remaining_requests, remaining_tokens| {
            let mut told = StageReport::ok(stage, "").took(Duration::from_millis(7));
            told.measures = Measures { remaining_requests, remaining_tokens, ..Measures::default() };
            report.apply(DoctorEvent::Told(Lane::Configured, Box::new(told)));
            Probe::of(&report)
        };
        let listed = tell(DoctorStage::Http, Some(41), None);
        assert_eq!((listed.remaining_requests, listed.remaining_tokens), (Some(41), None));
        let called = tell(DoctorStage::Call, Some(40), Some(900));
        assert_eq!((called.remaining_requests, called.remaining_tokens), (Some(40), Some(900)));
        assert_eq!(called.first_byte, Some(Duration::from_millis(7)));
    }
}
