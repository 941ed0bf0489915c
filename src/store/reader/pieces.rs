//! A span, told by bounds of coarser units: from the one that is nearest to each of its ends to the nearest of the next
//! unit, and so on to the end itself.
//!
//! The nearest bound may lie outside the span; what lies between is then taken away again. So the day that a time zone
//! begins an hour late costs that hour and not the other twenty-three, and a span of years is a few rows of each unit.

use rusqlite::types::Value;

use crate::domain::Span;

/// Time from a moment up to another, added (1) or taken away (-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Part {
    pub(super) from_ms: i64,
    pub(super) until_ms: i64,
    pub(super) sign: i64,
}

impl Part {
    /// The way from one bound of an end to the next, which may lead backwards.
    pub(super) fn way(from_ms: i64, to_ms: i64, sign: i64) -> Self {
        if from_ms <= to_ms {
            Self { from_ms, until_ms: to_ms, sign }
        } else {
            Self { from_ms: to_ms, until_ms: from_ms, sign: -sign }
        }
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.from_ms >= self.until_ms
    }
}

/// The parts of a span in each of `units`, which are milliseconds, the largest first and 1 the last. Added up with their
/// signs they are the span.
pub(super) fn parts(span: Span, units: &[i64]) -> Vec<[Part; 2]> {
    let Span { from_ms, until_ms } = span;
    let mut parts = vec![[Part::default(); 2]; units.len()];
    let length = until_ms.saturating_sub(from_ms);
    let mut bounds = None;
    for (part, unit) in parts.iter_mut().zip(units).filter(|(_, unit)| **unit <= length) {
        let next = (nearest(from_ms, *unit), nearest(until_ms, *unit));
        *part = match bounds {
            None => [Part::way(next.0, next.1, 1), Part::default()],
            Some((from, until)) => [Part::way(from, next.0, -1), Part::way(until, next.1, 1)],
        };
        bounds = Some(next);
    }
    parts
}

/// Sign, first slot and the slot after the last of each part, as parameters.
pub(super) fn parameters(parts: &[[Part; 2]], units: &[i64]) -> Vec<Value> {
    let slots = |(pair, unit): (&[Part; 2], &i64)| {
        pair.map(|part| [part.sign, part.from_ms.div_euclid(*unit), part.until_ms.div_euclid(*unit)])
    };
    parts.iter().zip(units).flat_map(slots).flatten().map(Value::Integer).collect()
}

/// The bound of a unit that is nearest to a moment. Where the one is beyond all time it is the other.
pub(super) fn nearest(moment: i64, unit: i64) -> i64 {
    let slot = moment.div_euclid(unit);
    let (below, above) = (slot.checked_mul(unit), slot.checked_add(1).and_then(|next| next.checked_mul(unit)));
    let found = if moment.rem_euclid(unit) > unit / 2 { above.or(below) } else { below.or(above) };
    found.unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::ledger::{DAY_MS, QUARTER_MS, WEEK_MS};

    const UNITS: [i64; 4] = [WEEK_MS, DAY_MS, QUARTER_MS, 1];

    proptest! {
        #[test]
        fn the_parts_are_the_span_and_hold_whole_units(from_ms in any::<i64>(), length_ms in 0_i64..1 << 45) {
            let span = Span { from_ms, until_ms: from_ms.saturating_add(length_ms) };
            let parts = parts(span, &UNITS);
            let mut length = 0;
            for (pair, unit) in parts.iter().zip(UNITS) {
                for part in pair {
                    prop_assert_eq!((part.from_ms % unit, part.until_ms % unit), (0, 0));
                    prop_assert!(part.from_ms <= part.until_ms);
                    length += i128::from(part.sign) * (i128::from(part.until_ms) - i128::from(part.from_ms));
                }
            }
            prop_assert_eq!(length, i128::from(span.until_ms) - i128::from(span.from_ms));
        }

        #[test]
        fn no_moment_counts_but_once_within_the_span_and_never_outside(
            from_ms in 0_i64..1 << 33, length_ms in 0_i64..1 << 33, moment in 0_i64..1 << 34,
        ) {
            let span = Span { from_ms, until_ms: from_ms + length_ms };
            let signs = parts(span, &UNITS).into_iter().flatten()
                .filter(|part| (part.from_ms..part.until_ms).contains(&moment)).map(|part| part.sign).sum::<i64>();
            prop_assert_eq!(signs, i64::from((span.from_ms..span.until_ms).contains(&moment)));
        }
    }

    #[test]
    fn a_month_of_days_that_begin_an_hour_late_is_few_slots() {
        let late = 23 * 4 * QUARTER_MS;
        let span = Span { from_ms: late, until_ms: late + 30 * DAY_MS };
        let slots: Vec<i64> = parts(span, &UNITS)
            .iter()
            .zip(UNITS)
            .map(|(pair, unit)| pair.iter().map(|part| (part.until_ms - part.from_ms) / unit).sum())
            .collect();
        assert_eq!(slots, [4, 4, 8, 0]);
    }

    #[test]
    fn the_longest_span_overflows_nothing() {
        let longest = parts(Span { from_ms: i64::MIN, until_ms: i64::MAX }, &UNITS);
        assert!(longest.iter().flatten().all(|part| part.from_ms <= part.until_ms));
        assert_eq!(parts(Span { from_ms: 5, until_ms: 4 }, &UNITS).concat(), [Part::default(); 8]);
    }
}
