//! The configuration file, read strictly and written without disturbing what a person wrote.

pub mod keymap;
pub mod theme;

use crate::domain::{Connector, ConnectorId, NetworkPolicy, Origin};

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub connector: Connector,
    pub origin: Origin,
}
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    pub entries: Vec<Entry>,
}
impl Config {
    pub fn policy(&self, connector: &Connector) -> NetworkPolicy {
        NetworkPolicy::DEFAULT.with(&connector.network)
    }
}
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Put { replaces: Option<ConnectorId>, base: Option<Box<Connector>>, connector: Box<Connector> },
    Remove { id: ConnectorId },
}
#[derive(Debug, Clone, PartialEq)]
pub enum SaveError {
    Clash { id: ConnectorId, on_disk: Option<Box<Connector>> },
    IdTaken(ConnectorId),
    ReadOnly(ConnectorId),
    Config(String),
}
