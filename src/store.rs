//! The event log: schema, single writer, queries.
//!
//! Owns the SQLite file in which every run of every switchboard is recorded, and the questions asked of
//! it. One thread of each process writes ([`EventLog`]); the screen and the commands read through a
//! connection of their own ([`Reader`]). It must not keep the text of a body, a reply or an error, must
//! not read a clock, and must not make anyone wait for the disk but those who ask to ([`EventLog::flush`]).

mod connect;
mod error;
mod histogram;
mod ledger;
mod log;
mod queue;
mod reader;
mod retention;
mod row;
mod schema;
mod sql;
mod sums;
#[cfg(test)]
mod tests;
mod writer;

pub use error::StoreError;
pub use log::EventLog;
pub use reader::Reader;
pub use retention::Retention;
