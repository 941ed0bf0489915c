//! Colours by what they mean, and borders. The only place that names a colour.
//!
//! Owns the roles a piece of the screen can have and what each looks like, with and without colour.
//! It knows no terminal library: the screen turns an [`Ink`] into what its library draws.

use std::collections::BTreeMap;

/// What a piece of the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// What stands back: labels, hints, units.
    Dim,
    /// What stands out: names, totals.
    Strong,
    /// Keys and whatever can be acted on.
    Accent,
    /// It worked.
    Good,
    /// It failed.
    Bad,
    /// It needs a look.
    Warning,
    /// It is going on.
    Busy,
    /// The border of a pane.
    Border,
    /// The border of the pane that has the keys.
    Focus,
    /// The selected row of the pane that has the keys.
    Selected,
    /// The tab that shows.
    Tab,
    /// Where the next character goes.
    Cursor,
    /// What was found.
    Found,
    /// The place of what was found that one looks at.
    FoundHere,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 15] = [
        Self::Text,
        Self::Dim,
        Self::Strong,
        Self::Accent,
        Self::Good,
        Self::Bad,
        Self::Warning,
        Self::Busy,
        Self::Border,
        Self::Focus,
        Self::Selected,
        Self::Tab,
        Self::Cursor,
        Self::Found,
        Self::FoundHere,
    ];

    /// Its key in `[theme]`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Dim => "dim",
            Self::Strong => "strong",
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Warning => "warning",
            Self::Busy => "busy",
            Self::Border => "border",
            Self::Focus => "focus",
            Self::Selected => "selected",
            Self::Tab => "tab",
            Self::Cursor => "cursor",
            Self::Found => "found",
            Self::FoundHere => "found_here",
        }
    }

    /// The colour it has unless the file says otherwise; `None` is the terminal's own.
    fn color(self) -> Option<Color16> {
        match self {
            Self::Text | Self::Strong | Self::Selected | Self::Cursor => None,
            Self::Dim | Self::Border => Some(Color16(8)),
            Self::Accent | Self::Focus | Self::Tab => Some(Color16(6)),
            Self::Good => Some(Color16(2)),
            Self::Bad => Some(Color16(1)),
            Self::Warning | Self::Found | Self::FoundHere => Some(Color16(3)),
            Self::Busy => Some(Color16(4)),
        }
    }

    /// What sets it apart where there is colour.
    fn attributes(self) -> &'static [Attribute] {
        match self {
            Self::Text | Self::Dim | Self::Border | Self::Good | Self::Warning | Self::Accent | Self::Busy => &[],
            Self::Strong | Self::Bad | Self::Focus => &[Attribute::Bold],
            Self::Tab => &[Attribute::Bold, Attribute::Underline],
            Self::Found => &[Attribute::Underline],
            Self::Selected | Self::Cursor | Self::FoundHere => &[Attribute::Reverse],
        }
    }

    /// What sets it apart where there is none.
    fn plain_attributes(self) -> &'static [Attribute] {
        match self {
            Self::Text | Self::Good | Self::Border => &[],
            Self::Dim => &[Attribute::Dim],
            Self::Strong | Self::Accent | Self::Busy | Self::Warning | Self::Bad | Self::Focus => &[Attribute::Bold],
            Self::Tab => &[Attribute::Bold, Attribute::Underline],
            Self::Found => &[Attribute::Underline],
            Self::Selected | Self::Cursor | Self::FoundHere => &[Attribute::Reverse],
        }
    }
}

/// One of the terminal's 16 colours, by its number: 0 to 7, and 8 to 15 for the bright ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color16(u8);

const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

impl Color16 {
    /// Its number, 0 to 15.
    pub fn number(self) -> u8 {
        self.0
    }

    fn named(text: &str) -> Option<Self> {
        let text = if text == "gray" { "bright-black" } else { text };
        let at = NAMES.iter().position(|name| *name == text)?;
        u8::try_from(at).ok().map(Self)
    }
}

/// What sets a text apart without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// Heavier.
    Bold,
    /// Fainter.
    Dim,
    /// Underlined.
    Underline,
    /// Foreground and background swapped.
    Reverse,
}

/// What a role looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    /// Its colour; `None` is the terminal's own.
    pub color: Option<Color16>,
    /// What sets it apart besides.
    pub attributes: &'static [Attribute],
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colors {
    /// The terminal's 16.
    #[default]
    Sixteen,
    /// None, only attributes: for `NO_COLOR`.
    None,
}

/// How panes are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Borders {
    /// Lines with round corners.
    Rounded,
    /// Lines.
    #[default]
    Plain,
    /// `+`, `-` and `|`; signs and sparklines are ASCII too.
    Ascii,
}

/// Colours and borders of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Theme {
    colors: Colors,
    borders: Borders,
    changed: BTreeMap<Role, Option<Color16>>,
}

impl Theme {
    /// Without colours: what `NO_COLOR` asks for. Borders stay.
    pub fn plain() -> Self {
        Self::default().without_color()
    }

    /// This theme, without colours.
    #[must_use]
    pub fn without_color(mut self) -> Self {
        self.colors = Colors::None;
        self
    }

    /// The defaults with `[theme]` applied.
    ///
    /// # Errors
    /// The first key that cannot be used, and why.
    pub fn from_settings(settings: &BTreeMap<String, String>) -> Result<Self, (String, String)> {
        let mut theme = Self::default();
        for (key, value) in settings {
            theme.set(key, value).map_err(|problem| (key.clone(), problem))?;
        }
        Ok(theme)
    }

    /// What a role looks like.
    pub fn ink(&self, role: Role) -> Ink {
        match self.colors {
            Colors::None => Ink { color: None, attributes: role.plain_attributes() },
            Colors::Sixteen => {
                let color = self.changed.get(&role).copied().unwrap_or_else(|| role.color());
                Ink { color, attributes: role.attributes() }
            }
        }
    }

    /// How panes are framed.
    pub fn borders(&self) -> Borders {
        self.borders
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "colors" => self.colors = read_colors(value)?,
            "borders" => self.borders = read_borders(value)?,
            _ => {
                let role = Role::ALL.into_iter().find(|role| role.word() == key).ok_or_else(|| no_role(key))?;
                self.changed.insert(role, read_color(value)?);
            }
        }
        Ok(())
    }
}

fn read_colors(value: &str) -> Result<Colors, String> {
    match value {
        "16" => Ok(Colors::Sixteen),
        "none" => Ok(Colors::None),
        other => Err(format!("\"{other}\" is no choice of colours; use \"16\" or \"none\"")),
    }
}

fn read_borders(value: &str) -> Result<Borders, String> {
    match value {
        "rounded" => Ok(Borders::Rounded),
        "plain" => Ok(Borders::Plain),
        "ascii" => Ok(Borders::Ascii),
        other => Err(format!("\"{other}\" is no border; use \"rounded\", \"plain\" or \"ascii\"")),
    }
}

fn read_color(value: &str) -> Result<Option<Color16>, String> {
    if value == "default" {
        return Ok(None);
    }
    let color = Color16::named(value).ok_or_else(|| {
        format!("\"{value}\" is no colour; use default, gray, {}, or one of them with bright- in front", {
            NAMES.get(..8).unwrap_or_default().join(", ")
        })
    })?;
    Ok(Some(color))
}

fn no_role(key: &str) -> String {
    let words = || Role::ALL.into_iter().map(Role::word).chain(["colors", "borders"]);
    let near = words().max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
    match near.filter(|near| strsim::jaro_winkler(near, key) > 0.7) {
        Some(near) => format!("\"{key}\" is no key of [theme]; did you mean \"{near}\"?"),
        None => format!("\"{key}\" is no key of [theme]; use {}", words().collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(key: &str, value: &str) -> Result<Theme, (String, String)> {
        Theme::from_settings(&BTreeMap::from([(key.to_owned(), value.to_owned())]))
    }

    #[test]
    fn no_settings_are_the_default() {
        assert_eq!(Theme::from_settings(&BTreeMap::new()), Ok(Theme::default()));
    }

    #[test]
    fn a_role_takes_another_colour_and_keeps_its_attributes() {
        let ink = theme("bad", "magenta").unwrap().ink(Role::Bad);
        assert_eq!(ink, Ink { color: Some(Color16(5)), attributes: &[Attribute::Bold] });
        assert_eq!(theme("bad", "default").unwrap().ink(Role::Bad).color, None);
        assert_eq!(theme("dim", "gray").unwrap().ink(Role::Dim).color, Some(Color16(8)));
    }

    #[test]
    fn no_colours_means_no_colours_whatever_a_role_was_given() {
        let settings = [("accent", "red"), ("colors", "none")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        let theme = Theme::from_settings(&BTreeMap::from(settings)).unwrap();
        assert!(Role::ALL.into_iter().all(|role| theme.ink(role).color.is_none()));
        assert!(Role::ALL.into_iter().all(|role| Theme::plain().ink(role).color.is_none()));
    }

    #[test]
    fn problems_say_the_fix() {
        let problem = |key, value| theme(key, value).unwrap_err();
        let said = |key: &str, text: &str| (key.to_owned(), text.to_owned());
        assert_eq!(
            problem("borders", "double"),
            said("borders", "\"double\" is no border; use \"rounded\", \"plain\" or \"ascii\"")
        );
        assert_eq!(problem("colors", "256"), said("colors", "\"256\" is no choice of colours; use \"16\" or \"none\""));
        assert_eq!(problem("acent", "cyan"), said("acent", "\"acent\" is no key of [theme]; did you mean \"accent\"?"));
        let no_color = problem("accent", "#00ffff").1;
        assert!(no_color.starts_with("\"#00ffff\" is no colour; use default, gray, black, red,"), "{no_color}");
    }
}
