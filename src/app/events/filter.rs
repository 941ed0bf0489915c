//! The small language of the filter: `connector:x model:y outcome:error kind:auth user:u machine:m >2s since:7d
//! until:2026-11-07`, and words that stand anywhere. It must not know the screen.

use crate::domain::calendar::{Moment, Range};
use crate::domain::{ErrorKind, Outcome, RunFilter, units};

/// What can be typed, for the prompt.
pub const HELP: &str = "connector:x model:y outcome:error kind:auth user:u machine:m >2s since:7d until:2026-11-07";
/// The words before a colon.
const KEYS: [&str; 8] = ["connector", "model", "outcome", "kind", "user", "machine", "since", "until"];

/// What a filter means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filtered {
    /// Which runs.
    pub filter: RunFilter,
    /// Which time, where it says so.
    pub range: Option<Range>,
}

/// Reads a filter.
///
/// # Errors
/// What is wrong, with what was probably meant.
pub fn read(text: &str) -> Result<Filtered, String> {
    let mut found = Filtered::default();
    let (mut since, mut until): (Option<Moment>, Option<Moment>) = (None, None);
    let mut words = Vec::new();
    for word in split(text)? {
        let Some((key, value)) = word.key_and_value() else {
            words.push(word.text);
            continue;
        };
        match key {
            _ if value.is_empty() && word.quote.is_none() => return Err(format!("{key} needs a value")),
            "since" => since = Some(moment(value)?),
            "until" => until = Some(moment(value)?),
            _ => term(&mut found.filter, key, value)?,
        }
    }
    found.filter.text = (!words.is_empty()).then(|| words.join(" "));
    found.range = (since.is_some() || until.is_some()).then_some(Range::Between(since, until));
    Ok(found)
}

/// A filter as it would be typed.
pub fn show(filter: &RunFilter) -> String {
    let words = [
        ("connector:", filter.connector.clone()),
        ("model:", filter.model.clone()),
        ("user:", filter.user.clone()),
        ("machine:", filter.machine.clone()),
        ("outcome:", filter.outcome.map(|outcome| outcome.word().to_owned())),
        ("kind:", filter.error_kind.map(|kind| kind.word().to_owned())),
        (">", filter.slower_than.map(units::show_duration)),
    ];
    let shown = |(key, value): (&str, Option<String>)| value.map(|value| format!("{key}{}", quoted(&value)));
    let text = filter.text.iter().map(|text| {
        let plain = !text.contains([':', '"', '>']);
        if plain { text.clone() } else { in_quotes(text) }
    });
    words.into_iter().filter_map(shown).chain(text).collect::<Vec<_>>().join(" ")
}

/// A value that is empty, or has a space or a quote in it, stands in quotes.
fn quoted(value: &str) -> String {
    let odd = |c: char| c.is_whitespace() || matches!(c, '"' | ':' | '\\');
    let plain = !value.is_empty() && !value.contains(odd);
    if plain { value.to_owned() } else { in_quotes(value) }
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A word, and where its first quote stood.
#[derive(Debug, Default)]
struct Word {
    text: String,
    quote: Option<usize>,
}

impl Word {
    /// `key:value` or `>value`; what stands in quotes is text.
    fn key_and_value(&self) -> Option<(&str, &str)> {
        if self.quote == Some(0) {
            return None;
        }
        match self.text.strip_prefix('>') {
            Some(time) => Some((">", time)),
            // A URL or a host with its port is text.
            None => self.text.split_once(':').filter(|(key, rest)| is_key(key) && !rest.starts_with("//")),
        }
    }
}

/// True for what someone who types a key may have meant.
fn is_key(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '-') && word != "localhost"
}

fn split(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut word = Word::default();
    let mut is_open = false;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if is_open => word.text.extend(letters.next()),
            '"' => {
                is_open = !is_open;
                word.quote = word.quote.or(Some(word.text.len()));
            }
            c if c.is_whitespace() && !is_open => finish(&mut words, &mut word),
            c => word.text.push(c),
        }
    }
    finish(&mut words, &mut word);
    if is_open { Err("a quote is not closed".to_owned()) } else { Ok(words) }
}

fn finish(words: &mut Vec<Word>, word: &mut Word) {
    let word = std::mem::take(word);
    if !word.text.is_empty() {
        words.push(word);
    }
}

fn term(filter: &mut RunFilter, key: &str, value: &str) -> Result<(), String> {
    let owned = Some(value.to_owned());
    match key {
        "connector" => filter.connector = owned,
        "model" => filter.model = owned,
        "user" => filter.user = owned,
        "machine" => filter.machine = owned,
        "outcome" => filter.outcome = Some(one_of(value, Outcome::ALL.map(|one| (one.word(), one)))?),
        "kind" => filter.error_kind = Some(one_of(value, ErrorKind::ALL.map(|one| (one.word(), one)))?),
        ">" => filter.slower_than = Some(units::parse_duration(value).map_err(|problem| problem.to_string())?),
        key => return Err(unknown(key, &KEYS)),
    }
    Ok(())
}

fn moment(value: &str) -> Result<Moment, String> {
    value.parse().map_err(|problem: crate::domain::calendar::CalendarProblem| problem.to_string())
}

fn one_of<T: Copy, const N: usize>(word: &str, known: [(&'static str, T); N]) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| *name == word);
    found.map(|(_, value)| *value).ok_or_else(|| unknown(word, &known.map(|(name, _)| name)))
}

fn unknown(word: &str, known: &[&str]) -> String {
    let near = |name: &str| strsim::jaro_winkler(name, word);
    let nearest = known.iter().max_by(|a, b| near(a).total_cmp(&near(b)));
    match nearest.filter(|name| near(name) > 0.7) {
        Some(name) => format!("\"{word}\" is not known; did you mean {name}?"),
        None => format!("\"{word}\" is not known; there are: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_term_is_read() {
        let text = "connector:azure-prod model:\"gpt 4\" outcome:error kind:rate-limit user:anna machine:lab >2s \
            since:7d until:2026-11-07 req_1 abc";
        let found = read(text).unwrap();
        assert_eq!(found.filter.connector.as_deref(), Some("azure-prod"));
        assert_eq!(found.filter.model.as_deref(), Some("gpt 4"));
        assert_eq!(found.filter.outcome, Some(Outcome::Error));
        assert_eq!(found.filter.error_kind, Some(ErrorKind::RateLimit));
        assert_eq!(found.filter.slower_than, Some(Duration::from_secs(2)));
        assert_eq!(found.filter.text.as_deref(), Some("req_1 abc"));
        assert_eq!(found.range.unwrap().to_string(), "7d..2026-11-07");
    }

    #[test]
    fn what_is_no_key_is_text() {
        for text in ["http://gw:8080/v1", "127.0.0.1:8080", "localhost:1", "\"user:anna\"", "\">2s\""] {
            assert!(read(text).unwrap().filter.text.is_some(), "{text}");
        }
        assert_eq!(read("  ").unwrap(), Filtered::default());
        assert_eq!(read("user:\"\"").unwrap().filter.user.as_deref(), Some(""));
    }

    #[test]
    fn typos_say_what_was_meant() {
        let problem = |text: &str| read(text).unwrap_err();
        assert_eq!(problem("conector:x"), "\"conector\" is not known; did you mean connector?");
        assert_eq!(problem("outcome:eror"), "\"eror\" is not known; did you mean error?");
        assert_eq!(problem("kind:auht"), "\"auht\" is not known; did you mean auth?");
        assert!(problem(">fast").contains("no duration"));
        assert!(problem("since:yesterday").contains("no time"));
        assert_eq!(problem("model:\"gpt"), "a quote is not closed");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_as_the_same(
            connector in prop::option::of("[a-z\"\\\\ :>]{0,8}"),
            user in prop::option::of("[a-z日 ]{0,8}"),
            outcome in prop::option::of(prop::sample::select(Outcome::ALL.to_vec())),
            slow in prop::option::of(1u64..100_000),
            words in prop::option::of("[a-z\":>\\\\]{1,6}( [a-z\":>]{1,6})?"),
        ) {
            let slower_than = slow.map(Duration::from_millis);
            let filter = RunFilter { connector, user, outcome, slower_than, text: words, ..RunFilter::default() };
            prop_assert_eq!(read(&show(&filter)).unwrap().filter, filter);
        }

        #[test]
        fn anything_can_be_typed(text in "\\PC{0,40}") {
            let _read = read(&text);
        }
    }
}
