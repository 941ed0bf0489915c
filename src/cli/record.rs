//! What every command that makes a run does at its end: it is recorded in the event log and told to a collector.

use super::Context;
use crate::config::{Config, Paths};
use crate::domain::RunRecord;
use crate::provider::Services;
use crate::store::{EventLog, Retention};
use crate::telemetry::Telemetry;

/// Records runs that ended just now. A log that cannot be written, or a collector that is away, is told on stderr and
/// fails nothing; so is a team's log that the run could not be sent to yet. Must not be called where an event loop runs.
pub(super) fn record(context: &mut Context, services: &Services, of: (&Paths, &Config), rows: Vec<RunRecord>) {
    if rows.is_empty() {
        return;
    }
    let (paths, config) = of;
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let telemetry = config.settings.telemetry.as_ref().map(|target| {
        let policy = config.settings.network.resolve(Some(&target.endpoint), None);
        Telemetry::start(target, policy, services.clients.clone(), services.resolver.clone())
            .inspect(|telemetry| rows.iter().for_each(|row| telemetry.record(row, now_ms)))
    });
    let retention = Retention { keep: config.settings.keep_events, max_bytes: config.settings.max_events_size, now_ms };
    let team = crate::runtime::team(&config.settings, &services.resolver);
    let recorded = EventLog::open_with(&paths.event_log(), retention, team).and_then(|log| {
        let same = log.clone();
        rows.into_iter().try_for_each(|row| log.record(row))?;
        log.close()?;
        let hint = same.behind_hint().map(|hint| format!("  {hint}"));
        Ok([same.notice(), same.behind(), hint])
    });
    match recorded {
        Ok(told) => told.into_iter().flatten().for_each(|notice| context.io.say(&notice)),
        Err(error) => context.io.say(&format!("the run was not recorded: {error}\n  {}", error.hint())),
    }
    // Last: the run is durable before anyone waits for a collector.
    let told = telemetry.and_then(|started| match started {
        Ok(telemetry) => {
            telemetry.close();
            telemetry.notice()
        }
        Err(failure) => Some(failure.message),
    });
    if let Some(notice) = told {
        context.io.say(&notice);
    }
}
