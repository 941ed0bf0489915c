//! `doctor ID`: the staged check, told as it happens, or as one document.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Context;
use super::args::DoctorArgs;
use super::test::{self, CANCELLED};
use crate::config::{Config, Paths};
use crate::doctor::{self, Patient, Practice, Record, Ways};
use crate::domain::doctor::{Reach, stage_lines};
use crate::domain::{
    DoctorEvent, DoctorOutcome, DoctorReport, DoctorStage, Examination, Failure, Lane, RunRecord, Source, StageReport,
};
use crate::provider::Services;

/// Events between the doctor and stdout.
const QUEUE: usize = 64;

pub(super) fn run(context: &mut Context, args: &DoctorArgs) -> Result<u8, Failure> {
    let paths = context.paths()?;
    let config = context.config()?;
    let patient = patient(context, &config, &paths, args)?;
    let vault = context.vault_for_run(&config, &patient.connector)?;
    let services = super::services(&context.env, vault);
    let rows: Arc<Mutex<Vec<RunRecord>>> = Arc::default();
    let kept = Arc::clone(&rows);
    let record: Record = Arc::new(move |row| kept.lock().unwrap_or_else(PoisonError::into_inner).push(row));
    let shown = if args.output.json { Shown::Nothing } else { Shown::Stages };
    let report = super::tokio_runtime()?.block_on(watch(context, (&patient, &services), record, shown));
    let rows = std::mem::take(&mut *rows.lock().unwrap_or_else(PoisonError::into_inner));
    super::record::record(context, &services, (&paths, &config), rows);
    let report = report?;
    if args.output.json {
        context.io.json(&ReportJson::from(&report))?;
    } else {
        for line in ending(&report).lines() {
            context.io.line(line)?;
        }
    }
    Ok(match report.outcome {
        Some(DoctorOutcome::Cancelled) => CANCELLED,
        Some(DoctorOutcome::Complete) | None => report.exit_code(),
    })
}

fn patient(context: &mut Context, config: &Config, paths: &Paths, args: &DoctorArgs) -> Result<Patient, Failure> {
    let entry = context.find(config, &args.id)?;
    let connector = entry.connector.clone();
    let reach = match test::within_budgets(context, config, &connector, "{}") {
        Ok(()) => Reach::Calls,
        Err(spent) => {
            context.io.say(&format!("no call is made: {}", spent.message));
            Reach::Models
        }
    };
    let entry = context.find(config, &args.id)?;
    Ok(Patient {
        policy: config.policy(&connector),
        file: paths.file_of(entry.origin).display().to_string(),
        prices: Arc::clone(&config.settings.prices),
        ways: if args.without_proxy { Ways::WithoutProxy } else { Ways::Both },
        reach,
        source: Source::Doctor,
        connector,
    })
}

/// What is shown while it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Stages,
}

async fn watch(
    context: &mut Context,
    (patient, services): (&Patient, &Services),
    record: Record,
    shown: Shown,
) -> Result<DoctorReport, Failure> {
    let cancel = CancellationToken::new();
    let (out, mut events) = mpsc::channel::<DoctorEvent>(QUEUE);
    let practice = Practice { services: services.clone(), record, out };
    let examine = async {
        let report = doctor::examine(patient, &practice, &cancel).await;
        drop(practice);
        report
    };
    let show = async {
        let mut lines = Lines::default();
        let mut interrupted = std::pin::pin!(super::interrupted());
        loop {
            let event = tokio::select! {
                biased;
                () = &mut interrupted, if !cancel.is_cancelled() => { cancel.cancel(); continue }
                event = events.recv() => event,
            };
            let Some(event) = event else { return Ok::<_, Failure>(()) };
            if shown == Shown::Stages {
                for line in lines.take(event) {
                    context.io.line(&line).inspect_err(|_failed| cancel.cancel())?;
                }
            }
        }
    };
    let (report, shown) = tokio::join!(examine, show);
    shown.map(|()| report)
}

/// The stages of the configured way, each shown once those before it are.
#[derive(Debug, Default)]
struct Lines {
    told: Examination,
    shown: usize,
}

impl Lines {
    fn take(&mut self, event: DoctorEvent) -> Vec<String> {
        let DoctorEvent::Told(Lane::Configured, report) = event else { return Vec::new() };
        let at = DoctorStage::ALL.iter().position(|stage| *stage == report.stage).unwrap_or_default();
        if at < self.shown {
            // A later stage showed it to be otherwise.
            return stage_lines(&report);
        }
        self.told.tell(*report);
        let mut lines = Vec::new();
        while let Some(next) = DoctorStage::ALL.get(self.shown).and_then(|stage| self.told.stage(*stage)) {
            lines.extend(stage_lines(next));
            self.shown += 1;
        }
        lines
    }
}

/// What comes after the stages: the other way, and the verdict.
fn ending(report: &DoctorReport) -> String {
    let mut text = String::new();
    if let Some(other) = &report.without_proxy {
        text.push_str("\nthe same without the proxy:\n");
        text.extend(other.stages.iter().flat_map(stage_lines).map(|line| line + "\n"));
    }
    let verdict = match (&report.outcome, report.configured.failure()) {
        (Some(DoctorOutcome::Cancelled), _) => "cancelled".to_owned(),
        (_, Some(stage)) => format!("failed at {}", stage.stage.word()),
        (_, None) => report.verdict().word().to_owned(),
    };
    text.extend(["\n", &report.connector, ": ", &verdict, "\n"]);
    if let Some(proxy) = &report.proxy {
        text.extend([proxy, "\n"]);
    }
    text
}

/// The document.
#[derive(Debug, Serialize)]
struct ReportJson<'a> {
    connector: &'a str,
    verdict: &'static str,
    stages: Vec<StageJson<'a>>,
    without_proxy: Option<LaneJson<'a>>,
    proxy: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct LaneJson<'a> {
    verdict: &'static str,
    stages: Vec<StageJson<'a>>,
}

#[derive(Debug, Serialize)]
struct StageJson<'a> {
    stage: &'static str,
    status: &'static str,
    ms: Option<f64>,
    detail: &'a str,
    cause: Option<&'a str>,
    fix: Option<&'a str>,
    kind: Option<&'static str>,
}

impl<'a> From<&'a DoctorReport> for ReportJson<'a> {
    fn from(report: &'a DoctorReport) -> Self {
        let lane = |lane: &'a Examination| LaneJson { verdict: lane.verdict().word(), stages: stages(lane) };
        Self {
            connector: &report.connector,
            verdict: report.verdict().word(),
            stages: stages(&report.configured),
            without_proxy: report.without_proxy.as_ref().map(lane),
            proxy: report.proxy.as_deref(),
        }
    }
}

fn stages(examination: &Examination) -> Vec<StageJson<'_>> {
    examination.stages.iter().map(StageJson::from).collect()
}

impl<'a> From<&'a StageReport> for StageJson<'a> {
    fn from(report: &'a StageReport) -> Self {
        Self {
            stage: report.stage.word(),
            status: report.status.word(),
            ms: report.ms(),
            detail: &report.detail,
            cause: report.cause.as_deref(),
            fix: report.fix.as_deref(),
            kind: report.kind.map(crate::domain::ErrorKind::word),
        }
    }
}
