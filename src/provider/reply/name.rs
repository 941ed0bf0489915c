//! What a raw event is called in the list of events.

use std::borrow::Cow;

use memchr::memmem;

/// The frame's type, else the `type` inside its data, else what its data looks like: `chunk`, `usage`,
/// `error`, `[DONE]`; `message` where nothing tells. Looks at keys without parsing, for every event is named.
pub fn event_kind<'a>(event: &'a str, data: &'a str) -> Cow<'a, str> {
    if event != "message" && !event.is_empty() {
        return Cow::Borrowed(event);
    }
    if data.starts_with("[DONE]") {
        return Cow::Borrowed("[DONE]");
    }
    let bytes = data.as_bytes();
    let choices = memmem::find(bytes, b"\"choices\"");
    let before = bytes.get(..choices.unwrap_or(bytes.len()).min(TYPE_WITHIN)).unwrap_or_default();
    let class = memmem::find(before, b"\"type\"").and_then(|at| type_at(data, at));
    let error = || memmem::find(before, b"\"error\":{").or(memmem::find(before, b"\"error\":\""));
    Cow::Borrowed(match (choices, class) {
        (None, Some(class)) if error().is_none() || class == "error" => class,
        (None, _) if error().is_some() => "error",
        (None, _) => "message",
        (Some(at), _) if is_usage(bytes.get(at..).unwrap_or_default()) => "usage",
        (Some(_), _) => "chunk",
    })
}

/// A `type` further in belongs to something nested.
const TYPE_WITHIN: usize = 256;

fn type_at(data: &str, at: usize) -> Option<&str> {
    let value = data.get(at..)?.strip_prefix("\"type\"")?.trim_start().strip_prefix(':')?.trim_start();
    let (class, _) = value.strip_prefix('"')?.split_once('"')?;
    (class.len() <= 80).then_some(class)
}

fn is_usage(choices: &[u8]) -> bool {
    let empty = [&b"\"choices\":[]"[..], b"\"choices\": []"].iter().any(|start| choices.starts_with(start));
    empty && (memmem::find(choices, b"\"usage\":{").or(memmem::find(choices, b"\"usage\": {"))).is_some()
}
