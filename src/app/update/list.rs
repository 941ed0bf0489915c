//! The list of connectors: selection, filter, marks, and what starts from it.

use crate::app::effect::Effect;
use crate::app::list::FilterState;
use crate::app::model::{Focus, Model, Subject, Tab, Tone};
use crate::app::overlay::{After, Overlay, Question};
use crate::config::keymap::{List, Move};
use crate::config::{Change, Config, Entry};
use crate::domain::{ConnectorId, Origin};

use super::notice::{no_connector, say};
use super::{doctor, drafts, focus, only, runs};

pub(super) fn act(model: &mut Model, action: List) -> Vec<Effect> {
    match action {
        List::Filter => only(|| {
            focus(model, Focus::List, model.view.tab);
            model.list.filter.state = FilterState::Typing;
        }),
        List::New => only(|| drafts::begin(model, After::New)),
        List::Test => only(|| with_selected(model, open_test)),
        List::Edit => only(|| with_selected(model, |model, id| drafts::begin(model, After::Edit(id)))),
        List::Duplicate => only(|| with_selected(model, |model, id| drafts::begin(model, After::Duplicate(id)))),
        List::Delete => only(|| ask_delete(model)),
        List::Mark => only(|| with_selected(model, mark)),
        List::Run => run(model),
        List::Doctor => {
            let ids = targets(model);
            doctor::examine(model, ids)
        }
        List::Cancel => cancel(model),
        List::Clear => only(|| clear(model)),
        List::MarkAll => only(|| mark_all(model)),
        List::Undo => undo(model),
    }
}

fn with_selected(model: &mut Model, act: impl FnOnce(&mut Model, ConnectorId)) {
    match model.list.selected.clone() {
        Some(id) => act(model, id),
        None => no_connector(model),
    }
}

/// Shows a connector's test pane and gives it the keys.
pub(super) fn open_test(model: &mut Model, id: ConnectorId) {
    select(model, id);
    focus(model, Focus::Workspace, Tab::Test);
}

/// Selects a connector; a filter that hides it is cleared.
pub(super) fn select(model: &mut Model, id: ConnectorId) {
    let is_listed = ids(model).contains(&id);
    if !is_listed {
        model.list.filter.text.clear();
    }
    drafts::look_away(model);
    model.list.selected = Some(id);
}

/// Selects what was just saved; the test pane in view stays what it is.
pub(super) fn select_saved(model: &mut Model, id: ConnectorId) {
    if !ids(model).contains(&id) {
        model.list.filter.text.clear();
    }
    model.list.selected = Some(id);
}

fn mark(model: &mut Model, id: ConnectorId) {
    if !model.list.marks.remove(&id) {
        model.list.marks.insert(id);
    }
}

/// Marks every listed connector; when all are marked, unmarks them.
fn mark_all(model: &mut Model) {
    let ids = ids(model);
    if ids.iter().all(|id| model.list.marks.contains(id)) {
        model.list.marks.retain(|id| !ids.contains(id));
    } else {
        model.list.marks.extend(ids);
    }
}

/// Brings back what was deleted last. It is asked for once, until the answer comes.
fn undo(model: &mut Model) -> Vec<Effect> {
    match model.list.removed.pop() {
        Some(removed) => vec![Effect::Save(Box::new(Change::Restore(Box::new(removed))))],
        None => only(|| say(model, Tone::Info, "nothing was deleted since the program started")),
    }
}

/// The filter goes first, then the marks.
fn clear(model: &mut Model) {
    if model.list.filter.text.is_empty() {
        model.list.marks.clear();
    } else {
        model.list.filter.text.clear();
    }
}

/// The marked connectors in the list's order; without marks the selected one.
fn targets(model: &Model) -> Vec<ConnectorId> {
    if model.list.marks.is_empty() {
        return model.list.selected.iter().cloned().collect();
    }
    let all = model.config.config.entries.iter().map(|entry| &entry.connector.id);
    all.filter(|id| model.list.marks.contains(id)).cloned().collect()
}

fn ask_delete(model: &mut Model) {
    let is_user = |id: &ConnectorId| model.config.entry(id).is_some_and(|entry| entry.origin == Origin::User);
    let (own, others): (Vec<_>, Vec<_>) = targets(model).into_iter().partition(is_user);
    if let Some(id) = others.first() {
        say(model, Tone::Bad, &format!("{id} is preconfigured and cannot be deleted"));
    }
    if !own.is_empty() {
        model.overlay = Some(Overlay::Question(Question::Delete(own)));
    }
}

fn run(model: &mut Model) -> Vec<Effect> {
    let subjects = targets(model).into_iter().map(Subject::Saved).collect();
    runs::ask_start(model, subjects)
}

fn cancel(model: &mut Model) -> Vec<Effect> {
    let mut effects = stop_examinations(model);
    effects.extend(targets(model).into_iter().flat_map(|id| runs::cancel_latest(model, &Subject::Saved(id))));
    if effects.is_empty() {
        say(model, Tone::Info, "nothing runs here");
    }
    effects
}

/// Stops the examinations of the marked connectors, or of the selected one.
pub(super) fn stop_examinations(model: &Model) -> Vec<Effect> {
    targets(model).iter().filter_map(|id| doctor::stop_of(model, id)).collect()
}

fn ids(model: &Model) -> Vec<ConnectorId> {
    let entries = &model.config.config.entries;
    model.list.rows(entries, &model.runs).map(|entry| entry.connector.id.clone()).collect()
}

/// The connector in a row of the list, counted from the first that shows.
pub(super) fn at_row(model: &Model, row: usize) -> Option<ConnectorId> {
    ids(model).into_iter().nth(model.list.offset + row)
}

pub(super) fn step(model: &mut Model, step: Move) {
    let ids = ids(model);
    let at = ids.iter().position(|id| Some(id) == model.list.selected.as_ref()).unwrap_or(0);
    let page = usize::from(model.view.facts.list_rows).max(1);
    let last = ids.len().saturating_sub(1);
    let to = moved(at, last, page, step);
    let Some(id) = ids.into_iter().nth(to) else { return };
    if model.list.selected.as_ref() != Some(&id) {
        drafts::look_away(model);
    }
    model.list.selected = Some(id);
}

/// Where a step leads from `at`, of rows 0 to `last`.
pub(super) fn moved(at: usize, last: usize, page: usize, step: Move) -> usize {
    let to = match step {
        Move::Down => at.saturating_add(1),
        Move::Up => at.saturating_sub(1),
        Move::PageDown => at.saturating_add(page),
        Move::PageUp => at.saturating_sub(page),
        Move::First => 0,
        Move::Last => last,
    };
    to.min(last)
}

/// Keeps the selection on a listed connector and in view.
pub(super) fn settle(model: &mut Model) {
    let ids = ids(model);
    let at = model.list.selected.as_ref().and_then(|selected| ids.iter().position(|id| id == selected));
    if at.is_none() {
        model.list.selected = ids.first().cloned();
    }
    model.list.offset = visible(model.list.offset, at.unwrap_or(0), ids.len(), model.view.facts.list_rows);
}

/// The first row that shows, so that `at` is in view and no row is left empty that could be filled.
pub(super) fn visible(offset: usize, at: usize, rows: usize, height: u16) -> usize {
    let height = usize::from(height).max(1);
    let least = (at + 1).saturating_sub(height);
    offset.clamp(least, at.max(least)).min(rows.saturating_sub(height).max(least))
}

/// Before the entries change: a selection that goes moves to its neighbour, and marks of what is gone go.
pub(super) fn keep_place(model: &mut Model, config: &Config) {
    let is_there = |id: &ConnectorId| has(&config.entries, id);
    model.list.marks.retain(is_there);
    let Some(selected) = model.list.selected.clone().filter(|id| !is_there(id)) else { return };
    let ids = ids(model);
    let at = ids.iter().position(|id| *id == selected).unwrap_or(0);
    let after = ids.iter().skip(at).find(|id| is_there(id));
    let before = || ids.iter().take(at).rev().find(|id| is_there(id));
    model.list.selected = after.or_else(before).cloned();
}

fn has(entries: &[Entry], id: &ConnectorId) -> bool {
    entries.iter().any(|entry| entry.connector.id == *id)
}
