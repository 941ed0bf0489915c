//! A team's event log: a PostgreSQL database, or an engine that speaks its protocol, to which many machines write.
//!
//! Owns connecting, the tables there, sending what the local file owes ([`forwarder`]) and asking ([`Desk`]). All of it
//! happens on threads of its own: whoever records or asks waits for a bounded time at most. It must not know where the
//! URL comes from nor whom TLS trusts: a [`Link`] tells both at each new connection.

use std::fmt::Debug;
use std::sync::Arc;

use rustls::ClientConfig;

use crate::domain::{DatabaseTls, Failure, SecretText};

mod bell;
mod desk;
mod explain;
pub(super) mod forwarder;
mod parameter;
mod session;
mod tables;

pub(super) use bell::Bell;
pub(super) use desk::Desk;

/// How to reach a team's log.
pub trait Link: Debug + Send + Sync {
    /// What the configuration calls it, fit to show: a reference, or a URL without a password.
    fn name(&self) -> String;

    /// The URL, resolved now. Called on a thread that may wait.
    fn url(&self) -> Result<SecretText, Failure>;

    /// What TLS to it goes by.
    fn tls(&self, tls: &DatabaseTls) -> Result<ClientConfig, Failure>;
}

/// A team's log; clones are the same.
pub type Team = Arc<dyn Link>;
