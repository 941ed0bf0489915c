//! Failures by kind, as a column of `series` keeps them: `auth=3 timeout=1`.

use std::collections::BTreeMap;

use crate::domain::ErrorKind;

/// Runs by the word of their kind of failure. Words that only a newer version knows are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Failures(BTreeMap<String, i64>);

impl Failures {
    /// Adds so many runs of a kind; what did not fail has none.
    pub(super) fn count(&mut self, kind: &str, runs: i64) {
        if !kind.is_empty() {
            let sum = self.0.entry(kind.to_owned()).or_default();
            *sum = sum.saturating_add(runs);
        }
    }

    /// Adds what [`Failures::encode`] wrote, or takes it away. What is nothing of the kind counts for nothing.
    pub(super) fn add(&mut self, encoded: &str, sign: i64) {
        let pairs = encoded.split(' ').filter_map(|pair| pair.split_once('='));
        for (kind, runs) in pairs.filter_map(|(kind, runs)| Some((kind, runs.parse::<i64>().ok()?))) {
            self.count(kind, runs.saturating_mul(sign));
        }
    }

    /// As the column keeps them.
    pub(super) fn encode(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(kind, runs)| format!("{kind}={runs}")).collect();
        pairs.join(" ")
    }

    /// The kinds of failure there were, the most frequent first. A word nobody knows here is counted as internal.
    pub(super) fn kinds(&self) -> Vec<(ErrorKind, u64)> {
        let mut kinds: BTreeMap<ErrorKind, u64> = BTreeMap::new();
        for (word, runs) in &self.0 {
            let known = ErrorKind::ALL.into_iter().find(|kind| kind.word() == word);
            *kinds.entry(known.unwrap_or(ErrorKind::Internal)).or_default() += u64::try_from(*runs).unwrap_or(0);
        }
        let mut kinds: Vec<(ErrorKind, u64)> = kinds.into_iter().filter(|(_, runs)| *runs > 0).collect();
        kinds.sort_by_key(|(kind, runs)| (std::cmp::Reverse(*runs), *kind));
        kinds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_taken_away_again() {
        let mut some = Failures::default();
        some.count(ErrorKind::Timeout.word(), 1);
        some.count(ErrorKind::Auth.word(), 3);
        some.count("", 5);
        assert_eq!(some.encode(), "auth=3 timeout=1");
        let mut sum = some.clone();
        sum.add("timeout=4 unheard-of=2 rubbish =x =", 1);
        assert_eq!(sum.kinds(), [(ErrorKind::Timeout, 5), (ErrorKind::Auth, 3), (ErrorKind::Internal, 2)]);
        sum.add("unheard-of=2 timeout=4", -1);
        assert_eq!(sum.kinds(), some.kinds());
        assert_eq!(Failures::default().encode(), "");
    }
}
