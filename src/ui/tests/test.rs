//! The test tab as it should look: the body while it is typed, and each tab of the response.

use std::time::Duration;

use super::fixtures::*;
use super::screens::{State, check};
use super::{connectors, dump};
use crate::app::Model;
use crate::app::model::{Notice, Tab, Tone, Zoom};
use crate::app::test::{Follow, ResponseTab};
use crate::domain::{
    AttemptReport, Delta, ErrorKind, Failure, Outcome, RawEvent, ResponseHead, RunEvent, Timing, ToolCallDelta, Usage,
};

/// A line of a long text.
fn line(n: usize) -> String {
    format!("Line {n} of a long reply, told without end.")
}

fn lines() -> String {
    (1..400).map(line).collect::<Vec<_>>().join("\n") + "\n"
}

pub(super) fn body(state: State) -> Model {
    let text = match state {
        State::Empty => String::new(),
        State::Typical => {
            "{\n  \"messages\": [\n    { \"role\": \"user\", \"content\": \"Tell me a story\" }\n  ],\n  \
            \"temperature\": 0.7,\n  \"stream\": true\n}"
                .to_owned()
        }
        State::Error => "{\n  \"messages\": [\n    { \"role\": \"user\", }\n  ]\n}".to_owned(),
        State::Long => {
            let message = |n| format!("    {{ \"role\": \"user\", \"content\": \"{}\" }}", line(n).repeat(4));
            format!("{{\n  \"messages\": [\n{}\n  ]\n}}", (0..60).map(message).collect::<Vec<_>>().join(",\n"))
        }
        State::Wide => format!("{{\n  \"messages\": [\n    {{ \"role\": \"user\", \"content\": \"{WIDE}\" }}\n  ]\n}}"),
    };
    typing_body(at(model(), Tab::Test), &text)
}

pub(super) fn answer(state: State) -> Model {
    match state {
        State::Empty => at(model(), Tab::Test),
        State::Typical => done(STORY),
        State::Error => failed(),
        State::Long => paused(done(&lines())),
        State::Wide => {
            let text = "東京の灯台守は毎晩、海に手紙を書いていた。\n👩‍👩‍👧 가족이 등대에 왔다 🎉🎉 e\u{301}te\u{301}\nשלום ברכות\n";
            replied_in(connectors::wide(), &done_events(&text.repeat(12)))
        }
    }
}

pub(super) fn reasoning(state: State) -> Model {
    let thought = |text: &str| RunEvent::Delta(Delta::Reasoning(text.to_owned()));
    let model = match state {
        State::Empty => connecting(),
        State::Typical => done(STORY),
        State::Error => cut(&[thought("The person greets. A story would")]),
        State::Long => paused(streams(&[thought(&lines())])),
        State::Wide => streams(&[thought(&format!("{WIDE}\n").repeat(20))]),
    };
    tab(model, ResponseTab::Reasoning)
}

pub(super) fn events(state: State) -> Model {
    let raw = |n: u64, data: String| {
        RunEvent::Raw(RawEvent { at: ms(n * 7), kind: "message".to_owned(), size: data.len(), data })
    };
    let model = match state {
        State::Empty => connecting(),
        State::Typical => done(STORY),
        State::Error => cut(&[raw(1, "{\"error\":{\"message\":\"overloaded\"}}".to_owned())]),
        State::Long => {
            let data = |n: u64| format!("{{\"n\":{n},\"text\":\"{}\"}}", "a long event ".repeat(40));
            let events: Vec<_> = (0..600).map(|n| raw(n * 97, data(n))).collect();
            paused(streams(&events))
        }
        State::Wide => streams(&(0..30).map(|n| raw(n, format!("{{\"text\":\"{WIDE}\"}}"))).collect::<Vec<_>>()),
    };
    tab(model, ResponseTab::Events)
}

pub(super) fn tools(state: State) -> Model {
    let call = |slot: usize, name: &str, arguments: &str| {
        let (id, name) = (Some(format!("call_{slot}a7")), Some(name.to_owned()));
        RunEvent::Delta(Delta::ToolCall(ToolCallDelta { slot, id, name, arguments: arguments.to_owned() }))
    };
    let model = match state {
        State::Empty => done(STORY),
        State::Typical => replied(&tool_events()),
        State::Error => cut(&[call(0, "get_time", "{\"zone\":\"Atlantic/Rey")]),
        State::Long => {
            let arguments = format!("{{\"query\":\"{}\",\"top\":10}}", "a long question ".repeat(30));
            streams(&(0..20).map(|n| call(n, &format!("search_everywhere_{n}"), &arguments)).collect::<Vec<_>>())
        }
        State::Wide => {
            streams(&(0..4).map(|n| call(n, "検索", &format!("{{\"質問\":\"{WIDE}\"}}"))).collect::<Vec<_>>())
        }
    };
    tab(model, ResponseTab::Tools)
}

pub(super) fn headers(state: State) -> Model {
    let answered = |headers: Vec<(String, String)>| {
        let head = ResponseHead {
            status: 200,
            version: "HTTP/2".to_owned(),
            headers,
            request_id: Some("3f1c2e6a".to_owned()),
            at: ms(298),
        };
        replied(&[RunEvent::Head(Box::new(head)), super::fixtures::answer(STORY)])
    };
    let model = match state {
        State::Empty => connecting(),
        State::Typical => done(STORY),
        State::Error => failed(),
        State::Long => {
            let value = "a-value-that-goes-on-and-on; ".repeat(9);
            answered((0..40).map(|n| (format!("x-header-number-{n}"), value.clone())).collect())
        }
        State::Wide => answered((0..9).map(|n| (format!("x-wide-{n}"), WIDE.to_owned())).collect()),
    };
    tab(model, ResponseTab::Headers)
}

pub(super) fn timing(state: State) -> Model {
    let model = match state {
        State::Empty => connecting(),
        State::Typical => done(STORY),
        State::Error => failed(),
        State::Long => slow(),
        State::Wide => {
            let mut model = replied_in(connectors::wide(), &done_events(WIDE));
            model.config.path = format!("~/{WIDE}/config.toml");
            model
        }
    };
    tab(model, ResponseTab::Timing)
}

/// A run that took hours and millions of tokens.
fn slow() -> Model {
    let hours = |n: u64| Some(Duration::from_secs(n * 3_600 + 59));
    let mut ended = end(Outcome::Ok, None);
    ended.timing = Timing {
        queue: hours(1),
        dns: hours(1),
        connect: hours(2),
        tls: hours(3),
        first_byte: hours(27),
        first_token: hours(28),
        first_answer: hours(29),
        last_token: hours(99),
        total: hours(100),
    };
    let huge = |n: u64| Some(n * 1_234_567_890_123);
    ended.usage = Usage {
        prompt: huge(5),
        completion: huge(3),
        total: huge(8),
        cached: huge(2),
        cache_write: huge(1),
        reasoning: huge(2),
        ..ended.usage
    };
    let mut events = streaming_events();
    events.push(RunEvent::Usage(ended.usage));
    events.push(RunEvent::Ended(Box::new(ended)));
    replied(&events)
}

/// A run of `azure-prod` that told this.
fn replied(events: &[RunEvent]) -> Model {
    replied_in(model(), events)
}

/// A run of `azure-prod` whose reply goes on with this.
fn streams(events: &[RunEvent]) -> Model {
    replied(&[&[RunEvent::Started { queue: ms(0) }, head(200)], events].concat())
}

fn replied_in(model: Model, events: &[RunEvent]) -> Model {
    let mut model = at(model, Tab::Test);
    add_run(&mut model, "azure-prod", events);
    model
}

/// Nothing came yet.
fn connecting() -> Model {
    replied(&[RunEvent::Started { queue: ms(0) }])
}

fn failed() -> Model {
    let mut model = at(model(), Tab::Test);
    model.list.selected = Some(id("gw-internal"));
    model
}

/// A stream that ended before it was finished, after this.
fn cut(events: &[RunEvent]) -> Model {
    let failure = Failure::new(ErrorKind::StreamCut, "the stream ended before it was finished", "run again");
    let mut all = vec![RunEvent::Started { queue: ms(0) }, head(200)];
    all.extend_from_slice(events);
    all.push(RunEvent::Note("one event was not readable and was left out".to_owned()));
    all.push(RunEvent::Ended(Box::new(end(Outcome::Error, Some(failure)))));
    replied(&all)
}

fn paused(mut model: Model) -> Model {
    pane(&mut model).scroll.follow = Follow::Paused;
    pane(&mut model).scroll.top = 120;
    model
}

#[test]
fn test_streaming() {
    check("streaming", &streaming());
}

#[test]
fn test_retrying() {
    let failure = Failure::new(ErrorKind::RateLimit, "too many requests: 60 a minute", "wait, or ask for more");
    let report = AttemptReport { number: 1, of: 3, failure, wait: ms(2_000) };
    check("retrying", &replied(&[RunEvent::Started { queue: ms(0) }, RunEvent::Retry(report)]));
}

#[test]
fn test_cut_in_the_middle() {
    let mut events = streaming_events();
    events.drain(..3);
    check("cut", &cut(&events));
}

#[test]
fn test_zoomed() {
    let mut model = paused(done(&lines()));
    model.view.zoom = Zoom::Response;
    check("zoomed", &model);
}

#[test]
fn test_with_hostile_text() {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}desrever\u{2066}\u{feff}\r\u{9b}31m";
    let mut model = done(&format!("before {evil} after\n{evil}"));
    model.config.problem = Some(evil.to_owned());
    model.notice = Some(Notice { text: evil.to_owned(), tone: Tone::Info, until: ms(90_000) });
    for entry in &mut model.config.config.entries {
        entry.connector.name = evil.to_owned();
        entry.connector.default_model = Some(evil.to_owned());
    }
    let model = typing_body(model, &format!("{{\"a\": \"{evil}\"}}"));
    check("hostile", &model);
}

#[test]
fn found_in_a_reply() {
    let mut model = done(STORY);
    for size in super::screens::SIZES {
        let (_, facts) = drawn(model.clone(), size);
        crate::app::update(&mut model, crate::app::Msg::Drawn(facts));
        press(&mut model, "/ e v e r");
        insta::assert_snapshot!(format!("find_{}x{}", size.0, size.1), dump::styled(&drawn(model.clone(), size).0));
        press(&mut model, "enter");
    }
    let model = tab(model, ResponseTab::Events);
    insta::assert_snapshot!("find_events_80x24", dump::styled(&drawn(model, (80, 24)).0));
}
