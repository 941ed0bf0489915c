//! The usage a server states, in any of its spellings.

use serde_json::Value;

use crate::domain::{Usage, UsageSource};

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

/// A count, be it an integer, a float or a text. Counts beyond any model's reach are taken for nonsense.
fn number(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..=1e15).contains(&number).then_some(number as u64)
}
