//! The usage a server states, in any of its spellings.

use serde_json::Value;

use crate::domain::{Usage, UsageSource, Usd};

/// Reads a usage object; `None` where it states nothing.
pub(super) fn read(stated: &Value) -> Option<Usage> {
    let top = |keys: [&str; 2]| keys.iter().find_map(|key| number(stated.get(*key)?));
    let detail = |keys: [&str; 2], name: &str| keys.iter().find_map(|key| number(stated.get(*key)?.get(name)?));
    let of_prompt = ["prompt_tokens_details", "input_tokens_details"];
    let of_completion = ["completion_tokens_details", "output_tokens_details"];
    let prompt = top(["prompt_tokens", "input_tokens"]);
    let completion = top(["completion_tokens", "output_tokens"]);
    let total = top(["total_tokens", "total_tokens"]);
    if prompt.is_none() && completion.is_none() && total.is_none() {
        return None;
    }
    let reasoning = detail(of_completion, "reasoning_tokens").or_else(|| top(["reasoning_tokens", "reasoning_tokens"]));
    Some(Usage {
        prompt,
        cached: detail(of_prompt, "cached_tokens").or_else(|| top(["prompt_cache_hit_tokens", "cached_tokens"])),
        cache_write: detail(of_prompt, "cache_write_tokens"),
        stated_cost: stated_cost(stated),
        ..with_hidden(prompt, completion, total, reasoning)
    })
}

/// Makes reasoning part of the completion where a server counts it apart, in the total alone.
fn with_hidden(prompt: Option<u64>, completion: Option<u64>, total: Option<u64>, reasoning: Option<u64>) -> Usage {
    let completion = completion.or_else(|| total?.checked_sub(prompt?));
    let seen = prompt.zip(completion).map(|(prompt, completion)| prompt.saturating_add(completion));
    let hidden = total.zip(seen).and_then(|(total, seen)| total.checked_sub(seen)).filter(|hidden| *hidden > 0);
    let (completion, reasoning) = match (hidden, reasoning) {
        (Some(hidden), None | Some(0)) => (completion.map(|completion| completion + hidden), Some(hidden)),
        (Some(hidden), Some(apart)) if apart == hidden => (completion.map(|completion| completion + hidden), reasoning),
        (Some(_) | None, _) => (completion, reasoning),
    };
    Usage { completion, reasoning, total: total.or(seen), source: UsageSource::Reported, ..Usage::default() }
}

/// No model counts further.
const COUNT_MAX: f64 = 1e12;

/// Ticks in a dollar, as xAI counts (docs.x.ai, cost tracking).
const TICKS: f64 = 1e10;

/// What the server says it costs: OpenRouter's `cost` in dollars, xAI's `cost_in_usd_ticks`.
fn stated_cost(stated: &Value) -> Option<Usd> {
    let ticks = stated.get("cost_in_usd_ticks").and_then(Value::as_f64).map(|ticks| ticks / TICKS);
    ticks.or_else(|| stated.get("cost")?.as_f64()).and_then(Usd::from_dollars)
}

/// What is odd about a usage object, in words: counts that are none, and counts below those stated `before`.
pub(super) fn oddity(stated: &Value, before: &Usage, now: Option<&Usage>) -> Option<String> {
    let counts = ["prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens"];
    let unreadable = counts.iter().find_map(|name| {
        let value = stated.get(*name).filter(|value| !value.is_null())?;
        number(value).is_none().then(|| format!("usage: {name} is {value}, which is no count; it is taken for unknown"))
    });
    let cost = || stated.get("cost").filter(|cost| cost.as_f64().is_some_and(|cost| Usd::from_dollars(cost).is_none()));
    let shrunk = || {
        let now = now?;
        let pairs = [("prompt", before.prompt, now.prompt), ("completion", before.completion, now.completion)];
        pairs.into_iter().find_map(|(name, before, now)| {
            let (before, now) = before.zip(now).filter(|(before, now)| now < before)?;
            Some(format!("usage shrank along the stream: {name} tokens from {before} to {now}; the last counts"))
        })
    };
    unreadable
        .or_else(|| cost().map(|cost| format!("usage: cost is {cost}, which is no amount; it is left out")))
        .or_else(shrunk)
}

/// A count, be it an integer, a float without a fraction or a text. Counts beyond any model's reach are nonsense.
fn number(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (number.fract() == 0.0 && (0.0..=COUNT_MAX).contains(&number)).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn odd(stated: &Value, before: &Usage) -> Option<String> {
        oddity(stated, before, read(stated).as_ref())
    }

    #[test]
    fn counts_that_are_none_are_unknown_and_told() {
        for wrong in [
            json!(-5),
            json!(12.5),
            json!(9_007_199_254_740_993_u64),
            json!(1e300),
            json!("many"),
            json!({}),
            json!(true),
        ] {
            let stated = json!({"prompt_tokens": wrong, "completion_tokens": 3});
            let usage = read(&stated).unwrap();
            assert_eq!((usage.prompt, usage.completion, usage.total), (None, Some(3), None), "{wrong}");
            assert!(odd(&stated, &Usage::default()).unwrap().contains("prompt_tokens"), "{wrong}");
        }
        for right in [json!(12), json!(12.0), json!("12")] {
            let stated = json!({"prompt_tokens": right, "completion_tokens": 3});
            assert_eq!(read(&stated).unwrap().prompt, Some(12));
            assert_eq!(odd(&stated, &Usage::default()), None);
        }
        assert_eq!(odd(&json!({"prompt_tokens": null, "completion_tokens": 3}), &Usage::default()), None);
    }

    #[test]
    fn usage_that_shrinks_is_told() {
        let before = read(&json!({"prompt_tokens": 9, "completion_tokens": 30})).unwrap();
        let told = odd(&json!({"prompt_tokens": 9, "completion_tokens": 7}), &before).unwrap();
        assert!(told.contains("completion tokens from 30 to 7"), "{told}");
        assert_eq!(odd(&json!({"prompt_tokens": 9, "completion_tokens": 31}), &before), None);
    }

    #[test]
    fn a_cost_is_in_dollars_or_ticks_and_one_that_cannot_be_is_left_out() {
        let cost = |stated: Value| {
            let mut stated = stated;
            stated["prompt_tokens"] = json!(1);
            (read(&stated).unwrap().stated_cost.map(Usd::nanos), odd(&stated, &Usage::default()).is_some())
        };
        assert_eq!(cost(json!({"cost": 0.0038})), (Some(3_800_000), false));
        assert_eq!(cost(json!({"cost_in_usd_ticks": 37_756_000})), (Some(3_775_600), false));
        assert_eq!(cost(json!({"cost": -1.0})), (None, true));
        assert_eq!(cost(json!({"cost": 1e300})), (None, true));
        assert_eq!(cost(json!({"cost": null})), (None, false));
    }
}
