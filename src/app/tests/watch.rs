//! The watch screen: what is probed when, what a probe leaves behind, and that nothing is probed behind one's back.

use super::*;
use crate::app::effect::Examine;
use crate::app::model::Screen;
use crate::app::watch::{KEPT, Probing, Watched};
use crate::config::keymap::Context;
use crate::domain::budget::{Action, Scope};
use crate::domain::doctor::Reach;
use crate::domain::{DoctorEvent, DoctorOutcome, DoctorStage, ErrorKind, Lane, Source, StageReport, StageStatus};

fn ids(examines: &[Examine]) -> Vec<&str> {
    examines.iter().map(|examine| examine.connector.id.as_str()).collect()
}

fn at(model: &mut Model, seconds: u64) -> Vec<Effect> {
    update(model, Msg::Tick(Duration::from_secs(seconds)))
}

fn told(model: &mut Model, run: RunId, report: StageReport) {
    let ended = DoctorEvent::Ended { outcome: DoctorOutcome::Complete, proxy: None };
    let told = DoctorEvent::Told(Lane::Configured, Box::new(report));
    assert_eq!(update(model, Msg::Doctor(run, vec![told, ended])), []);
}

fn well(model: &mut Model, examine: &Examine) {
    told(model, examine.run, StageReport::ok(DoctorStage::Http, "200").took(Duration::from_millis(40)));
}

fn all_well(model: &mut Model, examines: &[Examine]) {
    for examine in examines {
        well(model, examine);
    }
}

fn fails(model: &mut Model, examine: &Examine) {
    told(model, examine.run, StageReport::failed(DoctorStage::Tcp, ErrorKind::Connect, "seen", "refused"));
}

fn watched<'a>(model: &'a Model, name: &str) -> &'a Watched {
    model.runs.watch.watched.get(&id(name)).expect("it is watched")
}

#[test]
fn every_connector_is_probed_at_once_by_what_costs_nothing() {
    let mut model = model();
    let examines = examined(&press(&mut model, "w"));
    assert_eq!(ids(&examines), ["a", "b", "c", "team"]);
    for examine in &examines {
        assert_eq!((examine.reach, examine.source), (Reach::Models, Source::Watch));
    }
    assert_eq!((model.context(), needs_tick(&model)), (Context::Watch, true));
    assert_eq!(at(&mut model, 40), [], "what goes on is not begun twice");
}

#[test]
fn a_probe_follows_the_last_by_the_interval() {
    let mut model = model();
    at(&mut model, 100);
    let first = examined(&press(&mut model, "w"));
    all_well(&mut model, &first);
    assert_eq!(at(&mut model, 129), []);
    assert_eq!(examined(&at(&mut model, 130)).len(), 4);
    assert_eq!(watched(&model, "a").probes.len(), 1);
    assert_eq!(watched(&model, "a").probes[0].first_byte, Some(Duration::from_millis(40)));
}

#[test]
fn another_interval_holds_for_what_is_due_later() {
    let mut model = model();
    let first = examined(&press(&mut model, "w"));
    all_well(&mut model, &first);
    let intervals: Vec<u64> = (0..7)
        .map(|_| {
            press(&mut model, "e");
            model.runs.watch.every.as_secs()
        })
        .collect();
    assert_eq!(intervals, [60, 300, 900, 3600, 5, 10, 30]);
    assert_eq!(examined(&at(&mut model, 5)).len(), 4, "the shortest that was chosen brought them forward");
}

#[test]
fn leaving_the_screen_stops_its_probes_and_coming_back_makes_them() {
    for leave in ["q", "esc", "u", "E", "t", "D", "minus"] {
        let mut model = model();
        press(&mut model, "enter");
        let examines = examined(&press(&mut model, "w"));
        let effects = press(&mut model, leave);
        let stopped = effects.iter().filter(|effect| matches!(effect, Effect::StopExamination(_))).count();
        assert_eq!(stopped, examines.len(), "{leave}");
        assert_ne!(model.view.screen, Screen::Watch, "{leave}");
        assert_eq!(examined(&at(&mut model, 500)), [], "{leave}");
        let again = examined(&press(&mut model, "w"));
        assert_eq!(again.len(), 4, "{leave}");
        // What the old one still tells is of no interest.
        fails(&mut model, &examines[0]);
        assert_eq!(watched(&model, "a").counts.all, 0, "{leave}");
    }
}

#[test]
fn marked_connectors_are_watched_alone() {
    let mut model = model();
    assert_eq!(ids(&examined(&press(&mut model, "j space w"))), ["b"]);
    assert_eq!(selected(&model), "b");
    let mut model = self::model();
    press(&mut model, "j space g w j j j");
    assert_eq!(selected(&model), "b", "the cursor goes among what is watched");
}

#[test]
fn paused_means_that_nothing_begins_by_itself() {
    let mut model = model();
    let first = examined(&press(&mut model, "w"));
    all_well(&mut model, &first);
    press(&mut model, "p");
    assert_eq!((model.runs.watch.state, at(&mut model, 300)), (Probing::Paused, vec![]));
    assert_eq!(examined(&press(&mut model, "r")).len(), 4, "a person may ask");
    press(&mut model, "p");
    assert_eq!(model.runs.watch.state, Probing::On);
}

#[test]
fn calls_are_made_after_a_question_alone() {
    let mut model = model();
    let first = examined(&press(&mut model, "w"));
    all_well(&mut model, &first);
    press(&mut model, "c");
    assert_eq!(model.context(), Context::Question);
    press(&mut model, "n");
    assert!(examined(&press(&mut model, "r")).iter().all(|examine| examine.reach == Reach::Models));
}

/// Two marked connectors, which a person agreed to probe by calls, and which were probed once without.
fn agreed() -> Model {
    let mut model = model();
    let first = examined(&press(&mut model, "space j space w"));
    all_well(&mut model, &first);
    press(&mut model, "c y");
    model
}

fn reaches(effects: &[Effect]) -> Vec<(String, Reach)> {
    let reach = |examine: Examine| (examine.connector.id.to_string(), examine.reach);
    examined(effects).into_iter().map(reach).collect()
}

#[test]
fn calls_are_made_for_those_alone_that_a_person_agreed_to() {
    let mut model = agreed();
    let both = [("a".to_owned(), Reach::Calls), ("b".to_owned(), Reach::Calls)];
    assert_eq!(reaches(&press(&mut model, "r")), both);
    // The marks go, so that every connector is watched.
    model.list.marks.clear();
    let others = [("c".to_owned(), Reach::Models), ("team".to_owned(), Reach::Models)];
    assert_eq!(reaches(&at(&mut model, 1)), others);
    press(&mut model, "c");
    assert!(model.runs.watch.calls.is_empty(), "switching it off asks nothing");
}

#[test]
fn an_agreement_ends_with_the_screen_and_where_probes_come_more_often() {
    let mut model = agreed();
    press(&mut model, "q");
    assert!(reaches(&press(&mut model, "w r")).iter().all(|(_, reach)| *reach == Reach::Models));
    let mut model = agreed();
    press(&mut model, "e e e e");
    assert_eq!((model.runs.watch.every.as_secs(), model.runs.watch.calls.len()), (3600, 2), "less often is agreed to");
    press(&mut model, "e");
    assert_eq!((model.runs.watch.every.as_secs(), model.runs.watch.calls.len()), (5, 0));
    assert!(notice(&model).starts_with("more often now: calls are off"), "{}", notice(&model));
}

#[test]
fn a_budget_that_is_spent_leaves_what_costs_nothing() {
    let mut model = agreed();
    super::budgets::with(&mut model, Scope::All, Action::Block, 100);
    assert!(reaches(&press(&mut model, "r")).iter().all(|(_, reach)| *reach == Reach::Models));
}

#[test]
fn a_probe_that_broke_off_is_told_and_made_again() {
    let mut model = model();
    let first = examined(&press(&mut model, "w"));
    let ended = DoctorEvent::Ended { outcome: DoctorOutcome::Cancelled, proxy: None };
    update(&mut model, Msg::Doctor(first[0].run, vec![ended]));
    assert_eq!((notice(&model), watched(&model, "a").counts.all), ("the probe of a broke off", 0));
    assert_eq!(ids(&examined(&at(&mut model, 30))), ["a"]);
}

#[test]
fn a_probe_without_an_end_is_noticed() {
    let mut model = model();
    press(&mut model, "w");
    at(&mut model, 9);
    assert_eq!(watched(&model, "a").silent(model.view.now), None);
    at(&mut model, 45);
    assert_eq!(watched(&model, "a").silent(model.view.now), Some(Duration::from_secs(45)));
}

#[test]
fn one_goes_back_to_the_screen_from_what_was_opened_over_it() {
    for there in ["u", "U", "E"] {
        let mut model = model();
        press(&mut model, "w");
        press(&mut model, there);
        press(&mut model, "esc");
        assert_eq!(model.view.screen, Screen::Watch, "{there}");
    }
}

#[test]
fn nothing_moves_while_it_is_paused_and_no_probe_goes_on() {
    let mut model = model();
    let first = examined(&press(&mut model, "w"));
    press(&mut model, "p");
    assert!(needs_tick(&model), "probes go on");
    all_well(&mut model, &first);
    model.notice = None;
    assert!(!needs_tick(&model));
}

#[test]
fn failures_are_counted_and_told_once() {
    let mut model = model();
    let first = examined(&press(&mut model, "w"));
    well(&mut model, &first[0]);
    at(&mut model, 30);
    let probes = examined(&press(&mut model, "r"));
    assert!(probes.is_empty(), "the tick began them");
    let run = watched(&model, "a").going.as_ref().expect("it goes on").run;
    let failed = StageReport::failed(DoctorStage::Tcp, ErrorKind::Connect, "seen", "refused");
    told(&mut model, run, failed.clone());
    assert_eq!(notice(&model), "a fails");
    assert_eq!((watched(&model, "a").counts.all, watched(&model, "a").counts.failed), (2, 1));
    assert_eq!(watched(&model, "a").since, Duration::from_secs(30));
    at(&mut model, 60);
    let run = watched(&model, "a").going.as_ref().expect("it goes on").run;
    told(&mut model, run, failed);
    assert_eq!(watched(&model, "a").since, Duration::from_secs(30), "it has failed since then");
    at(&mut model, 90);
    let run = watched(&model, "a").going.as_ref().expect("it goes on").run;
    told(&mut model, run, StageReport::ok(DoctorStage::Http, "200"));
    assert_eq!(notice(&model), "a is well again");
    assert_eq!(watched(&model, "a").verdict(), Some(StageStatus::Ok));
}

#[test]
fn what_was_found_is_read_and_copied() {
    let mut model = model();
    let first = examined(&press(&mut model, "w"));
    press(&mut model, "y");
    assert_eq!(notice(&model), "it was not probed yet");
    fails(&mut model, &first[0]);
    let copied = press(&mut model, "y");
    let [Effect::Copy(text)] = copied.as_slice() else { panic!("{copied:?}") };
    assert!(text.starts_with("switchboard doctor a: failed at tcp (connect)"), "{text}");
    press(&mut model, "enter");
    assert_eq!((model.context(), model.view.screen), (Context::Page, Screen::Watch));
    at(&mut model, 30);
    assert!(watched(&model, "a").going.is_some(), "probes go on below the page");
    press(&mut model, "esc");
    assert_eq!(model.context(), Context::Watch);
}

#[test]
fn connectors_come_and_go_while_they_are_watched() {
    let mut model = model();
    let first = examined(&press(&mut model, "w"));
    all_well(&mut model, &first);
    load(&mut model, config([user(connector("b")), user(connector("new"))]));
    assert_eq!(ids(&examined(&at(&mut model, 1))), ["new"]);
    assert_eq!(model.runs.watch.watched.len(), 2);
    assert_eq!(selected(&model), "b");
    let run = watched(&model, "new").going.as_ref().expect("it goes on").run;
    let moved = Connector { url: "http://elsewhere.test/v1".to_owned(), ..connector("new") };
    let effects = load(&mut model, config([user(connector("b")), user(moved)]));
    assert_eq!(effects, [Effect::StopExamination(run)], "it is another one now");
    assert_eq!(ids(&examined(&at(&mut model, 2))), ["new"]);
    assert_eq!(watched(&model, "b").counts.all, 1, "what did not change goes on");
    load(&mut model, config([]));
    press(&mut model, "j r enter y e");
    assert_eq!(model.context(), Context::Watch);
}

#[test]
fn the_last_probes_alone_are_kept() {
    let mut model = model();
    press(&mut model, "w");
    for round in 0..(KEPT as u64 + 10) {
        let run = watched(&model, "a").going.as_ref().expect("it goes on").run;
        told(&mut model, run, StageReport::ok(DoctorStage::Http, "200"));
        at(&mut model, (round + 1) * 30);
    }
    assert_eq!((watched(&model, "a").probes.len(), watched(&model, "a").counts.all), (KEPT, KEPT as u64 + 10));
}

#[test]
fn a_click_selects_a_row() {
    use crate::app::model::{Area, Areas, Rows};
    use crate::app::msg::{Pointer, PointerAct};
    let mut model = model();
    press(&mut model, "M w");
    let table = Rows { area: Area { x: 1, y: 4, width: 78, height: 2 }, first: 1 };
    let facts = Facts { areas: Areas { table, ..Areas::default() }, ..model.view.facts };
    update(&mut model, Msg::Drawn(facts));
    let mut click = |row| {
        update(&mut model, Msg::Mouse(Pointer { act: PointerAct::Press, column: 9, row }));
        selected(&model).to_owned()
    };
    assert_eq!([click(5), click(4), click(3), click(6)], ["c", "b", "b", "b"]);
}
