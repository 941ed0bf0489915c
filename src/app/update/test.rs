//! The test pane: the body, the view on the response, and what starts from it.

use tui_textarea::CursorMove;

use crate::app::effect::Effect;
use crate::app::model::{Model, Subject, Tone, Zoom};
use crate::app::overlay::{Overlay, Question};
use crate::app::runs::RunView;
use crate::app::test::{BodyOrigin, BodyProblem, Mode, ResponseTab, TestPane, Typing, body};
use crate::config::keymap::{Chord, Test};
use crate::domain::{Draft, Endpoint, EndpointKind, Failure, Provider};

use super::notice::{no_connector, say};
use super::{doctor, find, keep, only, overlay, runs, scroll, typing};

pub(super) fn act(model: &mut Model, action: Test) -> Vec<Effect> {
    let Some(subject) = model.subject() else {
        no_connector(model);
        return Vec::new();
    };
    match action {
        Test::EditBody => only(|| edit_body(model, &subject)),
        Test::Run => runs::ask_start(model, vec![subject]),
        Test::Cancel => cancel(model, &subject),
        Test::OpenEditor => vec![Effect::Edit(subject.clone(), text(model, &subject))],
        Test::Copy => copy(model, &subject),
        Test::Preview => preview(model, &subject),
        Test::NextTab => only(|| with_pane(model, &subject, |pane| turn(pane, 1))),
        Test::PreviousTab => only(|| with_pane(model, &subject, |pane| turn(pane, ResponseTab::ALL.len() - 1))),
        Test::Zoom => only(|| zoom(model)),
        Test::ToggleStream => only(|| toggle_mode(model, &subject)),
        Test::Doctor => doctor::examine_selected(model),
        Test::ResetBody => only(|| ask_reset(model, &subject)),
        Test::Find => only(|| find::open(model, &subject)),
        Test::FindNext => only(|| find::go(model, &subject, find::Way::Next)),
        Test::FindPrevious => only(|| find::go(model, &subject, find::Way::Previous)),
        Test::SaveReply => only(|| keep::ask_name(model, &subject)),
    }
}

/// The body must be in sight.
fn edit_body(model: &mut Model, subject: &Subject) {
    model.view.zoom = Zoom::Off;
    with_pane(model, subject, |pane| pane.typing = Typing::On);
}

fn with_pane(model: &mut Model, subject: &Subject, act: impl FnOnce(&mut TestPane)) {
    if let Some(pane) = model.tests.get_mut(subject) {
        act(pane);
    }
}

fn text(model: &Model, subject: &Subject) -> String {
    model.tests.get(subject).map(TestPane::text).unwrap_or_default()
}

fn cancel(model: &mut Model, subject: &Subject) -> Vec<Effect> {
    let effects = runs::cancel_latest(model, subject);
    if effects.is_empty() {
        say(model, Tone::Info, "nothing runs here");
    }
    effects
}

fn copy(model: &mut Model, subject: &Subject) -> Vec<Effect> {
    let text = shown(model, subject).map(|(run, tab)| run.text(tab)).unwrap_or_default();
    if text.is_empty() {
        say(model, Tone::Info, "there is nothing to copy here yet");
        return Vec::new();
    }
    vec![Effect::Copy(text)]
}

/// The run that shows, and the part of it.
pub(super) fn shown<'m>(model: &'m Model, subject: &Subject) -> Option<(&'m RunView, ResponseTab)> {
    let pane = model.tests.get(subject)?;
    Some((model.runs.all.get(&pane.run?)?, pane.tab))
}

fn preview(model: &mut Model, subject: &Subject) -> Vec<Effect> {
    runs::prepared(model, subject).map(|start| Effect::Preview(Box::new(start))).into_iter().collect()
}

fn turn(pane: &mut TestPane, by: usize) {
    let all = ResponseTab::ALL;
    let at = all.iter().position(|tab| *tab == pane.tab).unwrap_or(0);
    pane.tab = all.get((at + by) % all.len()).copied().unwrap_or_default();
    pane.scroll = scroll::at_start(pane.tab);
}

fn zoom(model: &mut Model) {
    model.view.zoom = match model.view.zoom {
        Zoom::Off => Zoom::Response,
        Zoom::Response => Zoom::Off,
    };
}

fn toggle_mode(model: &mut Model, subject: &Subject) {
    let Some(pane) = model.tests.get_mut(subject) else { return };
    let (mode, told) = match pane.mode {
        Mode::Stream => (Mode::Plain, "the next run asks for the reply in one piece"),
        Mode::Plain => (Mode::Stream, "the next run asks for a stream"),
    };
    pane.mode = mode;
    say(model, Tone::Info, told);
}

/// A body that nobody typed is put back without a question.
fn ask_reset(model: &mut Model, subject: &Subject) {
    match model.tests.get(subject).map(|pane| pane.origin) {
        Some(BodyOrigin::Typed) => model.overlay = Some(Overlay::Question(Question::ResetBody)),
        Some(BodyOrigin::Prefilled) => reset(model, subject),
        None => {}
    }
}

pub(super) fn reset(model: &mut Model, subject: &Subject) {
    let text = prefilled(model, subject);
    with_pane(model, subject, |pane| pane.set_text(&text, BodyOrigin::Prefilled));
}

/// Makes the pane of a subject, if there is none yet.
pub(super) fn ensure(model: &mut Model, subject: &Subject) {
    if !model.tests.contains_key(subject) {
        let pane = TestPane::new(&prefilled(model, subject));
        model.tests.insert(subject.clone(), pane);
    }
}

/// Bodies that nobody typed follow their connector's endpoint and model.
pub(super) fn refresh_prefilled(model: &mut Model) {
    let prefilled_panes = model.tests.iter().filter(|(_, pane)| pane.origin == BodyOrigin::Prefilled);
    let subjects: Vec<Subject> = prefilled_panes.map(|(subject, _)| subject.clone()).collect();
    for subject in subjects {
        if text(model, &subject) != prefilled(model, &subject) {
            reset(model, &subject);
        }
    }
}

fn prefilled(model: &Model, subject: &Subject) -> String {
    let draft = match subject {
        Subject::Saved(id) => model.config.entry(id).map(|entry| Draft::from(&entry.connector)),
        Subject::Draft => model.edit.as_ref().map(|edit| edit.draft.clone()),
    };
    let draft = draft.unwrap_or_else(|| Draft::new(Provider::OpenAi));
    let read = Endpoint::read(&draft.url, draft.provider);
    let kind = read.map_or(EndpointKind::ChatCompletions, |endpoint| endpoint.kind);
    body::prefilled(kind, draft.provider, Some(draft.default_model.trim()))
}

/// A key while the body is typed.
pub(super) fn key(model: &mut Model, chord: Chord) {
    change(model, |pane| typing::typed(&mut pane.body, chord));
}

pub(super) fn paste(model: &mut Model, text: &str) {
    change(model, |pane| pane.body.insert_str(text));
}

fn change(model: &mut Model, act: impl FnOnce(&mut TestPane) -> bool) {
    let Some(pane) = model.subject().and_then(|subject| model.tests.get_mut(&subject)) else { return };
    if act(pane) {
        pane.typed();
    }
}

/// Typing ends; what was typed stays.
pub(super) fn leave_body(model: &mut Model) {
    let Some(subject) = model.subject() else { return };
    with_pane(model, &subject, |pane| pane.typing = Typing::Off);
}

/// Puts the cursor where the body breaks.
pub(super) fn to_problem(pane: &mut TestPane, problem: &BodyProblem) {
    let at = |counted: usize| u16::try_from(counted.saturating_sub(1)).unwrap_or(u16::MAX);
    pane.body.move_cursor(CursorMove::Jump(at(problem.line), at(problem.column)));
}

/// `$EDITOR` ended: its text is the body from now on.
pub(super) fn edited(model: &mut Model, subject: &Subject, result: Result<String, Failure>) {
    match result {
        Ok(text) => {
            let text = typing::lines(&text);
            let text = text.strip_suffix('\n').unwrap_or(&text);
            if text != self::text(model, subject) {
                with_pane(model, subject, |pane| pane.set_text(text, BodyOrigin::Typed));
            }
        }
        Err(failure) => overlay::failure(model, "$EDITOR", &failure),
    }
}
