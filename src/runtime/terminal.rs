//! The terminal's modes, and the one guard that puts them back.
//!
//! The screen takes raw mode, the alternate screen, bracketed paste and a hidden cursor; the mouse stays the
//! terminal's own, so that text can be selected, until the person asks for it. Whatever way the program ends, short of `kill -9`,
//! [`Guard`] restores them: when it is dropped on return and error, and from a panic hook before the message
//! is printed. Signals arrive as [`Heard::Signal`] and end the loop, which drops the guard.

use std::future::pending;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste, Event, EventStream};
use crossterm::execute;
use crossterm::style::Print;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use futures_util::StreamExt;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::signal::unix::{self, SignalKind};

use super::console::{Console, Heard, MOUSE_OFF, Signal};
use crate::domain::{ErrorKind, Failure};

/// Refuses what is no terminal, and terminals that cannot place a cursor.
pub(super) fn check(term: Option<&str>) -> Result<(), Failure> {
    let hint = "use a command instead: `switchboard list`, `switchboard test ID`, `switchboard --help`";
    if !io::stdout().is_terminal() {
        return Err(Failure::new(ErrorKind::Config, "the screen needs a terminal, and the output is none", hint));
    }
    refuse_dumb(term, hint)
}

fn refuse_dumb(term: Option<&str>, hint: &str) -> Result<(), Failure> {
    match term {
        Some("dumb") => {
            Err(Failure::new(ErrorKind::Config, "the screen cannot be drawn on this terminal (TERM=dumb)", hint))
        }
        Some(_) | None => Ok(()),
    }
}

/// Holds the terminal's modes while it lives.
struct Guard {
    taken: Arc<AtomicBool>,
    previous: Hook,
}

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

impl Guard {
    /// Takes the terminal. A failure half way puts back what was taken.
    fn take() -> io::Result<Self> {
        let taken = Arc::new(AtomicBool::new(false));
        let previous: Hook = Arc::from(panic::take_hook());
        panic::set_hook(hook(thread::current().id(), Arc::clone(&taken), Arc::clone(&previous)));
        let guard = Self { taken, previous };
        guard.enter()?;
        Ok(guard)
    }

    fn enter(&self) -> io::Result<()> {
        self.taken.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)
    }

    fn restore(&self) {
        restore(&self.taken);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.restore();
        // The hook cannot be changed while a panic unwinds, and need not be.
        if !thread::panicking() {
            let previous = Arc::clone(&self.previous);
            panic::set_hook(Box::new(move |info| previous(info)));
        }
    }
}

/// A panic of the interface ends the program, so its message must be readable. A panic of a run ends that
/// run alone and is told there; printing it would tear the screen.
fn hook(ui: ThreadId, taken: Arc<AtomicBool>, previous: Hook) -> Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync> {
    Box::new(move |info| {
        if thread::current().id() == ui {
            restore(&taken);
            previous(info);
        }
    })
}

/// Puts the modes back, once. Errors are dropped: a terminal that hung up takes no more sequences.
fn restore(taken: &AtomicBool) {
    if taken.swap(false, Ordering::SeqCst) {
        execute!(io::stdout(), Print(MOUSE_OFF), DisableBracketedPaste, Show, LeaveAlternateScreen).ok();
        disable_raw_mode().ok();
    }
}

/// The person's terminal.
pub(super) struct Screen {
    // Dropped in this order: the key reader and the frames before the modes.
    keys: Option<EventStream>,
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    signals: Signals,
    guard: Guard,
}

impl Screen {
    /// Takes the terminal. Needs a tokio runtime, for the signals.
    pub(super) fn open() -> io::Result<Self> {
        let signals = Signals::listen()?;
        let guard = Guard::take()?;
        // One write a frame: a half-drawn screen is never seen.
        let out = BufWriter::with_capacity(64 << 10, io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(out))?;
        Ok(Self { keys: Some(EventStream::new()), terminal, signals, guard })
    }
}

impl Console for Screen {
    type Backend = CrosstermBackend<BufWriter<Stdout>>;

    fn terminal(&mut self) -> &mut Terminal<Self::Backend> {
        &mut self.terminal
    }

    async fn next(&mut self) -> Heard {
        tokio::select! {
            biased;
            signal = self.signals.next() => Heard::Signal(signal),
            event = event(self.keys.as_mut()) => match event {
                Ok(event) => Heard::Event(event),
                Err(error) => Heard::Gone(error),
            },
        }
    }

    fn give_away(&mut self) {
        // A live key reader would steal the other program's keys.
        self.keys = None;
        self.guard.restore();
    }

    fn take_back(&mut self) -> io::Result<()> {
        self.guard.enter()?;
        self.keys = Some(EventStream::new());
        self.wipe()
    }

    fn control(&mut self, sequence: &str) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(sequence.as_bytes())?;
        out.flush()
    }
}

async fn event(keys: Option<&mut EventStream>) -> io::Result<Event> {
    let Some(keys) = keys else { return pending().await };
    keys.next().await.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))
}

struct Signals {
    hangup: unix::Signal,
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            hangup: unix::signal(SignalKind::hangup())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            Some(()) = self.hangup.recv() => Signal::Hangup,
            Some(()) = self.interrupt.recv() => Signal::Interrupt,
            Some(()) = self.terminate.recv() => Signal::Terminate,
            else => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::num::NonZeroU16;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::*;

    /// Runs one of the tests below in a terminal of its own; returns what came out of it and its modes at the end.
    fn in_a_terminal(test: &str) -> (Vec<u8>, String) {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
        let mut child = pair.slave.spawn_command(command).unwrap();
        let modes = format!("{:?}", pair.master.get_termios().unwrap().local_flags);
        assert!(modes.contains("ICANON"), "{modes}");
        let mut reader = pair.master.try_clone_reader().unwrap();
        // The slave stays open here, or the end would come before the modes can be asked for.
        let output = thread::spawn(move || {
            let mut all = Vec::new();
            // A terminal whose other side is closed ends with an error.
            reader.read_to_end(&mut all).ok();
            all
        });
        assert!(!child.wait().unwrap().success(), "a panic fails the test that was run");
        let modes = format!("{:?}", pair.master.get_termios().unwrap().local_flags);
        drop(pair);
        (output.join().unwrap(), modes)
    }

    #[test]
    #[ignore = "panics on purpose; run in a terminal by the tests below"]
    fn panics_in_the_interface() {
        let _guard = Guard::take().unwrap();
        panic!("told after all");
    }

    #[test]
    fn a_panic_of_the_interface_restores_the_terminal_before_it_is_told() {
        let (output, modes) = in_a_terminal("runtime::terminal::tests::panics_in_the_interface");
        let mut screen = vt100::Parser::new(NonZeroU16::new(24).unwrap(), NonZeroU16::new(80).unwrap(), 0);
        screen.process(&output);
        let screen = screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        let output = String::from_utf8_lossy(&output);
        let at = |what: &str| output.find(what).unwrap_or_else(|| panic!("{what:?} is not in {output:?}"));
        assert!(at("\u{1b}[?1049h") < at("\u{1b}[?1049l") && at("\u{1b}[?1049l") < at("told after all"));
        assert!(["ICANON", "ECHO", "ISIG"].iter().all(|mode| modes.contains(mode)), "still raw: {modes}");
    }

    #[test]
    fn a_dumb_terminal_is_refused_with_a_way_out() {
        let failure = refuse_dumb(Some("dumb"), "use a command").unwrap_err();
        assert_eq!(failure.kind.exit_code(), 2);
        assert_eq!(failure.hint, "use a command");
        assert_eq!(refuse_dumb(Some("xterm-256color"), ""), Ok(()));
        assert_eq!(refuse_dumb(None, ""), Ok(()));
    }

    #[test]
    fn modes_that_were_not_taken_are_not_put_back() {
        let taken = AtomicBool::new(false);
        restore(&taken);
        assert!(!taken.load(Ordering::SeqCst));
    }
}
