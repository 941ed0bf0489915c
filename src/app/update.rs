//! What follows from each thing that happens: one place a pane, and this one to tell whose it is.

use crate::config::keymap::{Action, Chord, Context, Global, Move};
use crate::domain::Failure;

use super::effect::Effect;
use super::live;
use super::model::{Focus, Model, Screen, Tab};
use super::msg::{Errand, Msg};
use super::question::{Findings, Question};
use super::test::ResponseTab;

mod config;
mod doctor;
mod drafts;
mod edit;
mod events;
mod find;
mod import;
mod keep;
mod leave;
mod list;
mod mouse;
mod notice;
mod overlay;
mod palette;
mod places;
mod runs;
mod save;
mod scroll;
mod search;
mod test;
mod typing;
mod usage;
mod view;
mod watch;

pub(super) use typing::area;
pub(super) use view::settle;

/// Takes in what happened and tells what shall follow.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let (mouse, screen) = (live::mouse(model), model.view.screen);
    let touches = touches(model, &msg);
    let mut effects = take(model, msg);
    effects.extend(watch::follow(model, screen));
    match touches {
        Touches::Panes => settle(model),
        Touches::Figures => {}
    }
    let wanted = live::mouse(model);
    if wanted != mouse {
        effects.push(Effect::Mouse(wanted));
    }
    effects
}

/// What a message can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touches {
    /// What the panes are derived from.
    Panes,
    /// Only runs and figures, from which nothing is derived. These come by the thousand a second while runs stream.
    Figures,
}

fn touches(model: &Model, msg: &Msg) -> Touches {
    match msg {
        // A filter may ask how runs stand, and a long reply is searched while time passes.
        Msg::Tick(_) | Msg::Run(..) if !model.list.filter.text.is_empty() || live::is_finding(model) => Touches::Panes,
        Msg::Tick(_) | Msg::Run(..) | Msg::Rates(_) => Touches::Figures,
        Msg::Key(_)
        | Msg::Paste(_)
        | Msg::Resize(..)
        | Msg::Doctor(..)
        | Msg::Drawn(_)
        | Msg::Config(_)
        | Msg::Usage(_)
        | Msg::Answered(..)
        | Msg::LogChanged
        | Msg::Mouse(_)
        | Msg::Errand(_)
        | Msg::Terminate => Touches::Panes,
    }
}

fn take(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(chord) => press(model, chord.normal()),
        Msg::Paste(text) => only(|| typing::paste(model, &text)),
        Msg::Resize(columns, rows) => only(|| model.view.size = (columns, rows)),
        Msg::Tick(now) => {
            notice::tick(model, now);
            runs::tick(model);
            watch::tick(model)
        }
        Msg::Drawn(facts) => only(|| model.view.facts = facts),
        Msg::Run(run, events) => only(|| runs::apply(model, run, events)),
        Msg::Doctor(run, events) => only(|| doctor::apply(model, run, events)),
        Msg::Config(msg) => {
            config::apply(model, msg);
            watch::reconfigured(model)
        }
        Msg::Usage(figures) => only(|| view::usage(model, figures)),
        Msg::Answered(question, found) => answered(model, &question, found),
        Msg::LogChanged => log_changed(model),
        Msg::Rates(rates) => only(|| model.runs.rates = rates),
        Msg::Mouse(pointer) => mouse::act(model, pointer),
        Msg::Errand(errand) => only(|| done(model, errand)),
        Msg::Terminate => vec![Effect::Quit],
    }
}

fn done(model: &mut Model, errand: Errand) {
    match errand {
        Errand::Previewed(result) => overlay::previewed(model, result),
        Errand::Edited(subject, result) => test::edited(model, &subject, result),
        Errand::Copied(result) => notice::copied(model, result),
        Errand::Wrote(export, wrote) => keep::wrote(model, export, wrote),
    }
}

fn answered(model: &mut Model, question: &Question, found: Result<Findings, Failure>) -> Vec<Effect> {
    match question {
        Question::Dashboard(_) => usage::answered(model, question, found),
        Question::Events(wish) => events::answered(model, wish, found),
    }
}

/// Someone wrote to the event log. What nobody looks at is not asked for.
fn log_changed(model: &mut Model) -> Vec<Effect> {
    match model.view.screen {
        Screen::Panes | Screen::Watch => Vec::new(),
        Screen::Usage => usage::log_changed(model),
        Screen::Events => events::log_changed(model),
    }
}

/// Does what has no effects.
fn only(act: impl FnOnce()) -> Vec<Effect> {
    act();
    Vec::new()
}

fn press(model: &mut Model, chord: Chord) -> Vec<Effect> {
    let context = model.context();
    let before = (model.view.focus, model.view.tab, model.notice.clone());
    let effects = match model.look.keymap.action(context, chord) {
        Some(action) => perform(model, context, action),
        None => unbound(model, context, chord),
    };
    notice::left_behind(model, before);
    effects
}

/// Does an action as if its key were pressed in this context.
fn perform(model: &mut Model, context: Context, action: Action) -> Vec<Effect> {
    match action {
        Action::Global(action) => global(model, context, action),
        Action::Move(step) => go(model, context, step),
        Action::List(action) => list::act(model, action),
        Action::Edit(action) => edit::act(model, action),
        Action::Usage(action) => usage::act(model, action),
        Action::Events(action) => events::act(model, action),
        Action::Test(action) => match context {
            Context::Page => overlay::copy_page(model),
            Context::Global
            | Context::List
            | Context::Filter
            | Context::Edit
            | Context::Field
            | Context::Test
            | Context::Body
            | Context::Palette
            | Context::Usage
            | Context::Range
            | Context::Events
            | Context::Search
            | Context::Event
            | Context::Doctor
            | Context::Watch
            | Context::Question => test::act(model, action),
        },
        Action::Doctor(action) => doctor::act(model, action),
        Action::Watch(action) => watch::act(model, action),
        Action::Prompt(answer) => overlay::prompt(model, context, answer),
    }
}

/// Where text is typed, a key that means nothing else is text.
fn unbound(model: &mut Model, context: Context, chord: Chord) -> Vec<Effect> {
    match context {
        Context::Filter => only(|| typing::filter_key(model, chord)),
        Context::Palette => only(|| palette::key(model, chord)),
        Context::Field => only(|| edit::key(model, chord)),
        Context::Body => only(|| test::key(model, chord)),
        Context::Range => only(|| usage::key(model, chord)),
        Context::Search => only(|| search::key(model, chord)),
        Context::Global
        | Context::List
        | Context::Edit
        | Context::Test
        | Context::Page
        | Context::Question
        | Context::Usage
        | Context::Events
        | Context::Event
        | Context::Doctor
        | Context::Watch => Vec::new(),
    }
}

fn global(model: &mut Model, context: Context, action: Global) -> Vec<Effect> {
    match action {
        Global::Help => only(|| overlay::help(model, context)),
        Global::Palette => only(|| palette::open(model)),
        Global::Back => leave::back(model),
        Global::Usage => usage::open_selected(model),
        Global::UsageOfAll => usage::open(model, None),
        Global::Events => events::open_log(model),
        Global::Watch => only(|| watch::open(model)),
        Global::NextPane => only(|| view::next_pane(model)),
        Global::PreviousPane => only(|| view::previous_pane(model)),
        Global::CancelOrQuit => leave::cancel_or_quit(model),
        Global::Picture => vec![Effect::Picture],
        Global::Redraw => vec![Effect::Redraw],
        Global::Suspend => vec![Effect::Suspend],
        Global::Before => places::back(model),
        Global::Plain => only(|| keep::plain(model)),
        Global::Mouse => only(|| mouse::toggle(model)),
    }
}

fn go(model: &mut Model, context: Context, step: Move) -> Vec<Effect> {
    match context {
        Context::List | Context::Filter | Context::Global => only(|| list::step(model, step)),
        Context::Edit => only(|| edit::step(model, step)),
        Context::Field => only(|| edit::step_typing(model, step)),
        Context::Test => only(|| scroll::response(model, step)),
        Context::Page => only(|| scroll::page(model, step)),
        Context::Palette => only(|| palette::step(model, step)),
        Context::Usage => only(|| usage::step(model, step)),
        Context::Events => events::step(model, step),
        Context::Event => only(|| events::scroll(model, step)),
        Context::Doctor => only(|| doctor::step(model, step)),
        Context::Watch => only(|| watch::step(model, step)),
        Context::Body | Context::Question | Context::Range | Context::Search => Vec::new(),
    }
}

/// Where the response tabs that grow keep their end in view.
fn follows(tab: ResponseTab) -> bool {
    match tab {
        ResponseTab::Answer | ResponseTab::Reasoning | ResponseTab::Events => true,
        ResponseTab::Tools | ResponseTab::Headers | ResponseTab::Timing => false,
    }
}

fn focus(model: &mut Model, focus: Focus, tab: Tab) {
    model.view.screen = Screen::Panes;
    model.view.focus = focus;
    model.view.tab = tab;
}
