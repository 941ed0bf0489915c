//! How long runs took, in buckets that grow by a fixed ratio: small, quick to add up, and never far off.

use std::time::Duration;

use crate::domain::Percentiles;

/// Buckets for each doubling: neighbours differ by 2^(1/8), about 9 %.
const STEPS: f64 = 8.0;

/// More than the bucket of the longest time.
const BUCKETS: usize = 64 * 8;

/// Times in microseconds by bucket: bucket `n` holds times from 2^(n/8) up to but without 2^((n+1)/8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Histogram(Vec<i64>);

impl Histogram {
    /// Counts one time, or takes it away.
    pub(super) fn count(&mut self, micros: i64, sign: i64) {
        self.tally(bucket(micros), sign);
    }

    /// Adds what [`Histogram::encode`] wrote, or takes it away. What is no histogram counts for nothing from where it
    /// breaks off.
    pub(super) fn add(&mut self, mut encoded: &[u8], sign: i64) {
        let mut at = 0_usize;
        while let Some((step, rest)) = number(encoded) {
            let Some((count, rest)) = number(rest) else { return };
            let next = usize::try_from(step).ok().and_then(|step| at.checked_add(step)).filter(|at| *at < BUCKETS);
            let (Some(next), Ok(count)) = (next, i64::try_from(count)) else { return };
            (at, encoded) = (next, rest);
            self.tally(at, count.saturating_mul(sign));
        }
    }

    fn tally(&mut self, at: usize, runs: i64) {
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        if let Some(sum) = self.0.get_mut(at) {
            *sum = sum.saturating_add(runs);
        }
    }

    /// The buckets that are not empty, and their counts.
    fn filled(&self) -> impl Iterator<Item = (usize, u64)> {
        let counts = self.0.iter().map(|runs| u64::try_from(*runs).unwrap_or(0));
        counts.enumerate().filter(|(_, runs)| *runs > 0)
    }

    /// Adds another.
    pub(super) fn join(&mut self, other: &Self) {
        for (at, runs) in other.0.iter().enumerate() {
            self.tally(at, *runs);
        }
    }

    /// Pairs of the step from the bucket before and the count, as numbers of seven bits a byte, the low ones first.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut encoded = Vec::new();
        let mut before = 0;
        for (at, count) in self.filled() {
            put(&mut encoded, (at - before) as u64);
            put(&mut encoded, count);
            before = at;
        }
        encoded
    }

    /// Percentiles by nearest rank; each is the upper end of its bucket.
    pub(super) fn percentiles(&self) -> Option<Percentiles> {
        let count = self.filled().fold(0_u64, |sum, (_, runs)| sum.saturating_add(runs));
        let of = |percent: u64| {
            let rank = u128::from(count).saturating_mul(percent.into()).div_ceil(100);
            let mut seen = 0_u128;
            let found = self.filled().find(|(_, runs)| {
                seen += u128::from(*runs);
                seen >= rank
            });
            found.map(|(at, _)| upper(at))
        };
        Some(Percentiles { p50: of(50)?, p95: of(95)?, p99: of(99)?, count })
    }
}

/// The bucket of a time; one of no length has the first.
fn bucket(micros: i64) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "the logarithm of a large time needs no more")]
    let position = (micros.max(1) as f64).log2() * STEPS;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 63 * 8")]
    let bucket = position as usize;
    bucket
}

fn upper(bucket: usize) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "there are few buckets")]
    let micros = ((bucket as f64 + 1.0) / STEPS).exp2();
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
            histogram.count(*time, 1);
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
        fn adding_what_was_written_is_counting_all_and_it_can_be_taken_away(
            some in prop::collection::vec(0_i64..1 << 50, 0..60),
            others in prop::collection::vec(0_i64..1 << 50, 0..60),
        ) {
            let mut sum = Histogram::default();
            sum.add(&of(&some).encode(), 1);
            sum.add(&of(&others).encode(), 1);
            prop_assert_eq!(&sum, &of(&[&some[..], &others].concat()));
            sum.add(&of(&others).encode(), -1);
            prop_assert_eq!(sum.encode(), of(&some).encode());
        }

        #[test]
        fn rubbish_counts_for_nothing_and_breaks_nothing(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut histogram = Histogram::default();
            histogram.add(&bytes, 1);
            histogram.percentiles();
        }
    }

    #[test]
    fn nothing_has_no_percentiles() {
        assert_eq!(Histogram::default().percentiles(), None);
    }
}
