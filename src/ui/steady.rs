//! Signs whose width terminals do not agree about. One pass over the finished frame, so that no text can push another.
//!
//! A family of emoji is one sign of two columns for some terminals and three signs of six for others (tmux 3.3, xterm, the
//! Linux console); a flag is one of two columns, or two of one, or two of two. What shows is the part that all of them
//! draw alike. The text itself stays what it is, for copies too.

use std::collections::VecDeque;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Replaces what is not sure.
pub(super) fn settle(buffer: &mut Buffer) {
    // What belongs into the cells that follow.
    let mut later: VecDeque<(String, Style)> = VecDeque::new();
    for cell in &mut buffer.content {
        if let Some((part, style)) = later.pop_front() {
            cell.set_symbol(&part).set_style(style);
            continue;
        }
        if !is_sure(cell.symbol()) {
            let parts = settled(cell.symbol());
            let mut parts = parts.into_iter();
            if let Some(first) = parts.next() {
                cell.set_symbol(&first);
                later.extend(parts.map(|part| (part, cell.style())));
            }
        }
    }
}

/// ASCII, and single signs of three bytes, as most of the screen's own are: nearly every cell.
fn is_sure(symbol: &str) -> bool {
    symbol.len() == 1 || (symbol.len() == 3 && symbol.starts_with(|c: char| c.len_utf8() == 3))
}

/// A sign as what goes into its cell and into each of those that follow; nothing where it stays as it is.
fn settled(symbol: &str) -> Vec<String> {
    if symbol.chars().any(|c| letter(c).is_some()) {
        return symbol.chars().filter_map(letter).map(String::from).collect();
    }
    if symbol.starts_with(|c| columns(c) == 0) {
        // A mark without a letter would stand over what is beside it, a border for one.
        let rest = symbol.trim_start_matches(|c| columns(c) == 0);
        return vec![if rest.is_empty() { " ".to_owned() } else { rest.to_owned() }];
    }
    let parts = parts(symbol);
    let is_joined = symbol.contains(['\u{200D}', '\u{FE0F}']);
    let widths = || parts.iter().map(|part| part.width()).sum::<usize>();
    match parts.as_slice() {
        // Signs that are written as one, each in a column of its own: every terminal has room for them.
        [_, _, ..] if !is_joined && widths() == symbol.width() && parts.iter().all(|part| part.width() == 1) => parts,
        // Of others the first, without what would join it to the next. A narrow one leaves a column empty.
        [first, _, ..] => vec![first.replace(['\u{200D}', '\u{FE0F}'], "")],
        [only] if is_joined => vec![only.replace(['\u{200D}', '\u{FE0F}'], "")],
        [_] | [] => Vec::new(),
    }
}

/// Signs with the marks over them.
fn parts(symbol: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for c in symbol.chars() {
        match parts.last_mut().filter(|_| columns(c) == 0) {
            Some(part) => part.push(c),
            None => parts.push(c.to_string()),
        }
    }
    parts
}

fn columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// The letter that a regional indicator stands for; two of them are a flag.
fn letter(c: char) -> Option<char> {
    let at = u32::from(c).checked_sub(0x1F1E6).filter(|at| *at < 26)?;
    char::from_u32(u32::from('A') + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(symbol: &str) -> String {
        let parts = settled(symbol);
        if parts.is_empty() { symbol.to_owned() } else { parts.join("|") }
    }

    #[test]
    fn what_terminals_agree_about_stays() {
        for sure in ["a", "e\u{301}", "東", "🎉", "한", "ก็"] {
            assert_eq!(shown(sure), sure);
        }
    }

    #[test]
    fn clusters_show_their_first_sign_and_flags_their_letters() {
        assert_eq!(shown("👩\u{200D}👩\u{200D}👧"), "👩");
        assert_eq!(shown("👍🏽"), "👍");
        assert_eq!(shown("❤\u{FE0F}"), "❤");
        assert_eq!(shown("\u{301} "), " ");
        assert_eq!(shown("🇩🇪"), "D|E");
        assert_eq!(shown("क्षि"), "क्|ष|ि");
    }
}
