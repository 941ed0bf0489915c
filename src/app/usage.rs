//! The usage screen: what is asked, what was found, and how it is looked at.

use std::cmp::{Ordering, Reverse};

use crate::domain::calendar::Range;
use crate::domain::{Dimension, Failure, TokenSums, Totals};

use super::live::live_tokens;
use super::model::{Model, Screen};
use super::question::{DashboardFound, DashboardWish};

/// The usage of one connector, or of all.
#[derive(Debug, Clone)]
pub struct UsagePane {
    /// What is asked.
    pub wish: DashboardWish,
    /// What was found last; it stays while the next is asked for.
    pub found: Option<DashboardFound>,
    /// Why nothing newer was found.
    pub problem: Option<Failure>,
    /// Whether an answer is awaited.
    pub asking: Asking,
    /// How it is looked at.
    pub look: UsageLook,
    /// A range or a time zone, while it is typed.
    pub typing: Option<String>,
    /// Where one goes back to.
    pub from: Screen,
}

/// Whether an answer is awaited. One question is asked at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Asking {
    /// None.
    #[default]
    No,
    /// One is on its way.
    Waiting,
    /// One is on its way, and will be old when it comes.
    Again,
}

/// How figures are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageLook {
    /// What is drawn over time.
    pub chart: Chart,
    /// What the table is of.
    pub table: Dimension,
    /// How it is sorted.
    pub sort: Sort,
    /// Its selected row.
    pub cursor: usize,
}

/// What is drawn over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// Tokens, stacked by kind.
    Tokens,
    /// Cost.
    Cost,
    /// p50, p95 and p99 of the time to the first token.
    FirstToken,
    /// p50, p95 and p99 of the whole run.
    Total,
    /// Failures, a line a kind.
    Failures,
}

impl Chart {
    /// Every chart, in the order of the keys.
    pub const ALL: [Self; 5] = [Self::Tokens, Self::Cost, Self::FirstToken, Self::Total, Self::Failures];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Tokens => "Tokens",
            Self::Cost => "Cost",
            Self::FirstToken => "First token",
            Self::Total => "Duration",
            Self::Failures => "Failures",
        }
    }
}

/// How the table is sorted; the largest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// By total tokens.
    Tokens,
    /// By cost.
    Cost,
    /// By runs.
    Runs,
    /// By failures.
    Failed,
    /// By name, from A.
    Name,
}

impl Sort {
    /// Every order, in the order of the key.
    pub const ALL: [Self; 5] = [Self::Tokens, Self::Cost, Self::Runs, Self::Failed, Self::Name];

    fn compare(self, (a, x): &(String, Totals), (b, y): &(String, Totals)) -> Ordering {
        let figure = |totals: &Totals| match self {
            Self::Tokens => Some(i128::from(totals.tokens.total)),
            Self::Cost => totals.cost.usd().map(|usd| i128::from(usd.nanos())),
            Self::Runs => Some(i128::from(totals.runs.all)),
            Self::Failed => Some(i128::from(totals.runs.failed)),
            Self::Name => None,
        };
        Reverse(figure(x)).cmp(&Reverse(figure(y))).then_with(|| a.cmp(b))
    }
}

/// The tables, in the order of the key.
pub const TABLES: [Dimension; 4] = [Dimension::Connector, Dimension::Model, Dimension::User, Dimension::Machine];

impl UsagePane {
    /// Today's usage of a connector, or of all.
    pub fn new(connector: Option<String>) -> Self {
        let table = if connector.is_some() { Dimension::Model } else { Dimension::Connector };
        let wish = DashboardWish { connector, range: Range::Today, bucket: None, zone: "local".to_owned() };
        let look = UsageLook { chart: Chart::Tokens, table, sort: Sort::Tokens, cursor: 0 };
        Self { wish, found: None, problem: None, asking: Asking::No, look, typing: None, from: Screen::Panes }
    }

    /// The rows of the table, sorted.
    pub fn rows(&self) -> Vec<&(String, Totals)> {
        let found = self.found.as_ref().and_then(|found| found.figures.tables.get(&self.look.table));
        let mut rows: Vec<&(String, Totals)> = found.into_iter().flatten().collect();
        rows.sort_by(|a, b| self.look.sort.compare(a, b));
        rows
    }
}

/// Tokens of runs that are alive, of one connector or of all: the log does not know them yet.
pub fn alive(model: &Model, connector: Option<&str>) -> TokenSums {
    let meant = |of: &str| connector.is_none_or(|wanted| wanted == of);
    let runs = model.runs.all.values().filter(|run| run.is_alive() && meant(&run.connector));
    runs.fold(TokenSums::default(), |sum, run| sum.and(live_tokens(run)))
}
