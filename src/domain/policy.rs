//! The network policy of one request: how long it may take and how much it may bring.

use std::time::Duration;

/// Limits that a table of the file may set; unset keys leave what is below them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NetworkOverlay {
    /// From the start of DNS to a ready connection, TLS included.
    pub connect_timeout: Option<Duration>,
    /// From the written request to the first byte of the response.
    pub first_byte_timeout: Option<Duration>,
    /// Between two reads of the body; keep-alive comments count as activity.
    pub idle_timeout: Option<Duration>,
    /// One attempt from its start to its end.
    pub total_timeout: Option<Duration>,
    /// Bytes a response may have, headers apart.
    pub max_response_size: Option<u64>,
}

/// The limits that hold for one request, each resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// See [`NetworkOverlay::connect_timeout`].
    pub connect_timeout: Duration,
    /// See [`NetworkOverlay::first_byte_timeout`].
    pub first_byte_timeout: Duration,
    /// See [`NetworkOverlay::idle_timeout`].
    pub idle_timeout: Duration,
    /// See [`NetworkOverlay::total_timeout`].
    pub total_timeout: Duration,
    /// See [`NetworkOverlay::max_response_size`].
    pub max_response_size: u64,
}

impl NetworkPolicy {
    /// What holds where nothing is said. Thinking models may be silent for minutes, so idle is generous.
    pub const DEFAULT: Self = Self {
        connect_timeout: Duration::from_secs(10),
        first_byte_timeout: Duration::from_mins(2),
        idle_timeout: Duration::from_mins(5),
        total_timeout: Duration::from_mins(10),
        max_response_size: 64 << 20,
    };

    /// The policy with an overlay's keys laid over it, each on its own.
    #[must_use]
    pub fn with(self, over: &NetworkOverlay) -> Self {
        Self {
            connect_timeout: over.connect_timeout.unwrap_or(self.connect_timeout),
            first_byte_timeout: over.first_byte_timeout.unwrap_or(self.first_byte_timeout),
            idle_timeout: over.idle_timeout.unwrap_or(self.idle_timeout),
            total_timeout: over.total_timeout.unwrap_or(self.total_timeout),
            max_response_size: over.max_response_size.unwrap_or(self.max_response_size),
        }
    }
}
