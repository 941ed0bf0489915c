//! What all tables say, lowest first, each key with the place it stands at. [`NetworkLayers::resolve`] is the one
//! function that makes a policy of them.

use std::collections::BTreeMap;
use std::fmt;

use url::Url;

use super::NetworkPolicy;
use super::env::NetworkEnv;
use super::key::NetworkKey;
use super::overlay::NetworkOverlay;
use super::resolve::Merged;
use super::value::VerificationMode;
use crate::domain::connector::Connector;
use crate::domain::endpoint::Endpoint;
use crate::domain::entra::Entra;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueSource {
    /// Nothing is said: the built-in value.
    Default,
    /// A table of a file.
    Table {
        /// Its header: `[network]`, `[[network.hosts]] https://h:443`, `[connectors.x.network]`.
        table: String,
        /// `config.toml:12`; none for what is not saved yet.
        place: Option<String>,
    },
    /// A variable of the environment.
    Variable(&'static str),
}

impl fmt::Display for ValueSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.pad("default"),
            Self::Table { table, place: Some(place) } => write!(f, "{table}, {place}"),
            Self::Table { table, place: None } => write!(f, "{table}, not saved"),
            Self::Variable(name) => f.pad(name),
        }
    }
}

/// The places of a table's keys, for example `config.toml:12`.
pub type KeyPlaces = BTreeMap<NetworkKey, String>;

/// One table of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkTable {
    /// What it says.
    pub values: NetworkOverlay,
    /// Where each of its keys stands.
    pub places: KeyPlaces,
}

/// A `[[network.hosts]]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostTable {
    /// Scheme, host and port it is for. The rest of the URL is empty.
    pub url: Url,
    /// What it says.
    pub table: NetworkTable,
}

impl HostTable {
    /// `https://h:443`, the port always told.
    pub fn name(&self) -> String {
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}://{}:{port}", self.url.scheme(), self.url.host_str().unwrap_or_default())
    }
}

/// Everything that files and environment say about the network, but for what a connector says itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkLayers {
    /// `[network]`, the system layer's first.
    pub general: Vec<NetworkTable>,
    /// `[[network.hosts]]`, the system layer's first.
    pub hosts: Vec<HostTable>,
    /// Where the keys of each connector's own table stand, by its id.
    pub connectors: BTreeMap<String, KeyPlaces>,
    /// The environment.
    pub env: NetworkEnv,
}

impl NetworkLayers {
    /// What holds for a connector's requests: built-in values, `[network]`, the `[[network.hosts]]` of the URL that is
    /// called, the connector's own table, each key on its own, and the environment where `proxy` leaves it to it.
    pub fn policy(&self, connector: &Connector) -> NetworkPolicy {
        let url = Endpoint::read(&connector.url, connector.provider).ok().map(|endpoint| endpoint.url);
        let token = match &connector.auth.entra {
            Some(Entra::App(app)) => app.token_url().ok().map(|url| Box::new(self.token_policy(&url, connector))),
            Some(Entra::Token(_)) | None => None,
        };
        NetworkPolicy { token, ..self.resolve(url.as_ref(), Some(connector)) }
    }

    /// What holds where a connector's token is asked for. Its own table is written for its endpoint, so that a
    /// `[[network.hosts]]` of the token's host goes over it.
    fn token_policy(&self, url: &Url, connector: &Connector) -> NetworkPolicy {
        let mut merged = Merged::new(Some(url), &self.env);
        self.lay_general(&mut merged);
        self.lay_connector(&mut merged, connector);
        self.lay_hosts(&mut merged, Some(url));
        merged.policy()
    }

    /// The mode below `full` that a connector's certificates are verified by, the weaker one where a proxy has its own.
    /// Cheap: the list asks for every row of every frame.
    pub fn weak_mode(&self, connector: &Connector) -> Option<VerificationMode> {
        let called = || Endpoint::read(&connector.url, connector.provider).ok().map(|endpoint| endpoint.url);
        let url = if self.hosts.is_empty() { None } else { called() };
        let host = |host: &&HostTable| url.as_ref().is_some_and(|url| url.origin() == host.url.origin());
        let mode = |key| {
            let hosts = self.hosts.iter().filter(host).map(|host| &host.table);
            let tables = self.general.iter().chain(hosts).map(|table| &table.values);
            tables.chain([&connector.network]).rfind(|table| table.get(key).is_some()).map(|table| table.mode(key))
        };
        let modes = [mode(NetworkKey::VerificationMode), mode(NetworkKey::ProxyVerificationMode)];
        modes.into_iter().flatten().max().filter(|mode| *mode != VerificationMode::Full)
    }

    /// The policy of a URL, with or without what a connector says itself. Without a URL no table of hosts applies, and
    /// the proxy is that of an `https` target.
    pub fn resolve(&self, url: Option<&Url>, connector: Option<&Connector>) -> NetworkPolicy {
        let mut merged = Merged::new(url, &self.env);
        self.lay_general(&mut merged);
        self.lay_hosts(&mut merged, url);
        if let Some(connector) = connector {
            self.lay_connector(&mut merged, connector);
        }
        merged.policy()
    }

    fn lay_general(&self, merged: &mut Merged<'_>) {
        for table in &self.general {
            merged.lay("[network]", &table.values, &table.places);
        }
    }

    fn lay_hosts(&self, merged: &mut Merged<'_>, url: Option<&Url>) {
        let same = |host: &&HostTable| url.is_some_and(|url| url.origin() == host.url.origin());
        for host in self.hosts.iter().filter(same) {
            merged.lay(&format!("[[network.hosts]] {}", host.name()), &host.table.values, &host.table.places);
        }
    }

    fn lay_connector(&self, merged: &mut Merged<'_>, connector: &Connector) {
        let unsaved = KeyPlaces::default();
        let places = self.connectors.get(connector.id.as_str()).unwrap_or(&unsaved);
        merged.lay(&format!("[connectors.{}.network]", connector.id), &connector.network, places);
    }
}
