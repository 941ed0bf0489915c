//! The scripted terminal, the provider that is played, and the hands of a test.

use std::collections::BTreeMap;
use std::fs;
use std::future::pending;
use std::sync::{Arc, Mutex};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::future::BoxFuture;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::app::effect::{Examine, Start};
use crate::app::overlay::Page;
use crate::config::Paths;
use crate::domain::policy::NetworkEnv;
use crate::domain::{
    Delta, DoctorEvent, DoctorStage, Failure, Lane, Outcome, RunEnd, RunEvent, StageReport, Timing, Traffic, Usage,
};
use crate::net::Clients;
use crate::provider::Services;
use crate::runtime::runner::{Ended, Runner, Seat};
use crate::runtime::sender::Sender;
use crate::runtime::start::{self, Parts};
use crate::secrets::Resolver;

/// A test that waits longer has failed.
const DEADLINE: Duration = Duration::from_secs(20);

/// What the scripted console tells the test.
#[derive(Debug, Default, Clone)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) frames: usize,
    pub(super) given_away: usize,
    pub(super) taken_back: usize,
    pub(super) suspended: usize,
    pub(super) control: Vec<String>,
}

/// A console without a terminal; what is on it is published with each frame.
pub(super) struct Script {
    sheet: Buffer,
    size: Arc<Mutex<Size>>,
    heard: mpsc::Receiver<Heard>,
    shown: watch::Sender<Shown>,
}

fn text(sheet: &Buffer) -> String {
    let rows = sheet.content.chunks(usize::from(sheet.area.width).max(1));
    let rows = rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>());
    rows.collect::<Vec<_>>().join("\n")
}

impl Console for Script {
    fn size(&self) -> io::Result<Size> {
        Ok(*self.size.lock().unwrap())
    }

    fn sheet(&mut self) -> io::Result<&mut Buffer> {
        let size = self.size()?;
        self.sheet = Buffer::empty(Rect::new(0, 0, size.width, size.height));
        Ok(&mut self.sheet)
    }

    fn show(&mut self) -> io::Result<()> {
        let text = text(&self.sheet);
        self.shown.send_modify(|shown| {
            shown.text = text;
            shown.frames += 1;
        });
        Ok(())
    }

    fn is_ready(&self) -> bool {
        true
    }

    fn sent(&self) -> u64 {
        0
    }

    async fn next(&mut self) -> Heard {
        match self.heard.recv().await {
            Some(heard) => heard,
            None => pending().await,
        }
    }

    fn give_away(&mut self) {
        self.shown.send_modify(|shown| shown.given_away += 1);
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.shown.send_modify(|shown| shown.suspended += 1);
        Ok(())
    }

    fn take_back(&mut self) -> io::Result<()> {
        self.shown.send_modify(|shown| shown.taken_back += 1);
        Ok(())
    }

    fn wipe(&mut self) {}

    fn control(&mut self, sequence: &str) -> io::Result<()> {
        self.shown.send_modify(|shown| shown.control.push(sequence.to_owned()));
        Ok(())
    }
}

/// Plays the provider: each run streams what the test hands it.
#[derive(Default)]
pub(super) struct Player {
    lines: Mutex<BTreeMap<String, mpsc::Sender<RunEvent>>>,
    recorded: Mutex<Vec<(String, Outcome)>>,
    bodies: Mutex<Vec<String>>,
}

impl Runner for Player {
    fn execute(&self, start: Arc<Start>, seat: Seat) -> BoxFuture<'static, RunEnd> {
        let (line, mut cue) = mpsc::channel(64);
        self.bodies.lock().unwrap().push(start.body.clone());
        self.lines.lock().unwrap().insert(start.connector.id.to_string(), line);
        Box::pin(async move {
            let tell = |event| seat.events.send((start.run, vec![event]));
            tell(RunEvent::Started { queue: seat.queue }).await.ok();
            let outcome = loop {
                let event = tokio::select! {
                    () = seat.cancel.cancelled() => break Outcome::Cancelled,
                    event = cue.recv() => event,
                };
                let Some(event) = event else { break Outcome::Ok };
                tell(event).await.ok();
            };
            let end = end(outcome);
            tell(RunEvent::Ended(Box::new(end.clone()))).await.ok();
            end
        })
    }

    fn record(&self, ended: &Ended<'_>) {
        let row = (ended.start.connector.id.to_string(), ended.end.outcome);
        self.recorded.lock().unwrap().push(row);
    }

    /// Tells that it begins, and goes on until it is stopped.
    fn examine(
        &self,
        examine: Examine,
        out: mpsc::Sender<DoctorEvent>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, ()> {
        let what = StageReport::ok(DoctorStage::Config, format!("the URL is {}", examine.connector.url));
        Box::pin(async move {
            out.send(DoctorEvent::Told(Lane::Configured, Box::new(what))).await.ok();
            cancel.cancelled().await;
        })
    }

    fn preview(&self, start: Start) -> Result<Page, Failure> {
        Ok(Page { title: "Preview".into(), lines: vec![format!("POST {}", start.connector.url)], top: 0 })
    }
}

fn end(outcome: Outcome) -> RunEnd {
    RunEnd {
        outcome,
        failure: None,
        http_status: Some(200),
        model: None,
        finish_reason: None,
        request_id: None,
        usage: Usage::default(),
        timing: Timing::default(),
        attempts: 1,
        traffic: Traffic::default(),
    }
}

/// The hands and eyes of a test.
pub(super) struct Stage {
    keys: mpsc::Sender<Heard>,
    shown: watch::Receiver<Shown>,
    size: Arc<Mutex<Size>>,
    player: Arc<Player>,
    home: TempDir,
}

impl Stage {
    /// Presses keys as `[keys]` writes them, separated by spaces.
    pub(super) async fn press(&self, keys: &str) {
        for key in keys.split(' ') {
            self.hear(Heard::Event(Event::Key(event(key)))).await;
        }
    }

    /// Types a text in one paste, as a terminal hands it over.
    pub(super) async fn paste(&self, text: &str) {
        self.hear(Heard::Event(Event::Paste(text.to_owned()))).await;
    }

    pub(super) async fn hear(&self, heard: Heard) {
        timeout(DEADLINE, self.keys.send(heard)).await.expect("the loop listens").expect("the loop lives");
    }

    pub(super) async fn resize(&self, width: u16, height: u16) {
        *self.size.lock().unwrap() = Size { width, height };
        self.hear(Heard::Size).await;
    }

    /// Waits until the screen shows this.
    pub(super) async fn sees(&mut self, text: &str) {
        self.until(text, |shown| shown.text.contains(text)).await;
    }

    /// Waits until the screen does not show this any more.
    pub(super) async fn sees_no(&mut self, text: &str) {
        self.until(text, |shown| !shown.text.contains(text)).await;
    }

    pub(super) async fn until(&mut self, what: &str, is: impl Fn(&Shown) -> bool) {
        let waited = timeout(DEADLINE, self.shown.wait_for(|shown| is(shown))).await.map(|seen| seen.is_ok());
        assert_eq!(waited, Ok(true), "waited for {what:?}; the screen:\n{}", self.shown.borrow().text);
    }

    pub(super) fn shown(&self) -> Shown {
        self.shown.borrow().clone()
    }

    /// The provider says this to the connector's run.
    pub(super) async fn says(&self, connector: &str, text: &str) {
        let line = self.player.lines.lock().unwrap().get(connector).cloned().expect("a run");
        line.send(RunEvent::Delta(Delta::Answer(text.to_owned()))).await.expect("the run listens");
    }

    /// The provider ends the connector's run.
    pub(super) fn ends(&self, connector: &str) {
        self.player.lines.lock().unwrap().remove(connector);
    }

    pub(super) fn recorded(&self) -> Vec<(String, Outcome)> {
        self.player.recorded.lock().unwrap().clone()
    }

    pub(super) fn bodies(&self) -> Vec<String> {
        self.player.bodies.lock().unwrap().clone()
    }

    pub(super) fn event_log(&self) -> std::path::PathBuf {
        self.home.path().join("state/events.db")
    }

    pub(super) fn config_file(&self) -> std::path::PathBuf {
        self.home.path().join("config.toml")
    }
}

fn event(key: &str) -> KeyEvent {
    let (modifiers, key) = match key.strip_prefix("ctrl-") {
        Some(key) => (KeyModifiers::CONTROL, key),
        None => (KeyModifiers::NONE, key),
    };
    let code = match key {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "down" => KeyCode::Down,
        "end" => KeyCode::End,
        key => KeyCode::Char(key.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

/// Three connectors, and places for two runs.
pub(super) const CONFIG: &str = r#"# kept
[pool]
max_running = 2

[connectors.alpha]
name = "Alpha"
provider = "openai"
url = "http://127.0.0.1:9/v1/chat/completions"
default_model = "m"

[connectors.beta]
name = "Beta"
provider = "other"
url = "http://127.0.0.1:9/v1"
default_model = "m"

[connectors.gamma]
name = "Gamma"
provider = "other"
url = "http://127.0.0.1:9/v1"
default_model = "m"
"#;

/// What a test starts with.
pub(super) struct Setup {
    pub(super) config: String,
    pub(super) editor: String,
    pub(super) log: Log,
}

/// Whether there can be an event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    Usable,
    /// A file stands where its directory should be.
    Blocked,
}

impl Setup {
    pub(super) fn new(config: &str) -> Self {
        Self { config: config.to_owned(), editor: "true".to_owned(), log: Log::Usable }
    }
}

/// Plays a test against the loop over [`CONFIG`], and returns how the loop ended.
pub(super) async fn play<F: Future<Output = Stage>>(test: impl FnOnce(Stage) -> F) -> (Ending, Stage) {
    play_with(Setup::new(CONFIG), test).await
}

/// [`play`] over something else.
pub(super) async fn play_with<F: Future<Output = Stage>>(
    setup: Setup,
    test: impl FnOnce(Stage) -> F,
) -> (Ending, Stage) {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("config.toml"), setup.config).unwrap();
    if setup.log == Log::Blocked {
        fs::write(home.path().join("state"), "in the way").unwrap();
    }
    let player = Arc::new(Player::default());
    let parts = Parts::read(begin(&home, &setup.editor), &Resolver::new(Arc::new(|_| None)));
    let (console, stage) = console(home, Arc::clone(&player));
    let whole = async { tokio::join!(parts.on(console, player).run(), test(stage)) };
    timeout(2 * DEADLINE, whole).await.expect("the loop ends")
}

/// [`play`] with the runner of the product, which sends what is asked for.
pub(super) async fn play_for_real<F: Future<Output = Stage>>(
    config: &str,
    test: impl FnOnce(Stage) -> F,
) -> (Ending, Stage) {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("config.toml"), config).unwrap();
    let parts = Parts::read(begin(&home, "true"), &Resolver::new(Arc::new(|_| None)));
    let env = |name: &str| (name == "KEY").then(|| crate::sandbox::KEY.into());
    let services = Services::new(Clients::default(), Resolver::new(Arc::new(env)));
    let sender = Arc::new(Sender::new(services, Arc::clone(&parts.files)));
    let (console, stage) = console(home, Arc::default());
    let whole = async { tokio::join!(parts.on(console, sender).run(), test(stage)) };
    timeout(2 * DEADLINE, whole).await.expect("the loop ends")
}

fn begin(home: &TempDir, editor: &str) -> start::Start {
    let clipboard = crate::runtime::Clipboard::Auto;
    let state_dir = home.path().join("state");
    let paths = Paths {
        user_file: home.path().join("config.toml"),
        system_file: None,
        state_dir,
        network: NetworkEnv::default(),
    };
    let vault = crate::secrets::Vault::new(&paths.vault(), None);
    start::Start::new(&paths, vault, &|name| (name == "EDITOR").then(|| editor.to_owned()), clipboard)
}

fn console(home: TempDir, player: Arc<Player>) -> (Script, Stage) {
    let size = Arc::new(Mutex::new(Size { width: 120, height: 40 }));
    let (told, shown) = watch::channel(Shown::default());
    let (keys, heard) = mpsc::channel(64);
    let script = Script { sheet: Buffer::default(), size: Arc::clone(&size), heard, shown: told };
    (script, Stage { keys, shown, size, player, home })
}
