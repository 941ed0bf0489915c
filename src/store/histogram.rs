//! How long runs took, in buckets that grow by a fixed ratio: small, quick to add up, and never far off.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::Percentiles;

/// Buckets for each doubling: neighbours differ by 2^(1/8), about 9 %.
const STEPS: f64 = 8.0;

/// Times in microseconds by bucket: bucket `n` holds times from 2^(n/8) up to but without 2^((n+1)/8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Histogram(BTreeMap<u16, u64>);

impl Histogram {
    /// Counts one time.
    pub(super) fn count(&mut self, micros: i64) {
        let runs = self.0.entry(bucket(micros)).or_default();
        *runs = runs.saturating_add(1);
    }

    /// Adds what [`Histogram::encode`] wrote. What is no histogram counts for nothing from where it breaks off.
    pub(super) fn add(&mut self, mut encoded: &[u8]) {
        let mut at = 0_u16;
        while let Some((step, rest)) = number(encoded) {
            let Some((count, rest)) = number(rest) else { return };
            let Some(next) = u16::try_from(step).ok().and_then(|step| at.checked_add(step)) else { return };
            (at, encoded) = (next, rest);
            let runs = self.0.entry(at).or_default();
            *runs = runs.saturating_add(count);
        }
    }

    /// Pairs of the step from the bucket before and the count, as numbers of seven bits a byte, the low ones first.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut encoded = Vec::with_capacity(self.0.len() * 3);
        let mut before = 0;
        for (at, count) in &self.0 {
            put(&mut encoded, u64::from(at - before));
            put(&mut encoded, *count);
            before = *at;
        }
        encoded
    }

    /// Percentiles by nearest rank; each is the upper end of its bucket.
    pub(super) fn percentiles(&self) -> Option<Percentiles> {
        let count = self.0.values().fold(0_u64, |sum, runs| sum.saturating_add(*runs));
        let of = |percent: u64| {
            let rank = u128::from(count).saturating_mul(percent.into()).div_ceil(100);
            let mut seen = 0_u128;
            let found = self.0.iter().find(|(_, runs)| {
                seen += u128::from(**runs);
                seen >= rank
            });
            found.map(|(at, _)| upper(*at))
        };
        Some(Percentiles { p50: of(50)?, p95: of(95)?, p99: of(99)?, count })
    }
}

/// The bucket of a time; one of no length has the first.
pub(super) fn bucket(micros: i64) -> u16 {
    #[expect(clippy::cast_precision_loss, reason = "the logarithm of a large time needs no more")]
    let position = (micros.max(1) as f64).log2() * STEPS;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 63 * 8")]
    let bucket = position as u16;
    bucket
}

fn upper(bucket: u16) -> Duration {
    let micros = ((f64::from(bucket) + 1.0) / STEPS).exp2();
    Duration::try_from_secs_f64(micros / 1e6).unwrap_or(Duration::MAX)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let end = bytes.iter().take(10).position(|byte| byte & 0x80 == 0)?;
    let (number, rest) = bytes.split_at_checked(end + 1)?;
    let value = number
        .iter()
        .rev()
        .try_fold(0_u64, |value, byte| value.checked_mul(128).map(|value| value | u64::from(byte & 0x7f)))?;
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(times: &[i64]) -> Histogram {
        let mut histogram = Histogram::default();
        for time in times {
            histogram.count(*time);
        }
        histogram
    }

    proptest! {
        #[test]
        fn percentiles_are_within_one_bucket_of_the_true_value(
            mut times in prop::collection::vec(1_i64..10_000_000_000, 1..400),
        ) {
            let found = of(&times).percentiles().unwrap();
            times.sort_unstable();
            for (percent, found) in [(50, found.p50), (95, found.p95), (99, found.p99)] {
                let rank = (times.len() * percent).div_ceil(100);
                let truth = Duration::from_micros(times[rank - 1].unsigned_abs());
                let ratio = found.as_secs_f64() / truth.as_secs_f64();
                prop_assert!((0.9999..=1.0906).contains(&ratio), "{percent}: {found:?} for {truth:?}");
            }
        }

        #[test]
        fn adding_what_was_written_is_counting_all(
            some in prop::collection::vec(0_i64..1 << 50, 0..60),
            others in prop::collection::vec(0_i64..1 << 50, 0..60),
        ) {
            let mut sum = Histogram::default();
            sum.add(&of(&some).encode());
            sum.add(&of(&others).encode());
            prop_assert_eq!(sum, of(&[some, others].concat()));
        }

        #[test]
        fn rubbish_counts_for_nothing_and_breaks_nothing(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut histogram = Histogram::default();
            histogram.add(&bytes);
            histogram.percentiles();
        }
    }

    #[test]
    fn nothing_has_no_percentiles() {
        assert_eq!(Histogram::default().percentiles(), None);
    }
}
