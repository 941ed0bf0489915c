//! Whether the proxy is to blame: both ways, compared. Pure.

use crate::domain::{DoctorReport, DoctorStage, Examination, StageReport, StageStatus};

/// What comparing both ways says; `None` where only one was gone.
pub(super) fn proxy(report: &DoctorReport) -> Option<String> {
    let (with, without) = (&report.configured, report.without_proxy.as_ref()?);
    Some(match (with.failure(), without.failure()) {
        (Some(failed), None) if is_through(without) => format!(
            "the proxy is to blame: {} fails through it ({}), and everything works without it",
            failed.stage.word(),
            cause(failed)
        ),
        (None, Some(failed)) => {
            format!("the proxy is needed: without it {} fails ({})", failed.stage.word(), cause(failed))
        }
        (Some(one), Some(other)) if one.stage == other.stage && one.kind == other.kind => {
            format!("the proxy is not to blame: {} fails in the same way without it", one.stage.word())
        }
        (Some(one), Some(other)) => format!(
            "both ways fail, each in its own: through the proxy {} ({}), without it {} ({})",
            one.stage.word(),
            cause(one),
            other.stage.word(),
            cause(other)
        ),
        (None, None) if is_through(with) && is_through(without) => both_work(with, without),
        (Some(_) | None, None) => return None,
    })
}

/// True where a way came to its end.
fn is_through(examination: &Examination) -> bool {
    examination.stages.len() == DoctorStage::ALL.len()
}

fn cause(stage: &StageReport) -> &str {
    stage.cause.as_deref().unwrap_or(&stage.detail)
}

fn both_work(with: &Examination, without: &Examination) -> String {
    let status = |examination: &Examination| examination.stage(DoctorStage::Stream).map(|stage| stage.status);
    let warned = Some(StageStatus::Warning);
    if status(with) == warned && status(without) == Some(StageStatus::Ok) {
        return "the proxy is to blame for the stream: it comes in pieces without it".to_owned();
    }
    "the proxy is not to blame for anything: both ways work alike".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DoctorEvent, ErrorKind, Lane};

    fn lane(report: &mut DoctorReport, lane: Lane, failed: Option<(DoctorStage, ErrorKind)>, stream: StageStatus) {
        for stage in DoctorStage::ALL {
            let told = match failed {
                Some((at, kind)) if at == stage => StageReport::failed(stage, kind, "seen", "so it is"),
                _ if stage == DoctorStage::Stream && stream == StageStatus::Warning => {
                    StageReport::warning(stage, "s", "c")
                }
                _ => StageReport::ok(stage, "fine"),
            };
            report.apply(DoctorEvent::Told(lane, Box::new(told)));
        }
    }

    fn said(
        with: Option<(DoctorStage, ErrorKind)>,
        without: Option<(DoctorStage, ErrorKind)>,
        stream: StageStatus,
    ) -> String {
        let mut report = DoctorReport::new("x");
        lane(&mut report, Lane::Configured, with, stream);
        lane(&mut report, Lane::WithoutProxy, without, StageStatus::Ok);
        proxy(&report).expect("both were gone")
    }

    #[test]
    fn each_outcome_has_its_sentence() {
        let (proxy_failed, auth) = ((DoctorStage::Proxy, ErrorKind::Proxy), (DoctorStage::Auth, ErrorKind::Auth));
        let ok = StageStatus::Ok;
        assert!(
            said(Some(proxy_failed), None, ok).starts_with("the proxy is to blame: proxy fails through it (so it is)")
        );
        assert!(said(Some(auth), Some(auth), ok).starts_with("the proxy is not to blame: auth fails in the same way"));
        assert!(
            said(None, Some((DoctorStage::Tcp, ErrorKind::Timeout)), ok)
                .starts_with("the proxy is needed: without it tcp")
        );
        assert!(said(Some(proxy_failed), Some(auth), ok).starts_with("both ways fail"));
        assert!(said(None, None, StageStatus::Warning).starts_with("the proxy is to blame for the stream"));
        assert!(said(None, None, ok).starts_with("the proxy is not to blame for anything"));
        assert_eq!(proxy(&DoctorReport::new("x")), None);
    }
}
