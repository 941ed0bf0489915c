//! The event log: schema, single writer, queries.
//!
//! Owns the SQLite file in which every run of every switchboard is recorded, and the questions asked of
//! it. One thread of each process writes ([`EventLog`]); the screen and the commands read through a
//! connection of their own ([`Reader`]). Where there is a [`Team`], the file is also the outbox of its log in
//! PostgreSQL: a thread sends what that lacks, and readers ask there first. It must not keep the text of a body, a reply or an error, must
//! not read a calendar, and must not make anyone wait for the disk but those who ask to ([`EventLog::flush`]).

mod connect;
mod error;
mod failures;
mod histogram;
mod ledger;
mod log;
mod outbox;
mod queue;
mod reader;
mod retention;
mod row;
mod schema;
mod sql;
mod sums;
mod team;
#[cfg(test)]
mod tests;
mod writer;

pub use error::StoreError;
pub use log::EventLog;
pub use reader::{Answering, Reader};
pub use retention::Retention;
pub use team::{Link, Team};
