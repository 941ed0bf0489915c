//! The way to the team's event log: its URL from where the configuration says, TLS by the net's rules.

use std::sync::Arc;

use rustls::ClientConfig;

use crate::config::Settings;
use crate::domain::policy::Trust;
use crate::domain::{Database, DatabaseTls, ErrorKind, Failure, SecretText};
use crate::net;
use crate::secrets::Resolver;
use crate::store::{Link, Team};

/// The team's log, where the configuration names one. Nothing is resolved yet.
pub fn team(settings: &Settings, resolver: &Resolver) -> Option<Team> {
    let database = settings.database.clone()?;
    let trust = settings.network.resolve(None, None).trust;
    Some(Arc::new(Way { database, trust, resolver: resolver.clone() }))
}

#[derive(Debug)]
struct Way {
    database: Database,
    /// Whom TLS to it trusts, by `[network]`.
    trust: Trust,
    resolver: Resolver,
}

impl Link for Way {
    fn name(&self) -> String {
        self.database.to_string()
    }

    /// The store's threads wait where a resolver awaits.
    fn url(&self) -> Result<SecretText, Failure> {
        match &self.database {
            Database::Url(url) => Ok(SecretText::new(url)),
            Database::Reference(reference) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime
                    .map_err(|error| Failure::new(ErrorKind::Internal, format!("no async runtime: {error}"), ""))?;
                runtime.block_on(self.resolver.resolve(reference))
            }
        }
    }

    fn tls(&self, tls: &DatabaseTls) -> Result<ClientConfig, Failure> {
        net::database_tls(tls, &self.trust)
    }
}
