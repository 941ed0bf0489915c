//! Reading a reply: what it is, told from what comes and not from what was asked; bytes become events.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use tokio::time::timeout;
use url::Url;

use super::progress::Progress;
use super::reply::{self, Step};
use super::send::{Feed, Stop};
use super::sse::{Decoder, EventTooLong};
use crate::domain::policy::Limits;
use crate::domain::text::{Mask, clean_line, cut};
use crate::domain::units::show_size;
use crate::domain::{Delta, ErrorKind, Failure, RawEvent, RunEvent};
use crate::net::{self, Limit, place};

mod sniff;

use sniff::{Declared, Shape};

/// Longest name of an event that is shown, in bytes.
const KIND_MAX: usize = 80;
/// Bytes that are read and told at once. A slow listener lets many of these wait, and a connection under load brings many
/// times as much in one go.
const PART: usize = 16 << 10;

/// Why a reply could not be read to its end.
#[derive(Debug)]
pub(super) enum Broken {
    /// The run is over.
    Stop(Stop),
    /// It failed.
    Failed(Failure),
}

impl From<Stop> for Broken {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Reads one reply.
pub(super) struct Reader<'a> {
    limits: Limits,
    url: Url,
    mask: &'a Mask,
    declared: Declared,
    /// What it is, once enough has come to tell.
    shape: Option<Shape>,
    /// The start of a reply that is not told yet, then all of one that is no stream.
    held: Vec<u8>,
    decoder: Decoder,
    /// What has come and was not looked at yet.
    rest: Bytes,
    /// Bytes so far, as the cap counts them.
    bytes: u64,
}

impl<'a> Reader<'a> {
    /// A reader for this response.
    pub(super) fn new(limits: Limits, response: &Response, mask: &'a Mask) -> Self {
        let declared = response.headers().get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        Self {
            limits,
            url: response.url().clone(),
            mask,
            declared: Declared::read(declared.as_deref()),
            shape: None,
            held: Vec::new(),
            decoder: Decoder::new(usize::try_from(limits.max_response_size).unwrap_or(usize::MAX)),
            rest: Bytes::new(),
            bytes: 0,
        }
    }

    /// Reads to the end of the reply: its own, or that of the connection.
    pub(super) async fn read(
        &mut self,
        mut response: Response,
        feed: &Feed<'_>,
        progress: &mut Progress,
    ) -> Result<(), Broken> {
        if let Some(failure) = unreadable(&response) {
            return Err(failure.into());
        }
        loop {
            let mut events = Vec::new();
            let step = match self.next(&mut response).await {
                Ok(Some(chunk)) => self.take(&chunk, progress, &mut events),
                Ok(None) => self.finish(progress, &mut events).map(|()| Step::Done),
                Err(failure) => self.broken(failure, progress, &mut events).map(|()| Step::Done),
            };
            let outcome = match step {
                Ok(Step::Continue) => None,
                Ok(Step::Done) => Some(progress.close(&mut events).map_or(Ok(()), Err)),
                Err(failure) => Some(Err(failure)),
            };
            progress.received(self.bytes);
            progress.observe(&events, progress.now());
            mask_output(self.mask, &mut events);
            feed.tell(events).await?;
            if let Some(outcome) = outcome {
                return Ok(outcome?);
            }
        }
    }

    /// The next part; `None` at the end.
    async fn next(&mut self, response: &mut Response) -> Result<Option<Bytes>, Failure> {
        if self.rest.is_empty() {
            let Some(chunk) = self.chunk(response).await? else { return Ok(None) };
            self.rest = chunk;
        }
        Ok(Some(self.rest.split_to(self.rest.len().min(PART))))
    }

    async fn chunk(&mut self, response: &mut Response) -> Result<Option<Bytes>, Failure> {
        let chunk = match timeout(self.limits.idle_timeout, response.chunk()).await {
            Err(_elapsed) => return Err(net::timed_out(Limit::Idle, self.limits.idle_timeout, &self.url)),
            Ok(chunk) => chunk.map_err(|error| net::cut_off(&error, &self.url))?,
        };
        self.bytes += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        if self.bytes > self.limits.max_response_size { Err(self.too_large()) } else { Ok(chunk) }
    }

    fn take(&mut self, chunk: &[u8], progress: &mut Progress, events: &mut Vec<RunEvent>) -> Result<Step, Failure> {
        match self.shape {
            Some(Shape::Stream) => self.decode(chunk, progress, events),
            Some(Shape::Whole) => {
                self.held.extend_from_slice(chunk);
                Ok(Step::Continue)
            }
            None => {
                self.held.extend_from_slice(chunk);
                self.shape = sniff::tell(self.declared, &mut self.held);
                self.release(progress, events)
            }
        }
    }

    /// Hands what was held back to the decoder, once the reply is known to be a stream.
    fn release(&mut self, progress: &mut Progress, events: &mut Vec<RunEvent>) -> Result<Step, Failure> {
        match self.shape {
            Some(Shape::Stream) => {
                let held = std::mem::take(&mut self.held);
                self.decode(&held, progress, events)
            }
            Some(Shape::Whole) | None => Ok(Step::Continue),
        }
    }

    fn decode(&mut self, chunk: &[u8], progress: &mut Progress, events: &mut Vec<RunEvent>) -> Result<Step, Failure> {
        let at = progress.now();
        let mut step = Step::Continue;
        let Some(reply) = progress.reply() else { return Ok(Step::Done) };
        let fed = self.decoder.feed(chunk, &mut frame_sink(self.mask, reply, at, &mut step, events));
        fed.map_err(|too_long| self.event_too_long(too_long))?;
        Ok(step)
    }

    /// The connection ended in good order.
    fn finish(&mut self, progress: &mut Progress, events: &mut Vec<RunEvent>) -> Result<(), Failure> {
        if self.shape.is_none() {
            self.shape = Some(sniff::tell_at_end(self.declared, &self.held));
            self.release(progress, events)?;
        }
        match self.shape {
            Some(Shape::Stream) => {
                self.finish_stream(progress, events);
                Ok(())
            }
            Some(Shape::Whole) | None => self.finish_whole(progress, events),
        }
    }

    fn finish_stream(&mut self, progress: &mut Progress, events: &mut Vec<RunEvent>) {
        let at = progress.now();
        let mut step = Step::Continue;
        if let Some(reply) = progress.reply() {
            self.decoder.finish(&mut frame_sink(self.mask, reply, at, &mut step, events));
        }
    }

    fn finish_whole(&mut self, progress: &mut Progress, events: &mut Vec<RunEvent>) -> Result<(), Failure> {
        let text = self.whole_text(events);
        if text.trim().is_empty() {
            let message = format!("{} answered with an empty body", place(&self.url));
            return Err(Failure::new(
                ErrorKind::Malformed,
                message,
                "check the path of the URL; a proxy may answer instead",
            ));
        }
        events.push(RunEvent::Raw(raw(self.mask, "body", &text, progress.now())));
        if let Some(reply) = progress.reply() {
            reply.body(text, events);
        }
        Ok(())
    }

    fn whole_text(&mut self, events: &mut Vec<RunEvent>) -> String {
        let mut held = std::mem::take(&mut self.held);
        if held.starts_with(sniff::BOM) {
            held.drain(..sniff::BOM.len());
        }
        String::from_utf8(held).unwrap_or_else(|invalid| {
            events.push(RunEvent::Note(
                "the reply is not valid UTF-8; unreadable bytes are shown as \u{FFFD}".to_owned(),
            ));
            String::from_utf8_lossy(invalid.as_bytes()).into_owned()
        })
    }

    /// Reading failed. A reply that had said why it ended lacks nothing.
    fn broken(&mut self, failure: Failure, progress: &mut Progress, events: &mut Vec<RunEvent>) -> Result<(), Failure> {
        let over = matches!(failure.kind, ErrorKind::StreamCut | ErrorKind::Timeout);
        if self.shape == Some(Shape::Stream) && over {
            return match progress.close(events) {
                None => {
                    events.push(RunEvent::Note(failure.message));
                    Ok(())
                }
                Some(told) if told.kind == ErrorKind::StreamCut => Err(failure),
                // What the server said of itself explains more than the cut that followed.
                Some(told) => Err(told),
            };
        }
        if self.shape != Some(Shape::Stream) && !self.held.is_empty() {
            let text = self.whole_text(events);
            events.push(RunEvent::Raw(raw(self.mask, "body", &text, progress.now())));
        }
        Err(failure)
    }

    fn too_large(&self) -> Failure {
        let cap = show_size(self.limits.max_response_size);
        let message = format!("the answer of {} is larger than {cap} (max_response_size)", place(&self.url));
        Failure::new(ErrorKind::TooLarge, message, "raise max_response_size if answers of that size are wanted")
    }

    fn event_too_long(&self, too_long: EventTooLong) -> Failure {
        let message = format!("{}: {too_long}", place(&self.url));
        Failure::new(ErrorKind::TooLarge, message, "raise max_response_size if answers of that size are wanted")
    }
}

/// What is done with each event of a stream; nothing any more after its last.
fn frame_sink<'a>(
    mask: &'a Mask,
    reply: &'a mut reply::Reply,
    at: Duration,
    step: &'a mut Step,
    events: &'a mut Vec<RunEvent>,
) -> impl FnMut(super::sse::Frame<'_>) + 'a {
    move |frame| {
        if *step == Step::Done {
            return;
        }
        events.push(RunEvent::Raw(raw(mask, &reply::event_kind(frame.event, frame.data), frame.data, at)));
        *step = reply.frame(frame.event, frame.data, events);
    }
}

/// An event as it may be shown.
pub(super) fn raw(mask: &Mask, kind: &str, data: &str, at: Duration) -> RawEvent {
    // Masked before it is cut, lest half a key be left at the border.
    let shown = mask.apply(data);
    let kind = cut(&clean_line(&mask.apply(kind)), KIND_MAX).into_owned();
    RawEvent { at, kind, data: cut(&shown, RawEvent::SHOWN_MAX).into_owned(), size: data.len() }
}

/// Hides the request's secrets in output that repeats them. Output is not masked by its looks: an answer may speak of
/// keys. A secret that is spread over several deltas passes.
pub(super) fn mask_output(mask: &Mask, events: &mut [RunEvent]) {
    let hide = |text: &mut String| {
        if let Cow::Owned(masked) = mask.apply_known(text) {
            *text = masked;
        }
    };
    for event in events {
        let RunEvent::Delta(delta) = event else { continue };
        match delta {
            Delta::Answer(text) | Delta::Reasoning(text) | Delta::Refusal(text) => hide(text),
            Delta::ToolCall(piece) => {
                hide(&mut piece.arguments);
                piece.name.iter_mut().chain(&mut piece.id).for_each(hide);
            }
        }
    }
}

/// The body of an error, as much of it as comes within `wait` and is worth reading; what goes wrong only ends it.
pub(super) async fn error_body(mut response: Response, wait: Duration, max: usize) -> Vec<u8> {
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= max {
                body.truncate(max);
                break;
            }
        }
    };
    // Too slow is as good as over: the status has said the most of it.
    timeout(wait, reading).await.ok();
    body
}

/// The client undoes gzip and brotli, and then takes the header away; what is still named here it does not know.
fn unreadable(response: &Response) -> Option<Failure> {
    let encoding = response.headers().get(CONTENT_ENCODING)?.to_str().unwrap_or("?").to_ascii_lowercase();
    if encoding.is_empty() || encoding == "identity" {
        return None;
    }
    let message = format!(
        "{} compresses its answer with {}, though none was asked for",
        place(response.url()),
        clean_line(&encoding)
    );
    Some(Failure::new(ErrorKind::Malformed, message, "turn compression off for this path in the server or the proxy"))
}
