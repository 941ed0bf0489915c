//! The usage screen: what is asked of the event log, and how the answer is looked at.

use crate::app::effect::Effect;
use crate::app::model::{Model, Screen, Tone};
use crate::app::question::{Findings, Question};
use crate::app::usage::{Asking, Chart, Sort, TABLES, UsagePane};
use crate::config::keymap::{Chord, Move, Prompt, Usage};
use crate::domain::calendar::{Bucket, Range, zone};
use crate::domain::{Dimension, Failure, RunFilter};

use super::notice::{no_connector, say};
use super::{events, only, typing};

/// Rows that a page key goes.
const PAGE: usize = 10;

/// The usage of the selected connector.
pub(super) fn open_selected(model: &mut Model) -> Vec<Effect> {
    match model.list.selected.clone() {
        Some(id) => open(model, Some(id.to_string())),
        None => only(|| no_connector(model)),
    }
}

/// The usage of one connector, or of all. Range, zone and order stay what they were.
pub(super) fn open(model: &mut Model, connector: Option<String>) -> Vec<Effect> {
    let mut pane = UsagePane::new(connector);
    if let Some(before) = model.ledger.usage.take() {
        (pane.wish.range, pane.wish.bucket, pane.wish.zone) = (before.wish.range, before.wish.bucket, before.wish.zone);
        (pane.look.chart, pane.look.sort) = (before.look.chart, before.look.sort);
    }
    pane.from = match model.view.screen {
        Screen::Watch => Screen::Watch,
        Screen::Panes | Screen::Usage | Screen::Events => Screen::Panes,
    };
    model.ledger.usage = Some(pane);
    model.view.screen = Screen::Usage;
    ask(model)
}

/// Goes where one came from.
pub(super) fn back(model: &mut Model) {
    model.view.screen = model.ledger.usage.as_ref().map_or(Screen::Panes, |pane| pane.from);
}

/// Asks, or remembers to ask again when the answer that is on its way has come.
fn ask(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.usage else { return Vec::new() };
    if pane.asking != Asking::No {
        pane.asking = Asking::Again;
        return Vec::new();
    }
    pane.asking = Asking::Waiting;
    vec![Effect::Ask(Box::new(Question::Dashboard(pane.wish.clone())))]
}

/// Someone wrote to the event log.
pub(super) fn log_changed(model: &mut Model) -> Vec<Effect> {
    ask(model)
}

/// An answer came. One to an older question is dropped, and the newer one asked.
pub(super) fn answered(model: &mut Model, question: &Question, found: Result<Findings, Failure>) -> Vec<Effect> {
    let (Some(pane), Question::Dashboard(wish)) = (&mut model.ledger.usage, question) else { return Vec::new() };
    let again = std::mem::take(&mut pane.asking) == Asking::Again;
    if *wish != pane.wish {
        return ask(model);
    }
    match found {
        Ok(Findings::Dashboard(found)) => {
            pane.found = Some(*found);
            pane.problem = None;
        }
        Ok(Findings::Events(_)) => {}
        Err(problem) => pane.problem = Some(problem),
    }
    settle(pane);
    if again && model.view.screen == Screen::Usage { ask(model) } else { Vec::new() }
}

fn settle(pane: &mut UsagePane) {
    pane.look.cursor = pane.look.cursor.min(pane.rows().len().saturating_sub(1));
}

pub(super) fn act(model: &mut Model, action: Usage) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.usage else { return Vec::new() };
    match action {
        Usage::Today => range(model, Range::Today),
        Usage::Week => range(model, Range::Days(7)),
        Usage::Month => range(model, Range::Days(30)),
        Usage::Quarter => range(model, Range::Days(90)),
        Usage::All => range(model, Range::All),
        Usage::Type => only(|| pane.typing = Some(String::new())),
        Usage::Bucket => {
            pane.wish.bucket = next_bucket(pane.wish.bucket);
            ask(model)
        }
        Usage::Zone => {
            let other = if pane.wish.zone == "local" { "UTC" } else { "local" };
            other.clone_into(&mut pane.wish.zone);
            ask(model)
        }
        Usage::NextChart => only(|| pane.look.chart = after(&Chart::ALL, pane.look.chart)),
        Usage::PreviousChart => only(|| {
            let mut charts = Chart::ALL;
            charts.reverse();
            pane.look.chart = after(&charts, pane.look.chart);
        }),
        Usage::Table => only(|| {
            pane.look.table = after(&TABLES, pane.look.table);
            pane.look.cursor = 0;
        }),
        Usage::Events => events_of_row(model),
        Usage::Sort => only(|| pane.look.sort = after(&Sort::ALL, pane.look.sort)),
    }
}

/// The runs behind the selected row, in the same range and time zone.
fn events_of_row(model: &mut Model) -> Vec<Effect> {
    let Some(pane) = &model.ledger.usage else { return Vec::new() };
    let name = pane.rows().get(pane.look.cursor).map(|(name, _)| name.clone());
    let mut filter = RunFilter { connector: pane.wish.connector.clone(), ..RunFilter::default() };
    match pane.look.table {
        Dimension::Connector => filter.connector = name.or(filter.connector),
        Dimension::Model => filter.model = name,
        Dimension::User => filter.user = name,
        Dimension::Machine => filter.machine = name,
        Dimension::Provider | Dimension::Source | Dimension::Outcome | Dimension::ErrorKind => {}
    }
    let (range, zone) = (pane.wish.range.clone(), pane.wish.zone.clone());
    events::open(model, filter, range, zone)
}

fn range(model: &mut Model, range: Range) -> Vec<Effect> {
    if let Some(pane) = &mut model.ledger.usage {
        pane.wish.range = range;
    }
    ask(model)
}

/// What fits, then each size.
fn next_bucket(bucket: Option<Bucket>) -> Option<Bucket> {
    match bucket {
        None => Some(Bucket::Hour),
        Some(Bucket::Month) => None,
        Some(bucket) => Some(after(&Bucket::ALL, bucket)),
    }
}

/// The one after this, round and round.
fn after<T: Copy + PartialEq, const N: usize>(all: &[T; N], one: T) -> T {
    let next = all.iter().position(|other| *other == one).map_or(0, |at| (at + 1) % N.max(1));
    all.get(next).copied().unwrap_or(one)
}

pub(super) fn step(model: &mut Model, step: Move) {
    let Some(pane) = &mut model.ledger.usage else { return };
    let last = pane.rows().len().saturating_sub(1);
    let at = pane.look.cursor;
    let to = match step {
        Move::Down => at.saturating_add(1),
        Move::Up => at.saturating_sub(1),
        Move::PageDown => at.saturating_add(PAGE),
        Move::PageUp => at.saturating_sub(PAGE),
        Move::First => 0,
        Move::Last => last,
    };
    pane.look.cursor = to.min(last);
}

/// Selects a row of the table; below the last there is none.
pub(super) fn select(model: &mut Model, at: usize) {
    let Some(pane) = &mut model.ledger.usage else { return };
    if at < pane.rows().len() {
        pane.look.cursor = at;
    }
}

/// A key goes into the range that is typed.
pub(super) fn key(model: &mut Model, chord: Chord) {
    if let Some(text) = model.ledger.usage.as_mut().and_then(|pane| pane.typing.as_mut()) {
        typing::at_end(text, chord);
    }
}

pub(super) fn paste(model: &mut Model, text: &str) {
    if let Some(typed) = model.ledger.usage.as_mut().and_then(|pane| pane.typing.as_mut()) {
        typed.push_str(text);
    }
}

/// What was typed is a range, or a time zone; what is neither stays to be mended.
pub(super) fn prompt(model: &mut Model, answer: Prompt) -> Vec<Effect> {
    let Some(pane) = &mut model.ledger.usage else { return Vec::new() };
    let Some(text) = pane.typing.take().filter(|_| answer == Prompt::Accept) else { return Vec::new() };
    let text = text.trim();
    match (text.parse::<Range>(), text) {
        (_, "") => return Vec::new(),
        (Ok(range), _) => pane.wish.range = range,
        (Err(_), name) if zone(name).is_ok() => name.clone_into(&mut pane.wish.zone),
        (Err(problem), _) => {
            pane.typing = Some(text.to_owned());
            say(model, Tone::Bad, &problem.to_string());
            return Vec::new();
        }
    }
    ask(model)
}
