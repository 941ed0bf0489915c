//! The command palette: every command of the keymap, found by typing a part of it.

use crate::app::effect::Effect;
use crate::app::model::{Focus, Model, Screen, Tab, Tone};
use crate::app::overlay::{After, Command, Overlay, Palette, PaletteItem, Works};
use crate::config::keymap::{Action, Binding, Chord, Context, Move, Prompt};
use crate::domain::text::clean_line;

use super::notice::say;
use super::overlay::keys;
use super::{drafts, focus, list, only, perform, typing};

/// Opens it over what is in focus.
pub(super) fn open(model: &mut Model) {
    let mut palette = Palette { from: Some(model.context_below()), ..Palette::default() };
    palette.matches = matches(model, &palette);
    model.overlay = Some(Overlay::Palette(palette));
}

/// Everything that can be done, and the connectors; what works elsewhere alone comes last.
fn items(model: &Model, from: Context) -> Vec<PaletteItem> {
    let keymap = &model.look.keymap;
    let here = keymap.rows(from).chain(keymap.rows(Context::Global).filter(|_| from != Context::Global));
    let mut items: Vec<PaletteItem> = here.map(|row| item(row, Works::Here)).collect();
    for row in keymap.all().iter().filter(|row| !row.context.is_typing() && is_own(row.action)) {
        let known = items.iter().any(|item| item.command == Command::Act(row.action));
        if !known {
            items.push(item(row, works(model, row)));
        }
    }
    let connectors = model.config.config.entries.iter().map(|entry| PaletteItem {
        name: format!("go {}", entry.connector.id),
        label: clean_line(&entry.connector.name).into_owned(),
        key: String::new(),
        command: Command::Go(entry.connector.id.clone()),
        works: Works::Here,
    });
    items.extend(connectors);
    items.sort_by_key(|item| item.works != Works::Here);
    items
}

/// Moving, leaving and answering belong to the place one is in.
fn is_own(action: Action) -> bool {
    match action {
        Action::List(_)
        | Action::Edit(_)
        | Action::Test(_)
        | Action::Doctor(_)
        | Action::Watch(_)
        | Action::Usage(_)
        | Action::Events(_) => true,
        Action::Global(_) | Action::Move(_) | Action::Prompt(_) => false,
    }
}

/// Whether an action of another pane can be done from here: its pane is opened for it where that is possible.
fn works(model: &Model, row: &Binding) -> Works {
    let can = match row.action {
        Action::Test(_) => model.subject().is_some(),
        Action::Doctor(_) => model.list.selected.is_some(),
        Action::Edit(_) => model.edit.is_some() || model.list.selected.is_some(),
        Action::Usage(_) => model.view.screen == Screen::Usage,
        Action::Watch(_) => model.view.screen == Screen::Watch,
        Action::Events(_) => model.view.screen == Screen::Events && row.context == model.context_below(),
        Action::List(_) | Action::Global(_) | Action::Move(_) | Action::Prompt(_) => true,
    };
    if can { Works::Here } else { Works::In(row.context) }
}

fn item(row: &Binding, works: Works) -> PaletteItem {
    PaletteItem {
        name: row.name.to_owned(),
        label: row.label.to_owned(),
        key: keys(row).split(' ').next().unwrap_or_default().to_owned(),
        command: Command::Act(row.action),
        works,
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

/// How well an item fits: its very name, its name's beginning, a part of its name, of its label, or its letters in
/// order. A connector is found by its id alone too.
fn rank(item: &PaletteItem, text: &str) -> Option<usize> {
    let (name, label) = (item.name.to_lowercase(), item.label.to_lowercase());
    let short = name.strip_prefix("go ").unwrap_or(&name);
    let has_letters_of = |hay: &str| {
        let mut hay = hay.chars();
        text.chars().filter(|c| *c != ' ').all(|c| hay.any(|other| other == c))
    };
    let fits = [
        name == text || short == text,
        name.starts_with(text) || (!text.is_empty() && short.starts_with(text)),
        name.contains(text),
        label.contains(text),
        has_letters_of(&name),
    ];
    fits.iter().position(|fits| *fits)
}

/// As far as all names go that begin with what was typed; then the selected name.
fn complete(palette: &mut Palette) {
    let typed = palette.text.trim_start().to_lowercase();
    let mut names = palette.matches.iter().map(|item| item.name.as_str()).filter(|name| name.starts_with(&typed));
    let common = names.next().map(|first| names.fold(first, common_start)).filter(|common| common.len() > typed.len());
    let selected = palette.matches.get(palette.selected).map(|item| item.name.as_str());
    if let Some(text) = common.or(selected).map(str::to_owned) {
        palette.text = text;
    }
}

fn common_start<'a>(one: &'a str, other: &str) -> &'a str {
    let end = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
    one.get(..end.unwrap_or(one.len().min(other.len()))).unwrap_or(one)
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
    if answer == Prompt::Complete {
        return only(|| completed(model));
    }
    let Some(Overlay::Palette(palette)) = model.overlay.take() else { return Vec::new() };
    let chosen = match answer {
        Prompt::Accept => palette.matches.into_iter().nth(palette.selected),
        Prompt::Dismiss | Prompt::Other | Prompt::Complete => None,
    };
    let Some(item) = chosen else { return Vec::new() };
    match (item.command, item.works) {
        (Command::Act(action), Works::Here) => act(model, palette.from.unwrap_or(Context::Global), action),
        (Command::Act(_), Works::In(context)) => {
            only(|| say(model, Tone::Info, &format!("{} works in {}", item.name, context.title())))
        }
        (Command::Go(id), _) if model.config.entry(&id).is_some() => only(|| list::open_test(model, id)),
        (Command::Go(_), _) => Vec::new(),
    }
}

fn completed(model: &mut Model) {
    let Some(Overlay::Palette(palette)) = &model.overlay else { return };
    let (before, mut palette) = (palette.text.clone(), palette.clone());
    complete(&mut palette);
    if palette.text != before {
        palette.selected = 0;
        palette.matches = matches(model, &palette);
    }
    model.overlay = Some(Overlay::Palette(palette));
}

/// Does it where its keys would do it: its pane is opened first.
fn act(model: &mut Model, from: Context, action: Action) -> Vec<Effect> {
    let is_here = |model: &Model| model.look.keymap.rows(from).any(|row| row.action == action);
    if !is_here(model) {
        match action {
            Action::Test(_) => focus(model, Focus::Workspace, Tab::Test),
            Action::Doctor(_) => focus(model, Focus::Workspace, Tab::Doctor),
            Action::Edit(_) => match model.list.selected.clone() {
                Some(id) if model.edit.is_none() => drafts::begin(model, After::Edit(id)),
                Some(_) | None => focus(model, Focus::Workspace, Tab::Edit),
            },
            Action::List(_) => focus(model, Focus::List, model.view.tab),
            Action::Global(_)
            | Action::Move(_)
            | Action::Usage(_)
            | Action::Events(_)
            | Action::Watch(_)
            | Action::Prompt(_) => {}
        }
    }
    perform(model, from, action)
}
