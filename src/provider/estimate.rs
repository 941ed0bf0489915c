//! Counts tokens where a server states none. What it counts is an estimate: other models cut text otherwise.
//!
//! Must not decide when an estimate is used, nor show it as if a server had stated it.

use serde_json::Value;

/// Tokens that a chat format adds around each message, and once before the reply.
const PER_MESSAGE: u64 = 3;

/// Bytes of a text that are counted. The rest of a longer one is taken to be alike: a hostile text of many MiB would
/// otherwise hold the end of its run up for minutes.
const COUNTED_MAX: usize = 1 << 20;

/// A text that grows, kept as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sample {
    start: String,
    /// Bytes of all of it.
    length: usize,
}

impl Sample {
    /// Appends a piece.
    #[inline]
    pub fn push(&mut self, piece: &str) {
        // Once a piece did not fit, no later one follows on what is kept.
        if self.start.len() == self.length {
            self.start.push_str(counted(piece, COUNTED_MAX - self.length));
        }
        self.length += piece.len();
    }

    /// True while it is empty.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// What is kept of it.
    pub fn as_str(&self) -> &str {
        &self.start
    }

    /// Its tokens.
    pub fn count(&self) -> u64 {
        tokens(&self.start, self.length)
    }
}

/// Tokens of a text, by the o200k vocabulary; special tokens in it are ordinary text.
pub fn count(text: &str) -> u64 {
    tokens(counted(text, COUNTED_MAX), text.len())
}

fn counted(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// Tokens of a text of this length that starts so.
fn tokens(start: &str, length: usize) -> u64 {
    if start.is_empty() {
        return 0;
    }
    // Without the vocabulary, four bytes a token is the usual rule.
    let tokens = tiktoken::get_encoding("o200k_base").map_or(start.len() / 4, |encoding| encoding.count(start));
    let tokens = tokens as u128 * length as u128 / start.len() as u128;
    u64::try_from(tokens).unwrap_or(u64::MAX)
}

/// Tokens that a request's body puts before the model: messages, prompt or input, instructions and tools.
/// Pictures and sounds are not counted: their cost does not follow from their bytes.
pub fn estimate_prompt(body: &Value) -> u64 {
    let messages = ["messages", "input"].iter().filter_map(|key| body.get(key)).map(conversation).sum::<u64>();
    let texts = ["prompt", "instructions"].iter().filter_map(|key| body.get(key)).map(content).sum::<u64>();
    let tools = ["tools", "functions"].iter().filter_map(|key| body.get(key)).map(whole).sum::<u64>();
    messages + texts + tools
}

fn conversation(value: &Value) -> u64 {
    match value {
        Value::Array(messages) => messages.iter().map(message).sum::<u64>() + PER_MESSAGE,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => content(value),
    }
}

fn message(value: &Value) -> u64 {
    let of = |key: &str, count: fn(&Value) -> u64| value.get(key).map_or(0, count);
    let texts = of("role", content) + of("name", content) + of("content", content) + of("output", content);
    let calls = of("tool_calls", whole) + of("function_call", whole) + of("arguments", content);
    PER_MESSAGE + texts + calls
}

/// A text, a list of texts or parts, or a list of token ids.
fn content(value: &Value) -> u64 {
    match value {
        Value::String(text) => count(text),
        Value::Array(parts) => parts.iter().map(content).sum(),
        Value::Object(part) => ["text", "refusal"].iter().filter_map(|key| part.get(*key)).map(content).sum(),
        Value::Number(_) => 1,
        Value::Null | Value::Bool(_) => 0,
    }
}

fn whole(value: &Value) -> u64 {
    if value.is_null() { 0 } else { count(&value.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_counted() {
        assert_eq!(count(""), 0);
        assert_eq!(count("Hello world"), 2);
        assert!(count("日本語のテキスト") >= 3);
    }

    #[test]
    fn special_tokens_are_ordinary_text() {
        assert!(count("<|endoftext|><|im_start|>") > 2);
    }

    #[test]
    fn a_hostile_text_is_counted_in_part() {
        for text in ["a".repeat(64 << 20), " ".repeat(64 << 20), "\u{1F469}\u{200D}".repeat(4 << 20)] {
            assert!(count(&text) > 0);
        }
        let (one, eight) = (count(&"word ".repeat(300_000)), count(&"word ".repeat(2_400_000)));
        assert!(eight.abs_diff(one * 8) <= 8, "{one} {eight}");
    }

    #[test]
    fn a_text_in_pieces_counts_as_the_whole_and_keeps_no_more_than_is_counted() {
        for piece in ["word ", "日本語のテキスト", "x"] {
            let text = piece.repeat((COUNTED_MAX + 100_000) / piece.len());
            let mut sample = Sample::default();
            assert!(sample.is_empty());
            text.split_inclusive(' ').for_each(|piece| sample.push(piece));
            assert_eq!(sample.count(), count(&text));
            assert!(text.starts_with(sample.as_str()) && sample.as_str().len() <= COUNTED_MAX);
        }
    }

    #[test]
    fn every_shape_of_body_has_a_prompt() {
        let hello = json!({"messages": [{"role": "user", "content": "Hello world"}]});
        assert_eq!(estimate_prompt(&hello), 2 + 1 + PER_MESSAGE + PER_MESSAGE);
        assert_eq!(estimate_prompt(&json!({"prompt": "Hello world"})), 2);
        assert_eq!(estimate_prompt(&json!({"prompt": [1, 2, 3]})), 3);
        assert_eq!(estimate_prompt(&json!({"input": "Hello world", "instructions": "Hello"})), 3);
        let parts = json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello world"}]}]});
        assert_eq!(estimate_prompt(&parts), estimate_prompt(&hello));
        assert_eq!(estimate_prompt(&json!({"messages": null})), 0);
        assert_eq!(estimate_prompt(&json!("nonsense")), 0);
        assert!(estimate_prompt(&json!({"messages": [], "tools": [{"type": "function"}]})) > PER_MESSAGE);
    }
}
