//! A span, cut into whole days, whole quarters of an hour, and the ends that are neither.

use crate::domain::Span;
use crate::store::ledger::{QUARTER_MS, QUARTERS_A_DAY};

/// Half-open ranges; an empty one has no end after its start.
pub(super) type Range = (i64, i64);

/// The parts of a span. Together they are the span, and no moment is in two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pieces {
    /// UTC days.
    pub(super) days: Range,
    /// Quarters before and after those days.
    pub(super) quarters: [Range; 2],
    /// Milliseconds before and after those quarters.
    pub(super) ends_ms: [Range; 2],
}

impl Pieces {
    /// Cuts a span as coarsely as it goes.
    pub(super) fn of(span: Span) -> Self {
        let fine = Self::in_quarters(span);
        let [(first, last), _] = fine.quarters;
        let (day, end) = (up(first, QUARTERS_A_DAY), last.div_euclid(QUARTERS_A_DAY));
        if first >= last || day >= end {
            return fine;
        }
        let quarters = [(first, day * QUARTERS_A_DAY), (end * QUARTERS_A_DAY, last)];
        Self { days: (day, end), quarters, ..fine }
    }

    /// Cuts a span into quarters alone.
    pub(super) fn in_quarters(span: Span) -> Self {
        let Span { from_ms, until_ms } = span;
        let (first, last) = (up(from_ms, QUARTER_MS), until_ms.div_euclid(QUARTER_MS));
        if first >= last {
            return Self { ends_ms: [(from_ms, until_ms), (0, 0)], ..Self::default() };
        }
        let ends_ms = [(from_ms, first * QUARTER_MS), (last * QUARTER_MS, until_ms)];
        Self { quarters: [(first, last), (0, 0)], ends_ms, ..Self::default() }
    }

    /// All of them as parameters: days, quarters, ends.
    pub(super) fn parameters(&self) -> Vec<rusqlite::types::Value> {
        let [before, after] = self.quarters;
        let [head, tail] = self.ends_ms;
        [self.days, before, after, head, tail]
            .iter()
            .flat_map(|(from, until)| [*from, *until])
            .map(Into::into)
            .collect()
    }
}

/// The first whole unit at or after a moment.
pub(super) fn up(moment: i64, unit: i64) -> i64 {
    let whole = moment.div_euclid(unit);
    if moment.rem_euclid(unit) == 0 { whole } else { whole + 1 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn length((from, until): Range, unit: i64) -> i128 {
        (i128::from(until) - i128::from(from)).max(0) * i128::from(unit)
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_span(from_ms in any::<i64>(), length_ms in 0_i64..1 << 45) {
            let span = Span { from_ms, until_ms: from_ms.saturating_add(length_ms) };
            let pieces = Pieces::of(span);
            let whole = i128::from(span.until_ms) - i128::from(span.from_ms);
            let days = length(pieces.days, QUARTER_MS * QUARTERS_A_DAY);
            let quarters: i128 = pieces.quarters.iter().map(|range| length(*range, QUARTER_MS)).sum();
            let ends: i128 = pieces.ends_ms.iter().map(|range| length(*range, 1)).sum();
            prop_assert_eq!(days + quarters + ends, whole);
        }
    }

    #[test]
    fn the_longest_span_overflows_nothing() {
        let pieces = Pieces::of(Span { from_ms: i64::MIN, until_ms: i64::MAX });
        assert!(pieces.days.0 < pieces.days.1);
        assert_eq!(Pieces::of(Span { from_ms: 5, until_ms: 4 }).ends_ms, [(5, 4), (0, 0)]);
    }
}
