use super::*;
use std::sync::Arc;

use crate::app::model::Zoom;
use crate::app::overlay::{Overlay, Page, Question};
use crate::app::test::{BodyOrigin, Mode, Typing};
use crate::config::keymap::Context;
use crate::domain::{ErrorKind, NetworkPolicy};

fn pane(model: &Model) -> &crate::app::test::TestPane {
    model.test_pane().unwrap()
}

fn start(number: u128, body: &str) -> Start {
    let run = run_id(number);
    let connector = connector("a");
    Start {
        run,
        connector,
        policy: NetworkPolicy::default(),
        body: body.to_owned(),
        mode: Mode::Stream,
        prices: Arc::default(),
    }
}

#[test]
fn a_run_sends_the_body_as_it_stands() {
    let mut model = model();
    assert_eq!(press(&mut model, "enter r"), [Effect::Start(Box::new(start(0, BODY)))]);
    let plain = Start { mode: Mode::Plain, ..start(1, BODY) };
    assert_eq!(press(&mut model, "s r"), [Effect::Cancel(run_id(0)), Effect::Start(Box::new(plain))]);
}

#[test]
fn a_run_is_cancelled_once() {
    let mut model = model();
    press(&mut model, "enter r");
    assert_eq!(press(&mut model, "x x"), [Effect::Cancel(run_id(0))]);
    tell(&mut model, 0, vec![end(Outcome::Cancelled)]);
    assert_eq!(press(&mut model, "x"), []);
    assert_eq!(model.runs.cancelling.len(), 0);
}

#[test]
fn ctrl_c_cancels_the_run_in_view_then_asks_to_quit() {
    let mut model = model();
    press(&mut model, "enter r i");
    assert_eq!(press(&mut model, "ctrl-c"), [Effect::Cancel(run_id(0))]);
    assert_eq!(press(&mut model, "ctrl-c"), []);
    assert_eq!(model.overlay, Some(Overlay::Question(Question::Quit)));
    assert_eq!(press(&mut model, "ctrl-c"), [Effect::Quit]);
}

#[test]
fn the_body_is_checked_with_each_key_and_a_bad_one_is_not_sent() {
    let mut model = model();
    press(&mut model, "enter i down end backspace");
    let problem = pane(&model).check.clone().unwrap_err();
    assert_eq!((problem.line, problem.column), (3, 3));
    assert_eq!(press(&mut model, "ctrl-r"), []);
    assert!(notice(&model).starts_with("a: the body cannot be sent: line 3, column 3: "), "{}", notice(&model));
    let cursor = pane(&model).body.cursor();
    assert_eq!((cursor.0, cursor.1), (2, 2));
    press(&mut model, "up end ,");
    assert_eq!(pane(&model).check.as_ref().unwrap().model.as_deref(), Some("tiny"));
    assert_eq!(started(&press(&mut model, "ctrl-r")).len(), 1);
    assert_eq!((model.context(), pane(&model).origin), (Context::Body, BodyOrigin::Typed));
}

#[test]
fn letters_are_text_while_the_body_is_typed() {
    let mut model = model();
    press(&mut model, "enter i");
    assert_eq!(press(&mut model, "q ? r :"), []);
    assert!(pane(&model).text().starts_with("q?r:{"));
    press(&mut model, "esc");
    assert_eq!(pane(&model).typing, Typing::Off);
}

#[test]
fn a_paste_goes_into_the_body_only_while_it_is_typed() {
    let mut model = model();
    press(&mut model, "enter");
    update(&mut model, Msg::Paste("x".to_owned()));
    assert_eq!((pane(&model).text().as_str(), notice(&model)), (BODY, "press i to edit the body, then paste"));
    press(&mut model, "i");
    update(&mut model, Msg::Paste("a\r\nb\u{1b}".to_owned()));
    assert!(pane(&model).text().starts_with("a\nb{"));
}

#[test]
fn a_typed_body_is_reset_after_a_question() {
    let mut model = model();
    press(&mut model, "enter R i x esc R n");
    assert!(pane(&model).text().starts_with("x{"));
    press(&mut model, "R y");
    assert_eq!((pane(&model).text().as_str(), pane(&model).origin), (BODY, BodyOrigin::Prefilled));
}

#[test]
fn the_editor_gets_the_body_and_gives_it_back() {
    let mut model = model();
    assert_eq!(press(&mut model, "enter o"), [Effect::Edit(saved("a"), BODY.to_owned())]);
    press(&mut model, "q j");
    update(&mut model, Msg::Errand(Errand::Edited(saved("a"), Ok("{}\r\n".to_owned()))));
    let given_back = &model.tests[&saved("a")];
    assert_eq!(
        (given_back.text().as_str(), given_back.origin, given_back.check.is_ok()),
        ("{}", BodyOrigin::Typed, true)
    );
    let failure = Failure::new(ErrorKind::Internal, "vi: not found", "set EDITOR");
    update(&mut model, Msg::Errand(Errand::Edited(saved("a"), Err(failure))));
    let Some(Overlay::Message(page)) = &model.overlay else { panic!("{:?}", model.overlay) };
    assert_eq!(page.lines, ["vi: not found", "", "set EDITOR"]);
}

#[test]
fn a_preview_is_asked_for_and_shown() {
    let mut model = model();
    assert_eq!(press(&mut model, "enter p"), [Effect::Preview(Box::new(start(0, BODY)))]);
    let page = Page { title: "POST".to_owned(), lines: vec!["one".to_owned(), "two".to_owned()], top: 0 };
    update(&mut model, Msg::Errand(Errand::Previewed(Ok(page.clone()))));
    assert_eq!(model.overlay, Some(Overlay::Preview(page)));
    assert_eq!(press(&mut model, "y"), [Effect::Copy("one\ntwo".to_owned())]);
    press(&mut model, "q");
    assert_eq!((model.overlay.as_ref(), model.context()), (None, Context::Test));
}

#[test]
fn esc_gives_the_screen_back_before_it_leaves() {
    let mut model = model();
    press(&mut model, "enter z");
    assert_eq!(model.view.zoom, Zoom::Response);
    press(&mut model, "esc");
    assert_eq!((model.view.zoom, model.context()), (Zoom::Off, Context::Test));
    press(&mut model, "z i");
    assert_eq!(model.view.zoom, Zoom::Off);
    press(&mut model, "esc esc");
    assert_eq!(model.context(), Context::List);
}
