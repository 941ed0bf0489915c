//! The terminal's modes, and the one guard that puts them back.
//!
//! The screen takes raw mode, the alternate screen, bracketed paste and a hidden cursor; the mouse stays the
//! terminal's own, so that text can be selected, until the person asks for it. Whatever way the program ends, short of
//! `kill -9`, [`Guard`] restores them: when it is dropped on return and error, and from a panic hook before the message
//! is printed. Signals end the loop, which drops the guard.

use std::io;
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::style::Print;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

use super::console::MOUSE_OFF;

/// Holds the terminal's modes while it lives.
pub(super) struct Guard {
    taken: Arc<AtomicBool>,
    previous: Hook,
}

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

impl Guard {
    /// Takes the terminal. A failure half way puts back what was taken.
    pub(super) fn take() -> io::Result<Self> {
        let taken = Arc::new(AtomicBool::new(false));
        let previous: Hook = Arc::from(panic::take_hook());
        panic::set_hook(hook(thread::current().id(), Arc::clone(&taken), Arc::clone(&previous)));
        let guard = Self { taken, previous };
        guard.enter()?;
        Ok(guard)
    }

    /// Takes the modes again.
    pub(super) fn enter(&self) -> io::Result<()> {
        self.taken.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)
    }

    /// Puts the modes back.
    pub(super) fn restore(&self) {
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
        let (output, modes) = in_a_terminal("runtime::guard::tests::panics_in_the_interface");
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
    fn modes_that_were_not_taken_are_not_put_back() {
        let taken = AtomicBool::new(false);
        restore(&taken);
        assert!(!taken.load(Ordering::SeqCst));
    }
}
