//! What the event loop needs of a terminal, so that a test can script one.

use std::future::Future;
use std::io;

use crossterm::event::Event;
use ratatui::Terminal;
use ratatui::backend::Backend;

/// Tells the terminal to hand over presses and the wheel, as numbers without a limit. Moves are not asked for: they
/// would come by the hundred.
pub(super) const MOUSE_ON: &str = "\u{1b}[?1000h\u{1b}[?1006h";
/// Leaves the mouse to the terminal.
pub(super) const MOUSE_OFF: &str = "\u{1b}[?1006l\u{1b}[?1000l";

/// A terminal: frames out, keys and signals in.
pub(super) trait Console {
    /// What frames are drawn on.
    type Backend: Backend<Error = io::Error>;

    /// Where frames are drawn.
    fn terminal(&mut self) -> &mut Terminal<Self::Backend>;

    /// The next thing that is heard. Nothing is lost when the future is dropped; it never ends while the
    /// terminal is given away, unless a signal comes.
    fn next(&mut self) -> impl Future<Output = Heard>;

    /// Leaves the terminal to another program: its modes are put back and its keys are no longer read.
    fn give_away(&mut self);

    /// Takes the terminal back after [`Console::give_away`].
    fn take_back(&mut self) -> io::Result<()>;

    /// Empties the screen, so that the next frame draws everything. `Terminal::clear` would ask the terminal
    /// for its cursor and wait for an answer that the key reader takes.
    fn wipe(&mut self) -> io::Result<()> {
        let size = self.terminal().size()?;
        self.terminal().resize(size.into())
    }

    /// Writes a control sequence beside the frames.
    fn control(&mut self, sequence: &str) -> io::Result<()>;
}

/// What a terminal tells.
#[derive(Debug)]
pub(super) enum Heard {
    /// A key, a paste or a size.
    Event(Event),
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
