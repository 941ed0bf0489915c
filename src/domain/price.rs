//! What tokens cost: a price, the book of prices, and which row of it applies to a run.

use std::collections::BTreeMap;

use super::connector::Provider;
use super::money::Usd;
use super::record::{Cost, CostBasis, RunTarget};
use super::usage::Usage;

mod table;

pub use table::{BUILT_IN_DATE, built_in};

/// The row of a table that fits every model.
pub const ANY: &str = "*";

/// The price of one token in trillionths of a dollar, which is the price of a million in millionths: exact for every
/// list that has at most six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Rate(u64);

impl Rate {
    /// A rate from dollars for a million tokens; `None` for what is negative, no number, or above a million dollars.
    pub fn per_million(dollars: f64) -> Option<Self> {
        let pico = (dollars * 1e6).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
        (0.0..=1e12).contains(&pico).then_some(Self(pico as u64))
    }

    /// Dollars for a million tokens.
    #[expect(clippy::cast_precision_loss, reason = "at most 10^12")]
    pub fn dollars_per_million(self) -> f64 {
        self.0 as f64 / 1e6
    }

    const fn milli_dollars(milli: u64) -> Self {
        Self(milli * 1000)
    }

    fn of(self, tokens: u64) -> u128 {
        u128::from(self.0) * u128::from(tokens)
    }
}

/// What tokens of each kind cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Prompt tokens.
    pub input: Rate,
    /// Completion tokens.
    pub output: Rate,
    /// Prompt tokens from the cache; as `input` where unset.
    pub cached: Option<Rate>,
    /// Prompt tokens written to the cache; as `input` where unset.
    pub cache_write: Option<Rate>,
    /// Reasoning tokens; as `output` where unset.
    pub reasoning: Option<Rate>,
}

/// A model's price.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Price {
    /// What holds for ordinary prompts.
    pub rates: Rates,
    /// What holds for a whole run whose prompt has more tokens than this, the largest first.
    pub long: Vec<(u64, Rates)>,
}

impl Price {
    /// A price without long-context tiers.
    pub fn new(rates: Rates) -> Self {
        Self { rates, long: Vec::new() }
    }

    /// The rates for a prompt of so many tokens. A long-context rate holds for the whole run, not for the excess.
    pub fn rates(&self, prompt: u64) -> &Rates {
        self.long.iter().find(|(above, _)| prompt > *above).map_or(&self.rates, |(_, rates)| rates)
    }

    /// What a run costs; unknown where its prompt or completion is. Cached and written tokens are parts of the prompt,
    /// reasoning is a part of the completion; a server that says otherwise cannot make a cost negative.
    pub fn cost(&self, usage: &Usage) -> Option<Usd> {
        let (prompt, completion) = (usage.prompt?, usage.completion?);
        let rates = self.rates(prompt);
        let cached = usage.cached.unwrap_or(0).min(prompt);
        let written = usage.cache_write.unwrap_or(0).min(prompt - cached);
        let reasoning = usage.reasoning.unwrap_or(0).min(completion);
        let pico = rates.input.of(prompt - cached - written)
            + rates.cached.unwrap_or(rates.input).of(cached)
            + rates.cache_write.unwrap_or(rates.input).of(written)
            + rates.output.of(completion - reasoning)
            + rates.reasoning.unwrap_or(rates.output).of(reasoning);
        // Half a billionth of a dollar is rounded up.
        i64::try_from((pico + 500) / 1000).ok().map(Usd::from_nanos)
    }
}

/// Prices by model.
pub type Rows = BTreeMap<String, Price>;

/// A list of prices that others made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PriceList {
    /// Of when it is: `2026-08-05`.
    pub date: String,
    /// Who made it, in a word.
    pub source: String,
    /// Its rows.
    pub rows: Rows,
}

/// Every price there is, in layers: the first that has a row for a model is right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PriceBook {
    /// `[connectors.ID.prices]`, by the connector's id.
    pub of_connectors: BTreeMap<String, Rows>,
    /// `[prices]`.
    pub of_file: Rows,
    /// What `prices import` brought.
    pub imported: Option<PriceList>,
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// `[connectors.ID.prices]`.
    Connector,
    /// `[prices]`.
    File,
    /// The imported list of this date.
    Imported(String),
    /// The built-in list.
    BuiltIn,
}

/// The row that applies to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub row: String,
    /// Where it stands.
    pub layer: Layer,
    /// Its price.
    pub price: Price,
    /// Why it fits, in a few words.
    pub why: &'static str,
}

/// What is looked for: a name, and why it fits.
type Name = (String, &'static str);

impl PriceBook {
    /// What a run cost, where it is known: what the server states, else by the row that applies.
    pub fn cost(&self, target: &RunTarget, usage: &Usage) -> Option<Cost> {
        if let Some(amount) = usage.stated_cost {
            return Some(Cost { amount, basis: CostBasis::Server });
        }
        let found = self.find(target)?;
        let amount = found.price.cost(usage)?;
        let basis = match found.layer {
            Layer::Connector | Layer::File => CostBasis::Config,
            Layer::Imported(date) => CostBasis::Table(date),
            Layer::BuiltIn => CostBasis::Table(BUILT_IN_DATE.to_owned()),
        };
        Some(Cost { amount, basis })
    }

    /// The row that applies to what was called.
    pub fn find(&self, target: &RunTarget) -> Option<Found> {
        let empty = Rows::new();
        let own = self.of_connectors.get(&target.connector).unwrap_or(&empty);
        let list = self.imported.as_ref();
        let imported = Layer::Imported(list.map_or_else(String::new, |list| list.date.clone()));
        let layers =
            [(own, Layer::Connector), (&self.of_file, Layer::File), (list.map_or(&empty, |list| &list.rows), imported)];
        let wanted = names(target);
        let found =
            layers.into_iter().find_map(|(rows, layer)| in_layer(&wanted, layer, |name| rows.get(name).cloned()));
        found.or_else(|| in_layer(&wanted, Layer::BuiltIn, built_in))
    }
}

/// The row of a layer that fits best: by a name, else the one for any model.
fn in_layer(wanted: &[Name], layer: Layer, row: impl Fn(&str) -> Option<Price>) -> Option<Found> {
    let by_name = wanted.iter().find_map(|(name, why)| row(name).map(|price| (name.as_str(), price, *why)));
    let (row, price, why) = by_name.or_else(|| row(ANY).map(|price| (ANY, price, "for any model")))?;
    Some(Found { row: row.to_owned(), layer, price, why })
}

/// The names a row may have, the closest first. On Azure a request names a deployment, which says nothing about the
/// model, so the reply's name alone is looked for, as `azure/…` first.
fn names(target: &RunTarget) -> Vec<Name> {
    let azure = target.provider == Provider::AzureOpenAi;
    let asked = target.requested_model.as_deref().filter(|_| !azure);
    let told = [(asked, "the model asked for"), (target.model.as_deref(), "the model that answered")];
    let mut names: Vec<Name> = Vec::new();
    for (model, why) in told.into_iter().filter_map(|(model, why)| Some((model?, why))) {
        if azure {
            names.push((format!("azure/{model}"), "the model that answered, on Azure"));
            names.push((
                format!("azure/{}", without_date(model)),
                "the model that answered, on Azure, without its date",
            ));
        }
        names.push((model.to_owned(), why));
        names.push((without_date(model).to_owned(), "without its date"));
        let bare = model.rsplit('/').next().unwrap_or(model);
        names.push((bare.to_owned(), "without its vendor"));
        names.push((without_date(bare).to_owned(), "without its vendor and date"));
    }
    names
}

/// `gpt-4.1-2025-04-14` is a version of `gpt-4.1`.
fn without_date(model: &str) -> &str {
    let Some((name, date)) = model.len().checked_sub(11).and_then(|at| model.split_at_checked(at)) else {
        return model;
    };
    let dated = date.bytes().enumerate().all(|(at, byte)| match at {
        0 | 5 | 8 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if dated && !name.is_empty() { name } else { model }
}

#[cfg(test)]
mod tests;
