use super::*;
use crate::app::overlay::{After, Command, Overlay, Page, Palette, Question};
use crate::config::keymap::{Action, Context, Global, Test};

fn palette(model: &Model) -> &Palette {
    let Some(Overlay::Palette(palette)) = &model.overlay else { panic!("{:?}", model.overlay) };
    palette
}

#[test]
fn help_starts_with_what_works_here() {
    let mut model = model();
    press(&mut model, "enter ?");
    let Some(Overlay::Help(page)) = &model.overlay else { panic!("{:?}", model.overlay) };
    assert_eq!(page.lines[..3], ["Test", "  r ctrl-r             run", "  ctrl-s               save the draft"]);
    for context in Context::ALL {
        assert!(page.lines.iter().any(|line| line == context.title()), "{context:?}");
    }
    press(&mut model, "esc");
    assert_eq!(model.context(), Context::Test);
}

#[test]
fn the_palette_offers_what_works_where_it_was_opened() {
    let mut model = model();
    press(&mut model, "enter :");
    let names: Vec<&str> = palette(&model).matches.iter().map(|item| item.name.as_str()).collect();
    let rows = model.look.keymap.rows(Context::Test).chain(model.look.keymap.rows(Context::Global));
    let expected: Vec<&str> = rows.map(|row| row.name).collect();
    assert!(names.starts_with(&expected), "{names:?}");
    let is_elsewhere = |name: &str| ["usage.", "event", "watch."].iter().any(|other| name.starts_with(other));
    let last = names.iter().rposition(|name| name.starts_with("go ")).unwrap();
    assert!(names.iter().skip(last + 1).all(|name| is_elsewhere(name)), "{names:?}");
}

#[test]
fn the_palette_finds_by_name_label_and_letters() {
    let mut model = model();
    press(&mut model, "enter :");
    write(&mut model, "test.r");
    assert_eq!(palette(&model).matches[0].command, Command::Act(Action::Test(Test::Run)));
    press(&mut model, "ctrl-u");
    write(&mut model, "goteam");
    assert_eq!(palette(&model).matches[0].command, Command::Go(id("team")));
    press(&mut model, "ctrl-u");
    write(&mut model, "draw");
    assert_eq!(palette(&model).matches[0].command, Command::Act(Action::Global(Global::Redraw)));
    assert_eq!(press(&mut model, "enter"), [Effect::Redraw]);
}

#[test]
fn a_command_of_the_palette_acts_where_it_was_opened() {
    let mut model = model();
    press(&mut model, "enter :");
    write(&mut model, "test.run");
    assert_eq!(started(&press(&mut model, "enter")).len(), 1);
    press(&mut model, ": g o space b enter");
    assert_eq!((selected(&model), model.context()), ("b", Context::Test));
    press(&mut model, ": esc");
    assert_eq!(model.overlay, None);
}

#[test]
fn quitting_asks_while_something_is_alive_or_unsaved() {
    let mut model = model();
    assert_eq!(press(&mut model, "q"), [Effect::Quit]);
    press(&mut model, "r");
    assert_eq!(press(&mut model, "q"), []);
    assert_eq!(model.overlay, Some(Overlay::Question(Question::Quit)));
    press(&mut model, "n e enter x enter tab tab q");
    assert_eq!(model.overlay, Some(Overlay::Question(Question::Discard(After::Quit))));
    assert_eq!(press(&mut model, "y"), []);
    assert_eq!(model.overlay, Some(Overlay::Question(Question::Quit)));
    press(&mut model, "n");
    assert!(model.edit.as_ref().unwrap().is_changed());
    assert_eq!(update(&mut model, Msg::Terminate), [Effect::Quit]);
}

#[test]
fn a_page_scrolls_within_its_lines() {
    let mut model = model();
    let lines = (0..25).map(|n| n.to_string()).collect();
    update(&mut model, Msg::Errand(Errand::Previewed(Ok(Page { title: String::new(), lines, top: 0 }))));
    let top = |model: &mut Model, keys: &str| {
        press(model, keys);
        let Some(Overlay::Preview(page)) = &model.overlay else { panic!("{:?}", model.overlay) };
        page.top
    };
    assert_eq!(top(&mut model, "j pgdn"), 10);
    assert_eq!(top(&mut model, "G j"), 15);
    assert_eq!(top(&mut model, "k g"), 0);
}

#[test]
fn a_question_is_not_taken_away_by_a_page() {
    let mut model = model();
    press(&mut model, "d");
    update(&mut model, Msg::Errand(Errand::Previewed(Ok(Page::default()))));
    let failure = Failure::new(crate::domain::ErrorKind::Internal, "vi: not found", "");
    update(&mut model, Msg::Errand(Errand::Edited(saved("a"), Err(failure))));
    assert_eq!(model.overlay, Some(Overlay::Question(Question::Delete(vec![id("a")]))));
    press(&mut model, "o");
    assert_eq!(model.overlay, Some(Overlay::Question(Question::Delete(vec![id("a")]))));
    assert_eq!(notice(&model), "$EDITOR: vi: not found");
}

#[test]
fn notices_are_one_clean_line() {
    let mut model = model();
    update(&mut model, Msg::Errand(Errand::Copied(Err("no\nclipboard \u{1b}]0;x".to_owned()))));
    assert_eq!(notice(&model), "no clipboard ␛]0;x; Y: plain view, S: save to a file");
}

#[test]
fn a_notice_that_was_read_stays_behind_with_its_pane() {
    let mut model = model();
    press(&mut model, "n ctrl-s");
    assert!(notice(&model).contains("need a change"), "{}", notice(&model));
    press(&mut model, "shift-tab");
    assert!(notice(&model).contains("need a change"), "said just now");
    press(&mut model, "tab");
    tick(&mut model, 2);
    press(&mut model, "j");
    assert!(notice(&model).contains("need a change"), "still the same pane");
    press(&mut model, "shift-tab");
    assert_eq!(notice(&model), "");
}
