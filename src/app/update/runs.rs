//! Runs: starting and cancelling them, and taking in what they tell.

use std::sync::Arc;
use std::time::Duration;

use crate::app::effect::{Effect, Start};
use crate::app::model::{Model, Subject, Tab, Tone};
use crate::app::overlay::{Overlay, Question};
use crate::app::runs::{Live, RunView};
use crate::app::test::{BodyOrigin, BodyProblem, TestPane};
use crate::app::usage::alive;
use crate::domain::budget::Scope;
use crate::domain::{Connector, Delta, Outcome, RunEnd, RunEvent, RunId, Spending, Totals};
use crate::provider::check_body;

use super::notice::say;
use super::{save, scroll, test};

/// Starts a run of each subject, after a question where one of them has a budget that is spent.
pub(super) fn ask_start(model: &mut Model, subjects: Vec<Subject>) -> Vec<Effect> {
    match subjects.iter().find_map(|subject| spent(model, subject)) {
        Some(told) => {
            model.overlay = Some(Overlay::Question(Question::OverBudget(subjects, told)));
            Vec::new()
        }
        None => start_all(model, &subjects),
    }
}

/// Starts a run of each subject, whatever their budgets.
pub(super) fn start_all(model: &mut Model, subjects: &[Subject]) -> Vec<Effect> {
    subjects.iter().flat_map(|subject| start(model, subject)).collect()
}

/// The budget that a run of this subject would overrun; tokens of runs that are alive count.
fn spent(model: &Model, subject: &Subject) -> Option<String> {
    let connector = match subject {
        Subject::Saved(id) => Some(&model.config.entry(id)?.connector),
        Subject::Draft => None,
    };
    let id = connector.map_or_else(String::new, |connector| connector.id.to_string());
    let body = model.tests.get(subject).and_then(|pane| check_body(&pane.text()).ok());
    let named = body.as_ref().and_then(|body| body.get("model")?.as_str());
    let model_name = named.or_else(|| connector?.default_model.as_deref());
    let counted = |spending: &&Spending| spending.budget.counts(&id, model_name);
    let with_live = |spending: &Spending| {
        let of = match &spending.budget.scope {
            Scope::Connector(id) => Some(id.as_str()),
            Scope::All | Scope::Model(_) => None,
        };
        let alive = Totals { tokens: alive(model, of), ..Totals::default() };
        Spending { used: spending.used.and(&alive), ..spending.clone() }
    };
    let budgets = &model.ledger.panel.logged.budgets;
    budgets.iter().filter(counted).map(with_live).find(Spending::blocks).map(|spending| spending.told())
}

/// Starts a run of a subject's body; a run of it that is alive is cancelled first.
fn start(model: &mut Model, subject: &Subject) -> Vec<Effect> {
    test::ensure(model, subject);
    let Some(start) = prepared(model, subject) else { return Vec::new() };
    let mut effects = replaced(model, subject);
    let view = RunView::new(subject.clone(), start.connector.id.to_string(), model.view.now);
    model.runs.next = start.run.next();
    model.runs.all.insert(start.run, view);
    model.runs.latest.insert(subject.clone(), start.run);
    if let Some(pane) = model.tests.get_mut(subject) {
        pane.run = Some(start.run);
        pane.scroll = scroll::at_start(pane.tab);
    }
    effects.push(Effect::Start(Box::new(start)));
    effects
}

/// What a run of this subject would need; `None` after saying why it cannot be.
pub(super) fn prepared(model: &mut Model, subject: &Subject) -> Option<Start> {
    let connector = connector(model, subject)?;
    let pane = model.tests.get(subject)?;
    if let Err(problem) = pane.check.clone() {
        refuse(model, subject, &problem);
        return None;
    }
    let config = &model.config.config;
    let (policy, prices) = (config.policy(&connector), Arc::clone(&config.settings.prices));
    Some(Start { run: model.runs.next, policy, body: pane.text(), mode: pane.mode, connector, prices })
}

fn connector(model: &mut Model, subject: &Subject) -> Option<Connector> {
    match subject {
        Subject::Saved(id) => model.config.entry(id).map(|entry| entry.connector.clone()),
        Subject::Draft => save::checked(model).map(|checked| checked.connector),
    }
}

fn refuse(model: &mut Model, subject: &Subject, problem: &BodyProblem) {
    let name = match subject {
        Subject::Saved(id) => format!("{id}: "),
        Subject::Draft => String::new(),
    };
    let BodyProblem { line, column, message } = problem;
    say(model, Tone::Bad, &format!("{name}the body cannot be sent: line {line}, column {column}: {message}"));
    if let Some(pane) = model.tests.get_mut(subject) {
        test::to_problem(pane, problem);
    }
}

/// Makes place for a new run of the subject.
fn replaced(model: &mut Model, subject: &Subject) -> Vec<Effect> {
    let Some(old) = model.runs.latest.remove(subject) else { return Vec::new() };
    let effects = cancel(model, old);
    forget_ended(model, old);
    effects
}

/// Cancels the subject's run, if it is alive.
pub(super) fn cancel_latest(model: &mut Model, subject: &Subject) -> Vec<Effect> {
    let latest = model.runs.latest.get(subject).copied();
    latest.map(|run| cancel(model, run)).unwrap_or_default()
}

/// Asks once for a run to be cancelled.
pub(super) fn cancel(model: &mut Model, run: RunId) -> Vec<Effect> {
    let is_alive = model.runs.all.get(&run).is_some_and(RunView::is_alive);
    if is_alive && model.runs.cancelling.insert(run) { vec![Effect::Cancel(run)] } else { Vec::new() }
}

/// Takes in what a run tells. Runs that are not known, or are over, tell nothing any more.
pub(super) fn apply(model: &mut Model, id: RunId, events: Vec<RunEvent>) {
    let now = model.view.now;
    let Some(run) = model.runs.all.get_mut(&id).filter(|run| run.is_alive()) else { return };
    for event in events {
        take(run, event, now);
    }
    if run.is_alive() {
        return;
    }
    model.runs.cancelling.remove(&id);
    tell_end(model, id);
    forget_ended(model, id);
}

fn take(run: &mut RunView, event: RunEvent, now: Duration) {
    if !run.is_alive() {
        return;
    }
    match &event {
        RunEvent::Started { .. } => run.started = Some(now),
        RunEvent::Delta(delta) => show(run, delta, now),
        RunEvent::Attempt { .. }
        | RunEvent::Retry(_)
        | RunEvent::Head(_)
        | RunEvent::Raw(_)
        | RunEvent::Usage(_)
        | RunEvent::Note(_)
        | RunEvent::Ended(_) => {}
    }
    run.transcript.apply(event);
}

fn show(run: &mut RunView, delta: &Delta, now: Duration) {
    let output = match delta {
        Delta::Answer(text) | Delta::Refusal(text) => {
            run.answer.push(text);
            run.code.follow(run.answer.text());
            text
        }
        Delta::Reasoning(text) => {
            run.reasoning.push(text);
            text
        }
        Delta::ToolCall(piece) => &piece.arguments,
    };
    if !output.is_empty() {
        count(&mut run.live, now.saturating_sub(run.asked));
    }
}

fn count(live: &mut Live, at: Duration) {
    live.deltas += 1;
    live.first_token.get_or_insert(at);
    live.latest = Some(at);
}

/// The end of a run that is not looked at is told on the bottom line, unless a later run took its place.
fn tell_end(model: &mut Model, id: RunId) {
    let is_in_view = model.view.tab == Tab::Test && model.test_pane().and_then(|pane| pane.run) == Some(id);
    let Some(run) = model.runs.all.get(&id).filter(|_| !is_in_view) else { return };
    if model.runs.latest.get(&run.subject) != Some(&id) {
        return;
    }
    let Some(end) = &run.transcript.end else { return };
    let (tone, text) = told(&run.connector, end);
    say(model, tone, &text);
}

fn told(connector: &str, end: &RunEnd) -> (Tone, String) {
    match end.outcome {
        Outcome::Ok => (Tone::Good, format!("{connector} finished")),
        Outcome::Cancelled => (Tone::Info, format!("{connector} cancelled")),
        Outcome::Error => {
            let status = end.http_status.map(|status| format!("{status} ")).unwrap_or_default();
            let why = end.failure.as_ref().map_or("no reason given", |failure| failure.message.as_str());
            (Tone::Bad, format!("{connector} failed: {status}{why}"))
        }
    }
}

/// Drops a run that is over and shown nowhere: not the last of its subject, or of a draft that is gone.
pub(super) fn forget_ended(model: &mut Model, id: RunId) {
    let Some(run) = model.runs.all.get(&id).filter(|run| !run.is_alive()) else { return };
    let is_latest = model.runs.latest.get(&run.subject) == Some(&id);
    let is_shown = model.tests.get(&run.subject).is_some_and(|pane: &TestPane| pane.run == Some(id));
    if is_latest && is_shown {
        return;
    }
    let subject = run.subject.clone();
    model.runs.all.remove(&id);
    if is_latest {
        model.runs.latest.remove(&subject);
    }
}

/// A subject has another name from now on: its pane and its runs go with it. A body that was typed there stays.
pub(super) fn rename(model: &mut Model, from: &Subject, to: &Subject) {
    if let Some(mut pane) = model.tests.remove(from) {
        let there = model.tests.get(to).filter(|there| there.origin == BodyOrigin::Typed);
        if let Some(there) = there.filter(|_| pane.origin == BodyOrigin::Prefilled) {
            pane.set_text(&there.text(), BodyOrigin::Typed);
        }
        model.tests.insert(to.clone(), pane);
    }
    let old = model.runs.latest.remove(to);
    if let Some(run) = model.runs.latest.remove(from) {
        model.runs.latest.insert(to.clone(), run);
    }
    for run in model.runs.all.values_mut().filter(|run| run.subject == *from) {
        run.subject = to.clone();
    }
    if let Some(old) = old {
        forget_ended(model, old);
    }
}
