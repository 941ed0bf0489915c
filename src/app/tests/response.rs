use super::*;
use crate::app::Rates;
use crate::app::test::{Follow, ResponseTab, Scroll};
use crate::domain::{RawEvent, ResponseHead, RunCounts, RunPhase, TokenSums, ToolCallDelta, Totals, UsageSummary};

fn scroll(model: &Model) -> Scroll {
    model.test_pane().unwrap().scroll
}

fn lines(count: usize) -> RunEvent {
    answer(&"line\n".repeat(count))
}

#[test]
fn a_reply_is_shown_as_it_comes() {
    let mut model = model();
    press(&mut model, "enter r");
    tick(&mut model, 2);
    tell(&mut model, 0, vec![RunEvent::Started { queue: Duration::ZERO }, answer("Once "), answer("upon")]);
    let run = &model.runs.all[&run_id(0)];
    assert_eq!((run.answer.text(), &*run.answer.row(0), run.live.deltas), ("Once upon", "Once upon", 2));
    assert_eq!(run.live.first_token, Some(Duration::from_secs(2)));
    assert_eq!(busy(&model), Busy { running: 1, queued: 0, rates: Rates::default() });
    tell(&mut model, 0, vec![end(Outcome::Ok), answer("late")]);
    tell(&mut model, 0, vec![answer("later")]);
    let run = &model.runs.all[&run_id(0)];
    assert_eq!((run.answer.text(), run.transcript.phase), ("Once upon", RunPhase::Ended(Outcome::Ok)));
    assert_eq!(model.notice, None);
}

#[test]
fn figures_change_four_times_a_second_and_the_last_one_shows() {
    let mut model = model();
    press(&mut model, "enter r");
    let mut shown = Vec::new();
    for at in 0..100_u64 {
        update(&mut model, Msg::Tick(Duration::from_millis(at * 10)));
        tell(&mut model, 0, vec![answer("x")]);
        shown.push(model.runs.all[&run_id(0)].live.deltas);
    }
    shown.dedup();
    assert_eq!(shown, [1, 25, 50, 75]);
    update(&mut model, Msg::Tick(Duration::from_secs(1)));
    assert_eq!(model.runs.all[&run_id(0)].live.deltas, 100);
    tell(&mut model, 0, vec![answer("y"), end(Outcome::Ok)]);
    assert_eq!(model.runs.all[&run_id(0)].live.deltas, 101);
}

#[test]
fn runs_that_are_not_known_tell_nothing() {
    let mut model = model();
    tell(&mut model, 9, vec![answer("x"), end(Outcome::Error)]);
    assert_eq!((model.runs.all.len(), model.notice.as_ref()), (0, None));
}

#[test]
fn the_end_of_a_run_out_of_view_is_told() {
    let mut model = model();
    press(&mut model, "r j");
    tell(&mut model, 0, vec![end(Outcome::Error)]);
    assert_eq!(notice(&model), "a failed: 401 the key was refused");
    assert!(needs_tick(&model));
    tick(&mut model, 60);
    assert!(!needs_tick(&model));
}

#[test]
fn a_run_that_was_replaced_goes_when_it_ends() {
    let mut model = model();
    press(&mut model, "enter r r");
    assert_eq!(model.runs.alive(), 2);
    tell(&mut model, 0, vec![answer("old"), end(Outcome::Cancelled)]);
    assert_eq!(model.runs.all.keys().collect::<Vec<_>>(), [&run_id(1)]);
    tell(&mut model, 1, vec![end(Outcome::Ok)]);
    press(&mut model, "r");
    assert_eq!(model.runs.all.keys().collect::<Vec<_>>(), [&run_id(2)]);
}

#[test]
fn scrolling_up_holds_the_view_and_the_last_row_follows_again() {
    let mut model = model();
    press(&mut model, "enter r");
    tell(&mut model, 0, vec![lines(30)]);
    assert_eq!(scroll(&model).follow, Follow::On);
    press(&mut model, "k");
    assert_eq!(scroll(&model), Scroll { top: 19, follow: Follow::Paused });
    tell(&mut model, 0, vec![lines(30)]);
    press(&mut model, "pgdn");
    assert_eq!(scroll(&model), Scroll { top: 28, follow: Follow::Paused });
    press(&mut model, "g k");
    assert_eq!(scroll(&model), Scroll { top: 0, follow: Follow::Paused });
    press(&mut model, "G j");
    assert_eq!((scroll(&model).follow, scroll(&model).first(60, 10)), (Follow::On, 50));
}

#[test]
fn tabs_that_grow_follow_and_others_start_at_their_top() {
    let mut model = model();
    press(&mut model, "enter r ]");
    assert_eq!(model.test_pane().unwrap().tab, ResponseTab::Reasoning);
    assert_eq!(scroll(&model).follow, Follow::On);
    press(&mut model, "[ [");
    assert_eq!(model.test_pane().unwrap().tab, ResponseTab::Timing);
    assert_eq!(scroll(&model), Scroll { top: 0, follow: Follow::Paused });
}

#[test]
fn what_the_tab_shows_is_copied() {
    let mut model = model();
    assert_eq!(press(&mut model, "enter y"), []);
    press(&mut model, "r");
    let piece = ToolCallDelta {
        slot: 0,
        id: Some("call_1".to_owned()),
        name: Some("find".to_owned()),
        arguments: "{\"a\":1}".to_owned(),
    };
    let raw = RawEvent { at: Duration::from_millis(5), kind: "message".to_owned(), data: "{}".to_owned(), size: 2 };
    let head = ResponseHead {
        status: 200,
        version: "HTTP/1.1".to_owned(),
        headers: vec![("server".to_owned(), "x".to_owned())],
        request_id: None,
        at: Duration::ZERO,
    };
    let events = vec![
        RunEvent::Head(Box::new(head)),
        RunEvent::Raw(raw),
        answer("tab\there \u{1b}[31m"),
        RunEvent::Delta(Delta::ToolCall(piece)),
    ];
    tell(&mut model, 0, events);
    let copied = |text: &str| [Effect::Copy(text.to_owned())];
    assert_eq!(press(&mut model, "y"), copied("tab\there ␛[31m"));
    assert_eq!(press(&mut model, "] ] y"), copied("find (call_1)\n{\n  \"a\": 1\n}"));
    assert_eq!(press(&mut model, "] y"), copied("{\"at_ms\":5.0,\"event\":\"message\",\"size\":2,\"data\":\"{}\"}"));
    assert_eq!(press(&mut model, "] y"), copied("HTTP/1.1 200\nserver: x"));
    update(&mut model, Msg::Errand(Errand::Copied(Ok("copied 4 lines".to_owned()))));
    assert_eq!(notice(&model), "copied 4 lines; Y: plain view");
}

#[test]
fn another_width_wraps_what_is_in_view() {
    let mut model = model();
    press(&mut model, "enter r");
    tell(&mut model, 0, vec![answer("aaaa bbbb")]);
    let facts = Facts { response: (5, 10), ..model.view.facts };
    update(&mut model, Msg::Drawn(facts));
    assert_eq!(model.runs.all[&run_id(0)].answer.rows(), 2);
}

#[test]
fn tokens_are_counted_live_until_the_log_has_them() {
    let mut model = model();
    let tokens = TokenSums { completion: 100, total: 150, ..TokenSums::default() };
    let today = Totals { runs: RunCounts { all: 3, ..RunCounts::default() }, tokens, ..Totals::default() };
    let figures = UsageSummary { today, ..UsageSummary::default() };
    update(&mut model, Msg::Usage(Ok(figures)));
    press(&mut model, "r");
    tell(&mut model, 0, vec![answer("a"), answer("b")]);
    assert_eq!(tokens_today(&model), Totals { tokens: TokenSums { completion: 102, total: 152, ..tokens }, ..today });
    let usage = Usage { prompt: Some(9), completion: Some(3), total: Some(12), ..Usage::default() };
    tell(&mut model, 0, vec![RunEvent::Usage(usage)]);
    tick(&mut model, 1);
    let tokens = TokenSums { prompt: 9, completion: 103, total: 162, ..tokens };
    assert_eq!(tokens_today(&model), Totals { tokens, ..today });
    tell(&mut model, 0, vec![end(Outcome::Ok)]);
    assert_eq!(tokens_today(&model), today);
    update(&mut model, Msg::Usage(Err("locked".to_owned())));
    assert_eq!((model.ledger.panel.problem.as_deref(), model.ledger.panel.logged.today), (Some("locked"), today));
}
