//! The person's terminal: frames out, keys, answers and signals in.
//!
//! Owns the order of things on the terminal's line. What frames look like is the painter's affair, what bytes mean the
//! decoder's, and the modes are the guard's.

use std::collections::VecDeque;
use std::future::pending;
use std::io::{self, IsTerminal};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use rustix::process::{Signal as Number, kill_current_process_group};
use tokio::signal::unix::{self, SignalKind};

use super::console::{Console, Heard, Signal};
use super::guard::Guard;
use super::input::{Answer, Decoder, Input};
use super::moment::at;
use super::paint::{Ability, Painter};
use super::tty::Tty;
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

/// Asks for synchronised output (DECRQM), then for the terminal's attributes (DA1), which nearly every one answers:
/// after that answer none is to be expected. Consoles that print a part of what they do not know do so before the
/// first frame, which wipes it.
const QUESTIONS: &[u8] = b"\x1b[?2026$p\x1b[c";
/// The private mode of synchronised output.
const SYNCHRONISED: u16 = 2026;
/// An escape key sends what every sequence begins with; the rest of one follows within this time.
const ESCAPE: Duration = Duration::from_millis(30);
/// A terminal that has not answered by now never will.
const ANSWERED: Duration = Duration::from_secs(1);
/// How long the end waits for a terminal that takes its time.
const PATIENCE: Duration = Duration::from_millis(150);
/// Where there is no shell, the system drops the signal that suspends, and nobody continues us.
const NO_SHELL: Duration = Duration::from_millis(250);

/// The person's terminal.
pub(super) struct Screen {
    line: Tty,
    painter: Painter,
    decoder: Decoder,
    heard: VecDeque<Heard>,
    /// When the terminal was asked what it can do, until it answered.
    asked: Option<Instant>,
    /// When the last bytes came.
    latest: Instant,
    holder: Holder,
    signals: Signals,
    // Dropped last: the modes are put back when nothing is drawn any more.
    guard: Guard,
}

/// Who has the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Us,
    Program,
    Shell { since: Instant },
}

impl Screen {
    /// Takes the terminal and asks what it can do; nobody waits for the answer. Needs a tokio runtime.
    pub(super) fn open() -> io::Result<Self> {
        let signals = Signals::listen()?;
        let mut line = Tty::open()?;
        let guard = Guard::take()?;
        line.send(QUESTIONS)?;
        let now = Instant::now();
        Ok(Self {
            line,
            painter: Painter::new(),
            decoder: Decoder::default(),
            heard: VecDeque::new(),
            asked: Some(now),
            latest: now,
            holder: Holder::Us,
            signals,
            guard,
        })
    }

    fn understand(&mut self, inputs: Vec<Input>) {
        for input in inputs {
            match input {
                Input::Event(event) => self.heard.push_back(Heard::Event(event)),
                Input::Answer(answer) => self.learn(answer),
            }
        }
    }

    /// What the terminal can do is used from the next frame on.
    fn learn(&mut self, answer: Answer) {
        let mut abilities = self.painter.abilities();
        match answer {
            Answer::Attributes => {
                self.asked = None;
                abilities.scrolling = Ability::Told;
            }
            Answer::Mode(SYNCHRONISED) => abilities.synchronised = Ability::Told,
            Answer::Mode(_) | Answer::NoMode(_) => {}
        }
        self.painter.learn(abilities);
    }

    fn noticed(&mut self, notice: Notice) {
        let heard = match (notice, self.holder) {
            (Notice::End(signal), _) => Heard::Signal(signal),
            // The program that has the terminal was continued too.
            (Notice::Size | Notice::Continued, Holder::Program) => return,
            (Notice::Size, Holder::Us | Holder::Shell { .. }) => Heard::Size,
            (Notice::Continued, Holder::Us | Holder::Shell { .. }) => Heard::Resumed,
        };
        self.heard.push_back(heard);
    }

    /// Nothing half-written stays behind, and no answer that a shell would take for typing.
    fn leave(&mut self) {
        self.line.settle(PATIENCE);
        if self.asked.take_if(|asked| asked.elapsed() < ANSWERED).is_some() {
            self.await_answer();
        }
        self.guard.restore();
    }

    fn await_answer(&mut self) {
        let end = Instant::now() + PATIENCE;
        while let Some(bytes) = self.line.wait(end) {
            if self.decoder.feed(&bytes).contains(&Input::Answer(Answer::Attributes)) {
                return;
            }
        }
    }

    /// When what waits in the decoder is a key after all.
    fn escape(&self) -> Option<Instant> {
        match self.holder {
            Holder::Us => self.decoder.is_waiting().then(|| self.latest + ESCAPE),
            Holder::Program => None,
            Holder::Shell { since } => Some(since + NO_SHELL),
        }
    }

    fn time_passed(&mut self) {
        match self.holder {
            Holder::Us => {
                let inputs = self.decoder.give_up();
                self.understand(inputs);
            }
            Holder::Program => {}
            Holder::Shell { .. } => self.heard.push_back(Heard::Resumed),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A panic has put the modes back already, and its message is on the screen.
        if !thread::panicking() && self.holder == Holder::Us {
            self.leave();
        }
    }
}

impl Console for Screen {
    fn size(&self) -> io::Result<Size> {
        self.line.size()
    }

    fn sheet(&mut self) -> io::Result<&mut Buffer> {
        let size = self.size()?;
        Ok(self.painter.sheet(size))
    }

    fn show(&mut self) -> io::Result<()> {
        let frame = self.painter.frame();
        self.line.send(&frame)
    }

    fn is_ready(&self) -> bool {
        self.line.is_clear()
    }

    fn sent(&self) -> u64 {
        self.line.sent()
    }

    async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return heard;
            }
            let escape = self.escape();
            let line = async {
                match self.holder {
                    Holder::Us => self.line.next().await,
                    Holder::Program | Holder::Shell { .. } => pending().await,
                }
            };
            tokio::select! {
                biased;
                notice = self.signals.next() => self.noticed(notice),
                moved = line => match moved {
                    Ok(bytes) if bytes.is_empty() => return Heard::Ready,
                    Ok(bytes) => {
                        self.latest = Instant::now();
                        let inputs = self.decoder.feed(&bytes);
                        self.understand(inputs);
                    }
                    Err(error) => return Heard::Gone(error),
                },
                () = at(escape) => self.time_passed(),
            }
        }
    }

    fn give_away(&mut self) {
        self.leave();
        self.holder = Holder::Program;
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.leave();
        self.holder = Holder::Shell { since: Instant::now() };
        Ok(kill_current_process_group(Number::TSTP)?)
    }

    fn take_back(&mut self) -> io::Result<()> {
        self.holder = Holder::Us;
        self.painter.forget();
        self.guard.enter()
    }

    fn wipe(&mut self) {
        self.painter.forget();
    }

    fn control(&mut self, sequence: &str) -> io::Result<()> {
        self.line.send(sequence.as_bytes())
    }
}

/// What a signal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notice {
    /// The program shall end.
    End(Signal),
    /// The window has another size.
    Size,
    /// The program was stopped and goes on.
    Continued,
}

struct Signals {
    hangup: unix::Signal,
    interrupt: unix::Signal,
    terminate: unix::Signal,
    window: unix::Signal,
    go_on: unix::Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            hangup: unix::signal(SignalKind::hangup())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            terminate: unix::signal(SignalKind::terminate())?,
            window: unix::signal(SignalKind::window_change())?,
            go_on: unix::signal(SignalKind::from_raw(Number::CONT.as_raw()))?,
        })
    }

    async fn next(&mut self) -> Notice {
        tokio::select! {
            Some(()) = self.hangup.recv() => Notice::End(Signal::Hangup),
            Some(()) = self.interrupt.recv() => Notice::End(Signal::Interrupt),
            Some(()) = self.terminate.recv() => Notice::End(Signal::Terminate),
            Some(()) = self.window.recv() => Notice::Size,
            Some(()) = self.go_on.recv() => Notice::Continued,
            else => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dumb_terminal_is_refused_with_a_way_out() {
        let failure = refuse_dumb(Some("dumb"), "use a command").unwrap_err();
        assert_eq!(failure.kind.exit_code(), 2);
        assert_eq!(failure.hint, "use a command");
        assert_eq!(refuse_dumb(Some("xterm-256color"), ""), Ok(()));
        assert_eq!(refuse_dumb(None, ""), Ok(()));
    }
}
