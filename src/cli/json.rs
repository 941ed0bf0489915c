//! The JSON that commands print: names and shapes are a contract. What is unknown is `null`, never 0.

use serde::Serialize;

mod event;

pub(super) use event::EventJson;

use super::test::Told;
use crate::domain::policy::Effective;
use crate::domain::timing::{ReasoningSeen, millis};
use crate::domain::{Connector, Endpoint, Entra, Failure, NetworkPolicy, Origin, Timing, Totals, Usage, Usd, units};

/// The last object of `test`.
#[derive(Debug, Serialize)]
pub(super) struct TestResult {
    connector: String,
    provider: &'static str,
    model: Option<String>,
    status: &'static str,
    http_status: Option<u16>,
    #[serde(flatten)]
    output: OutputJson,
    usage: UsageJson,
    timing: TimingJson,
    cost_usd: Option<f64>,
    error: Option<ErrorJson>,
}

/// What the model produced.
#[derive(Debug, Serialize)]
struct OutputJson {
    text: String,
    reasoning: String,
    tool_calls: Vec<ToolCallJson>,
    finish_reason: Option<String>,
    request_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct ToolCallJson {
    id: String,
    name: String,
    arguments: String,
}

#[derive(Debug, Serialize)]
struct UsageJson {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    total_tokens: Option<u64>,
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
    source: &'static str,
}

#[derive(Debug, Serialize)]
struct TimingJson {
    queue_ms: Option<f64>,
    dns_ms: Option<f64>,
    connect_ms: Option<f64>,
    tls_ms: Option<f64>,
    first_byte_ms: Option<f64>,
    first_token_ms: Option<f64>,
    first_answer_ms: Option<f64>,
    total_ms: Option<f64>,
    tokens_per_second: Option<f64>,
}

/// An error, alone or in a result.
#[derive(Debug, Serialize)]
pub(super) struct ErrorJson {
    kind: &'static str,
    message: String,
    hint: String,
    http_status: Option<u16>,
    attempts: u32,
}

impl From<&Failure> for ErrorJson {
    fn from(failure: &Failure) -> Self {
        Self {
            kind: failure.kind.word(),
            message: failure.message.clone(),
            hint: failure.hint.clone(),
            http_status: failure.http_status,
            attempts: failure.attempts,
        }
    }
}

impl TestResult {
    /// The result of a run that ended.
    pub(super) fn new(connector: &Connector, told: Told) -> Self {
        let Told { transcript, end, cost } = told;
        let seen = if transcript.reasoning.is_empty() { ReasoningSeen::No } else { ReasoningSeen::Yes };
        Self {
            connector: connector.id.to_string(),
            provider: connector.provider.word(),
            model: end.model.clone(),
            status: end.outcome.word(),
            http_status: end.http_status,
            usage: UsageJson::from(&end.usage),
            timing: TimingJson::new(&end.timing, &end.usage, seen),
            cost_usd: cost.map(|cost| cost.amount.dollars()),
            error: end.failure.as_ref().map(ErrorJson::from),
            output: OutputJson {
                text: transcript.answer,
                reasoning: transcript.reasoning,
                tool_calls: transcript
                    .tool_calls
                    .into_iter()
                    .map(|call| ToolCallJson { id: call.id, name: call.name, arguments: call.arguments })
                    .collect(),
                finish_reason: end.finish_reason.clone(),
                request_id: end.request_id.clone(),
            },
        }
    }
}

impl From<&Usage> for UsageJson {
    fn from(usage: &Usage) -> Self {
        Self {
            prompt_tokens: usage.prompt,
            completion_tokens: usage.completion,
            total_tokens: usage.total,
            cached_tokens: usage.cached,
            cache_write_tokens: usage.cache_write,
            reasoning_tokens: usage.reasoning,
            source: usage.source.word(),
        }
    }
}

impl TimingJson {
    fn new(timing: &Timing, usage: &Usage, seen: ReasoningSeen) -> Self {
        let speed = timing.tokens_per_second(usage, seen);
        Self {
            queue_ms: timing.queue.map(millis),
            dns_ms: timing.dns.map(millis),
            connect_ms: timing.connect.map(millis),
            tls_ms: timing.tls.map(millis),
            first_byte_ms: timing.first_byte.map(millis),
            first_token_ms: timing.first_token.map(millis),
            first_answer_ms: timing.first_answer.map(millis),
            total_ms: timing.total.map(millis),
            tokens_per_second: speed.map(|speed| (speed * 10.0).round() / 10.0),
        }
    }
}

/// A connector, as `list` and `show` print it. Secrets are their references.
#[derive(Debug, Serialize)]
pub(super) struct ConnectorJson {
    id: String,
    name: String,
    provider: &'static str,
    url: String,
    endpoint: Option<&'static str>,
    called_url: Option<String>,
    default_model: Option<String>,
    origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<DetailsJson>,
}

/// What `show` adds.
#[derive(Debug, Serialize)]
struct DetailsJson {
    #[serde(flatten)]
    auth: AuthJson,
    headers: serde_json::Map<String, serde_json::Value>,
    context_window: Option<u64>,
    temperature: Option<f64>,
    native_tool_calling: Option<bool>,
    max_attempts: u32,
    notes: Option<String>,
    network: LimitsJson,
}

#[derive(Debug, Serialize)]
struct AuthJson {
    api_key: Option<String>,
    entra: Option<EntraJson>,
    organization: Option<String>,
    project: Option<String>,
}

/// Entra ID's fields; what does not belong to the way that is used is `null`.
#[derive(Debug, Serialize)]
struct EntraJson {
    token: Option<String>,
    tenant: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
    authority: Option<String>,
}

#[derive(Debug, Serialize)]
struct LimitsJson {
    connect_timeout: String,
    first_byte_timeout: String,
    idle_timeout: String,
    total_timeout: String,
    max_response_size: String,
}

impl ConnectorJson {
    /// A row of `list`.
    pub(super) fn row(connector: &Connector, origin: Origin) -> Self {
        let endpoint = Endpoint::read(&connector.url, connector.provider).ok();
        Self {
            id: connector.id.to_string(),
            name: connector.name.clone(),
            provider: connector.provider.word(),
            url: connector.url.clone(),
            endpoint: endpoint.as_ref().map(|endpoint| endpoint.kind.word()),
            called_url: endpoint.map(|endpoint| endpoint.url.to_string()),
            default_model: connector.default_model.clone(),
            origin: origin_word(origin),
            details: None,
        }
    }

    /// The whole connector, with the limits that hold for it.
    pub(super) fn whole(connector: &Connector, origin: Origin, policy: &NetworkPolicy) -> Self {
        Self { details: Some(DetailsJson::new(connector, policy)), ..Self::row(connector, origin) }
    }
}

impl DetailsJson {
    fn new(connector: &Connector, policy: &NetworkPolicy) -> Self {
        Self {
            auth: AuthJson {
                api_key: connector.auth.api_key.as_ref().map(crate::domain::Credential::label),
                entra: connector.auth.entra.as_ref().map(EntraJson::from),
                organization: connector.auth.organization.clone(),
                project: connector.auth.project.clone(),
            },
            headers: connector.headers.iter().map(|h| (h.name.clone(), h.shown().into())).collect(),
            context_window: connector.options.context_window,
            temperature: connector.options.temperature,
            native_tool_calling: connector.options.native_tool_calling,
            max_attempts: connector.options.max_attempts.unwrap_or(1),
            notes: connector.notes.clone(),
            network: LimitsJson {
                connect_timeout: units::show_duration(policy.limits.connect_timeout),
                first_byte_timeout: units::show_duration(policy.limits.first_byte_timeout),
                idle_timeout: units::show_duration(policy.limits.idle_timeout),
                total_timeout: units::show_duration(policy.limits.total_timeout),
                max_response_size: units::show_size(policy.limits.max_response_size),
            },
        }
    }
}

impl From<&Entra> for EntraJson {
    fn from(entra: &Entra) -> Self {
        let none =
            Self { token: None, tenant: None, client_id: None, client_secret: None, scope: None, authority: None };
        match entra {
            Entra::Token(token) => Self { token: Some(token.label()), ..none },
            Entra::App(app) => Self {
                tenant: Some(app.tenant.clone()),
                client_id: Some(app.client_id.clone()),
                client_secret: Some(app.client_secret.label()),
                scope: Some(app.scope().to_owned()),
                authority: Some(app.authority().to_owned()),
                ..none
            },
        }
    }
}

/// `show --network`.
#[derive(Debug, Serialize)]
pub(super) struct NetworkJson {
    connector: String,
    #[serde(flatten)]
    own: PolicyJson,
    /// Of the service that hands out its tokens.
    token: Option<PolicyJson>,
}

#[derive(Debug, Serialize)]
struct PolicyJson {
    values: Vec<NetworkValueJson>,
    route: String,
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct NetworkValueJson {
    key: &'static str,
    value: Option<String>,
    from: String,
}

impl NetworkJson {
    /// Every key of a policy; secrets are their references.
    pub(super) fn new(connector: &Connector, policy: &NetworkPolicy) -> Self {
        let token = policy.token.as_deref().map(PolicyJson::new);
        Self { connector: connector.id.to_string(), own: PolicyJson::new(policy), token }
    }
}

impl PolicyJson {
    fn new(policy: &NetworkPolicy) -> Self {
        let value = |effective: &Effective| NetworkValueJson {
            key: effective.key.word(),
            value: effective.value.clone(),
            from: effective.from.to_string(),
        };
        Self {
            values: policy.effective.iter().map(value).collect(),
            route: policy.route.to_string(),
            problems: policy.problems.iter().map(|problem| problem.message.clone()).collect(),
        }
    }
}

/// Where a connector was read from, in a word.
pub(super) fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::User => "user",
        Origin::System => "preconfigured",
    }
}

/// `usage`.
#[derive(Debug, Serialize)]
pub(super) struct UsageReport {
    /// Start of the span, RFC 3339.
    pub(super) from: String,
    /// End of the span, RFC 3339.
    pub(super) to: String,
    /// What the groups are by.
    pub(super) by: Vec<&'static str>,
    /// The groups, by time, then the most tokens first.
    pub(super) groups: Vec<GroupJson>,
    /// Everything.
    pub(super) total: TotalsJson,
}

/// One group of `usage`.
#[derive(Debug, Serialize)]
pub(super) struct GroupJson {
    /// What the group is of: a word, or null, for each of `by`.
    pub(super) key: serde_json::Map<String, serde_json::Value>,
    /// Its sums.
    #[serde(flatten)]
    pub(super) totals: TotalsJson,
}

/// Sums over runs.
#[derive(Debug, Serialize)]
pub(super) struct TotalsJson {
    runs: u64,
    failed: u64,
    cancelled: u64,
    #[serde(flatten)]
    tokens: TokensJson,
    estimated_runs: u64,
    cost_usd: Option<f64>,
    unpriced_runs: u64,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the JSON are a contract")]
struct TokensJson {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    cached_tokens: u64,
    cache_write_tokens: u64,
    reasoning_tokens: u64,
}

impl From<&Totals> for TotalsJson {
    fn from(totals: &Totals) -> Self {
        Self {
            runs: totals.runs.all,
            failed: totals.runs.failed,
            cancelled: totals.runs.cancelled,
            tokens: TokensJson {
                prompt_tokens: totals.tokens.prompt,
                completion_tokens: totals.tokens.completion,
                total_tokens: totals.tokens.total,
                cached_tokens: totals.tokens.cached,
                cache_write_tokens: totals.tokens.cache_write,
                reasoning_tokens: totals.tokens.reasoning,
            },
            estimated_runs: totals.runs.estimated,
            cost_usd: totals.cost.usd().map(Usd::dollars),
            unpriced_runs: totals.cost.unpriced,
        }
    }
}
