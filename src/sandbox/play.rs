//! Sends a reply at its pace, and does the harm that was asked for.
//!
//! Owns the bodies of answers. What leaves the socket when is decided here; what it says is not.

use std::collections::VecDeque;
use std::io;
use std::pin::pin;

use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame as BodyFrame};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::behaviour::{Behaviour, Quirk};
use super::script::Tempo;
use super::watch::Ticket;
use super::wire::{Frame, Frames, Pace};

/// The body of every answer.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Tokens sent before the `stall` behaviour falls silent.
const STALL_TOKENS: usize = 5;

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// As it should.
    Whole,
    /// The connection is dropped.
    Cut,
    /// Silence, until the client leaves or the sandbox stops.
    Stall,
}

/// A stream turned into what will be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) frames: VecDeque<Frame>,
    pub(super) tempo: Tempo,
    pub(super) ending: Ending,
}

impl Plan {
    /// Applies a behaviour to a good stream.
    pub(super) fn of(stream: Frames, behaviour: Behaviour, tempo: Tempo) -> Self {
        let Frames { mut events, done } = stream;
        let plan = |frames: Vec<Frame>, ending| Self { frames: frames.into(), tempo, ending };
        match behaviour {
            Behaviour::Wire(Quirk::Cut) => plan(cut(&events), Ending::Cut),
            Behaviour::Wire(Quirk::Stall) => plan(first_tokens(&events, STALL_TOKENS), Ending::Stall),
            Behaviour::Wire(Quirk::NoDone) => plan(events, Ending::Whole),
            Behaviour::Wire(Quirk::Burst) => {
                let total = tempo.total(count_tokens(&events));
                events.extend(done);
                let bytes = events.iter().flat_map(|frame| frame.bytes.iter().copied()).collect();
                let frames = VecDeque::from([Frame { bytes, pace: Pace::Token }]);
                Self { frames, tempo: Tempo { first: total, ..tempo }, ending: Ending::Whole }
            }
            Behaviour::Wire(Quirk::Malformed) => {
                events.insert(events.len() / 2, unreadable());
                events.extend(done);
                plan(events, Ending::Whole)
            }
            Behaviour::Wire(Quirk::NoUsage) | Behaviour::Content(_) | Behaviour::Fault(_) => {
                events.extend(done);
                plan(events, Ending::Whole)
            }
        }
    }
}

fn count_tokens(events: &[Frame]) -> usize {
    events.iter().filter(|frame| frame.pace == Pace::Token).count()
}

/// Everything up to and including a number of tokens.
fn first_tokens(events: &[Frame], tokens: usize) -> Vec<Frame> {
    let mut seen = 0;
    events
        .iter()
        .take_while(|frame| {
            seen += usize::from(frame.pace == Pace::Token);
            seen <= tokens
        })
        .cloned()
        .collect()
}

/// Half of the tokens, and half of the event after them: a real cut asks nobody where an event ends.
fn cut(events: &[Frame]) -> Vec<Frame> {
    let mut kept = first_tokens(events, count_tokens(events) / 2);
    if let Some(next) = events.get(kept.len()) {
        kept.push(Frame { bytes: next.bytes.slice(..next.bytes.len() / 2), pace: next.pace });
    }
    kept
}

fn unreadable() -> Frame {
    Frame { bytes: Bytes::from_static(b"data: {\"id\":\"broken\",\"choices\":[{\"delta\":\n\n"), pace: Pace::AtOnce }
}

/// What the stream of a body needs from one event to the next.
struct Player {
    plan: Plan,
    due: Instant,
    ticket: Ticket,
    stop: CancellationToken,
}

/// A body that sends a plan, and counts how that ended.
pub(super) fn body(plan: Plan, ticket: Ticket, stop: CancellationToken) -> Body {
    let due = Instant::now() + plan.tempo.first;
    let player = Player { plan, due, ticket, stop };
    let events = stream::unfold(player, |mut player| async move {
        let item = player.next().await?;
        Some((item.map(BodyFrame::data), player))
    });
    BodyExt::boxed_unsync(StreamBody::new(events))
}

/// A body of one piece, sent at once.
pub(super) fn whole(bytes: Bytes, ending: Ending, ticket: Ticket, stop: CancellationToken) -> Body {
    let tempo = Tempo { first: std::time::Duration::ZERO, gap: std::time::Duration::ZERO };
    let frames = VecDeque::from([Frame { bytes, pace: Pace::AtOnce }]);
    body(Plan { frames, tempo, ending }, ticket, stop)
}

impl Player {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if let Some(frame) = self.plan.frames.pop_front() {
            self.turn(frame.pace).await;
            if self.plan.frames.is_empty() && self.plan.ending == Ending::Whole {
                self.ticket.finish();
            }
            return Some(Ok(frame.bytes));
        }
        match self.plan.ending {
            Ending::Whole => None,
            Ending::Cut => {
                // What was sent so far has to leave before the connection is dropped.
                tokio::task::yield_now().await;
                self.ticket.finish();
                Some(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut by design")))
            }
            Ending::Stall => {
                pin!(self.stop.cancelled()).await;
                None
            }
        }
    }

    /// Waits for an event's turn. Each turn counts from the start, so that a coarse timer costs no speed.
    async fn turn(&mut self, pace: Pace) {
        match pace {
            Pace::AtOnce => {}
            Pace::Token if Instant::now() < self.due => {
                sleep_until(self.due).await;
                self.due += self.plan.tempo.gap;
            }
            Pace::Token => {
                // Lets the connection write what it has: one token, one write.
                tokio::task::yield_now().await;
                self.due += self.plan.tempo.gap;
            }
        }
    }
}
