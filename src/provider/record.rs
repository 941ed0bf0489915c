//! From a run to its row of the event log.

use super::call::Call;
use super::shape::model_of;
use crate::domain::{Endpoint, RunEnd, RunRecord, Source};

/// The row of a run that was asked for at `started_at_ms` (milliseconds since 1970, UTC). Of the URL it keeps the host.
pub fn record(call: &Call, end: RunEnd, started_at_ms: i64, source: Source) -> RunRecord {
    let connector = &call.connector;
    let endpoint = Endpoint::read(&connector.url, connector.provider).ok();
    RunRecord {
        id: call.run,
        started_at_ms,
        connector: connector.id.to_string(),
        provider: connector.provider,
        host: endpoint.as_ref().map(Endpoint::authority).unwrap_or_default(),
        endpoint: endpoint.map(|endpoint| endpoint.kind),
        requested_model: model_of(&call.body).or_else(|| connector.default_model.clone()),
        source,
        end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EndpointKind, Outcome, Provider, Timing, Usage};
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
        }
    }

    #[test]
    fn a_row_keeps_the_host_and_the_model_asked_for() {
        let connector = connector(Provider::Other, "http://h:1/v1/responses?key=hidden");
        let row = record(&call(connector.clone(), "{\"model\":\"mine\"}"), end(), 5, Source::Screen);
        assert_eq!((row.host.as_str(), row.endpoint), ("h:1", Some(EndpointKind::Responses)));
        assert_eq!((row.requested_model.as_deref(), row.started_at_ms), (Some("mine"), 5));
        let row = record(&call(connector, "not JSON"), end(), 5, Source::Command);
        assert_eq!(row.requested_model.as_deref(), Some("m"));
    }
}
