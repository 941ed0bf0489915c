//! The watch screen: which probes begin when, taking in what they tell, and its keys.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::app::doctor::DoctorPane;
use crate::app::effect::{Effect, Examine};
use crate::app::model::{Model, Screen, Subject, Tone};
use crate::app::overlay::{Overlay, Page, Question};
use crate::app::watch::{Probing, Watched, rows};
use crate::config::keymap::{Move, Watch};
use crate::domain::doctor::Reach;
use crate::domain::{ConnectorId, DoctorEvent, DoctorOutcome, RunId, Source, StageStatus};

use super::notice::{no_connector, say};
use super::{doctor, list, only, runs};

/// Shows the screen. What is due is probed at once.
pub(super) fn open(model: &mut Model) {
    model.view.screen = Screen::Watch;
}

/// Keeps the selection among what is watched.
pub(super) fn settle(model: &mut Model) {
    if model.view.screen != Screen::Watch {
        return;
    }
    let ids = ids(model);
    if !ids.iter().any(|id| Some(id) == model.list.selected.as_ref())
        && let Some(first) = ids.into_iter().next()
    {
        list::select(model, first);
    }
}

/// Probes while the screen shows: it is opened, or left, for whatever reason.
pub(super) fn follow(model: &mut Model, before: Screen) -> Vec<Effect> {
    match (before, model.view.screen) {
        (Screen::Watch, Screen::Panes | Screen::Usage | Screen::Events) => leave(model),
        (Screen::Panes | Screen::Usage | Screen::Events, Screen::Watch) => tick(model),
        (Screen::Watch, Screen::Watch) | (Screen::Panes | Screen::Usage | Screen::Events, _) => Vec::new(),
    }
}

/// Begins the probes that are due, while the screen shows and probing is on.
pub(super) fn tick(model: &mut Model) -> Vec<Effect> {
    if model.view.screen != Screen::Watch || model.runs.watch.state == Probing::Paused {
        return Vec::new();
    }
    let now = model.view.now;
    begin_where(model, |due| due <= now)
}

/// Begins the probes of connectors that none goes on of, where this holds for the moment they are due.
fn begin_where(model: &mut Model, is_time: impl Fn(Duration) -> bool) -> Vec<Effect> {
    let ids = ids(model).into_iter().filter(|id| model.runs.watch.due(id).is_some_and(&is_time));
    let ids: Vec<ConnectorId> = ids.collect();
    ids.iter().filter_map(|id| begin(model, id)).collect()
}

fn begin(model: &mut Model, id: &ConnectorId) -> Option<Effect> {
    let entry = model.config.entry(id)?;
    let (connector, origin) = (entry.connector.clone(), entry.origin);
    // A budget that is spent leaves the stages that cost nothing.
    let spent = runs::spent(model, &Subject::Saved(id.clone()));
    let makes_calls = spent.is_none() && model.runs.watch.calls.contains(id);
    let reach = if makes_calls { Reach::Calls } else { Reach::Models };
    let run = model.runs.next;
    model.runs.next = run.next();
    let config = &model.config.config;
    let (policy, prices) = (config.policy(&connector), Arc::clone(&config.settings.prices));
    let (every, now) = (model.runs.watch.every, model.view.now);
    let watched = model.runs.watch.watched.entry(id.clone()).or_default();
    watched.going = Some(DoctorPane::new(run, id.as_str(), now));
    watched.due = now + every;
    watched.whom = Some(Box::new((connector.clone(), policy.clone())));
    let source = Source::Watch;
    Some(Effect::Examine(Box::new(Examine { run, connector, policy, origin, reach, source, prices })))
}

/// Stops every probe that goes on: the screen is left. Whoever comes back is asked about calls again.
fn leave(model: &mut Model) -> Vec<Effect> {
    let now = model.view.now;
    model.runs.watch.calls.clear();
    let stopped = model.runs.watch.watched.values_mut().filter_map(|watched| {
        let going = watched.going.take()?;
        // It was not made: it is due when one comes back.
        watched.due = now;
        Some(Effect::StopExamination(going.run))
    });
    stopped.collect()
}

/// Takes in what a probe tells.
pub(super) fn apply(model: &mut Model, run: RunId, events: Vec<DoctorEvent>) {
    let now = model.view.now;
    let watched = model.runs.watch.watched.iter_mut();
    let mut of_run =
        watched.filter_map(|(id, one)| Some((id.clone(), one.going.take_if(|going| going.run == run)?, one)));
    let Some((id, mut going, watched)) = of_run.next() else { return };
    for event in events {
        going.report.apply(event);
    }
    let before = watched.verdict();
    match going.report.outcome {
        None => watched.going = Some(going),
        // Nobody stopped it: those that are stopped are not waited for.
        Some(DoctorOutcome::Cancelled) => say(model, Tone::Bad, &format!("the probe of {id} broke off")),
        Some(DoctorOutcome::Complete) => {
            watched.ended(going, now);
            let after = watched.verdict();
            tell_change(model, &id, before, after);
        }
    }
}

/// A connector that fails, or is well again, is told once.
fn tell_change(model: &mut Model, id: &ConnectorId, before: Option<StageStatus>, after: Option<StageStatus>) {
    let failed = |status: Option<StageStatus>| status == Some(StageStatus::Failed);
    match (failed(before), failed(after)) {
        (false, true) if before.is_some() => say(model, Tone::Bad, &format!("{id} fails")),
        (true, false) if after == Some(StageStatus::Warning) => {
            say(model, Tone::Info, &format!("{id} answers again, with a warning"));
        }
        (true, false) => say(model, Tone::Good, &format!("{id} is well again")),
        (false | true, _) => {}
    }
}

pub(super) fn act(model: &mut Model, action: Watch) -> Vec<Effect> {
    match action {
        // Also while probing is paused.
        Watch::Probe => begin_where(model, |_due| true),
        Watch::Report => only(|| report(model)),
        Watch::Doctor => doctor::examine_selected(model),
        Watch::Test => only(|| match model.list.selected.clone() {
            Some(id) => list::open_test(model, id),
            None => no_connector(model),
        }),
        Watch::Every => only(|| every(model)),
        Watch::Calls => only(|| calls(model)),
        Watch::Pause => only(|| {
            let state = &mut model.runs.watch.state;
            *state = match *state {
                Probing::On => Probing::Paused,
                Probing::Paused => Probing::On,
            };
        }),
        Watch::Copy => copy(model),
    }
}

/// What is due later than the new interval allows comes sooner. Calls were agreed to at most so often.
fn every(model: &mut Model) {
    let (now, watch) = (model.view.now, &mut model.runs.watch);
    let before = watch.every;
    watch.every = watch.next_interval();
    if watch.every < before && !watch.calls.is_empty() {
        watch.calls.clear();
        say(model, Tone::Info, "more often now: calls are off until you switch them on again");
    }
    let watch = &mut model.runs.watch;
    for watched in watch.watched.values_mut() {
        watched.due = watched.due.min(now + watch.every);
    }
}

/// Calls have a price: they are made once a person said so.
fn calls(model: &mut Model) {
    if model.runs.watch.calls.is_empty() {
        model.overlay = Some(Overlay::Question(Question::WatchCalls(ids(model))));
    } else {
        model.runs.watch.calls.clear();
    }
}

/// What the last probe found, as a page: probes go on below it.
fn report(model: &mut Model) {
    let Some(id) = model.list.selected.clone() else { return no_connector(model) };
    let Some(last) = last(model) else { return say(model, Tone::Info, "it was not probed yet") };
    let lines = last.report.text().lines().map(str::to_owned).collect();
    let title = format!("What the last probe of {id} found");
    model.overlay = Some(Overlay::Message(Page { title, lines, top: 0 }));
}

fn last(model: &Model) -> Option<&DoctorPane> {
    model.runs.watch.watched.get(model.list.selected.as_ref()?)?.last.as_ref()
}

fn copy(model: &mut Model) -> Vec<Effect> {
    match last(model) {
        Some(last) => vec![Effect::Copy(last.report.text())],
        None => only(|| say(model, Tone::Info, "it was not probed yet")),
    }
}

pub(super) fn step(model: &mut Model, step: Move) {
    let ids = ids(model);
    let at = ids.iter().position(|id| Some(id) == model.list.selected.as_ref()).unwrap_or(0);
    let page = usize::from(model.view.facts.page.1).max(1);
    let to = list::moved(at, ids.len().saturating_sub(1), page, step);
    select(model, to);
}

/// Selects a row.
pub(super) fn select(model: &mut Model, at: usize) {
    if let Some(id) = ids(model).into_iter().nth(at) {
        list::select(model, id);
    }
}

fn ids(model: &Model) -> Vec<ConnectorId> {
    rows(model).into_iter().map(|entry| entry.connector.id.clone()).collect()
}

/// The configuration was read again: of what is gone, or is another now, nothing is known.
pub(super) fn reconfigured(model: &mut Model) -> Vec<Effect> {
    let config = &model.config.config;
    let is_same = |id: &ConnectorId, watched: &Watched| {
        let entry = config.entries.iter().find(|entry| entry.connector.id == *id);
        let whom = watched.whom.as_deref();
        entry.zip(whom).is_some_and(|(entry, (connector, policy))| {
            entry.connector == *connector && config.policy(connector) == *policy
        })
    };
    let (same, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        std::mem::take(&mut model.runs.watch.watched).into_iter().partition(|(id, watched)| is_same(id, watched));
    model.runs.watch.watched = same;
    let stop = |watched: Watched| Some(Effect::StopExamination(watched.going?.run));
    others.into_values().filter_map(stop).collect()
}
