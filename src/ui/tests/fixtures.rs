//! Models built by hand: what a person would have on the screen.

use std::collections::BTreeMap;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::edit::{EditPane, IdState, Tried};
use crate::app::model::{ConfigState, Facts, Focus, Look, Subject, Tab};
use crate::app::msg::{Pointer, PointerAct};
use crate::app::runs::{Live, RunView};
use crate::app::test::{ResponseTab, TestPane, Typing};
use crate::app::{Model, Msg, update};
use crate::config::theme::Theme;
use crate::config::{Config, Entry};
use crate::domain::policy::{NetworkKey, NetworkTable};
use crate::domain::{
    Auth, Connector, ConnectorId, Credential, Delta, Draft, ErrorKind, Failure, Header, NetworkOverlay, Options,
    Origin, Outcome, Provider, RawEvent, ResponseHead, RunCounts, RunEnd, RunEvent, RunId, Timing, TokenSums,
    ToolCallDelta, Totals, Traffic, Usage, UsageSource, UsageSummary,
};

pub(super) const AZURE: &str =
    "https://acme.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21";
const BODY: &str =
    "{\n  \"messages\": [\n    {\n      \"role\": \"user\",\n      \"content\": \"Hello world\"\n    }\n  ]\n}";
pub(super) const STORY: &str = "Once upon a time there was a lighthouse keeper who wrote letters to the sea. \
    Every evening he read them aloud, and every morning the tide had taken the paper.\n\nOne day an answer came.";

/// Wide characters, clusters, marks and right-to-left letters.
pub(super) const WIDE: &str = "東京の灯台 👩‍👩‍👧 한국어 e\u{301}te\u{301} שלום 🎉";

pub(super) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub(super) fn id(text: &str) -> ConnectorId {
    text.parse().unwrap()
}

pub(super) fn connector(name: &str, provider: Provider, url: &str) -> Connector {
    Connector {
        id: id(name),
        name: name.replace('-', " "),
        provider,
        url: url.to_owned(),
        default_model: None,
        auth: Auth::default(),
        headers: Vec::new(),
        options: Options::default(),
        notes: None,
        network: NetworkOverlay::default(),
    }
}

fn entries() -> Vec<Entry> {
    let openai = "https://api.openai.com/v1/chat/completions";
    let mut azure = connector("azure-prod", Provider::AzureOpenAi, AZURE);
    azure.name = "Azure production".to_owned();
    azure.auth.api_key = Some(Credential::Reference("env:AZURE_OPENAI_API_KEY".parse().unwrap()));
    let header = |name: &str, value: &str| Header { name: name.to_owned(), value: value.to_owned() };
    azure.headers = vec![header("x-team", "search"), header("x-gw-key", "file:/run/secrets/gw")];
    let mut lab = connector("vllm-lab", Provider::Other, "http://vllm.lab:8000/v1");
    lab.default_model = Some("meta-llama/Llama-3.3-70B-Instruct".to_owned());
    let user = [
        connector("openai-prod", Provider::OpenAi, openai),
        azure,
        connector("gw-internal", Provider::Other, "https://gw.internal/v1"),
        lab,
        connector("openai-batch", Provider::OpenAi, openai),
        connector("a-rather-long-identifier-of-36-chars", Provider::AzureOpenAi, AZURE),
    ];
    let user = user.into_iter().map(|connector| Entry { connector, origin: Origin::User });
    let team = connector("team-default", Provider::OpenAi, openai);
    user.chain([Entry { connector: team, origin: Origin::System }]).collect()
}

/// No connectors.
pub(super) fn empty() -> Model {
    let path = "~/.config/switchboard/config.toml".to_owned();
    Model::new(ConfigState { path, config: Config::default(), problem: None }, Look::default(), 1)
}

/// Seven connectors, some of which ran.
pub(super) fn model() -> Model {
    let mut model = empty();
    model.config.config.entries = entries();
    model.list.selected = Some(id("azure-prod"));
    model.view.now = ms(60_000);
    model.ledger.panel.logged = UsageSummary {
        today: Totals {
            runs: RunCounts { all: 214, failed: 3, ..RunCounts::default() },
            tokens: TokenSums {
                prompt: 128_400,
                completion: 42_100,
                total: 170_500,
                cached: 31_000,
                cache_write: 0,
                reasoning: 9_000,
            },
            ..Totals::default()
        },
        budgets: Vec::new(),
        per_minute: vec![0, 0, 120, 300, 280, 500, 620, 900, 1400, 1900, 2100, 1300, 800, 0, 100, 900, 1200],
        notice: None,
    };
    add_run(&mut model, "openai-prod", &done_events(STORY));
    add_run(&mut model, "gw-internal", &failed_events());
    add_run(&mut model, "openai-batch", &[]);
    model
}

/// Puts the keys into a tab of the workspace.
pub(super) fn at(mut model: Model, tab: Tab) -> Model {
    model.view.focus = Focus::Workspace;
    model.view.tab = tab;
    model
}

/// Adds a run of a connector with what it told, and shows it in the connector's pane.
pub(super) fn add_run(model: &mut Model, connector: &str, events: &[RunEvent]) {
    let subject = Subject::Saved(id(connector));
    let run = RunId::from_u128(model.runs.all.len() as u128 + 100);
    let mut view = RunView::new(subject.clone(), connector.to_owned(), ms(58_000));
    let mut deltas = 0;
    for event in events {
        match event {
            RunEvent::Started { .. } => view.started = Some(ms(58_000)),
            RunEvent::Delta(Delta::Answer(text) | Delta::Refusal(text)) => {
                view.answer.push(text);
                view.code.follow(view.answer.text());
            }
            RunEvent::Delta(Delta::Reasoning(text)) => view.reasoning.push(text),
            RunEvent::Delta(Delta::ToolCall(_))
            | RunEvent::Attempt { .. }
            | RunEvent::Retry(_)
            | RunEvent::Head(_)
            | RunEvent::Raw(_)
            | RunEvent::Usage(_)
            | RunEvent::Note(_)
            | RunEvent::Ended(_) => {}
        }
        deltas += u64::from(matches!(event, RunEvent::Delta(_)));
        view.transcript.apply(event.clone());
    }
    if deltas > 0 {
        view.live = Live {
            deltas: 142,
            first_token: Some(ms(312)),
            latest: Some(ms(1_933)),
            events: view.transcript.raw.count,
            stated: view.transcript.usage.completion,
        };
    }
    model.runs.all.insert(run, view);
    model.runs.latest.insert(subject.clone(), run);
    model.tests.entry(subject).or_insert_with(|| TestPane::new(BODY)).run = Some(run);
}

/// The test pane of the selected connector.
pub(super) fn pane(model: &mut Model) -> &mut TestPane {
    let subject = model.subject().unwrap();
    model.tests.entry(subject).or_insert_with(|| TestPane::new(BODY))
}

pub(super) fn head(status: u16) -> RunEvent {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    RunEvent::Head(Box::new(ResponseHead {
        status,
        version: "HTTP/2".to_owned(),
        headers: vec![
            header("content-type", "text/event-stream; charset=utf-8"),
            header("x-ratelimit-remaining-tokens", "149984"),
            header("x-request-id", "3f1c2e6a-9c1b-4d0e-8f7a-7b1f5a1f2d3c"),
            header("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
        ],
        request_id: Some("3f1c2e6a".to_owned()),
        at: ms(298),
    }))
}

pub(super) fn answer(text: &str) -> RunEvent {
    RunEvent::Delta(Delta::Answer(text.to_owned()))
}

fn raw(n: u64) -> RunEvent {
    let data =
        format!("{{\"id\":\"chatcmpl-9\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" word{n}\"}}}}]}}");
    let size = data.len();
    RunEvent::Raw(RawEvent { at: ms(312 + n * 11), kind: "message".to_owned(), data, size })
}

pub(super) fn streaming_events() -> Vec<RunEvent> {
    let mut events = vec![RunEvent::Started { queue: ms(0) }, RunEvent::Attempt { number: 1, of: 1 }, head(200)];
    events.extend((0..142).map(raw));
    events.push(answer(STORY));
    events
}

pub(super) fn done_events(text: &str) -> Vec<RunEvent> {
    let mut events = streaming_events();
    events.pop();
    events.push(RunEvent::Delta(Delta::Reasoning("The person greets. Answer with a story.".to_owned())));
    events.push(answer(text));
    events.push(RunEvent::Ended(Box::new(end(Outcome::Ok, None))));
    events
}

pub(super) fn tool_events() -> Vec<RunEvent> {
    let call = |slot: usize, name: &str, arguments: &str| {
        RunEvent::Delta(Delta::ToolCall(ToolCallDelta {
            slot,
            id: Some(format!("call_{slot}a7")),
            name: Some(name.to_owned()),
            arguments: arguments.to_owned(),
        }))
    };
    vec![
        head(200),
        call(0, "get_weather", "{\"city\":\"Reykjavík\",\"unit\":\"celsius\"}"),
        call(1, "get_time", "{\"zone\":\"Atlantic/Rey"),
    ]
}

pub(super) fn failed_events() -> Vec<RunEvent> {
    let failure = Failure {
        kind: ErrorKind::Auth,
        message: "the server refused the key: Incorrect API key provided: sk-••••. You can find your API key in the \
                  dashboard of your account."
            .to_owned(),
        hint: "check env:GW_KEY; a key for Azure is sent as api-key, others as Bearer".to_owned(),
        http_status: Some(401),
        attempts: 1,
    };
    vec![RunEvent::Started { queue: ms(0) }, head(401), RunEvent::Ended(Box::new(end(Outcome::Error, Some(failure))))]
}

pub(super) fn end(outcome: Outcome, failure: Option<Failure>) -> RunEnd {
    let ok = outcome == Outcome::Ok;
    RunEnd {
        outcome,
        http_status: Some(failure.as_ref().and_then(|failure| failure.http_status).unwrap_or(200)),
        failure,
        model: Some("gpt-4.1-2025-04-14".to_owned()),
        finish_reason: ok.then(|| "stop".to_owned()),
        request_id: Some("3f1c2e6a".to_owned()),
        usage: if ok { usage() } else { Usage::default() },
        timing: if ok { timing() } else { Timing { total: Some(ms(84)), ..Timing::default() } },
        attempts: 1,
        traffic: Traffic::default(),
    }
}

fn usage() -> Usage {
    Usage {
        prompt: Some(9),
        completion: Some(142),
        total: Some(151),
        cached: Some(0),
        cache_write: None,
        reasoning: Some(12),
        stated_cost: None,
        source: UsageSource::Reported,
    }
}

fn timing() -> Timing {
    Timing {
        queue: Some(Duration::from_micros(110)),
        dns: Some(Duration::from_micros(1_240)),
        connect: Some(ms(14)),
        tls: Some(ms(21)),
        first_byte: Some(ms(298)),
        first_token: Some(ms(312)),
        first_answer: Some(ms(640)),
        last_token: Some(ms(1_933)),
        total: Some(ms(1_951)),
    }
}

/// The edit pane over a new connector, empty but for what is given.
pub(super) fn new_draft(change: impl FnOnce(&mut Draft)) -> EditPane {
    let mut draft = Draft::new(Provider::Other);
    let opened = draft.clone();
    change(&mut draft);
    let mut edit = EditPane::create(opened);
    edit.draft = draft;
    edit.state.id = IdState::Suggested;
    edit.findings = edit.check(&[]).err().unwrap_or_default();
    edit
}

/// After a first try to save: every finding shows.
pub(super) fn tried(mut edit: EditPane) -> EditPane {
    edit.state.tried = Tried::Yes;
    edit
}

/// Puts the cursor of a typed text at its end.
pub(super) fn typed(text: &str) -> Box<tui_textarea::TextArea<'static>> {
    let mut area = tui_textarea::TextArea::new(text.split('\n').map(str::to_owned).collect());
    area.move_cursor(tui_textarea::CursorMove::End);
    Box::new(area)
}

pub(super) fn theme(settings: &[(&str, &str)]) -> Theme {
    let settings: BTreeMap<String, String> =
        settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Theme::from_settings(&settings).unwrap()
}

/// Shows a response tab.
pub(super) fn tab(mut model: Model, tab: ResponseTab) -> Model {
    pane(&mut model).tab = tab;
    model
}

/// Types the body.
pub(super) fn typing_body(mut model: Model, text: &str) -> Model {
    let pane = pane(&mut model);
    pane.body = typed(text);
    pane.check = TestPane::new(text).check;
    pane.typing = Typing::On;
    model
}

/// Draws a model as the loop does: once to learn the sizes, then with texts wrapped to them.
pub(super) fn drawn(mut model: Model, (width, height): (u16, u16)) -> (Buffer, Facts) {
    let area = Rect::new(0, 0, width, height);
    update(&mut model, Msg::Resize(width, height));
    for _ in 0..2 {
        let facts = crate::ui::draw(&model, &mut Buffer::empty(area));
        update(&mut model, Msg::Drawn(facts));
    }
    let mut buffer = Buffer::empty(area);
    let facts = crate::ui::draw(&model, &mut buffer);
    (buffer, facts)
}

/// A file that says something about the network, in general and for one connector.
pub(super) fn network(model: &mut Model) {
    let table = |place: &str, entries: &[(NetworkKey, &str)]| {
        let mut table = NetworkTable::default();
        for (key, text) in entries {
            table.values.set(*key, text).unwrap();
            table.places.insert(*key, place.to_owned());
        }
        table
    };
    let general = table(
        "config.toml:2",
        &[(NetworkKey::Proxy, "http://proxy.corp:3128"), (NetworkKey::ProxyBypassHosts, "*.corp, 10.0.0.0/8")],
    );
    let own = table(
        "config.toml:31",
        &[(NetworkKey::VerificationMode, "none"), (NetworkKey::ClientCert, "/etc/switchboard/client.pem")],
    );
    let layers = &mut model.config.config.settings.network;
    layers.general = vec![general];
    layers.connectors.insert("azure-prod".to_owned(), own.places);
    let entry = model.config.config.entries.iter_mut().find(|entry| entry.connector.id.as_str() == "azure-prod");
    entry.unwrap().connector.network = own.values;
}

pub(super) fn streaming() -> Model {
    let mut model = at(model(), Tab::Test);
    add_run(&mut model, "azure-prod", &streaming_events());
    model.runs.rates = crate::app::Rates { arrived: 1_400, drawn: 620 };
    model
}

pub(super) fn done(text: &str) -> Model {
    let mut model = at(model(), Tab::Test);
    add_run(&mut model, "azure-prod", &done_events(text));
    model
}

/// Presses keys, written as in `[keys]` and separated by spaces.
pub(super) fn press(model: &mut Model, keys: &str) {
    for key in keys.split_whitespace() {
        update(model, Msg::Key(key.parse().unwrap()));
    }
}

/// Types a text.
pub(super) fn write(model: &mut Model, text: &str) {
    update(model, Msg::Paste(text.to_owned()));
}

/// Draws the model and tells it what drawing found out.
pub(super) fn seen(model: &mut Model, size: (u16, u16)) -> Facts {
    let (_, facts) = drawn(model.clone(), size);
    update(model, Msg::Resize(size.0, size.1));
    update(model, Msg::Drawn(facts));
    facts
}

/// Clicks a cell.
pub(super) fn click(model: &mut Model, column: u16, row: u16) {
    update(model, Msg::Mouse(Pointer { act: PointerAct::Press, column, row }));
}

/// A row of the screen, without styles.
pub(super) fn plain_row(model: &Model, size: (u16, u16), row: u16) -> String {
    let (buffer, _) = drawn(model.clone(), size);
    (0..size.0).map(|column| buffer[(column, row)].symbol()).collect()
}
