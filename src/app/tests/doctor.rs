//! The doctor's pane: examinations that begin, tell, end and are stopped.

use super::*;
use crate::app::doctor::DoctorPane;
use crate::app::model::Tab;
use crate::config::keymap::Context;
use crate::domain::{DoctorEvent, DoctorOutcome, DoctorStage, ErrorKind, Lane, StageReport};

fn told(model: &mut Model, run: u128, events: Vec<DoctorEvent>) {
    assert_eq!(update(model, Msg::Doctor(run_id(run), events)), []);
}

fn failed(stage: DoctorStage) -> DoctorEvent {
    let report = StageReport::failed(stage, ErrorKind::Tls, "seen", "so it is").fix("do this");
    DoctorEvent::Told(Lane::Configured, Box::new(report))
}

fn ended(outcome: DoctorOutcome) -> DoctorEvent {
    DoctorEvent::Ended { outcome, proxy: None }
}

#[test]
fn a_key_examines_the_selected_connector_and_shows_its_stages() {
    let mut model = model();
    let examines = examined(&press(&mut model, "j D"));
    let [examine] = examines.as_slice() else { panic!("{examines:?}") };
    assert_eq!((examine.connector.id.as_str(), examine.run), ("b", run_id(0)));
    assert_eq!((model.view.tab, model.context()), (Tab::Doctor, Context::Doctor));
    let pane = model.doctor_pane().expect("a pane");
    assert!(pane.is_alive() && needs_tick(&model));
}

#[test]
fn marked_connectors_are_examined_together() {
    let mut model = model();
    let examines = examined(&press(&mut model, "space j j space D"));
    let ids: Vec<_> = examines.iter().map(|examine| examine.connector.id.to_string()).collect();
    assert_eq!(ids, ["a", "c"]);
    assert_eq!(model.runs.examinations.len(), 2);
}

/// Where a narrow screen shows the list, how the selected one ended is told, too.
#[test]
fn many_are_examined_from_the_list_and_stopped_there() {
    let mut model = model();
    let examines = examined(&press(&mut model, "space j j space D"));
    assert_eq!((examines.len(), model.context()), (2, Context::List));
    assert_eq!(notice(&model), "2 connectors are examined; the list tells how each stands");
    told(&mut model, 1, vec![failed(DoctorStage::Auth), ended(DoctorOutcome::Complete)]);
    assert_eq!((selected(&model), notice(&model)), ("c", "c: the doctor found a failure at auth"));
    press(&mut model, "/");
    write(&mut model, "is:failed");
    press(&mut model, "enter");
    let rows = model.list.rows(&model.config.config.entries, &model.runs);
    assert_eq!(rows.map(|entry| entry.connector.id.as_str()).collect::<Vec<_>>(), ["c"]);
    assert_eq!(press(&mut model, "esc x"), [Effect::StopExamination(run_id(0))], "the other one is over");
    told(&mut model, 0, vec![ended(DoctorOutcome::Cancelled)]);
    press(&mut model, "x");
    assert_eq!(notice(&model), "nothing runs here");
}

/// From whatever screen, the palette's command is that of the list: it goes to all that are marked.
#[test]
fn the_palette_examines_what_is_marked() {
    let mut model = model();
    press(&mut model, "* U :");
    write(&mut model, "list.doctor");
    let examines = examined(&press(&mut model, "enter"));
    assert_eq!((examines.len(), model.context()), (4, Context::List));
}

#[test]
fn the_cursor_follows_and_comes_to_rest_on_what_failed() {
    let mut model = model();
    press(&mut model, "D");
    told(&mut model, 0, vec![DoctorEvent::Began(Lane::Configured, DoctorStage::Tls)]);
    assert_eq!(model.doctor_pane().map(DoctorPane::stage), Some(DoctorStage::Tls));
    let skipped = StageReport::skipped(DoctorStage::Http, "not reached");
    let skipped = DoctorEvent::Told(Lane::Configured, Box::new(skipped));
    told(&mut model, 0, vec![failed(DoctorStage::Tls), skipped, ended(DoctorOutcome::Complete)]);
    assert_eq!(model.doctor_pane().map(DoctorPane::stage), Some(DoctorStage::Tls));
    press(&mut model, "j");
    assert_eq!(model.doctor_pane().map(DoctorPane::stage), Some(DoctorStage::Http));
    press(&mut model, "G g k");
    assert_eq!(model.doctor_pane().map(DoctorPane::stage), Some(DoctorStage::Config));
}

#[test]
fn an_end_that_is_not_looked_at_is_told() {
    let mut model = model();
    press(&mut model, "D q j");
    told(&mut model, 0, vec![failed(DoctorStage::Auth), ended(DoctorOutcome::Complete)]);
    assert_eq!(notice(&model), "a: the doctor found a failure at auth");
}

#[test]
fn an_examination_is_stopped_and_begun_again() {
    let mut model = model();
    press(&mut model, "D");
    assert_eq!(press(&mut model, "x"), [Effect::StopExamination(run_id(0))]);
    assert_eq!(press(&mut model, "ctrl-c"), [Effect::StopExamination(run_id(0))]);
    let again = press(&mut model, "r");
    assert_eq!(again.first(), Some(&Effect::StopExamination(run_id(0))), "the old one is stopped");
    assert_eq!(examined(&again).len(), 1);
    // What the old one still tells is of no interest.
    told(&mut model, 0, vec![failed(DoctorStage::Tls), ended(DoctorOutcome::Cancelled)]);
    assert!(model.doctor_pane().is_some_and(|pane| pane.is_alive() && pane.report.configured.stages.is_empty()));
    told(&mut model, 1, vec![ended(DoctorOutcome::Complete)]);
    press(&mut model, "x");
    assert_eq!(notice(&model), "no examination goes on here");
}

#[test]
fn the_report_is_read_and_copied() {
    let mut model = model();
    press(&mut model, "D");
    told(&mut model, 0, vec![failed(DoctorStage::Tls), ended(DoctorOutcome::Complete)]);
    let copied = press(&mut model, "y");
    let [Effect::Copy(text)] = copied.as_slice() else { panic!("{copied:?}") };
    assert!(text.starts_with("switchboard doctor a: failed at tls (tls)"), "{text}");
    press(&mut model, "enter");
    assert_eq!(model.context(), Context::Page);
}

#[test]
fn panes_are_gone_through_in_order() {
    let mut model = model();
    press(&mut model, "tab tab tab");
    assert_eq!(model.context(), Context::List, "there is no report yet");
    press(&mut model, "D");
    assert_eq!(model.view.tab, Tab::Doctor);
    press(&mut model, "shift-tab");
    assert_eq!(model.view.tab, Tab::Test);
    press(&mut model, "tab tab");
    assert_eq!(model.context(), Context::List);
    press(&mut model, "shift-tab");
    assert_eq!(model.context(), Context::Doctor);
}

#[test]
fn what_goes_on_stands_before_what_is_over_and_the_later_end_before_the_earlier() {
    use crate::app::runs::Last;
    let is_run = |model: &Model| matches!(model.runs.last(&id("a")), Some(Last::Run(_)));
    let complete = || vec![ended(DoctorOutcome::Complete)];
    let mut model = model();
    press(&mut model, "r");
    tick(&mut model, 1);
    press(&mut model, "D");
    assert!(!is_run(&model), "of two that go on, the one that was asked for later");
    tick(&mut model, 3);
    told(&mut model, 1, complete());
    assert!(is_run(&model), "the run goes on");
    tell(&mut model, 0, vec![end(Outcome::Error)]);
    // A run without times ended when it was asked for.
    assert!(!is_run(&model), "the examination ended later");
    press(&mut model, "D");
    press(&mut model, "q r");
    tick(&mut model, 4);
    tell(&mut model, 3, vec![end(Outcome::Ok)]);
    assert!(!is_run(&model), "the examination goes on");
}

#[test]
fn an_examination_is_not_left_without_a_question() {
    let mut model = model();
    press(&mut model, "space j space D");
    assert_eq!((model.context(), press(&mut model, "q")), (Context::List, vec![]));
    assert_eq!(model.context(), Context::Question);
    press(&mut model, "n");
    let stopped = press(&mut model, "ctrl-c");
    assert_eq!(stopped, [Effect::StopExamination(run_id(0)), Effect::StopExamination(run_id(1))]);
}

#[test]
fn a_verdict_goes_with_its_connector_and_not_with_its_id() {
    let entries = |names: [&str; 2]| config(names.map(|name| user(connector(name))));
    let mut model = over(entries(["a", "b"]));
    press(&mut model, "D");
    told(&mut model, 0, vec![failed(DoctorStage::Tls), ended(DoctorOutcome::Complete)]);
    let saved = |model: &mut Model, names, name: &str| {
        update(model, Msg::Config(ConfigMsg::Saved(Box::new(entries(names)), Some(id(name)))));
    };
    // It was taken away on disk, and another one gets its id here.
    load(&mut model, config([user(connector("b"))]));
    saved(&mut model, ["b", "a"], "a");
    assert!(model.runs.last(&id("a")).is_none());
}
