//! The times of a run, as the design defines them.

use std::time::Duration;

use super::usage::Usage;

/// Times of one run, from t0 unless said otherwise. t0 is when its final attempt sets out: before the name is resolved
/// and the connection made, as curl counts. So `dns`, `connect` and `tls` are parts of `first_byte`, which is what curl
/// calls `time_starttransfer`; waiting in the queue and earlier attempts lie before t0. What did not happen, or happened
/// unseen, is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timing {
    /// Waiting for a place in the pool; before t0.
    pub queue: Option<Duration>,
    /// Resolving the name; none for an address or a reused connection.
    pub dns: Option<Duration>,
    /// Connecting, name resolution apart.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// t0 to the head of the response, connecting included.
    pub first_byte: Option<Duration>,
    /// t0 to the first non-empty content, reasoning or tool-call delta; a tag or a blank is content too.
    pub first_token: Option<Duration>,
    /// t0 to the first non-empty content delta.
    pub first_answer: Option<Duration>,
    /// t0 to the last delta with output.
    pub last_token: Option<Duration>,
    /// t0 to the end of the run.
    pub total: Option<Duration>,
}

impl Timing {
    /// `(n − 1) / (end − first token)` with n = completion tokens, less reasoning that was not seen.
    /// `None` where it cannot be known: fewer than two tokens, or all of them in one piece.
    pub fn tokens_per_second(&self, usage: &Usage, reasoning_seen: ReasoningSeen) -> Option<f64> {
        let span = self.last_token?.checked_sub(self.first_token?)?;
        let hidden = match reasoning_seen {
            ReasoningSeen::Yes => 0,
            ReasoningSeen::No => usage.reasoning.unwrap_or(0),
        };
        let tokens = usage.completion?.checked_sub(hidden)?;
        if tokens < 2 || span < Duration::from_micros(100) {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^52")]
        let gaps = (tokens - 1) as f64;
        Some(gaps / span.as_secs_f64())
    }
}

/// Whether the run's reasoning reached us as text, or was only counted by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasoningSeen {
    /// Reasoning deltas arrived.
    Yes,
    /// None arrived.
    No,
}

/// Milliseconds with the precision the JSON shows.
pub fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(first: u64, last: u64) -> Timing {
        Timing {
            first_token: Some(Duration::from_millis(first)),
            last_token: Some(Duration::from_millis(last)),
            ..Timing::default()
        }
    }

    fn usage(completion: u64, reasoning: u64) -> Usage {
        Usage { completion: Some(completion), reasoning: Some(reasoning), ..Usage::default() }
    }

    #[test]
    fn speed_counts_gaps_between_tokens() {
        let speed = timing(100, 1100).tokens_per_second(&usage(101, 0), ReasoningSeen::No);
        assert_eq!(speed, Some(100.0));
    }

    #[test]
    fn hidden_reasoning_is_left_out() {
        let speed = timing(0, 1000).tokens_per_second(&usage(64, 53), ReasoningSeen::No);
        assert_eq!(speed, Some(10.0));
        let seen = timing(0, 1000).tokens_per_second(&usage(64, 53), ReasoningSeen::Yes);
        assert_eq!(seen, Some(63.0));
    }

    #[test]
    fn one_piece_has_no_speed() {
        assert_eq!(timing(5, 5).tokens_per_second(&usage(50, 0), ReasoningSeen::No), None);
        assert_eq!(timing(0, 900).tokens_per_second(&usage(1, 0), ReasoningSeen::No), None);
    }
}
