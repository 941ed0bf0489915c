//! Opening, replacing and closing the edit pane. What would be lost is asked about first.

use crate::app::edit::{EditPane, Target, Testing};
use crate::app::model::{Focus, Model, Subject, Tab};
use crate::app::overlay::{After, Overlay, Question};
use crate::app::test::{BodyOrigin, TestPane};
use crate::config::Entry;
use crate::domain::connector::ID_MAX;
use crate::domain::{ConnectorId, Draft, Provider};

use super::{edit, focus, runs, test, view};

/// Begins to edit something; unsaved changes of something else are asked about.
pub(super) fn begin(model: &mut Model, after: After) {
    let is_open = matches!(&after, After::Edit(id) if target_id(model).as_ref() == Some(id));
    if is_open {
        return focus(model, Focus::Workspace, Tab::Edit);
    }
    if view::is_unsaved(model) {
        model.overlay = Some(Overlay::Question(Question::Discard(after)));
        return;
    }
    go(model, after);
}

/// What follows once nothing stands in the way. Quitting is not decided here.
pub(super) fn go(model: &mut Model, after: After) {
    match after {
        After::Close => close(model),
        After::Quit => {}
        After::Edit(id) => {
            open(model, &id);
            focus(model, Focus::Workspace, Tab::Edit);
        }
        After::New => show(model, EditPane::create(Draft::new(Provider::OpenAi))),
        After::Duplicate(id) => duplicate(model, &id),
        After::Import(import) => super::import::open(model, *import),
    }
}

/// Opens the pane of a connector, without giving it the keys.
pub(super) fn open(model: &mut Model, id: &ConnectorId) {
    let Some(pane) = model.config.entry(id).map(EditPane::open) else { return };
    drop_pane(model);
    model.edit = Some(pane);
}

fn duplicate(model: &mut Model, id: &ConnectorId) {
    let Some(entry) = model.config.entry(id) else { return };
    let copy = edit::copy_of(&Draft::from(&entry.connector), &model.config.config.entries);
    show(model, EditPane::create(copy));
}

pub(super) fn show(model: &mut Model, pane: EditPane) {
    drop_pane(model);
    model.edit = Some(pane);
    focus(model, Focus::Workspace, Tab::Edit);
}

/// Closes the pane and goes back to the list.
pub(super) fn close(model: &mut Model) {
    drop_pane(model);
    focus(model, Focus::List, Tab::Test);
}

/// The connector is gone: the pane goes with it, and the keys go where there is still something.
pub(super) fn close_gone(model: &mut Model) {
    let was_here = model.view.focus == Focus::Workspace && model.view.tab == Tab::Edit;
    drop_pane(model);
    if was_here {
        focus(model, Focus::List, Tab::Test);
    }
}

/// Drops the pane and the test pane of its draft. A run of it that is alive goes on.
pub(super) fn drop_pane(model: &mut Model) {
    let Some(edit) = model.edit.take() else { return };
    let draft = model.tests.remove(&Subject::Draft);
    let typed = draft.filter(|pane| pane.origin == BodyOrigin::Typed);
    if let (Target::Saved(id), Some(draft)) = (edit.target, typed) {
        hand_over(model, id, &draft);
    }
    if let Some(run) = model.runs.latest.get(&Subject::Draft).copied() {
        runs::forget_ended(model, run);
    }
}

/// A body typed for the draft goes to the saved connector's pane, where none was typed.
fn hand_over(model: &mut Model, id: ConnectorId, draft: &TestPane) {
    let subject = Subject::Saved(id);
    test::ensure(model, &subject);
    let Some(pane) = model.tests.get_mut(&subject) else { return };
    if pane.origin == BodyOrigin::Prefilled {
        pane.set_text(&draft.text(), BodyOrigin::Typed);
    }
}

/// True where closing the pane would lose a body that was typed for the draft.
pub(super) fn body_at_stake(model: &Model) -> bool {
    let Some(draft) = model.tests.get(&Subject::Draft).filter(|pane| pane.origin == BodyOrigin::Typed) else {
        return false;
    };
    match model.edit.as_ref().map(|edit| &edit.target) {
        Some(Target::Saved(id)) => model
            .tests
            .get(&Subject::Saved(id.clone()))
            .is_some_and(|pane| pane.origin == BodyOrigin::Typed && pane.text() != draft.text()),
        Some(Target::New | Target::ReadOnly(_)) => true,
        None => false,
    }
}

/// True where another connector may take the pane's place without a word.
pub(super) fn is_free(model: &Model) -> bool {
    let Some(edit) = &model.edit else { return true };
    let is_idle = edit.target != Target::New && edit.typing.is_none() && edit.state.saving.is_none();
    is_idle && !edit.tests_draft() && !view::is_unsaved(model)
}

/// The connector that is edited, if it exists.
pub(super) fn target_id(model: &Model) -> Option<ConnectorId> {
    match &model.edit.as_ref()?.target {
        Target::New => None,
        Target::Saved(id) | Target::ReadOnly(id) => Some(id.clone()),
    }
}

/// The selection moves on: the test pane in view is that of a saved connector again.
pub(super) fn look_away(model: &mut Model) {
    if let Some(edit) = &mut model.edit {
        edit.state.testing = Testing::Saved;
    }
}

/// The wished id, or the first free one with a number behind it.
pub(super) fn free_id(entries: &[Entry], wish: &str) -> String {
    let is_taken = |id: &String| entries.iter().any(|entry| entry.connector.id.as_str() == id.as_str());
    let numbered = (2..).map(|n: usize| joined(wish, &format!("-{n}")));
    let mut candidates = std::iter::once(joined(wish, "")).chain(numbered);
    candidates.find(|id| !is_taken(id)).unwrap_or_default()
}

/// Ids are ASCII, so bytes are characters.
fn joined(stem: &str, suffix: &str) -> String {
    let room = ID_MAX - suffix.len().min(ID_MAX);
    let stem = stem.get(..stem.floor_char_boundary(room)).unwrap_or_default().trim_end_matches('-');
    format!("{stem}{suffix}")
}
