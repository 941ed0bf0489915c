//! Going back and quitting. Nothing alive and nothing unsaved is left without a question.

use crate::app::effect::Effect;
use crate::app::model::{Focus, Model, Screen, Tab, Zoom};
use crate::app::overlay::{After, Overlay, Question};

use super::{doctor, drafts, events, find, list, only, runs, usage, view};

/// One step back; from the list, the program ends.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    match model.view.screen {
        Screen::Panes => {}
        Screen::Usage => return only(|| usage::back(model)),
        Screen::Watch => return only(|| model.view.screen = Screen::Panes),
        Screen::Events => return events::back(model),
    }
    match (model.view.focus, model.view.tab) {
        (Focus::List, _) => quit(model),
        (Focus::Workspace, Tab::Doctor) => only(|| model.view.focus = Focus::List),
        (Focus::Workspace, Tab::Edit) => only(|| drafts::begin(model, After::Close)),
        // What was opened last is closed first.
        (Focus::Workspace, Tab::Test) if find::is_open(model) => only(|| find::end(model)),
        (Focus::Workspace, Tab::Test) => only(|| match model.view.zoom {
            Zoom::Response => model.view.zoom = Zoom::Off,
            Zoom::Off => model.view.focus = Focus::List,
        }),
    }
}

/// Ends the program, or asks about what would be lost first: changes, then runs.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if view::is_unsaved(model) {
        return ask(model, Question::Discard(After::Quit));
    }
    quit_over_runs(model)
}

/// Ends the program, or asks about runs and examinations that are alive.
pub(super) fn quit_over_runs(model: &mut Model) -> Vec<Effect> {
    if model.runs.alive() + model.runs.examining() > 0 { ask(model, Question::Quit) } else { vec![Effect::Quit] }
}

fn ask(model: &mut Model, question: Question) -> Vec<Effect> {
    model.overlay = Some(Overlay::Question(question));
    Vec::new()
}

/// Cancels the run in view; in the list, also what is examined there. When none is alive, or it was asked for before, the
/// program is left as from the list.
pub(super) fn cancel_or_quit(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Question(Question::Quit)) = model.overlay {
        return vec![Effect::Quit];
    }
    if model.view.tab == Tab::Doctor && model.view.focus == Focus::Workspace {
        let effects = doctor::stop(model);
        return if effects.is_empty() { quit(model) } else { effects };
    }
    let mut effects = match model.view.focus {
        Focus::List => list::stop_examinations(model),
        Focus::Workspace => Vec::new(),
    };
    effects.extend(model.subject().into_iter().flat_map(|subject| runs::cancel_latest(model, &subject)));
    if effects.is_empty() { quit(model) } else { effects }
}
