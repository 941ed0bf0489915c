//! What the event loop needs of a terminal, so that a test can script one.

use std::future::Future;
use std::io;

use crossterm::event::Event;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

/// Tells the terminal to hand over presses and the wheel, as numbers without a limit. Moves are not asked for: they
/// would come by the hundred.
pub(super) const MOUSE_ON: &str = "\u{1b}[?1000h\u{1b}[?1006h";
/// Leaves the mouse to the terminal.
pub(super) const MOUSE_OFF: &str = "\u{1b}[?1006l\u{1b}[?1000l";

/// A terminal: frames out, keys and signals in.
pub(super) trait Console {
    /// Its size now.
    fn size(&self) -> io::Result<Size>;

    /// An empty sheet of its size for the next frame.
    fn sheet(&mut self) -> io::Result<&mut Buffer>;

    /// Brings the sheet onto the screen. What shows already costs nothing.
    fn show(&mut self) -> io::Result<()>;

    /// False while it has not taken the last frame: another would only wait.
    fn is_ready(&self) -> bool;

    /// Bytes it was sent so far.
    fn sent(&self) -> u64;

    /// The next thing that is heard. Nothing is lost when the future is dropped; it never ends while the
    /// terminal is given away, unless a signal comes.
    fn next(&mut self) -> impl Future<Output = Heard>;

    /// Leaves the terminal to another program: its modes are put back and its keys are no longer read.
    fn give_away(&mut self);

    /// Leaves the terminal to the shell that started us, and stops. [`Heard::Resumed`] comes when it goes on.
    fn suspend(&mut self) -> io::Result<()>;

    /// Takes the terminal back after [`Console::give_away`] or [`Console::suspend`]; the next frame draws everything.
    fn take_back(&mut self) -> io::Result<()>;

    /// Something else is on the screen: the next frame draws everything.
    fn wipe(&mut self);

    /// Writes a control sequence beside the frames.
    fn control(&mut self, sequence: &str) -> io::Result<()>;
}

/// What a terminal tells.
#[derive(Debug)]
pub(super) enum Heard {
    /// A key, a paste, the mouse.
    Event(Event),
    /// Its size has changed.
    Size,
    /// It took the last frame.
    Ready,
    /// The program was stopped and goes on.
    Resumed,
    /// The system wants the program to end.
    Signal(Signal),
    /// The terminal is gone.
    Gone(io::Error),
}

/// Signals that end the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The terminal hung up.
    Hangup,
    /// Sent by hand; in raw mode `ctrl-c` is a key and no signal.
    Interrupt,
    /// Asked to end.
    Terminate,
}

impl Signal {
    /// Its number, the same on every Unix.
    pub fn number(self) -> u8 {
        match self {
            Self::Hangup => 1,
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }
}
