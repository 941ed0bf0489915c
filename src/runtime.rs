//! The event loop, the task pool, the effects and the terminal guard.
//!
//! The only place that awaits and spawns for the screen. Whatever happens becomes a message for
//! [`crate::app`]; whatever that orders is carried out here, and [`crate::ui`] draws what came of it. It must
//! not decide what a key or an event means.
//!
//! `event_loop` is the heart, `inbox` gathers what runs tell, and `pace` says when it draws; `terminal` is the person's
//! terminal: `guard` takes and restores its modes, `paint` makes frames of few bytes, `tty` carries them, `input` reads
//! keys; `pool` (with `queue`, its pure rule) runs tests; `effects` carries out orders; `files` is the configuration and
//! the event log; `start` puts it all together; `picture` is the screen without a terminal.

use std::ffi::OsString;
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

use crate::config::Paths;
use crate::domain::{ErrorKind, Failure};
use crate::provider::Services;
use crate::secrets::Vault;

mod answers;
mod clinic;
mod clipboard;
mod console;
mod editor;
mod effects;
mod event_loop;
mod export;
mod files;
mod guard;
mod inbox;
mod input;
mod keys;
mod look;
mod meter;
mod moment;
mod pace;
pub mod paint;
mod picture;
mod pool;
mod queue;
mod runner;
mod sender;
mod start;
mod team;
mod terminal;
mod tty;

pub use clipboard::Clipboard;
pub use console::Signal;
pub use picture::picture;
pub use team::team;

use event_loop::Ending;
use sender::Sender;
use start::{Parts, Start};
use terminal::Screen;

/// How the screen ended, where nothing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The person quit.
    Quit,
    /// A signal asked for it.
    Signal(Signal),
}

impl Ended {
    /// The exit code: 0, or 128 and the signal's number as shells have it.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::Signal(signal) => 128 + signal.number(),
        }
    }
}

/// Runs the screen until it ends. The terminal is restored and the event log durable when this returns.
///
/// It makes a tokio runtime of its own, so it must not be called from within one.
///
/// # Errors
/// There is no terminal, or it was lost.
pub fn run(
    paths: &Paths,
    env: &dyn Fn(&str) -> Option<OsString>,
    services: Services,
    clipboard: Clipboard,
) -> Result<Ended, Failure> {
    let env = |name: &str| env(name).and_then(|value| value.into_string().ok());
    terminal::check(env("TERM").as_deref())?;
    // The same vault as that of the runs: a passphrase that was typed holds for both.
    let vault = services.resolver.vault().cloned().unwrap_or_else(|| Vault::new(&paths.vault(), None));
    let start = Start::new(paths, vault, &env, clipboard);
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| {
        let message = format!("threads cannot be started: {error}");
        Failure::new(ErrorKind::Internal, message, "close other programs, or raise the limit of processes")
    })?;
    let handle = runtime.handle().clone();
    let _threads = Threads(Some(runtime));
    handle.block_on(screen(start, services))
}

/// Leaves its threads behind when it is dropped, after a panic too: a name lookup that hangs cannot be
/// cancelled, and waiting for its thread would hold the person's shell.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn screen(start: Start, services: Services) -> Result<Ended, Failure> {
    let parts = Parts::read(start, &services.resolver);
    parts.tell_a_collector(&services)?;
    let screen = Screen::open().map_err(|error| start::lost(&error))?;
    let sender = Sender::new(services, Arc::clone(&parts.files));
    match parts.on(screen, Arc::new(sender)).run().await {
        Ending::Quit => Ok(Ended::Quit),
        Ending::Signal(signal) => Ok(Ended::Signal(signal)),
        Ending::Lost(error) => Err(start::lost(&error)),
    }
}
