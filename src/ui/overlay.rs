//! What lies over the screen: a box in its middle.

use ratatui::layout::Rect;
use ratatui::widgets::Block;

use crate::app::Model;
use crate::app::flow::Flow;
use crate::app::overlay::{Naming, Overlay, Page, Plain};
use crate::config::theme::Role;

use super::canvas::Canvas;
use super::highlight::{Json, Piece, is_json};
use super::text::Row;
use super::{hints, input, number};

mod palette;
mod question;

/// The columns and rows of what lies over the screen, and how many more rows there are below those.
pub(super) type Seen = ((u16, u16), usize);

/// Draws the box; tells of its inside.
pub(super) fn draw(model: &Model, over: &Overlay, canvas: &mut Canvas<'_>) -> Seen {
    let whole = |inside| (inside, 0);
    match over {
        Overlay::Help(page) => draw_page(page, 78, Reading::Keys, canvas),
        Overlay::Preview(page) => draw_page(page, 110, Reading::Request(None), canvas),
        Overlay::Message(page) => draw_page(page, 90, Reading::Words, canvas),
        Overlay::Palette(palette) => whole(palette::draw(palette, canvas)),
        Overlay::Question(question) => whole(question::draw(model, question, canvas)),
        Overlay::Name(naming) => whole(draw_name(naming, canvas)),
        // It has the whole screen.
        Overlay::Plain(_) => whole((0, 0)),
    }
}

/// How the rows of a page are read.
enum Reading {
    /// Headings, and keys with what they do.
    Keys,
    /// Lines, then a body that goes on to the end of the page.
    Request(Option<Json>),
    /// As they are.
    Words,
}

impl Reading {
    fn pieces(&mut self, row: &str, next: &str) -> Vec<Piece> {
        match self {
            Self::Keys if row.starts_with("  ") => {
                let keys = row.trim_start().find("  ").map_or(row.len(), |keys| keys + 2);
                vec![(0..keys, Role::Accent), (keys..row.len(), Role::Text)]
            }
            Self::Keys => vec![(0..row.len(), Role::Strong)],
            Self::Request(json) => {
                if json.is_none() && is_json(row) {
                    *json = Some(Json::default());
                }
                json.as_mut().map(|json| json.pieces(row, next)).unwrap_or_default()
            }
            Self::Words => Vec::new(),
        }
    }
}

/// Draws the name of a file while it is typed.
fn draw_name(naming: &Naming, canvas: &mut Canvas<'_>) -> (u16, u16) {
    let title = format!("Save {} to a file", number::bytes(naming.text.len() as u64));
    let inner = open(&title, (64, 2), canvas);
    let mut inside = canvas.part(inner);
    let line = inside.text(Role::Accent, "> ");
    let line = input::add(line, &naming.name, naming.name.chars().count(), inside.styles);
    inside.put(0, line);
    let told = inside.text(Role::Dim, "below where it was started, or ~/…, or a whole path");
    inside.put(1, told);
    (inner.width, inner.height)
}

/// Draws a text over the whole screen: no frame, nothing beside it, so that it can be selected by hand. The last line
/// tells how to come back.
pub(super) fn draw_plain(model: &Model, plain: &Plain, canvas: &mut Canvas<'_>) -> Seen {
    let rows = canvas.rows(0, canvas.height().saturating_sub(1));
    let mut inside = canvas.part(rows);
    let height = inside.height();
    let top = plain.top.min(plain.flow.rows().saturating_sub(height));
    for y in 0..height {
        let row = inside.text(Role::Text, &plain.flow.row(top + y));
        inside.put(y, row);
    }
    let last = canvas.rows(height, 1);
    hints::draw(model, &mut canvas.part(last));
    ((rows.width, rows.height), plain.flow.rows().saturating_sub(top + height))
}

fn draw_page(page: &Page, widest: usize, mut reading: Reading, canvas: &mut Canvas<'_>) -> Seen {
    let width = box_width(canvas.area, widest);
    let mut flow = Flow::default();
    flow.set_width(width.saturating_sub(4));
    flow.push(&page.lines.join("\n"));
    let inner = open(&page.title, (widest, flow.rows()), canvas);
    let mut inside = canvas.part(inner);
    let (all, height) = (flow.rows(), inside.height());
    let top = page.top.min(all.saturating_sub(height));
    // What stands above the view is read, too: a body may begin there.
    for at in 0..all.min(top + height) {
        let text = flow.row(at);
        let pieces = reading.pieces(&text, &flow.row(at + 1));
        if let Some(y) = at.checked_sub(top) {
            let row = inside.row().add_pieces(&text, |_| pieces, inside.styles);
            inside.put(y, row);
        }
    }
    put_place(&number::window(top, height, all), inner, canvas);
    ((inner.width, inner.height), all.saturating_sub(top + height))
}

/// Says in the lower border of a box which rows of its inside show.
fn put_place(place: &str, inner: Rect, canvas: &mut Canvas<'_>) {
    let (x, y) = (inner.x.saturating_sub(2), inner.y.saturating_sub(1));
    canvas.part(Rect { x, y, width: inner.width + 4, height: inner.height + 2 }).put_place(Role::Dim, place);
}

/// Draws an empty box for this many columns and rows of text; returns where the text goes.
fn open(title: &str, (columns, rows): (usize, usize), canvas: &mut Canvas<'_>) -> Rect {
    let area = canvas.area;
    let width = box_width(area, columns);
    let height = most(rows.max(1) + 2).min(area.height.saturating_sub(u16::from(area.height > 12) * 2)).max(3);
    let height = height.min(area.height);
    let place = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let mut over = canvas.part(place);
    over.wipe();
    let title = Row::new(usize::from(width.saturating_sub(4))).space(1).add(over.style(Role::Strong), title).space(1);
    let border = over.style(Role::Focus);
    let block = Block::bordered().border_set(over.styles.border()).border_style(border).title_top(title.into_line());
    let inner = over.frame(block);
    // A column stays free at each side.
    Rect { x: inner.x + inner.width.min(1), width: inner.width.saturating_sub(2), ..inner }
}

/// Columns of a box, its frame included.
fn box_width(area: Rect, columns: usize) -> u16 {
    let wanted = most(columns + 4);
    // A sliver of what lies below tells nothing: the box takes it.
    if wanted.saturating_add(6) > area.width { area.width } else { wanted }
}

fn most(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
