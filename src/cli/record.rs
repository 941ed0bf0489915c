//! What every command that makes a run does at its end: it is recorded in the event log and told to a collector.

use super::Context;
use crate::config::{Config, Paths};
use crate::domain::RunRecord;
use crate::store::{EventLog, Retention};
use crate::telemetry::Telemetry;

/// Records a run that ended just now. A log that cannot be written, or a collector that is away, is told on stderr and
/// fails nothing. Must not be called where an event loop runs.
pub(super) fn record(context: &mut Context, paths: &Paths, config: &Config, row: RunRecord) {
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let telemetry = config.settings.telemetry.as_ref().map(|target| {
        let services = super::services(&context.env);
        Telemetry::start(target, services.clients, services.resolver)
            .inspect(|telemetry| telemetry.record(&row, now_ms))
    });
    let retention = Retention { keep: config.settings.keep_events, max_bytes: config.settings.max_events_size, now_ms };
    let recorded = EventLog::open_with(&paths.event_log(), retention).and_then(|log| {
        let notice = log.notice();
        log.record(row)?;
        log.close()?;
        Ok(notice)
    });
    match recorded {
        Ok(notice) => notice.into_iter().for_each(|notice| context.io.say(&notice)),
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
