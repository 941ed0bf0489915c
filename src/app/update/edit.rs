//! The edit pane's fields: moving over them and typing them.

use tui_textarea::CursorMove;

use crate::app::edit::{Before, EditPane, IdState, KeyShown, Target};
use crate::app::effect::Effect;
use crate::app::model::{Model, Tone};
use crate::config::Entry;
use crate::config::keymap::{Chord, Edit, Key, Move};
use crate::domain::draft::key_may_be_shown;
use crate::domain::{ConnectorId, Draft, Field, NetworkKey, Provider, SecretText};

use super::notice::{read_only, say};
use super::{drafts, leave, list, only, save, typing};

const MASK: char = '•';

/// How a field is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// In one line: enter keeps it.
    Line,
    /// In several lines: enter starts a new one, leaving keeps them.
    Lines,
    /// Not at all: enter takes the next choice.
    Choice,
}

fn kind(field: Field) -> Kind {
    match field {
        Field::Provider | Field::NativeToolCalling => Kind::Choice,
        Field::Headers | Field::Notes => Kind::Lines,
        Field::Network(key) if !key.words().is_empty() => Kind::Choice,
        Field::Network(key) if key.has_lines() => Kind::Lines,
        Field::Name
        | Field::Id
        | Field::Url
        | Field::DefaultModel
        | Field::ApiKey
        | Field::Organization
        | Field::Project
        | Field::ContextWindow
        | Field::Temperature
        | Field::MaxAttempts
        | Field::Network(_) => Kind::Line,
    }
}

pub(super) fn act(model: &mut Model, action: Edit) -> Vec<Effect> {
    match action {
        Edit::Open => only(|| open(model)),
        Edit::Save => save::save(model),
        Edit::TestDraft => only(|| save::test_draft(model)),
        Edit::Leave => leave::back(model),
        Edit::RevealKey => only(|| reveal(model)),
    }
}

fn open(model: &mut Model) {
    let Some(edit) = &mut model.edit else { return };
    match (&edit.target, kind(edit.cursor)) {
        (Target::ReadOnly(_), _) => read_only(model),
        (Target::New | Target::Saved(_), Kind::Choice) => next_choice(edit),
        (Target::New | Target::Saved(_), Kind::Line | Kind::Lines) => start_typing(edit),
    }
}

fn next_choice(edit: &mut EditPane) {
    if edit.cursor == Field::Provider {
        let at = Provider::ALL.iter().position(|provider| *provider == edit.draft.provider).unwrap_or(0);
        let next = Provider::ALL.into_iter().cycle().nth(at + 1);
        edit.draft.set_provider(next.unwrap_or(edit.draft.provider));
    } else if let Field::Network(key) = edit.cursor {
        next_word(edit, key);
    } else {
        let choice = &mut edit.draft.options.native_tool_calling;
        *choice = match choice {
            None => Some(true),
            Some(true) => Some(false),
            Some(false) => None,
        };
    }
    touch(edit);
}

/// Behind the last word the key is unset again.
fn next_word(edit: &mut EditPane, key: NetworkKey) {
    let now = edit.draft.network.get(key);
    let words = key.words();
    let next = match words.iter().position(|word| *word == now) {
        Some(at) => words.get(at + 1),
        None => words.first(),
    };
    edit.draft.network.set(key, next.copied().unwrap_or_default());
}

/// A typed key is not taken apart: it is typed anew, and stays while nothing is.
fn start_typing(edit: &mut EditPane) {
    let text = edit.draft.text(edit.cursor);
    let is_hidden = edit.cursor.is_secret() && !key_may_be_shown(&SecretText::new(text.as_str()));
    let text = if is_hidden { String::new() } else { text };
    let mut area = typing::area(&text);
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    edit.typing = Some(area);
    edit.state.before = Some(Box::new(Before { draft: edit.draft.clone(), id: edit.state.id }));
}

/// Ends typing and keeps what was typed. False where the draft cannot hold it: typing goes on.
pub(super) fn finish(edit: &mut EditPane) -> bool {
    if edit.unreadable().is_some() {
        touch(edit);
        return false;
    }
    edit.typing = None;
    edit.state.before = None;
    true
}

/// [`finish`], telling why not.
pub(super) fn finished(model: &mut Model) -> bool {
    let Some(edit) = &mut model.edit else { return true };
    if finish(edit) {
        return true;
    }
    let why = edit.unreadable().unwrap_or_default();
    say(model, Tone::Bad, &why);
    false
}

pub(super) fn accept(model: &mut Model) {
    match model.edit.as_ref().map(|edit| kind(edit.cursor)) {
        Some(Kind::Lines) => change(model, |area| {
            area.insert_newline();
            true
        }),
        Some(Kind::Line | Kind::Choice) | None => {
            finished(model);
        }
    }
}

/// Esc: one line becomes what it was; several lines are too much to lose and stay.
pub(super) fn dismiss(model: &mut Model) {
    let Some(edit) = &mut model.edit else { return };
    if kind(edit.cursor) == Kind::Lines {
        finished(model);
        return;
    }
    if let Some(before) = edit.state.before.take() {
        edit.draft = before.draft;
        edit.state.id = before.id;
    }
    edit.typing = None;
}

/// A key while a field is typed. In one line, the arrows have nowhere to go but the next field.
pub(super) fn key(model: &mut Model, chord: Chord) {
    let is_line = model.edit.as_ref().is_some_and(|edit| kind(edit.cursor) == Kind::Line);
    let step = [(Key::Down, Move::Down), (Key::Up, Move::Up)].into_iter().find(|(key, _)| chord == Chord::from(*key));
    if let Some((_, step)) = step.filter(|_| is_line) {
        return step_typing(model, step);
    }
    change(model, |area| typing::typed(area, chord));
}

/// A paste where the cursor is on a field that can be typed starts typing it.
pub(super) fn paste(model: &mut Model, text: &str) {
    let Some(edit) = &mut model.edit else { return };
    match (&edit.target, kind(edit.cursor)) {
        (Target::ReadOnly(_), _) => return read_only(model),
        (Target::New | Target::Saved(_), Kind::Choice) => {
            return say(model, Tone::Info, "enter takes the next choice here");
        }
        (Target::New | Target::Saved(_), Kind::Line | Kind::Lines) => {}
    }
    if edit.typing.is_none() {
        start_typing(edit);
    }
    let text = fitted(edit.cursor, text);
    change(model, |area| area.insert_str(&text));
}

/// A line end inside a key or a name becomes a space, which the check of a key then finds; elsewhere it is nothing.
fn fitted(field: Field, text: &str) -> String {
    match (kind(field), field) {
        (Kind::Lines, _) => typing::lines(text),
        (Kind::Line | Kind::Choice, Field::ApiKey | Field::Name) => typing::one_line(text, " "),
        (Kind::Line | Kind::Choice, _) => typing::one_line(text, ""),
    }
}

fn change(model: &mut Model, act: impl FnOnce(&mut tui_textarea::TextArea<'static>) -> bool) {
    let Some(edit) = &mut model.edit else { return };
    let Some(area) = &mut edit.typing else { return };
    if !act(area) {
        return;
    }
    if kind(edit.cursor) == Kind::Line && area.lines().len() > 1 {
        *area = typing::area(&area.lines().concat());
        area.move_cursor(CursorMove::End);
    }
    let text = area.lines().join("\n");
    take_text(edit, &text, &model.config.config.entries);
}

/// The draft follows each key, as far as it can hold the text.
fn take_text(edit: &mut EditPane, text: &str, entries: &[Entry]) {
    touch(edit);
    // What cannot be held yet is found by the pane's check.
    let Ok(()) = edit.draft.set(edit.cursor, text) else { return };
    if edit.cursor == Field::Id {
        edit.state.id = if text.is_empty() { IdState::Suggested } else { IdState::Typed };
    }
    if edit.cursor == Field::Name && edit.state.id == IdState::Suggested && edit.target == Target::New {
        edit.draft.id = suggested(entries, text);
    }
}

fn suggested(entries: &[Entry], name: &str) -> String {
    let wish = ConnectorId::suggest(name);
    if wish.is_empty() { wish } else { drafts::free_id(entries, &wish) }
}

fn touch(edit: &mut EditPane) {
    if !edit.state.touched.contains(&edit.cursor) {
        edit.state.touched.push(edit.cursor);
    }
}

fn reveal(model: &mut Model) {
    let Some(edit) = &mut model.edit else { return };
    edit.state.key = match edit.state.key {
        KeyShown::Masked => KeyShown::Plain,
        KeyShown::Plain => KeyShown::Masked,
    };
}

pub(super) fn step(model: &mut Model, step: Move) {
    let page = usize::from(model.view.facts.edit_rows).max(1);
    let Some(edit) = &mut model.edit else { return };
    let fields: Vec<Field> = edit.fields().collect();
    let at = position(edit, &fields);
    let to = list::moved(at, fields.len().saturating_sub(1), page, step);
    edit.cursor = fields.get(to).copied().unwrap_or(edit.cursor);
}

fn position(edit: &EditPane, fields: &[Field]) -> usize {
    fields.iter().position(|field| *field == edit.cursor).unwrap_or(0)
}

/// Tab keeps the field and types the next one that is typed.
pub(super) fn step_typing(model: &mut Model, step: Move) {
    if !finished(model) {
        return;
    }
    let Some(edit) = &mut model.edit else { return };
    let mut fields: Vec<Field> = edit.fields().filter(|field| kind(*field) != Kind::Choice).collect();
    match step {
        Move::Down | Move::PageDown | Move::Last => {}
        Move::Up | Move::PageUp | Move::First => fields.reverse(),
    }
    let next = fields.get(position(edit, &fields) + 1).copied();
    if let Some(next) = next {
        edit.cursor = next;
        start_typing(edit);
    }
}

/// Findings, the mask and the first row follow the draft and the cursor.
pub(super) fn settle(model: &mut Model) {
    let Some(edit) = &mut model.edit else { return };
    edit.findings = edit.check(&model.config.config.entries).err().unwrap_or_default();
    let fields: Vec<Field> = edit.fields().collect();
    if !fields.contains(&edit.cursor) {
        edit.cursor = Field::Name;
        edit.typing = None;
    }
    let at = position(edit, &fields);
    edit.state.offset = list::visible(edit.state.offset, at, fields.len(), model.view.facts.edit_rows);
    mask(edit);
}

/// A key that is typed shows as dots; a reference shows as it is.
fn mask(edit: &mut EditPane) {
    let Some(area) = &mut edit.typing else { return };
    let text = SecretText::new(area.lines().concat());
    if edit.cursor.is_secret() && edit.state.key == KeyShown::Masked && !key_may_be_shown(&text) {
        area.set_mask_char(MASK);
    } else {
        area.clear_mask_char();
    }
}

/// The draft changed under the text being typed: it starts again from what the draft says.
pub(super) fn retype(edit: &mut EditPane) {
    if edit.typing.is_some() {
        start_typing(edit);
    }
}

/// A draft with every field a copy needs.
pub(super) fn copy_of(draft: &Draft, entries: &[Entry]) -> Draft {
    let mut copy = draft.clone();
    copy.id = drafts::free_id(entries, &format!("{}-copy", draft.id));
    copy.name = format!("{} copy", draft.name);
    copy
}
