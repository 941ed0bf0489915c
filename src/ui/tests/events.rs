//! The events screen, as it should look and at every size.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::dump::{plain, styled};
use super::fixtures::*;
use crate::app::Model;
use crate::app::events::{Beyond, EventsPane, Following};
use crate::app::model::Screen;
use crate::domain::calendar::{Range, TimeZone};
use crate::domain::text::is_unsafe;
use crate::domain::{
    Caller, Cost, CostBasis, Ending, EndpointKind, ErrorKind, Failure, Outcome, Provider, RunFilter, RunId, RunRecord,
    RunTarget, Source, Timing, Traffic, Usage, UsageSource, Usd,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 15)];

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

fn models() -> Vec<(&'static str, Model)> {
    let empty = |change: fn(&mut EventsPane)| with(over(Vec::new()), change);
    vec![
        ("typical", with(over(runs()), |pane| pane.window.fresh = 3)),
        ("scrolled", with(over(runs()), |pane| pane.look.cursor = 45)),
        (
            "filtered",
            with(over(runs().into_iter().filter(|run| run.ending.error_kind.is_some()).collect()), |pane| {
                pane.search.text = "outcome:error kind:rate-limit since:7d".to_owned();
                pane.meant.range = "7d..".parse().unwrap();
                pane.look.follow = Following::On;
            }),
        ),
        (
            "typing",
            with(over(runs()), |pane| {
                pane.search.typing = Some("conector:azure".to_owned());
                pane.search.problem = Some("\"conector\" is not known; did you mean connector?".to_owned());
            }),
        ),
        ("empty", empty(|_pane| {})),
        ("none_pass", empty(|pane| pane.search.text = "user:nobody".to_owned())),
        ("error", empty(|pane| pane.problem = Some(problem()))),
        ("wide", over(wide())),
        ("detail", with(over(runs()), |pane| pane.look.detail = Some(0))),
        ("detail_failed", with(over(runs()), |pane| (pane.look.cursor, pane.look.detail) = (2, Some(0)))),
        ("detail_wide", with(over(wide()), |pane| pane.look.detail = Some(99))),
    ]
}

#[test]
fn the_events_screen() {
    for (name, model) in models() {
        for size in SIZES {
            let (buffer, _) = drawn(model.clone(), size);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), styled(&buffer));
        }
    }
}

#[test]
fn every_size_is_drawn_and_nothing_hostile_reaches_a_cell() {
    for (name, model) in models() {
        for (width, height) in (1..=30).flat_map(|width| (1..=14).map(move |height| (width, height))) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            crate::ui::draw(&model, &mut buffer);
            assert!(buffer.content.iter().all(|cell| !cell.symbol().contains(is_unsafe)), "{name}");
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
