//! Lists of prices that others keep: LiteLLM, models.dev, llm-prices, OpenRouter.
//!
//! Their numbers are what they are: texts, exponents, prose. A row that cannot be understood is left out and told.

use serde_json::{Map, Value};

use crate::domain::price::{Price, PriceList, Rate, Rates, Rows};

/// What became of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// What was understood.
    pub list: PriceList,
    /// Rows that were left out, and why.
    pub skipped: Vec<(String, String)>,
}

/// Reads a list in whatever format it is; `today` dates one that says no date.
///
/// # Errors
/// What is wrong with it, in words.
pub fn import(text: &str, today: &str) -> Result<Import, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let format = Format::of(&value).ok_or("its format is none of LiteLLM, models.dev, llm-prices, OpenRouter")?;
    let mut found = Rows::new();
    let mut skipped = Vec::new();
    for (name, row) in format.rows(&value) {
        match row {
            Ok(price) => drop(found.insert(name, price)),
            Err(why) => skipped.push((name, why)),
        }
    }
    fold_tiers(&mut found);
    if found.is_empty() {
        return Err(format!("it looks like a list of {}, but no row of it has a price", format.word()));
    }
    let date = value.get("updated_at").and_then(Value::as_str).map_or(today, |date| date.get(..10).unwrap_or(date));
    let list = PriceList { date: date.to_owned(), source: format.word().to_owned(), rows: found };
    Ok(Import { list, skipped })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    LiteLlm,
    ModelsDev,
    LlmPrices,
    OpenRouter,
}

/// A row's name, and its price or why there is none.
type Row = (String, Result<Price, String>);

impl Format {
    fn of(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let any = |test: fn(&Value) -> bool| object.values().any(test);
        if object.get("prices").is_some_and(Value::is_array) {
            Some(Self::LlmPrices)
        } else if object
            .get("data")
            .and_then(Value::as_array)
            .is_some_and(|rows| rows.iter().any(|row| row.get("pricing").is_some()))
        {
            Some(Self::OpenRouter)
        } else if any(|provider| provider.get("models").is_some_and(Value::is_object)) {
            Some(Self::ModelsDev)
        } else if any(|row| row.get("input_cost_per_token").is_some()) {
            Some(Self::LiteLlm)
        } else {
            None
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::LiteLlm => "LiteLLM",
            Self::ModelsDev => "models.dev",
            Self::LlmPrices => "llm-prices",
            Self::OpenRouter => "OpenRouter",
        }
    }

    fn rows(self, value: &Value) -> Vec<Row> {
        match self {
            Self::LiteLlm => objects(Some(value)).map(|(name, row)| (name.clone(), lite_llm(row))).collect(),
            Self::ModelsDev => {
                objects(Some(value)).flat_map(|(vendor, provider)| models_dev(vendor, provider)).collect()
            }
            Self::LlmPrices => array(value.get("prices")).filter_map(llm_prices).collect(),
            Self::OpenRouter => array(value.get("data")).filter_map(open_router).collect(),
        }
    }
}

fn objects(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// How a price is written.
#[derive(Debug, Clone, Copy)]
enum Unit {
    /// Dollars for a token.
    Token,
    /// Dollars for a million tokens.
    Million,
}

/// A price of a row: `None` where it has none.
fn rate(row: &Value, name: &str, unit: Unit) -> Result<Option<Rate>, String> {
    let Some(value) = row.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let number = number.ok_or_else(|| format!("{name} is no number"))?;
    let dollars = match unit {
        Unit::Token => number * 1e6,
        Unit::Million => number,
    };
    Rate::per_million(dollars).map(Some).ok_or_else(|| format!("{name} is {number}, which is no price"))
}

fn needed(row: &Value, name: &str, unit: Unit) -> Result<Rate, String> {
    rate(row, name, unit)?.ok_or_else(|| format!("it has no {name}"))
}

fn lite_llm(row: &Value) -> Result<Price, String> {
    let rates = |suffix: &str| -> Result<Rates, String> {
        let named = |name: &str| format!("{name}{suffix}");
        Ok(Rates {
            input: needed(row, &named("input_cost_per_token"), Unit::Token)?,
            output: rate(row, &named("output_cost_per_token"), Unit::Token)?.unwrap_or_default(),
            cached: rate(row, &named("cache_read_input_token_cost"), Unit::Token)?,
            cache_write: rate(row, &named("cache_creation_input_token_cost"), Unit::Token)?,
            reasoning: rate(row, &named("output_cost_per_reasoning_token"), Unit::Token)?,
        })
    };
    let mut price = Price::new(rates("")?);
    for (tokens, suffix) in
        [(272_000, "_above_272k_tokens"), (200_000, "_above_200k_tokens"), (128_000, "_above_128k_tokens")]
    {
        if row.get(format!("input_cost_per_token{suffix}")).is_some() {
            price.long.push((tokens, rates(suffix)?));
        }
    }
    Ok(price)
}

/// Models of OpenAI go by their own name, those of others by vendor and name.
fn models_dev<'a>(vendor: &'a str, provider: &'a Value) -> impl Iterator<Item = Row> + 'a {
    objects(provider.get("models")).filter_map(move |(model, row)| {
        let cost = row.get("cost")?;
        let name = if vendor == "openai" { model.clone() } else { format!("{vendor}/{model}") };
        Some((name, models_dev_price(cost)))
    })
}

fn models_dev_price(cost: &Value) -> Result<Price, String> {
    let rates = |cost: &Value| -> Result<Rates, String> {
        Ok(Rates {
            input: needed(cost, "input", Unit::Million)?,
            output: needed(cost, "output", Unit::Million)?,
            cached: rate(cost, "cache_read", Unit::Million)?,
            cache_write: rate(cost, "cache_write", Unit::Million)?,
            reasoning: rate(cost, "reasoning", Unit::Million)?,
        })
    };
    let mut price = Price::new(rates(cost)?);
    if let Some(long) = cost.get("context_over_200k") {
        price.long.push((200_000, rates(long)?));
    }
    Ok(price)
}

/// A row that was replaced by a later one says until when it held.
fn llm_prices(row: &Value) -> Option<Row> {
    let name = row.get("id")?.as_str()?.to_owned();
    if row.get("to_date").is_some_and(|until| !until.is_null()) {
        return None;
    }
    let price = || -> Result<Price, String> {
        Ok(Price::new(Rates {
            input: needed(row, "input", Unit::Million)?,
            output: needed(row, "output", Unit::Million)?,
            cached: rate(row, "input_cached", Unit::Million)?,
            ..Rates::default()
        }))
    };
    Some((name, price()))
}

/// -1 stands for a price that depends on where the request goes.
fn open_router(row: &Value) -> Option<Row> {
    let name = row.get("id")?.as_str()?.to_owned();
    let pricing = row.get("pricing")?;
    let price = || -> Result<Price, String> {
        let input = needed(pricing, "prompt", Unit::Token)?;
        let output = needed(pricing, "completion", Unit::Token)?;
        // 0 for reasoning means that it is in the completion.
        let reasoning = rate(pricing, "internal_reasoning", Unit::Token)?.filter(|rate| *rate > Rate::default());
        let cached = rate(pricing, "input_cache_read", Unit::Token)?;
        let cache_write = rate(pricing, "input_cache_write", Unit::Token)?;
        Ok(Price::new(Rates { input, output, cached, cache_write, reasoning }))
    };
    Some((name, price()))
}

/// llm-prices names the long-context price of `model` as `model-272k`.
fn fold_tiers(rows: &mut Rows) {
    let long: Vec<(String, String, u64)> = rows
        .keys()
        .filter_map(|name| {
            let (model, tokens) = name.strip_suffix('k')?.rsplit_once('-')?;
            let tokens = tokens.parse::<u64>().ok()?.checked_mul(1000)?;
            rows.contains_key(model).then(|| (name.clone(), model.to_owned(), tokens))
        })
        .collect();
    for (name, model, tokens) in long {
        let Some(tier) = rows.remove(&name) else { continue };
        if let Some(price) = rows.get_mut(&model) {
            price.long.push((tokens, tier.rates));
            price.long.sort_by_key(|(tokens, _)| std::cmp::Reverse(*tokens));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(import: &Import, model: &str) -> [Option<f64>; 4] {
        let rates = import.list.rows[model].rates;
        [Some(rates.input), Some(rates.output), rates.cached, rates.cache_write]
            .map(|rate| rate.map(Rate::dollars_per_million))
    }

    #[test]
    fn lite_llm_is_read_with_its_traps() {
        let text = r#"{
            "sample_spec": {"input_cost_per_token": "0.0000 prose", "max_tokens": "set to max output tokens"},
            "gpt-x": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": "0.000015", "cache_read_input_token_cost": 2.5e-7,
                "input_cost_per_token_above_272k_tokens": 5e-06, "output_cost_per_token_above_272k_tokens": 2.25e-05},
            "negative": {"input_cost_per_token": -1},
            "image": {"input_cost_per_image": 0.04}
        }"#;
        let found = import(text, "2026-11-24").unwrap();
        assert_eq!((found.list.source.as_str(), found.list.date.as_str()), ("LiteLLM", "2026-11-24"));
        assert_eq!(told(&found, "gpt-x"), [Some(2.5), Some(15.0), Some(0.25), None]);
        let (tokens, long) = found.list.rows["gpt-x"].long[0];
        assert_eq!((tokens, long.input.dollars_per_million(), long.output.dollars_per_million()), (272_000, 5.0, 22.5));
        let skipped: Vec<&str> = found.skipped.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(skipped, ["sample_spec", "negative", "image"]);
    }

    #[test]
    fn the_other_formats_are_told_apart() {
        let models_dev = r#"{"openai":{"models":{"gpt-x":{"cost":{"input":1,"output":2,"cache_read":0.1,"context_over_200k":{"input":3,"output":4}}}}},
            "groq":{"models":{"q":{"cost":{"input":0.1,"output":0.2}},"free":{}}}}"#;
        let found = import(models_dev, "d").unwrap();
        assert_eq!(found.list.source, "models.dev");
        assert_eq!(told(&found, "gpt-x"), [Some(1.0), Some(2.0), Some(0.1), None]);
        assert_eq!(told(&found, "groq/q")[0], Some(0.1));
        assert_eq!(found.list.rows["gpt-x"].long[0].0, 200_000);

        let llm = r#"{"updated_at":"2026-08-05T10:00:00Z","prices":[{"id":"a","vendor":"v","input":1,"output":2,"input_cached":null},
            {"id":"a-272k","input":2,"output":3},{"id":"a","input":9,"output":9,"to_date":"2026-01-01"}]}"#;
        let found = import(llm, "d").unwrap();
        assert_eq!((found.list.source.as_str(), found.list.date.as_str()), ("llm-prices", "2026-08-05"));
        assert_eq!(told(&found, "a"), [Some(1.0), Some(2.0), None, None]);
        assert_eq!((found.list.rows.len(), found.list.rows["a"].long[0].0), (1, 272_000));

        let router = r#"{"data":[{"id":"v/m","pricing":{"prompt":"0.000001","completion":"0.000002","internal_reasoning":"0"}},
            {"id":"v/auto","pricing":{"prompt":"-1","completion":"-1"}}]}"#;
        let found = import(router, "d").unwrap();
        assert_eq!(told(&found, "v/m"), [Some(1.0), Some(2.0), None, None]);
        assert_eq!(found.skipped[0].0, "v/auto");
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for (text, says) in [("", "no JSON"), ("[]", "format"), ("{}", "format"), (r#"{"prices":[]}"#, "no row")] {
            let problem = import(text, "d").unwrap_err();
            assert!(problem.contains(says), "{text}: {problem}");
        }
    }
}
