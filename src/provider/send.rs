//! The one path of a run: prepare, attempt, retry where that may help, and end exactly once.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use super::attempt::{Broken, attempt};
use super::call::{Call, Services};
use super::prepare::{Prepared, prepare};
use super::progress::Progress;
use super::way::explained;
use crate::domain::{AttemptReport, Failure, RunEnd, RunEvent, RunId};

/// Events of one run, as many as one read brought.
pub(super) type Batch = (RunId, Vec<RunEvent>);

/// Why a run stops before its reply is complete.
#[derive(Debug)]
pub(super) enum Stop {
    /// Cancelled, or nobody listens any more.
    Cancelled,
    /// It failed for good.
    Failed(Failure),
}

/// Events of one batch at most. What waits for the listener is bounded by batches, and events may be tiny.
const BATCH: usize = 128;

/// Where a run tells what happens. The channel is bounded: a slow listener slows the socket.
pub(super) struct Feed<'a> {
    run: RunId,
    out: &'a Sender<Batch>,
}

impl Feed<'_> {
    /// Tells events, waiting for room. Nobody listening is as good as a cancel.
    pub(super) async fn tell(&self, mut events: Vec<RunEvent>) -> Result<(), Stop> {
        while events.len() > BATCH {
            let later = events.split_off(BATCH);
            self.send(std::mem::replace(&mut events, later)).await?;
        }
        if events.is_empty() { Ok(()) } else { self.send(events).await }
    }

    async fn send(&self, events: Vec<RunEvent>) -> Result<(), Stop> {
        self.out.send((self.run, events)).await.map_err(|_closed| Stop::Cancelled)
    }
}

/// Runs a call to its end and tells every event; the last one is `Ended`, exactly once. Cancelling drops the socket at
/// any stage. The end is also returned, for a caller that does not listen.
pub async fn execute(call: Call, services: &Services, out: &Sender<Batch>, cancel: CancellationToken) -> RunEnd {
    let feed = Feed { run: call.run, out };
    let mut progress = Progress::new(&call);
    // Boxed: what a connection keeps is large, and callers hold many runs.
    let driven = Box::pin(drive(&call, services, &feed, &mut progress));
    let stopped = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Stop::Cancelled),
        done = driven => done,
    };
    let mut last_words = Vec::new();
    progress.last_words(&mut last_words);
    let mut end = progress.end(stopped).await;
    if let Some(failure) = end.failure.take() {
        end.failure = Some(Box::pin(explained(failure, &call, services, &cancel)).await);
    }
    last_words.push(RunEvent::Ended(Box::new(end.clone())));
    // Where nobody listens there is nobody to miss it.
    feed.tell(last_words).await.ok();
    end
}

async fn drive(call: &Call, services: &Services, feed: &Feed<'_>, progress: &mut Progress) -> Result<(), Stop> {
    feed.tell(vec![RunEvent::Started { queue: call.queued }]).await?;
    let mut prepared = prepare(call, services).await.map(Arc::new).map_err(Stop::Failed)?;
    feed.tell(prepared.notes.iter().cloned().map(RunEvent::Note).collect()).await?;
    let client = services.clients.of(&prepared.endpoint.url, &call.policy, &prepared.network).await;
    let client = client.map_err(Stop::Failed)?;
    let of = call.connector.options.max_attempts.unwrap_or(1).max(1);
    let mut number = 1;
    let mut renewal = Renewal::Possible;
    loop {
        feed.tell(vec![RunEvent::Attempt { number, of }]).await?;
        progress.begin(number, &prepared);
        let broken = match attempt(&client, call, &prepared, feed, progress).await {
            Ok(()) => return Ok(()),
            Err(broken) => broken,
        };
        match broken {
            Broken::Stop(stop) => return Err(stop),
            Broken::UsageRefused => {
                prepared = without_usage(call, services, feed, &prepared).await.map(Arc::new)?;
                continue;
            }
            Broken::Failed { failure, .. } if renewal.may_help(&failure) && prepared.refuse_secrets(services) => {
                renewal = Renewal::Done;
                prepared = with_fresh_secrets(call, services, feed).await.map(Arc::new)?;
                continue;
            }
            Broken::Failed { failure, retry_in: Some(wait) } if number < of => {
                let failure = Failure { attempts: number, ..failure };
                wait_for_next(feed, AttemptReport { number, of, failure, wait }).await?;
            }
            Broken::Failed { failure, retry_in: _ } => return Err(Stop::Failed(failure)),
        }
        number += 1;
    }
}

/// The server refuses to be asked for usage. Asking was our doing, so dropping it costs the person no attempt.
async fn without_usage(call: &Call, services: &Services, feed: &Feed<'_>, old: &Prepared) -> Result<Prepared, Stop> {
    services.memory.remember_refusal(&old.endpoint.url, old.shaped.model.as_deref());
    let note = "the server refuses stream_options.include_usage; it is left out from now on";
    feed.tell(vec![RunEvent::Note(note.to_owned())]).await?;
    prepare(call, services).await.map_err(Stop::Failed)
}

/// Whether secrets that were kept may be fetched anew: once in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renewal {
    Possible,
    Done,
}

impl Renewal {
    fn may_help(self, failure: &Failure) -> bool {
        self == Self::Possible && failure.http_status == Some(401)
    }
}

/// A kept secret was refused: it may have been replaced since. Keeping it was our doing, so this costs no attempt.
async fn with_fresh_secrets(call: &Call, services: &Services, feed: &Feed<'_>) -> Result<Prepared, Stop> {
    let note = "the server refuses the credential that was kept (401); it is fetched anew, once";
    feed.tell(vec![RunEvent::Note(note.to_owned())]).await?;
    prepare(call, services).await.map_err(Stop::Failed)
}

async fn wait_for_next(feed: &Feed<'_>, report: AttemptReport) -> Result<(), Stop> {
    let wait = report.wait;
    feed.tell(vec![RunEvent::Retry(report)]).await?;
    tokio::time::sleep(wait).await;
    Ok(())
}

#[cfg(test)]
mod tests;
