//! What the files say beside connectors: limits, keys, colours. Says where a key or a colour cannot be used;
//! what they are used for is the screen's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::keymap::Keymap;
use super::theme::Theme;
use super::{ConfigError, MAX_RUNNING, Placed};
use crate::domain::{Budget, Database, NetworkLayers, PriceBook, TelemetryTarget};

/// Everything in the files that is no connector, each key resolved on its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `[pool] max_running`: runs at once, 1 to 256.
    pub max_running: usize,
    /// `[network]` and `[[network.hosts]]` of both files, and the environment.
    pub network: NetworkLayers,
    /// `[events] keep`: runs that are older are dropped.
    pub keep_events: Option<Duration>,
    /// `[events] max_size`: the oldest runs are dropped while the log takes more bytes.
    pub max_events_size: Option<u64>,
    /// `[telemetry]`: where runs are told besides the event log.
    pub telemetry: Option<TelemetryTarget>,
    /// `[events] database`: the team's event log.
    pub database: Option<Database>,
    /// `[budgets.NAME]`, in the order of the file.
    pub budgets: Vec<Budget>,
    /// `[prices]`, those of connectors, and the imported list.
    pub prices: Arc<PriceBook>,
    /// `[keys]`: the keys a person gave to an action, by the action's name.
    pub keys: BTreeMap<String, Placed<Vec<String>>>,
    /// `[theme]`: the values a person gave to a part of the theme, by its name.
    pub theme: BTreeMap<String, Placed<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_running: MAX_RUNNING,
            network: NetworkLayers::default(),
            keep_events: None,
            max_events_size: None,
            telemetry: None,
            database: None,
            budgets: Vec::new(),
            prices: Arc::default(),
            keys: BTreeMap::new(),
            theme: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The default keys with `[keys]` applied.
    ///
    /// # Errors
    /// The first key that cannot be used, with its place.
    pub fn keymap(&self) -> Result<Keymap, ConfigError> {
        let entries = self.keys.iter().map(|(name, keys)| (name.as_str(), keys.value.as_slice()));
        Keymap::with(entries).map_err(|(name, problem)| placed(&self.keys, "keys", &name, &problem.to_string()))
    }

    /// The default theme with `[theme]` applied; `otherwise` holds for keys that the files leave open.
    ///
    /// # Errors
    /// The first value that cannot be used, with its place.
    pub fn theme(&self, otherwise: &[(&str, &str)]) -> Result<Theme, ConfigError> {
        let mut wishes: BTreeMap<String, String> =
            otherwise.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        wishes.extend(self.theme.iter().map(|(key, wish)| (key.clone(), wish.value.clone())));
        Theme::from_settings(&wishes).map_err(|(key, problem)| placed(&self.theme, "theme", &key, &problem))
    }
}

fn placed<T>(table: &BTreeMap<String, Placed<T>>, name: &str, key: &str, problem: &str) -> ConfigError {
    let message = format!("{name}.{key}: {problem}");
    match table.get(key) {
        Some(entry) => entry.place.error(&message, ""),
        None => ConfigError::new(std::path::Path::new("config.toml"), &message, ""),
    }
}
