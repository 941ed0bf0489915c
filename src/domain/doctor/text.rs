//! The report as plain text: no sign, no colour, nothing that a ticket would lose.

use super::{DoctorOutcome, DoctorReport, Examination, StageReport, StageStatus};

/// The whole report.
pub(super) fn report(report: &DoctorReport) -> String {
    let ended = match report.outcome {
        Some(DoctorOutcome::Cancelled) => ", cancelled",
        Some(DoctorOutcome::Complete) | None => "",
    };
    let mut text = format!("switchboard doctor {}: {}{ended}\n\n", report.connector, verdict(&report.configured));
    text.push_str(&stages(&report.configured));
    if let Some(other) = &report.without_proxy {
        text.extend(["\nthe same without the proxy: ", &verdict(other), "\n\n", &stages(other)]);
    }
    if let Some(proxy) = &report.proxy {
        text.extend(["\n", proxy, "\n"]);
    }
    text
}

fn verdict(examination: &Examination) -> String {
    match (examination.verdict(), examination.failure()) {
        (_, Some(stage)) => {
            let kind = stage.kind.map(|kind| format!(" ({kind})")).unwrap_or_default();
            format!("failed at {}{kind}", stage.stage.word())
        }
        (verdict, None) => verdict.word().to_owned(),
    }
}

fn stages(examination: &Examination) -> String {
    examination.stages.iter().flat_map(stage).map(|line| line + "\n").collect()
}

/// One stage: what was seen, and below it cause and fix.
pub(super) fn stage(report: &StageReport) -> Vec<String> {
    let took = report.ms().map(|ms| format!("{ms:.1} ms")).unwrap_or_default();
    let (stage, status) = (report.stage.word(), report.status.word());
    let mut lines = vec![format!("{stage:<8} {status:<8} {took:>10}  {}", report.detail).trim_end().to_owned()];
    let more = [("cause:", &report.cause), ("fix:  ", &report.fix)];
    let told = more.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    let is_good = report.status == StageStatus::Ok || report.status == StageStatus::Skipped;
    if !is_good || report.cause.is_some() {
        lines.extend(told.map(|(name, text)| format!("         {name} {text}")));
    }
    lines
}
