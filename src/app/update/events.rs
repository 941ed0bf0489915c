//! The events screen: which pages of the log are asked for, where they are put, and what its keys do.

use crate::app::effect::Effect;
use crate::app::events::{Aim, Asked, Beyond, Changed, EventsPane, Following, PAGE, Search, WINDOW, copy, filter};
use crate::app::model::{Model, Screen, Tone};
use crate::app::question::{EventsFound, EventsWish, Findings, Question};
use crate::config::keymap::{Chord, Events, Move, Prompt};
use crate::domain::calendar::Range;
use crate::domain::{ConnectorId, Failure, RunFilter, RunRecord};

use super::notice::say;
use super::{list, only, typing, usage};

/// A page is asked for when the cursor is so near to the window's end.
const NEAR: usize = PAGE / 4;

/// Every run, or the screen as it was left.
pub(super) fn open_log(model: &mut Model) -> Vec<Effect> {
    let from = model.view.screen;
    let Some(pane) = &mut model.ledger.events else {
        return open(model, RunFilter::default(), Range::All, "local".to_owned());
    };
    if from != Screen::Events {
        pane.from = from;
        pane.look.detail = None;
    }
    model.view.screen = Screen::Events;
    ask(model, Aim::First)
}

/// Runs of a filter, a range and a time zone.
pub(super) fn open(model: &mut Model, filter: RunFilter, range: Range, zone: String) -> Vec<Effect> {
    let mut pane = EventsPane::new(filter, range, zone);
    pane.from = match model.view.screen {
        Screen::Panes | Screen::Events => Screen::Panes,
        from @ (Screen::Usage | Screen::Watch) => from,
    };
    model.ledger.events = Some(Box::new(pane));
    model.view.screen = Screen::Events;
    ask(model, Aim::First)
}

/// Closes the run that is read; then goes where one came from.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.events else { return only(|| model.view.screen = Screen::Panes) };
    if pane.look.detail.take().is_some() {
        return Vec::new();
    }
    model.view.screen = pane.from;
    match pane.from {
        Screen::Usage => usage::log_changed(model),
        Screen::Panes | Screen::Events | Screen::Watch => Vec::new(),
    }
}

/// Asks for a page. An answer to an older question is dropped when it comes.
fn ask(model: &mut Model, aim: Aim) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.events else { return Vec::new() };
    let wish = pane.wish(pane.page_from(aim));
    pane.asked = Some(Asked { wish: wish.clone(), aim });
    vec![Effect::Ask(Box::new(Question::Events(wish)))]
}

/// Someone wrote to the log: what is new is shown, or counted.
pub(super) fn log_changed(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.events else { return Vec::new() };
    if pane.asked.is_some() {
        pane.changed = Changed::Yes;
        return Vec::new();
    }
    let is_empty = pane.window.runs.is_empty();
    match (pane.look.follow, pane.window.newer) {
        (Following::On, _) => ask(model, Aim::Fresh),
        (Following::Off, _) if is_empty => ask(model, Aim::First),
        (Following::Off, Beyond::Nothing) => ask(model, Aim::Count),
        (Following::Off, Beyond::More) => Vec::new(),
    }
}

/// A page came.
pub(super) fn answered(model: &mut Model, wish: &EventsWish, found: Result<Findings, Failure>) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.events else { return Vec::new() };
    let Some(asked) = pane.asked.take_if(|asked| asked.wish == *wish) else { return Vec::new() };
    match found {
        Ok(Findings::Events(found)) => {
            pane.problem = None;
            take_in(pane, asked.aim, *found);
        }
        Ok(Findings::Dashboard(_)) => {}
        Err(problem) => pane.problem = Some(problem),
    }
    let changed = std::mem::take(&mut pane.changed);
    if changed == Changed::Yes && model.view.screen == Screen::Events { log_changed(model) } else { Vec::new() }
}

fn take_in(pane: &mut EventsPane, aim: Aim, found: EventsFound) {
    let more = if found.page.next.is_some() { Beyond::More } else { Beyond::Nothing };
    let runs = found.page.runs;
    pane.window.zone = Some(found.zone);
    match aim {
        Aim::First => newest(pane, runs, more),
        Aim::Fresh => {
            let kept = pane.selected().map(|run| run.id);
            newest(pane, runs, more);
            let held = kept.filter(|_| pane.look.follow == Following::Off);
            if let Some(id) = held {
                pane.select(id);
            }
        }
        Aim::Last => {
            pane.window.runs = runs.into_iter().rev().collect();
            (pane.window.newer, pane.window.older, pane.window.fresh) = (more, Beyond::Nothing, 0);
            pane.look.cursor = pane.window.runs.len().saturating_sub(1);
        }
        Aim::Older => older(pane, runs, more),
        Aim::Newer => newer(pane, runs, more),
        Aim::Count => pane.window.fresh = fresh(pane, &runs),
    }
}

fn newest(pane: &mut EventsPane, runs: Vec<RunRecord>, more: Beyond) {
    pane.window.runs = runs;
    (pane.window.newer, pane.window.older, pane.window.fresh) = (Beyond::Nothing, more, 0);
    (pane.look.cursor, pane.look.offset) = (0, 0);
}

/// Behind the window; what is too much at its front goes.
fn older(pane: &mut EventsPane, runs: Vec<RunRecord>, more: Beyond) {
    pane.window.runs.extend(runs);
    pane.window.older = more;
    let gone = pane.window.runs.len().saturating_sub(WINDOW);
    if gone > 0 {
        pane.window.runs.drain(..gone);
        pane.window.newer = Beyond::More;
        pane.look.cursor = pane.look.cursor.saturating_sub(gone);
        pane.look.offset = pane.look.offset.saturating_sub(gone);
    }
}

/// Before the window; what is too much at its end goes.
fn newer(pane: &mut EventsPane, runs: Vec<RunRecord>, more: Beyond) {
    let come = runs.len();
    pane.window.runs.splice(0..0, runs.into_iter().rev());
    pane.window.newer = more;
    pane.look.cursor += come;
    pane.look.offset += come;
    if pane.window.runs.len() > WINDOW {
        pane.window.runs.truncate(WINDOW);
        pane.window.older = Beyond::More;
    }
}

/// Runs of the newest page that the window lacks. A long run may end late and still be older than others.
fn fresh(pane: &EventsPane, runs: &[RunRecord]) -> usize {
    let oldest = pane.window.runs.last().map(RunRecord::key);
    let is_new = |run: &&RunRecord| {
        let in_reach = pane.window.older == Beyond::Nothing || oldest.is_some_and(|oldest| run.key() > oldest);
        in_reach && !pane.window.runs.iter().any(|known| known.id == run.id)
    };
    runs.iter().filter(is_new).count()
}

pub(super) fn act(model: &mut Model, action: Events) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.events else { return Vec::new() };
    match action {
        Events::Open => only(|| {
            if pane.selected().is_some() {
                (pane.look.detail, pane.look.follow) = (Some(0), Following::Off);
            }
        }),
        Events::Filter => only(|| pane.search.typing = Some(pane.search.text.clone())),
        Events::Clear => clear(model),
        Events::Follow => follow(model),
        Events::Copy => copied(pane),
        Events::Test => only(|| test(model)),
        Events::Next => another(model, Move::Down),
        Events::Previous => another(model, Move::Up),
    }
}

/// The run that is read is closed; else the filter goes; else one goes back.
fn clear(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = model.ledger.events.as_mut().filter(|pane| pane.look.detail.is_none()) else {
        return back(model);
    };
    if pane.search.text.is_empty() {
        return back(model);
    }
    pane.search = Search::default();
    pane.meant.filter = RunFilter::default();
    pane.meant.range = pane.meant.base.clone();
    ask(model, Aim::First)
}

fn follow(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.events else { return Vec::new() };
    match pane.look.follow {
        Following::On => only(|| pane.look.follow = Following::Off),
        Following::Off => {
            pane.look.follow = Following::On;
            ask(model, Aim::Fresh)
        }
    }
}

fn copied(pane: &EventsPane) -> Vec<Effect> {
    let zone = pane.window.zone.clone().unwrap_or(crate::domain::calendar::TimeZone::UTC);
    pane.selected().map(|run| Effect::Copy(copy::text(run, &zone))).into_iter().collect()
}

fn test(model: &mut Model) {
    let Some(id) =
        model.ledger.events.as_ref().and_then(|pane| pane.selected()).map(|run| run.target.connector.clone())
    else {
        return;
    };
    match id.parse::<ConnectorId>().ok().filter(|id| model.config.entry(id).is_some()) {
        Some(known) => {
            model.view.screen = Screen::Panes;
            list::open_test(model, known);
        }
        None => say(model, Tone::Info, &format!("there is no connector {id} any more")),
    }
}

/// Reads another run.
fn another(model: &mut Model, way: Move) -> Vec<Effect> {
    if let Some(pane) = &mut model.ledger.events {
        pane.look.detail = Some(0);
    }
    step(model, way)
}

pub(super) fn step(model: &mut Model, step: Move) -> Vec<Effect> {
    let height = usize::from(model.view.facts.page.1).max(1);
    let Some(pane) = &mut model.ledger.events else { return Vec::new() };
    let last = pane.window.runs.len().saturating_sub(1);
    let (before, window) = (pane.look.cursor, &pane.window);
    let is_newest = window.newer == Beyond::Nothing && window.fresh == 0;
    match step {
        Move::First if !is_newest => return ask(model, Aim::First),
        // At the newest already: it shall stay in view, as at the end of a reply.
        Move::First if before == 0 && pane.look.follow == Following::Off => return follow(model),
        Move::Up if before == 0 && window.fresh > 0 => return ask(model, Aim::Fresh),
        Move::Last if window.older == Beyond::More => {
            pane.look.follow = Following::Off;
            return ask(model, Aim::Last);
        }
        Move::First | Move::Last | Move::Up | Move::Down | Move::PageUp | Move::PageDown => {}
    }
    pane.look.cursor = list::moved(before, last, height, step);
    if pane.look.cursor > 0 {
        pane.look.follow = Following::Off;
    }
    onwards(model, last)
}

/// Selects a run of the table; below the last there is none.
pub(super) fn select(model: &mut Model, at: usize) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.events else { return Vec::new() };
    let last = pane.window.runs.len().saturating_sub(1);
    if at > last || pane.look.detail.is_some() {
        return Vec::new();
    }
    (pane.look.cursor, pane.look.follow) = (at, Following::Off);
    onwards(model, last)
}

/// Asks for the page that the cursor comes near to.
fn onwards(model: &mut Model, last: usize) -> Vec<Effect> {
    let Some(pane) = model.ledger.events.as_ref().filter(|pane| pane.asked.is_none()) else { return Vec::new() };
    let at = pane.look.cursor;
    if pane.window.older == Beyond::More && last.saturating_sub(at) < NEAR {
        ask(model, Aim::Older)
    } else if pane.window.newer == Beyond::More && at < NEAR {
        ask(model, Aim::Newer)
    } else {
        Vec::new()
    }
}

/// Scrolls the run that is read.
pub(super) fn scroll(model: &mut Model, step: Move) {
    let height = usize::from(model.view.facts.page.1).max(1);
    let Some(pane) = &mut model.ledger.events else { return };
    let Some((run, top)) = pane.selected().zip(pane.look.detail) else { return };
    let last = copy::lines(run).saturating_sub(height);
    pane.look.detail = Some(list::moved(top.min(last), last, height.saturating_sub(1).max(1), step));
}

pub(super) fn key(model: &mut Model, chord: Chord) {
    change(model, |text| {
        typing::at_end(text, chord);
    });
}

pub(super) fn paste(model: &mut Model, line: &str) {
    change(model, |text| text.push_str(line));
}

fn change(model: &mut Model, act: impl FnOnce(&mut String)) {
    let Some(pane) = &mut model.ledger.events else { return };
    if let Some(text) = &mut pane.search.typing {
        act(text);
        pane.search.problem = None;
    }
}

/// What was typed holds from now on; what is wrong stays to be mended.
pub(super) fn prompt(model: &mut Model, answer: Prompt) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.events else { return Vec::new() };
    pane.search.problem = None;
    let Some(text) = pane.search.typing.take().filter(|_| answer == Prompt::Accept) else { return Vec::new() };
    match filter::read(&text) {
        Ok(read) => {
            pane.meant.filter = read.filter;
            pane.meant.range = read.range.unwrap_or_else(|| pane.meant.base.clone());
            text.trim().clone_into(&mut pane.search.text);
            pane.window = crate::app::events::Window { zone: pane.window.zone.take(), ..Default::default() };
            ask(model, Aim::First)
        }
        Err(problem) => only(|| {
            pane.search.problem = Some(problem);
            pane.search.typing = Some(text);
        }),
    }
}

/// Keeps the cursor on a run and in view, and a run that is read on what there is.
pub(super) fn settle(model: &mut Model) {
    let height = model.view.facts.page.1;
    let is_covered = model.overlay.is_some();
    let Some(pane) = &mut model.ledger.events else { return };
    let runs = pane.window.runs.len();
    pane.look.cursor = pane.look.cursor.min(runs.saturating_sub(1));
    if runs == 0 {
        pane.look.detail = None;
    }
    if pane.look.detail.is_none() && !is_covered {
        pane.look.offset = list::visible(pane.look.offset, pane.look.cursor, runs, height);
    }
}
