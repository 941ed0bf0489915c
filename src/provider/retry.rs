//! Whether another attempt may help, and how long to wait for it.

use std::time::Duration;

use reqwest::header::HeaderMap;

use super::errors;
use crate::domain::{ErrorKind, Failure};

/// A server that asks for more patience than this is believed, and the run ends with its answer.
const WAIT_MAX: Duration = Duration::from_mins(2);

/// How long to wait after this attempt (1 for the first) failed; `None` where another would not help.
/// The server's own word (`x-should-retry`, `retry-after-ms`, `retry-after`) goes before any rule.
pub(super) fn wait(failure: &Failure, headers: Option<&HeaderMap>, attempt: u32) -> Option<Duration> {
    let said = |name: &str| headers.and_then(|headers| headers.get(name)).and_then(|value| value.to_str().ok());
    let worth = match said("x-should-retry") {
        // An empty account stays empty, whatever the server advises.
        Some("true") => failure.kind != ErrorKind::Quota,
        Some("false") => false,
        Some(_) | None => may_pass(failure),
    };
    if !worth {
        return None;
    }
    match headers.and_then(errors::retry_after) {
        Some(asked) => (asked <= WAIT_MAX).then_some(asked),
        None => Some(backoff(attempt)),
    }
}

/// Failures that pass by themselves: of the way there, of the moment, and of the server.
fn may_pass(failure: &Failure) -> bool {
    if let Some(status) = failure.http_status.filter(|status| *status >= 400) {
        return failure.kind != ErrorKind::Quota && (matches!(status, 408 | 409 | 429) || status >= 500);
    }
    match failure.kind {
        ErrorKind::Dns
        | ErrorKind::Connect
        | ErrorKind::Proxy
        | ErrorKind::Timeout
        | ErrorKind::RateLimit
        | ErrorKind::Server
        | ErrorKind::StreamCut => true,
        ErrorKind::Config
        | ErrorKind::Secret
        | ErrorKind::Policy
        | ErrorKind::Tls
        | ErrorKind::Auth
        | ErrorKind::NotFound
        | ErrorKind::InvalidRequest
        | ErrorKind::ContextLength
        | ErrorKind::ContentFilter
        | ErrorKind::Quota
        | ErrorKind::Malformed
        | ErrorKind::TooLarge
        | ErrorKind::Internal => false,
    }
}

/// Half a second, doubled each time up to eight, less up to a quarter by chance so that clients do not march in step.
fn backoff(attempt: u32) -> Duration {
    let doubled = Duration::from_millis(500).saturating_mul(1 << attempt.saturating_sub(1).min(4));
    doubled.min(Duration::from_secs(8)).mul_f64(1.0 - 0.25 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: ErrorKind, http_status: Option<u16>) -> Failure {
        Failure { http_status, ..Failure::new(kind, "", "") }
    }

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().expect("a name"), value.parse().expect("a value"))])
    }

    #[test]
    fn what_may_pass_is_retried_and_the_rest_is_not() {
        for (kind, status, expected) in [
            (ErrorKind::RateLimit, Some(429), true),
            (ErrorKind::Quota, Some(429), false),
            (ErrorKind::Server, Some(503), true),
            (ErrorKind::InvalidRequest, Some(409), true),
            (ErrorKind::Auth, Some(401), false),
            (ErrorKind::Connect, None, true),
            (ErrorKind::Tls, None, false),
            (ErrorKind::Server, Some(200), true),
        ] {
            assert_eq!(wait(&failure(kind, status), None, 1).is_some(), expected, "{kind} {status:?}");
        }
    }

    #[test]
    fn the_server_has_the_first_word() {
        let server = failure(ErrorKind::Server, Some(500));
        assert_eq!(wait(&server, Some(&headers("x-should-retry", "false")), 1), None);
        let auth = failure(ErrorKind::Auth, Some(401));
        assert!(wait(&auth, Some(&headers("x-should-retry", "true")), 1).is_some());
        let quota = failure(ErrorKind::Quota, Some(429));
        assert_eq!(wait(&quota, Some(&headers("x-should-retry", "true")), 1), None);
        let asked = wait(&server, Some(&headers("retry-after-ms", "15")), 1);
        assert_eq!(asked, Some(Duration::from_millis(15)));
        assert_eq!(wait(&server, Some(&headers("retry-after", "121")), 1), None);
    }

    #[test]
    fn the_back_off_doubles_up_to_eight_seconds() {
        for (attempt, full) in [(1, 500), (2, 1000), (4, 4000), (5, 8000), (40, 8000)] {
            let waited = backoff(attempt);
            let full = Duration::from_millis(full);
            assert!(waited <= full && waited >= full.mul_f64(0.75), "{attempt}: {waited:?}");
        }
    }
}
