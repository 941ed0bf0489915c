//! The README's picture: the demo's screen, drawn from its own configuration and from real replies of the sandbox.
//! Times alone are set, since they are never the same twice. `SWITCHBOARD_UPDATE_PICTURES=1` takes a new picture.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{environment, furnish};
use crate::app::model::{ConfigState, Look};
use crate::app::{Effect, Model, Msg, update};
use crate::cli::services;
use crate::domain::{RunCounts, RunEvent, RunId, Timing, TokenSums, Totals, UsageSummary};
use crate::provider::{self, Call, Mode};
use crate::sandbox::{self, Options};
use crate::secrets::Env;
use crate::{config, ui};

const SIZE: (u16, u16) = (104, 26);

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// The screen under test, its sandbox, and the time.
struct Stage {
    model: Model,
    runtime: tokio::runtime::Runtime,
    env: Env,
    now: Duration,
}

impl Stage {
    fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.model, Msg::Tick(self.now));
        update(&mut self.model, msg)
    }

    fn press(&mut self, keys: &str) -> Vec<Effect> {
        keys.split(' ').flat_map(|key| self.tell(Msg::Key(key.parse().unwrap()))).collect()
    }

    /// What the sandbox answers to a run that was ordered.
    fn answered(&self, effects: Vec<Effect>) -> (RunId, Vec<RunEvent>) {
        let start = effects.into_iter().find_map(|effect| {
            let Effect::Start(start) = effect else { return None };
            Some(start)
        });
        let start = start.expect("a run was ordered");
        let call = Call {
            run: start.run,
            connector: start.connector,
            policy: start.policy,
            body: start.body,
            mode: Mode::Stream,
            queued: Duration::ZERO,
        };
        let services = services(&self.env);
        let (sender, mut batches) = mpsc::channel::<(RunId, Vec<RunEvent>)>(64);
        let told = self.runtime.block_on(async {
            let run = async {
                provider::execute(call, &services, &sender, CancellationToken::new()).await;
                drop(sender);
            };
            let hear = async {
                let mut events = Vec::new();
                while let Some((_, batch)) = batches.recv().await {
                    events.extend(batch);
                }
                events
            };
            tokio::join!(run, hear).1
        });
        (start.run, told.into_iter().map(timed).collect())
    }

    /// Runs the connector of a row to its end, and goes to the next.
    fn run(&mut self) {
        let effects = self.press("r");
        let (run, events) = self.answered(effects);
        self.tell(Msg::Run(run, events));
    }

    /// As much of a run as came in its first second and a bit.
    fn begin(&mut self, deltas: usize) {
        let effects = self.press("enter r");
        let (run, events) = self.answered(effects);
        let mut left = deltas;
        for event in events {
            let is_delta = matches!(event, RunEvent::Delta(_));
            if is_delta && left == 0 {
                break;
            }
            self.now += match (is_delta, left == deltas) {
                (true, true) => ms(200),
                (true, false) => ms(16),
                (false, _) => Duration::ZERO,
            };
            left -= usize::from(is_delta);
            self.tell(Msg::Run(run, vec![event]));
        }
    }
}

fn timed(mut event: RunEvent) -> RunEvent {
    if let RunEvent::Ended(end) = &mut event {
        end.timing = Timing { first_token: end.timing.first_token.map(|_| ms(203)), ..Timing::default() };
    }
    event
}

fn stage(place: &Path) -> Stage {
    let runtime = crate::cli::tokio_runtime().unwrap();
    let options = Options { first_token: ms(1), tokens_per_second: 5000.0, ..Options::default() };
    let sandbox = runtime.block_on(sandbox::bind(options)).unwrap();
    let paths = furnish(place, &sandbox.base_url()).unwrap();
    runtime.spawn(sandbox.serve(CancellationToken::new()));
    let config = config::load(&paths).unwrap();
    let path = "~/.config/switchboard/config.toml".to_owned();
    let model = Model::new(ConfigState { path, config, problem: None }, Look::default(), 1);
    let outer: Env = std::sync::Arc::new(|_| None);
    Stage { model, runtime, env: environment(&outer), now: ms(0) }
}

/// Finished runs are in the log, which the demo would have been told of.
fn logged() -> UsageSummary {
    let mut per_minute = vec![0; 60];
    per_minute[54..].copy_from_slice(&[38, 0, 91, 84, 40, 121]);
    UsageSummary {
        today: Totals {
            runs: RunCounts { all: 4, failed: 2, ..RunCounts::default() },
            tokens: TokenSums { prompt: 18, completion: 186, total: 204, reasoning: 38, ..TokenSums::default() },
            ..Totals::default()
        },
        per_minute,
        budgets: Vec::new(),
        notice: None,
    }
}

fn picture() -> String {
    let place = tempfile::tempdir().unwrap();
    let mut stage = stage(place.path());
    stage.tell(Msg::Resize(SIZE.0, SIZE.1));
    stage.run();
    stage.press("j j");
    stage.run();
    stage.press("j j j j");
    stage.run();
    stage.press("j j");
    stage.run();
    stage.now = ms(20_000);
    stage.tell(Msg::Usage(Ok(logged())));
    stage.press("g j");
    stage.begin(60);
    stage.tell(Msg::Rate(16_100));
    for _ in 0..3 {
        let facts = ui::picture(&stage.model, SIZE).1;
        stage.tell(Msg::Drawn(facts));
    }
    let picture = ui::picture(&stage.model, SIZE).0;
    stage.runtime.shutdown_background();
    picture
}

#[test]
fn the_picture_of_the_readme_is_what_the_demo_shows() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/screen.svg");
    let now = picture();
    if std::env::var_os("SWITCHBOARD_UPDATE_PICTURES").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == now,
        "the demo's screen is another now; SWITCHBOARD_UPDATE_PICTURES=1 cargo test takes its picture"
    );
    let readme = include_str!("../../../README.md");
    assert!(readme.contains("(tests/pictures/screen.svg)"), "the README shows it");
}
