use super::*;
use crate::app::model::{Focus, Tab};
use crate::app::overlay::{Overlay, Question};
use crate::config::Change;

#[test]
fn the_first_connector_is_selected_and_keys_move_on() {
    let mut model = model();
    assert_eq!(selected(&model), "a");
    press(&mut model, "j j");
    assert_eq!(selected(&model), "c");
    press(&mut model, "k");
    assert_eq!(selected(&model), "b");
    press(&mut model, "G j");
    assert_eq!(selected(&model), "team");
    press(&mut model, "g k");
    assert_eq!(selected(&model), "a");
}

#[test]
fn the_filter_holds_while_it_is_typed_and_esc_clears_it() {
    let mut model = model();
    press(&mut model, "/");
    write(&mut model, "team");
    assert_eq!(selected(&model), "team");
    press(&mut model, "enter");
    assert_eq!((selected(&model), model.list.filter.text.as_str()), ("team", "team"));
    press(&mut model, "esc");
    assert_eq!((selected(&model), model.list.filter.text.as_str()), ("team", ""));
    press(&mut model, "/ x x x x");
    assert_eq!(model.list.selected, None);
    press(&mut model, "esc");
    assert_eq!(selected(&model), "a");
}

#[test]
fn the_offset_keeps_the_selection_in_view() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let mut model = over(config(names.map(|name| user(connector(name)))));
    let facts = Facts { list_rows: 3, ..model.view.facts };
    update(&mut model, Msg::Drawn(facts));
    press(&mut model, "G");
    assert_eq!(model.list.offset, 4);
    press(&mut model, "k k k");
    assert_eq!(model.list.offset, 3);
    press(&mut model, "pgup");
    assert_eq!((selected(&model), model.list.offset), ("a", 0));
}

#[test]
fn a_selection_that_goes_moves_to_its_neighbour() {
    let mut model = model();
    press(&mut model, "j");
    load(&mut model, config([user(connector("a")), user(connector("c"))]));
    assert_eq!(selected(&model), "c");
    load(&mut model, config([user(connector("a"))]));
    assert_eq!(selected(&model), "a");
    load(&mut model, config([]));
    assert_eq!(model.list.selected, None);
    load(&mut model, four());
    assert_eq!(selected(&model), "a");
}

#[test]
fn marks_choose_what_is_run_and_deleted() {
    let mut model = model();
    let effects = press(&mut model, "space j j space r");
    let runs: Vec<_> = started(&effects).into_iter().map(|start| (start.run, start.connector.id)).collect();
    assert_eq!(runs, [(run_id(0), id("a")), (run_id(1), id("c"))]);
    assert_eq!(press(&mut model, "x"), [Effect::Cancel(run_id(0)), Effect::Cancel(run_id(1))]);
    assert_eq!(press(&mut model, "x"), []);
    press(&mut model, "d");
    assert_eq!(model.overlay, Some(Overlay::Question(Question::Delete(vec![id("a"), id("c")]))));
    let remove = |name: &str| Effect::Save(Box::new(Change::Remove { id: id(name) }));
    assert_eq!(press(&mut model, "y"), [remove("a"), remove("c")]);
    assert_eq!(model.view.focus, Focus::List);
}

#[test]
fn deleting_is_asked_about_and_refused_for_preconfigured_ones() {
    let mut model = model();
    assert_eq!(press(&mut model, "d n"), []);
    assert_eq!(model.overlay, None);
    assert_eq!(press(&mut model, "G d"), []);
    assert_eq!((model.overlay.as_ref(), notice(&model)), (None, "team is preconfigured and cannot be deleted"));
}

#[test]
fn enter_opens_the_test_pane_and_tab_goes_round() {
    let mut model = model();
    press(&mut model, "enter");
    assert_eq!((model.view.focus, model.view.tab), (Focus::Workspace, Tab::Test));
    press(&mut model, "tab");
    assert_eq!(model.view.focus, Focus::List);
    press(&mut model, "tab");
    assert_eq!((model.view.focus, model.view.tab), (Focus::Workspace, Tab::Edit));
    press(&mut model, "tab shift-tab");
    assert_eq!((model.view.focus, model.view.tab), (Focus::Workspace, Tab::Edit));
    press(&mut model, "q");
    assert_eq!((model.view.focus, model.view.tab, model.edit.is_none()), (Focus::List, Tab::Test, true));
}

#[test]
fn an_empty_list_lets_a_connector_be_created_and_nothing_else() {
    let mut model = over(config([]));
    for keys in ["enter", "e", "c", "d", "r", "x", "space", "tab", "shift-tab"] {
        assert_eq!(press(&mut model, keys), [], "{keys}");
        assert_eq!(model.view.focus, Focus::List, "{keys}");
    }
    press(&mut model, "n");
    assert_eq!((model.view.focus, model.view.tab), (Focus::Workspace, Tab::Edit));
}

#[test]
fn the_edit_tab_follows_the_selection_while_nothing_is_typed() {
    let mut model = model();
    press(&mut model, "e tab tab j");
    let target = |model: &Model| model.edit.as_ref().map(|edit| edit.draft.id.clone());
    assert_eq!(target(&model).as_deref(), Some("a"));
    press(&mut model, "tab");
    assert_eq!(target(&model).as_deref(), Some("b"));
}

#[test]
fn esc_clears_the_filter_then_the_marks_and_can_be_another_key() {
    let mut model = model();
    press(&mut model, "space / a enter esc");
    assert_eq!((model.list.filter.text.as_str(), model.list.marks.len()), ("", 1));
    press(&mut model, "esc");
    assert!(model.list.marks.is_empty());
    let keys = ["f5".to_owned()];
    model.look.keymap = crate::config::keymap::Keymap::with([("list.clear", keys.as_slice())]).unwrap();
    press(&mut model, "space esc");
    assert_eq!(model.list.marks.len(), 1);
    press(&mut model, "f5");
    assert!(model.list.marks.is_empty());
}

#[test]
fn a_stream_costs_nothing_by_the_number_of_connectors() {
    let mut model = model();
    press(&mut model, "r");
    // A sign that the list was gone through: it would be put right.
    model.list.offset = 99;
    update(&mut model, Msg::Tick(Duration::from_secs(1)));
    for _ in 0..3 {
        let run = *model.runs.latest.values().next().unwrap();
        update(&mut model, Msg::Run(run, vec![answer("word")]));
    }
    assert_eq!(model.list.offset, 99);
    press(&mut model, "j");
    assert_eq!(model.list.offset, 0);
}
