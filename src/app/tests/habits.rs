//! What people of other terminal tools expect: going back, undo, the palette, the mouse, taking text out.

use super::*;
use crate::app::effect::{Existing, Export};
use crate::app::model::{Area, Areas, Focus, Mouse, Screen, Tab};
use crate::app::msg::{Pointer, PointerAct, Wrote};
use crate::app::overlay::{Overlay, Question, Works};
use crate::config::{Change, Removed, SaveError};

fn removed(name: &str) -> Box<Removed> {
    Box::new(Removed::of(connector(name)))
}

fn without(name: &str) -> Box<Config> {
    let mut config = four();
    config.entries.retain(|entry| entry.connector.id.as_str() != name);
    Box::new(config)
}

#[test]
fn deletes_are_undone_the_last_first() {
    let mut model = model();
    for (at, name) in [(1, "a"), (2, "b")] {
        let config = if at == 1 { without("a") } else { Box::new(config([user(connector("c"))])) };
        update(&mut model, Msg::Config(ConfigMsg::Removed(config, removed(name))));
    }
    assert_eq!(notice(&model), "deleted b; Z brings back the last of 2");
    let restore = |name: &str| Effect::Save(Box::new(Change::Restore(removed(name))));
    assert_eq!(press(&mut model, "Z"), [restore("b")]);
    update(&mut model, Msg::Config(ConfigMsg::Restored(removed("b"), Ok(without("a")))));
    assert_eq!((selected(&model), notice(&model)), ("b", "b is back"));
    assert_eq!(press(&mut model, "Z Z"), [restore("a")], "asked for once");
    update(&mut model, Msg::Config(ConfigMsg::Restored(removed("a"), Err(SaveError::IdTaken))));
    assert!(matches!(model.overlay, Some(Overlay::Message(_))));
    assert_eq!(press(&mut model, "esc Z"), [restore("a")], "what failed can be tried again");
}

#[test]
fn minus_goes_where_one_was_before_and_back_again() {
    let mut model = model();
    press(&mut model, "minus");
    assert_eq!(notice(&model), "nothing was looked at before");
    press(&mut model, "enter q j j enter");
    assert_eq!(selected(&model), "c");
    press(&mut model, "-");
    assert_eq!((selected(&model), model.view.focus, model.view.tab), ("a", Focus::Workspace, Tab::Test));
    press(&mut model, "- U");
    assert_eq!((selected(&model), model.view.screen), ("c", Screen::Usage));
    press(&mut model, "-");
    assert_eq!((selected(&model), model.view.screen), ("c", Screen::Panes));
    press(&mut model, "-");
    assert_eq!(model.view.screen, Screen::Usage);
    load(&mut model, config([user(connector("b"))]));
    press(&mut model, "q minus");
    assert_eq!(model.view.screen, Screen::Usage, "what is gone is passed over");
}

#[test]
fn from_the_list_minus_opens_what_was_left() {
    let mut model = model();
    press(&mut model, "j e tab q j");
    press(&mut model, "-");
    assert_eq!((selected(&model), model.view.focus), ("b", Focus::Workspace));
}

#[test]
fn the_palette_has_every_action_and_tells_what_works_elsewhere() {
    let mut model = model();
    press(&mut model, ":");
    let Some(Overlay::Palette(palette)) = &model.overlay else { panic!() };
    for row in crate::config::keymap::Keymap::default().all() {
        let known = palette.matches.iter().any(|item| item.command == crate::app::overlay::Command::Act(row.action));
        let is_own = !matches!(row.action, crate::config::keymap::Action::Prompt(_));
        assert_eq!(known, is_own, "{row}");
    }
    let works = |name: &str| palette.matches.iter().find(|item| item.name == name).map(|item| item.works);
    assert_eq!(works("test.run"), Some(Works::Here));
    assert!(matches!(works("usage.sort"), Some(Works::In(_))));
    write(&mut model, "usage.sort");
    press(&mut model, "enter");
    assert_eq!((model.overlay.as_ref(), notice(&model)), (None, "usage.sort works in Usage"));
}

#[test]
fn what_belongs_to_another_pane_opens_it_first() {
    let mut model = model();
    press(&mut model, ":");
    write(&mut model, "test.edit-body");
    press(&mut model, "enter");
    assert_eq!(model.context(), crate::config::keymap::Context::Body);
    press(&mut model, "esc U :");
    write(&mut model, "list.filter");
    press(&mut model, "enter c enter");
    assert_eq!((selected(&model), model.view.screen), ("c", Screen::Panes));
}

#[test]
fn tab_completes_a_name_and_an_id_leads_to_its_connector() {
    let mut model = model();
    press(&mut model, ":");
    write(&mut model, "test.pr");
    press(&mut model, "tab");
    let text = |model: &Model| match &model.overlay {
        Some(Overlay::Palette(palette)) => palette.text.clone(),
        _ => String::new(),
    };
    assert_eq!(text(&model), "test.previ");
    press(&mut model, "e tab");
    assert_eq!(text(&model), "test.preview");
    press(&mut model, "ctrl-u t e a m enter");
    assert_eq!((selected(&model), model.view.focus), ("team", Focus::Workspace));
}

#[test]
fn marks_and_filters_know_how_connectors_stand() {
    let mut model = model();
    press(&mut model, "*");
    assert_eq!(model.list.marks.len(), 4);
    press(&mut model, "* space r");
    assert_eq!(model.list.marks.len(), 1);
    tell(&mut model, 0, vec![end(Outcome::Error)]);
    let listed = |model: &mut Model, filter: &str| {
        press(model, "/ ctrl-u");
        write(model, filter);
        press(model, "enter");
        let rows = model.list.rows(&model.config.config.entries, &model.runs);
        rows.map(|entry| entry.connector.id.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listed(&mut model, "is:failed"), "a");
    assert_eq!(listed(&mut model, "!is:failed !is:ro"), "b c");
    assert_eq!(listed(&mut model, "is:marked other"), "a");
    assert_eq!(listed(&mut model, "!"), "a b c team");
    assert_eq!(listed(&mut model, "is:untested !c !team"), "b");
}

#[test]
fn a_reply_is_saved_under_a_name_and_nothing_is_replaced_unasked() {
    let mut model = model();
    press(&mut model, "enter S");
    assert_eq!(notice(&model), "there is nothing to save here yet");
    press(&mut model, "r");
    tell(&mut model, 0, vec![answer("the tide"), end(Outcome::Ok)]);
    let effects = press(&mut model, "S enter");
    let export = |existing| Box::new(Export { path: "a-answer.txt".to_owned(), text: "the tide".into(), existing });
    assert_eq!(effects, [Effect::Write(export(Existing::Keep))]);
    update(&mut model, Msg::Errand(Errand::Wrote(export(Existing::Keep), Wrote::Exists("/x/a-answer.txt".to_owned()))));
    assert!(matches!(&model.overlay, Some(Overlay::Question(Question::Replace(_, path))) if path == "/x/a-answer.txt"));
    assert_eq!(press(&mut model, "n"), []);
    assert_eq!(notice(&model), "nothing was written");
    update(&mut model, Msg::Errand(Errand::Wrote(export(Existing::Keep), Wrote::Exists("/x/a-answer.txt".to_owned()))));
    assert_eq!(press(&mut model, "y"), [Effect::Write(export(Existing::Replace))]);
    update(
        &mut model,
        Msg::Errand(Errand::Wrote(export(Existing::Replace), Wrote::Done("/x/a-answer.txt".to_owned(), 8))),
    );
    assert_eq!(notice(&model), "8B written to /x/a-answer.txt");
}

#[test]
fn a_plain_view_leaves_the_mouse_to_the_terminal() {
    let mut model = model();
    assert_eq!(press(&mut model, "M"), [Effect::Mouse(Mouse::On)]);
    press(&mut model, "enter");
    assert_eq!(press(&mut model, "Y"), [Effect::Mouse(Mouse::Off)]);
    let Some(Overlay::Plain(plain)) = &model.overlay else { panic!("{:?}", model.overlay) };
    assert_eq!(plain.flow.text(), BODY);
    assert_eq!(press(&mut model, "y"), [Effect::Copy(BODY.to_owned())]);
    assert_eq!(press(&mut model, "q"), [Effect::Mouse(Mouse::On)]);
    assert_eq!(press(&mut model, "M"), [Effect::Mouse(Mouse::Off)]);
}

fn area(x: u16, y: u16, width: u16, height: u16) -> Area {
    Area { x, y, width, height }
}

fn point(model: &mut Model, act: PointerAct, column: u16, row: u16) -> Vec<Effect> {
    update(model, Msg::Mouse(Pointer { act, column, row }))
}

#[test]
fn the_wheel_scrolls_what_is_under_it_and_a_click_selects() {
    let mut model = model();
    let mut response_tabs = [Area::default(); 6];
    response_tabs[3] = area(60, 2, 6, 1);
    let areas = Areas {
        list: area(1, 1, 30, 10),
        workspace: area(32, 0, 60, 30),
        response: area(33, 12, 58, 10),
        tabs: [area(40, 0, 4, 1), area(47, 0, 4, 1), area(54, 0, 6, 1)],
        response_tabs,
        ..Areas::default()
    };
    let facts = Facts { areas, ..model.view.facts };
    update(&mut model, Msg::Drawn(facts));
    point(&mut model, PointerAct::Press, 5, 3);
    assert_eq!(selected(&model), "a", "it is off");
    press(&mut model, "M");
    point(&mut model, PointerAct::Press, 5, 3);
    assert_eq!((selected(&model), model.view.focus), ("c", Focus::List));
    point(&mut model, PointerAct::WheelUp, 5, 3);
    assert_eq!(selected(&model), "b");
    point(&mut model, PointerAct::Press, 41, 0);
    assert_eq!((model.view.focus, model.view.tab), (Focus::Workspace, Tab::Edit));
    point(&mut model, PointerAct::Press, 55, 0);
    assert_eq!((model.view.focus, model.view.tab), (Focus::Workspace, Tab::Doctor));
    point(&mut model, PointerAct::WheelDown, 50, 15);
    assert_eq!(selected(&model), "b", "there is no report yet, and the list lies elsewhere");
    point(&mut model, PointerAct::Press, 48, 0);
    point(&mut model, PointerAct::Press, 61, 2);
    assert_eq!(model.test_pane().unwrap().tab, crate::app::test::ResponseTab::Events);
    press(&mut model, "[ [ [ r");
    let text = (0..50).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
    tell(&mut model, 0, vec![answer(&text)]);
    point(&mut model, PointerAct::WheelUp, 50, 15);
    assert_eq!(model.test_pane().unwrap().scroll.top, 37);
    press(&mut model, "d");
    point(&mut model, PointerAct::WheelDown, 0, 0);
}
