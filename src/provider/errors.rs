//! What a provider's error means: its kind, a message fit to show, and what to do about it.
//!
//! Owns the reading of every body shape an error comes in, and the rules of when and how long to wait before
//! another attempt. It must not send, sleep or read a clock. Texts of a server are masked and cleaned here,
//! before anything else of the house sees them.

mod advice;
mod kind;
mod missing;
mod retry;
mod told;

use crate::domain::text::{Mask, clean_line, cut};
use crate::domain::{Connector, Endpoint, Failure};

pub use missing::{Missing, missing};
pub use retry::{Wait, next_wait, retry_after, should_retry};
pub use told::{Shape, Told};
pub(super) use told::{filtered_categories, html_text, is_error, looks_like_html};

/// Longest part of a server's text that a message repeats, in bytes.
const MESSAGE_MAX: usize = 500;
/// Longest code or parameter name that a hint repeats, in bytes.
const WORD_MAX: usize = 60;
/// More of a body than this is not looked at, in bytes.
const BODY_MAX: usize = 1 << 20;

/// What is known about the request that failed.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Whose request it was.
    pub connector: &'a Connector,
    /// What was called.
    pub endpoint: &'a Endpoint,
    /// Hides the secrets that the request carried.
    pub mask: &'a Mask,
}

impl About<'_> {
    /// A server's text as one line, masked before it is cut so that no part of a secret stays.
    pub(super) fn shown(&self, text: &str, max: usize) -> String {
        cut(clean_line(&self.mask.apply(text)).trim(), max).into_owned()
    }

    fn word(&self, text: &str) -> String {
        self.shown(text, WORD_MAX)
    }
}

/// An error as the response brought it.
#[derive(Debug, Clone, Copy)]
struct Case<'a> {
    told: &'a Told,
    /// The response's status; what the error itself names where the response said 200.
    status: Option<u16>,
    headers: &'a [(String, String)],
}

impl<'a> Case<'a> {
    /// A header's value; `name` in lower case.
    fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The failure that a response with an error's status means. Header names are matched whatever their case.
pub fn from_response(status: u16, headers: &[(String, String)], body: &[u8], about: &About<'_>) -> Failure {
    let told = Told::read(&String::from_utf8_lossy(body.get(..BODY_MAX).unwrap_or(body)));
    let case = Case { told: &told, status: Some(status), headers };
    let from = format!("HTTP {status} from {}", about.endpoint.authority());
    let message = match about.shown(&told.message, MESSAGE_MAX) {
        text if text.is_empty() => format!("{from}, without an explanation"),
        text => format!("{from}: {text}"),
    };
    Failure { http_status: Some(status), ..failure(&case, message, about) }
}

/// The failure that an error inside a response of status 200 means: an event of a stream, or the body itself.
pub fn in_stream(told: &Told, about: &About<'_>) -> Failure {
    let case = Case { told, status: told.status, headers: &[] };
    let from = about.endpoint.authority();
    let message = match about.shown(&told.message, MESSAGE_MAX) {
        text if text.is_empty() => format!("{from} reported an error inside its reply, without an explanation"),
        text => format!("{from} reported an error inside its reply: {text}"),
    };
    failure(&case, message, about)
}

fn failure(case: &Case<'_>, message: String, about: &About<'_>) -> Failure {
    let kind = kind::of(case);
    Failure::new(kind, message, advice::hint(kind, case, about))
}

#[cfg(test)]
mod tests;
