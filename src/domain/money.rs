//! Amounts of US dollars, exact to a billionth.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// US dollars in billionths, so that sums are exact and the price of one token is no rounding error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(i64);

impl Usd {
    /// Billionths in a dollar.
    pub const NANOS: i64 = 1_000_000_000;

    /// An amount from billionths of a dollar.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// An amount from what a server or a file states in dollars, rounded to a billionth. `None` where it is negative,
    /// no number, or beyond what is counted here (nine billion dollars).
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let nanos = (dollars * 1e9).round();
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        (0.0..9e18).contains(&nanos).then_some(Self(nanos as i64))
    }

    /// Billionths of a dollar.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Dollars, for JSON and charts; exact to a billionth up to four million dollars.
    #[expect(clippy::cast_precision_loss, reason = "for showing; sums are made in billionths")]
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

/// `$1.84`; below a cent as many digits as two figures need: `$0.00031`.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = self.dollars();
        let digits = match self.0.unsigned_abs() {
            1..=99 => 9,
            100..=999 => 8,
            1_000..=9_999 => 7,
            10_000..=99_999 => 6,
            100_000..=999_999 => 5,
            1_000_000..=9_999_999 => 4,
            _ => 2,
        };
        write!(f, "${dollars:.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_amounts_keep_two_figures() {
        let shown = |nanos| Usd::from_nanos(nanos).to_string();
        assert_eq!(shown(1_840_000_000), "$1.84");
        assert_eq!(shown(310_000), "$0.00031");
        assert_eq!(shown(5), "$0.000000005");
        assert_eq!(shown(0), "$0.00");
        assert_eq!(shown(12_000_000), "$0.01");
    }

    #[test]
    fn dollars_that_cannot_be_are_refused() {
        assert_eq!(Usd::from_dollars(0.000_031_5), Some(Usd::from_nanos(31_500)));
        for wrong in [-0.1, f64::NAN, f64::INFINITY, 1e12] {
            assert_eq!(Usd::from_dollars(wrong), None, "{wrong}");
        }
    }
}
