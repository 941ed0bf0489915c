//! From a run to its row of the event log.

use super::call::Call;
use super::shape::model_of;
use crate::domain::text::clean_line;
use crate::domain::{Caller, Ending, Endpoint, PriceBook, RunEnd, RunRecord, RunTarget, Source};

/// The row of a run that was asked for at `started_at_ms` (milliseconds since 1970, UTC). Of the URL it keeps the host.
/// What it cost is what the server stated, or what `prices` make of its tokens.
pub fn record(call: &Call, end: &RunEnd, started_at_ms: i64, caller: Caller, prices: &PriceBook) -> RunRecord {
    let connector = &call.connector;
    let endpoint = Endpoint::read(&connector.url, connector.provider).ok();
    let target = RunTarget {
        connector: connector.id.to_string(),
        provider: connector.provider,
        host: endpoint.as_ref().map(Endpoint::authority).unwrap_or_default(),
        endpoint: endpoint.map(|endpoint| endpoint.kind),
        requested_model: model_of(&call.body).or_else(|| connector.default_model.clone()),
        model: end.model.clone(),
    };
    RunRecord {
        id: call.run,
        started_at_ms,
        cost: prices.cost(&target, &end.usage),
        target,
        caller,
        ending: ending(end),
        usage: end.usage,
        timing: end.timing,
        traffic: end.traffic,
    }
}

/// The person and the machine, as the operating system names them; empty where it does not.
pub fn caller(source: Source) -> Caller {
    let user = whoami::username().unwrap_or_default();
    let machine = whoami::hostname().unwrap_or_default();
    Caller { source, user: clean_line(&user).into_owned(), machine: clean_line(&machine).into_owned() }
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
    use crate::domain::{EndpointKind, Outcome, Provider, Timing, Traffic, Usage};
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

    fn somebody() -> Caller {
        Caller { source: Source::Screen, user: "ops".to_owned(), machine: "bastion".to_owned() }
    }

    #[test]
    fn a_row_keeps_the_host_and_the_model_asked_for() {
        let connector = connector(Provider::Other, "http://h:1/v1/responses?key=hidden");
        let row =
            record(&call(connector.clone(), "{\"model\":\"mine\"}"), &end(), 5, somebody(), &PriceBook::default());
        assert_eq!((row.target.host.as_str(), row.target.endpoint), ("h:1", Some(EndpointKind::Responses)));
        assert_eq!((row.target.requested_model.as_deref(), row.started_at_ms), (Some("mine"), 5));
        let row = record(&call(connector, "not JSON"), &end(), 5, somebody(), &PriceBook::default());
        assert_eq!(row.target.requested_model.as_deref(), Some("m"));
    }
}
