//! The terminal's line: bytes in and bytes out, of which none is waited for.
//!
//! It is opened anew, so that not waiting is a property of this handle alone and not of the shell's. A terminal that
//! takes nothing for a while, as over a slow link, holds up neither keys nor runs: what it has not taken waits here,
//! and no new frame is made meanwhile.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::termios::tcgetwinsize;
use tokio::net::unix::pipe::{Receiver, Sender};

/// The controlling terminal, or the one that output goes to.
const PLACES: [&str; 2] = ["/dev/tty", "/dev/stdout"];
/// Bytes that are read at once. A long paste comes in many pieces.
const PIECE: usize = 64 << 10;

/// The terminal's line. tokio's ends of a pipe read and write any file that can be waited for.
#[derive(Debug)]
pub(super) struct Tty {
    keys: Receiver,
    screen: Sender,
    waiting: Vec<u8>,
    sent: u64,
}

impl Tty {
    /// Opens the line. Needs a tokio runtime.
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self {
            keys: Receiver::from_file_unchecked(handle(OFlags::RDONLY)?)?,
            screen: Sender::from_file_unchecked(handle(OFlags::WRONLY)?)?,
            waiting: Vec::new(),
            sent: 0,
        })
    }

    /// Sends bytes, at once as far as the terminal takes them.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sent = self.sent.saturating_add(bytes.len() as u64);
        self.waiting.extend_from_slice(bytes);
        self.push()
    }

    /// The terminal's size now, asked of the line that is open: the library opens the terminal for each question. A line
    /// that cannot say has the size of its kind of terminal.
    pub(super) fn size(&self) -> io::Result<Size> {
        let told = tcgetwinsize(&self.screen).map(|size| (size.ws_col, size.ws_row));
        let (width, height) = told.or_else(|_unknown| crossterm::terminal::size())?;
        Ok(Size { width, height })
    }

    /// True when the terminal took everything.
    pub(super) fn is_clear(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes that were sent so far.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Bytes that came; none when the terminal took what it had not. Nothing is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> io::Result<Vec<u8>> {
        loop {
            tokio::select! {
                biased;
                readable = self.keys.readable() => {
                    readable?;
                    if let Some(bytes) = self.take()? {
                        return Ok(bytes);
                    }
                }
                writable = self.screen.writable(), if !self.waiting.is_empty() => {
                    writable?;
                    self.push()?;
                    if self.is_clear() {
                        return Ok(Vec::new());
                    }
                }
            }
        }
    }

    /// Gives the terminal this long to take what waits; then it is dropped.
    pub(super) fn settle(&mut self, patience: Duration) {
        let end = Instant::now() + patience;
        while !self.waiting.is_empty() && comes(&self.screen, PollFlags::OUT, end) && self.push().is_ok() {}
        self.waiting.clear();
    }

    /// Bytes that come before this moment.
    pub(super) fn wait(&self, end: Instant) -> Option<Vec<u8>> {
        if !comes(&self.keys, PollFlags::IN, end) {
            return None;
        }
        let mut bytes = vec![0; PIECE];
        let count = rustix::io::read(&self.keys, &mut bytes).ok().filter(|count| *count > 0)?;
        bytes.truncate(count);
        Some(bytes)
    }

    fn push(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            // Directly: the runtime learns only while it is asked that the terminal takes more.
            match rustix::io::write(&self.screen, &self.waiting).map_err(io::Error::from) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => drop(self.waiting.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return self.note_full(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Tells the runtime that nothing more is taken, so that waiting for it waits.
    fn note_full(&mut self) -> io::Result<()> {
        match self.screen.try_write(&self.waiting) {
            Ok(count) => drop(self.waiting.drain(..count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What can be read now. An end without an error is one all the same: nobody types any more.
    fn take(&self) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; PIECE];
        match self.keys.try_read(&mut bytes) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                bytes.truncate(count);
                Ok(Some(bytes))
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn handle(direction: OFlags) -> io::Result<File> {
    let flags = direction | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let [first, second] = PLACES.map(|place| open(place, flags, Mode::empty()));
    Ok(File::from(first.or(second)?))
}

/// Waits until bytes can come or go, at most until this moment.
fn comes(end_of: &impl AsFd, flags: PollFlags, until: Instant) -> bool {
    let left = until.saturating_duration_since(Instant::now());
    let Ok(left) = Timespec::try_from(left) else { return false };
    let mut wanted = [PollFd::new(end_of, flags)];
    poll(&mut wanted, Some(&left)).is_ok_and(|count| count > 0)
}
