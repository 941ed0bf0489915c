//! The command palette: every command of the keymap, found by typing a part of it.

use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::overlay::{Command, Overlay, Palette, PaletteItem};
use crate::config::keymap::{Binding, Chord, Context, Move, Prompt};
use crate::domain::text::clean_line;

use super::overlay::keys;
use super::{list, only, perform, typing};

/// Opens it over what is in focus.
pub(super) fn open(model: &mut Model) {
    let mut palette = Palette { from: Some(model.context_below()), ..Palette::default() };
    palette.matches = matches(model, &palette);
    model.overlay = Some(Overlay::Palette(palette));
}

/// Everything that can be done from where it was opened.
fn items(model: &Model, from: Context) -> Vec<PaletteItem> {
    let keymap = &model.look.keymap;
    let rows = keymap.rows(from).chain(keymap.rows(Context::Global).filter(|_| from != Context::Global));
    let connectors = model.config.config.entries.iter().map(|entry| PaletteItem {
        name: format!("go {}", entry.connector.id),
        label: clean_line(&entry.connector.name).into_owned(),
        key: String::new(),
        command: Command::Go(entry.connector.id.clone()),
    });
    rows.map(item).chain(connectors).collect()
}

fn item(row: &Binding) -> PaletteItem {
    PaletteItem {
        name: row.name.to_owned(),
        label: row.label.to_owned(),
        key: keys(row).split(' ').next().unwrap_or_default().to_owned(),
        command: Command::Act(row.action),
    }
}

fn matches(model: &Model, palette: &Palette) -> Vec<PaletteItem> {
    let text = palette.text.trim().to_lowercase();
    let items = items(model, palette.from.unwrap_or(Context::Global));
    let mut ranked: Vec<(usize, PaletteItem)> =
        items.into_iter().filter_map(|item| Some((rank(&item, &text)?, item))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, item)| item).collect()
}

/// How well an item fits: its name's beginning, a part of its name, of its label, or its letters in order.
fn rank(item: &PaletteItem, text: &str) -> Option<usize> {
    let (name, label) = (item.name.to_lowercase(), item.label.to_lowercase());
    let has_letters_of = |hay: &str| {
        let mut hay = hay.chars();
        text.chars().filter(|c| *c != ' ').all(|c| hay.any(|other| other == c))
    };
    let fits = [name.starts_with(text), name.contains(text), label.contains(text), has_letters_of(&name)];
    fits.iter().position(|fits| *fits)
}

pub(super) fn key(model: &mut Model, chord: Chord) {
    change(model, |text| typing::at_end(text, chord));
}

pub(super) fn paste(model: &mut Model, line: &str) {
    change(model, |text| {
        text.push_str(line);
        true
    });
}

fn change(model: &mut Model, act: impl FnOnce(&mut String) -> bool) {
    let Some(Overlay::Palette(palette)) = &model.overlay else { return };
    let mut palette = palette.clone();
    if act(&mut palette.text) {
        palette.selected = 0;
        palette.matches = matches(model, &palette);
        model.overlay = Some(Overlay::Palette(palette));
    }
}

pub(super) fn step(model: &mut Model, step: Move) {
    let page = usize::from(model.view.facts.page.1).max(1);
    let Some(Overlay::Palette(palette)) = &mut model.overlay else { return };
    palette.selected = list::moved(palette.selected, palette.matches.len().saturating_sub(1), page, step);
}

pub(super) fn prompt(model: &mut Model, answer: Prompt) -> Vec<Effect> {
    let Some(Overlay::Palette(palette)) = model.overlay.take() else { return Vec::new() };
    let chosen = match answer {
        Prompt::Accept => palette.matches.into_iter().nth(palette.selected),
        Prompt::Dismiss | Prompt::Other => None,
    };
    match chosen.map(|item| item.command) {
        Some(Command::Act(action)) => perform(model, palette.from.unwrap_or(Context::Global), action),
        Some(Command::Go(id)) if model.config.entry(&id).is_some() => only(|| list::open_test(model, id)),
        Some(Command::Go(_)) | None => Vec::new(),
    }
}
