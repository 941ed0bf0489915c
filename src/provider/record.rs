//! From a run to its row of the event log.

use super::call::Call;
use super::shape::model_of;
use crate::domain::{Caller, Cost, CostBasis, Ending, Endpoint, RunEnd, RunRecord, RunTarget};

/// The row of a run that was asked for at `started_at_ms` (milliseconds since 1970, UTC). Of the URL it keeps the host.
pub fn record(call: &Call, end: &RunEnd, started_at_ms: i64, caller: Caller) -> RunRecord {
    let connector = &call.connector;
    let endpoint = Endpoint::read(&connector.url, connector.provider).ok();
    RunRecord {
        id: call.run,
        started_at_ms,
        target: RunTarget {
            connector: connector.id.to_string(),
            provider: connector.provider,
            host: endpoint.as_ref().map(Endpoint::authority).unwrap_or_default(),
            endpoint: endpoint.map(|endpoint| endpoint.kind),
            requested_model: model_of(&call.body).or_else(|| connector.default_model.clone()),
            model: end.model.clone(),
        },
        caller,
        ending: ending(end),
        usage: end.usage,
        cost: end.usage.stated_cost.map(|amount| Cost { amount, basis: CostBasis::Server }),
        timing: end.timing,
        traffic: end.traffic,
    }
}

fn ending(end: &RunEnd) -> Ending {
    let failure = end.failure.as_ref();
    Ending {
        outcome: end.outcome,
        http_status: end.http_status.or(failure.and_then(|failure| failure.http_status)),
        error_kind: failure.map(|failure| failure.kind),
        finish_reason: end.finish_reason.clone(),
        request_id: end.request_id.clone(),
        attempts: end.attempts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EndpointKind, Outcome, Provider, Source, Timing, Traffic, Usage};
    use crate::provider::testing::{call, connector};

    fn end() -> RunEnd {
        RunEnd {
            outcome: Outcome::Ok,
            failure: None,
            http_status: Some(200),
            model: None,
            finish_reason: None,
            request_id: None,
            usage: Usage::default(),
            timing: Timing::default(),
            attempts: 1,
            traffic: Traffic::default(),
        }
    }

    fn caller() -> Caller {
        Caller { source: Source::Screen, user: "ops".to_owned(), machine: "bastion".to_owned() }
    }

    #[test]
    fn a_row_keeps_the_host_and_the_model_asked_for() {
        let connector = connector(Provider::Other, "http://h:1/v1/responses?key=hidden");
        let row = record(&call(connector.clone(), "{\"model\":\"mine\"}"), &end(), 5, caller());
        assert_eq!((row.target.host.as_str(), row.target.endpoint), ("h:1", Some(EndpointKind::Responses)));
        assert_eq!((row.target.requested_model.as_deref(), row.started_at_ms), (Some("mine"), 5));
        let row = record(&call(connector, "not JSON"), &end(), 5, caller());
        assert_eq!(row.target.requested_model.as_deref(), Some("m"));
    }
}
