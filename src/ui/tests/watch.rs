//! The watch screen as it should look.

use super::fixtures::*;
use super::screens::{State, check};
use crate::app::{Model, Msg, update};
use crate::domain::doctor::Measures;
use crate::domain::{DoctorEvent, DoctorOutcome, DoctorStage, ErrorKind, Lane, RunId, StageReport};

pub(super) fn scene(state: State) -> Model {
    match state {
        State::Empty => {
            let mut model = empty();
            press(&mut model, "w");
            model
        }
        State::Typical => watched(8),
        State::Error => refused_now(),
        State::Long => many(),
        State::Wide => wide(),
    }
}

/// The probes that go on, with their connectors.
fn going(model: &Model) -> Vec<(String, RunId)> {
    let watched = model.runs.watch.watched.iter();
    watched.filter_map(|(id, one)| Some((id.to_string(), one.going.as_ref()?.run))).collect()
}

fn tell(model: &mut Model, run: RunId, reports: Vec<StageReport>) {
    let told = reports.into_iter().map(|report| DoctorEvent::Told(Lane::Configured, Box::new(report)));
    let ended = DoctorEvent::Ended { outcome: DoctorOutcome::Complete, proxy: None };
    update(model, Msg::Doctor(run, told.chain([ended]).collect()));
}

fn well(round: u64) -> Vec<StageReport> {
    let mut tls = StageReport::ok(DoctorStage::Tls, "TLS 1.3, certificate of \"*.openai.azure.com\", 112 days left");
    tls.measures = Measures { days_left: Some(112), ..Measures::default() };
    let mut http = StageReport::ok(DoctorStage::Http, "HTTP/2.0 200").took(ms(30 + round * 37 % 90));
    http.measures =
        Measures { remaining_requests: Some(9_998), remaining_tokens: Some(149_200), ..Measures::default() };
    vec![tls, http, StageReport::ok(DoctorStage::Models, "the deployment answers: gpt-4.1-2025-04-14")]
}

fn refused() -> Vec<StageReport> {
    let cause = "gw.internal:443 refused the connection";
    let failed = StageReport::failed(DoctorStage::Tcp, ErrorKind::Connect, "10.0.0.7:443", cause);
    vec![failed.fix("nothing listens on gw.internal:443; is the server running?")]
}

fn expires() -> Vec<StageReport> {
    let mut tls =
        StageReport::warning(DoctorStage::Tls, "TLS 1.2", "the certificate of vllm.lab is valid for 9 days only");
    tls.measures = Measures { days_left: Some(9), ..Measures::default() };
    vec![tls.fix("renew it"), StageReport::ok(DoctorStage::Http, "HTTP/1.1 200").took(ms(4))]
}

/// So many rounds of probes, half a minute apart: `gw-internal` is down in every third and at the end.
pub(super) fn watched(rounds: u64) -> Model {
    let mut model = model();
    press(&mut model, "w");
    for round in 0..rounds {
        for (id, run) in going(&model) {
            let reports = match id.as_str() {
                "gw-internal" if round % 3 == 0 || round + 1 == rounds => refused(),
                "vllm-lab" => expires(),
                _ => well(round + id.len() as u64),
            };
            tell(&mut model, run, reports);
        }
        let now = model.view.now + ms(30_000);
        update(&mut model, Msg::Tick(now));
    }
    model.notice = None;
    model
}

/// The selected connector is this one.
fn on(mut model: Model, name: &str) -> Model {
    model.list.selected = Some(id(name));
    model
}

/// What failed says why and what to do.
fn refused_now() -> Model {
    let mut model = on(watched(40), "gw-internal");
    press(&mut model, "p");
    for (_, run) in going(&model) {
        tell(&mut model, run, refused());
    }
    model.notice = None;
    model
}

/// Many connectors and long words.
fn many() -> Model {
    let mut model = watched(1);
    let first = model.config.config.entries[0].clone();
    for n in 0..60 {
        let mut entry = first.clone();
        entry.connector.id = id(&format!("one-of-many-connectors-{n}"));
        model.config.config.entries.push(entry);
    }
    update(&mut model, Msg::Tick(ms(500_000)));
    let long = "a very long story of what was seen on the way ".repeat(20);
    for (_, run) in going(&model) {
        let failed = StageReport::failed(DoctorStage::Policy, ErrorKind::Policy, &long, &long);
        tell(&mut model, run, vec![failed.fix(&long)]);
    }
    update(&mut model, Msg::Tick(ms(500_000 + 29 * 3_600_000)));
    model.notice = None;
    on(model, "one-of-many-connectors-30")
}

/// Wide and hostile words.
fn wide() -> Model {
    let mut model = model();
    press(&mut model, "w");
    for (_, run) in going(&model) {
        let words = "证书 🏳️‍🌈 é \u{1b}[2J\u{202e}reversed ".repeat(6);
        let failed = StageReport::failed(DoctorStage::Config, ErrorKind::Config, &words, &words);
        tell(&mut model, run, vec![failed.fix(&words)]);
    }
    model.notice = None;
    model
}

#[test]
fn the_first_probes_go_on() {
    let mut model = model();
    press(&mut model, "w");
    check("watch_begins", &model);
}

#[test]
fn every_width_has_its_columns() {
    let model = watched(2);
    for width in 20..=220 {
        let (buffer, _) = drawn(model.clone(), (width, 24));
        let last = buffer.cell((width - 1, 5)).map(ratatui::buffer::Cell::symbol);
        assert_eq!(last, Some("│"), "the frame at {width} columns");
        if width >= 74 {
            let labels: String = (0..width).filter_map(|x| Some(buffer.cell((x, 3))?.symbol())).collect();
            assert!(
                ["state", "failed", "cert", "req/tok"].iter().all(|label| labels.contains(label)),
                "{width}: {labels}"
            );
        }
    }
}

#[test]
fn a_probe_that_does_not_end_is_seen() {
    let mut model = watched(2);
    let now = model.view.now + ms(45_000);
    update(&mut model, Msg::Tick(now));
    check("watch_silent", &model);
}

#[test]
fn calls_are_asked_for_and_then_told() {
    let mut model = watched(2);
    press(&mut model, "c");
    check("watch_question", &model);
    press(&mut model, "y");
    check("watch_calls", &model);
}
