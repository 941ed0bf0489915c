//! One attempt: the request is written, redirects are followed, the head is told, and the reply is read.

use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Client, Response, Version};
use tokio::time::timeout;
use url::Url;

use super::call::Call;
use super::errors;
use super::prepare::Prepared;
use super::progress::Progress;
use super::read::{self, Reader};
use super::retry;
use super::send::{Feed, Stop};
use crate::domain::text::{Mask, clean_line, cut};
use crate::domain::{ErrorKind, Failure, ResponseHead, RunEvent};
use crate::net::{self, Limit, Trace, place};

/// Redirects followed in one attempt.
const REDIRECTS_MAX: usize = 5;
/// Bytes of an error's body that are read.
const ERROR_BODY_MAX: usize = 1 << 20;
/// An error's body is not waited for longer than this: its status has said the most of it.
const ERROR_BODY_WAIT: Duration = Duration::from_secs(10);
/// Bytes of a header's value that are told.
const HEADER_SHOWN_MAX: usize = 4096;
/// Where providers put their id for a request, the most telling first.
const REQUEST_IDS: [&str; 4] = ["x-request-id", "apim-request-id", "x-litellm-call-id", "x-generation-id"];

/// Why an attempt did not bring a complete reply.
#[derive(Debug)]
pub(super) enum Broken {
    /// The run is over.
    Stop(Stop),
    /// The server refuses `include_usage`, which we added.
    UsageRefused,
    /// It failed.
    Failed {
        failure: Failure,
        /// How long to wait before another attempt; `None` where none may follow.
        retry_in: Option<Duration>,
    },
}

impl From<Stop> for Broken {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// One attempt, from its start to its end within `total_timeout`.
pub(super) async fn attempt(
    client: &Client,
    call: &Call,
    prepared: &Prepared,
    feed: &Feed<'_>,
    progress: &mut Progress,
) -> Result<(), Broken> {
    let limit = call.policy.limits.total_timeout;
    let exchange = Exchange { client, call, prepared, feed };
    match timeout(limit, exchange.run(progress)).await {
        Ok(done) => done,
        Err(_elapsed) => {
            Err(Broken::Failed { failure: net::timed_out(Limit::Total, limit, &prepared.endpoint.url), retry_in: None })
        }
    }
}

struct Exchange<'a> {
    client: &'a Client,
    call: &'a Call,
    prepared: &'a Prepared,
    feed: &'a Feed<'a>,
}

impl Exchange<'_> {
    async fn run(&self, progress: &mut Progress) -> Result<(), Broken> {
        let response = self.follow(progress).await?;
        let status = response.status().as_u16();
        if status >= 400 {
            return Err(self.refused(response, progress).await);
        }
        if status == 101 || !(200..300).contains(&status) {
            return Err(failed(strange_status(status, &self.prepared.endpoint.url), progress, &[]));
        }
        let mut reader = Reader::new(self.call.policy.limits, &response, &self.prepared.mask);
        match reader.read(response, self.feed, progress).await {
            Ok(()) => Ok(()),
            Err(read::Broken::Stop(stop)) => Err(stop.into()),
            Err(read::Broken::Failed(failure)) => Err(failed(failure, progress, &[])),
        }
    }

    /// Sends, and follows redirects as long as they stay at the same origin.
    async fn follow(&self, progress: &mut Progress) -> Result<Response, Broken> {
        let mut url = self.prepared.endpoint.url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let response = match self.send(&url, progress).await {
                Ok(response) => response,
                Err(failure) => return Err(failed(failure, progress, &[])),
            };
            let head = self.head(&response, progress);
            self.feed.tell(vec![RunEvent::Head(Box::new(head))]).await?;
            match next_hop(&response, &url) {
                Ok(None) => return Ok(response),
                Ok(Some(next)) => {
                    let note = format!("redirected ({}) to {}", response.status().as_u16(), next.path());
                    self.feed.tell(vec![RunEvent::Note(self.shown(&note))]).await?;
                    url = next;
                }
                Err(failure) => return Err(failed(failure, progress, &[])),
            }
        }
        let message = format!("{} redirects in circles: more than {REDIRECTS_MAX} in a row", place(&url));
        let failure =
            Failure::new(ErrorKind::NotFound, message, "write the URL that is really meant into the connector");
        Err(failed(failure, progress, &[]))
    }

    /// Writes the request and waits for the head, each stage within its own limit.
    async fn send(&self, url: &Url, progress: &mut Progress) -> Result<Response, Failure> {
        let limits = self.call.policy.limits;
        let trace = Trace::default();
        progress.connecting(&trace);
        let request = self.client.post(url.clone()).headers(self.prepared.headers.clone());
        let request = request.body(self.prepared.shaped.body.clone()).build();
        let request = request.map_err(|error| net::explain(&error, url))?;
        let sending = trace.follow(self.client.execute(request));
        tokio::pin!(sending);
        let connected = timeout(limits.connect_timeout, async {
            tokio::select! {
                biased;
                answered = &mut sending => Some(answered),
                () = trace.ready() => None,
            }
        });
        let answered = match connected.await {
            Err(_elapsed) => {
                return Err(net::timed_out(Limit::Connect(trace.stage()), limits.connect_timeout, url));
            }
            Ok(Some(answered)) => {
                if answered.is_ok() {
                    progress.sent();
                }
                Ok(answered)
            }
            Ok(None) => {
                progress.sent();
                timeout(limits.first_byte_timeout, sending).await
            }
        };
        match answered {
            Err(_elapsed) => Err(net::timed_out(Limit::FirstByte, limits.first_byte_timeout, url)),
            Ok(answered) => answered.map_err(|error| net::explain(&error, url)),
        }
    }

    fn head(&self, response: &Response, progress: &mut Progress) -> ResponseHead {
        let headers = self.headers(response);
        let found = |name: &&str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let head = ResponseHead {
            status: response.status().as_u16(),
            version: version(response.version()),
            request_id: REQUEST_IDS.iter().find_map(found),
            at: progress.now(),
            headers,
        };
        progress.answered(&head);
        head
    }

    fn headers(&self, response: &Response) -> Vec<(String, String)> {
        response.headers().iter().map(|(name, value)| self.header(name.as_str(), value.as_bytes())).collect()
    }

    fn header(&self, name: &str, value: &[u8]) -> (String, String) {
        // A cookie is a credential of the server's making.
        let value = match name {
            "set-cookie" => crate::domain::text::MASKED.to_owned(),
            _ => self.shown(&String::from_utf8_lossy(value)),
        };
        (name.to_owned(), value)
    }

    fn shown(&self, text: &str) -> String {
        shown(&self.prepared.mask, text)
    }

    /// A status of 400 and above: its body says why.
    async fn refused(&self, response: Response, progress: &mut Progress) -> Broken {
        let status = response.status().as_u16();
        let headers = self.headers(&response);
        let wait = self.call.policy.limits.idle_timeout.min(ERROR_BODY_WAIT);
        let body = read::error_body(response, wait, ERROR_BODY_MAX).await;
        let text = String::from_utf8_lossy(&body);
        progress.received(body.len() as u64);
        if !text.is_empty() {
            let raw = read::raw(&self.prepared.mask, "body", &text, progress.now());
            if let Err(stop) = self.feed.tell(vec![RunEvent::Raw(raw)]).await {
                return stop.into();
            }
        }
        if self.is_usage_refusal(status, &text) {
            return Broken::UsageRefused;
        }
        let failure = errors::from_response(status, &headers, &body, &self.prepared.about());
        failed(failure, progress, &headers)
    }

    /// Servers that do not know the option refuse it by name.
    fn is_usage_refusal(&self, status: u16, body: &str) -> bool {
        matches!(status, 400 | 422)
            && self.prepared.shaped.asks_for_usage()
            && (body.contains("stream_options") || body.contains("include_usage"))
    }
}

fn failed(failure: Failure, progress: &Progress, headers: &[(String, String)]) -> Broken {
    let retry_in = if progress.has_output() {
        // What was shown cannot be taken back.
        None
    } else {
        retry::wait(&failure, headers, progress.attempts())
    };
    Broken::Failed { failure, retry_in }
}

/// Masked, on one line, free of control characters, not too long.
pub(super) fn shown(mask: &Mask, text: &str) -> String {
    cut(&clean_line(&mask.apply(text)), HEADER_SHOWN_MAX).into_owned()
}

/// Where a redirect leads, if the response is one. Only the same origin is followed: key, headers and body stay at home.
fn next_hop(response: &Response, from: &Url) -> Result<Option<Url>, Failure> {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else { return Ok(None) };
    let text = String::from_utf8_lossy(location.as_bytes());
    let Ok(mut next) = from.join(&text) else {
        let message = format!("{} redirects ({status}) to something that is no URL", place(from));
        return Err(Failure::new(ErrorKind::Malformed, message, "look at the server, or at a proxy between"));
    };
    next.set_fragment(None);
    if next.origin() != from.origin() || !matches!(next.scheme(), "http" | "https") {
        return Err(elsewhere(status, from, &next));
    }
    if status == 303 {
        let message = format!("{} answers 303: it wants the reply fetched from elsewhere by GET", place(from));
        return Err(Failure::new(ErrorKind::NotFound, message, "this is no endpoint of this protocol; check the path"));
    }
    // 301 and 302 leave it open whether a POST stays one; an endpoint that takes nothing else is served by staying.
    Ok(Some(next))
}

fn elsewhere(status: u16, from: &Url, next: &Url) -> Failure {
    let (here, there) = (origin(from), origin(next));
    let message = format!("{here} redirects ({status}) to {there}; it was not followed, so key and body stayed here");
    let hint = if (from.scheme(), next.scheme()) == ("http", "https") && from.host() == next.host() {
        "write https:// in the connector's URL".to_owned()
    } else {
        format!("if {there} is meant, make it the connector's URL")
    };
    Failure::new(ErrorKind::NotFound, message, hint)
}

fn origin(url: &Url) -> String {
    clean_line(&url.origin().ascii_serialization()).into_owned()
}

fn strange_status(status: u16, url: &Url) -> Failure {
    let place = place(url);
    let (message, hint) = match status {
        101 => (format!("{place} switches protocols (101) without being asked"), "the path may be that of a WebSocket"),
        300..400 => (format!("{place} answers {status} without saying where to go"), "check the path of the URL"),
        status => (format!("{place} answers {status}, which this protocol does not know"), "check the path of the URL"),
    };
    let mut failure = Failure::new(ErrorKind::Malformed, message, hint);
    failure.http_status = Some(status);
    failure
}

fn version(version: Version) -> String {
    if version == Version::HTTP_2 { "HTTP/2".to_owned() } else { format!("{version:?}") }
}
