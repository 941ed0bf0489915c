//! A line that is typed: whose it is. The name of a file, a filter of the events, or what to find in a response.

use crate::app::effect::Effect;
use crate::app::model::{Model, Screen};
use crate::config::keymap::{Chord, Prompt};

use super::{events, find, keep, only};

/// Whose line is typed.
enum Line {
    Name,
    Events,
    Find,
}

fn line(model: &Model) -> Line {
    match model.view.screen {
        _ if keep::is_naming(model) => Line::Name,
        Screen::Events => Line::Events,
        Screen::Panes | Screen::Usage | Screen::Watch => Line::Find,
    }
}

pub(super) fn key(model: &mut Model, chord: Chord) {
    match line(model) {
        Line::Name => keep::key(model, chord),
        Line::Events => events::key(model, chord),
        Line::Find => find::key(model, chord),
    }
}

pub(super) fn paste(model: &mut Model, text: &str) {
    match line(model) {
        Line::Name => keep::paste(model, text),
        Line::Events => events::paste(model, text),
        Line::Find => find::paste(model, text),
    }
}

pub(super) fn prompt(model: &mut Model, answer: Prompt) -> Vec<Effect> {
    match line(model) {
        Line::Name => keep::prompt(model, answer),
        Line::Events => events::prompt(model, answer),
        Line::Find => only(|| find::prompt(model, answer)),
    }
}
