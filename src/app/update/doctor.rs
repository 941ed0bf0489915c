//! The doctor: starting and stopping examinations, taking in what they tell, reading and copying the report.

use std::sync::Arc;

use crate::app::doctor::{Cursor, DoctorPane};
use crate::app::effect::{Effect, Examine};
use crate::app::model::{Focus, Model, Subject, Tab, Tone};
use crate::app::overlay::{Overlay, Page};
use crate::config::keymap::{Context, Doctor, Move};
use crate::domain::doctor::Reach;
use crate::domain::{ConnectorId, DoctorEvent, DoctorOutcome, DoctorStage, RunId, Source, StageStatus};

use super::notice::{no_connector, say};
use super::{focus, list, only, runs, watch};

pub(super) fn act(model: &mut Model, action: Doctor) -> Vec<Effect> {
    match action {
        Doctor::Run => examine_selected(model),
        Doctor::Cancel => {
            let effects = stop(model);
            if effects.is_empty() {
                say(model, Tone::Info, "no examination goes on here");
            }
            effects
        }
        Doctor::Read => only(|| read(model)),
        Doctor::Copy => copy(model),
        Doctor::Test => only(|| focus(model, Focus::Workspace, Tab::Test)),
    }
}

/// Examines the selected connector.
pub(super) fn examine_selected(model: &mut Model) -> Vec<Effect> {
    let ids = model.list.selected.iter().cloned().collect();
    examine(model, ids)
}

/// Examines connectors. One shows in the doctor's pane; how several stand is seen in the list.
pub(super) fn examine(model: &mut Model, ids: Vec<ConnectorId>) -> Vec<Effect> {
    match ids.as_slice() {
        [] => no_connector(model),
        [one] => {
            if model.list.selected.as_ref() != Some(one) {
                list::select(model, one.clone());
            }
            focus(model, Focus::Workspace, Tab::Doctor);
        }
        many => {
            let told = format!("{} connectors are examined; the list tells how each stands", many.len());
            focus(model, Focus::List, Tab::Doctor);
            say(model, Tone::Info, &told);
        }
    }
    ids.into_iter().flat_map(|id| begin(model, id)).collect()
}

fn begin(model: &mut Model, id: ConnectorId) -> Vec<Effect> {
    let Some(entry) = model.config.entry(&id) else { return Vec::new() };
    let (connector, origin) = (entry.connector.clone(), entry.origin);
    let reach = match runs::spent(model, &Subject::Saved(id.clone())) {
        None => Reach::Calls,
        Some(told) => {
            say(model, Tone::Info, &format!("no call is made: {told}"));
            Reach::Models
        }
    };
    let before = model.runs.examinations.get(&id).filter(|pane| pane.is_alive());
    let mut effects: Vec<Effect> = before.map(|pane| Effect::StopExamination(pane.run)).into_iter().collect();
    let run = model.runs.next;
    model.runs.next = run.next();
    let pane = DoctorPane::new(run, id.as_str(), model.view.now);
    model.runs.examinations.insert(id, pane);
    let config = &model.config.config;
    let (policy, prices) = (config.policy(&connector), Arc::clone(&config.settings.prices));
    let source = Source::Doctor;
    effects.push(Effect::Examine(Box::new(Examine { run, connector, policy, origin, reach, source, prices })));
    effects
}

/// Stops the examination in view.
pub(super) fn stop(model: &mut Model) -> Vec<Effect> {
    model.list.selected.as_ref().and_then(|id| stop_of(model, id)).into_iter().collect()
}

/// Stops the examination of a connector, if one goes on.
pub(super) fn stop_of(model: &Model, id: &ConnectorId) -> Option<Effect> {
    let pane = model.runs.examinations.get(id).filter(|pane| pane.is_alive());
    pane.map(|pane| Effect::StopExamination(pane.run))
}

/// Takes in what an examination tells. One that another took the place of tells nothing any more.
pub(super) fn apply(model: &mut Model, run: RunId, events: Vec<DoctorEvent>) {
    let now = model.view.now;
    let panes = &mut model.runs.examinations;
    let Some((id, pane)) = panes.iter_mut().find(|(_, pane)| pane.run == run && pane.is_alive()) else {
        return watch::apply(model, run, events);
    };
    for event in events {
        pane.report.apply(event);
    }
    if pane.is_alive() {
        return;
    }
    pane.ended = Some(now);
    let is_selected = model.list.selected.as_ref() == Some(id);
    let (tone, text) = ended(pane);
    // Beside the list the pane shows in wide terminals alone.
    if !is_selected || model.context_below() != Context::Doctor {
        say(model, tone, &text);
    }
}

fn ended(pane: &DoctorPane) -> (Tone, String) {
    let id = &pane.report.connector;
    match (pane.report.outcome, pane.report.configured.failure(), pane.report.verdict()) {
        (Some(DoctorOutcome::Cancelled), _, _) => (Tone::Info, format!("the examination of {id} was cancelled")),
        (_, Some(stage), _) => (Tone::Bad, format!("{id}: the doctor found a failure at {}", stage.stage.word())),
        (_, None, StageStatus::Warning) => (Tone::Info, format!("{id} is well, with a warning of the doctor")),
        (_, None, _) => (Tone::Good, format!("{id} is well, says the doctor")),
    }
}

pub(super) fn step(model: &mut Model, step: Move) {
    let Some(id) = model.list.selected.clone() else { return };
    let Some(pane) = model.runs.examinations.get_mut(&id) else { return };
    let all = DoctorStage::ALL;
    let at = all.iter().position(|stage| *stage == pane.stage()).unwrap_or(0);
    let to = list::moved(at, all.len() - 1, 5, step);
    pane.cursor = all.get(to).map_or(Cursor::Follows, |stage| Cursor::At(*stage));
}

fn read(model: &mut Model) {
    let Some(pane) = model.doctor_pane() else { return };
    let lines = pane.report.text().lines().map(str::to_owned).collect();
    model.overlay = Some(Overlay::Message(Page { title: "Report of the doctor".to_owned(), lines, top: 0 }));
}

fn copy(model: &mut Model) -> Vec<Effect> {
    match model.doctor_pane() {
        Some(pane) => vec![Effect::Copy(pane.report.text())],
        None => only(|| say(model, Tone::Info, "there is no report to copy yet")),
    }
}
