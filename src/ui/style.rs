//! What a role looks like in the terminal library. Colours are named in [`crate::config::theme`] alone.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::config::theme::{Attribute, Borders, Role, Theme, Tint};

/// The theme, as styles.
#[derive(Debug, Clone, Copy)]
pub(super) struct Styles<'t>(pub(super) &'t Theme);

impl Styles<'_> {
    /// The style of a role.
    pub(super) fn of(self, role: Role) -> Style {
        let ink = self.0.ink(role);
        let style = match ink.color {
            Some(color) => Style::new().fg(terminal_color(color)),
            // A bar in which every piece swaps a colour of its own would be a patchwork.
            None if role == Role::Selected && ink.background.is_none() => Style::new().fg(Color::Reset),
            None => Style::new(),
        };
        let style = ink.background.map_or(style, |background| style.bg(terminal_color(background)));
        ink.attributes.iter().fold(style, |style, attribute| style.add_modifier(modifier(*attribute)))
    }

    /// What was found in a text: told by a line below it, whatever the text under it looks like.
    pub(super) fn found(self) -> Style {
        self.of(Role::Warning).add_modifier(Modifier::UNDERLINED)
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

fn terminal_color(tint: Tint) -> Color {
    match tint {
        Tint::Own(number) => BY_NUMBER.get(usize::from(number)).copied().unwrap_or_default(),
        Tint::Indexed(number) => Color::Indexed(number),
        Tint::Mixed(red, green, blue) => Color::Rgb(red, green, blue),
    }
}

/// Paints the theme's background under everything that has none, and its text over it.
pub(super) fn paint(theme: &Theme, buffer: &mut Buffer) {
    let Some(background) = theme.background().map(terminal_color) else { return };
    let text = theme.ink(Role::Text).color.map_or(Color::Reset, terminal_color);
    for cell in &mut buffer.content {
        if cell.bg == Color::Reset {
            cell.bg = background;
        }
        if cell.fg == Color::Reset {
            cell.fg = text;
        }
    }
}

/// The theme's word for a colour of the terminal library; `None` is the page's own.
pub(super) fn tint(color: Color) -> Option<Tint> {
    if let Some(number) = BY_NUMBER.iter().position(|named| *named == color) {
        return u8::try_from(number).ok().map(Tint::Own);
    }
    if let Color::Indexed(number) = color {
        return Some(Tint::Indexed(number));
    }
    let Color::Rgb(red, green, blue) = color else { return None };
    Some(Tint::Mixed(red, green, blue))
}
