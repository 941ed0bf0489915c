//! `[prices]` and `[connectors.ID.prices]`: dollars for a million tokens, by model.

use toml::de::{DeTable, DeValue};

use super::table::{Problems, Value, in_order};
use crate::domain::price::{Price, Rate, Rates, Rows};

const RATES: [&str; 5] = ["input", "output", "cached", "cache_write", "reasoning"];
const KEYS: [&str; 6] = ["input", "output", "cached", "cache_write", "reasoning", "above"];

/// Reads a table of models; `path` is what it is called.
pub(super) fn read(path: &str, value: &Value<'_>, problems: &mut Problems<'_>) -> Rows {
    let Some(table) = problems.table(path, value) else { return Rows::new() };
    let mut rows = Rows::new();
    for (model, value) in in_order(table) {
        let model = model.get_ref();
        let path = format!("{path}.\"{}\"", model.escape_debug());
        if let Some(price) = problems.table(&path, value).and_then(|table| price(&path, value, table, problems)) {
            rows.insert(model.clone().into_owned(), price);
        }
    }
    rows
}

fn price(path: &str, value: &Value<'_>, table: &DeTable<'_>, problems: &mut Problems<'_>) -> Option<Price> {
    for (key, _) in in_order(table) {
        if !KEYS.contains(&key.get_ref().as_ref()) {
            problems.unknown(path, key, &KEYS);
        }
    }
    let rates = rates(path, value, table, problems)?;
    let long = table.get("above").map_or(Some(Vec::new()), |value| above(path, value, problems));
    Some(Price { rates, long: long? })
}

fn rates(path: &str, value: &Value<'_>, table: &DeTable<'_>, problems: &mut Problems<'_>) -> Option<Rates> {
    let mut read = [None; 5];
    for (slot, name) in read.iter_mut().zip(RATES) {
        if let Some(value) = table.get(name) {
            let path = format!("{path}.{name}");
            let number = problems.number(&path, value)?;
            let rate = number.parse().ok().and_then(Rate::per_million);
            let wrong = || format!("{number} is no price; write dollars for a million tokens, 0 to 1000000");
            *slot = Some(problems.take(&path, value, rate.ok_or_else(wrong))?);
        }
    }
    let [input, output, cached, cache_write, reasoning] = read;
    if input.is_none() || output.is_none() {
        let message = format!("{path}: input and output are needed: dollars for a million tokens");
        problems.add(value.span().start, &message, "");
    }
    Some(Rates { input: input?, output: output?, cached, cache_write, reasoning })
}

/// `above = [{ prompt = 272_000, input = 10, output = 45 }]`.
fn above(path: &str, value: &Value<'_>, problems: &mut Problems<'_>) -> Option<Vec<(u64, Rates)>> {
    let path = format!("{path}.above");
    let DeValue::Array(tiers) = value.get_ref() else {
        problems.add(value.span().start, &format!("{path}: a list of tables is needed here"), "");
        return None;
    };
    let mut long = Vec::new();
    for tier in tiers {
        let table = problems.table(&path, tier)?;
        for (key, _) in in_order(table) {
            let name = key.get_ref().as_ref();
            if name != "prompt" && !RATES.contains(&name) {
                problems.unknown(&path, key, &["prompt", "input", "output", "cached", "cache_write", "reasoning"]);
            }
        }
        let Some(prompt) = table.get("prompt") else {
            problems.add(tier.span().start, &format!("{path}: prompt is needed: the tokens above which it holds"), "");
            return None;
        };
        let prompt_path = format!("{path}.prompt");
        let tokens = problems.whole(&prompt_path, prompt)?;
        let tokens = problems.take(
            &prompt_path,
            prompt,
            u64::try_from(tokens).map_err(|_negative| "tokens are counted from 0"),
        )?;
        long.push((tokens, rates(&path, tier, table, problems)?));
    }
    long.sort_by_key(|(tokens, _)| std::cmp::Reverse(*tokens));
    Some(long)
}
