use std::path::Path;

use super::*;
use crate::app::edit::{EditPane, Target};
use crate::app::model::Tab;
use crate::app::overlay::{Overlay, Question};
use crate::config::keymap::Context;
use crate::config::{Change, ConfigError, SaveError};
use crate::domain::Field;

fn pane(model: &Model) -> &EditPane {
    model.edit.as_ref().unwrap()
}

fn named(name: &str) -> Connector {
    Connector { name: name.to_owned(), ..connector("a") }
}

fn put(old: Option<Connector>, new: Connector) -> Effect {
    let replaces = old.as_ref().map(|old| old.id.clone());
    Effect::Save(Box::new(Change::Put { replaces, base: old.map(Box::new), connector: Box::new(new) }))
}

fn written(model: &mut Model, entries: Vec<Entry>, name: &str) {
    update(model, Msg::Config(ConfigMsg::Saved(Box::new(config(entries)), Some(id(name)))));
}

fn not_written(model: &mut Model, error: SaveError) {
    update(model, Msg::Config(ConfigMsg::NotSaved(error)));
}

#[test]
fn a_save_writes_what_was_typed_over_what_was_opened() {
    let mut model = model();
    let effects = press(&mut model, "e enter x ctrl-s");
    assert_eq!(effects, [put(Some(connector("a")), named("ax"))]);
    assert_eq!(press(&mut model, "ctrl-s"), []);
    written(&mut model, vec![user(named("ax")), user(connector("b"))], "a");
    assert_eq!((notice(&model), pane(&model).is_changed()), ("saved a", false));
    assert_eq!(pane(&model).base.as_deref(), Some(&named("ax")));
    assert_eq!(press(&mut model, "ctrl-s"), []);
}

#[test]
fn what_is_typed_while_a_save_is_under_way_stays() {
    let mut model = model();
    press(&mut model, "e enter x ctrl-s enter y");
    written(&mut model, vec![user(named("ax"))], "a");
    assert_eq!((pane(&model).draft.name.as_str(), pane(&model).is_changed()), ("axy", true));
    assert_eq!(press(&mut model, "ctrl-s"), [put(Some(named("ax")), named("axy"))]);
}

#[test]
fn a_draft_that_cannot_be_saved_shows_every_finding() {
    let mut model = model();
    assert_eq!(press(&mut model, "n ctrl-s"), []);
    assert_eq!((pane(&model).cursor, pane(&model).findings.len()), (Field::Id, 2));
    assert!(notice(&model).starts_with("2 fields need a change; id: an id is needed"), "{}", notice(&model));
    assert!(pane(&model).finding(Field::Name).is_some());
}

#[test]
fn a_typed_key_is_told_to_be_mended_and_becomes_a_reference() {
    let mut model = model();
    press(&mut model, "e j j j j j enter ctrl-j");
    update(&mut model, Msg::Paste("Bearer sk-abcdef".to_owned()));
    let effects = press(&mut model, "ctrl-s");
    assert!(matches!(effects.as_slice(), [Effect::Save(_)]));
    let mut on_disk = connector("a");
    on_disk.auth.api_key = Some(Credential::Reference("file:/state/a".parse().unwrap()));
    written(&mut model, vec![user(on_disk)], "a");
    assert_eq!(notice(&model), "saved a; the word Bearer was cut; it is added when the request is sent");
    assert_eq!((pane(&model).draft.auth.api_key.expose(), pane(&model).is_changed()), ("file:/state/a", false));
}

#[test]
fn a_new_connector_is_selected_once_it_is_saved() {
    let mut model = model();
    press(&mut model, "/ b enter c");
    let effects = press(&mut model, "ctrl-s");
    let copy = Connector { name: "b copy".to_owned(), url: "http://b.test/v1".to_owned(), ..connector("b-copy") };
    assert_eq!(effects, [put(None, copy.clone())]);
    written(&mut model, vec![user(connector("a")), user(connector("b")), user(copy)], "b-copy");
    assert_eq!((selected(&model), &pane(&model).target), ("b-copy", &Target::Saved(id("b-copy"))));
}

#[test]
fn another_id_takes_the_test_pane_and_its_run_with_it() {
    let mut model = model();
    press(&mut model, "enter i x esc R n tab tab");
    let body = model.tests[&saved("a")].text();
    press(&mut model, "e j enter 2 ctrl-s");
    press(&mut model, "tab");
    let renamed = Connector { id: id("a2"), ..connector("a") };
    written(&mut model, vec![user(renamed), user(connector("b"))], "a2");
    assert_eq!((selected(&model), model.tests[&saved("a2")].text()), ("a2", body));
    assert!(!model.tests.contains_key(&saved("a")));
}

#[test]
fn a_clash_is_asked_about_and_mine_is_written_over_theirs() {
    let mut model = model();
    press(&mut model, "e enter x ctrl-s");
    let theirs = Some(Box::new(named("theirs")));
    not_written(&mut model, SaveError::Clash { id: id("a"), on_disk: theirs.clone() });
    assert_eq!(model.overlay, Some(Overlay::Question(Question::Clash(theirs))));
    assert_eq!(press(&mut model, "y"), [put(Some(named("theirs")), named("ax"))]);
}

#[test]
fn theirs_takes_the_place_of_the_draft_and_no_keeps_editing() {
    for (key, name) in [("o", "theirs"), ("n", "ax")] {
        let mut model = model();
        press(&mut model, "e enter x ctrl-s");
        let on_disk = Some(Box::new(named("theirs")));
        not_written(&mut model, SaveError::Clash { id: id("a"), on_disk });
        assert_eq!(press(&mut model, key), []);
        assert_eq!((pane(&model).draft.name.as_str(), model.context()), (name, Context::Edit));
    }
}

#[test]
fn a_connector_that_was_deleted_on_disk_is_written_again_or_let_go() {
    for key in ["y", "o"] {
        let mut model = model();
        press(&mut model, "e enter x ctrl-s");
        not_written(&mut model, SaveError::Clash { id: id("a"), on_disk: None });
        let effects = press(&mut model, key);
        assert_eq!(effects, if key == "y" { vec![put(None, named("ax"))] } else { vec![] });
        assert_eq!(model.edit.is_none(), key == "o");
    }
}

#[test]
fn other_refusals_are_told_and_the_draft_stays() {
    let mut model = model();
    press(&mut model, "e enter x ctrl-s");
    not_written(&mut model, ConfigError::new(Path::new("/c.toml"), "cannot write", "free some space").into());
    let Some(Overlay::Message(page)) = &model.overlay else { panic!("{:?}", model.overlay) };
    assert_eq!(page.lines, ["/c.toml: cannot write", "", "free some space"]);
    press(&mut model, "esc ctrl-s");
    not_written(&mut model, SaveError::IdTaken);
    assert_eq!((pane(&model).cursor, pane(&model).draft.name.as_str()), (Field::Id, "ax"));
}

#[test]
fn a_draft_is_tested_with_the_key_as_typed_and_without_saving() {
    let mut model = model();
    press(&mut model, "e j j j j j enter ctrl-j");
    update(&mut model, Msg::Paste("sk-abcdef".to_owned()));
    press(&mut model, "ctrl-t");
    assert_eq!((model.view.tab, model.subject()), (Tab::Test, Some(Subject::Draft)));
    let start = started(&press(&mut model, "r")).remove(0);
    assert!(matches!(start.connector.auth.api_key, Some(Credential::Typed(_))));
    assert_eq!(start.body, BODY);
    press(&mut model, "shift-tab esc y");
    assert!(!model.tests.contains_key(&Subject::Draft));
    assert_eq!(model.runs.alive(), 1);
    tell(&mut model, 0, vec![end(Outcome::Ok)]);
    assert_eq!((model.runs.all.len(), notice(&model)), (0, "a finished"));
}

#[test]
fn a_draft_with_findings_is_not_tested() {
    let mut model = model();
    press(&mut model, "n ctrl-t");
    assert_eq!((model.view.tab, pane(&model).cursor), (Tab::Edit, Field::Id));
}

#[test]
fn a_tested_draft_that_is_saved_keeps_its_body_and_run() {
    let mut model = model();
    press(&mut model, "e enter x ctrl-t i space esc r shift-tab ctrl-s");
    let body = model.tests[&Subject::Draft].text();
    written(&mut model, vec![user(named("ax"))], "a");
    assert_eq!(model.subject(), Some(saved("a")));
    assert_eq!(model.tests[&saved("a")].text(), body);
    assert_eq!(model.runs.latest.get(&saved("a")), Some(&run_id(0)));
}

#[test]
fn moving_on_shows_the_test_pane_of_the_selected_connector_again() {
    let mut model = model();
    press(&mut model, "e enter x ctrl-t tab j");
    assert_eq!(model.subject(), Some(saved("b")));
    assert!(model.edit.is_some());
}

#[test]
fn a_body_typed_for_a_new_draft_is_not_dropped_without_a_question() {
    let mut model = model();
    press(&mut model, "c ctrl-t i space esc shift-tab esc");
    assert!(matches!(model.overlay, Some(Overlay::Question(Question::Discard(_)))));
}
