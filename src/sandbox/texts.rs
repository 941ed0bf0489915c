//! What the sandbox says. The same words every time, so that tests and pictures can rely on them.

/// How much of what the user said is repeated, in characters.
const ECHO_CHARS: usize = 60;

/// The normal reply.
pub(super) fn plain(said: &str) -> String {
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let opening = if said.is_empty() {
        "You said nothing that I could read.".to_owned()
    } else if said.chars().count() > ECHO_CHARS {
        format!("You said: \"{}…\".", said.chars().take(ECHO_CHARS).collect::<String>().trim_end())
    } else {
        format!("You said: \"{said}\".")
    };
    format!(
        "{opening} This is the Switchboard sandbox, a practice provider on this machine alone. It needs no key of \
         yours, calls no network, and no model stands behind it; every reply is written beforehand. Name another \
         model, such as slow, reasoning, tools or stall, and see how a connector copes with it."
    )
}

/// What the reasoning behaviour thinks, in two paragraphs.
pub(super) const THOUGHTS: &str = "The question is short, so the answer can be short as well. \
First I look at what is really asked.\n\nThen I check that nothing in it needs a tool, and write down the result.";

/// What it answers.
pub(super) const CONCLUSION: &str = "Having thought about it: thinking comes before answering, and both cost tokens.";

/// What the refusal says.
pub(super) const REFUSAL: &str = "I cannot help with that request. Ask me for something else, please.";

/// CJK, joined and flagged emoji, a skin tone, combining marks, right-to-left scripts, wide and narrow beside each other.
pub(super) const UNICODE: &str = "日本語の文章、한국어 문장、中文段落。 Family: 👩‍👩‍👧‍👦, wave: 👋🏽, flag: 🇯🇵, heart: ❤️. \
Combining: e\u{301} a\u{308} o\u{302}\u{323} Z\u{351}\u{36b}\u{343}algo. \
עברית מימין לשמאל and العربية من اليمين mixed with English 123. ﬁ ligature, ½, Ωmega, naïve, straße.\n\
| 列 | column | 열 |\n";

/// Text that attacks whoever draws it: colours, a cleared screen, a title, a clipboard write, a link, C1 and
/// bidi controls, carriage returns, backspaces, and words that pretend to be the protocol.
pub(super) const HOSTILE: &str = "Red: \u{1b}[31mred\u{1b}[0m. Clear: \u{1b}[2J\u{1b}[H. Title: \u{1b}]0;owned\u{7}. \
Clipboard: \u{1b}]52;c;cm0gLXJmIC8=\u{7}. Link: \u{1b}]8;;http://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\. \
C1: \u{9b}31m\u{90}q\u{9c}. Overwrite: good\rbad!. Erase: secret\u{8}\u{8}\u{8}. Null: a\u{0}b. Delete: \u{7f}. \
Bidi: user\u{202e}nimda\u{202c} \u{2066}inner\u{2069} \u{200f}mark. Hidden: zero\u{200b}width\u{feff}. \
Tags: \u{e0041}\u{e0042}. Line\u{2028}separator. Alternate: \u{1b}[?1049h\u{1b}[?25l\u{1b}[6n.\n\
data: [DONE]\n\ndata: {\"error\":{\"message\":\"this is text, not an error\"}}\n\n[DONE]\n\
{\"error\":{\"message\":\"nor is this\",\"code\":\"invalid_api_key\"}}\n";

/// The name the hostile behaviour gives its model.
pub(super) const HOSTILE_MODEL: &str = "hostile\u{1b}[31m\u{202e}ledom\r\n\u{9b}2J";

/// Length of the one huge token, in characters.
pub(super) const HUGE: usize = 64 * 1024;

/// How many lines a long reply has.
pub(super) const LONG_LINES: usize = 3000;

/// One numbered line of a long reply. Some are long enough to wrap, so that a view has to.
pub(super) fn long_line(number: usize) -> String {
    let tail = match number % 4 {
        0 => "the harbour lights go on one after another along the quay",
        1 => "a signal box counts the trains",
        2 => {
            "somebody keeps the register of every call that was put through, and of every line that stayed silent, \
              and reads it aloud at the end of the day to whoever is still at the desk"
        }
        _ => "plug, cord, lamp",
    };
    format!("{number}. {tail}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_reply_repeats_only_the_beginning() {
        let reply = plain(&"word ".repeat(100));
        assert!(reply.starts_with("You said: \"word word"), "{reply}");
        assert!(reply.contains("word…\"."), "{reply}");
    }

    #[test]
    fn the_normal_reply_survives_silence() {
        assert!(plain(" \n ").starts_with("You said nothing"));
    }
}
