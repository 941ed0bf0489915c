//! What is asked for, and what asking needs.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use url::Url;

use crate::domain::{Connector, NetworkPolicy, RunId};
use crate::net::Clients;
use crate::secrets::Resolver;

/// How the answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As a stream of events.
    Stream,
    /// As one JSON document.
    Plain,
}

/// One run, asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its id.
    pub run: RunId,
    /// Against what; saved or a draft.
    pub connector: Connector,
    /// The limits that hold, resolved.
    pub policy: NetworkPolicy,
    /// The body as the person wrote it.
    pub body: String,
    /// Streamed or plain.
    pub mode: Mode,
    /// How long it waited for its place in the pool.
    pub queued: Duration,
}

/// What a run needs from the process. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Services {
    /// The HTTP client.
    pub clients: Clients,
    /// Secret references become secrets here.
    pub resolver: Resolver,
    /// What servers were found to refuse.
    pub memory: Memory,
}

impl Services {
    /// Services with an empty memory.
    pub fn new(clients: Clients, resolver: Resolver) -> Self {
        Self { clients, resolver, memory: Memory::default() }
    }
}

/// What servers were found to refuse, for as long as the process lives. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<HashSet<Refused>>>);

/// Origin and model.
type Refused = (String, Option<String>);

impl Memory {
    /// True when the origin of this URL refused `stream_options.include_usage` for this model.
    pub fn refuses_usage(&self, url: &Url, model: Option<&str>) -> bool {
        let key = (url.origin().ascii_serialization(), model.map(str::to_owned));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&key)
    }

    pub(super) fn remember_refusal(&self, url: &Url, model: Option<&str>) {
        let key = (url.origin().ascii_serialization(), model.map(str::to_owned));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
    }
}
