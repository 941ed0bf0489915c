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

    /// A document in one line, into a text.
    pub(crate) fn json_into(text: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Failure> {
        let mut serializer = Serializer::with_formatter(text, Safe(serde_json::ser::CompactFormatter));
        value.serialize(&mut serializer).map_err(|error| not_written(&error.into()))
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

    /// A line of talk, fit for a terminal. Nobody listening is no failure.
    pub(crate) fn say(&mut self, line: &str) {
        self.say_piece(&text::clean(line));
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
        self.say_piece(&format!("{} [y/N] ", text::clean_line(question)));
        let mut line = String::new();
        io::stdin().read_line(&mut line).map_err(|error| not_read(&error))?;
        let yes = matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes");
        Ok(if yes { Answer::Yes } else { Answer::No })
    }

    /// A secret: typed by a person without showing on the screen, or everything on standard input.
    pub(crate) fn secret(&mut self, name: &str) -> Result<String, Failure> {
        if self.person == Person::Absent {
            return Self::stdin();
        }
        crossterm::terminal::enable_raw_mode().map_err(|error| not_read(&error))?;
        self.say_piece(&format!("{name}, not shown while you type: "));
        let typed = typed_line(&mut io::stdin().lock());
        let restored = crossterm::terminal::disable_raw_mode();
        self.say("");
        restored.map_err(|error| not_read(&error))?;
        typed.map_err(|error| not_read(&error))?.ok_or_else(|| Failure::new(ErrorKind::Config, "nothing was typed", ""))
    }

    /// The next line on standard input; nothing at its end.
    pub(crate) fn stdin_line() -> Result<Option<String>, Failure> {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map_err(|error| not_read(&error))?;
        Ok((read > 0).then_some(line))
    }

    /// Everything on standard input, as text.
    pub(crate) fn stdin() -> Result<String, Failure> {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).map_err(|error| not_read(&error))?;
        Ok(text)
    }
}

/// A line as a raw terminal sends it; nothing where it was given up with ctrl-c.
fn typed_line(keys: &mut impl Read) -> io::Result<Option<String>> {
    const CTRL_C: u8 = 3;
    const CTRL_D: u8 = 4;
    let mut typed = Vec::new();
    for key in io::BufReader::new(keys).bytes() {
        match key? {
            CTRL_C => return Ok(None),
            b'\r' | b'\n' | CTRL_D => break,
            8 | 127 => drop(typed.pop()),
            byte => typed.push(byte),
        }
    }
    String::from_utf8(typed).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// The system's words without its error number.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_line_ends_with_enter_and_can_be_mended_or_given_up() {
        let typed = |keys: &str| typed_line(&mut keys.as_bytes()).unwrap();
        assert_eq!(typed("sk-1\rrest").as_deref(), Some("sk-1"));
        assert_eq!(typed("sk-12\u{7f}3\n").as_deref(), Some("sk-13"));
        assert_eq!(typed("\u{7f}a\u{4}").as_deref(), Some("a"));
        assert_eq!(typed("sk-\u{3}\r"), None);
    }
}
