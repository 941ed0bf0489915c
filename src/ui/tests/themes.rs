//! Without colours, and in ASCII.

use ratatui::style::Color;

use super::dump::{plain, styled};
use super::fixtures::*;
use crate::app::model::Tab;
use crate::config::theme::Theme;

fn busy() -> crate::app::Model {
    let mut model = at(model(), Tab::Test);
    add_run(&mut model, "azure-prod", &streaming_events());
    model
}

#[test]
fn without_colours_attributes_tell_the_same() {
    let mut model = busy();
    model.look.theme = Theme::plain();
    let (buffer, _) = drawn(model, (100, 24));
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    insta::assert_snapshot!("plain_100x24", styled(&buffer));
}

#[test]
fn sets_of_colours() {
    for set in ["dark", "light", "high-contrast"] {
        let mut model = busy();
        model.view.focus = crate::app::model::Focus::List;
        model.look.theme = theme(&[("set", set)]);
        let (buffer, _) = drawn(model, (100, 24));
        let is_painted = buffer.content.iter().all(|cell| cell.bg != Color::Reset && cell.fg != Color::Reset);
        assert_eq!(is_painted, set == "high-contrast");
        insta::assert_snapshot!(format!("{set}_100x24"), styled(&buffer));
    }
}

#[test]
fn ascii_borders_bring_ascii_signs() {
    let mut model = busy();
    model.look.theme = theme(&[("borders", "ascii")]);
    let (buffer, _) = drawn(model, (100, 24));
    let text = plain(&buffer);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!("ascii_100x24", text);
}

#[test]
fn round_corners() {
    let mut model = busy();
    model.look.theme = theme(&[("borders", "rounded")]);
    assert!(plain(&drawn(model, (100, 24)).0).contains('╭'));
}
