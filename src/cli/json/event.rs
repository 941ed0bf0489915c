//! A run of the event log as JSON; the parts are named as in the result of `test`.

use serde::Serialize;

use super::UsageJson;
use crate::domain::calendar::rfc3339;
use crate::domain::timing::{ReasoningSeen, millis};
use crate::domain::{CostBasis, EndpointKind, ErrorKind, RunRecord, Timing, Traffic, Usd};

/// One run.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct EventJson {
    id: String,
    started_at: String,
    #[serde(flatten)]
    about: AboutJson,
    #[serde(flatten)]
    ending: EndingJson,
    usage: UsageJson,
    cost_usd: Option<f64>,
    cost_basis: Option<String>,
    timing: EventTimingJson,
    traffic: TrafficJson,
}

#[derive(Debug, Serialize)]
struct AboutJson {
    connector: String,
    provider: &'static str,
    endpoint: Option<&'static str>,
    host: String,
    requested_model: Option<String>,
    model: Option<String>,
    source: &'static str,
    user: Option<String>,
    machine: Option<String>,
}

#[derive(Debug, Serialize)]
struct EndingJson {
    outcome: &'static str,
    http_status: Option<u16>,
    error_kind: Option<&'static str>,
    finish_reason: Option<String>,
    request_id: Option<String>,
    attempts: u32,
}

#[derive(Debug, Serialize)]
struct EventTimingJson {
    queue_ms: Option<f64>,
    dns_ms: Option<f64>,
    connect_ms: Option<f64>,
    tls_ms: Option<f64>,
    first_byte_ms: Option<f64>,
    first_token_ms: Option<f64>,
    total_ms: Option<f64>,
    tokens_per_second: Option<f64>,
}

#[derive(Debug, Serialize)]
struct TrafficJson {
    chunks: u64,
    request_bytes: u64,
    response_bytes: u64,
}

impl From<&RunRecord> for EventJson {
    fn from(run: &RunRecord) -> Self {
        Self {
            id: run.id.to_string(),
            started_at: rfc3339(run.started_at_ms),
            about: AboutJson::from(run),
            ending: EndingJson::from(run),
            usage: UsageJson::from(&run.usage),
            cost_usd: run.cost.as_ref().map(|cost| Usd::dollars(cost.amount)),
            cost_basis: run.cost.as_ref().map(|cost| CostBasis::word(&cost.basis).to_owned()),
            timing: EventTimingJson::new(&run.timing, run),
            traffic: TrafficJson::from(run.traffic),
        }
    }
}

impl From<&RunRecord> for AboutJson {
    fn from(run: &RunRecord) -> Self {
        let named = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        Self {
            connector: run.target.connector.clone(),
            provider: run.target.provider.word(),
            endpoint: run.target.endpoint.map(EndpointKind::word),
            host: run.target.host.clone(),
            requested_model: run.target.requested_model.clone(),
            model: run.target.model.clone(),
            source: run.caller.source.word(),
            user: named(&run.caller.user),
            machine: named(&run.caller.machine),
        }
    }
}

impl From<&RunRecord> for EndingJson {
    fn from(run: &RunRecord) -> Self {
        let ending = &run.ending;
        Self {
            outcome: ending.outcome.word(),
            http_status: ending.http_status,
            error_kind: ending.error_kind.map(ErrorKind::word),
            finish_reason: ending.finish_reason.clone(),
            request_id: ending.request_id.clone(),
            attempts: ending.attempts,
        }
    }
}

impl EventTimingJson {
    fn new(timing: &Timing, run: &RunRecord) -> Self {
        let speed = timing.tokens_per_second(&run.usage, ReasoningSeen::No);
        Self {
            queue_ms: timing.queue.map(millis),
            dns_ms: timing.dns.map(millis),
            connect_ms: timing.connect.map(millis),
            tls_ms: timing.tls.map(millis),
            first_byte_ms: timing.first_byte.map(millis),
            first_token_ms: timing.first_token.map(millis),
            total_ms: timing.total.map(millis),
            tokens_per_second: speed.map(|speed| (speed * 10.0).round() / 10.0),
        }
    }
}

impl From<Traffic> for TrafficJson {
    fn from(traffic: Traffic) -> Self {
        let Traffic { chunks, request_bytes, response_bytes } = traffic;
        Self { chunks, request_bytes, response_bytes }
    }
}
