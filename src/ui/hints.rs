//! The bottom line: a notice while it lives, then the keys that act here, from the keymap.

use crate::app::Model;
use crate::app::doctor::DoctorPane;
use crate::app::edit::Target;
use crate::app::model::{Notice, Subject, Tone, Zoom};
use crate::app::runs::RunView;
use crate::config::keymap::{Action, Binding, Context, Doctor, Edit, Global, List, Move, Prompt, Test};
use crate::config::theme::Role;

use super::canvas::Canvas;
use super::text::Row;

/// The first key of an action, as people write it; its name in `[keys]` where it has none.
pub(super) fn key_name(model: &Model, context: Context, action: Action) -> String {
    let keymap = &model.look.keymap;
    let key = keymap.key_of(context, action).or_else(|| keymap.key_of(Context::Global, action));
    key.map_or_else(|| "(no key)".to_owned(), |key| key.to_string())
}

/// Draws the line.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    let row = match model.notice.as_ref().filter(|notice| notice.until > model.view.now) {
        Some(notice) => notice_row(notice, canvas).space(3),
        None => canvas.row().space(1),
    };
    let row = keys(model, row, canvas);
    canvas.put(0, row);
}

fn notice_row(notice: &Notice, canvas: &Canvas<'_>) -> Row {
    let (sign, role) = match notice.tone {
        Tone::Info => ("i", Role::Accent),
        Tone::Good => ("✓", Role::Good),
        Tone::Bad => ("!", Role::Bad),
    };
    let room = canvas.width().saturating_sub(2);
    let row = Row::new(room).space(1).add(canvas.style(role), sign).space(1);
    let row = row.add(canvas.style(role), &notice.text);
    canvas.row().append(row)
}

/// As many keys as fit, the general ones at the end.
fn keys(model: &Model, row: Row, canvas: &Canvas<'_>) -> Row {
    let context = model.context();
    let general = general(model, context, canvas);
    let keymap = &model.look.keymap;
    let mut row = row;
    let (first, others): (Vec<_>, Vec<_>) = keymap.rows(context).partition(|binding| is_first(model, binding));
    for binding in first.into_iter().chain(others).filter(|binding| belongs_here(model, binding)) {
        let next = hint(binding, canvas);
        if next.width() + general.width() > row.left() {
            break;
        }
        row = row.append(next);
    }
    if general.width() <= row.left() { row.append(general) } else { row }
}

/// Moving keys are the same everywhere and are told by the help, so they are told where a page goes on alone. A question
/// tells its own answers, and what cannot be done now is left out.
fn belongs_here(model: &Model, binding: &Binding) -> bool {
    match binding.action {
        Action::Global(Global::Back) => is_zoomed(model) || is_searched(model),
        Action::Test(Test::Cancel) => model.subject().is_some_and(|subject| is_alive(model, &subject)),
        Action::Edit(Edit::Save) if binding.context == Context::Test => model.subject() == Some(Subject::Draft),
        Action::List(List::Cancel) => may_cancel(model),
        Action::Doctor(Doctor::Cancel) => model.doctor_pane().is_some_and(DoctorPane::is_alive),
        Action::Doctor(Doctor::Read | Doctor::Copy) => model.doctor_pane().is_some(),
        Action::List(List::Undo) => !model.list.removed.is_empty(),
        Action::List(List::MarkAll) => !model.list.marks.is_empty(),
        Action::Test(Test::FindNext) => is_searched(model),
        Action::List(List::Clear) => !model.list.filter.text.is_empty() || !model.list.marks.is_empty(),
        Action::Move(Move::Down | Move::PageDown) => model.view.facts.below > 0,
        Action::Move(_)
        | Action::Global(_)
        | Action::Test(Test::PreviousTab | Test::FindPrevious)
        | Action::Prompt(Prompt::Other) => false,
        Action::Edit(Edit::Open | Edit::Save | Edit::RevealKey) if is_read_only(model) => false,
        Action::List(action) if model.list.selected.is_none() => action == List::New || action == List::Filter,
        Action::List(_)
        | Action::Edit(_)
        | Action::Test(_)
        | Action::Usage(_)
        | Action::Events(_)
        | Action::Doctor(_)
        | Action::Watch(_)
        | Action::Prompt(_) => !binding.chords.is_empty(),
    }
}

/// What leads out of a zoomed pane, or of a filter that hides connectors, is told before anything else.
fn is_first(model: &Model, binding: &Binding) -> bool {
    let is_filtered = !model.list.filter.text.is_empty();
    if binding.action == Action::List(List::Clear) {
        return is_filtered;
    }
    if binding.action == Action::List(List::Cancel) {
        return may_cancel(model);
    }
    if binding.action == Action::List(List::Undo) {
        return !model.list.removed.is_empty() && model.list.marks.is_empty();
    }
    if is_searched(model) && matches!(binding.action, Action::Test(Test::FindNext) | Action::Global(Global::Back)) {
        return true;
    }
    is_zoomed(model) && matches!(binding.action, Action::Test(Test::Zoom) | Action::Global(Global::Back))
}

fn is_searched(model: &Model) -> bool {
    model.test_pane().is_some_and(|pane| pane.find.is_some())
}

fn is_zoomed(model: &Model) -> bool {
    model.view.zoom == Zoom::Response
}

fn is_alive(model: &Model, subject: &Subject) -> bool {
    model.runs.latest(subject).is_some_and(RunView::is_alive)
}

/// True where a run or an examination of a marked connector is alive, or of the selected one where none is marked.
fn may_cancel(model: &Model) -> bool {
    let marks = &model.list.marks;
    let selected = model.list.selected.iter().filter(|_| marks.is_empty());
    let is_examined = |id| model.runs.examinations.get(id).is_some_and(DoctorPane::is_alive);
    marks.iter().chain(selected).any(|id| is_examined(id) || is_alive(model, &Subject::Saved(id.clone())))
}

fn is_read_only(model: &Model) -> bool {
    model.edit.as_ref().is_some_and(|edit| matches!(edit.target, Target::ReadOnly(_)))
}

fn general(model: &Model, context: Context, canvas: &Canvas<'_>) -> Row {
    let row = canvas.row();
    if context.is_typing() || context == Context::Question || context == Context::Page {
        return row;
    }
    let shown = |binding: &&Binding| {
        binding.action == Action::Global(Global::Help) || binding.action == Action::Global(Global::Palette)
    };
    let bindings = model.look.keymap.rows(Context::Global).filter(shown);
    bindings.fold(row, |row, binding| row.append(hint(binding, canvas)))
}

fn hint(binding: &Binding, canvas: &Canvas<'_>) -> Row {
    let Some(key) = binding.chords.first() else { return canvas.row() };
    let row = canvas.text(Role::Accent, &key.to_string()).space(1);
    row.add(canvas.style(Role::Dim), binding.label).space(2)
}
