use proptest::prelude::*;

use super::*;
use crate::app::events::{Aim, Beyond, EventsPane, Following, PAGE, WINDOW};
use crate::app::model::{Focus, Screen, Tab};
use crate::app::question::{EventsFound, EventsWish, Findings, Question};
use crate::domain::calendar::{Range, TimeZone};
use crate::domain::{
    Caller, Ending, ErrorKind, EventKey, EventPage, PageFrom, RunFilter, RunRecord, RunTarget, Source,
};

fn record(number: u64) -> RunRecord {
    RunRecord {
        id: RunId::from_u128(u128::from(number)),
        started_at_ms: i64::try_from(number).unwrap() * 1000,
        target: RunTarget {
            connector: if number.is_multiple_of(2) { "b" } else { "gone" }.to_owned(),
            provider: Provider::Other,
            endpoint: None,
            host: "gw:8080".to_owned(),
            requested_model: None,
            model: Some("tiny\u{1b}[31m".to_owned()),
        },
        caller: Caller { source: Source::Screen, user: "anna".to_owned(), machine: String::new() },
        ending: Ending {
            outcome: Outcome::Ok,
            http_status: Some(200),
            error_kind: None,
            finish_reason: None,
            request_id: None,
            attempts: 1,
        },
        usage: Usage { total: Some(number), ..Usage::default() },
        cost: None,
        timing: Timing::default(),
        traffic: Traffic::default(),
    }
}

/// The log: runs 1 to `last`, answered as the store answers.
fn page(wish: &EventsWish, last: u64) -> EventPage {
    let all = (1..=last).map(record);
    let mut runs: Vec<RunRecord> = match wish.from {
        PageFrom::Newest => all.rev().collect(),
        PageFrom::OlderThan(key) => all.rev().filter(|run| run.key() < key).collect(),
        PageFrom::NewerThan(key) => all.filter(|run| run.key() > key).collect(),
        PageFrom::Oldest => all.collect(),
    };
    let more = runs.len() > wish.limit;
    runs.truncate(wish.limit);
    let next = runs.last().filter(|_| more).map(RunRecord::key);
    EventPage { runs, next }
}

fn wishes(effects: &[Effect]) -> Vec<EventsWish> {
    let wish = |effect: &Effect| match effect {
        Effect::Ask(question) => match &**question {
            Question::Events(wish) => Some(wish.clone()),
            Question::Dashboard(_) => None,
        },
        Effect::Start(_)
        | Effect::Cancel(_)
        | Effect::Save(_)
        | Effect::Preview(_)
        | Effect::Edit(..)
        | Effect::Copy(_)
        | Effect::Write(_)
        | Effect::Mouse(_)
        | Effect::Picture
        | Effect::Suspend
        | Effect::Redraw
        | Effect::Examine(_)
        | Effect::StopExamination(_)
        | Effect::Quit => None,
    };
    effects.iter().filter_map(wish).collect()
}

/// Answers questions until there are none.
fn serve(model: &mut Model, mut effects: Vec<Effect>, last: u64) {
    while let Some(wish) = wishes(&effects).pop() {
        let found = EventsFound { page: page(&wish, last), zone: TimeZone::UTC };
        let found = Ok(Findings::Events(Box::new(found)));
        effects = update(model, Msg::Answered(Box::new(Question::Events(wish)), found));
    }
}

fn keys(model: &mut Model, keys: &str, last: u64) {
    for key in keys.split(' ') {
        let effects = press(model, key);
        serve(model, effects, last);
    }
}

fn opened(last: u64) -> Model {
    let mut model = model();
    keys(&mut model, "E", last);
    model
}

fn pane(model: &Model) -> &EventsPane {
    model.ledger.events.as_ref().unwrap()
}

fn at(model: &Model) -> u128 {
    pane(model).selected().unwrap().id.as_u128()
}

fn log_grows(model: &mut Model, last: u64) {
    let effects = update(model, Msg::LogChanged);
    serve(model, effects, last);
}

#[test]
fn the_log_opens_at_the_newest_and_is_walked_to_its_oldest_with_bounded_memory() {
    let last = 2_530;
    let mut model = opened(last);
    assert_eq!(at(&model), u128::from(last));
    for expected in (1..last).rev() {
        keys(&mut model, "j", last);
        assert_eq!(at(&model), u128::from(expected));
        assert!(pane(&model).window.runs.len() <= WINDOW);
    }
    assert_eq!(pane(&model).window.older, Beyond::Nothing);
    for expected in 2..=last {
        keys(&mut model, "k", last);
        assert_eq!(at(&model), u128::from(expected));
        assert!(pane(&model).window.runs.len() <= WINDOW);
    }
    assert_eq!(pane(&model).window.newer, Beyond::Nothing);
}

#[test]
fn the_ends_of_the_log_are_a_key_away() {
    let mut model = opened(2_530);
    keys(&mut model, "G", 2_530);
    assert_eq!((at(&model), pane(&model).window.newer), (1, Beyond::More));
    keys(&mut model, "g", 2_530);
    assert_eq!((at(&model), pane(&model).window.newer), (2_530, Beyond::Nothing));
}

#[test]
fn new_runs_are_counted_until_they_are_followed() {
    let mut model = opened(5);
    log_grows(&mut model, 8);
    assert_eq!((at(&model), pane(&model).window.fresh), (5, 3));
    keys(&mut model, "f", 8);
    assert_eq!((at(&model), pane(&model).look.follow, pane(&model).window.fresh), (8, Following::On, 0));
    log_grows(&mut model, 9);
    assert_eq!(at(&model), 9);
    keys(&mut model, "j", 9);
    assert_eq!(pane(&model).look.follow, Following::Off);
    log_grows(&mut model, 10);
    assert_eq!((at(&model), pane(&model).window.fresh), (8, 1));
    keys(&mut model, "g g", 10);
    assert_eq!((at(&model), pane(&model).look.follow), (10, Following::On));
}

#[test]
fn a_change_while_an_answer_is_awaited_is_not_lost() {
    let mut model = model();
    let effects = press(&mut model, "E");
    assert_eq!(update(&mut model, Msg::LogChanged), []);
    serve(&mut model, effects, 3);
    assert_eq!(at(&model), 3);
    assert_eq!(pane(&model).asked, None);
}

#[test]
fn the_filter_is_asked_for_and_esc_clears_it_before_it_leads_back() {
    let mut model = opened(5);
    press(&mut model, "/");
    write(&mut model, "connector:b outcom:ok");
    assert_eq!(press(&mut model, "enter"), []);
    assert!(pane(&model).search.problem.as_deref().unwrap().contains("did you mean outcome?"));
    press(&mut model, "ctrl-u");
    write(&mut model, "connector:b since:7d");
    let wish = wishes(&press(&mut model, "enter")).pop().unwrap();
    assert_eq!(wish.filter.connector.as_deref(), Some("b"));
    assert_eq!(wish.range.to_string(), "7d..");
    let old = Question::Events(EventsWish { filter: RunFilter::default(), ..wish.clone() });
    let stale = EventsFound { page: page(&wish, 4), zone: TimeZone::UTC };
    update(&mut model, Msg::Answered(Box::new(old), Ok(Findings::Events(Box::new(stale)))));
    assert!(pane(&model).window.runs.is_empty(), "an answer to an older question is dropped");
    let wish = wishes(&press(&mut model, "esc")).pop().unwrap();
    assert_eq!((wish.filter, wish.range), (RunFilter::default(), Range::All));
    assert_eq!(model.view.screen, Screen::Events);
    press(&mut model, "esc");
    assert_eq!(model.view.screen, Screen::Panes);
}

#[test]
fn a_run_is_read_copied_and_tested() {
    let mut model = opened(4);
    press(&mut model, "enter n");
    assert_eq!((at(&model), pane(&model).look.detail), (3, Some(0)));
    let Some(Effect::Copy(text)) = press(&mut model, "y").pop() else { panic!("nothing was copied") };
    for fact in ["connector     gone", "1970-01-01 00:00:03", "total         3", "unknown (no price for tiny␛[31m)"] {
        assert!(text.contains(fact), "{fact} in {text}");
    }
    press(&mut model, "t");
    assert_eq!(notice(&model), "there is no connector gone any more");
    press(&mut model, "p enter");
    assert_eq!((model.view.screen, selected(&model)), (Screen::Panes, "b"));
    assert_eq!((model.view.focus, model.view.tab), (Focus::Workspace, Tab::Test));
    press(&mut model, "E");
    assert_eq!(pane(&model).look.detail, None);
}

#[test]
fn every_line_of_a_run_can_be_scrolled_to() {
    let mut model = opened(4);
    press(&mut model, "enter G");
    let bottom = pane(&model).look.detail.unwrap();
    press(&mut model, "j");
    assert_eq!(pane(&model).look.detail, Some(bottom));
    press(&mut model, "g");
    assert_eq!(pane(&model).look.detail, Some(0));
}

#[test]
fn what_is_wrong_with_the_log_is_kept_until_an_answer_comes() {
    let mut model = model();
    let wish = wishes(&press(&mut model, "E")).pop().unwrap();
    let problem = Failure::new(ErrorKind::Internal, "the event log cannot be read", "look at its directory");
    update(&mut model, Msg::Answered(Box::new(Question::Events(wish)), Err(problem)));
    assert!(pane(&model).problem.is_some());
    log_grows(&mut model, 2);
    assert_eq!((at(&model), pane(&model).problem.clone()), (2, None));
}

#[test]
fn pages_are_asked_for_by_key() {
    let model = opened(500);
    let runs = &pane(&model).window.runs;
    let last = EventKey { started_at_ms: 401_000, id: RunId::from_u128(401) };
    assert_eq!((runs.len(), pane(&model).page_from(Aim::Older)), (PAGE, PageFrom::OlderThan(last)));
}

/// What the log tells: that it grew, or a page that may have been asked for.
pub(super) fn ledger() -> impl Strategy<Value = Msg> {
    let froms = [PageFrom::Newest, PageFrom::Oldest, PageFrom::OlderThan(record(201).key())];
    let answer = (prop::sample::select(froms.to_vec()), 0..400u64).prop_map(|(from, last)| {
        let wish = EventsPane::new(RunFilter::default(), Range::All, "local".to_owned()).wish(from);
        let found = EventsFound { page: page(&wish, last), zone: TimeZone::UTC };
        Msg::Answered(Box::new(Question::Events(wish)), Ok(Findings::Events(Box::new(found))))
    });
    prop_oneof![Just(Msg::LogChanged), answer]
}
