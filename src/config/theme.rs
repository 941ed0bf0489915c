//! Colours by what they mean, and borders. The only place that names a colour.
//!
//! Owns the roles a piece of the screen can have and what each looks like, with and without colour.
//! It knows no terminal library: the screen turns an [`Ink`] into what its library draws.

use std::collections::BTreeMap;

mod sets;
mod tint;

pub use sets::{Page, Set};
pub use tint::Tint;

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
    /// Fenced code in an answer.
    Code,
    /// A piece of JSON.
    Json(JsonPart),
}

/// The pieces of JSON; its signs are [`Role::Dim`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JsonPart {
    /// The name of a member.
    Key,
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true`, `false` and `null`.
    Word,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 18] = [
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
        Self::Code,
        Self::Json(JsonPart::Key),
        Self::Json(JsonPart::Text),
        Self::Json(JsonPart::Number),
        Self::Json(JsonPart::Word),
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
            Self::Code => "code",
            Self::Json(JsonPart::Key) => "json-key",
            Self::Json(JsonPart::Text) => "json-string",
            Self::Json(JsonPart::Number) => "json-number",
            Self::Json(JsonPart::Word) => "json-word",
        }
    }

    /// What sets it apart where there is colour.
    fn attributes(self) -> &'static [Attribute] {
        match self {
            Self::Text
            | Self::Dim
            | Self::Border
            | Self::Good
            | Self::Warning
            | Self::Accent
            | Self::Busy
            | Self::Code
            | Self::Json(_) => &[],
            Self::Strong | Self::Bad | Self::Focus => &[Attribute::Bold],
            Self::Tab => &[Attribute::Bold, Attribute::Underline],
            Self::Selected | Self::Cursor => &[Attribute::Reverse],
        }
    }

    /// What sets it apart where there is none.
    fn plain_attributes(self) -> &'static [Attribute] {
        match self {
            Self::Text | Self::Good | Self::Border | Self::Code | Self::Json(_) => &[],
            Self::Dim => &[Attribute::Dim],
            Self::Strong | Self::Accent | Self::Busy | Self::Warning | Self::Bad | Self::Focus => &[Attribute::Bold],
            Self::Tab => &[Attribute::Bold, Attribute::Underline],
            Self::Selected | Self::Cursor => &[Attribute::Reverse],
        }
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
    /// Its colour; `None` is the page's own.
    pub color: Option<Tint>,
    /// What it stands on; `None` is the page's own.
    pub background: Option<Tint>,
    /// What sets it apart besides.
    pub attributes: &'static [Attribute],
}

/// How many colours are used. A set or a person may wish for more than the terminal has; the nearest shows then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colors {
    /// As many as there are.
    #[default]
    True,
    /// Those that xterm defined.
    Indexed,
    /// The terminal's own 16.
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
    set: Set,
    colors: Colors,
    borders: Borders,
    background: Background,
    changed: BTreeMap<Role, Option<Tint>>,
}

/// What is painted behind everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Background {
    /// What the set paints, which mostly is nothing.
    #[default]
    OfTheSet,
    /// What a person chose; `None` is the terminal's own.
    Chosen(Option<Tint>),
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
        if self.colors == Colors::None {
            return Ink { color: None, background: None, attributes: role.plain_attributes() };
        }
        let color = match (self.changed.get(&role), role) {
            (Some(changed), _) => *changed,
            (None, Role::Selected) => self.palette().selected_text(),
            (None, _) => self.palette().color(role),
        };
        let background = self.palette().selection().filter(|_| role == Role::Selected);
        let attributes = if background.is_some() { &[] } else { role.attributes() };
        Ink { color: self.reduced(color), background: self.reduced(background), attributes }
    }

    /// What is painted behind everything; `None` leaves the terminal's own.
    pub fn background(&self) -> Option<Tint> {
        self.reduced(match self.background {
            Background::OfTheSet => self.set.background(),
            Background::Chosen(background) => background,
        })
    }

    /// What a picture is drawn on.
    pub fn page(&self) -> Page {
        let page = self.set.page();
        Page { background: self.background().unwrap_or(page.background), ..page }
    }

    /// The soft colours of the dark and the light set have no likeness among 16: the terminal's own stand in.
    fn palette(&self) -> Set {
        match (self.colors, self.set) {
            (Colors::Sixteen, Set::Dark | Set::Light) => Set::Sixteen,
            (_, set) => set,
        }
    }

    fn reduced(&self, tint: Option<Tint>) -> Option<Tint> {
        match self.colors {
            Colors::True => tint,
            Colors::Indexed => tint.map(Tint::within_256),
            Colors::Sixteen => tint.map(Tint::within_16),
            Colors::None => None,
        }
    }

    /// How panes are framed.
    pub fn borders(&self) -> Borders {
        self.borders
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        match key {
            "set" => self.set = read_set(value)?,
            "colors" => self.colors = read_colors(value)?,
            "borders" => self.borders = read_borders(value)?,
            "background" => self.background = Background::Chosen(read_color(value)?),
            _ => {
                let role = Role::ALL.into_iter().find(|role| role.word() == key).ok_or_else(|| no_role(key))?;
                self.changed.insert(role, read_color(value)?);
            }
        }
        Ok(())
    }
}

fn read_set(value: &str) -> Result<Set, String> {
    let set = Set::ALL.into_iter().find(|set| set.word() == value);
    set.ok_or_else(|| format!("\"{value}\" is no set of colours; use \"dark\", \"light\", \"high-contrast\" or \"16\""))
}

fn read_colors(value: &str) -> Result<Colors, String> {
    match value {
        "true" => Ok(Colors::True),
        "256" => Ok(Colors::Indexed),
        "16" => Ok(Colors::Sixteen),
        "none" => Ok(Colors::None),
        other => Err(format!("\"{other}\" is no choice of colours; use \"true\", \"256\", \"16\" or \"none\"")),
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

fn read_color(value: &str) -> Result<Option<Tint>, String> {
    if value == "default" {
        return Ok(None);
    }
    let color = Tint::read(value).ok_or_else(|| {
        let names = Tint::names();
        format!("\"{value}\" is no colour; use #rrggbb, default, gray, {names}, or one of them with bright- in front")
    })?;
    Ok(Some(color))
}

fn no_role(key: &str) -> String {
    let words = || Role::ALL.into_iter().map(Role::word).chain(["set", "colors", "borders", "background"]);
    let near = words().max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
    match near.filter(|near| strsim::jaro_winkler(near, key) > 0.7) {
        Some(near) => format!("\"{key}\" is no key of [theme]; did you mean \"{near}\"?"),
        None => format!("\"{key}\" is no key of [theme]; use {}", words().collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests;
