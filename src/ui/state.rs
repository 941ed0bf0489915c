//! A run in a sign, a word and a figure. The sign never stands alone for something the word does not say.

use std::time::Duration;

use crate::app::doctor::DoctorPane;
use crate::app::runs::{Last, RunView};
use crate::config::theme::Role;
use crate::domain::timing::ReasoningSeen;
use crate::domain::{DoctorOutcome, Outcome, RunPhase, StageStatus, UsageSource};

use super::number;

/// How a connector stands: what its row in the list starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sign {
    pub(super) sign: &'static str,
    pub(super) role: Role,
}

/// The sign of a connector by its last run.
pub(super) fn sign(run: Option<&RunView>) -> Sign {
    let (sign, role) = match run.map(|run| run.transcript.phase) {
        None | Some(RunPhase::Ended(Outcome::Cancelled)) => ("○", Role::Dim),
        Some(RunPhase::Queued) => ("◌", Role::Busy),
        Some(RunPhase::Connecting | RunPhase::Retrying | RunPhase::Streaming) => ("▶", Role::Busy),
        Some(RunPhase::Ended(Outcome::Ok)) => ("●", Role::Good),
        Some(RunPhase::Ended(Outcome::Error)) => ("✗", Role::Bad),
    };
    Sign { sign, role }
}

/// How a connector stands by what was done with it last: a sign, a word, and a figure that may be the same word.
pub(super) fn standing(last: Last<'_>, now: Duration) -> (Sign, String, String) {
    match last {
        Last::Run(run) => (sign(Some(run)), word(run).to_owned(), figure(run, now)),
        Last::Examination(pane) => {
            let (sign, said) = examined(pane);
            (sign, said.clone(), said)
        }
    }
}

/// What the doctor says of a connector, in a word or two; what it looks at, while it does.
fn examined(pane: &DoctorPane) -> (Sign, String) {
    let at = |stage: crate::domain::DoctorStage| format!("at {}", stage.word());
    let (sign, role, said) = match (pane.report.outcome, pane.report.configured.failure(), pane.report.verdict()) {
        (None, None, _) => ("▶", Role::Busy, at(pane.stage())),
        (Some(DoctorOutcome::Cancelled), _, _) => ("○", Role::Dim, "stopped".to_owned()),
        (_, Some(stage), _) => ("✗", Role::Bad, at(stage.stage)),
        (Some(DoctorOutcome::Complete), None, StageStatus::Warning) => ("!", Role::Warning, "warning".to_owned()),
        (Some(DoctorOutcome::Complete), None, StageStatus::Ok | StageStatus::Skipped | StageStatus::Failed) => {
            ("●", Role::Good, "well".to_owned())
        }
    };
    (Sign { sign, role }, said)
}

/// The state of a run in a word.
pub(super) fn word(run: &RunView) -> &'static str {
    match run.transcript.phase {
        RunPhase::Queued => "queued",
        RunPhase::Connecting => "connecting",
        RunPhase::Retrying => "retrying",
        RunPhase::Streaming => "streaming",
        RunPhase::Ended(Outcome::Ok) => "done",
        RunPhase::Ended(Outcome::Error) => "failed",
        RunPhase::Ended(Outcome::Cancelled) => "cancelled",
    }
}

/// The one figure that tells most about a run: its speed, its first token, or why it failed.
pub(super) fn figure(run: &RunView, now: Duration) -> String {
    match run.transcript.phase {
        RunPhase::Queued => "queued".to_owned(),
        RunPhase::Connecting => "connect".to_owned(),
        RunPhase::Retrying => "retry".to_owned(),
        RunPhase::Streaming if silence(run, now).is_some() => "silent".to_owned(),
        RunPhase::Streaming => speed(run).map_or_else(|| "stream".to_owned(), |speed| format!("{speed} t/s")),
        RunPhase::Ended(Outcome::Ok) => {
            first_token(run).or_else(|| total(run)).map_or_else(|| "ok".to_owned(), number::span)
        }
        RunPhase::Ended(Outcome::Error) => failure_word(run),
        RunPhase::Ended(Outcome::Cancelled) => "stopped".to_owned(),
    }
}

fn failure_word(run: &RunView) -> String {
    let Some(end) = &run.transcript.end else { return "failed".to_owned() };
    let status = end.http_status.filter(|status| *status >= 400).map(|status| status.to_string());
    let kind = || end.failure.as_ref().map(|failure| failure.kind.word().to_owned());
    status.or_else(kind).unwrap_or_else(|| "failed".to_owned())
}

/// A stream is silent after this long without a token: the speed it had says nothing any more.
const SILENT: Duration = Duration::from_secs(2);

/// How long no token came in the middle of a stream, where that is long.
pub(super) fn silence(run: &RunView, now: Duration) -> Option<Duration> {
    let latest = run.asked.checked_add(run.live.latest.filter(|_| run.is_alive())?)?;
    now.checked_sub(latest).filter(|silent| *silent >= SILENT)
}

/// Completion tokens: as stated, or one a delta until they are.
pub(super) fn tokens(run: &RunView) -> Option<u64> {
    let counted = Some(run.live.deltas).filter(|deltas| *deltas > 0);
    let stated = if run.is_alive() { run.live.stated } else { run.transcript.usage.completion };
    stated.or(counted)
}

/// Tokens a second: as defined once the run is over, from its deltas while it streams.
pub(super) fn speed(run: &RunView) -> Option<String> {
    let Some(end) = &run.transcript.end else { return live_speed(run).map(number::speed) };
    let seen = if run.reasoning.text().is_empty() { ReasoningSeen::No } else { ReasoningSeen::Yes };
    let speed = end.timing.tokens_per_second(&end.usage, seen)?;
    // A speed is an estimate where its tokens are.
    let mark = if end.usage.source == UsageSource::Estimated { "~" } else { "" };
    Some(format!("{mark}{}", number::speed(speed)))
}

fn live_speed(run: &RunView) -> Option<f64> {
    let span = run.live.latest?.checked_sub(run.live.first_token?)?;
    let gaps = u32::try_from(run.live.deltas.checked_sub(1)?).ok()?;
    (gaps > 0 && span >= Duration::from_millis(1)).then(|| f64::from(gaps) / span.as_secs_f64())
}

/// Time to the first token: from the final attempt once the run is over, from its start while it streams.
pub(super) fn first_token(run: &RunView) -> Option<Duration> {
    if let Some(end) = &run.transcript.end {
        return end.timing.first_token;
    }
    let waited = run.started.and_then(|started| started.checked_sub(run.asked)).unwrap_or_default();
    run.live.first_token?.checked_sub(waited)
}

fn total(run: &RunView) -> Option<Duration> {
    run.transcript.end.as_ref()?.timing.total
}
