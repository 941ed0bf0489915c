use std::time::Duration;

use opentelemetry::{KeyValue, Value};

use super::super::names;
use crate::domain::{
    Caller, Cost, CostBasis, Ending, EndpointKind, ErrorKind, Outcome, Provider, RunId, RunRecord, RunTarget, Source,
    Timing, Traffic, Usage, UsageSource, Usd,
};

pub(in crate::telemetry) fn run() -> RunRecord {
    RunRecord {
        id: RunId::from_u128(7),
        started_at_ms: 1_700_000_000_000,
        target: RunTarget {
            connector: "prod".to_owned(),
            provider: Provider::Other,
            endpoint: Some(EndpointKind::ChatCompletions),
            host: "127.0.0.1:4010".to_owned(),
            requested_model: Some("gpt-4.1".to_owned()),
            model: Some("gpt-4.1-2025-04-14".to_owned()),
        },
        caller: Caller { source: Source::Command, user: "ops".to_owned(), machine: "bastion".to_owned() },
        ending: Ending {
            outcome: Outcome::Ok,
            http_status: Some(200),
            error_kind: None,
            finish_reason: Some("stop".to_owned()),
            request_id: Some("req-1".to_owned()),
            attempts: 1,
        },
        usage: Usage {
            prompt: Some(9),
            completion: Some(3),
            total: Some(12),
            cached: Some(4),
            source: UsageSource::Reported,
            ..Usage::default()
        },
        cost: Some(Cost { amount: Usd::from_nanos(1_500_000), basis: CostBasis::Config }),
        timing: Timing {
            queue: Some(Duration::from_millis(5)),
            first_token: Some(Duration::from_millis(40)),
            total: Some(Duration::from_millis(80)),
            ..Timing::default()
        },
        traffic: Traffic { chunks: 5, ..Traffic::default() },
    }
}

fn value(all: &[KeyValue], name: &str) -> Option<Value> {
    let found: Vec<_> = all.iter().filter(|pair| pair.key.as_str() == name).collect();
    assert!(found.len() <= 1, "{name} is there {} times", found.len());
    found.first().map(|pair| pair.value.clone())
}

fn shown(run: &RunRecord, name: &str) -> Option<String> {
    value(&names::of_span(run), name).map(|value| value.to_string())
}

#[test]
fn a_run_has_the_names_of_the_conventions() {
    let run = run();
    assert_eq!(names::span_name(&run), "chat gpt-4.1");
    for (name, told) in [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "gpt-4.1"),
        ("gen_ai.response.model", "gpt-4.1-2025-04-14"),
        ("gen_ai.response.finish_reasons", "[\"stop\"]"),
        ("gen_ai.response.time_to_first_chunk", "0.04"),
        ("gen_ai.usage.input_tokens", "9"),
        ("gen_ai.usage.output_tokens", "3"),
        ("gen_ai.usage.cache_read.input_tokens", "4"),
        ("server.address", "127.0.0.1"),
        ("server.port", "4010"),
        ("openai.api.type", "chat_completions"),
        ("http.response.status_code", "200"),
        ("user.name", "ops"),
        ("host.name", "bastion"),
        ("switchboard.connector", "prod"),
        ("switchboard.source", "command"),
        ("switchboard.usage.source", "reported"),
        ("switchboard.cost.usd", "0.0015"),
        ("switchboard.cost.basis", "config"),
    ] {
        assert_eq!(shown(&run, name).as_deref(), Some(told), "{name}");
    }
    for absent in ["error.type", "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.cache_creation.input_tokens"] {
        assert_eq!(shown(&run, absent), None, "{absent}");
    }
}

#[test]
fn what_is_unknown_is_absent_and_what_was_counted_here_is_marked() {
    let unknown = RunRecord { usage: Usage::default(), cost: None, ..run() };
    let told = names::of_span(&unknown);
    let about = |word: &str| told.iter().any(|pair| pair.key.as_str().contains(word));
    assert!(!about("usage") && !about("cost"), "{told:?}");
    assert_eq!(names::tokens(&unknown).count(), 0);
    let estimated = RunRecord { usage: Usage::estimated(5, 2, None), ..run() };
    assert_eq!(shown(&estimated, "switchboard.usage.source").as_deref(), Some("estimated"));
    assert_eq!(names::tokens(&estimated).collect::<Vec<_>>(), [("input", 5), ("output", 2)]);
    let beyond = RunRecord { usage: Usage { prompt: Some(u64::MAX), ..Usage::default() }, ..run() };
    assert_eq!(shown(&beyond, "gen_ai.usage.input_tokens"), None);
    let whole = RunRecord { traffic: Traffic { chunks: 1, ..Traffic::default() }, ..run() };
    assert_eq!(shown(&whole, "gen_ai.response.time_to_first_chunk"), None);
}

#[test]
fn failures_have_a_type_and_cancelled_runs_none() {
    let ended = |outcome, error_kind| {
        let mut run = run();
        (run.ending.outcome, run.ending.error_kind) = (outcome, error_kind);
        shown(&run, "error.type")
    };
    assert_eq!(ended(Outcome::Error, Some(ErrorKind::RateLimit)).as_deref(), Some("rate-limit"));
    assert_eq!(ended(Outcome::Error, None).as_deref(), Some("_OTHER"));
    assert_eq!(ended(Outcome::Cancelled, None), None);
}

#[test]
fn the_provider_is_told_by_kind_or_by_a_host_that_is_known() {
    let of = |provider, host: &str| {
        let mut run = run();
        (run.target.provider, run.target.host) = (provider, host.to_owned());
        (shown(&run, "gen_ai.provider.name").expect("always told"), shown(&run, "server.port"))
    };
    assert_eq!(of(Provider::AzureOpenAi, "acme.openai.azure.com"), ("azure.ai.openai".to_owned(), None));
    assert_eq!(of(Provider::Other, "API.Groq.com"), ("groq".to_owned(), None));
    assert_eq!(of(Provider::Other, "gw.internal:8443"), ("openai".to_owned(), Some("8443".to_owned())));
    assert_eq!(of(Provider::Other, "[::1]"), ("openai".to_owned(), None));
    let mut nameless = run();
    (nameless.target.requested_model, nameless.target.endpoint) = (None, Some(EndpointKind::Completions));
    assert_eq!(names::span_name(&nameless), "text_completion");
    let mut long = run();
    long.target.model = Some("m".repeat(10_000));
    assert!(shown(&long, "gen_ai.response.model").expect("told").len() < 300);
}
