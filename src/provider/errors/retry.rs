//! When another attempt is worth making, and how long to wait before it.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::ErrorKind;

/// The longest wait a server may ask for; the official clients give up beyond it as well.
const WAIT_MAX: Duration = Duration::from_mins(2);

/// What to do before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Wait this long.
    For(Duration),
    /// The server asks for more patience than is reasonable: tell the error instead.
    TooLong(Duration),
}

/// True where another attempt may end better. `x-should-retry` overrides everything but an empty account.
pub fn should_retry(kind: ErrorKind, status: Option<u16>, headers: &[(String, String)]) -> bool {
    match header(headers, "x-should-retry") {
        _ if kind == ErrorKind::Quota => false,
        Some("true") => true,
        Some("false") => false,
        Some(_) | None => {
            status.map_or_else(|| kind_may_pass(kind), |status| matches!(status, 408 | 409 | 429 | 500..))
        }
    }
}

/// Without a response: what happened on the way may not happen again.
fn kind_may_pass(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::Dns | ErrorKind::Connect | ErrorKind::Timeout => true,
        ErrorKind::Config
        | ErrorKind::Secret
        | ErrorKind::Policy
        | ErrorKind::Proxy
        | ErrorKind::Tls
        | ErrorKind::Auth
        | ErrorKind::NotFound
        | ErrorKind::InvalidRequest
        | ErrorKind::ContextLength
        | ErrorKind::ContentFilter
        | ErrorKind::RateLimit
        | ErrorKind::Quota
        | ErrorKind::Server
        | ErrorKind::Malformed
        | ErrorKind::StreamCut
        | ErrorKind::TooLarge
        | ErrorKind::Budget
        | ErrorKind::Internal => false,
    }
}

/// How long the server asks to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.
/// `None` where it says nothing that can be used, or a time that has passed.
pub fn retry_after(headers: &[(String, String)], now: Timestamp) -> Option<Duration> {
    let millis = header(headers, "retry-after-ms").and_then(|value| seconds(value, 0.001));
    millis.or_else(|| {
        let value = header(headers, "retry-after")?;
        seconds(value, 1.0).or_else(|| until(value, now))
    })
}

/// The wait before attempt `retried + 2`: what the server asks for, else a growing back-off of at most 8 s.
/// `random` is from 0 to 1 and takes off up to a quarter, so that clients do not come back together.
pub fn next_wait(retried: u32, asked: Option<Duration>, random: f64) -> Wait {
    match asked {
        Some(asked) if asked > WAIT_MAX => Wait::TooLong(asked),
        Some(asked) => Wait::For(asked),
        None => {
            let full = 0.5 * f64::from(1_u32 << retried.min(4));
            Wait::For(Duration::from_secs_f64(full.min(8.0) * (1.0 - 0.25 * random.clamp(0.0, 1.0))))
        }
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

pub(super) fn seconds(value: &str, unit: f64) -> Option<Duration> {
    let number: f64 = value.trim().parse().ok()?;
    Duration::try_from_secs_f64(number * unit).ok().filter(|wait| !wait.is_zero())
}

fn until(date: &str, now: Timestamp) -> Option<Duration> {
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Duration::try_from(at.duration_since(now)).ok().filter(|wait| !wait.is_zero())
}
