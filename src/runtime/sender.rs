//! The runner of the product: runs go to the provider, their ends to the event log and to telemetry.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::files::Files;
use super::runner::{Ended, Runner, Seat};
use crate::app::effect::{Examine, Start};
use crate::app::overlay::Page;
use crate::app::test::Mode;
use crate::doctor::{self, Patient, Practice, Record, Ways};
use crate::domain::text::clean_line;
use crate::domain::{Caller, DoctorEvent, Failure, RunEnd, Source};
use crate::provider::{self, Call, Preview, Services};

/// Sends runs.
pub(super) struct Sender {
    services: Services,
    files: Arc<Files>,
    /// Asked for beside the first run: a directory of users may be far away, and neither the first frame nor the run waits.
    caller: Arc<OnceLock<Caller>>,
}

impl Sender {
    /// A sender that records into the log of `files`.
    pub(super) fn new(services: Services, files: Arc<Files>) -> Self {
        Self { services, files, caller: Arc::default() }
    }
}

impl Runner for Sender {
    fn execute(&self, start: Arc<Start>, seat: Seat) -> BoxFuture<'static, RunEnd> {
        let services = self.services.clone();
        let call = call(&start, seat.queue);
        let caller = Arc::clone(&self.caller);
        Box::pin(async move {
            if caller.get().is_none() {
                drop(tokio::task::spawn_blocking(move || drop(caller.set(provider::caller(Source::Screen)))));
            }
            provider::execute(call, &services, &seat.events, seat.cancel).await
        })
    }

    fn record(&self, ended: &Ended<'_>) {
        let queue = ended.end.timing.queue.unwrap_or_default();
        let call = call(ended.start, queue);
        let caller = self.caller.get_or_init(|| provider::caller(Source::Screen)).clone();
        let prices = &ended.start.prices;
        self.files.record(provider::record(&call, ended.end, ended.asked_ms, caller, prices));
    }

    fn examine(
        &self,
        examine: Examine,
        out: tokio::sync::mpsc::Sender<DoctorEvent>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, ()> {
        let files = Arc::clone(&self.files);
        let record: Record = Arc::new(move |row| files.record(row));
        let Examine { run: _, connector, policy, origin, reach, source, prices } = examine;
        let ways = match source {
            Source::Watch => Ways::Configured,
            Source::Screen | Source::Command | Source::Doctor | Source::Load => Ways::Both,
        };
        let file = self.files.name_of(origin);
        let patient = Patient { connector, policy, file, prices, ways, reach, source };
        let practice = Practice { services: self.services.clone(), record, out };
        Box::pin(async move { drop(doctor::examine(&patient, &practice, &cancel).await) })
    }

    fn preview(&self, start: Start) -> Result<Page, Failure> {
        provider::preview(&call(&start, Duration::ZERO), &self.services.memory).map(page)
    }
}

fn call(start: &Start, queued: Duration) -> Call {
    Call {
        run: start.run,
        connector: start.connector.clone(),
        policy: start.policy.clone(),
        body: start.body.clone(),
        mode: match start.mode {
            Mode::Stream => provider::Mode::Stream,
            Mode::Plain => provider::Mode::Plain,
        },
        queued,
    }
}

/// A request as text: its line, its headers, its body laid out, and what was done to it.
fn page(preview: Preview) -> Page {
    let mut lines = vec![format!("{} {}", preview.method, preview.url)];
    lines.extend(preview.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.push(String::new());
    lines.extend(laid_out(&preview.body).lines().map(str::to_owned));
    if !preview.notes.is_empty() {
        lines.push(String::new());
        lines.extend(preview.notes);
    }
    let lines = lines.iter().map(|line| clean_line(line).into_owned()).collect();
    Page { title: "What would be sent".to_owned(), lines, top: 0 }
}

fn laid_out(body: &str) -> String {
    let value: Result<serde_json::Value, _> = serde_json::from_str(body);
    value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_not_json| body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_reads_like_a_request() {
        let page = page(Preview {
            method: "POST",
            url: "http://h/v1/chat/completions".to_owned(),
            headers: vec![("authorization".to_owned(), "Bearer ‹env:KEY›".to_owned())],
            body: r#"{"b":1,"a":"x\u001by"}"#.to_owned(),
            notes: vec!["added model\u{7}".to_owned()],
        });
        assert_eq!(
            page.lines,
            [
                "POST http://h/v1/chat/completions",
                "authorization: Bearer ‹env:KEY›",
                "",
                "{",
                "  \"b\": 1,",
                "  \"a\": \"x\\u001by\"",
                "}",
                "",
                "added model␇",
            ]
        );
    }
}
