//! Whether another attempt may help, and how long to wait for it.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::errors::{self, Wait};
use crate::domain::{ErrorKind, Failure};

/// How long to wait after this attempt (1 for the first) failed; `None` where another would not help, or where the
/// server asks for more patience than is reasonable. Its own word goes before any rule.
pub(super) fn wait(failure: &Failure, headers: &[(String, String)], attempt: u32) -> Option<Duration> {
    let status = failure.http_status.filter(|status| *status >= 400);
    let worth = errors::should_retry(failure.kind, status, headers) || (status.is_none() && may_pass(failure.kind));
    if !worth {
        return None;
    }
    let asked = errors::retry_after(headers, answered_at(headers));
    match errors::next_wait(attempt.saturating_sub(1), asked, fastrand::f64()) {
        Wait::For(wait) => Some(wait),
        Wait::TooLong(_) => None,
    }
}

/// Failures without an error's status that pass by themselves: of the way there, or told inside a reply before any
/// output came.
fn may_pass(kind: ErrorKind) -> bool {
    [ErrorKind::Proxy, ErrorKind::RateLimit, ErrorKind::Server, ErrorKind::StreamCut].contains(&kind)
}

/// The server's clock, which is the one its dates are meant by. Without one a date lies too far off to wait for.
fn answered_at(headers: &[(String, String)]) -> Timestamp {
    let date = headers.iter().find(|(name, _)| name == "date");
    date.and_then(|(_, date)| DateTimeParser::new().parse_timestamp(date).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: ErrorKind, http_status: Option<u16>) -> Failure {
        Failure { http_status, ..Failure::new(kind, "", "") }
    }

    fn headers(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
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
            assert_eq!(wait(&failure(kind, status), &[], 1).is_some(), expected, "{kind} {status:?}");
        }
    }

    #[test]
    fn the_server_has_the_first_word() {
        let server = failure(ErrorKind::Server, Some(500));
        assert_eq!(wait(&server, &headers("x-should-retry", "false"), 1), None);
        let auth = failure(ErrorKind::Auth, Some(401));
        assert!(wait(&auth, &headers("x-should-retry", "true"), 1).is_some());
        let quota = failure(ErrorKind::Quota, Some(429));
        assert_eq!(wait(&quota, &headers("x-should-retry", "true"), 1), None);
        let asked = wait(&server, &headers("retry-after-ms", "15"), 1);
        assert_eq!(asked, Some(Duration::from_millis(15)));
        assert_eq!(wait(&server, &headers("retry-after", "121"), 1), None);
    }

    #[test]
    fn a_date_is_read_by_the_servers_own_clock() {
        let server = failure(ErrorKind::Server, Some(503));
        let mut said = headers("retry-after", "Mon, 23 Nov 2026 10:00:30 GMT");
        assert_eq!(wait(&server, &said, 1), None);
        said.extend(headers("date", "Mon, 23 Nov 2026 10:00:00 GMT"));
        assert_eq!(wait(&server, &said, 1), Some(Duration::from_secs(30)));
    }
}
