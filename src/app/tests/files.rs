use super::*;
use crate::app::edit::Target;
use crate::app::overlay::{Overlay, Question};
use crate::domain::TelemetryTarget;

fn renamed(name: &str) -> Config {
    config([user(Connector { name: name.to_owned(), ..connector("a") }), user(connector("b"))])
}

#[test]
fn a_broken_file_keeps_the_last_good_state() {
    let mut model = model();
    update(&mut model, Msg::Config(ConfigMsg::Broken("config.toml:3:7: no key\nmore".to_owned())));
    assert_eq!(model.config.config.entries.len(), 4);
    assert_eq!(notice(&model), "the file cannot be used, the last good state stays: config.toml:3:7: no key");
    load(&mut model, four());
    assert_eq!(model.config.problem, None);
}

#[test]
fn a_pane_without_changes_follows_the_file_even_while_a_field_is_typed() {
    let mut model = model();
    press(&mut model, "e enter");
    load(&mut model, renamed("other"));
    write(&mut model, "!");
    assert_eq!(model.edit.as_ref().unwrap().draft.name, "other!");
}

#[test]
fn a_change_on_disk_under_a_draft_is_asked_about() {
    let mut model = model();
    press(&mut model, "e enter x enter");
    load(&mut model, renamed("other"));
    assert!(matches!(model.overlay, Some(Overlay::Question(Question::Clash(Some(_))))));
    assert_eq!(model.edit.as_ref().unwrap().draft.name, "ax");
}

#[test]
fn somebody_who_is_typing_is_asked_when_saving() {
    let mut model = model();
    press(&mut model, "e enter x");
    load(&mut model, renamed("other"));
    assert_eq!((model.overlay.as_ref(), notice(&model)), (None, "a changed on disk; saving will ask"));
    write(&mut model, "y");
    assert_eq!(press(&mut model, "ctrl-s"), []);
    assert!(matches!(model.overlay, Some(Overlay::Question(Question::Clash(Some(_))))));
}

#[test]
fn the_same_change_on_disk_is_no_clash() {
    let mut model = model();
    press(&mut model, "e enter x enter");
    load(&mut model, renamed("ax"));
    assert_eq!((model.overlay.as_ref(), model.edit.as_ref().unwrap().is_changed()), (None, false));
}

#[test]
fn an_own_save_that_is_noticed_first_is_no_clash() {
    let mut model = model();
    press(&mut model, "e enter x ctrl-s");
    load(&mut model, renamed("ax"));
    assert_eq!(model.overlay, None);
    update(&mut model, Msg::Config(ConfigMsg::Saved(Box::new(renamed("ax")), Some(id("a")))));
    load(&mut model, renamed("ax"));
    assert_eq!((model.overlay.as_ref(), model.edit.as_ref().unwrap().is_changed()), (None, false));
}

#[test]
fn a_draft_outlives_its_connector_and_a_pane_without_changes_does_not() {
    let mut model = model();
    press(&mut model, "e enter x enter");
    load(&mut model, config([user(connector("b"))]));
    assert_eq!(model.edit.as_ref().unwrap().target, Target::New);
    assert_eq!(notice(&model), "a was deleted; saving the draft creates it again");
    let mut model = self::model();
    press(&mut model, "e");
    load(&mut model, config([user(connector("b"))]));
    assert!(model.edit.is_none());
}

#[test]
fn a_removal_is_told() {
    let mut model = model();
    update(&mut model, Msg::Config(ConfigMsg::Saved(Box::new(config([user(connector("b"))])), None)));
    assert_eq!(notice(&model), "deleted a, c, team");
}

#[test]
fn prefilled_bodies_follow_the_connector_and_typed_ones_stay() {
    let mut model = model();
    press(&mut model, "j enter i space esc q");
    let typed = model.tests[&saved("b")].text();
    let moved = |name: &str| user(Connector { url: "http://h/v1/responses".to_owned(), ..connector(name) });
    load(&mut model, config([moved("a"), moved("b")]));
    assert_eq!(model.tests[&saved("a")].text(), "{\n  \"model\": \"tiny\",\n  \"input\": \"Hello world\"\n}");
    assert_eq!(model.tests[&saved("b")].text(), typed);
}

#[test]
fn a_file_that_was_mended_is_told() {
    let mut model = model();
    update(&mut model, Msg::Config(ConfigMsg::Broken("config.toml:1:1: unknown key".to_owned())));
    assert!(notice(&model).starts_with("the file cannot be used"));
    load(&mut model, four());
    assert_eq!((notice(&model), model.config.problem.as_ref()), ("the file can be read again", None));
}

#[test]
fn a_change_of_what_is_read_at_the_start_says_so() {
    let mut model = model();
    let mut other = four();
    other.settings.telemetry = Some(TelemetryTarget::new("http://localhost:4318".parse().unwrap()));
    load(&mut model, other.clone());
    assert_eq!(notice(&model), "what changed in [telemetry] counts from the next start");
    other.settings.telemetry = None;
    other.settings.keep_events = Some(Duration::from_hours(24));
    load(&mut model, other.clone());
    assert_eq!(notice(&model), "what changed in [events] and [telemetry] counts from the next start");
    model.notice = None;
    load(&mut model, other);
    assert_eq!(notice(&model), "");
}
