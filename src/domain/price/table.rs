//! The built-in list. Point-in-time facts, not to be taken for current: `prices import` brings newer ones.

use super::{Price, Rate, Rates};

/// Of when the list is.
pub const BUILT_IN_DATE: &str = "2026-08-05";

/// A model, and thousandths of a dollar for a million tokens: input, output, from the cache.
type Row = (&'static str, u64, u64, Option<u64>);

/// Standard tier, short context.
const ROWS: [Row; 41] = [
    ("gpt-5.6-terra", 2000, 12_000, Some(200)),
    ("gpt-5.6-luna", 200, 1200, Some(20)),
    ("gpt-5.5-pro", 30_000, 180_000, None),
    ("gpt-5.4-mini", 750, 4500, Some(75)),
    ("gpt-5.4-nano", 200, 1250, Some(20)),
    ("gpt-5.4-pro", 30_000, 180_000, None),
    ("gpt-5.3-codex", 1750, 14_000, Some(175)),
    ("gpt-5.2", 1750, 14_000, Some(175)),
    ("gpt-5.2-pro", 21_000, 168_000, None),
    ("gpt-5.1", 1250, 10_000, Some(125)),
    ("gpt-5", 1250, 10_000, Some(125)),
    ("gpt-5-codex", 1250, 10_000, Some(125)),
    ("gpt-5.1-codex", 1250, 10_000, Some(125)),
    ("gpt-5-mini", 250, 2000, Some(25)),
    ("gpt-5.1-codex-mini", 250, 2000, Some(25)),
    ("gpt-5-nano", 50, 400, Some(5)),
    ("gpt-5-pro", 15_000, 120_000, None),
    ("gpt-4.1", 2000, 8000, Some(500)),
    ("gpt-4.1-mini", 400, 1600, Some(100)),
    ("gpt-4.1-nano", 100, 400, Some(25)),
    ("gpt-4o", 2500, 10_000, Some(1250)),
    ("gpt-4o-mini", 150, 600, Some(75)),
    ("o3", 2000, 8000, Some(500)),
    ("o3-pro", 20_000, 80_000, None),
    ("o4-mini", 1100, 4400, Some(275)),
    ("o3-mini", 1100, 4400, Some(550)),
    ("o1", 15_000, 60_000, Some(7500)),
    ("gpt-4-turbo", 10_000, 30_000, None),
    ("gpt-3.5-turbo", 500, 1500, None),
    ("text-embedding-3-small", 20, 0, None),
    ("text-embedding-3-large", 130, 0, None),
    ("text-embedding-ada-002", 100, 0, None),
    // Global deployments; a data zone costs about a tenth more.
    ("azure/gpt-5", 1250, 10_000, Some(125)),
    ("azure/gpt-5-mini", 250, 2000, Some(25)),
    ("azure/gpt-4.1", 2000, 8000, Some(500)),
    ("azure/gpt-4o", 2500, 10_000, Some(1250)),
    ("azure/o4-mini", 1100, 4400, Some(275)),
    ("azure/eu/gpt-5.5", 5500, 33_000, Some(550)),
    ("azure/us/gpt-5.4", 2750, 16_500, Some(280)),
    ("azure/global-standard/gpt-4o-mini", 150, 600, None),
    // Regional deployments.
    ("azure/gpt-4o-mini", 165, 660, Some(75)),
];

/// Models whose whole run costs more above 272,000 prompt tokens: model, then input, output, cache of both tiers.
const LONG: [(&str, [u64; 3], [u64; 3]); 6] = [
    ("gpt-5.6-sol", [5000, 30_000, 500], [10_000, 45_000, 1000]),
    ("gpt-5.6", [5000, 30_000, 500], [10_000, 45_000, 1000]),
    ("gpt-5.5", [5000, 30_000, 500], [10_000, 45_000, 1000]),
    ("azure/gpt-5.5", [5000, 30_000, 500], [10_000, 45_000, 1000]),
    ("gpt-5.4", [2500, 15_000, 250], [5000, 22_500, 500]),
    ("azure/gpt-5.4", [2500, 15_000, 250], [5000, 22_500, 500]),
];

/// Prompt tokens above which the long prices hold.
const LONG_PROMPT: u64 = 272_000;

/// Writing to the cache costs a quarter more than input, for these alone.
const CACHE_WRITE: [&str; 2] = ["gpt-5.6-sol", "gpt-5.6"];

/// The built-in row of a name.
pub fn built_in(name: &str) -> Option<Price> {
    let long = LONG.iter().find(|(model, _, _)| *model == name);
    let long = long.map(|(model, short, long)| Price {
        rates: rates(model, short),
        long: vec![(LONG_PROMPT, rates(model, long))],
    });
    long.or_else(|| {
        let (_, input, output, cached) = ROWS.iter().find(|(model, ..)| *model == name)?;
        Some(Price::new(Rates {
            input: Rate::milli_dollars(*input),
            output: Rate::milli_dollars(*output),
            cached: cached.map(Rate::milli_dollars),
            ..Rates::default()
        }))
    })
}

fn rates(model: &str, [input, output, cached]: &[u64; 3]) -> Rates {
    Rates {
        input: Rate::milli_dollars(*input),
        output: Rate::milli_dollars(*output),
        cached: Some(Rate::milli_dollars(*cached)),
        cache_write: CACHE_WRITE.contains(&model).then(|| Rate::milli_dollars(input * 5 / 4)),
        reasoning: None,
    }
}
