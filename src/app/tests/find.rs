use super::*;
use crate::app::find::Searched;
use crate::app::overlay::Overlay;
use crate::app::test::{Follow, ResponseTab};

/// A run of `a` in view that answered this.
fn answered(text: &str) -> Model {
    let mut model = model();
    press(&mut model, "enter r");
    tell(&mut model, 0, vec![answer(text), end(Outcome::Ok)]);
    model
}

fn lines(count: usize) -> String {
    (0..count).map(|n| format!("Line {n}")).collect::<Vec<_>>().join("\n") + "\n"
}

fn count(model: &Model) -> String {
    model.test_pane().and_then(|pane| pane.find.as_ref()).map(|find| find.count()).unwrap_or_default()
}

fn top(model: &Model) -> usize {
    model.test_pane().unwrap().scroll.top
}

#[test]
fn what_is_typed_is_found_at_once_and_keys_go_from_place_to_place() {
    let mut model = answered(&lines(100));
    press(&mut model, "g /");
    write(&mut model, "line 9");
    assert_eq!((count(&model).as_str(), top(&model)), ("1/11", 0), "nine is in view, and there are the nineties");
    press(&mut model, "enter n");
    assert_eq!((count(&model).as_str(), top(&model)), ("2/11", 87));
    press(&mut model, "N N");
    assert_eq!((count(&model).as_str(), notice(&model)), ("11/11", "the last again"));
    press(&mut model, "n");
    assert_eq!((count(&model).as_str(), notice(&model)), ("1/11", "the first again"));
}

#[test]
fn esc_ends_the_search_first_and_goes_back_then() {
    let mut model = answered("one two");
    press(&mut model, "/ t w enter esc");
    assert!(model.test_pane().is_some_and(|pane| pane.find.is_none()));
    assert_eq!(model.view.focus, crate::app::model::Focus::Workspace);
    press(&mut model, "/ t esc");
    assert!(model.test_pane().is_some_and(|pane| pane.find.is_none()));
    press(&mut model, "esc");
    assert_eq!(model.view.focus, crate::app::model::Focus::List);
}

#[test]
fn an_empty_search_takes_the_last_one_again() {
    let mut model = answered("one two one");
    press(&mut model, "/ o n e enter / enter");
    assert_eq!(count(&model), "1/2");
    press(&mut model, "esc /  enter".replace("  ", " ").as_str());
    assert!(model.test_pane().is_some_and(|pane| pane.find.is_none()), "nothing to take again");
}

#[test]
fn a_reply_that_grows_is_searched_on_and_the_view_stays() {
    let mut model = model();
    press(&mut model, "enter r");
    tell(&mut model, 0, vec![answer(&lines(50))]);
    press(&mut model, "g /");
    write(&mut model, "line 1");
    press(&mut model, "enter");
    let (before, place) = (count(&model), top(&model));
    tell(&mut model, 0, vec![answer("Li"), answer("ne 1 again")]);
    assert_eq!((before.as_str(), count(&model).as_str()), ("1/11", "1/12"));
    assert_eq!((top(&model), model.test_pane().unwrap().scroll.follow), (place, Follow::Paused));
}

#[test]
fn each_tab_is_searched_for_the_same() {
    let mut model = answered("the tide");
    let raw = |data: &str| crate::domain::RawEvent {
        at: Duration::ZERO,
        kind: "message".to_owned(),
        data: data.to_owned(),
        size: 9,
    };
    press(&mut model, "r");
    tell(&mut model, 1, vec![answer("the tide"), RunEvent::Raw(raw("tide tide")), RunEvent::Raw(raw("ebb"))]);
    press(&mut model, "/ t i d e enter");
    assert_eq!(count(&model), "1/1");
    press(&mut model, "] ] ]");
    assert_eq!(model.test_pane().unwrap().tab, ResponseTab::Events);
    assert_eq!(count(&model), "1/1", "an event is one place");
    press(&mut model, "[");
    assert_eq!(count(&model), "not found");
}

#[test]
fn ten_megabytes_are_searched_in_steps_while_time_passes() {
    let mut model = answered(&format!("{}needle", "hay and more hay\n".repeat(640_000)));
    press(&mut model, "g /");
    write(&mut model, "needle");
    assert!(crate::app::needs_tick(&model));
    for second in 1..60 {
        tick(&mut model, second);
    }
    assert_eq!(count(&model), "1/1");
    let state = model.test_pane().and_then(|pane| pane.find.as_ref()).map(|find| find.hits.state);
    assert_eq!(state, Some(Searched::All));
    assert!(top(&model) > 600_000);
}

#[test]
fn without_a_reply_or_a_search_it_is_said() {
    let mut model = model();
    press(&mut model, "enter /");
    assert_eq!(notice(&model), "there is nothing to find anything in yet");
    press(&mut model, "r n");
    assert_eq!(notice(&model), "nothing is searched for; / finds");
    assert!(!matches!(model.overlay, Some(Overlay::Name(_))));
}
