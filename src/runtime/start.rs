//! From files and environment to a screen that is ready to run.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc::channel;

use super::clipboard::Clipboard;
use super::console::Console;
use super::editor;
use super::effects::{Hands, Multiplexer, Office, Tools};
use super::event_loop::EventLoop;
use super::files::{self, Files, Log};
use super::inbox::{Gathered, Inbox};
use super::look::{Display, look};
use super::pool::Pool;
use super::runner::Runner;
use super::team::team;
use crate::app::Model;
use crate::app::model::{ConfigState, Look};
use crate::config::{Config, Paths};
use crate::domain::text::clean_line;
use crate::domain::{ErrorKind, Failure};
use crate::provider::Services;
use crate::secrets::{Resolver, Vault};
use crate::store::Retention;
use crate::telemetry::Telemetry;

/// Answers of errands that may wait.
const ANSWERS: usize = 64;

/// What the program was started with.
pub(super) struct Start {
    /// Where the files are.
    pub(super) paths: Paths,
    /// Where typed keys go.
    pub(super) vault: Vault,
    /// What the terminal can show.
    pub(super) display: Display,
    /// The person's tools.
    pub(super) tools: Tools,
    /// The home directory, to shorten paths.
    pub(super) home: Option<String>,
}

impl Start {
    /// Reads the environment's variables.
    pub(super) fn new(paths: &Paths, vault: Vault, env: &dyn Fn(&str) -> Option<String>, clipboard: Clipboard) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let tmux = if set("TMUX").is_some() { Multiplexer::Tmux } else { Multiplexer::None };
        let editor = editor::command(env("VISUAL"), env("EDITOR"));
        Self {
            paths: paths.clone(),
            vault,
            display: Display::from_env(env),
            tools: Tools { editor, clipboard, tmux, home: set("HOME") },
            home: set("HOME"),
        }
    }
}

/// A screen's parts, before there is a terminal.
pub(super) struct Parts {
    pub(super) model: Model,
    pub(super) files: Arc<Files>,
    pub(super) tools: Tools,
}

impl Parts {
    /// Reads the configuration. A broken one is no reason not to start: the screen says where it broke. The event log is
    /// not touched before the first frame is on its way.
    pub(super) fn read(start: Start, resolver: &Resolver) -> Self {
        let path = shown(&start.paths.user_file, start.home.as_deref());
        let sight = files::load(&start.paths, start.display);
        let ((config, look), problem) = match sight.read {
            Ok(read) => (read, None),
            Err(problem) => (nothing(start.display), Some(problem)),
        };
        let retention = Retention {
            keep: config.settings.keep_events,
            max_bytes: config.settings.max_events_size,
            now_ms: jiff::Timestamp::now().as_millisecond(),
        };
        let log = Log::new(retention, team(&config.settings, resolver));
        let config = ConfigState { path, config, problem };
        let model = Model::new(config, look, uuid::Uuid::now_v7().as_u128());
        let files = Arc::new(Files::new((start.paths, start.vault), start.display, sight.stamp, log));
        files.take_budgets(&model.config.config);
        Self { model, files, tools: start.tools }
    }

    /// Starts telemetry where the file asks for it. A file that changes later is heard at the next start.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub(super) fn tell_a_collector(&self, services: &Services) -> Result<(), Failure> {
        let settings = &self.model.config.config.settings;
        if let Some(target) = &settings.telemetry {
            let policy = settings.network.resolve(Some(&target.endpoint), None);
            self.files.tell(Telemetry::start(target, policy, services.clients.clone(), services.resolver.clone())?);
        }
        Ok(())
    }

    /// The loop over these parts.
    pub(super) fn on<C: Console>(self, console: C, runner: Arc<dyn Runner>) -> EventLoop<C> {
        let (events, runs) = Gathered::new();
        let (sender, answers) = channel(ANSWERS);
        let pool = Pool::new(Arc::clone(&runner), self.model.config.config.settings.max_running, events);
        let hands = Hands::new(pool, runner, Office { files: self.files, tools: self.tools }, sender);
        EventLoop::new(console, self.model, hands, Inbox { runs, answers })
    }
}

/// What there is when nothing could be read.
pub(super) fn nothing(display: Display) -> (Config, Look) {
    let config = Config::default();
    let look = look(&config.settings, display).unwrap_or_default();
    (config, look)
}

/// What to tell when the terminal fails.
pub(super) fn lost(error: &io::Error) -> Failure {
    let message = format!("the terminal cannot be used: {error}");
    Failure::new(ErrorKind::Internal, message, "everything saved is on disk; start again in another terminal")
}

pub(super) fn shown(path: &Path, home: Option<&str>) -> String {
    let below = home.and_then(|home| path.strip_prefix(home).ok());
    let path = below.map_or_else(|| path.to_owned(), |below| Path::new("~").join(below));
    clean_line(&path.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_below_home_are_short() {
        assert_eq!(shown(Path::new("/home/a/.config/x.toml"), Some("/home/a")), "~/.config/x.toml");
        assert_eq!(shown(Path::new("/home/ab/x.toml"), Some("/home/a")), "/home/ab/x.toml");
        assert_eq!(shown(Path::new("/etc/\u{1b}[2J"), None), "/etc/␛[2J");
    }
}
