//! What a command reads from and writes to, so that a test can stand in for a terminal.

use std::io::{self, IsTerminal, Read, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::domain::{ErrorKind, Failure, text};

/// The command's standard streams.
pub(crate) struct Io {
    /// Data.
    pub(crate) out: Box<dyn Write>,
    /// Talk.
    pub(crate) err: Box<dyn Write>,
    /// Whether a person is there to be asked.
    pub(crate) person: Person,
}

/// Whether a person is there to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Person {
    /// Standard input and error are a terminal.
    There,
    /// They are not: nothing is asked.
    Absent,
}

impl Io {
    /// The process's own.
    pub(crate) fn process() -> Self {
        let there = io::stdin().is_terminal() && io::stderr().is_terminal();
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            person: if there { Person::There } else { Person::Absent },
        }
    }

    /// One JSON document, in several lines. Characters that a terminal would obey are escaped.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let mut serializer = Serializer::with_formatter(&mut self.out, Safe(PrettyFormatter::new()));
        value.serialize(&mut serializer).map_err(|error| not_written(&error.into()))?;
        self.line("")
    }

    /// One JSON document in one line.
    pub(crate) fn json_line(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let mut serializer = Serializer::with_formatter(&mut self.out, Safe(serde_json::ser::CompactFormatter));
        value.serialize(&mut serializer).map_err(|error| not_written(&error.into()))?;
        self.line("")
    }

    /// A line of data.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Failure> {
        self.write(line)?;
        self.write("\n")
    }

    /// A piece of data, at once.
    pub(crate) fn write(&mut self, piece: &str) -> Result<(), Failure> {
        self.out.write_all(piece.as_bytes()).and_then(|()| self.out.flush()).map_err(|error| not_written(&error))
    }

    /// A line of talk. Nobody listening is no failure.
    pub(crate) fn say(&mut self, line: &str) {
        self.say_piece(line);
        self.say_piece("\n");
    }

    /// A piece of talk.
    pub(crate) fn say_piece(&mut self, piece: &str) {
        let said = self.err.write_all(piece.as_bytes()).and_then(|()| self.err.flush());
        drop(said);
    }

    /// Asks a person a yes-or-no question; no person means no.
    pub(crate) fn ask(&mut self, question: &str) -> Result<Answer, Failure> {
        if self.person == Person::Absent {
            return Ok(Answer::Nobody);
        }
        self.say_piece(&format!("{question} [y/N] "));
        let mut line = String::new();
        io::stdin().read_line(&mut line).map_err(|error| not_read(&error))?;
        let yes = matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes");
        Ok(if yes { Answer::Yes } else { Answer::No })
    }

    /// Everything on standard input, as text.
    pub(crate) fn stdin() -> Result<String, Failure> {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).map_err(|error| not_read(&error))?;
        Ok(text)
    }
}

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Yes.
    Yes,
    /// Anything else.
    No,
    /// There is nobody to ask.
    Nobody,
}

/// A reader that went away (`| head`) is not worth a message: [`Failure::message`] is empty then.
fn not_written(error: &io::Error) -> Failure {
    let gone = error.kind() == io::ErrorKind::BrokenPipe;
    let message = if gone { String::new() } else { format!("standard output cannot be written: {error}") };
    Failure::new(ErrorKind::Internal, message, "")
}

fn not_read(error: &io::Error) -> Failure {
    Failure::new(ErrorKind::Config, format!("standard input cannot be read: {error}"), "give UTF-8 text")
}

/// Escapes every character that [`text::is_unsafe`] names; JSON itself escapes only those below U+0020.
struct Safe<F>(F);

impl<F: Formatter> Formatter for Safe<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| text::is_unsafe(*c)) {
            let (before, from) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = from.get(c.len_utf8()..).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
