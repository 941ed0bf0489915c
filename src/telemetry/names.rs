//! What OpenTelemetry's conventions for generative AI call the parts of a run. Pure: a record in, names and values out.
//!
//! The names are those of the conventions' version 1.41, the last before they got a repository of their own. What they
//! have no name for stands under `switchboard.`. What is unknown is absent, never 0.

use opentelemetry::{Array, KeyValue, StringValue, Value};

use crate::domain::text::cut;
use crate::domain::{EndpointKind, Outcome, Provider, RunRecord, RunTarget, UsageSource};

/// Longest text of an attribute, in bytes: a model's name comes from a server.
const LONGEST: usize = 256;

/// Hosts whose provider the conventions name. Of other compatible servers nothing is known but what they imitate.
const HOSTS: [(&str, &str); 11] = [
    ("api.anthropic.com", "anthropic"),
    ("api.cohere.ai", "cohere"),
    ("api.cohere.com", "cohere"),
    ("api.deepseek.com", "deepseek"),
    ("api.groq.com", "groq"),
    ("api.mistral.ai", "mistral_ai"),
    ("api.moonshot.ai", "moonshot_ai"),
    ("api.moonshot.cn", "moonshot_ai"),
    ("api.perplexity.ai", "perplexity"),
    ("api.x.ai", "x_ai"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
];

/// `chat gpt-4.1`; the operation alone where nobody named a model.
pub(super) fn span_name(run: &RunRecord) -> String {
    let operation = operation(&run.target);
    run.target
        .requested_model
        .as_deref()
        .map_or_else(|| operation.to_owned(), |model| format!("{operation} {}", cut(model, LONGEST)))
}

/// The attributes of a run's span.
pub(super) fn of_span(run: &RunRecord) -> Vec<KeyValue> {
    let mut all = of_metrics(run);
    all.extend(error_type(run).map(|kind| text("error.type", kind)));
    all.extend(api(&run.target).map(|api| text("openai.api.type", api)));
    all.extend(run.ending.http_status.map(|status| KeyValue::new("http.response.status_code", i64::from(status))));
    all.extend(run.ending.finish_reason.as_deref().map(|reason| {
        let reasons = vec![StringValue::from(cut(reason, LONGEST).into_owned())];
        KeyValue::new("gen_ai.response.finish_reasons", Value::Array(Array::String(reasons)))
    }));
    all.extend(usage(run));
    all.extend(first_chunk(run).map(|seconds| KeyValue::new("gen_ai.response.time_to_first_chunk", seconds)));
    all.extend(own(run));
    all
}

/// The attributes that a run's metrics share: few enough values that sums by them stay small.
pub(super) fn of_metrics(run: &RunRecord) -> Vec<KeyValue> {
    let target = &run.target;
    let mut all = vec![
        text("gen_ai.operation.name", operation(target)),
        text("gen_ai.provider.name", provider(target)),
        text("switchboard.connector", &target.connector),
    ];
    all.extend(target.requested_model.as_deref().map(|model| text("gen_ai.request.model", model)));
    all.extend(target.model.as_deref().map(|model| text("gen_ai.response.model", model)));
    let (host, port) = address(&target.host);
    if !host.is_empty() {
        all.push(text("server.address", host));
        all.extend(port.map(|port| KeyValue::new("server.port", i64::from(port))));
    }
    all
}

/// Tokens of a run by `gen_ai.token.type`, where they are known.
pub(super) fn tokens(run: &RunRecord) -> impl Iterator<Item = (&'static str, u64)> {
    let known = |kind, count: Option<u64>| count.map(|count| (kind, count));
    [known("input", run.usage.prompt), known("output", run.usage.completion)].into_iter().flatten()
}

/// Seconds to the first output of a reply that came in pieces: only of a stream there is a first one.
pub(super) fn first_chunk(run: &RunRecord) -> Option<f64> {
    let first = run.timing.first_token.filter(|_| run.traffic.chunks > 1)?;
    Some(first.as_secs_f64())
}

/// Whether a run's tokens were stated or counted here; absent where there are none.
pub(super) fn usage_source(run: &RunRecord) -> Option<KeyValue> {
    match run.usage.source {
        UsageSource::Reported | UsageSource::Estimated => {
            Some(text("switchboard.usage.source", run.usage.source.word()))
        }
        UsageSource::None => None,
    }
}

/// What failed; nothing for a run that went well or was cancelled.
pub(super) fn error_type(run: &RunRecord) -> Option<&'static str> {
    match run.ending.outcome {
        Outcome::Error => Some(run.ending.error_kind.map_or("_OTHER", |kind| kind.word())),
        Outcome::Ok | Outcome::Cancelled => None,
    }
}

fn usage(run: &RunRecord) -> impl Iterator<Item = KeyValue> {
    let usage = &run.usage;
    let counts = [
        ("gen_ai.usage.input_tokens", usage.prompt),
        ("gen_ai.usage.output_tokens", usage.completion),
        ("gen_ai.usage.cache_read.input_tokens", usage.cached),
        ("gen_ai.usage.cache_creation.input_tokens", usage.cache_write),
        ("gen_ai.usage.reasoning.output_tokens", usage.reasoning),
    ];
    let counts = counts.into_iter().filter_map(|(name, count)| Some(KeyValue::new(name, i64::try_from(count?).ok()?)));
    counts.chain(usage_source(run))
}

/// What the conventions have no name for, and `user.name` and `host.name`, which they have.
fn own(run: &RunRecord) -> Vec<KeyValue> {
    let mut all = vec![
        text("switchboard.run.id", &run.id.to_string()),
        text("switchboard.source", run.caller.source.word()),
        text("switchboard.outcome", run.ending.outcome.word()),
        KeyValue::new("switchboard.attempts", i64::from(run.ending.attempts)),
    ];
    let named = [("user.name", &run.caller.user), ("host.name", &run.caller.machine)];
    all.extend(named.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| text(name, value)));
    if let Some(cost) = &run.cost {
        all.push(KeyValue::new("switchboard.cost.usd", cost.amount.dollars()));
        all.push(text("switchboard.cost.basis", cost.basis.word()));
    }
    all
}

fn operation(target: &RunTarget) -> &'static str {
    match target.endpoint {
        Some(EndpointKind::Completions) => "text_completion",
        Some(EndpointKind::ChatCompletions | EndpointKind::Responses) | None => "chat",
    }
}

fn api(target: &RunTarget) -> Option<&'static str> {
    match target.endpoint? {
        EndpointKind::ChatCompletions => Some("chat_completions"),
        EndpointKind::Responses => Some("responses"),
        EndpointKind::Completions => None,
    }
}

fn provider(target: &RunTarget) -> &'static str {
    match target.provider {
        Provider::AzureOpenAi => "azure.ai.openai",
        Provider::OpenAi => "openai",
        Provider::Other => {
            let (host, _) = address(&target.host);
            HOSTS.into_iter().find(|(known, _)| host.eq_ignore_ascii_case(known)).map_or("openai", |(_, name)| name)
        }
    }
}

/// Host and port of `host`, `host:port` or `[::1]:port`.
fn address(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
        Some(_) | None => (authority, None),
    }
}

fn text(name: &'static str, value: &str) -> KeyValue {
    KeyValue::new(name, cut(value, LONGEST).into_owned())
}
