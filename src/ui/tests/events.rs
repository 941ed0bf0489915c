//! The events screen, as it should look and at every size.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dump::plain;
use super::fixtures::*;
use super::screens::{State, check};
use crate::app::Model;
use crate::app::events::{Beyond, EventsPane, Following};
use crate::app::model::Screen;
use crate::domain::calendar::{Range, TimeZone};
use crate::domain::text::is_unsafe;
use crate::domain::{
    Caller, Cost, CostBasis, Ending, EndpointKind, ErrorKind, Failure, Outcome, Provider, RunFilter, RunId, RunRecord,
    RunTarget, Source, Timing, Traffic, Usage, UsageSource, Usd,
};

fn record(number: u64, outcome: Outcome, kind: Option<ErrorKind>) -> RunRecord {
    let ok = outcome == Outcome::Ok;
    let count = |n: u64| ok.then_some(n * (number + 1));
    let source = match (ok, number % 3) {
        (false, _) => UsageSource::None,
        (true, 1) => UsageSource::Estimated,
        (true, _) => UsageSource::Reported,
    };
    RunRecord {
        id: RunId::from_u128((7 << 76) + u128::from(number)),
        started_at_ms: 1_795_500_000_000 - i64::try_from(number).unwrap() * 61_000,
        target: RunTarget {
            connector: ["azure-prod", "openai-prod", "vllm-lab"][usize::try_from(number % 3).unwrap()].to_owned(),
            provider: Provider::OpenAi,
            endpoint: Some(EndpointKind::ChatCompletions),
            host: "api.openai.com:443".to_owned(),
            requested_model: Some("gpt-4.1".to_owned()),
            model: ok.then(|| "gpt-4.1-2025-04-14".to_owned()),
        },
        caller: Caller { source: Source::Screen, user: "anna".to_owned(), machine: "ops-7".to_owned() },
        ending: Ending {
            outcome,
            http_status: Some(if ok { 200 } else { 401 }),
            error_kind: kind,
            finish_reason: ok.then(|| "stop".to_owned()),
            request_id: Some("req_3f1c2e6a".to_owned()),
            attempts: 1,
        },
        usage: Usage {
            prompt: count(900),
            completion: count(142),
            total: count(1042),
            cached: count(300),
            reasoning: count(12),
            source,
            ..Usage::default()
        },
        cost: (ok && number.is_multiple_of(2))
            .then(|| Cost { amount: Usd::from_nanos(3_100_000), basis: CostBasis::Table("2026-08-05".to_owned()) }),
        timing: if ok { times() } else { Timing { total: Some(ms(84)), ..Timing::default() } },
        traffic: Traffic { chunks: 144, request_bytes: 812, response_bytes: 31_204 },
    }
}

fn times() -> Timing {
    Timing {
        queue: Some(ms(3)),
        dns: Some(ms(40)),
        connect: Some(ms(60)),
        tls: Some(ms(90)),
        first_byte: Some(ms(298)),
        first_token: Some(ms(312)),
        first_answer: Some(ms(640)),
        last_token: Some(ms(1_933)),
        total: Some(ms(1_951)),
    }
}

fn runs() -> Vec<RunRecord> {
    let run = |number: u64| match number % 7 {
        2 => record(number, Outcome::Error, Some(ErrorKind::RateLimit)),
        5 => record(number, Outcome::Cancelled, None),
        _ => record(number, Outcome::Ok, None),
    };
    (0..60).map(run).collect()
}

fn over(runs: Vec<RunRecord>) -> Model {
    let mut model = model();
    let mut pane = EventsPane::new(RunFilter::default(), Range::All, "local".to_owned());
    pane.window.older = if runs.is_empty() { Beyond::Nothing } else { Beyond::More };
    pane.window.runs = runs;
    pane.window.zone = Some(TimeZone::UTC);
    model.ledger.events = Some(Box::new(pane));
    model.view.screen = Screen::Events;
    model
}

fn with(mut model: Model, change: impl FnOnce(&mut EventsPane)) -> Model {
    change(model.ledger.events.as_mut().unwrap());
    model
}

fn wide() -> Vec<RunRecord> {
    let text = "東京👩‍👩‍👧e\u{301}\u{1b}[31m\u{202e}\n".repeat(400);
    let mut runs = runs();
    for run in &mut runs {
        run.target.model = Some(text.clone());
        run.target.connector.clone_from(&text);
        run.caller.user.clone_from(&text);
        run.ending.request_id = Some(text.clone());
        run.cost = None;
        run.usage.total = Some(u64::MAX);
        run.timing.total = Some(std::time::Duration::MAX);
    }
    runs
}

fn problem() -> Failure {
    Failure::new(
        ErrorKind::Internal,
        "the event log at ~/.local/state/switchboard/events.db cannot be read: permission denied",
        "look at the permissions of its directory, or set SWITCHBOARD_STATE to another one",
    )
}

pub(super) fn list(state: State) -> Model {
    match state {
        State::Empty => over(Vec::new()),
        State::Typical => with(over(runs()), |pane| pane.window.fresh = 3),
        State::Error => with(over(Vec::new()), |pane| pane.problem = Some(problem())),
        State::Long => with(over(runs()), |pane| {
            pane.look.cursor = 45;
            pane.search.text = "!outcome:cancelled ".repeat(12);
            pane.meant.range = "2026-08-26..2026-11-23".parse().unwrap();
            pane.meant.zone = "America/Argentina/ComodRivadavia".to_owned();
        }),
        State::Wide => over(wide()),
    }
}

pub(super) fn detail(state: State) -> Model {
    match state {
        State::Empty => with(over(vec![cancelled_at_once()]), |pane| pane.look.detail = Some(0)),
        State::Typical => with(over(runs()), |pane| pane.look.detail = Some(0)),
        State::Error => with(over(runs()), |pane| (pane.look.cursor, pane.look.detail) = (2, Some(0))),
        State::Long => with(over(vec![long()]), |pane| pane.look.detail = Some(0)),
        State::Wide => with(over(wide()), |pane| pane.look.detail = Some(99)),
    }
}

/// A run of which nothing is known but that it was.
fn cancelled_at_once() -> RunRecord {
    let mut run = record(2, Outcome::Cancelled, None);
    (run.target.endpoint, run.target.requested_model) = (None, None);
    (run.caller.user, run.caller.machine) = (String::new(), String::new());
    (run.ending.http_status, run.ending.request_id, run.ending.attempts) = (None, None, 0);
    (run.timing, run.traffic) = (Timing::default(), Traffic::default());
    run
}

/// Texts that no row holds, and figures as large as they get.
fn long() -> RunRecord {
    let mut run = record(0, Outcome::Ok, None);
    let text = "a-text-that-goes-on-".repeat(20);
    (run.target.host, run.target.requested_model, run.target.model) =
        (text.clone(), Some(text.clone()), Some(text.clone()));
    (run.caller.user, run.caller.machine) = (text.clone(), text.clone());
    (run.ending.request_id, run.ending.finish_reason) = (Some(text.clone()), Some(text));
    (run.usage.prompt, run.usage.total) = (Some(u64::MAX), Some(u64::MAX));
    run.timing.total = Some(std::time::Duration::MAX);
    run
}

fn filtered() -> Model {
    with(over(runs().into_iter().filter(|run| run.ending.error_kind.is_some()).collect()), |pane| {
        pane.search.text = "outcome:error kind:rate-limit since:7d".to_owned();
        pane.meant.range = "7d..".parse().unwrap();
        pane.look.follow = Following::On;
    })
}

fn typing() -> Model {
    with(over(runs()), |pane| {
        pane.search.typing = Some("conector:azure".to_owned());
        pane.search.problem = Some("\"conector\" is not known; did you mean connector?".to_owned());
    })
}

#[test]
fn filters_of_the_events() {
    check("log_filtered", &filtered());
    check("log_typing", &typing());
    check("log_none_pass", &with(over(Vec::new()), |pane| pane.search.text = "user:nobody".to_owned()));
}

/// A click selects the run it points at, wherever the table begins.
#[test]
fn a_click_selects_a_run() {
    let mut model = list(State::Long);
    let cursor = |model: &Model| model.ledger.events.as_ref().unwrap().look.cursor;
    let table = seen(&mut model, (80, 24)).areas.table;
    assert!(table.first > 0 && table.area.height > 3, "{table:?}");
    press(&mut model, "M");
    click(&mut model, table.area.x + 3, table.area.y + 2);
    assert_eq!(cursor(&model), table.first + 2);
    let row = plain_row(&model, (80, 24), table.area.y + 2);
    let run = &model.ledger.events.as_ref().unwrap().window.runs[table.first + 2];
    assert!(row.contains(&run.target.connector), "{row}");
    click(&mut model, 3, 2);
    assert_eq!(cursor(&model), table.first + 2, "the filter is no run");
    press(&mut model, "enter");
    seen(&mut model, (80, 24));
    click(&mut model, table.area.x + 3, table.area.y);
    assert_eq!(cursor(&model), table.first + 2, "a run that is read has no rows to select");
}

fn models() -> Vec<Model> {
    let states = [State::Empty, State::Typical, State::Error, State::Long, State::Wide];
    let mut models: Vec<Model> = states.into_iter().flat_map(|state| [list(state), detail(state)]).collect();
    models.extend([filtered(), typing()]);
    models
}

#[test]
fn every_size_is_drawn_and_nothing_hostile_reaches_a_cell() {
    for model in models() {
        for (width, height) in (1..=30).flat_map(|width| (1..=14).map(move |height| (width, height))) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            crate::ui::draw(&model, &mut buffer);
            assert!(buffer.content.iter().all(|cell| !cell.symbol().contains(is_unsafe)));
        }
        for width in [0, 69, 70, 107, 108, 139, 140, 200] {
            drawn(model.clone(), (width, 30));
        }
    }
}

#[test]
fn the_lines_of_a_run_are_as_many_as_are_scrolled() {
    let model = with(over(runs()), |pane| pane.look.detail = Some(0));
    let text = plain(&drawn(model, (120, 60)).0);
    let drawn = text.lines().skip_while(|line| !line.contains("run 0000")).skip(1);
    let rows = drawn.take_while(|line| line.starts_with('│')).filter(|line| !line.trim_matches(['│', ' ']).is_empty());
    // Three blank lines lead the parts.
    assert_eq!(rows.count() + 3, crate::app::events::copy::lines(&runs()[0]));
}

#[test]
fn an_unknown_cost_is_never_zero_and_an_estimate_is_marked() {
    let text = plain(&drawn(over(runs()), (80, 24)).0);
    assert!(text.contains("unknown") && !text.contains("$0.00 "), "{text}");
    assert!(text.contains('~'), "{text}");
}
