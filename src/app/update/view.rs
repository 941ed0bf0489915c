//! What must hold after every message, and the order of the panes.

use crate::app::edit::EditPane;
use crate::app::model::{Focus, Model, Screen, Tab, Tone, Zoom};
use crate::app::test::Typing;
use crate::config::Config;
use crate::domain::budget::Level;
use crate::domain::{Spending, UsageSummary};

use super::notice::say;
use super::{drafts, edit, events, find, focus, list, places, scroll, test, watch};

/// Brings what is derived up to date: the selection, the panes that open by themselves, the widths.
pub(in crate::app) fn settle(model: &mut Model) {
    list::settle(model);
    open_edit_of_selected(model);
    edit::settle(model);
    if let Some(subject) = model.subject() {
        test::ensure(model, &subject);
    } else if model.view.tab == Tab::Test || model.edit.is_none() {
        model.view.focus = Focus::List;
    }
    if model.view.tab != Tab::Test || model.view.focus != Focus::Workspace {
        model.view.zoom = Zoom::Off;
    }
    scroll::settle(model);
    find::settle(model);
    events::settle(model);
    watch::settle(model);
    places::settle(model);
}

/// The edit tab shows the selected connector, unless it holds a draft that would be lost.
fn open_edit_of_selected(model: &mut Model) {
    if model.view.tab != Tab::Edit || !drafts::is_free(model) {
        return;
    }
    let Some(id) = model.list.selected.clone() else { return };
    if drafts::target_id(model).as_ref() != Some(&id) {
        drafts::open(model, &id);
    }
}

/// The panes in order: list, edit, test, and the doctor's once there is something in it.
pub(super) fn next_pane(model: &mut Model) {
    leave_typing(model);
    model.view.screen = Screen::Panes;
    match (model.view.focus, model.view.tab) {
        (Focus::List, _) => to_workspace(model, Tab::Edit),
        (Focus::Workspace, Tab::Edit) => to_workspace(model, Tab::Test),
        (Focus::Workspace, Tab::Test) if model.doctor_pane().is_some() => to_workspace(model, Tab::Doctor),
        (Focus::Workspace, Tab::Test | Tab::Doctor) => model.view.focus = Focus::List,
    }
}

pub(super) fn previous_pane(model: &mut Model) {
    leave_typing(model);
    model.view.screen = Screen::Panes;
    match (model.view.focus, model.view.tab) {
        (Focus::List, _) if model.doctor_pane().is_some() => to_workspace(model, Tab::Doctor),
        (Focus::List, _) | (Focus::Workspace, Tab::Doctor) => to_workspace(model, Tab::Test),
        (Focus::Workspace, Tab::Edit) => model.view.focus = Focus::List,
        (Focus::Workspace, Tab::Test) => to_workspace(model, Tab::Edit),
    }
}

pub(super) fn to_workspace(model: &mut Model, tab: Tab) {
    let something = model.list.selected.is_some() || model.edit.is_some();
    if something {
        focus(model, Focus::Workspace, tab);
    } else {
        super::notice::no_connector(model);
    }
}

/// From the palette, a pane may be left while its text is typed.
fn leave_typing(model: &mut Model) {
    let Some(subject) = model.subject() else { return };
    if let Some(pane) = model.tests.get_mut(&subject) {
        pane.typing = Typing::Off;
    }
}

pub(super) fn usage(model: &mut Model, figures: Result<UsageSummary, String>) {
    match figures {
        Ok(figures) => {
            let notice = figures.notice.map(|notice| crate::domain::text::clean_line(&notice).into_owned());
            let figures = UsageSummary { notice, ..figures };
            warn_of_budgets(model, &figures.budgets);
            model.ledger.panel.logged = figures;
            model.ledger.panel.problem = None;
        }
        Err(problem) => model.ledger.panel.problem = Some(crate::domain::text::clean_line(&problem).into_owned()),
    }
}

/// A budget that came near its end, or to it, is told once.
fn warn_of_budgets(model: &mut Model, budgets: &[Spending]) {
    let before = |name: &str| {
        let known = model.ledger.panel.logged.budgets.iter().find(|spending| spending.budget.name == name);
        known.map_or(Level::Fine, Spending::level)
    };
    let risen = budgets.iter().find(|spending| spending.level() > before(&spending.budget.name));
    let Some(risen) = risen else { return };
    let tone = if risen.level() == Level::Spent { Tone::Bad } else { Tone::Info };
    let told = risen.told();
    say(model, tone, &told);
}

/// True when leaving the program or the pane would lose what was typed into the edit pane.
pub(super) fn is_unsaved(model: &Model) -> bool {
    model.edit.as_ref().is_some_and(EditPane::is_changed) || drafts::body_at_stake(model)
}

/// Takes a configuration in; whatever depends on it is looked at again.
pub(super) fn adopt(model: &mut Model, config: Config) {
    list::keep_place(model, &config);
    model.config.config = config;
    model.config.problem = None;
    test::refresh_prefilled(model);
}
