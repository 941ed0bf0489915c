//! A push decoder for `text/event-stream`, as the WHATWG HTML standard defines it.
//!
//! Owns the way from bytes to frames: line ends, the byte order mark, fields, UTF-8. It must not know what
//! a frame's data means, nor read from a socket; reconnecting is not its business (a POST is not repeated).
//!
//! Bytes are looked at once: what is carried over a chunk's border is never scanned again, so that a line
//! of any length costs linear time. A frame that lies in one chunk is handed on without a copy.

mod field;

use std::borrow::Cow;
use std::mem;

use memchr::memchr2;

use field::Field;

/// One dispatched event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its type; `message` where the stream names none.
    pub event: &'a str,
    /// Its data lines, joined by line feeds. Invalid UTF-8 shows as U+FFFD.
    pub data: &'a str,
    /// The last event id, as it stood when the event was dispatched.
    pub id: &'a str,
}

/// An event, or a single line, is larger than the decoder was told to hold. The stream cannot be read further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is larger than {limit} bytes")]
pub struct EventTooLong {
    /// The limit, in bytes.
    pub limit: usize,
}

/// How closely the standard is followed where servers of this field are known to stray from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As the standard says: what has no blank line behind it is dropped at the end.
    Strict,
    /// What is pending at the end is dispatched, and a line `error: …` (old llama.cpp) is an event named `error`.
    Lenient,
}

const BOM: &[u8] = b"\xEF\xBB\xBF";
/// Buffers that grew beyond this for one large event are given back after it.
const KEPT_CAPACITY: usize = 256 * 1024;

/// Turns chunks of bytes into frames.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    ending: Ending,
    /// How many bytes of the byte order mark have matched; `None` once the stream's start is behind us.
    bom: Option<usize>,
    /// A carriage return was the last byte seen: a line feed right after it belongs to the same line end.
    after_cr: bool,
    /// The unfinished line of earlier chunks.
    line: Vec<u8>,
    /// Data of the unfinished event, where it is not borrowed from the current chunk.
    data: Option<Vec<u8>>,
    /// Kept to be used again as `data`.
    spare: Vec<u8>,
    /// Type of the unfinished event; empty for none.
    event: Vec<u8>,
    ids: Ids,
}

/// What the stream says about resuming. Of no use after a POST, but part of the standard.
#[derive(Debug, Default)]
struct Ids {
    last: String,
    pending: Option<String>,
    retry: Option<u64>,
}

/// What the current chunk lends to the unfinished event.
#[derive(Default)]
struct Lent<'c> {
    data: Option<&'c [u8]>,
    event: Option<&'c [u8]>,
}

impl Decoder {
    /// A lenient decoder that holds at most `limit` bytes of one event.
    pub fn new(limit: usize) -> Self {
        Self::with_ending(limit, Ending::Lenient)
    }

    /// A decoder that holds at most `limit` bytes of one event.
    pub fn with_ending(limit: usize, ending: Ending) -> Self {
        Self {
            limit,
            ending,
            bom: Some(0),
            after_cr: false,
            line: Vec::new(),
            data: None,
            spare: Vec::new(),
            event: Vec::new(),
            ids: Ids::default(),
        }
    }

    /// The last event id.
    pub fn last_id(&self) -> &str {
        &self.ids.last
    }

    /// The reconnection time the stream asked for, in milliseconds.
    pub fn retry(&self) -> Option<u64> {
        self.ids.retry
    }

    /// Takes in a chunk and hands on every event it completes.
    pub fn feed(&mut self, chunk: &[u8], sink: &mut impl FnMut(Frame<'_>)) -> Result<(), EventTooLong> {
        let chunk = if self.bom.is_some() { self.after_bom(chunk) } else { chunk };
        let mut lent = Lent::default();
        let mut rest = self.after_line_feed(chunk);
        if !self.line.is_empty() {
            let Some((line, after)) = self.split_line(rest) else { return self.keep(&lent, rest) };
            self.check(line.len())?;
            self.line.extend_from_slice(line);
            self.take_carried_line();
            rest = after;
        }
        while let Some((line, after)) = self.split_line(rest) {
            self.check(line.len())?;
            self.take_line(line, &mut lent, sink);
            rest = after;
        }
        self.keep(&lent, rest)
    }

    /// The stream is over. Dispatches what is pending, unless the decoder is strict.
    pub fn finish(&mut self, sink: &mut impl FnMut(Frame<'_>)) {
        if self.ending == Ending::Strict {
            return;
        }
        if let Some(matched) = self.bom.take() {
            self.line.extend_from_slice(BOM.get(..matched).unwrap_or_default());
        }
        if !self.line.is_empty() {
            self.take_carried_line();
        }
        self.dispatch(&Lent::default(), sink);
    }

    /// Skips the byte order mark, which may be spread over chunks.
    fn after_bom<'c>(&mut self, chunk: &'c [u8]) -> &'c [u8] {
        let mut rest = chunk;
        while let (Some(matched), Some((byte, after))) = (self.bom, rest.split_first()) {
            if BOM.get(matched) != Some(byte) {
                self.line.extend_from_slice(BOM.get(..matched).unwrap_or_default());
                self.bom = None;
                return rest;
            }
            self.bom = (matched + 1 < BOM.len()).then_some(matched + 1);
            rest = after;
        }
        rest
    }

    /// Skips the second half of a line end that was split between chunks.
    fn after_line_feed<'c>(&mut self, chunk: &'c [u8]) -> &'c [u8] {
        match chunk.split_first() {
            Some((first, after)) if mem::take(&mut self.after_cr) && *first == b'\n' => after,
            Some(_) | None => chunk,
        }
    }

    /// The first line and what follows its end; `None` while the line is not complete.
    #[inline]
    fn split_line<'c>(&mut self, bytes: &'c [u8]) -> Option<(&'c [u8], &'c [u8])> {
        let at = match bytes.first() {
            Some(b'\n' | b'\r') => 0,
            Some(_) => memchr2(b'\n', b'\r', bytes)?,
            None => return None,
        };
        let (line, end) = bytes.split_at_checked(at)?;
        match end {
            [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => Some((line, after)),
            [_, after @ ..] => {
                self.after_cr = after.is_empty();
                Some((line, after))
            }
            [] => None,
        }
    }

    /// Takes a line that lies in the current chunk.
    #[inline]
    fn take_line<'c>(&mut self, line: &'c [u8], lent: &mut Lent<'c>, sink: &mut impl FnMut(Frame<'_>)) {
        if line.is_empty() {
            self.dispatch(lent, sink);
            *lent = Lent::default();
            return;
        }
        match Field::read(line, self.ending) {
            Field::Data(value) if lent.data.is_none() && self.data.is_none() => lent.data = Some(value),
            Field::Data(value) => self.add_data(lent.data.take(), value),
            Field::Event(value) => lent.event = Some(value),
            Field::Error(value) => {
                lent.event = Some(b"error");
                self.add_data(lent.data.take(), value);
            }
            Field::Id(value) => self.ids.pending = Some(lossy(value).into_owned()),
            Field::Retry(millis) => self.ids.retry = Some(millis),
            Field::Ignored => {}
        }
    }

    /// Takes the line that was gathered over chunks.
    fn take_carried_line(&mut self) {
        let mut line = mem::take(&mut self.line);
        let mut lent = Lent::default();
        match Field::read(&line, self.ending) {
            // A long line becomes the data where it stands, for a second copy would double the memory.
            Field::Data(value) if self.data.is_none() => {
                let start = line.len() - value.len();
                line.drain(..start);
                self.data = Some(mem::replace(&mut line, mem::take(&mut self.spare)));
            }
            Field::Event(value) => replace(&mut self.event, value),
            Field::Data(_) | Field::Error(_) | Field::Id(_) | Field::Retry(_) | Field::Ignored => {
                self.take_line(&line, &mut lent, &mut |_| {});
                if let Some(event) = lent.event {
                    replace(&mut self.event, event);
                }
            }
        }
        line.clear();
        self.line = line;
    }

    fn add_data(&mut self, lent: Option<&[u8]>, value: &[u8]) {
        let lent = lent.filter(|_| self.data.is_none());
        let fresh = self.data.is_none() && lent.is_none();
        let data = self.data.get_or_insert_with(|| mem::take(&mut self.spare));
        data.extend_from_slice(lent.unwrap_or_default());
        if !fresh {
            data.push(b'\n');
        }
        data.extend_from_slice(value);
    }

    /// A blank line: hands the event on, when it has data.
    #[inline]
    fn dispatch(&mut self, lent: &Lent<'_>, sink: &mut impl FnMut(Frame<'_>)) {
        if let Some(id) = self.ids.pending.take() {
            self.ids.last = id;
        }
        if let Some(data) = lent.data.or(self.data.as_deref()) {
            let event = match lent.event.unwrap_or(&self.event) {
                [] => Cow::Borrowed("message"),
                named => lossy(named),
            };
            sink(Frame { event: &event, data: &lossy(data), id: &self.ids.last });
        }
        self.event.clear();
        if let Some(mut data) = self.data.take() {
            data.clear();
            data.shrink_to(KEPT_CAPACITY);
            self.line.shrink_to(KEPT_CAPACITY);
            self.spare = data;
        }
    }

    /// Keeps what the chunk lent and the start of an unfinished line.
    fn keep(&mut self, lent: &Lent<'_>, rest: &[u8]) -> Result<(), EventTooLong> {
        if let Some(event) = lent.event {
            replace(&mut self.event, event);
        }
        if let Some(data) = lent.data {
            self.add_data(None, data);
        }
        self.check(rest.len())?;
        self.line.extend_from_slice(rest);
        Ok(())
    }

    #[inline]
    fn check(&self, more: usize) -> Result<(), EventTooLong> {
        let held = self.line.len() + self.data.as_ref().map_or(0, Vec::len);
        if held + more > self.limit { Err(EventTooLong { limit: self.limit }) } else { Ok(()) }
    }
}

/// UTF-8 is checked once, over the whole value: line feeds between data lines do not change what is invalid.
#[inline]
fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_invalid) => String::from_utf8_lossy(bytes),
    }
}

fn replace(buffer: &mut Vec<u8>, value: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(value);
}

#[cfg(test)]
mod tests;
