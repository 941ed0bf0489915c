//! Text that is typed and pasted.

use tui_textarea::{Input, TextArea};
use unicode_segmentation::UnicodeSegmentation;

use crate::app::model::{Model, Tone};
use crate::config::keymap::{Action, Chord, Context, Key, Test};

use super::notice::{key_of, say};
use super::{edit, import, palette, search, test, usage};

/// A text to be edited, the cursor at its start. No line of it is styled.
pub(in crate::app) fn area(text: &str) -> Box<TextArea<'static>> {
    let lines = text.split('\n').map(|line| line.trim_end_matches('\r').to_owned()).collect();
    let mut area = TextArea::new(lines);
    let plain = area.style();
    area.set_cursor_line_style(plain);
    area.set_tab_length(2);
    Box::new(area)
}

/// A key goes into a text. True when the text changed. Beyond the editor's own keys, `ctrl-u` clears to the line's
/// start and `ctrl-_`, which terminals send as `ctrl-7`, takes the last change back, as shells do.
pub(super) fn typed(area: &mut TextArea<'static>, chord: Chord) -> bool {
    match (chord.key, chord.ctrl, chord.alt) {
        (Key::Char('u'), true, false) => area.delete_line_by_head(),
        (Key::Char('7' | '_'), true, false) => area.undo(),
        _ => area.input(input(chord)),
    }
}

/// A key as the text editor takes it.
fn input(chord: Chord) -> Input {
    let key = match chord.key {
        Key::Char(c) => tui_textarea::Key::Char(c),
        Key::F(n) => tui_textarea::Key::F(n),
        Key::Enter => tui_textarea::Key::Enter,
        Key::Esc => tui_textarea::Key::Esc,
        Key::Tab => tui_textarea::Key::Tab,
        Key::Backspace => tui_textarea::Key::Backspace,
        Key::Delete => tui_textarea::Key::Delete,
        Key::Up => tui_textarea::Key::Up,
        Key::Down => tui_textarea::Key::Down,
        Key::Left => tui_textarea::Key::Left,
        Key::Right => tui_textarea::Key::Right,
        Key::Home => tui_textarea::Key::Home,
        Key::End => tui_textarea::Key::End,
        Key::PageUp => tui_textarea::Key::PageUp,
        Key::PageDown => tui_textarea::Key::PageDown,
    };
    Input { key, ctrl: chord.ctrl, alt: chord.alt, shift: chord.shift }
}

/// A paste goes into whatever is typed.
pub(super) fn paste(model: &mut Model, text: &str) {
    if import::offer(model, text) {
        return;
    }
    match model.context() {
        Context::Filter => {
            let line = one_line(text, " ");
            model.list.filter.text.push_str(&line);
        }
        Context::Palette => palette::paste(model, &one_line(text, " ")),
        Context::Field | Context::Edit => edit::paste(model, text),
        Context::Body => test::paste(model, &lines(text)),
        Context::Test => {
            let key = key_of(model, Context::Test, Action::Test(Test::EditBody));
            say(model, Tone::Info, &format!("press {key} to edit the body, then paste"));
        }
        Context::Range => usage::paste(model, &one_line(text, " ")),
        Context::Search => search::paste(model, &one_line(text, " ")),
        Context::List | Context::Usage | Context::Events | Context::Event | Context::Doctor | Context::Watch => {
            say(model, Tone::Info, "nothing to paste into here; a curl command would become a connector");
        }
        Context::Global | Context::Page | Context::Question => {}
    }
}

/// The text with line feeds as its only line ends, and no control characters but tabs.
pub(super) fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}

/// The text as one line, without white space around it.
pub(super) fn one_line(text: &str, between: &str) -> String {
    let text = lines(text).replace('\t', " ");
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(between)
}

/// Typing at the end of a line that has no cursor of its own. True when the text changed.
pub(super) fn at_end(text: &mut String, chord: Chord) -> bool {
    let before = text.len();
    let kept = match (chord.key, chord.ctrl, chord.alt) {
        (Key::Char(c), false, false) => {
            text.push(c);
            text.len()
        }
        (Key::Char('u'), true, false) => 0,
        (Key::Char('w'), true, false) => text.trim_end().rfind(' ').map_or(0, |at| at + 1),
        (Key::Backspace, false, false) | (Key::Char('h'), true, false) => {
            before - text.graphemes(true).next_back().map_or(0, str::len)
        }
        (
            Key::Char(_)
            | Key::Backspace
            | Key::F(_)
            | Key::Enter
            | Key::Esc
            | Key::Tab
            | Key::Delete
            | Key::Up
            | Key::Down
            | Key::Left
            | Key::Right
            | Key::Home
            | Key::End
            | Key::PageUp
            | Key::PageDown,
            _,
            _,
        ) => before,
    };
    text.truncate(kept);
    text.len() != before
}

pub(super) fn filter_key(model: &mut Model, chord: Chord) {
    at_end(&mut model.list.filter.text, chord);
}
