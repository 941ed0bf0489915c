//! Keys and messages in, state and effects out.

use std::time::Duration;

use super::*;
use crate::app::effect::{Examine, Start};
use crate::app::model::{ConfigState, Facts, Look, Subject};
use crate::app::msg::{ConfigMsg, Errand};
use crate::config::keymap::{Chord, Key};
use crate::config::{Config, Entry};
use crate::domain::{
    Auth, Connector, ConnectorId, Credential, Delta, Failure, NetworkOverlay, Options, Origin, Outcome, Provider,
    RunEnd, RunEvent, RunId, Timing, Traffic, Usage,
};

mod budgets;
mod doctor;
mod edit;
mod events;
mod files;
mod find;
mod habits;
mod import;
mod laws;
mod list;
mod overlays;
mod requests;
mod response;
mod save;
mod usage;
mod watch;

fn id(text: &str) -> ConnectorId {
    text.parse().unwrap()
}

fn saved(text: &str) -> Subject {
    Subject::Saved(id(text))
}

fn connector(name: &str) -> Connector {
    Connector {
        id: id(name),
        name: name.to_owned(),
        provider: Provider::Other,
        url: format!("http://{name}.test/v1"),
        default_model: Some("tiny".to_owned()),
        auth: Auth { api_key: Some(Credential::Reference("env:KEY".parse().unwrap())), ..Auth::default() },
        headers: Vec::new(),
        options: Options::default(),
        notes: None,
        network: NetworkOverlay::default(),
    }
}

fn user(connector: Connector) -> Entry {
    Entry { connector, origin: Origin::User }
}

fn system(connector: Connector) -> Entry {
    Entry { connector, origin: Origin::System }
}

fn config(entries: impl IntoIterator<Item = Entry>) -> Config {
    let mut config = Config::default();
    config.entries.extend(entries);
    config
}

/// `a`, `b` and `c` of the person, and `team` of the system layer.
fn four() -> Config {
    config([user(connector("a")), user(connector("b")), user(connector("c")), system(connector("team"))])
}

fn over(config: Config) -> Model {
    let state = ConfigState { path: "~/config.toml".to_owned(), config, problem: None };
    let mut model = Model::new(state, Look::default(), 7 << 64);
    let facts = Facts { response: (40, 10), list_rows: 10, edit_rows: 10, page: (60, 10), ..Facts::default() };
    update(&mut model, Msg::Resize(120, 40));
    update(&mut model, Msg::Drawn(facts));
    model
}

fn model() -> Model {
    over(four())
}

/// Presses keys as `[keys]` writes them, separated by spaces.
fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    keys.split(' ').flat_map(|key| update(model, Msg::Key(key.parse().unwrap()))).collect()
}

/// Types a text, letter by letter.
fn write(model: &mut Model, text: &str) {
    for c in text.chars() {
        update(model, Msg::Key(Chord::from(Key::Char(c))));
    }
}

fn load(model: &mut Model, config: Config) -> Vec<Effect> {
    update(model, Msg::Config(ConfigMsg::Loaded(Box::new(config))))
}

fn run_id(number: u128) -> RunId {
    RunId::from_u128((7 << 64) + number)
}

fn selected(model: &Model) -> &str {
    model.list.selected.as_ref().map_or("", ConnectorId::as_str)
}

fn notice(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

fn started(effects: &[Effect]) -> Vec<Start> {
    let start = |effect: &Effect| match effect {
        Effect::Start(start) => Some((**start).clone()),
        Effect::Cancel(_)
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
        | Effect::Ask(_)
        | Effect::Quit => None,
    };
    effects.iter().filter_map(start).collect()
}

fn examined(effects: &[Effect]) -> Vec<Examine> {
    let examine =
        |effect: &Effect| if let Effect::Examine(examine) = effect { Some((**examine).clone()) } else { None };
    effects.iter().filter_map(examine).collect()
}

fn end(outcome: Outcome) -> RunEvent {
    let failure = (outcome == Outcome::Error)
        .then(|| Failure::new(crate::domain::ErrorKind::Auth, "the key was refused", "look at api_key"));
    let http_status = Some(if outcome == Outcome::Error { 401 } else { 200 });
    RunEvent::Ended(Box::new(RunEnd {
        outcome,
        failure,
        http_status,
        model: None,
        finish_reason: None,
        request_id: None,
        usage: Usage::default(),
        timing: Timing::default(),
        attempts: 1,
        traffic: Traffic::default(),
    }))
}

fn answer(text: &str) -> RunEvent {
    RunEvent::Delta(Delta::Answer(text.to_owned()))
}

fn tell(model: &mut Model, run: u128, events: Vec<RunEvent>) {
    assert_eq!(update(model, Msg::Run(run_id(run), events)), []);
}

fn tick(model: &mut Model, seconds: u64) {
    update(model, Msg::Tick(Duration::from_secs(seconds)));
}

const BODY: &str = "{\n  \"model\": \"tiny\",\n  \"messages\": [\n    {\n      \"role\": \"user\",\n      \"content\": \"Hello world\"\n    }\n  ]\n}";
