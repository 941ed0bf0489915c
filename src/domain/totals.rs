//! Sums over runs, the same for the panel, the dashboard, the commands and the budgets.

use super::budget::Spending;
use super::money::Usd;

/// Sums over runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many, and how they ended.
    pub runs: RunCounts,
    /// Their tokens.
    pub tokens: TokenSums,
    /// What they cost, as far as it is known.
    pub cost: CostSum,
}

/// Runs, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    /// Runs of every outcome.
    pub all: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Runs that were cancelled.
    pub cancelled: u64,
    /// Runs whose tokens were estimated.
    pub estimated: u64,
}

/// Tokens, summed over the runs that know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenSums {
    /// Prompt tokens.
    pub prompt: u64,
    /// Completion tokens.
    pub completion: u64,
    /// Total tokens.
    pub total: u64,
    /// Prompt tokens read from the provider's cache; part of `prompt`.
    pub cached: u64,
    /// Prompt tokens written to the provider's cache; part of `prompt`.
    pub cache_write: u64,
    /// Reasoning tokens; part of `completion`, where the provider counts as OpenAI does.
    pub reasoning: u64,
}

/// The cost of runs. What has no price is counted beside the sum, never as zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CostSum {
    /// The sum over the runs whose cost is known.
    pub known: Usd,
    /// Runs whose cost is known.
    pub priced: u64,
    /// Runs that used tokens, or succeeded, and whose cost is unknown.
    pub unpriced: u64,
}

impl CostSum {
    /// The sum, where at least one run's cost is known.
    pub fn usd(&self) -> Option<Usd> {
        (self.priced > 0).then_some(self.known)
    }

    /// The sum in words: `$1.84`, `$1.84 + 3 unknown`, `unknown`; `-` where nothing ran that could have a cost.
    pub fn told(&self) -> String {
        match (self.usd(), self.unpriced) {
            (Some(usd), 0) => usd.to_string(),
            (Some(usd), unpriced) => format!("{usd} + {unpriced} unknown"),
            (None, 0) => "-".to_owned(),
            (None, _) => "unknown".to_owned(),
        }
    }
}

impl Totals {
    /// Both together.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            runs: self.runs.and(other.runs),
            tokens: self.tokens.and(other.tokens),
            cost: CostSum {
                known: self.cost.known + other.cost.known,
                priced: self.cost.priced.saturating_add(other.cost.priced),
                unpriced: self.cost.unpriced.saturating_add(other.cost.unpriced),
            },
        }
    }
}

impl RunCounts {
    fn and(self, other: Self) -> Self {
        Self {
            all: self.all.saturating_add(other.all),
            failed: self.failed.saturating_add(other.failed),
            cancelled: self.cancelled.saturating_add(other.cancelled),
            estimated: self.estimated.saturating_add(other.estimated),
        }
    }
}

impl TokenSums {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            prompt: self.prompt.saturating_add(other.prompt),
            completion: self.completion.saturating_add(other.completion),
            total: self.total.saturating_add(other.total),
            cached: self.cached.saturating_add(other.cached),
            cache_write: self.cache_write.saturating_add(other.cache_write),
            reasoning: self.reasoning.saturating_add(other.reasoning),
        }
    }
}

/// What the running panel shows: the totals of a span, and its recent minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageSummary {
    /// Sums since local midnight.
    pub today: Totals,
    /// Total tokens of finished runs in each of the last minutes, oldest first; the last is the running minute.
    pub per_minute: Vec<u64>,
    /// Each budget of the file, and what was used of it.
    pub budgets: Vec<Spending>,
    /// Why these are the figures of this machine alone, or how many runs wait for the team's log.
    pub notice: Option<String>,
}
