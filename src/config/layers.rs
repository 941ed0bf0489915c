//! The person's file over the system layer: one configuration from two files.

use std::path::Path;
use std::sync::Arc;

use super::read::{self, Layer, Places};
use super::{Config, ConfigError, Entry, MAX_RUNNING, Paths, Settings, file, prices, stamp};
use crate::domain::policy::{HostTable, KeyPlaces, NetworkEnv, NetworkTable};
use crate::domain::price::PriceList;
use crate::domain::text::clean_line;
use crate::domain::{Budget, Connector, NetworkLayers, Origin, PriceBook};

/// Reads both files. A file that is not there is an empty one; one that cannot be read is an error.
pub fn load(paths: &Paths) -> Result<Config, ConfigError> {
    // Taken first: a change while the files are read makes the next look differ.
    let stamp = stamp(paths);
    let user = layer(&paths.user_file)?;
    sound(Config { stamp, ..merge(user, system(paths)?, (prices::load(paths), &paths.network)) })
}

/// The configuration with another text in the place of the person's file.
pub(super) fn load_with(paths: &Paths, text: &str) -> Result<Config, ConfigError> {
    let stamp = stamp(paths);
    let user = read::layer(text, &paths.user_file)?;
    sound(Config { stamp, ..merge(user, system(paths)?, (prices::load(paths), &paths.network)) })
}

/// Whether a key has two meanings shows only once all keys of both files are known.
fn sound(config: Config) -> Result<Config, ConfigError> {
    config.settings.keymap()?;
    Ok(config)
}

fn system(paths: &Paths) -> Result<Layer, ConfigError> {
    Ok(paths.system_file.as_deref().map(layer).transpose()?.unwrap_or_default())
}

fn layer(path: &Path) -> Result<Layer, ConfigError> {
    match file::read(path)? {
        Some(text) => read::layer(&text, path),
        None => Ok(Layer::default()),
    }
}

/// Each key of the person's file hides the same key of the system layer, and nothing else of it.
pub(super) fn merge(user: Layer, system: Layer, (imported, env): (Option<PriceList>, &NetworkEnv)) -> Config {
    let prices = book(&user, &system, imported);
    let network = network(&user, &system, env);
    let shadowed = |hidden: &Connector| user.connectors.iter().any(|connector| connector.id == hidden.id);
    let kept: Vec<_> = system.connectors.into_iter().filter(|connector| !shadowed(connector)).collect();
    let settings = Settings {
        max_running: user.max_running.or(system.max_running).unwrap_or(MAX_RUNNING),
        network,
        keep_events: user.events.keep.or(system.events.keep),
        max_events_size: user.events.max_size.or(system.events.max_size),
        telemetry: user.telemetry.or(system.telemetry),
        database: user.events.database.or(system.events.database),
        budgets: budgets(user.budgets, system.budgets),
        prices: Arc::new(prices),
        keys: system.keys.into_iter().chain(user.keys).collect(),
        theme: system.theme.into_iter().chain(user.theme).collect(),
    };
    let entry = |origin| move |connector| Entry { connector, origin };
    let entries = user.connectors.into_iter().map(entry(Origin::User));
    let entries = entries.chain(kept.into_iter().map(entry(Origin::System))).collect();
    Config { entries, settings, ..Config::default() }
}

/// The tables of both files, the system layer's below. A connector's places are those of the file it stands in.
fn network(user: &Layer, system: &Layer, env: &NetworkEnv) -> NetworkLayers {
    let mut layers = NetworkLayers { env: env.clone(), ..NetworkLayers::default() };
    for (layer, naming) in [(system, Naming::Path), (user, Naming::File)] {
        let network = &layer.network;
        let table = |table: &read::NetworkRead| NetworkTable {
            values: table.values.clone(),
            places: told(&table.places, naming),
        };
        layers.general.extend(Some(table(&network.general)).filter(|table| !table.values.is_empty()));
        layers.hosts.extend(network.hosts.iter().map(|(url, own)| HostTable { url: url.clone(), table: table(own) }));
        layers.connectors.extend(network.connectors.iter().map(|(id, places)| (id.clone(), told(places, naming))));
    }
    layers
}

/// How a file is named beside a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// By its whole path: the layer a person did not write.
    Path,
    /// By its name.
    File,
}

fn told(places: &Places, naming: Naming) -> KeyPlaces {
    let line = |place: &super::Place| {
        let name = match naming {
            Naming::Path => None,
            Naming::File => place.file.file_name().map(Path::new),
        };
        format!("{}:{}", clean_line(&name.unwrap_or(&place.file).to_string_lossy()), place.line)
    };
    places.iter().map(|(key, place)| (*key, line(place))).collect()
}

/// The person's prices hide those of the system layer row by row; a connector's stand or fall with the connector.
fn book(user: &Layer, system: &Layer, imported: Option<PriceList>) -> PriceBook {
    let shadowed = |id: &str| user.connectors.iter().any(|connector| connector.id.as_str() == id);
    let kept = system.connector_prices.iter().filter(|(id, _)| !shadowed(id));
    PriceBook {
        of_connectors: kept.chain(&user.connector_prices).map(|(id, rows)| (id.clone(), rows.clone())).collect(),
        of_file: system
            .prices
            .iter()
            .chain(&user.prices)
            .map(|(model, price)| (model.clone(), price.clone()))
            .collect(),
        imported,
    }
}

/// The person's budgets, then those of the system layer that have other names.
fn budgets(user: Vec<Budget>, system: Vec<Budget>) -> Vec<Budget> {
    let others: Vec<Budget> =
        system.into_iter().filter(|budget| !user.iter().any(|own| own.name == budget.name)).collect();
    user.into_iter().chain(others).collect()
}
