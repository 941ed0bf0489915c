//! `[theme]` as it is written, and what comes of it.

use super::*;

fn theme(key: &str, value: &str) -> Result<Theme, (String, String)> {
    Theme::from_settings(&BTreeMap::from([(key.to_owned(), value.to_owned())]))
}

fn with(settings: &[(&str, &str)]) -> Theme {
    let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Theme::from_settings(&settings).unwrap()
}

#[test]
fn no_settings_are_the_default() {
    assert_eq!(Theme::from_settings(&BTreeMap::new()), Ok(Theme::default()));
}

#[test]
fn a_role_takes_another_colour_and_keeps_its_attributes() {
    let ink = theme("bad", "magenta").unwrap().ink(Role::Bad);
    assert_eq!(ink, Ink { color: Some(Tint::Own(5)), background: None, attributes: &[Attribute::Bold] });
    assert_eq!(theme("bad", "default").unwrap().ink(Role::Bad).color, None);
    assert_eq!(
        theme("json-key", "#102030").unwrap().ink(Role::Json(JsonPart::Key)).color,
        Some(Tint::Mixed(16, 32, 48))
    );
}

#[test]
fn no_colours_means_no_colours_whatever_a_role_was_given() {
    let theme = with(&[("accent", "red"), ("colors", "none"), ("set", "high-contrast"), ("background", "blue")]);
    let is_plain = |ink: Ink| ink.color.is_none() && ink.background.is_none();
    assert!(Role::ALL.into_iter().all(|role| is_plain(theme.ink(role))));
    assert!(Role::ALL.into_iter().all(|role| is_plain(Theme::plain().ink(role))));
    assert_eq!(theme.background(), None);
}

#[test]
fn a_set_shows_what_the_terminal_has() {
    let good = |colors| with(&[("set", "dark"), ("colors", colors)]).ink(Role::Good).color;
    assert_eq!(good("true"), Some(Tint::Mixed(0x8f, 0xd1, 0x9e)));
    assert!(matches!(good("256"), Some(Tint::Indexed(16..))));
    assert_eq!(good("16"), Theme::default().ink(Role::Good).color);
    let contrast = with(&[("set", "high-contrast"), ("colors", "16")]);
    assert_eq!((contrast.background(), contrast.ink(Role::Text).color), (Some(Tint::Own(0)), Some(Tint::Own(15))));
    let selected = contrast.ink(Role::Selected);
    assert_eq!((selected.color, selected.background), (Some(Tint::Own(0)), Some(Tint::Own(15))));
}

#[test]
fn the_selected_row_has_a_background_or_swaps() {
    assert_eq!(Theme::default().ink(Role::Selected).attributes, [Attribute::Reverse]);
    let dark = with(&[("set", "dark")]).ink(Role::Selected);
    assert!(dark.background.is_some() && dark.color.is_none() && dark.attributes.is_empty());
}

#[test]
fn a_background_of_ones_own_goes_over_the_sets() {
    assert_eq!(theme("background", "#001122").unwrap().background(), Some(Tint::Mixed(0, 17, 34)));
    assert_eq!(with(&[("background", "default"), ("set", "high-contrast")]).background(), None);
}

#[test]
fn problems_say_the_fix() {
    let problem = |key, value| theme(key, value).unwrap_err();
    let said = |key: &str, text: &str| (key.to_owned(), text.to_owned());
    assert_eq!(
        problem("borders", "double"),
        said("borders", "\"double\" is no border; use \"rounded\", \"plain\" or \"ascii\"")
    );
    let colors = "\"8\" is no choice of colours; use \"true\", \"256\", \"16\" or \"none\"";
    assert_eq!(problem("colors", "8"), said("colors", colors));
    let set = "\"solarized\" is no set of colours; use \"dark\", \"light\", \"high-contrast\" or \"16\"";
    assert_eq!(problem("set", "solarized"), said("set", set));
    assert_eq!(problem("acent", "cyan"), said("acent", "\"acent\" is no key of [theme]; did you mean \"accent\"?"));
    let no_color = problem("accent", "#00fff").1;
    assert!(no_color.starts_with("\"#00fff\" is no colour; use #rrggbb, default, gray, black, red,"), "{no_color}");
}
