//! Where the person looked, to go back there as `cd -` does.

use crate::app::effect::Effect;
use crate::app::model::{Focus, Model, Place, Screen, Tab, Tone};
use crate::app::overlay::After;

use super::notice::say;
use super::{drafts, events, list, only, usage, watch};

/// Places that are kept.
const MOST: usize = 16;

/// What is looked at now. The list is where one passes through: it is no place to come back to.
fn here(model: &Model) -> Option<Place> {
    match (model.view.screen, model.view.focus, model.view.tab) {
        (Screen::Usage, _, _) => Some(Place::Usage),
        (Screen::Events, _, _) => Some(Place::Events),
        (Screen::Watch, _, _) => Some(Place::Watch),
        (Screen::Panes, Focus::Workspace, Tab::Edit) => drafts::target_id(model).map(|id| Place::Pane(id, Tab::Edit)),
        (Screen::Panes, Focus::Workspace, Tab::Test) => {
            model.list.selected.clone().map(|id| Place::Pane(id, Tab::Test))
        }
        (Screen::Panes, Focus::Workspace, Tab::Doctor) => {
            model.list.selected.clone().map(|id| Place::Pane(id, Tab::Doctor))
        }
        (Screen::Panes, Focus::List, _) => None,
    }
}

/// Remembers what is looked at.
pub(super) fn settle(model: &mut Model) {
    let Some(here) = here(model).filter(|here| model.view.been.first() != Some(here)) else { return };
    model.view.been.retain(|place| *place != here);
    model.view.been.insert(0, here);
    model.view.been.truncate(MOST);
}

/// Goes to what was looked at before.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    let here = here(model);
    let is_there = |place: &&Place| match place {
        Place::Pane(id, _) => model.config.entry(id).is_some(),
        Place::Usage | Place::Events | Place::Watch => true,
    };
    let before = model.view.been.iter().filter(is_there).find(|place| Some(*place) != here.as_ref()).cloned();
    match before {
        Some(Place::Pane(id, Tab::Test)) => only(|| list::open_test(model, id)),
        Some(Place::Pane(id, Tab::Edit)) => only(|| edit(model, id)),
        Some(Place::Pane(id, Tab::Doctor)) => only(|| {
            list::open_test(model, id);
            model.view.tab = Tab::Doctor;
        }),
        Some(Place::Usage) => {
            model.view.screen = Screen::Usage;
            usage::log_changed(model)
        }
        Some(Place::Events) => events::open_log(model),
        Some(Place::Watch) => only(|| watch::open(model)),
        None => only(|| say(model, Tone::Info, "nothing was looked at before")),
    }
}

fn edit(model: &mut Model, id: crate::domain::ConnectorId) {
    list::select(model, id.clone());
    drafts::begin(model, After::Edit(id));
}
