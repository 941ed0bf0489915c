//! Keys and colours from the file and from what the terminal can show.

use crate::app::model::Look;
use crate::config::{ConfigError, Settings};

/// What the terminal can show, from the environment. The file goes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Display {
    /// How many colours there are.
    pub(super) colors: Colors,
    /// What characters the locale has.
    pub(super) charset: Charset,
}

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    /// All.
    True,
    /// xterm's 256.
    Indexed,
    /// 16.
    Sixteen,
    /// None are wanted: `NO_COLOR` is set and not empty.
    Unwanted,
}

/// What characters the locale has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// All.
    Utf8,
    /// Only those of ASCII are sure.
    Ascii,
}

impl Display {
    /// Reads the environment's variables.
    pub(super) fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let colors = match set("NO_COLOR") {
            Some(_) => Colors::Unwanted,
            None => colors(set("COLORTERM").as_deref(), set("TERM").as_deref()),
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        Self { colors, charset: charset(locale.as_deref()) }
    }
}

/// Terminals that have all colours and say so in `TERM`, which SSH passes on, unlike `COLORTERM`.
const TRUE: [&str; 6] = ["direct", "kitty", "alacritty", "foot", "wezterm", "ghostty"];

fn colors(colorterm: Option<&str>, term: Option<&str>) -> Colors {
    let term = term.unwrap_or_default();
    if matches!(colorterm, Some("truecolor" | "24bit")) || TRUE.iter().any(|name| term.contains(name)) {
        return Colors::True;
    }
    if term.contains("256color") { Colors::Indexed } else { Colors::Sixteen }
}

/// Where no locale is named, as in most containers, the terminal at the other end nearly always takes UTF-8.
fn charset(locale: Option<&str>) -> Charset {
    let Some(locale) = locale else { return Charset::Utf8 };
    let locale = locale.to_ascii_lowercase();
    if locale.contains("utf-8") || locale.contains("utf8") { Charset::Utf8 } else { Charset::Ascii }
}

/// Keys and colours; the error says where the file is wrong.
pub(super) fn look(settings: &Settings, display: Display) -> Result<Look, ConfigError> {
    let mut poor = Vec::new();
    match display.colors {
        Colors::True => {}
        Colors::Indexed => poor.push(("colors", "256")),
        Colors::Sixteen => poor.push(("colors", "16")),
        Colors::Unwanted => poor.push(("colors", "none")),
    }
    if display.charset == Charset::Ascii {
        poor.push(("borders", "ascii"));
    }
    Ok(Look { keymap: settings.keymap()?, theme: settings.theme(&poor)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::theme::{Borders, Role};

    fn display(env: &[(&str, &str)]) -> Display {
        Display::from_env(&|name| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_locale_that_is_not_utf_8_gets_ascii_borders_and_no_locale_does_not() {
        assert_eq!(display(&[("LANG", "de_DE.UTF-8")]).charset, Charset::Utf8);
        assert_eq!(display(&[("LANG", "C.utf8")]).charset, Charset::Utf8);
        assert_eq!(display(&[("LANG", "C")]).charset, Charset::Ascii);
        assert_eq!(display(&[("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")]).charset, Charset::Ascii);
        assert_eq!(display(&[("LC_ALL", ""), ("LANG", "en_US.ISO-8859-1")]).charset, Charset::Ascii);
        assert_eq!(display(&[]).charset, Charset::Utf8);
    }

    #[test]
    fn no_color_counts_only_when_it_is_not_empty() {
        assert_eq!(display(&[("NO_COLOR", "1")]).colors, Colors::Unwanted);
        assert_eq!(display(&[("NO_COLOR", "")]).colors, Colors::Sixteen);
    }

    #[test]
    fn the_environment_tells_how_many_colours_there_are() {
        let colors = |colorterm: &str, term: &str| display(&[("COLORTERM", colorterm), ("TERM", term)]).colors;
        assert_eq!(colors("truecolor", "xterm-256color"), Colors::True);
        assert_eq!(colors("", "xterm-kitty"), Colors::True);
        assert_eq!(colors("", "screen-256color"), Colors::Indexed);
        assert_eq!(colors("", "linux"), Colors::Sixteen);
        assert_eq!(display(&[("COLORTERM", "24bit"), ("NO_COLOR", "1")]).colors, Colors::Unwanted);
    }

    #[test]
    fn the_environment_decides_what_the_file_leaves_open() {
        let poor = display(&[("NO_COLOR", "1"), ("LANG", "C")]);
        let look = look(&Settings::default(), poor).unwrap();
        assert_eq!(look.theme.borders(), Borders::Ascii);
        assert!(Role::ALL.into_iter().all(|role| look.theme.ink(role).color.is_none()));
    }
}
