//! Figures over all runs, as of now.

use crate::domain::{RunPhase, TokenSums, Totals};

use super::doctor::DoctorPane;
use super::find::Searched;
use super::model::{Model, Mouse, Screen};
use super::overlay::Overlay;
use super::runs::RunView;
use super::watch::Probing;

/// What the top line says about the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Busy {
    /// Runs that left the queue and have not ended.
    pub running: usize,
    /// Runs that wait for a place.
    pub queued: usize,
    /// Bytes a second.
    pub rates: Rates,
}

/// Bytes a second, of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Over all runs: what arrived.
    pub arrived: u64,
    /// What the terminal was sent, while something arrives.
    pub drawn: u64,
}

/// What the pool is doing.
pub fn busy(model: &Model) -> Busy {
    let queued = model.runs.count(|phase| phase == RunPhase::Queued);
    Busy { running: model.runs.alive() - queued, queued, rates: model.runs.rates }
}

/// True while something on the screen changes by itself: a run is alive, a notice will go, or connectors are watched.
pub fn needs_tick(model: &Model) -> bool {
    let examines = model.runs.examinations.values().any(DoctorPane::is_alive);
    let watches = model.view.screen == Screen::Watch && is_watching(model);
    model.notice.is_some() || model.runs.alive() > 0 || examines || watches || is_searching(model)
}

/// True while probes go on or will begin.
fn is_watching(model: &Model) -> bool {
    let watch = &model.runs.watch;
    watch.state == Probing::On || watch.watched.values().any(|watched| watched.going.is_some())
}

/// Whose the mouse shall be now: a text to select by hand leaves it to the terminal.
pub fn mouse(model: &Model) -> Mouse {
    match model.overlay {
        Some(Overlay::Plain(_)) => Mouse::Off,
        Some(_) | None => model.view.mouse,
    }
}

/// True while something is sought in the reply in view, which may grow.
pub(super) fn is_finding(model: &Model) -> bool {
    model.test_pane().is_some_and(|pane| pane.find.is_some())
}

/// True while a long reply is searched piece by piece.
fn is_searching(model: &Model) -> bool {
    let find = model.test_pane().and_then(|pane| pane.find.as_ref());
    find.is_some_and(|find| !find.text.is_empty() && find.hits.of.is_some() && find.hits.state == Searched::Partly)
}

/// Today's totals: the event log's, and the tokens of runs that are alive. Ended runs are left to the event log, whose figures follow right after an end.
pub fn tokens_today(model: &Model) -> Totals {
    let alive = model.runs.all.values().filter(|run| run.is_alive());
    alive.fold(model.ledger.panel.logged.today, add)
}

fn add(sum: Totals, run: &RunView) -> Totals {
    sum.and(&Totals { tokens: live_tokens(run), ..Totals::default() })
}

/// Tokens of a run that is alive. A delta counts as one token until the server states its usage.
pub fn live_tokens(run: &RunView) -> TokenSums {
    let usage = &run.transcript.usage;
    let prompt = usage.prompt.unwrap_or(0);
    let completion = run.live.stated.unwrap_or(run.live.deltas);
    TokenSums {
        prompt,
        completion,
        total: usage.total.unwrap_or_else(|| prompt.saturating_add(completion)),
        cached: usage.cached.unwrap_or(0),
        cache_write: usage.cache_write.unwrap_or(0),
        reasoning: usage.reasoning.unwrap_or(0),
    }
}
