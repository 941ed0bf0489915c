//! Broken TOML in words a person understands. What the parser quotes is never repeated: it may be a key.

use toml::de::Error;

use super::ConfigError;
use crate::config::error::Source;

/// One problem a line: the second on a line is nearly always a consequence of the first.
pub(super) fn explain(source: Source<'_>, errors: &[Error]) -> Vec<ConfigError> {
    let mut problems: Vec<ConfigError> = errors.iter().map(|error| explain_one(source, error)).collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems.dedup_by_key(|problem| problem.line);
    problems
}

fn explain_one(source: Source<'_>, error: &Error) -> ConfigError {
    let span = error.span().unwrap_or(source.text.len()..source.text.len());
    let word = source.text.get(span.clone()).unwrap_or_default();
    let place = source.place(span.start);
    let (message, hint) = in_words(error.message(), word);
    place.error(&message, hint)
}

/// The parser's message, in plainer words where it is one that people often meet.
fn in_words(message: &str, word: &str) -> (String, &'static str) {
    let quoted = message.starts_with("string values must be quoted");
    if message == "duplicate key" {
        (format!("\"{word}\" is there twice"), "keep one, or give one of them another name")
    } else if quoted && word.trim().is_empty() {
        ("a value is missing here".to_owned(), "write name = \"value\"")
    } else if quoted {
        ("a text must stand in quotes".to_owned(), "put the value in double quotes")
    } else if message.starts_with("key with no value") {
        ("a key without a value".to_owned(), "write name = \"value\"")
    } else if message.contains("basic string") || message.contains("literal string") {
        (message.to_owned(), "close the text with the quote it began with; a backslash must be doubled")
    } else {
        (message.to_owned(), "")
    }
}
