//! What becomes of the configuration file, and of what is open over it.

use crate::app::edit::{EditPane, IdState, Target};
use crate::app::model::{Model, Tone};
use crate::app::msg::ConfigMsg;
use crate::app::overlay::{Overlay, Question};
use crate::config::keymap::{Action, Context, List};
use crate::config::{Config, Entry, Removed, SaveError, Settings};
use crate::domain::{ConnectorId, Draft};

use super::notice::{key_of, say};
use super::{drafts, list, overlay, save, view};

pub(super) fn apply(model: &mut Model, msg: ConfigMsg) {
    match msg {
        ConfigMsg::Loaded(config) => {
            let was_broken = model.config.problem.is_some();
            let late = read_at_start(&model.config.config.settings, &config.settings);
            view::adopt(model, *config);
            if was_broken {
                say(model, Tone::Good, "the file can be read again");
            }
            if !late.is_empty() {
                say(model, Tone::Info, &format!("what changed in {} counts from the next start", late.join(" and ")));
            }
            reconcile(model);
        }
        ConfigMsg::Broken(problem) => broken(model, problem),
        ConfigMsg::Saved(config, id) => {
            let gone = gone(model, &config);
            // What was found of another connector of its id says nothing of a new one.
            if let Some(id) = id.as_ref().filter(|id| model.config.entry(id).is_none()) {
                model.runs.examinations.remove(id);
            }
            view::adopt(model, *config);
            tell_gone(model, &gone, id.as_ref());
            save::saved(model, id);
            reconcile(model);
        }
        ConfigMsg::NotSaved(error) => save::not_saved(model, error),
        ConfigMsg::Removed(config, removed) => gone_for_now(model, *config, *removed),
        ConfigMsg::Restored(removed, answer) => restored(model, *removed, answer),
    }
}

/// The tables that changed and are read once, when switchboard starts.
fn read_at_start(before: &Settings, now: &Settings) -> Vec<&'static str> {
    let events = |settings: &Settings| (settings.keep_events, settings.max_events_size, settings.database.clone());
    let changed = [("[events]", events(before) != events(now)), ("[telemetry]", before.telemetry != now.telemetry)];
    changed.into_iter().filter(|(_, changed)| *changed).map(|(table, _)| table).collect()
}

/// What was deleted can be brought back.
fn gone_for_now(model: &mut Model, config: Config, removed: Removed) {
    let id = removed.id().clone();
    model.list.removed.push(removed);
    view::adopt(model, config);
    let key = key_of(model, Context::List, Action::List(List::Undo));
    let told = match model.list.removed.len() {
        1 => format!("deleted {id}; {key} brings it back"),
        all => format!("deleted {id}; {key} brings back the last of {all}"),
    };
    say(model, Tone::Good, &told);
    reconcile(model);
}

fn restored(model: &mut Model, removed: Removed, answer: Result<Box<Config>, SaveError>) {
    let id = removed.id().clone();
    match answer {
        Ok(config) => {
            view::adopt(model, *config);
            list::select_saved(model, id.clone());
            say(model, Tone::Good, &format!("{id} is back"));
            reconcile(model);
        }
        Err(error) => {
            model.list.removed.push(removed);
            overlay::failure(model, &format!("{id} cannot be brought back"), &error.failure());
        }
    }
}

fn broken(model: &mut Model, problem: String) {
    let first = problem.lines().next().unwrap_or_default();
    say(model, Tone::Bad, &format!("the file cannot be used, the last good state stays: {first}"));
    model.config.problem = Some(problem);
}

fn gone(model: &Model, config: &Config) -> Vec<String> {
    let is_there = |id: &ConnectorId| config.entries.iter().any(|entry| entry.connector.id == *id);
    let ids = model.config.config.entries.iter().map(|entry| &entry.connector.id);
    ids.filter(|id| !is_there(id)).map(ToString::to_string).collect()
}

fn tell_gone(model: &mut Model, gone: &[String], saved: Option<&ConnectorId>) {
    if saved.is_none() && !gone.is_empty() {
        say(model, Tone::Good, &format!("deleted {}", gone.join(", ")));
    }
}

/// The open pane against the file as it is now. While a save is under way its answer decides.
fn reconcile(model: &mut Model) {
    let Some(edit) = model.edit.as_ref().filter(|edit| edit.state.saving.is_none()) else { return };
    let Some(id) = drafts::target_id(model) else { return };
    let entry = model.config.entry(&id).cloned();
    match (entry, edit.is_changed()) {
        (Some(entry), false) => refresh(model, &entry),
        (Some(entry), true) => compare(model, &entry),
        (None, false) => lose(model),
        (None, true) => keep_as_new(model, &id),
    }
}

/// Nothing was typed: the pane shows what the file says.
fn refresh(model: &mut Model, entry: &Entry) {
    let Some(edit) = &mut model.edit else { return };
    edit.target = EditPane::open(entry).target;
    if edit.base.as_deref() != Some(&entry.connector) {
        save::reset(edit, entry.connector.clone());
    }
}

/// The connector changed in the file while it was edited here. Somebody who is typing is not asked in the middle
/// of a word: saving asks then.
fn compare(model: &mut Model, entry: &Entry) {
    let Some(edit) = &mut model.edit else { return };
    if edit.base.as_deref() == Some(&entry.connector) {
        return;
    }
    if edit.draft == Draft::from(&entry.connector) {
        return save::reset(edit, entry.connector.clone());
    }
    if model.context().is_typing() {
        return say(model, Tone::Bad, &format!("{} changed on disk; saving will ask", entry.connector.id));
    }
    let theirs = Some(Box::new(entry.connector.clone()));
    model.overlay = Some(Overlay::Question(Question::Clash(theirs)));
}

fn lose(model: &mut Model) {
    if drafts::body_at_stake(model) {
        return;
    }
    drafts::close_gone(model);
}

fn keep_as_new(model: &mut Model, id: &ConnectorId) {
    if let Some(edit) = &mut model.edit {
        edit.target = Target::New;
        edit.base = None;
        edit.state.id = IdState::Typed;
    }
    say(model, Tone::Bad, &format!("{id} was deleted; saving the draft creates it again"));
}
