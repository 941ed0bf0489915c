//! What all tables say, lowest first, each key with the place it stands at. [`NetworkLayers::resolve`] makes a policy of
//! them, and [`NetworkLayers::policy`] that of a connector, with the one of the service that hands out its tokens.

use std::collections::BTreeMap;
use std::fmt;

use url::Url;

use super::NetworkPolicy;
use super::env::NetworkEnv;
use super::key::NetworkKey;
use super::overlay::NetworkOverlay;
use super::resolve::Merged;
use super::value::VerificationMode;
use crate::domain::connector::{Connector, ConnectorId};
use crate::domain::endpoint::Endpoint;
use crate::domain::entra::Entra;

/// What a client proves itself with.
const IDENTITY: [NetworkKey; 4] =
    [NetworkKey::ClientCert, NetworkKey::ClientKey, NetworkKey::ClientKeyPassphrase, NetworkKey::ClientPkcs12];

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
        let token = token_url(connector, url.as_ref()).map(|url| Box::new(self.token_policy(&url, connector)));
        NetworkPolicy { token, ..self.resolve(url.as_ref(), Some(connector)) }
    }

    /// What holds where a connector's token is asked for, at another host than its endpoint's. Its own table is written
    /// for the endpoint: the `[[network.hosts]]` of the token's host goes over it, and its client certificate stays out.
    fn token_policy(&self, url: &Url, connector: &Connector) -> NetworkPolicy {
        let mut merged = Merged::new(Some(url), &self.env);
        self.lay_general(&mut merged);
        let network = connector.network.without(&IDENTITY);
        self.lay_connector(&mut merged, &connector.id, &network);
        self.lay_hosts(&mut merged, Some(url));
        merged.policy()
    }

    /// The mode below `full` that a connector's certificates are verified by, the weakest one where a proxy, or the
    /// service that hands out its tokens, has its own. Cheap: the list asks for every row of every frame.
    pub fn weak_mode(&self, connector: &Connector) -> Option<VerificationMode> {
        let general = || self.general.iter().map(|table| &table.values);
        let own = || std::iter::once(&connector.network);
        let weak = |mode: &VerificationMode| *mode != VerificationMode::Full;
        // Without tables of hosts one mode holds for all of them, and no URL needs to be read.
        if self.hosts.is_empty() {
            return weakest(general().chain(own())).filter(weak);
        }
        let url = Endpoint::read(&connector.url, connector.provider).ok().map(|endpoint| endpoint.url);
        let called = weakest(general().chain(self.hosts_of(url.as_ref())).chain(own()));
        let url = token_url(connector, url.as_ref());
        let token = url.as_ref().and_then(|url| weakest(general().chain(own()).chain(self.hosts_of(Some(url)))));
        called.max(token).filter(weak)
    }

    fn hosts_of<'a>(&'a self, url: Option<&'a Url>) -> impl DoubleEndedIterator<Item = &'a NetworkOverlay> {
        let same = move |host: &&HostTable| url.is_some_and(|url| url.origin() == host.url.origin());
        self.hosts.iter().filter(same).map(|host| &host.table.values)
    }

    /// The policy of a URL, with or without what a connector says itself. Without a URL no table of hosts applies, and
    /// the proxy is that of an `https` target.
    pub fn resolve(&self, url: Option<&Url>, connector: Option<&Connector>) -> NetworkPolicy {
        let mut merged = Merged::new(url, &self.env);
        self.lay_general(&mut merged);
        self.lay_hosts(&mut merged, url);
        if let Some(connector) = connector {
            self.lay_connector(&mut merged, &connector.id, &connector.network);
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

    fn lay_connector(&self, merged: &mut Merged<'_>, id: &ConnectorId, table: &NetworkOverlay) {
        let unsaved = KeyPlaces::default();
        let places = self.connectors.get(id.as_str()).unwrap_or(&unsaved);
        merged.lay(&format!("[connectors.{id}.network]"), table, places);
    }
}

/// Where a connector's token is asked for, if that is another place than its endpoint, which is called at `url`.
fn token_url(connector: &Connector, url: Option<&Url>) -> Option<Url> {
    let elsewhere = |token: &Url| url.is_none_or(|url| url.origin() != token.origin());
    match &connector.auth.entra {
        Some(Entra::App(app)) => app.token_url().ok().filter(elsewhere),
        Some(Entra::Token(_)) | None => None,
    }
}

/// The weaker mode of server and proxy, each of the last table that sets it.
fn weakest<'a>(tables: impl DoubleEndedIterator<Item = &'a NetworkOverlay>) -> Option<VerificationMode> {
    let tables: Vec<_> = tables.collect();
    let mode = |key| tables.iter().rfind(|table| table.get(key).is_some()).map(|table| table.mode(key));
    mode(NetworkKey::VerificationMode).max(mode(NetworkKey::ProxyVerificationMode))
}
