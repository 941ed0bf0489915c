//! Finding in the response: typing what to find, going from place to place, keeping up with a reply that grows.

use crate::app::find::{Find, Hits, Needle, Searched};
use crate::app::flow::Flow;
use crate::app::model::{Model, Subject, Tone};
use crate::app::runs::RunView;
use crate::app::test::{Follow, ResponseTab, Scroll, TestPane, Typing};
use crate::config::keymap::{Action, Chord, Context, Prompt, Test};

use super::notice::{key_of, say};
use super::typing;

/// Where to go among the places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Next,
    Previous,
}

/// Begins to type what to find. Places are looked for from the first row in view.
pub(super) fn open(model: &mut Model, subject: &Subject) {
    let facts = model.view.facts;
    let Some(pane) = model.tests.get_mut(subject) else { return };
    let Some(run) = pane.run.and_then(|run| model.runs.all.get(&run)) else {
        return say(model, Tone::Info, "there is nothing to find anything in yet");
    };
    let from = first_in_view(pane, run, facts.response);
    let before = pane.find.take().map(|find| find.text).unwrap_or_default();
    let mut find = Find::new(before);
    find.hits.from = from;
    pane.find = Some(Box::new(find));
}

/// The first byte in view, or the first event.
fn first_in_view(pane: &TestPane, run: &RunView, (width, height): (u16, u16)) -> usize {
    let row = pane.scroll.first(run.rows(pane.tab, width), usize::from(height));
    match pane.tab {
        ResponseTab::Answer => run.answer.bytes(row).start,
        ResponseTab::Reasoning => run.reasoning.bytes(row).start,
        ResponseTab::Events => row,
        ResponseTab::Tools | ResponseTab::Headers | ResponseTab::Timing => 0,
    }
}

fn of(model: &mut Model) -> Option<&mut Find> {
    let subject = model.subject()?;
    model.tests.get_mut(&subject)?.find.as_deref_mut()
}

pub(super) fn key(model: &mut Model, chord: Chord) {
    change(model, |text| typing::at_end(text, chord));
}

pub(super) fn paste(model: &mut Model, line: &str) {
    change(model, |text| {
        text.push_str(line);
        true
    });
}

fn change(model: &mut Model, act: impl FnOnce(&mut String) -> bool) {
    let Some(find) = of(model) else { return };
    if act(&mut find.text) {
        find.hits = Hits { from: find.hits.from, ..Hits::default() };
    }
}

/// Taking nothing searches for what was searched before; dropping it ends the search.
pub(super) fn prompt(model: &mut Model, answer: Prompt) {
    let Some(find) = of(model) else { return };
    find.typing = Typing::Off;
    match answer {
        Prompt::Accept | Prompt::Other | Prompt::Complete => {}
        Prompt::Dismiss => return end(model),
    }
    if find.text.is_empty() {
        find.text = std::mem::take(&mut find.before);
    }
    if find.text.is_empty() {
        end(model);
    }
}

/// Ends the search of the pane in view.
pub(super) fn end(model: &mut Model) {
    if let Some(pane) = model.subject().and_then(|subject| model.tests.get_mut(&subject)) {
        pane.find = None;
    }
}

/// True where a search is open in the pane in view.
pub(super) fn is_open(model: &Model) -> bool {
    model.test_pane().is_some_and(|pane| pane.find.is_some())
}

/// Goes to the next place or the previous one; behind the last comes the first.
pub(super) fn go(model: &mut Model, subject: &Subject, way: Way) {
    let Some(find) = model.tests.get_mut(subject).and_then(|pane| pane.find.as_deref_mut()) else {
        let key = key_of(model, Context::Test, Action::Test(Test::Find));
        return say(model, Tone::Info, &format!("nothing is searched for; {key} finds"));
    };
    let all = find.hits.all.len();
    let Some(at) = find.hits.at.filter(|at| *at < all) else { return };
    let (to, told) = match way {
        Way::Next if at + 1 < all => (at + 1, None),
        Way::Next => (0, Some("the first again")),
        Way::Previous if at > 0 => (at - 1, None),
        Way::Previous => (all - 1, Some("the last again")),
    };
    find.hits.at = Some(to);
    if let Some(told) = told {
        say(model, Tone::Info, if all == 1 { "there is no other place" } else { told });
    }
    show(model, subject);
}

/// Brings the search up to date with what is in view: another run, another tab, a reply that grew.
pub(super) fn settle(model: &mut Model) {
    let Some(subject) = model.subject() else { return };
    let (width, _) = model.view.facts.response;
    let Some(pane) = model.tests.get_mut(&subject) else { return };
    let (tab, run) = (pane.tab, pane.run);
    let Some(find) = pane.find.as_deref_mut() else { return };
    let (Some(needle), Some(id)) = (Needle::new(&find.text), run) else { return };
    let Some(run) = model.runs.all.get(&id) else { return };
    if find.hits.of != Some((id, tab)) {
        let from = if find.hits.of.is_none() { find.hits.from } else { 0 };
        find.hits = Hits { of: Some((id, tab)), from, ..Hits::default() };
    }
    let had = find.hits.at;
    extend(&mut find.hits, &needle, run, (tab, width));
    find.hits.settle();
    if had.is_none() && find.hits.at.is_some() {
        show(model, &subject);
    }
}

fn extend(hits: &mut Hits, needle: &Needle, run: &RunView, (tab, width): (ResponseTab, u16)) {
    if hits.state == Searched::Enough {
        return;
    }
    match tab {
        ResponseTab::Answer => hits.extend(needle, run.answer.text()),
        ResponseTab::Reasoning => hits.extend(needle, run.reasoning.text()),
        ResponseTab::Events => extend_events(hits, needle, run),
        // These are short and change while they come in.
        ResponseTab::Tools | ResponseTab::Headers | ResponseTab::Timing => {
            let at = hits.at;
            *hits = Hits { of: hits.of, from: hits.from, at, ..Hits::default() };
            hits.extend(needle, run.page(tab, width).text());
        }
    }
}

/// An event is one place, however often it says the same.
fn extend_events(hits: &mut Hits, needle: &Needle, run: &RunView) {
    let raw = &run.transcript.raw;
    // Old events go once there are too many: their numbers are those of others then.
    if raw.count > raw.events.len() {
        *hits = Hits { of: hits.of, from: hits.from, at: hits.at, ..Hits::default() };
    }
    for (at, event) in raw.events.iter().enumerate().skip(hits.searched) {
        let has = |text: &str| needle.find(text, 0..text.len()).is_some();
        if has(&event.data) || has(&event.kind) {
            hits.all.push(at..at + 1);
        }
    }
    hits.searched = raw.events.len();
    hits.state = Searched::All;
}

/// Scrolls to the place that is looked at, unless it is in view.
fn show(model: &mut Model, subject: &Subject) {
    let (width, height) = model.view.facts.response;
    let Some(pane) = model.tests.get_mut(subject) else { return };
    let Some(run) = pane.run.and_then(|run| model.runs.all.get(&run)) else { return };
    let Some(hit) = pane.find.as_ref().and_then(|find| find.hits.current()) else { return };
    let flow_row = |flow: &Flow| flow.row_of(hit.start);
    let row = match pane.tab {
        ResponseTab::Answer => flow_row(&run.answer),
        ResponseTab::Reasoning => flow_row(&run.reasoning),
        ResponseTab::Events => hit.start,
        ResponseTab::Tools | ResponseTab::Headers | ResponseTab::Timing => flow_row(&run.page(pane.tab, width)),
    };
    let (rows, height) = (run.rows(pane.tab, width), usize::from(height).max(1));
    let first = pane.scroll.first(rows, height);
    if row < first || row >= first + height {
        pane.scroll = Scroll { top: row.saturating_sub(height / 3), follow: Follow::Paused };
    } else {
        pane.scroll = Scroll { top: first, follow: Follow::Paused };
    }
}
