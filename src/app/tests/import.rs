use super::*;
use crate::app::model::Tab;
use crate::app::overlay::{Overlay, Question};
use crate::app::test::BodyOrigin;

const PASTE: &str = "curl https://gw.test/v1/chat/completions \\\n  -H \"Authorization: Bearer $GW_KEY\" \\\n  -d '{\"model\": \"tiny\", \"messages\": []}'\n";

fn paste(model: &mut Model, text: &str) {
    assert_eq!(update(model, Msg::Paste(text.to_owned())), []);
}

#[test]
fn a_pasted_command_is_offered_and_opens_as_a_new_connector_with_its_body() {
    let mut model = model();
    paste(&mut model, PASTE);
    assert!(matches!(&model.overlay, Some(Overlay::Question(Question::Paste(_)))), "{:?}", model.overlay);
    assert_eq!(press(&mut model, "y"), [], "nothing is written");
    let edit = model.edit.as_ref().unwrap();
    assert_eq!((edit.draft.id.as_str(), edit.draft.default_model.as_str()), ("gw-test", "tiny"));
    assert_eq!(edit.draft.auth.api_key.expose(), "env:GW_KEY");
    assert_eq!(model.view.tab, Tab::Edit);
    press(&mut model, "ctrl-t");
    let pane = model.test_pane().unwrap();
    assert_eq!((pane.text().as_str(), pane.origin), ("{\"model\": \"tiny\", \"messages\": []}", BodyOrigin::Typed));
    assert_eq!(started(&press(&mut model, "r"))[0].connector.url, "https://gw.test/v1/chat/completions");
}

#[test]
fn no_leaves_everything_as_it_was() {
    let mut model = model();
    paste(&mut model, PASTE);
    press(&mut model, "n");
    assert!(model.overlay.is_none() && model.edit.is_none());
}

#[test]
fn unsaved_changes_are_asked_about_first() {
    let mut model = model();
    press(&mut model, "e enter x enter");
    paste(&mut model, PASTE);
    press(&mut model, "y");
    assert!(matches!(&model.overlay, Some(Overlay::Question(Question::Discard(_)))));
    press(&mut model, "y");
    assert_eq!(model.edit.as_ref().map(|edit| edit.draft.id.as_str()), Some("gw-test"));
}

#[test]
fn where_text_is_typed_a_command_is_text() {
    let mut model = model();
    press(&mut model, "enter i");
    paste(&mut model, PASTE);
    assert!(model.overlay.is_none());
    assert!(model.test_pane().unwrap().text().contains("curl https://gw.test"));
}

#[test]
fn half_a_command_says_what_is_missing() {
    let mut model = model();
    paste(&mut model, "curl https://gw.test -d '{");
    let Some(Overlay::Message(page)) = &model.overlay else { panic!("{:?}", model.overlay) };
    assert!(page.lines[0].contains("single quote"), "{page:?}");
}
