//! A colour: one of the terminal's 16, one of its 256, or a mixed one. How it is written, and what is nearest to it where the
//! terminal has fewer.

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    /// One of the terminal's own 16, by its number: 0 to 7, and 8 to 15 for the bright ones.
    Own(u8),
    /// One of the 256 that xterm defined.
    Indexed(u8),
    /// Red, green and blue.
    Mixed(u8, u8, u8),
}

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

/// What a picture shows for the terminal's own 16. A terminal has its own idea of them; these are read well on dark.
const OWN: [(u8, u8, u8); 16] = [
    (0x1b, 0x1f, 0x27),
    (0xe0, 0x6c, 0x75),
    (0x7f, 0xc9, 0x8b),
    (0xe5, 0xc0, 0x7b),
    (0x61, 0xaf, 0xef),
    (0xc6, 0x78, 0xdd),
    (0x56, 0xc2, 0xd6),
    (0xd0, 0xd4, 0xdb),
    (0x8b, 0x94, 0xa3),
    (0xff, 0x8b, 0x92),
    (0x9e, 0xe0, 0xa9),
    (0xff, 0xd8, 0x8f),
    (0x8c, 0xc4, 0xff),
    (0xdd, 0x98, 0xf0),
    (0x7f, 0xdd, 0xee),
    (0xff, 0xff, 0xff),
];

/// What xterm shows for its 16: colours are compared with these where only 16 are to be had.
const XTERM: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// The steps of xterm's cube of 6 × 6 × 6 colours, which begins at 16.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Tint {
    /// A colour as `[theme]` writes it: one of the 16 by name, or `#rrggbb`.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(hex) = text.strip_prefix('#') {
            return Self::from_hex(hex);
        }
        let text = if text == "gray" { "bright-black" } else { text };
        let at = NAMES.iter().position(|name| *name == text)?;
        u8::try_from(at).ok().map(Self::Own)
    }

    fn from_hex(hex: &str) -> Option<Self> {
        let is_hex = hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let [_, red, green, blue] = u32::from_str_radix(hex, 16).ok().filter(|_| is_hex)?.to_be_bytes();
        Some(Self::Mixed(red, green, blue))
    }

    /// The names of the 8 that have a bright sister.
    pub(super) fn names() -> String {
        NAMES.get(..8).unwrap_or_default().join(", ")
    }

    /// Red, green and blue, as a picture shows it.
    pub fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Own(number) => OWN.get(usize::from(number)).copied().unwrap_or_default(),
            Self::Indexed(number) => indexed(number),
            Self::Mixed(red, green, blue) => (red, green, blue),
        }
    }

    /// The nearest of xterm's 256; those of the terminal's own stay.
    pub(super) fn within_256(self) -> Self {
        let Self::Mixed(red, green, blue) = self else { return self };
        // The first 16 are the terminal's own: nobody knows what they look like.
        (16..=u8::MAX).min_by_key(|number| distance(indexed(*number), (red, green, blue))).map_or(self, Self::Indexed)
    }

    /// The nearest of the terminal's own 16.
    pub(super) fn within_16(self) -> Self {
        let rgb = match self {
            Self::Own(_) => return self,
            Self::Indexed(_) | Self::Mixed(..) => self.rgb(),
        };
        let nearest = (0..16_u8).zip(XTERM).min_by_key(|(_, other)| distance(*other, rgb));
        nearest.map_or(self, |(number, _)| Self::Own(number))
    }
}

fn indexed(number: u8) -> (u8, u8, u8) {
    let step = |at: u8| STEPS.get(usize::from(at)).copied().unwrap_or_default();
    match number {
        0..16 => OWN.get(usize::from(number)).copied().unwrap_or_default(),
        16..232 => {
            let at = number - 16;
            (step(at / 36), step(at / 6 % 6), step(at % 6))
        }
        232.. => {
            let gray = 8 + 10 * (number - 232);
            (gray, gray, gray)
        }
    }
}

/// How far two colours lie apart; the eye sees green best and blue least.
fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    2 * square(a.0, b.0) + 4 * square(a.1, b.1) + 3 * square(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_written_by_name_or_in_hex() {
        assert_eq!(Tint::read("bright-cyan"), Some(Tint::Own(14)));
        assert_eq!(Tint::read("gray"), Some(Tint::Own(8)));
        assert_eq!(Tint::read("#ff8000"), Some(Tint::Mixed(255, 128, 0)));
        for wrong in ["#ff80", "#gg8000", "#+f8000", "orange", ""] {
            assert_eq!(Tint::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn fewer_colours_bring_the_nearest() {
        assert_eq!(Tint::Mixed(95, 135, 175).within_256(), Tint::Indexed(67));
        assert_eq!(Tint::Mixed(8, 8, 9).within_256(), Tint::Indexed(232));
        assert_eq!(Tint::Mixed(250, 10, 10).within_16(), Tint::Own(9));
        assert_eq!(Tint::Indexed(16).within_16(), Tint::Own(0));
        assert_eq!(Tint::Own(3).within_256(), Tint::Own(3));
    }
}
