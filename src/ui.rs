//! Draws the model. Reads, never changes, never does I/O.
//!
//! [`view`] lays the panels out by the size of the terminal and draws each: one file a panel. Text from
//! outside goes through [`text`], which cleans it and cuts it by columns; [`style`] turns roles into
//! styles; [`picture()`] makes an image of it. What drawing found out comes back as [`Facts`], because scrolling needs it.

use ratatui::buffer::Buffer;

use crate::app::Model;
use crate::app::model::{Areas, Facts, Rows, Screen};
use crate::app::overlay::Overlay;
use crate::config::theme::{Borders, Role};

mod ascii;
mod canvas;
mod doctor;
mod edit;
mod events;
mod highlight;
mod hints;
mod input;
mod layout;
mod list;
mod number;
mod overlay;
mod picture;
mod state;
mod steady;
mod style;
mod test;
mod text;
mod tokens;
mod top;
mod usage;
mod watch;
mod workspace;

#[cfg(test)]
mod tests;

use canvas::Canvas;
use layout::{Layout, Panes};
use style::Styles;
use workspace::area;

/// Draws the model on a frame and tells the sizes that scrolling and wrapping need.
pub fn view(model: &Model, frame: &mut ratatui::Frame<'_>) -> Facts {
    draw(model, frame.buffer_mut())
}

/// The model as a picture of so many columns and rows: an SVG. Tells what [`view`] tells.
pub fn picture(model: &Model, (columns, rows): (u16, u16)) -> (String, Facts) {
    let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, columns, rows));
    let facts = draw(model, &mut buffer);
    (picture::svg(&buffer, &model.look.theme), facts)
}

/// [`view`], on a buffer.
pub fn draw(model: &Model, buffer: &mut Buffer) -> Facts {
    let area = buffer.area;
    let mut canvas = Canvas { buffer, area, styles: Styles(&model.look.theme) };
    let facts = match Layout::of(model, area) {
        None => too_small(&mut canvas),
        Some(layout) => panels(model, &layout, &mut canvas),
    };
    if model.look.theme.borders() == Borders::Ascii {
        ascii::fold(buffer);
    }
    steady::settle(buffer);
    style::paint(&model.look.theme, buffer);
    facts
}

fn too_small(canvas: &mut Canvas<'_>) -> Facts {
    let said = if canvas.width() >= 18 { "needs 20×5 or more" } else { "too small" };
    canvas.put(0, canvas.text(Role::Text, said));
    Facts::default()
}

fn panels(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) -> Facts {
    if let Some(Overlay::Plain(plain)) = &model.overlay {
        let (page, below) = overlay::draw_plain(model, plain, canvas);
        return Facts { page, below, areas: Areas::default(), ..model.view.facts };
    }
    top::draw(model, &mut canvas.part(layout.top));
    top::draw_problem(model, &mut canvas.part(layout.problem));
    let mut facts = panes(model, layout, canvas);
    if let Some((page, table)) = screen(model, layout, canvas) {
        facts.page = page;
        facts.areas = Areas { table, ..Areas::default() };
    }
    tokens::draw(model, &mut canvas.part(layout.tokens));
    hints::draw(model, &mut canvas.part(layout.hints));
    if let Some(over) = &model.overlay {
        (facts.page, facts.below) = overlay::draw(model, over, &mut canvas.part(layout.over()));
    }
    facts
}

/// A screen that lies over the panes, where there is one; tells its columns and rows, and where its table lies.
fn screen(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) -> Option<((u16, u16), Rows)> {
    let mut body = canvas.part(layout.list.union(layout.workspace));
    match (model.view.screen, &model.ledger.usage, &model.ledger.events) {
        (Screen::Usage, Some(pane), _) => {
            body.wipe();
            Some(((0, 0), usage::draw(model, pane, &mut body)))
        }
        (Screen::Events, _, Some(pane)) => {
            body.wipe();
            Some(events::draw(model, pane, &mut body))
        }
        (Screen::Watch, _, _) => {
            body.wipe();
            Some(watch::draw(model, &mut body))
        }
        (Screen::Panes, _, _) | (Screen::Usage, None, _) | (Screen::Events, _, None) => None,
    }
}

/// The list, the workspace, or both. The size of what does not show is told too: it is scrolled and wrapped all the same.
fn panes(model: &Model, layout: &Layout, canvas: &mut Canvas<'_>) -> Facts {
    let list_rows = list::height(layout.list);
    match layout.panes {
        Panes::Both => {
            let rows = list::draw(model, &mut canvas.part(layout.list));
            let facts = workspace::draw(model, &mut canvas.part(layout.workspace), list_rows);
            with_areas(facts, Areas { list: area(rows), ..facts.areas })
        }
        Panes::Workspace => {
            list::draw_header(model, &mut canvas.part(layout.list_header));
            let facts = workspace::draw(model, &mut canvas.part(layout.workspace), list_rows);
            with_areas(facts, Areas { list_header: area(layout.list_header), ..facts.areas })
        }
        Panes::List => {
            let mut unseen = Buffer::empty(layout.workspace);
            let mut hidden = Canvas { buffer: &mut unseen, area: layout.workspace, styles: canvas.styles };
            let facts = workspace::draw(model, &mut hidden, list_rows);
            let rows = list::draw(model, &mut canvas.part(layout.list));
            with_areas(facts, Areas { list: area(rows), ..Areas::default() })
        }
    }
}

fn with_areas(facts: Facts, areas: Areas) -> Facts {
    Facts { areas, ..facts }
}
