//! `watch [ID…]`: connectors probed again and again by the doctor's cheap stages, one line a probe.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Context;
use super::args::WatchArgs;
use super::test::{CANCELLED, within_budgets};
use crate::config::{Config, Entry, Paths};
use crate::doctor::{self, Patient, Practice, Record, Ways};
use crate::domain::doctor::{Probe, Reach};
use crate::domain::timing::millis;
use crate::domain::{Connector, DoctorEvent, DoctorReport, ErrorKind, Failure, RunRecord, Source, units};
use crate::provider::Services;

/// Events of one probe that may wait; nobody reads them but the probe itself.
const QUEUE: usize = 64;
/// Probes less often than this are no watch of a service, and more often would be a load.
const SHORTEST: Duration = Duration::from_secs(1);

/// One connector that is watched.
struct Watched {
    patient: Patient,
    services: Services,
}

pub(super) fn run(context: &mut Context, args: &WatchArgs) -> Result<u8, Failure> {
    let (paths, config) = (context.paths()?, context.config()?);
    let every = interval(&args.every)?;
    let watched = watched(context, (&paths, &config), args)?;
    let rows: Arc<Mutex<Vec<RunRecord>>> = Arc::default();
    let kept = Arc::clone(&rows);
    let record: Record = Arc::new(move |row| kept.lock().unwrap_or_else(PoisonError::into_inner).push(row));
    let runtime = super::tokio_runtime()?;
    let mut round = 0;
    loop {
        round += 1;
        let probed = runtime.block_on(round_of(&watched, &record));
        for (one, report) in watched.iter().zip(probed.iter().flatten()) {
            let rows = std::mem::take(&mut *rows.lock().unwrap_or_else(PoisonError::into_inner));
            super::record::record(context, &one.services, (&paths, &config), rows);
            tell(context, args, report)?;
            if let (true, code @ 1..) = (args.until_failure, report.exit_code()) {
                return Ok(code);
            }
        }
        if args.count.is_some_and(|count| round >= count) {
            return Ok(0);
        }
        if probed.is_none() || runtime.block_on(wait(every)) == Waited::Stopped {
            return Ok(CANCELLED);
        }
    }
}

fn interval(text: &str) -> Result<Duration, Failure> {
    let every = units::parse_duration(text);
    let every = every.map_err(|problem| Failure::new(ErrorKind::Config, format!("--every: {problem}"), ""))?;
    Ok(every.max(SHORTEST))
}

/// The connectors that were named, or all.
fn watched(context: &mut Context, of: (&Paths, &Config), args: &WatchArgs) -> Result<Vec<Watched>, Failure> {
    let (paths, config) = of;
    let mut entries: Vec<Entry> = Vec::new();
    for id in &args.ids {
        entries.push(context.find(config, id)?.clone());
    }
    if args.ids.is_empty() {
        entries.clone_from(&config.entries);
    }
    if entries.is_empty() {
        return Err(Failure::new(
            ErrorKind::Config,
            "there is no connector to watch",
            "add one with `switchboard add`",
        ));
    }
    let mut watched = Vec::with_capacity(entries.len());
    for Entry { connector, origin } in entries {
        let vault = context.vault_for_run(config, &connector)?;
        let patient = Patient {
            policy: config.policy(&connector),
            file: paths.file_of(origin).display().to_string(),
            prices: Arc::clone(&config.settings.prices),
            ways: Ways::Configured,
            reach: reach(context, config, &connector, args)?,
            source: Source::Watch,
            connector,
        };
        watched.push(Watched { patient, services: super::services(&context.env, vault) });
    }
    Ok(watched)
}

/// A budget that blocks and is spent leaves the stages that cost nothing.
fn reach(context: &mut Context, config: &Config, connector: &Connector, args: &WatchArgs) -> Result<Reach, Failure> {
    if !args.calls {
        return Ok(Reach::Models);
    }
    match within_budgets(context, config, connector, "{}") {
        Ok(()) => Ok(Reach::Calls),
        Err(spent) if spent.kind == ErrorKind::Budget => {
            context.io.say(&format!("{}: no call is made: {}", connector.id, spent.message));
            Ok(Reach::Models)
        }
        Err(failure) => Err(failure),
    }
}

/// Probes every connector at once; nothing where the person stops it.
async fn round_of(watched: &[Watched], record: &Record) -> Option<Vec<DoctorReport>> {
    let cancel = CancellationToken::new();
    let probes = watched.iter().map(|one| probe(one, record, &cancel));
    tokio::select! {
        biased;
        () = super::interrupted() => None,
        reports = futures_util::future::join_all(probes) => Some(reports),
    }
}

async fn probe(one: &Watched, record: &Record, cancel: &CancellationToken) -> DoctorReport {
    let (out, mut events) = mpsc::channel::<DoctorEvent>(QUEUE);
    let practice = Practice { services: one.services.clone(), record: Arc::clone(record), out };
    let examine = async {
        let report = doctor::examine(&one.patient, &practice, cancel).await;
        drop(practice);
        report
    };
    let listen = async { while events.recv().await.is_some() {} };
    tokio::join!(examine, listen).0
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waited {
    Over,
    /// By the person.
    Stopped,
}

/// Waits for the next round.
async fn wait(every: Duration) -> Waited {
    tokio::select! {
        biased;
        () = super::interrupted() => Waited::Stopped,
        () = tokio::time::sleep(every) => Waited::Over,
    }
}

fn tell(context: &mut Context, args: &WatchArgs, report: &DoctorReport) -> Result<(), Failure> {
    let line = Line::new(report);
    if args.output.json { context.io.json_line(&line) } else { context.io.line(&line.told()) }
}

/// One probe, as a line.
#[derive(Debug, Serialize)]
struct Line<'a> {
    at: String,
    connector: &'a str,
    verdict: &'static str,
    stage: Option<&'static str>,
    kind: Option<&'static str>,
    cause: Option<&'a str>,
    fix: Option<&'a str>,
    first_byte_ms: Option<f64>,
    certificate_days_left: Option<i64>,
    rate_limit_remaining: BTreeMap<&'static str, u64>,
}

impl<'a> Line<'a> {
    fn new(report: &'a DoctorReport) -> Self {
        let probe = Probe::of(report);
        let bad = report.configured.complaint();
        let left = [("requests", probe.remaining_requests), ("tokens", probe.remaining_tokens)];
        Self {
            at: Timestamp::now().round(jiff::Unit::Second).unwrap_or_else(|_far| Timestamp::now()).to_string(),
            connector: &report.connector,
            verdict: probe.verdict.word(),
            stage: bad.map(|stage| stage.stage.word()),
            kind: bad.and_then(|stage| stage.kind).map(ErrorKind::word),
            cause: bad.and_then(|stage| stage.cause.as_deref()),
            fix: bad.and_then(|stage| stage.fix.as_deref()),
            first_byte_ms: probe.first_byte.map(millis),
            certificate_days_left: probe.days_left,
            rate_limit_remaining: left.into_iter().filter_map(|(name, left)| Some((name, left?))).collect(),
        }
    }

    /// The line of a person: local time, state, and what is known.
    fn told(&self) -> String {
        let time = self
            .at
            .parse::<Timestamp>()
            .map(|at| at.to_zoned_datetime(TimeZone::system()).strftime("%H:%M:%S").to_string());
        let mut parts = vec![time.unwrap_or_default(), format!("{:<20} {:<8}", self.connector, self.verdict)];
        parts.extend(self.first_byte_ms.map(|ms| format!("first byte {ms:.1} ms")));
        parts.extend(self.certificate_days_left.map(|days| format!("certificate {days} days")));
        parts.extend(self.rate_limit_remaining.iter().map(|(name, left)| format!("{left} {name} left")));
        let said = self.stage.zip(self.cause);
        parts.extend(said.map(|(stage, cause)| format!("{stage}: {cause}")));
        parts.join("  ").trim_end().to_owned()
    }
}
