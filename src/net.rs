//! HTTP clients by network policy, the trace of how a connection came about, and what a failed one means to a person.
//!
//! Owns: the [`Clients`] a process shares, one for each distinct policy; trust, client certificates and verification
//! behind them; the [`Trace`] of DNS, connecting and TLS; and the words for every way a connection can fail. Must not
//! know providers, bodies or runs: it is handed a URL, a resolved policy and its secrets.

mod clients;
mod database;
mod explain;
mod facts;
mod identity;
mod pem;
mod recipe;
mod roots;
pub mod staged;
mod tls;
mod trace;
mod verify;
mod way;

pub use clients::Clients;
pub use database::database_tls;
pub use explain::{Limit, Way, certificate_missed, cut_off, doubts, explain, not_connected, place, timed_out};
pub use facts::{Asked, Handshake, Hop};
pub use recipe::{PolicySecrets, Recipe};
pub use tls::doubt;
pub use trace::{Marks, Stage, Trace};
pub use way::{Hops, way};
