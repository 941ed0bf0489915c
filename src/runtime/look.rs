//! Keys and colours from the file and from what the terminal can show.

use crate::app::model::Look;
use crate::config::{ConfigError, Settings};

/// What the terminal can show, from the environment. The file goes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Display {
    /// Whether colours are wanted.
    pub(super) colors: Colors,
    /// What characters the locale has.
    pub(super) charset: Charset,
}

/// Whether colours are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    /// Yes.
    Wanted,
    /// No: `NO_COLOR` is set and not empty.
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
        let colors = if set("NO_COLOR").is_some() { Colors::Unwanted } else { Colors::Wanted };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        Self { colors, charset: charset(locale.as_deref()) }
    }
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
    if display.colors == Colors::Unwanted {
        poor.push(("colors", "none"));
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
        assert_eq!(display(&[("NO_COLOR", "")]).colors, Colors::Wanted);
    }

    #[test]
    fn the_environment_decides_what_the_file_leaves_open() {
        let poor = display(&[("NO_COLOR", "1"), ("LANG", "C")]);
        let look = look(&Settings::default(), poor).unwrap();
        assert_eq!(look.theme.borders(), Borders::Ascii);
        assert!(Role::ALL.into_iter().all(|role| look.theme.ink(role).color.is_none()));
    }
}
