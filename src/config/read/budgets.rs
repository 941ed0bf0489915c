//! `[budgets.NAME]`: how much may be used, of what, in which time.

use toml::de::DeTable;

use super::table::{Problems, Value, in_order};
use crate::domain::Usd;
use crate::domain::budget::{Action, Budget, Limit, Scope};
use crate::domain::calendar::Bucket;

const KEYS: [&str; 6] = ["connector", "model", "per", "tokens", "usd", "action"];

/// Reads every budget, in the order of the file.
pub(super) fn read(value: &Value<'_>, problems: &mut Problems<'_>) -> Vec<Budget> {
    let Some(table) = problems.table("budgets", value) else { return Vec::new() };
    let mut budgets = Vec::new();
    for (name, value) in in_order(table) {
        let name = name.get_ref().clone().into_owned();
        let path = format!("budgets.{}", name.escape_debug());
        if let Some(table) = problems.table(&path, value) {
            budgets.extend(budget(name, (&path, value), table, problems));
        }
    }
    budgets
}

fn budget(
    name: String,
    (path, value): (&str, &Value<'_>),
    table: &DeTable<'_>,
    problems: &mut Problems<'_>,
) -> Option<Budget> {
    for (key, _) in in_order(table) {
        if !KEYS.contains(&key.get_ref().as_ref()) {
            problems.unknown(path, key, &KEYS);
        }
    }
    let text = |key: &str, problems: &mut Problems<'_>| {
        table.get(key).map(|value| (value, problems.text(&format!("{path}.{key}"), value)))
    };
    let scope = match (text("connector", problems), text("model", problems)) {
        (Some((_, id)), None) => Scope::Connector(id?),
        (None, Some((_, model))) => Scope::Model(model?),
        (None, None) => Scope::All,
        (Some((value, _)), Some(_)) => {
            problems.add(
                value.span().start,
                &format!("{path}: connector and model exclude each other"),
                "keep one of them",
            );
            return None;
        }
    };
    let Some((per_value, per)) = text("per", problems) else {
        problems.add(value.span().start, &format!("{path}: per is needed: day, week or month"), "");
        return None;
    };
    let per = problems.take(&format!("{path}.per"), per_value, period(&per?))?;
    let action = match text("action", problems) {
        Some((value, word)) => problems.take(&format!("{path}.action"), value, word?.parse::<Action>())?,
        None => Action::Warn,
    };
    let limit = limit((path, value), table, problems)?;
    Some(Budget { name, scope, per, limit, action })
}

fn period(word: &str) -> Result<Bucket, String> {
    let known = [Bucket::Day, Bucket::Week, Bucket::Month].into_iter().find(|bucket| bucket.word() == word);
    known.ok_or_else(|| format!("\"{}\" is no period; use day, week or month", word.escape_debug()))
}

fn limit((path, value): (&str, &Value<'_>), table: &DeTable<'_>, problems: &mut Problems<'_>) -> Option<Limit> {
    match (table.get("tokens"), table.get("usd")) {
        (Some(tokens), None) => {
            let path = format!("{path}.tokens");
            let number = problems.whole(&path, tokens)?;
            let count = u64::try_from(number).ok().filter(|count| *count > 0);
            problems.take(&path, tokens, count.ok_or("a number of tokens above 0 is needed")).map(Limit::Tokens)
        }
        (None, Some(usd)) => {
            let path = format!("{path}.usd");
            let number = problems.number(&path, usd)?;
            let amount = number.parse().ok().and_then(Usd::from_dollars).filter(|amount| *amount > Usd::default());
            problems.take(&path, usd, amount.ok_or("an amount of dollars above 0 is needed")).map(Limit::Usd)
        }
        (None, None) | (Some(_), Some(_)) => {
            problems.add(value.span().start, &format!("{path}: tokens or usd is needed, one of them"), "");
            None
        }
    }
}
