//! The colour sets: what each role looks like on a dark screen, on a light one, with the most contrast, and in the
//! terminal's own 16 colours. A test computes the contrast of every pair.

use super::tint::Tint;
use super::{JsonPart, Role};

/// A set of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Set {
    /// For dark backgrounds; paints none of its own.
    Dark,
    /// For light backgrounds; paints none of its own.
    Light,
    /// White and bright colours on black, which it paints.
    HighContrast,
    /// The terminal's own 16, which nearly every terminal lets a person choose.
    #[default]
    Sixteen,
}

/// The colours of a page: what has no colour of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Ordinary text.
    pub text: Tint,
    /// What it stands on.
    pub background: Tint,
}

impl Set {
    /// Every set.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::HighContrast, Self::Sixteen];

    /// Its word in `[theme]`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Sixteen => "16",
        }
    }

    /// The colour of a role; `None` is the page's own.
    pub(super) fn color(self, role: Role) -> Option<Tint> {
        match self {
            Self::Dark => Some(dark(role)),
            Self::Light => Some(light(role)),
            Self::HighContrast => Some(high_contrast(role)),
            Self::Sixteen => sixteen(role),
        }
    }

    /// What the selected row stands on; the terminal's own 16 swap text and background instead.
    pub(super) fn selection(self) -> Option<Tint> {
        match self {
            Self::Dark => Some(hex(0x2b_3a50)),
            Self::Light => Some(hex(0xd5_e3f5)),
            Self::HighContrast => Some(hex(0xff_ffff)),
            Self::Sixteen => None,
        }
    }

    /// The colour of the whole selected row, where it is one.
    pub(super) fn selected_text(self) -> Option<Tint> {
        (self == Self::HighContrast).then(|| hex(0))
    }

    /// What the set paints behind everything.
    pub(super) fn background(self) -> Option<Tint> {
        (self == Self::HighContrast).then(|| hex(0))
    }

    /// The page a picture is drawn on.
    pub(super) fn page(self) -> Page {
        match self {
            Self::Dark | Self::Sixteen => Page { text: hex(0xd7_dce2), background: hex(0x16_1a21) },
            Self::Light => Page { text: hex(0x1f_2328), background: hex(0xff_ffff) },
            Self::HighContrast => Page { text: hex(0xff_ffff), background: hex(0) },
        }
    }
}

const fn hex(rgb: u32) -> Tint {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Tint::Mixed(red, green, blue)
}

fn dark(role: Role) -> Tint {
    hex(match role {
        Role::Text | Role::Strong | Role::Selected | Role::Cursor => 0xd7_dce2,
        Role::Dim => 0x9a_a5b1,
        Role::Accent | Role::Focus | Role::Tab => 0x7c_c7e8,
        Role::Good => 0x8f_d19e,
        Role::Bad => 0xff_9a94,
        Role::Warning => 0xf2_c97d,
        Role::Busy => 0x8f_b8ff,
        Role::Border => 0x79_869a,
        Role::Code | Role::Json(JsonPart::Word) => 0xd5_b3ff,
        Role::Json(JsonPart::Key) => 0x8f_d0f5,
        Role::Json(JsonPart::Text) => 0xa5_d6a7,
        Role::Json(JsonPart::Number) => 0xf0_b880,
    })
}

fn light(role: Role) -> Tint {
    hex(match role {
        Role::Text | Role::Strong | Role::Selected | Role::Cursor => 0x1f_2328,
        Role::Dim => 0x57_606a,
        Role::Accent | Role::Focus | Role::Tab | Role::Json(JsonPart::Key) => 0x0a_5a8a,
        Role::Good | Role::Json(JsonPart::Text) => 0x1a_6b2f,
        Role::Bad => 0xb3_261e,
        Role::Warning => 0x7a_5200,
        Role::Busy => 0x24_58b8,
        Role::Border => 0x7a_838e,
        Role::Code | Role::Json(JsonPart::Word) => 0x6a_3ab2,
        Role::Json(JsonPart::Number) => 0x8a_4b00,
    })
}

fn high_contrast(role: Role) -> Tint {
    hex(match role {
        Role::Text | Role::Strong | Role::Selected | Role::Cursor | Role::Border => 0xff_ffff,
        Role::Dim => 0xd0_d0d0,
        Role::Accent | Role::Tab | Role::Json(JsonPart::Key) => 0x66_e0ff,
        Role::Good | Role::Json(JsonPart::Text) => 0x5c_ff7a,
        Role::Bad => 0xff_9a9a,
        Role::Warning | Role::Focus | Role::Json(JsonPart::Number) => 0xff_e14d,
        Role::Busy => 0xa8_c4ff,
        Role::Code | Role::Json(JsonPart::Word) => 0xe5_b8ff,
    })
}

/// Blue is the bright one: the ordinary one can hardly be read on black.
fn sixteen(role: Role) -> Option<Tint> {
    let number = match role {
        Role::Text | Role::Strong | Role::Selected | Role::Cursor => return None,
        Role::Dim | Role::Border => 8,
        Role::Accent | Role::Focus | Role::Tab | Role::Json(JsonPart::Key) => 6,
        Role::Good | Role::Json(JsonPart::Text) => 2,
        Role::Bad => 1,
        Role::Warning | Role::Json(JsonPart::Number) => 3,
        Role::Busy => 12,
        Role::Code | Role::Json(JsonPart::Word) => 5,
    };
    Some(Tint::Own(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours as the web's accessibility guidelines (WCAG 2) define it: 1 to 21.
    fn contrast(a: Tint, b: Tint) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = |tint: Tint| {
            let (red, green, blue) = tint.rgb();
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Backgrounds that terminals have: pure ones, and the popular ones that are hardest to read on.
    fn backgrounds(set: Set) -> Vec<Tint> {
        match set {
            Set::Dark => [0x00_0000, 0x1e_1e2e, 0x28_2c34, 0x16_1a21].map(hex).to_vec(),
            Set::Light => [0xff_ffff, 0xfd_f6e3, 0xef_f1f5].map(hex).to_vec(),
            Set::HighContrast => vec![hex(0)],
            Set::Sixteen => Vec::new(),
        }
    }

    #[test]
    fn every_role_can_be_read_on_every_background_of_its_set() {
        assert!((contrast(hex(0), hex(0xff_ffff)) - 21.0).abs() < 0.001);
        for set in Set::ALL {
            for (role, background) in
                Role::ALL.into_iter().flat_map(|role| backgrounds(set).into_iter().map(move |b| (role, b)))
            {
                let least = match (set, role) {
                    (Set::HighContrast, _) => 7.0,
                    (_, Role::Border) => 3.0,
                    _ => 4.5,
                };
                let found = contrast(set.color(role).unwrap(), background);
                assert!(found >= least, "{} {} on {background:?}: {found:.2}", set.word(), role.word());
            }
        }
    }

    #[test]
    fn every_role_can_be_read_in_the_selected_row() {
        for set in [Set::Dark, Set::Light, Set::HighContrast] {
            let on = set.selection().unwrap();
            for role in Role::ALL.into_iter().filter(|role| *role != Role::Border) {
                let text = set.selected_text().or_else(|| set.color(role)).unwrap();
                let found = contrast(text, on);
                assert!(found >= 4.5, "{} {} in the selected row: {found:.2}", set.word(), role.word());
            }
        }
    }

    #[test]
    fn a_picture_of_the_terminals_own_16_can_be_read() {
        let page = Set::Sixteen.page();
        for role in Role::ALL {
            let found = contrast(Set::Sixteen.color(role).unwrap_or(page.text), page.background);
            assert!(found >= 4.5, "{}: {found:.2}", role.word());
        }
    }

    #[test]
    fn what_is_256_colours_apart_is_still_read() {
        for set in [Set::Dark, Set::Light] {
            for (role, background) in
                Role::ALL.into_iter().flat_map(|role| backgrounds(set).into_iter().map(move |b| (role, b)))
            {
                let found = contrast(set.color(role).unwrap().within_256(), background);
                let least = if role == Role::Border { 2.5 } else { 4.0 };
                assert!(found >= least, "{} {} on {background:?}: {found:.2}", set.word(), role.word());
            }
        }
    }
}
