//! What a role looks like in the terminal library. Colours are named in [`crate::config::theme`] alone.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::config::theme::{Attribute, Borders, Color16, Role, Theme};

/// The theme, as styles.
#[derive(Debug, Clone, Copy)]
pub(super) struct Styles<'t>(pub(super) &'t Theme);

impl Styles<'_> {
    /// The style of a role.
    pub(super) fn of(self, role: Role) -> Style {
        let ink = self.0.ink(role);
        let style = ink.color.map_or(Style::new(), |color| Style::new().fg(terminal_color(color)));
        ink.attributes.iter().fold(style, |style, attribute| style.add_modifier(modifier(*attribute)))
    }

    /// The lines of a pane. ASCII ones are drawn as plain lines and folded at the end with everything else.
    pub(super) fn border(self) -> border::Set<'static> {
        match self.0.borders() {
            Borders::Rounded => border::ROUNDED,
            Borders::Plain | Borders::Ascii => border::PLAIN,
        }
    }
}

fn modifier(attribute: Attribute) -> Modifier {
    match attribute {
        Attribute::Bold => Modifier::BOLD,
        Attribute::Dim => Modifier::DIM,
        Attribute::Underline => Modifier::UNDERLINED,
        Attribute::Reverse => Modifier::REVERSED,
    }
}

/// The library names the 16 colours so that a terminal gets their short, oldest codes.
const BY_NUMBER: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

fn terminal_color(color: Color16) -> Color {
    BY_NUMBER.get(usize::from(color.number())).copied().unwrap_or_default()
}
