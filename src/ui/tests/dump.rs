//! A screen as text: what it says, then how each cell looks.

use std::collections::BTreeMap;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

/// The text, without styles.
pub(super) fn plain(buffer: &Buffer) -> String {
    rows(buffer).map(|row| line(row, ' ', |cell| cell.symbol().to_owned())).collect::<Vec<_>>().join("\n")
}

/// The text, then a letter for the style of each cell, then what the letters mean.
pub(super) fn styled(buffer: &Buffer) -> String {
    let mut legend = BTreeMap::new();
    let mut letter = |cell: &Cell| {
        let on = if cell.bg == Color::Reset { String::new() } else { format!(" on {:?}", cell.bg) };
        let style = format!("{:?} {:?}{on}", cell.fg, cell.modifier);
        if style == "Reset NONE" {
            return ".".to_owned();
        }
        let next = char::from(b'a' + u8::try_from(legend.len()).unwrap());
        legend.entry(style).or_insert(next).to_string()
    };
    let styles: Vec<String> = rows(buffer).map(|row| line(row, '.', &mut letter)).collect();
    let legend: Vec<String> = legend.iter().map(|(style, letter)| format!("{letter} {style}")).collect();
    format!("{}\n\n{}\n\n{}", plain(buffer), styles.join("\n"), legend.join("\n"))
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width))
}

/// A wide character takes two cells; its second is not told. What says nothing is left out at the end.
fn line(row: &[Cell], nothing: char, mut show: impl FnMut(&Cell) -> String) -> String {
    let mut text = String::new();
    let mut at = 0;
    while let Some(cell) = row.get(at) {
        text.push_str(&show(cell));
        at += cell.symbol().width().max(1);
    }
    text.truncate(text.trim_end_matches(nothing).len());
    text
}
