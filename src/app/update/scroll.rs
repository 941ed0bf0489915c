//! Scrolling the response and the pages.

use crate::app::flow::Flow;
use crate::app::model::{Facts, Model};
use crate::app::overlay::{Overlay, Page};
use crate::app::runs::RunView;
use crate::app::test::{Follow, ResponseTab, Scroll, TestPane};
use crate::config::keymap::Move;

use super::{follows, list};

/// The widths of what is in view. Only that is wrapped again when the screen changes.
pub(super) fn settle(model: &mut Model) {
    if let Some(Overlay::Plain(plain)) = &mut model.overlay {
        plain.flow.set_width(model.view.size.0);
    }
    let (width, _) = model.view.facts.response;
    if width == 0 {
        return;
    }
    let Some(run) = run_in_view(model) else { return };
    let Some(run) = model.runs.all.get_mut(&run) else { return };
    run.answer.set_width(width);
    run.reasoning.set_width(width);
}

fn run_in_view(model: &Model) -> Option<crate::domain::RunId> {
    model.test_pane()?.run
}

/// Scrolling up holds the view; the last row lets it follow again.
pub(super) fn response(model: &mut Model, step: Move) {
    let facts = model.view.facts;
    let Some(subject) = model.subject() else { return };
    let Some(pane) = model.tests.get_mut(&subject) else { return };
    let run = pane.run.and_then(|run| model.runs.all.get(&run));
    pane.scroll = scrolled(pane, run, &facts, step);
}

fn scrolled(pane: &TestPane, run: Option<&RunView>, facts: &Facts, step: Move) -> Scroll {
    let (width, height) = facts.response;
    let height = usize::from(height);
    let rows = run.map_or(0, |run| run.rows(pane.tab, width));
    let last = rows.saturating_sub(height);
    let at = pane.scroll.first(rows, height);
    let top = list::moved(at, last, height.saturating_sub(1).max(1), step);
    let follow = match step {
        Move::Last => Follow::On,
        Move::Down | Move::PageDown => pane.scroll.follow,
        Move::Up | Move::PageUp | Move::First => Follow::Paused,
    };
    Scroll { top, follow }
}

/// A tab's scroll when it comes into view: what grows follows, the rest starts at its top.
pub(super) fn at_start(tab: ResponseTab) -> Scroll {
    let follow = if follows(tab) { Follow::On } else { Follow::Paused };
    Scroll { top: 0, follow }
}

pub(super) fn page(model: &mut Model, step: Move) {
    let (width, height) = model.view.facts.page;
    if let Some(Overlay::Plain(plain)) = &mut model.overlay {
        let height = usize::from(height).max(1);
        let last = plain.flow.rows().saturating_sub(height);
        plain.top = list::moved(plain.top.min(last), last, height.saturating_sub(1).max(1), step);
        return;
    }
    let Some(page) = model.overlay.as_mut().and_then(page_of) else { return };
    let height = usize::from(height).max(1);
    let last = rows(page, width).saturating_sub(height);
    page.top = list::moved(page.top.min(last), last, height.saturating_sub(1).max(1), step);
}

/// Rows of a page at a width; its lines, while none is known.
fn rows(page: &Page, width: u16) -> usize {
    if width == 0 {
        return page.lines.len();
    }
    let mut flow = Flow::default();
    flow.set_width(width);
    flow.push(&page.lines.join("\n"));
    flow.rows()
}

/// The page over the screen, if what lies there is one.
pub(super) fn page_of(overlay: &mut Overlay) -> Option<&mut Page> {
    match overlay {
        Overlay::Help(page) | Overlay::Preview(page) | Overlay::Message(page) => Some(page),
        Overlay::Palette(_) | Overlay::Question(_) | Overlay::Name(_) | Overlay::Plain(_) => None,
    }
}
