//! One line of a stream: its field and value.

use super::Ending;

/// What a line says.
pub(super) enum Field<'a> {
    /// More data.
    Data(&'a [u8]),
    /// The event's type.
    Event(&'a [u8]),
    /// The old llama.cpp server's way to report an error in a stream.
    Error(&'a [u8]),
    /// The event's id.
    Id(&'a [u8]),
    /// The reconnection time in milliseconds.
    Retry(u64),
    /// A comment, an unknown field, or a value that its field does not allow.
    Ignored,
}

impl<'a> Field<'a> {
    /// Reads a line that is not blank.
    #[inline]
    pub(super) fn read(line: &'a [u8], ending: Ending) -> Self {
        if let Some(value) = line.strip_prefix(b"data:") {
            return Self::Data(without_space(value));
        }
        Self::read_other(line, ending)
    }

    fn read_other(line: &'a [u8], ending: Ending) -> Self {
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let (name, rest) = line.split_at_checked(colon).unwrap_or((line, b""));
        let value = without_space(rest.get(1..).unwrap_or_default());
        match name {
            b"data" => Self::Data(value),
            b"event" => Self::Event(value),
            b"id" if !value.contains(&0) => Self::Id(value),
            b"retry" => read_retry(value).map_or(Self::Ignored, Self::Retry),
            b"error" if ending == Ending::Lenient && !value.is_empty() => Self::Error(value),
            _ => Self::Ignored,
        }
    }
}

/// One leading space belongs to the syntax; a tab does not.
#[inline]
fn without_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

fn read_retry(value: &[u8]) -> Option<u64> {
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(value).ok()?.parse().ok()
}
