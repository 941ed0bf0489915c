//! What a reply is: a stream of events or one document. Servers answer either with the other's type, so the first
//! bytes decide, and the declared type only where they could be both.

pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What the `Content-Type` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Declared {
    /// `text/event-stream`.
    Stream,
    /// JSON or HTML.
    Whole,
    /// Nothing, or something home-made servers send with either.
    Unclear,
}

impl Declared {
    pub(super) fn read(content_type: Option<&str>) -> Self {
        let essence =
            content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence == "text/event-stream" {
            Self::Stream
        } else if essence.ends_with("json") || essence == "text/html" {
            Self::Whole
        } else {
            Self::Unclear
        }
    }
}

/// What a reply is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Server-sent events.
    Stream,
    /// One document, read to its end.
    Whole,
}

/// How lines of an event stream begin; `error` is old llama.cpp's.
const FIELDS: [&[u8]; 6] = [b":", b"data", b"event", b"id", b"retry", b"error"];

/// Tells from the first bytes, or `None` while more are needed. Blank bytes in front, which some servers send to keep a
/// plain request alive, are dropped from `held`: they mean nothing in either shape and shall not pile up.
pub(super) fn tell(declared: Declared, held: &mut Vec<u8>) -> Option<Shape> {
    if BOM.starts_with(held) {
        return None;
    }
    if !held.starts_with(BOM) {
        let blank = held.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        held.drain(..blank);
    }
    let start = held.strip_prefix(BOM).unwrap_or(held).trim_ascii_start();
    match start.first()? {
        b'{' | b'[' | b'<' => Some(Shape::Whole),
        _ if is_field(start) => Some(Shape::Stream),
        _ if declared == Declared::Stream => Some(Shape::Stream),
        _ if may_become_field(start) => None,
        _ => Some(Shape::Whole),
    }
}

/// Tells when nothing more will come.
pub(super) fn tell_at_end(declared: Declared, held: &[u8]) -> Shape {
    let start = held.strip_prefix(BOM).unwrap_or(held).trim_ascii_start();
    if start.is_empty() || declared != Declared::Stream { Shape::Whole } else { Shape::Stream }
}

/// A field's name and what ends it.
fn is_field(start: &[u8]) -> bool {
    FIELDS.iter().any(|field| match start.strip_prefix(*field) {
        Some(after) => *field == b":" || matches!(after.first(), Some(b':' | b'\n' | b'\r')),
        None => false,
    })
}

fn may_become_field(start: &[u8]) -> bool {
    FIELDS.iter().any(|field| field.starts_with(start) || *field == start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(declared: Declared, bytes: &[u8]) -> Option<Shape> {
        tell(declared, &mut bytes.to_vec())
    }

    #[test]
    fn the_declared_type_is_read_without_its_parameters() {
        assert_eq!(Declared::read(Some("text/event-stream; charset=utf-8")), Declared::Stream);
        assert_eq!(Declared::read(Some("Application/Problem+JSON")), Declared::Whole);
        assert_eq!(Declared::read(Some("text/plain")), Declared::Unclear);
        assert_eq!(Declared::read(None), Declared::Unclear);
    }

    #[test]
    fn the_first_bytes_win_over_the_declared_type() {
        assert_eq!(told(Declared::Stream, b"{\"error\":1}"), Some(Shape::Whole));
        assert_eq!(told(Declared::Whole, b"data: {}\n"), Some(Shape::Stream));
        assert_eq!(told(Declared::Unclear, b"<html>"), Some(Shape::Whole));
        assert_eq!(told(Declared::Unclear, b": ping\n"), Some(Shape::Stream));
        assert_eq!(told(Declared::Unclear, b"404 page not found"), Some(Shape::Whole));
        assert_eq!(told(Declared::Unclear, b"database is down"), Some(Shape::Whole));
        assert_eq!(told(Declared::Stream, b"strange: field\n"), Some(Shape::Stream));
    }

    #[test]
    fn too_little_is_waited_for() {
        for bytes in [b"".as_slice(), b"d", b"data", b"\xEF", b"\xEF\xBB\xBF", b"\n\n  "] {
            assert_eq!(told(Declared::Unclear, bytes), None, "{bytes:?}");
        }
        assert_eq!(told(Declared::Unclear, b"\xEF\xBB\xBFdata:"), Some(Shape::Stream));
    }

    #[test]
    fn blank_bytes_do_not_pile_up() {
        let mut held = b"\r\n\r\n  {".to_vec();
        assert_eq!(tell(Declared::Unclear, &mut held), Some(Shape::Whole));
        assert_eq!(held, b"{");
    }

    #[test]
    fn nothing_at_all_is_a_document() {
        assert_eq!(tell_at_end(Declared::Stream, b" \n"), Shape::Whole);
        assert_eq!(tell_at_end(Declared::Unclear, b"dat"), Shape::Whole);
    }
}
