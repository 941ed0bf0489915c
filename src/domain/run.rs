//! A run: one execution of a body against a connector, and what it tells as it goes.

use std::fmt;
use std::time::Duration;

use super::failure::Failure;
use super::timing::Timing;
use super::usage::Usage;

/// A run's id, unique on every machine that writes to one event log (UUID version 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(u128);

impl RunId {
    /// An id from a UUID's value.
    pub const fn from_u128(value: u128) -> Self {
        Self(value)
    }

    /// The id after this one, for the next run of the same process.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// The UUID's value.
    pub const fn as_u128(self) -> u128 {
        self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", uuid::Uuid::from_u128(self.0))
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It finished.
    Ok,
    /// It failed.
    Error,
    /// It was cancelled.
    Cancelled,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Error, Self::Cancelled];

    /// The word of JSON and the event log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunPhase {
    /// Waiting for a place in the pool.
    #[default]
    Queued,
    /// Resolving secrets, connecting, waiting for the first byte.
    Connecting,
    /// Between attempts.
    Retrying,
    /// The response is being read.
    Streaming,
    /// Over; the outcome says how.
    Ended(Outcome),
}

/// What a run tells while it lives. `Ended` comes exactly once, last.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// It left the queue.
    Started {
        /// How long it waited.
        queue: Duration,
    },
    /// An attempt is about to be written.
    Attempt {
        /// 1 for the first.
        number: u32,
        /// How many may be made.
        of: u32,
    },
    /// An attempt failed and another will follow.
    Retry(AttemptReport),
    /// The response's head is here.
    Head(Box<ResponseHead>),
    /// An event of the stream as it came, or the whole body of a plain response.
    Raw(RawEvent),
    /// Output.
    Delta(Delta),
    /// Usage as last stated.
    Usage(Usage),
    /// Something worth telling that does not fail the run ("one event was not readable").
    Note(String),
    /// The end.
    Ended(Box<RunEnd>),
}

/// An attempt that failed, and what follows.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptReport {
    /// 1 for the first.
    pub number: u32,
    /// How many may be made.
    pub of: u32,
    /// Why it failed.
    pub failure: Failure,
    /// How long until the next; the server's own wish where it states one.
    pub wait: Duration,
}

/// A response's head. Header values are masked and free of control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// `HTTP/1.1`, `HTTP/2`.
    pub version: String,
    /// Names lower-cased, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The provider's id for the request, for a support ticket.
    pub request_id: Option<String>,
    /// t0 to here.
    pub at: Duration,
}

/// One event of a stream, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent {
    /// t0 to its arrival.
    pub at: Duration,
    /// `event:` of the frame, or the type inside its data; `message` where neither says.
    pub kind: String,
    /// Its data, masked and cut at [`RawEvent::SHOWN_MAX`]; control characters are still in it.
    pub data: String,
    /// Bytes its data had on the wire.
    pub size: usize,
}

impl RawEvent {
    /// Longest data that is kept for showing; `size` tells the truth.
    pub const SHOWN_MAX: usize = 16 * 1024;
}

/// A piece of output, for choice 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// Answer text.
    Answer(String),
    /// Reasoning text.
    Reasoning(String),
    /// A refusal's text.
    Refusal(String),
    /// A piece of a tool call.
    ToolCall(ToolCallDelta),
}

/// A piece of a tool call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCallDelta {
    /// Which call, counted from 0 in order of appearance (not the wire's index).
    pub slot: usize,
    /// Its id, when this piece states it.
    pub id: Option<String>,
    /// Its function's name, when this piece states it.
    pub name: Option<String>,
    /// More of its arguments.
    pub arguments: String,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// Ok, error or cancelled.
    pub outcome: Outcome,
    /// Why, when the outcome is an error.
    pub failure: Option<Failure>,
    /// Status of the last response.
    pub http_status: Option<u16>,
    /// The model that answered, as the reply names it; else the one asked for.
    pub model: Option<String>,
    /// `stop`, `length`, `tool_calls`, …, as the reply names it.
    pub finish_reason: Option<String>,
    /// The provider's id for the request.
    pub request_id: Option<String>,
    /// Tokens.
    pub usage: Usage,
    /// Times.
    pub timing: Timing,
    /// Attempts made.
    pub attempts: u32,
    /// What went over the wire.
    pub traffic: Traffic,
}

/// What a run sent and received, of its final attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Events of the stream; 1 for a reply in one piece, 0 for none.
    pub chunks: u64,
    /// Bytes of the request's body.
    pub request_bytes: u64,
    /// Bytes of the response's body, decompressed.
    pub response_bytes: u64,
}
