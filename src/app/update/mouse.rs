//! The mouse, while it is switched on: the wheel scrolls what is under it, a click focuses, selects and opens tabs.

use crate::app::effect::Effect;
use crate::app::live;
use crate::app::model::{Focus, Model, Mouse, Screen, Tab, Tone};
use crate::app::msg::{Pointer, PointerAct};
use crate::app::test::ResponseTab;
use crate::config::keymap::{Action, Context, Global, Move};

use super::notice::{key_of, say};
use super::{doctor, drafts, edit, events, focus, go, list, only, scroll, usage, view, watch};

/// Rows of a text that the wheel goes at once.
const WHEEL: usize = 3;

/// Switches it on or off and says what that means.
pub(super) fn toggle(model: &mut Model) {
    let key = key_of(model, Context::Global, Action::Global(Global::Mouse));
    let (mouse, told) = match model.view.mouse {
        Mouse::Off => (Mouse::On, format!("mouse on: wheel and clicks work here; {key} gives text selection back")),
        Mouse::On => (Mouse::Off, "mouse off: the terminal selects text".to_owned()),
    };
    model.view.mouse = mouse;
    say(model, Tone::Info, &told);
}

/// What it did. Where something is typed or asked, a click means nothing.
pub(super) fn act(model: &mut Model, pointer: Pointer) -> Vec<Effect> {
    if live::mouse(model) == Mouse::Off {
        return Vec::new();
    }
    match pointer.act {
        PointerAct::WheelUp => wheel(model, pointer, Move::Up),
        PointerAct::WheelDown => wheel(model, pointer, Move::Down),
        PointerAct::Press if model.overlay.is_none() && !model.context().is_typing() => {
            press(model, pointer.column, pointer.row)
        }
        PointerAct::Press => Vec::new(),
    }
}

fn wheel(model: &mut Model, pointer: Pointer, step: Move) -> Vec<Effect> {
    let context = model.context();
    if model.overlay.is_some() || model.view.screen != Screen::Panes {
        let rows = if matches!(context, Context::Page | Context::Event) { WHEEL } else { 1 };
        return (0..rows).flat_map(|_| go(model, context, step)).collect();
    }
    let areas = model.view.facts.areas;
    let at = |area: crate::app::model::Area| area.has(pointer.column, pointer.row);
    if at(areas.list) {
        return only(|| list::step(model, step));
    }
    if !at(areas.workspace) {
        return Vec::new();
    }
    only(|| match model.view.tab {
        Tab::Edit if context == Context::Field => {}
        Tab::Edit => edit::step(model, step),
        Tab::Test => (0..WHEEL).for_each(|_| scroll::response(model, step)),
        Tab::Doctor => doctor::step(model, step),
    })
}

fn press(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let at = model.view.facts.areas.table.at(column, row);
    match (model.view.screen, at) {
        (Screen::Panes, _) => only(|| press_panes(model, column, row)),
        (Screen::Usage, Some(at)) => only(|| usage::select(model, at)),
        (Screen::Events, Some(at)) => events::select(model, at),
        (Screen::Watch, Some(at)) => only(|| watch::select(model, at)),
        (Screen::Usage | Screen::Events | Screen::Watch, None) => Vec::new(),
    }
}

fn press_panes(model: &mut Model, column: u16, row: u16) {
    let areas = model.view.facts.areas;
    let mut titles = areas.tabs.iter().zip([Tab::Edit, Tab::Test, Tab::Doctor]);
    let tab = titles.find(|(area, _)| area.has(column, row)).map(|(_, tab)| tab);
    let response_tab = areas.response_tabs.iter().position(|area| area.has(column, row));
    if areas.list.has(column, row) {
        let id = list::at_row(model, usize::from(row - areas.list.y));
        model.view.focus = Focus::List;
        if let Some(id) = id.filter(|id| Some(id) != model.list.selected.as_ref()) {
            drafts::look_away(model);
            model.list.selected = Some(id);
        }
    } else if areas.list_header.has(column, row) {
        model.view.focus = Focus::List;
    } else if let Some(tab) = tab {
        view::to_workspace(model, tab);
    } else if areas.workspace.has(column, row) {
        focus(model, Focus::Workspace, model.view.tab);
        open_tab(model, response_tab);
    }
}

fn open_tab(model: &mut Model, at: Option<usize>) {
    let Some(tab) = at.and_then(|at| ResponseTab::ALL.get(at).copied()) else { return };
    let Some(pane) = model.subject().and_then(|subject| model.tests.get_mut(&subject)) else { return };
    pane.tab = tab;
    pane.scroll = scroll::at_start(tab);
}
