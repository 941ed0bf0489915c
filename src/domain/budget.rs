//! Budgets: how much may be used in a day, a week or a month, and how much was.

use std::str::FromStr;

use super::calendar::Bucket;
use super::money::Usd;
use super::question::RunFilter;
use super::totals::Totals;

/// What may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its name in the file.
    pub name: String,
    /// Whose runs count.
    pub scope: Scope,
    /// Over which time: a day, a week from Monday, or a month, of the local calendar.
    pub per: Bucket,
    /// How much.
    pub limit: Limit,
    /// What happens when it is spent.
    pub action: Action,
}

/// Whose runs count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everyone's.
    All,
    /// Those of a connector.
    Connector(String),
    /// Those of a model.
    Model(String),
}

/// How much may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Total tokens, those that were estimated as well.
    Tokens(u64),
    /// Dollars. Runs without a price are not in the sum, and are told.
    Usd(Usd),
}

/// What happens when a budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is told.
    Warn,
    /// Runs are refused, unless the person says otherwise.
    Block,
}

impl FromStr for Action {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "warn" => Ok(Self::Warn),
            "block" => Ok(Self::Block),
            other => Err(format!("\"{}\" is no action; use warn or block", other.escape_debug())),
        }
    }
}

/// A budget, and what was used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spending {
    /// The budget.
    pub budget: Budget,
    /// What was used since its time began.
    pub used: Totals,
}

/// How far a budget is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Below 80 %.
    Fine,
    /// From 80 % on.
    Near,
    /// From 100 % on.
    Spent,
}

impl Budget {
    /// Which runs count.
    pub fn filter(&self) -> RunFilter {
        let (connector, model) = match &self.scope {
            Scope::All => (None, None),
            Scope::Connector(id) => (Some(id.clone()), None),
            Scope::Model(model) => (None, Some(model.clone())),
        };
        RunFilter { connector, model, ..RunFilter::default() }
    }

    /// True where a run of this connector and model counts.
    pub fn counts(&self, connector: &str, model: Option<&str>) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Connector(id) => id == connector,
            Scope::Model(name) => model == Some(name.as_str()),
        }
    }
}

impl Spending {
    /// What was used of the limit, in percent.
    pub fn percent(&self) -> u64 {
        let (used, limit) = match self.budget.limit {
            Limit::Tokens(limit) => (self.used.tokens.total, limit),
            Limit::Usd(limit) => (self.used.cost.known.nanos().unsigned_abs(), limit.nanos().unsigned_abs()),
        };
        u64::try_from(u128::from(used) * 100 / u128::from(limit.max(1))).unwrap_or(u64::MAX)
    }

    /// How far it is used.
    pub fn level(&self) -> Level {
        match self.percent() {
            ..80 => Level::Fine,
            80..100 => Level::Near,
            100.. => Level::Spent,
        }
    }

    /// True where a run must not start unasked.
    pub fn blocks(&self) -> bool {
        self.budget.action == Action::Block && self.level() == Level::Spent
    }

    /// In a sentence: `budget "team": ~1020000 of 1000000 tokens this day`.
    pub fn told(&self) -> String {
        let used = &self.used;
        let mark = if used.runs.estimated > 0 { "~" } else { "" };
        let amount = match self.budget.limit {
            Limit::Tokens(limit) => format!("{mark}{} of {limit} tokens", used.tokens.total),
            Limit::Usd(limit) => {
                let unknown = match used.cost.unpriced {
                    0 => String::new(),
                    runs => format!(", and {runs} runs of unknown cost"),
                };
                let spent =
                    used.cost.usd().map_or_else(|| "an unknown amount".to_owned(), |usd| format!("{mark}{usd}"));
                let spent = if used.cost.unpriced == 0 { format!("{mark}{}", used.cost.known) } else { spent };
                format!("{spent} of {limit}{unknown}")
            }
        };
        format!("budget \"{}\": {amount} this {}", self.budget.name, self.budget.per.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CostSum, RunCounts, TokenSums};

    fn spending(limit: Limit, tokens: u64, nanos: i64) -> Spending {
        let budget =
            Budget { name: "team".to_owned(), scope: Scope::All, per: Bucket::Day, limit, action: Action::Block };
        let used = Totals {
            runs: RunCounts { estimated: 1, ..RunCounts::default() },
            tokens: TokenSums { total: tokens, ..TokenSums::default() },
            cost: CostSum { known: Usd::from_nanos(nanos), priced: 1, unpriced: 2 },
        };
        Spending { budget, used }
    }

    #[test]
    fn levels_begin_at_80_and_100_percent() {
        let level = |tokens| spending(Limit::Tokens(1000), tokens, 0).level();
        assert_eq!(
            [level(0), level(799), level(800), level(999), level(1000), level(u64::MAX)],
            [Level::Fine, Level::Fine, Level::Near, Level::Near, Level::Spent, Level::Spent]
        );
        assert!(spending(Limit::Usd(Usd::from_nanos(10)), 0, 10).blocks());
        assert_eq!(spending(Limit::Tokens(0), 1, 0).level(), Level::Spent);
    }

    #[test]
    fn what_is_estimated_or_unknown_is_told() {
        let told = spending(Limit::Usd(Usd::from_nanos(25_000_000_000)), 0, 1_840_000_000).told();
        assert_eq!(told, "budget \"team\": ~$1.84 of $25.00, and 2 runs of unknown cost this day");
        let mut unknown = spending(Limit::Usd(Usd::from_nanos(25_000_000_000)), 0, 0);
        unknown.used.cost.priced = 0;
        let told = unknown.told();
        assert_eq!(told, "budget \"team\": an unknown amount of $25.00, and 2 runs of unknown cost this day");
    }
}
