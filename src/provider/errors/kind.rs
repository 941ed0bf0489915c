//! Which kind of the taxonomy an error is.

use super::Case;
use crate::domain::ErrorKind;

/// The kind: the error's own words go before its status, for servers disagree about statuses.
pub(super) fn of(case: &Case<'_>) -> ErrorKind {
    by_words(case).unwrap_or_else(|| case.status.map_or_else(|| by_class(case), by_status))
}

/// Code and type in lower case, one blank between; for looking up words.
fn words(case: &Case<'_>) -> String {
    let parts = [case.told.code.as_deref(), case.told.class.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn by_words(case: &Case<'_>) -> Option<ErrorKind> {
    let words = words(case);
    let message = case.told.message.to_lowercase();
    let has = |of: &[&str]| of.iter().any(|word| words.contains(word));
    let says = |of: &[&str]| of.iter().any(|text| message.contains(text));
    let refused = matches!(case.status, Some(401 | 403 | 404 | 407));
    if refused && !has(FILTER_WORDS) {
        return None;
    }
    if has(&["context_length_exceeded", "exceed_context_size"]) || (case.status != Some(429) && says(CONTEXT_TEXTS)) {
        return Some(ErrorKind::ContextLength);
    }
    if has(FILTER_WORDS) || !case.told.filtered.is_empty() || says(&["content management policy"]) {
        return Some(ErrorKind::ContentFilter);
    }
    if has(QUOTA_WORDS) || (says(QUOTA_TEXTS) && !names_a_wait(case)) {
        return Some(ErrorKind::Quota);
    }
    if has(&["invalid_api_key"]) || says(&["api key not valid"]) {
        return Some(ErrorKind::Auth);
    }
    let not_found = has(&["model_not_found", "deploymentnotfound"]);
    not_found.then_some(ErrorKind::NotFound)
}

const FILTER_WORDS: &[&str] = &["content_filter", "content_policy_violation", "responsibleaipolicyviolation"];
const CONTEXT_TEXTS: &[&str] = &[
    "maximum context length",
    "exceeds the available context",
    "exceeds the context window",
    "exceed context window",
    "context length exceeded",
    "context window exceeded",
    "prompt is too long",
    "longer than the model's context length",
];
const QUOTA_WORDS: &[&str] =
    &["insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance"];
const QUOTA_TEXTS: &[&str] =
    &["exceeded your current quota", "insufficient balance", "insufficient credits", "credit balance is too low"];

/// A quota that fills up again within a told time is a rate limit.
fn names_a_wait(case: &Case<'_>) -> bool {
    case.told.retry_delay.is_some() || case.header("retry-after").or(case.header("retry-after-ms")).is_some()
}

/// By the status alone. A 408 or 504 is `server`, not `timeout`: a timeout promises to name which of this
/// connector's own limits passed, and here it was one of a machine on the way.
fn by_status(status: u16) -> ErrorKind {
    match status {
        401 | 403 => ErrorKind::Auth,
        402 => ErrorKind::Quota,
        404 | 410 => ErrorKind::NotFound,
        407 => ErrorKind::Proxy,
        429 => ErrorKind::RateLimit,
        408 | 499 | 500.. => ErrorKind::Server,
        400..=498 => ErrorKind::InvalidRequest,
        0..400 => ErrorKind::Malformed,
    }
}

/// Inside a stream there may be no status: the type says what it can.
fn by_class(case: &Case<'_>) -> ErrorKind {
    let words = words(case);
    let has = |of: &[&str]| of.iter().any(|word| words.contains(word));
    if has(&["rate_limit", "resource_exhausted", "too_many_requests"]) {
        ErrorKind::RateLimit
    } else if has(&["authentication", "permission", "unauthorized", "auth_error"]) {
        ErrorKind::Auth
    } else if has(&["not_found", "notfound"]) {
        ErrorKind::NotFound
    } else if has(&["invalid_request", "invalid_argument", "badrequest", "invalid_prompt", "unsupported"]) {
        ErrorKind::InvalidRequest
    } else {
        ErrorKind::Server
    }
}
