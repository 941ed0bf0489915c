//! The imported list of prices: kept beside the event log, read with the configuration, replaced as a whole.
//!
//! Owns its file and the formats it can be made from. What a row means is [`crate::domain::price`]'s.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::file::{self, Existing};
use super::{ConfigError, Paths};
use crate::domain::price::{Price, PriceList, Rate, Rates, Rows};

mod formats;

pub use formats::{Import, import};

/// The mark of the file, and its version.
const MARK: &str = "switchboard_prices";
const VERSION: u64 = 1;

/// The imported list, where it can be read. A damaged one is no reason to refuse the connectors: [`read`] says what
/// is wrong with it.
pub(super) fn load(paths: &Paths) -> Option<PriceList> {
    read(paths).ok().flatten()
}

/// Reads the imported list; `None` where nothing was imported.
///
/// # Errors
/// It cannot be read, or is damaged.
pub fn read(paths: &Paths) -> Result<Option<PriceList>, ConfigError> {
    let path = paths.price_list();
    if !path.is_file() {
        return Ok(None);
    }
    let Some(text) = file::read(&path)? else { return Ok(None) };
    let list = serde_json::from_str(&text).ok().and_then(|value| list(&value));
    list.map(Some).ok_or_else(|| broken(&path))
}

fn broken(path: &Path) -> ConfigError {
    ConfigError::new(
        path,
        "this is no list of prices that was imported",
        "import one again with `switchboard prices import FILE`, or remove the file",
    )
}

/// Replaces the imported list. One that cannot be written leaves the one before as it was.
///
/// # Errors
/// The file cannot be written.
pub fn keep(paths: &Paths, list: &PriceList) -> Result<(), ConfigError> {
    let rows: Map<String, Value> = list.rows.iter().map(|(model, price)| (model.clone(), row(price))).collect();
    let text = json!({ MARK: VERSION, "date": list.date, "source": list.source, "prices": rows });
    let text = serde_json::to_string_pretty(&text).unwrap_or_default() + "\n";
    let path = paths.price_list();
    file::create_dir(file::parent(&path))?;
    let failed = |error| ConfigError::io(&path, "cannot be written", &error);
    file::write(&path, &text, Existing::Replace).map_err(failed)
}

fn row(price: &Price) -> Value {
    let mut row = rates_json(&price.rates);
    let tiers = price.long.iter().map(|(prompt, rates)| {
        let mut tier = rates_json(rates);
        tier.insert("prompt".to_owned(), json!(prompt));
        Value::Object(tier)
    });
    let tiers: Vec<Value> = tiers.collect();
    if !tiers.is_empty() {
        row.insert("above".to_owned(), tiers.into());
    }
    Value::Object(row)
}

fn rates_json(rates: &Rates) -> Map<String, Value> {
    let named = [
        ("input", Some(rates.input)),
        ("output", Some(rates.output)),
        ("cached", rates.cached),
        ("cache_write", rates.cache_write),
        ("reasoning", rates.reasoning),
    ];
    let known =
        named.into_iter().filter_map(|(name, rate)| Some((name.to_owned(), json!(rate?.dollars_per_million()))));
    known.collect()
}

fn list(value: &Value) -> Option<PriceList> {
    if value.get(MARK)?.as_u64()? != VERSION {
        return None;
    }
    let word = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let rows: Option<Rows> =
        value.get("prices")?.as_object()?.iter().map(|(model, row)| Some((model.clone(), price(row)?))).collect();
    Some(PriceList { date: word("date")?, source: word("source")?, rows: rows? })
}

fn price(row: &Value) -> Option<Price> {
    let tier = |tier: &Value| Some((tier.get("prompt")?.as_u64()?, rates(tier)?));
    let long: Option<Vec<_>> = row.get("above").and_then(Value::as_array).into_iter().flatten().map(tier).collect();
    Some(Price { rates: rates(row)?, long: long? })
}

fn rates(row: &Value) -> Option<Rates> {
    let rate = |name: &str| row.get(name).and_then(Value::as_f64).and_then(Rate::per_million);
    Some(Rates {
        input: rate("input")?,
        output: rate("output")?,
        cached: rate("cached"),
        cache_write: rate("cache_write"),
        reasoning: rate("reasoning"),
    })
}
