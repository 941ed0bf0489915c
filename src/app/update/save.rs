//! Saving a draft, testing it, and what comes of a save.

use crate::app::edit::{EditPane, IdState, Saving, Target, Testing, Tried};
use crate::app::effect::Effect;
use crate::app::model::{Focus, Model, Subject, Tab, Tone};
use crate::app::overlay::{Overlay, Question};
use crate::config::{Change, SaveError};
use crate::domain::{Checked, Connector, ConnectorId, Draft, Field, Finding};

use super::edit::finished;
use super::notice::{read_only, say};
use super::{drafts, focus, list, overlay, runs, test, view};

/// Saves the draft, or says why not.
pub(super) fn save(model: &mut Model) -> Vec<Effect> {
    if !finished(model) {
        return Vec::new();
    }
    let Some(edit) = &model.edit else { return Vec::new() };
    let refusal = match &edit.target {
        Target::ReadOnly(_) => {
            read_only(model);
            return Vec::new();
        }
        Target::New | Target::Saved(_) if edit.state.saving.is_some() => Some("the last save is not done yet"),
        Target::Saved(_) if !edit.is_changed() => Some("nothing changed since the last save"),
        Target::New | Target::Saved(_) => None,
    };
    if let Some(refusal) = refusal {
        say(model, Tone::Info, refusal);
        return Vec::new();
    }
    if let Some(theirs) = on_disk_instead(model) {
        model.overlay = Some(Overlay::Question(Question::Clash(Some(Box::new(theirs)))));
        return Vec::new();
    }
    put(model)
}

/// The connector as the file has it by now, where that is not what was opened.
fn on_disk_instead(model: &Model) -> Option<Connector> {
    let edit = model.edit.as_ref()?;
    let base = edit.base.as_deref()?;
    let entry = model.config.entry(&base.id)?;
    Some(entry.connector.clone()).filter(|connector| connector != base)
}

fn put(model: &mut Model) -> Vec<Effect> {
    let Some(checked) = checked(model) else { return Vec::new() };
    let Some(edit) = &mut model.edit else { return Vec::new() };
    let replaces = match &edit.target {
        Target::Saved(id) => Some(id.clone()),
        Target::New | Target::ReadOnly(_) => None,
    };
    let base = edit.base.clone().filter(|_| replaces.is_some());
    edit.state.saving = Some(Box::new(Saving { draft: edit.draft.clone(), mended: checked.mended }));
    vec![Effect::Save(Box::new(Change::Put { replaces, base, connector: Box::new(checked.connector) }))]
}

/// The draft as a connector; `None` after showing what is wrong with it.
pub(super) fn checked(model: &mut Model) -> Option<Checked> {
    let edit = model.edit.as_mut()?;
    match edit.check(&model.config.config.entries) {
        Ok(checked) => Some(checked),
        Err(findings) => {
            complain(model, &findings);
            None
        }
    }
}

/// The cursor goes to the first finding, unless another field is being typed by now.
fn complain(model: &mut Model, findings: &[Finding]) {
    let Some((first, rest)) = findings.split_first() else { return };
    if let Some(edit) = &mut model.edit {
        edit.state.tried = Tried::Yes;
        if edit.typing.is_none() {
            edit.cursor = first.field;
            focus(model, Focus::Workspace, Tab::Edit);
        }
    }
    let count = match rest.len() {
        0 => "1 field needs a change".to_owned(),
        more => format!("{} fields need a change", more + 1),
    };
    say(model, Tone::Bad, &format!("{count}; {}: {}", first.field.key(), first.message));
}

/// Shows the test pane of the draft as it stands.
pub(super) fn test_draft(model: &mut Model) {
    if !finished(model) {
        return;
    }
    let Some(edit) = &model.edit else { return };
    if let Target::ReadOnly(id) = &edit.target {
        return list::open_test(model, id.clone());
    }
    if checked(model).is_none() {
        return;
    }
    if let Some(edit) = &mut model.edit {
        edit.state.testing = Testing::Draft;
    }
    focus(model, Focus::Workspace, Tab::Test);
    test::refresh_prefilled(model);
}

/// A change was written. `None`: it was a removal.
pub(super) fn saved(model: &mut Model, id: Option<ConnectorId>) {
    let Some(id) = id else { return };
    let saving = model.edit.as_mut().and_then(|edit| edit.state.saving.take());
    if let Some(saving) = &saving {
        settle_saved(model, &id, saving);
        list::select_saved(model, id.clone());
    }
    let mended = saving.map(|saving| saving.mended).unwrap_or_default();
    let told: Vec<String> = mended.into_iter().map(|finding| finding.message).collect();
    let told = if told.is_empty() { String::new() } else { format!("; {}", told.join("; ")) };
    say(model, Tone::Good, &format!("saved {id}{told}"));
}

/// The pane is that of the saved connector from now on. What was typed since the save stays.
fn settle_saved(model: &mut Model, id: &ConnectorId, saving: &Saving) {
    let Some(connector) = model.config.entry(id).map(|entry| entry.connector.clone()) else { return };
    let Some(edit) = &mut model.edit else { return };
    let old = std::mem::replace(&mut edit.target, Target::Saved(id.clone()));
    let fresh = Draft::from(&connector);
    if edit.draft == saving.draft {
        edit.draft = fresh.clone();
    } else {
        // Typed keys were moved to the vault: what was typed must not be asked for, or written, again.
        take_moved_keys(edit, &saving.draft, &fresh);
    }
    edit.opened = fresh;
    edit.base = Some(Box::new(connector));
    edit.state.id = IdState::Typed;
    edit.state.tried = Tried::NotYet;
    edit.state.touched.clear();
    edit.state.before = None;
    if !edit.is_changed() {
        super::edit::retype(edit);
    }
    if let Target::Saved(old) = old {
        renamed(model, &old, id);
    }
    adopt_draft_test(model, id);
}

fn take_moved_keys(edit: &mut EditPane, sent: &Draft, fresh: &Draft) {
    let (mine, sent, fresh) = (&mut edit.draft.auth, &sent.auth, &fresh.auth);
    if mine.api_key == sent.api_key {
        mine.api_key.clone_from(&fresh.api_key);
    }
    if mine.entra.token == sent.entra.token {
        mine.entra.token.clone_from(&fresh.entra.token);
    }
    if mine.entra.client_secret == sent.entra.client_secret {
        mine.entra.client_secret.clone_from(&fresh.entra.client_secret);
    }
}

fn renamed(model: &mut Model, old: &ConnectorId, new: &ConnectorId) {
    if old == new {
        return;
    }
    runs::rename(model, &Subject::Saved(old.clone()), &Subject::Saved(new.clone()));
    if let Some(mut pane) = model.runs.examinations.remove(old) {
        new.as_str().clone_into(&mut pane.report.connector);
        model.runs.examinations.insert(new.clone(), pane);
    }
    if model.list.marks.remove(old) {
        model.list.marks.insert(new.clone());
    }
}

/// A test of the draft becomes one of the saved connector, unless that has a body of its own.
fn adopt_draft_test(model: &mut Model, id: &ConnectorId) {
    if !model.tests.contains_key(&Subject::Draft) || drafts::body_at_stake(model) {
        return;
    }
    drafts::look_away(model);
    runs::rename(model, &Subject::Draft, &Subject::Saved(id.clone()));
    test::refresh_prefilled(model);
}

/// A change was not written.
pub(super) fn not_saved(model: &mut Model, error: SaveError) {
    let was_saving = model.edit.as_mut().is_some_and(|edit| edit.state.saving.take().is_some());
    match error {
        SaveError::Clash { on_disk, .. } if was_saving => {
            model.overlay = Some(Overlay::Question(Question::Clash(on_disk)));
        }
        SaveError::IdTaken if was_saving => {
            complain(model, &[Finding { field: Field::Id, message: error.to_string() }]);
        }
        SaveError::NotAllowed(_) if was_saving => {
            complain(model, &[Finding { field: Field::Url, message: error.to_string() }]);
        }
        SaveError::Clash { .. }
        | SaveError::IdTaken
        | SaveError::ReadOnly(_)
        | SaveError::NotAllowed(_)
        | SaveError::Key(_)
        | SaveError::Config(_) => {
            overlay::failure(model, "Not written", &error.failure());
        }
    }
}

/// The answer "mine" to a clash: what is on disk is overwritten, or written again where it was deleted.
pub(super) fn keep_mine(model: &mut Model, on_disk: Option<Box<Connector>>) -> Vec<Effect> {
    if !finished(model) {
        return Vec::new();
    }
    if on_disk.is_none() {
        forget_target(model);
    }
    let Some(edit) = &mut model.edit else { return Vec::new() };
    edit.base = on_disk;
    put(model)
}

/// The connector is not on disk any more, which the file's next reading will tell too: its id is free.
fn forget_target(model: &mut Model) {
    let target = drafts::target_id(model);
    let mut config = model.config.config.clone();
    config.entries.retain(|entry| Some(&entry.connector.id) != target.as_ref());
    view::adopt(model, config);
    if let Some(edit) = &mut model.edit {
        edit.target = Target::New;
    }
}

/// The answer "theirs": the draft is what is on disk.
pub(super) fn take_theirs(model: &mut Model, on_disk: Option<Box<Connector>>) {
    let Some(edit) = &mut model.edit else { return };
    match on_disk {
        Some(connector) => reset(edit, *connector),
        None => drafts::close(model),
    }
}

/// The pane starts again from a connector.
pub(super) fn reset(edit: &mut EditPane, connector: Connector) {
    edit.opened = Draft::from(&connector);
    edit.draft = edit.opened.clone();
    edit.base = Some(Box::new(connector));
    edit.state.touched.clear();
    super::edit::retype(edit);
}
