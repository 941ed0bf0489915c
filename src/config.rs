//! The configuration file, read strictly and written without disturbing what a person wrote.
//!
//! Owns where the files are, what they may hold, how the person's file lies over the system layer, and how
//! a change is saved. It must not know the screen, the command line or the network, and it never resolves a
//! secret: a reference is read and written as it stands.

use crate::domain::policy::HostTable;
use crate::domain::{Connector, ConnectorId, NetworkPolicy, Origin, SecretRef};

mod edit;
mod error;
mod file;
mod key_file;
pub mod keymap;
mod layers;
mod paths;
pub mod prices;
mod read;
mod save;
mod settings;
#[cfg(test)]
mod tests;
pub mod theme;
mod undo;
mod watch;
mod whole;

pub use edit::show_toml;
pub use error::{ConfigError, Place, Placed};
pub use key_file::own_key_file;
pub use layers::load;
pub use paths::Paths;
pub use read::{check_text, line_of};
pub use save::{Change, SaveError, Saved, forget, save, save_undoable};
pub use settings::Settings;
pub use undo::Removed;
pub use watch::{Stamp, stamp};
pub use whole::{check, read_text, replace_text};

/// A configuration that documents every key; `switchboard config example` prints it.
pub const EXAMPLE: &str = include_str!("../config.toml.example");

/// Runs at once where the file says nothing.
pub const MAX_RUNNING: usize = 8;

/// A connector and the layer it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The connector.
    pub connector: Connector,
    /// Whose file it stands in.
    pub origin: Origin,
}

/// What the files said when they were last read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// The person's connectors in the order of their file, then those of the system layer that are not shadowed.
    pub entries: Vec<Entry>,
    /// Everything else.
    pub settings: Settings,
    /// What the files looked like; compare with [`stamp`] to notice a change.
    pub stamp: Stamp,
}

impl Config {
    /// The entry with this id.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.connector.id.as_str() == id)
    }

    /// The network policy that holds for a connector; see [`NetworkLayers::policy`](crate::domain::NetworkLayers::policy).
    pub fn policy(&self, connector: &Connector) -> NetworkPolicy {
        self.settings.network.policy(connector)
    }

    /// Every secret reference of the files: who holds it (a connector's id, or the header of a network table), and what.
    pub fn secret_refs(&self) -> Vec<(String, SecretRef)> {
        let network = &self.settings.network;
        let general = network.general.iter().map(|table| ("[network]".to_owned(), table.values.secret_refs()));
        let host = |host: &HostTable| (format!("[[network.hosts]] {}", host.name()), host.table.values.secret_refs());
        let own = self.entries.iter().map(|entry| (entry.connector.id.to_string(), entry.connector.secret_refs()));
        let holders = own.chain(general).chain(network.hosts.iter().map(host));
        holders.flat_map(|(name, refs)| refs.into_iter().map(move |reference| (name.clone(), reference))).collect()
    }

    fn user(&self, id: &ConnectorId) -> Option<&Connector> {
        self.of(id, Origin::User)
    }

    fn of(&self, id: &ConnectorId, origin: Origin) -> Option<&Connector> {
        let entry = self.entries.iter().find(|entry| &entry.connector.id == id)?;
        Some(&entry.connector).filter(|_| entry.origin == origin)
    }
}
