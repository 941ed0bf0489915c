//! The doctor's tab as it should look.

use super::fixtures::*;
use super::screens::{State, check};
use crate::app::model::Tab;
use crate::app::{Model, Msg, update};
use crate::domain::{DoctorEvent, DoctorOutcome, DoctorStage, ErrorKind, Lane, RunId, StageReport};

pub(super) fn scene(state: State) -> Model {
    match state {
        State::Empty => at(model(), Tab::Doctor),
        State::Typical => well(),
        State::Error => the_proxy_is_to_blame(),
        State::Long => told_at_length(),
        State::Wide => words("证书 🏳️‍🌈 שלום \u{1b}[2J\u{202e}reversed "),
    }
}

fn told(lane: Lane, report: StageReport) -> DoctorEvent {
    DoctorEvent::Told(lane, Box::new(report))
}

fn good(stage: DoctorStage) -> StageReport {
    let report = |detail: &str| StageReport::ok(stage, detail);
    match stage {
        DoctorStage::Config => report("Azure deployment \"gpt\", Chat Completions: https://acme.openai.azure.com/openai/deployments/gpt/chat/completions"),
        DoctorStage::Secrets => report("resolved api_key = env:AZURE_OPENAI_API_KEY").took(ms(1)),
        DoctorStage::Policy => report("through http://proxy.corp:3128"),
        DoctorStage::Dns => report("the proxy proxy.corp is 10.1.2.3").took(ms(4)),
        DoctorStage::Tcp => report("connected to the proxy 10.1.2.3:3128").took(ms(2)),
        DoctorStage::Proxy => report("http://proxy.corp:3128 opened a tunnel to acme.openai.azure.com:443").took(ms(3)),
        DoctorStage::Tls => report("TLS 1.3, TLS13_AES_256_GCM_SHA384, h2, certificate of \"*.openai.azure.com\" by \"Microsoft Azure RSA TLS Issuing CA 04\", 112 days left").took(ms(21)),
        DoctorStage::Http => report("HTTP/2.0 200").took(ms(40)),
        DoctorStage::Auth => report("the key in env:AZURE_OPENAI_API_KEY was accepted"),
        DoctorStage::Models => report("the deployment answers: gpt-4.1-2025-04-14"),
        DoctorStage::Call => report("gpt-4.1 answered (stop), 15 tokens in, 48 out").took(ms(612)),
        DoctorStage::Stream => report("52 events, first token 312.0 ms, widest gap 14.2 ms").took(ms(840)),
        DoctorStage::Usage => report("reported: 15 tokens in, 48 out"),
    }
}

/// An examination of `azure-prod` that told all this.
fn examined(events: Vec<DoctorEvent>) -> Model {
    let mut model = at(model(), Tab::Test);
    update(&mut model, Msg::Key("D".parse().unwrap()));
    let run: RunId = model.doctor_pane().expect("a pane").run;
    model.view.now = ms(62_400);
    update(&mut model, Msg::Doctor(run, events));
    model
}

fn complete(proxy: Option<&str>) -> DoctorEvent {
    DoctorEvent::Ended { outcome: DoctorOutcome::Complete, proxy: proxy.map(str::to_owned) }
}

fn skipped(lane: Lane, after: DoctorStage) -> Vec<DoctorEvent> {
    let why = format!("not reached: {} failed", after.word());
    let later = DoctorStage::ALL.into_iter().filter(|stage| *stage > after);
    later.map(|stage| told(lane, StageReport::skipped(stage, &why))).collect()
}

fn well() -> Model {
    let mut events: Vec<_> = DoctorStage::ALL.into_iter().map(|stage| told(Lane::Configured, good(stage))).collect();
    events.push(complete(None));
    examined(events)
}

fn the_proxy_is_to_blame() -> Model {
    let lane = Lane::Configured;
    let mut events: Vec<_> = DoctorStage::ALL.into_iter().take(5).map(|stage| told(lane, good(stage))).collect();
    let cause = "the proxy http://proxy.corp:3128 did not open a tunnel to acme.openai.azure.com:443: it answers 407 Proxy Authentication Required";
    let failed = StageReport::failed(
        DoctorStage::Proxy,
        ErrorKind::Proxy,
        "acme.openai.azure.com:443 through http://proxy.corp:3128",
        cause,
    );
    let fix = "the proxy wants a user: set proxy_user and proxy_password (proxy_user: [connectors.azure-prod.network] of ~/.config/switchboard/config.toml)";
    events.push(told(lane, failed.fix(fix).took(ms(3))));
    events.extend(skipped(lane, DoctorStage::Proxy));
    events.extend(DoctorStage::ALL.into_iter().map(|stage| told(Lane::WithoutProxy, good(stage))));
    events.push(complete(Some("the proxy is to blame: proxy fails through it, and everything works without it")));
    examined(events)
}

/// Every stage says more than fits, the last one fails.
fn told_at_length() -> Model {
    let lane = Lane::Configured;
    let said = "a finding that is told with every word it has, and then with some more of them, to the end; ".repeat(5);
    let stages = DoctorStage::ALL.into_iter().filter(|stage| *stage != DoctorStage::Usage);
    let slow = |stage| told(lane, StageReport::ok(stage, &said).took(ms(7_261_004)));
    let mut events: Vec<_> = stages.map(slow).collect();
    events.push(told(lane, StageReport::failed(DoctorStage::Usage, ErrorKind::Malformed, &said, &said).fix(&said)));
    events.push(complete(None));
    examined(events)
}

/// Words of others in every place they can stand.
fn words(words: &str) -> Model {
    let lane = Lane::Configured;
    let words = words.repeat(12);
    let failed = StageReport::failed(DoctorStage::Config, ErrorKind::Config, &words, &words).fix(&words);
    let mut events = vec![told(lane, failed)];
    events.extend(skipped(lane, DoctorStage::Config));
    events.push(complete(None));
    examined(events)
}

#[test]
fn an_examination_goes_on() {
    let mut events: Vec<_> =
        DoctorStage::ALL.into_iter().take(8).map(|stage| told(Lane::Configured, good(stage))).collect();
    events.push(DoctorEvent::Began(Lane::Configured, DoctorStage::Auth));
    events.push(DoctorEvent::Began(Lane::Configured, DoctorStage::Call));
    check("doctor_goes_on", &examined(events));
}
