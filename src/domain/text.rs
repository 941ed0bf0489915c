//! Hostile text made fit to show: control characters, escape sequences, bidi controls and keys.

use std::borrow::Cow;

/// True for a character that must not reach a terminal: C0 and C1 controls (tab and line feed apart),
/// bidi controls (they reorder what stands beside them) and invisible formatters that hide text.
pub fn is_unsafe(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        _ if c.is_control() => true,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        _ => matches!(c, '\u{FEFF}' | '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'),
    }
}

/// The text with every unsafe character replaced by one that can be seen; borrowed when there is none.
/// Line feeds and tabs stay; a carriage return before a line feed is dropped.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    Cow::Owned(text.chars().map(|c| if is_unsafe(c) { visible(c) } else { c }).collect())
}

/// [`clean`], with line feeds and tabs made spaces too: for one line of the screen.
pub fn clean_line(text: &str) -> Cow<'_, str> {
    match clean(text) {
        Cow::Borrowed(text) if !text.contains(['\n', '\t']) => Cow::Borrowed(text),
        text @ (Cow::Borrowed(_) | Cow::Owned(_)) => Cow::Owned(text.replace(['\n', '\t'], " ")),
    }
}

/// The text cut to at most `max` bytes at a character's border, with an ellipsis where something was cut.
pub fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(max);
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
}

/// C0 controls have pictures in Unicode; the rest becomes the replacement character.
fn visible(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1F => char::from_u32(0x2400 + code).unwrap_or('\u{FFFD}'),
        0x7F => '\u{2421}',
        _ => '\u{FFFD}',
    }
}

/// Masks secrets in texts that come back from a server: every secret the request carried, and anything shaped like a key.
#[derive(Clone, Default)]
pub struct Mask {
    secrets: Vec<super::secret::SecretText>,
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mask({} secrets)", self.secrets.len())
    }
}

/// Shorter secrets are not searched for: they would mask ordinary words.
const SECRET_MIN: usize = 4;
/// What stands in a secret's place.
pub const MASKED: &str = "••••";

impl Mask {
    /// A mask for these secrets.
    pub fn new(secrets: impl IntoIterator<Item = super::secret::SecretText>) -> Self {
        let mut secrets: Vec<_> = secrets.into_iter().filter(|secret| secret.expose().len() >= SECRET_MIN).collect();
        // The longest first: one that begins another would leave the other's end in sight.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        Self { secrets }
    }

    /// The text with the secrets replaced, and nothing else: for an answer, where a word shaped like a key may be meant.
    pub fn apply_known<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            if text.contains(secret.expose()) {
                text = Cow::Owned(text.replace(secret.expose(), MASKED));
            }
        }
        text
    }

    /// The text with secrets and key-shaped words replaced.
    pub fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = self.mask_shortened(self.apply_known(text));
        if text.contains("sk-") || text.contains("earer ") { Cow::Owned(mask_key_shapes(&text)) } else { text }
    }
}

/// What servers put where they leave a key's middle out.
const GAPS: [&str; 3] = ["*", "…", ".."];

impl Mask {
    /// Replaces keys that a server repeats in part: `abcdefgh****wxyz`.
    fn mask_shortened<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        // Every raw event comes by here, and hardly one has a gap in a word.
        if !GAPS.iter().any(|gap| text.contains(gap)) {
            return text;
        }
        let in_key = |c: char| c.is_ascii_alphanumeric() || "-_+/.*…".contains(c);
        let words = text.split(|c| !in_key(c)).map(|word| word.trim_end_matches('.'));
        let shortened: Vec<String> = words.filter(|word| self.is_shortened(word)).map(str::to_owned).collect();
        shortened.iter().fold(text, |text, word| Cow::Owned(text.replace(word, MASKED)))
    }

    /// True for a word with a gap whose start or end is that of a secret.
    fn is_shortened(&self, word: &str) -> bool {
        let Some(head) =
            GAPS.iter().filter_map(|gap| word.split_once(gap)).map(|(head, _)| head).min_by_key(|head| head.len())
        else {
            return false;
        };
        let tail = word.rsplit(['*', '…', '.']).next().unwrap_or_default();
        let starts = |secret: &str| head.len() >= SECRET_MIN && secret.starts_with(head);
        let ends = |secret: &str| tail.len() >= SECRET_MIN && secret.ends_with(tail);
        self.secrets.iter().map(super::secret::SecretText::expose).any(|secret| starts(secret) || ends(secret))
    }
}

/// Replaces `sk-…` words and what follows `Bearer `, which servers like to repeat in part.
fn mask_key_shapes(text: &str) -> String {
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*' | '…');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, skip)) = next_key(rest) {
        let (before, from) = rest.split_at(at + skip);
        let end = from.find(|c: char| !is_key(c)).unwrap_or(from.len());
        let (key, after) = from.split_at(end);
        out.push_str(before);
        out.push_str(if key.len() >= 6 { MASKED } else { key });
        rest = after;
    }
    out + rest
}

/// Where the next key-shaped word starts, and how much of its introduction is kept.
fn next_key(text: &str) -> Option<(usize, usize)> {
    let starts_word = |at: &usize| !text.get(..*at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    let sk = text.match_indices("sk-").map(|(at, _)| at).find(starts_word).map(|at| (at, "sk-".len()));
    let bearer = text.find("earer ").map(|at| (at, "earer ".len()));
    match (sk, bearer) {
        (Some(sk), Some(bearer)) => Some(sk.min(bearer)),
        (sk, bearer) => sk.or(bearer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SecretText;

    #[test]
    fn escape_sequences_become_visible() {
        assert_eq!(clean("a\u{1b}[31mred\u{7}"), "a␛[31mred␇");
        assert_eq!(clean("csi \u{9b}2J"), "csi \u{FFFD}2J");
        assert_eq!(clean("line\r\nnext\tcell"), "line\nnext\tcell");
    }

    #[test]
    fn bidi_controls_do_not_pass() {
        assert_eq!(clean("a\u{202E}b\u{2066}c"), "a\u{FFFD}b\u{FFFD}c");
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(clean("plain — 日本語 👩‍💻"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_line_has_no_line_feed() {
        assert_eq!(clean_line("a\nb\tc"), "a b c");
    }

    #[test]
    fn cutting_keeps_characters_whole() {
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let mask = Mask::new([SecretText::new("hunter2hunter2")]);
        assert_eq!(mask.apply("key hunter2hunter2 is wrong"), "key •••• is wrong");
    }

    #[test]
    fn a_secret_that_begins_another_does_not_uncover_it() {
        let mask = Mask::new([SecretText::new("team"), SecretText::new("team-key-77")]);
        assert_eq!(mask.apply("team-key-77 of team"), "•••• of ••••");
    }

    #[test]
    fn an_answer_keeps_words_that_only_look_like_keys() {
        let mask = Mask::new([SecretText::new("hunter2hunter2")]);
        assert_eq!(mask.apply_known("sk-abc123def456 hunter2hunter2"), "sk-abc123def456 ••••");
    }

    #[test]
    fn a_key_that_is_repeated_in_part_is_masked() {
        let mask = Mask::new([SecretText::new("wrong-key-1234567890")]);
        for told in ["wrong-ke****7890", "wrong-key-...7890", "****7890", "wrong-…"] {
            assert_eq!(mask.apply(&format!("Incorrect key: {told}. Try again")), "Incorrect key: ••••. Try again");
        }
        let kept = "use **bold**, wait... then v1.2 or models/*";
        assert_eq!(mask.apply(kept), kept);
    }

    #[test]
    fn key_shapes_are_masked_without_being_known() {
        let mask = Mask::default();
        assert_eq!(mask.apply("Incorrect API key: sk-abc123def456."), "Incorrect API key: sk-••••");
        assert_eq!(mask.apply("Authorization: Bearer abcdef123456"), "Authorization: Bearer ••••");
        assert_eq!(
            mask.apply("a task-force and a risk-averse disk-full-of-things"),
            "a task-force and a risk-averse disk-full-of-things"
        );
    }
}
