//! What is known of a run while it goes, so that its end can be told whenever it comes: after its last event, in the
//! middle of a stream, or before anything was sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::call::Call;
use super::estimate;
use super::prepare::Prepared;
use super::read::mask_output;
use super::reply::{Reply, Verdict};
use super::send::Stop;
use crate::domain::{
    Delta, Failure, Outcome, ResponseHead, RunEnd, RunEvent, Timing, Traffic, Usage, UsageSource, Usd,
};
use crate::net::{Handshake, Trace};

/// A run so far.
pub(super) struct Progress {
    queued: Duration,
    attempts: u32,
    /// The last attempt.
    attempt: Option<Attempt>,
}

/// An attempt so far.
struct Attempt {
    t0: Instant,
    trace: Trace,
    timing: Timing,
    http_status: Option<u16>,
    request_id: Option<String>,
    traffic: Traffic,
    /// From a header; what the reply itself states goes over it.
    stated_cost: Option<Usd>,
    asked: Arc<Prepared>,
    /// Until it is closed.
    reply: Option<Box<Reply>>,
    /// From then on.
    verdict: Option<Box<Verdict>>,
}

impl Progress {
    pub(super) fn new(call: &Call) -> Self {
        Self { queued: call.queued, attempts: 0, attempt: None }
    }

    /// An attempt begins: its t0 is now, before the connection is made, so that the first byte is comparable with what
    /// other clients measure. What earlier ones brought is forgotten.
    pub(super) fn begin(&mut self, number: u32, prepared: &Arc<Prepared>) {
        self.attempts = number;
        self.attempt = Some(Attempt {
            t0: Instant::now(),
            trace: Trace::default(),
            timing: Timing::default(),
            http_status: None,
            request_id: None,
            traffic: Traffic::default(),
            stated_cost: None,
            asked: Arc::clone(prepared),
            reply: Some(Box::new(Reply::new(prepared.endpoint.kind))),
            verdict: None,
        });
    }

    /// Attempts made so far.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// A connection is about to be made under this trace.
    pub(super) fn connecting(&mut self, trace: &Trace) {
        if let Some(attempt) = &mut self.attempt {
            attempt.trace = trace.clone();
        }
    }

    /// The TLS handshakes of the last connection.
    pub(super) fn handshakes(&self) -> Vec<Handshake> {
        self.attempt.as_ref().map(|attempt| attempt.trace.handshakes()).unwrap_or_default()
    }

    /// t0 to now.
    pub(super) fn now(&self) -> Duration {
        self.attempt.as_ref().map_or(Duration::ZERO, |attempt| attempt.t0.elapsed())
    }

    /// The head of a response is here.
    pub(super) fn answered(&mut self, head: &ResponseHead) {
        let Some(attempt) = &mut self.attempt else { return };
        attempt.http_status = Some(head.status);
        attempt.request_id.clone_from(&head.request_id);
        attempt.timing.first_byte = Some(head.at);
        let cost = head.headers.iter().find(|(name, _)| name == COST_HEADER);
        attempt.stated_cost = cost.and_then(|(_, value)| header_cost(value));
    }

    /// The request's body is on its way: from now on it counts as sent.
    pub(super) fn sent(&mut self) {
        if let Some(attempt) = &mut self.attempt {
            attempt.traffic.request_bytes = attempt.asked.shaped.body.len() as u64;
        }
    }

    /// So many bytes of the response's body are here, in all.
    pub(super) fn received(&mut self, bytes: u64) {
        if let Some(attempt) = &mut self.attempt {
            attempt.traffic.response_bytes = bytes;
        }
    }

    /// The reply that is being read.
    pub(super) fn reply(&mut self) -> Option<&mut Reply> {
        self.attempt.as_mut()?.reply.as_deref_mut()
    }

    /// Events that came at `at`: their output moves the clock.
    pub(super) fn observe(&mut self, events: &[RunEvent], at: Duration) {
        let Some(attempt) = &mut self.attempt else { return };
        let timing = &mut attempt.timing;
        // The model has begun, even if what came is held back until it is known not to be a tag.
        if attempt.reply.as_ref().is_some_and(|reply| reply.has_begun()) {
            timing.first_token.get_or_insert(at);
        }
        let raw = events.iter().filter(|event| matches!(event, RunEvent::Raw(_))).count();
        attempt.traffic.chunks += raw as u64;
        for event in events {
            let RunEvent::Delta(delta) = event else { continue };
            if !has_output(delta) {
                continue;
            }
            timing.first_token.get_or_insert(at);
            timing.last_token = Some(at);
            if matches!(delta, Delta::Answer(_) | Delta::Refusal(_)) {
                timing.first_answer.get_or_insert(at);
            }
        }
    }

    /// True once output has come: from then on an attempt is not repeated.
    pub(super) fn has_output(&self) -> bool {
        self.attempt.as_ref().is_some_and(|attempt| attempt.timing.first_token.is_some())
    }

    /// Closes the reply, whose last words go to `events`, and says what it failed with, if it did.
    pub(super) fn close(&mut self, events: &mut Vec<RunEvent>) -> Option<Failure> {
        let attempt = self.attempt.as_mut()?;
        let status = attempt.http_status;
        let failure = attempt.close(events)?.failure.clone()?;
        Some(Failure { http_status: failure.http_status.or(status), ..failure })
    }

    /// What a run that stops in the middle still holds back.
    pub(super) fn last_words(&mut self, events: &mut Vec<RunEvent>) {
        self.close(events);
        if let Some(attempt) = &self.attempt {
            mask_output(&attempt.asked.mask, events);
        }
    }

    /// The end of the run. Usage nobody stated is counted off the async threads.
    pub(super) async fn end(self, stopped: Result<(), Stop>) -> RunEnd {
        let (outcome, failure) = match stopped {
            Ok(()) => (Outcome::Ok, None),
            Err(Stop::Cancelled) => (Outcome::Cancelled, None),
            Err(Stop::Failed(failure)) => (Outcome::Error, Some(failure)),
        };
        let (queued, attempts) = (self.queued, self.attempts);
        let mut end = match self.attempt {
            Some(attempt) => attempt.end(outcome).await,
            None => unsent(outcome),
        };
        end.timing.queue = Some(queued);
        end.attempts = attempts;
        let status = end.http_status;
        end.failure =
            failure.map(|failure| Failure { http_status: failure.http_status.or(status), attempts, ..failure });
        end
    }
}

impl Attempt {
    fn close(&mut self, events: &mut Vec<RunEvent>) -> Option<&Verdict> {
        if let Some(reply) = self.reply.take() {
            self.verdict = Some(Box::new(reply.finish(&self.asked.about(), events)));
        }
        self.verdict.as_deref()
    }

    async fn end(mut self, outcome: Outcome) -> RunEnd {
        let total = self.t0.elapsed();
        let marks = self.trace.marks();
        let timing =
            Timing { dns: marks.dns, connect: marks.connect, tls: marks.tls, total: Some(total), ..self.timing };
        self.close(&mut Vec::new());
        let verdict = self.verdict.take();
        let (model, finish_reason) =
            verdict.as_ref().map(|verdict| (verdict.model.clone(), verdict.finish_reason.clone())).unwrap_or_default();
        RunEnd {
            outcome,
            failure: None,
            http_status: self.http_status,
            model: model.or_else(|| self.asked.shaped.model.clone()),
            finish_reason,
            request_id: self.request_id,
            usage: with_cost(usage(self.asked, verdict, outcome, timing).await, self.stated_cost),
            timing,
            attempts: 0,
            traffic: self.traffic,
        }
    }
}

/// LiteLLM's own sum for a run (`x-litellm-response-cost`, in dollars).
const COST_HEADER: &str = "x-litellm-response-cost";

/// 0 is what LiteLLM sends for a model whose price it does not know, so it says nothing.
fn header_cost(value: &str) -> Option<Usd> {
    value.trim().parse().ok().and_then(Usd::from_dollars).filter(|cost| *cost > Usd::default())
}

fn with_cost(usage: Usage, header: Option<Usd>) -> Usage {
    Usage { stated_cost: usage.stated_cost.or(header), ..usage }
}

/// A run that ended before anything was written.
fn unsent(outcome: Outcome) -> RunEnd {
    RunEnd {
        outcome,
        failure: None,
        http_status: None,
        model: None,
        finish_reason: None,
        request_id: None,
        usage: Usage::default(),
        timing: Timing::default(),
        attempts: 0,
        traffic: Traffic::default(),
    }
}

fn has_output(delta: &Delta) -> bool {
    match delta {
        Delta::Answer(text) | Delta::Reasoning(text) | Delta::Refusal(text) => !text.is_empty(),
        Delta::ToolCall(piece) => {
            !piece.arguments.is_empty() || piece.name.as_ref().is_some_and(|name| !name.is_empty())
        }
    }
}

/// Usage as stated; else counted, where there is something to count: a complete reply or part of one.
async fn usage(asked: Arc<Prepared>, verdict: Option<Box<Verdict>>, outcome: Outcome, timing: Timing) -> Usage {
    let Some(verdict) = verdict else { return Usage::default() };
    if verdict.usage.source == UsageSource::Reported {
        return verdict.usage;
    }
    if outcome != Outcome::Ok && timing.first_token.is_none() {
        return Usage::default();
    }
    let counted = tokio::task::spawn_blocking(move || {
        let body = serde_json::from_str::<Value>(&asked.shaped.body);
        let prompt = body.map_or(0, |body| estimate::estimate_prompt(&body));
        let reasoning = verdict.reasoning.count();
        let said = verdict.answer.count().saturating_add(verdict.tools.count());
        Usage::estimated(prompt, said.saturating_add(reasoning), (reasoning > 0).then_some(reasoning))
    });
    // Counting cannot fail; were it to, unknown is the truth.
    counted.await.unwrap_or_default()
}
