use super::*;
use crate::app::edit::{EditPane, Target};
use crate::app::overlay::{After, Overlay, Question};
use crate::config::keymap::Context;
use crate::domain::Field;

fn pane(model: &Model) -> &EditPane {
    model.edit.as_ref().unwrap()
}

#[test]
fn a_new_connector_gets_its_id_from_its_name_until_that_is_typed() {
    let mut model = model();
    press(&mut model, "n enter");
    write(&mut model, "Azure prod");
    assert_eq!((pane(&model).draft.name.as_str(), pane(&model).draft.id.as_str()), ("Azure prod", "azure-prod"));
    press(&mut model, "tab");
    press(&mut model, "end backspace backspace");
    assert_eq!(pane(&model).draft.id, "azure-pr");
    press(&mut model, "shift-tab");
    write(&mut model, "!");
    assert_eq!((pane(&model).draft.name.as_str(), pane(&model).draft.id.as_str()), ("Azure prod!", "azure-pr"));
}

#[test]
fn a_suggested_id_is_a_free_one() {
    let mut model = model();
    press(&mut model, "n enter A");
    assert_eq!(pane(&model).draft.id, "a-2");
}

#[test]
fn enter_takes_the_next_provider_and_keeps_what_carries_over() {
    let mut model = model();
    press(&mut model, "n enter X enter j j enter");
    assert_eq!((pane(&model).draft.provider, pane(&model).draft.name.as_str()), (Provider::AzureOpenAi, "X"));
    assert_eq!(pane(&model).draft.url, Provider::AzureOpenAi.default_url());
    assert_eq!(model.context(), Context::Edit);
}

#[test]
fn esc_drops_one_line_and_keeps_several() {
    let mut model = model();
    press(&mut model, "e enter x y esc");
    assert_eq!((pane(&model).draft.name.as_str(), pane(&model).is_changed()), ("a", false));
    model.edit.as_mut().unwrap().cursor = Field::Notes;
    press(&mut model, "enter o n e enter t w o esc");
    assert_eq!((pane(&model).cursor, pane(&model).draft.notes.as_str()), (Field::Notes, "one\ntwo"));
}

#[test]
fn headers_that_are_none_hold_the_cursor_until_they_are() {
    let mut model = model();
    press(&mut model, "e j j j j j j enter");
    assert_eq!(pane(&model).cursor, Field::Headers);
    write(&mut model, "x-team");
    press(&mut model, "ctrl-s");
    assert_eq!(model.context(), Context::Field);
    assert_eq!(notice(&model), "\"x-team\" is no header; write one a line, name: value");
    assert!(pane(&model).is_changed());
    assert!(pane(&model).finding(Field::Headers).is_some());
    write(&mut model, ": search");
    press(&mut model, "esc");
    assert_eq!(pane(&model).draft.headers[0].value, "search");
}

#[test]
fn a_typed_key_is_masked_and_stays_unless_it_is_typed_anew() {
    let mut model = model();
    press(&mut model, "e j j j j j enter");
    let area = |model: &Model| pane(model).typing.clone().unwrap();
    assert_eq!((area(&model).lines()[0].as_str(), area(&model).mask_char()), ("env:KEY", None));
    press(&mut model, "esc");
    update(&mut model, Msg::Paste("  sk-canary-0123456789\n".to_owned()));
    press(&mut model, "enter");
    let with_key = pane(&model).draft.auth.api_key.expose().to_owned();
    assert_eq!(with_key, "env:KEYsk-canary-0123456789");
    press(&mut model, "enter ctrl-j");
    update(&mut model, Msg::Paste("sk-canary-0123456789\n".to_owned()));
    assert_eq!(area(&model).mask_char(), Some('•'));
    assert!(!format!("{model:?}").contains("canary"));
    press(&mut model, "enter enter");
    assert_eq!(area(&model).lines()[0], "");
    press(&mut model, "enter");
    assert_eq!(pane(&model).draft.auth.api_key.expose(), "sk-canary-0123456789");
    assert!(!format!("{model:?}").contains("canary"));
}

#[test]
fn a_line_end_inside_a_pasted_key_is_not_mended_silently() {
    let mut model = model();
    press(&mut model, "n j j j j j");
    update(&mut model, Msg::Paste("sk-abc\ndef".to_owned()));
    press(&mut model, "enter");
    assert_eq!(pane(&model).draft.auth.api_key.expose(), "sk-abc def");
    assert!(pane(&model).finding(Field::ApiKey).is_some());
}

#[test]
fn a_paste_into_one_line_has_no_line_ends() {
    let mut model = model();
    press(&mut model, "n j j j enter ctrl-j");
    update(&mut model, Msg::Paste("http://h/v1\r\n".to_owned()));
    press(&mut model, "enter");
    assert_eq!(pane(&model).draft.url, "http://h/v1");
    assert!(pane(&model).reading().is_ok());
}

#[test]
fn a_preconfigured_connector_shows_but_does_not_change() {
    let mut model = model();
    press(&mut model, "G e enter");
    assert_eq!(pane(&model).target, Target::ReadOnly(id("team")));
    assert_eq!(notice(&model), "preconfigured: read-only; c in the list makes a copy that can be changed");
    update(&mut model, Msg::Paste("x".to_owned()));
    assert_eq!(press(&mut model, "ctrl-s"), []);
    assert!(!pane(&model).is_changed());
    press(&mut model, "ctrl-t");
    assert_eq!((model.context(), model.subject()), (Context::Test, Some(saved("team"))));
}

#[test]
fn a_copy_has_an_id_of_its_own_and_keeps_the_reference() {
    let mut model = model();
    press(&mut model, "c");
    let draft = &pane(&model).draft;
    assert_eq!((draft.id.as_str(), draft.name.as_str(), draft.auth.api_key.expose()), ("a-copy", "a copy", "env:KEY"));
    assert_eq!(pane(&model).target, Target::New);
}

#[test]
fn changes_are_asked_about_before_another_pane_takes_their_place() {
    for (keys, after) in [
        ("e", After::Edit(id("b"))),
        ("n", After::New),
        ("c", After::Duplicate(id("b"))),
        ("q", After::Quit),
        ("tab esc", After::Close),
    ] {
        let mut model = model();
        press(&mut model, "e enter x enter tab tab j");
        assert_eq!(press(&mut model, keys), []);
        assert_eq!(model.overlay, Some(Overlay::Question(Question::Discard(after))), "{keys}");
        press(&mut model, "n");
        assert_eq!((pane(&model).draft.name.as_str(), model.context()), ("ax", Context::Edit), "{keys}");
    }
}

#[test]
fn dropping_changes_does_what_was_asked_for() {
    let mut model = model();
    press(&mut model, "e enter x enter tab tab j e y");
    assert_eq!((pane(&model).draft.id.as_str(), pane(&model).is_changed()), ("b", false));
    press(&mut model, "enter x enter esc y");
    assert!(model.edit.is_none());
}

#[test]
fn tab_keeps_a_field_and_types_the_next_one() {
    let mut model = model();
    press(&mut model, "e enter 1 tab 2 tab 3 down");
    let draft = &pane(&model).draft;
    assert_eq!((draft.name.as_str(), draft.id.as_str(), draft.url.as_str()), ("a1", "a2", "http://a.test/v13"));
    assert_eq!((pane(&model).cursor, model.context()), (Field::DefaultModel, Context::Field));
}
