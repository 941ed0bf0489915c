//! The two short calls, made by the one function that makes every run, and recorded like every run.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::checks::Checked;
use super::walk::Walk;
use crate::domain::{Connector, Options, ResponseHead, RunEnd, RunEvent, RunId};
use crate::provider::{self, Call, Mode};

/// Batches of events between the wire and the doctor.
const QUEUE: usize = 64;

/// What a call brought.
pub(super) struct Tried {
    pub(super) end: RunEnd,
    pub(super) head: Option<ResponseHead>,
    /// The body of a refusal, masked.
    pub(super) refusal: Option<String>,
    /// When each event of the stream came.
    pub(super) arrivals: Vec<Duration>,
}

/// A short call in one piece.
pub(super) async fn plain(walk: &Walk<'_>, checked: &Checked) -> Tried {
    tried(walk, call(walk, checked, Mode::Plain)).await
}

/// A short streamed call.
pub(super) async fn streamed(walk: &Walk<'_>, checked: &Checked) -> Tried {
    tried(walk, call(walk, checked, Mode::Stream)).await
}

/// The call: one attempt, so that a limit that was hit is seen and not waited out.
pub(super) fn call(walk: &Walk<'_>, checked: &Checked, mode: Mode) -> Call {
    let connector = &walk.patient.connector;
    let options = Options { max_attempts: Some(1), ..connector.options.clone() };
    Call {
        run: RunId::from_u128(uuid::Uuid::now_v7().as_u128()),
        body: provider::body_for_check(connector, &checked.endpoint),
        connector: Connector { options, ..connector.clone() },
        policy: walk.policy.clone(),
        mode,
        queued: Duration::ZERO,
    }
}

async fn tried(walk: &Walk<'_>, call: Call) -> Tried {
    let asked_ms = Timestamp::now().as_millisecond();
    let (out, mut events) = mpsc::channel::<(RunId, Vec<RunEvent>)>(QUEUE);
    let services = &walk.practice.services;
    let run = async {
        let end = provider::execute(call.clone(), services, &out, walk.cancel.clone()).await;
        drop(out);
        end
    };
    let listen = async {
        let mut seen = (None, None, Vec::new());
        while let Some((_, batch)) = events.recv().await {
            for event in batch {
                take(event, &mut seen);
            }
        }
        seen
    };
    let (end, (head, refusal, arrivals)) = tokio::join!(run, listen);
    let caller = provider::caller(walk.patient.source);
    (walk.practice.record)(provider::record(&call, &end, asked_ms, caller, &walk.patient.prices));
    Tried { end, head, refusal, arrivals }
}

fn take(event: RunEvent, seen: &mut (Option<ResponseHead>, Option<String>, Vec<Duration>)) {
    let (head, refusal, arrivals) = seen;
    match event {
        RunEvent::Head(of) => *head = Some(*of),
        RunEvent::Raw(raw) if raw.kind == "body" => *refusal = Some(raw.data),
        RunEvent::Raw(raw) => arrivals.push(raw.at),
        RunEvent::Started { .. }
        | RunEvent::Attempt { .. }
        | RunEvent::Retry(_)
        | RunEvent::Delta(_)
        | RunEvent::Usage(_)
        | RunEvent::Note(_)
        | RunEvent::Ended(_) => {}
    }
}
