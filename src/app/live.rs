//! Figures over all runs, as of now.

use crate::domain::{RunPhase, TokenTotals};

use super::model::Model;
use super::runs::RunView;

/// What the top line says about the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Busy {
    /// Runs that left the queue and have not ended.
    pub running: usize,
    /// Runs that wait for a place.
    pub queued: usize,
    /// Bytes that arrived in the last second.
    pub bytes_per_second: u64,
}

/// What the pool is doing.
pub fn busy(model: &Model) -> Busy {
    let queued = model.runs.count(|phase| phase == RunPhase::Queued);
    Busy { running: model.runs.alive() - queued, queued, bytes_per_second: model.runs.bytes_per_second }
}

/// True while something on the screen changes by itself: a run is alive, or a notice will go.
pub fn needs_tick(model: &Model) -> bool {
    model.notice.is_some() || model.runs.alive() > 0
}

/// Today's totals: the event log's, and the tokens of runs that are alive. A delta counts as one token until the
/// server states its usage. Ended runs are left to the event log, whose figures follow right after an end.
pub fn tokens_today(model: &Model) -> TokenTotals {
    let alive = model.runs.all.values().filter(|run| run.is_alive());
    alive.fold(model.tokens.logged.today, add)
}

fn add(sum: TokenTotals, run: &RunView) -> TokenTotals {
    let usage = &run.transcript.usage;
    let prompt = usage.prompt.unwrap_or(0);
    let completion = usage.completion.unwrap_or(run.live.deltas);
    TokenTotals {
        prompt: sum.prompt.saturating_add(prompt),
        completion: sum.completion.saturating_add(completion),
        total: sum.total.saturating_add(usage.total.unwrap_or_else(|| prompt.saturating_add(completion))),
        cached: sum.cached.saturating_add(usage.cached.unwrap_or(0)),
        reasoning: sum.reasoning.saturating_add(usage.reasoning.unwrap_or(0)),
        ..sum
    }
}
