//! The list of connectors as it should look.

use super::dump::styled;
use super::fixtures::*;
use super::screens::{SIZES, State, check};
use crate::app::list::FilterState;
use crate::app::model::{Focus, Notice, Tone};
use crate::app::{Model, Msg, update};
use crate::config::Entry;
use crate::domain::{DoctorEvent, DoctorOutcome, DoctorStage, ErrorKind, Lane, Origin, Provider, StageReport};

pub(super) fn list(state: State) -> Model {
    match state {
        State::Empty => empty(),
        State::Typical => {
            let mut model = model();
            model.list.marks = [id("openai-prod"), id("vllm-lab")].into();
            model
        }
        State::Error => broken(),
        State::Long => many(),
        State::Wide => {
            let mut model = wide();
            model.view.focus = Focus::List;
            model
        }
    }
}

/// The file cannot be read.
fn broken() -> Model {
    let mut model = model();
    model.config.problem =
        Some("config.toml:12:3: unknown key \"defualt_model\"; did you mean \"default_model\"?".to_owned());
    model.notice = Some(Notice { text: "the file cannot be read".to_owned(), tone: Tone::Bad, until: ms(90_000) });
    model
}

/// More connectors than rows, with ids and names as long as they may be; one in the middle is selected.
pub(super) fn many() -> Model {
    let mut model = model();
    let long = |n: usize| {
        let url = format!("https://gateway-{n}.a-rather-long-name.of-a-company.example/v1");
        let mut connector = connector(&format!("team-{n:02}-with-a-name-of-36-characters"), Provider::Other, &url);
        connector.name =
            format!("The gateway of team {n}, which has a name longer than any screen is wide. ").repeat(4);
        Entry { connector, origin: if n.is_multiple_of(5) { Origin::System } else { Origin::User } }
    };
    model.config.config.entries.extend((0..60).map(long));
    model.config.path = "~/.config/a/path/of/many/parts/which/goes/on/and/on/switchboard/config.toml".to_owned();
    model.list.marks = model.config.config.entries.iter().map(|entry| entry.connector.id.clone()).step_by(3).collect();
    model.list.selected = Some(id("team-30-with-a-name-of-36-characters"));
    model.list.filter.text =
        "team !team-07 !team-08 !team-09 !default !of-this-name !of-that-name !of-no-name".to_owned();
    model
}

/// Connectors with names in other scripts.
pub(super) fn wide() -> Model {
    let mut model = model();
    for entry in &mut model.config.config.entries {
        entry.connector.name = "生産環境の接続 🚀".to_owned();
    }
    model
}

#[test]
fn list_filtered() {
    let mut model = model();
    model.list.filter.text = "openai !batch".to_owned();
    model.list.filter.state = FilterState::Typing;
    check("filtered", &model);
}

#[test]
fn a_weak_mode_shows_in_the_list() {
    let mut model = model();
    network(&mut model);
    for size in SIZES {
        model.view.focus = Focus::List;
        let text = styled(&drawn(model.clone(), size).0);
        assert!(text.contains("!none"), "{text}");
    }
}

#[test]
fn the_mouse_is_on() {
    let mut model = model();
    update(&mut model, Msg::Key("M".parse().unwrap()));
    check("mouse", &model);
}

/// What the doctor says of marked connectors stands in the list, in a sign and in words.
#[test]
fn the_doctor_looked_at_many() {
    let mut model = model();
    press(&mut model, "* D");
    let told = |report| DoctorEvent::Told(Lane::Configured, Box::new(report));
    let ended = || DoctorEvent::Ended { outcome: DoctorOutcome::Complete, proxy: None };
    let tell = |model: &mut Model, connector: &str, events: Vec<DoctorEvent>| {
        let run = model.runs.examinations[&id(connector)].run;
        update(model, Msg::Doctor(run, events));
    };
    tell(&mut model, "openai-prod", vec![told(StageReport::ok(DoctorStage::Config, "fine")), ended()]);
    let expires = StageReport::warning(DoctorStage::Tls, "TLS 1.3", "6 days left");
    tell(&mut model, "azure-prod", vec![told(expires), ended()]);
    let failed = StageReport::failed(DoctorStage::Tls, ErrorKind::Tls, "gw.internal", "self-signed");
    tell(&mut model, "gw-internal", vec![told(failed), ended()]);
    tell(&mut model, "vllm-lab", vec![DoctorEvent::Began(Lane::Configured, DoctorStage::Dns)]);
    let cancelled = DoctorEvent::Ended { outcome: DoctorOutcome::Cancelled, proxy: None };
    tell(&mut model, "openai-batch", vec![cancelled]);
    check("examined", &model);
}
