//! HTTP clients, the trace of how a connection came about, and what a failed one means to a person.
//!
//! Owns: the one [`Clients`] a process shares, the trust store behind it, the [`Trace`] of DNS, connecting and TLS,
//! and the words for every way a connection can fail. Must not know providers, bodies or runs: it is handed a URL.

mod clients;
mod database;
mod explain;
mod tls;
mod trace;

pub use clients::{Clients, ProxyUse};
pub use database::database_tls;
pub use explain::{Limit, explain, place, timed_out};
pub use trace::{Marks, Stage, Trace};
