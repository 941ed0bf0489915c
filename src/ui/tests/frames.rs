//! No column is broken: the cells of a row add up to the screen's width, and every frame's sides stand in the same
//! column from its upper corner to its lower one. What lies over the screen leaves the rest as it was.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::columns::Terminal;
use super::fixtures::*;
use crate::app::Model;
use crate::app::model::Tab;
use crate::app::overlay::Overlay;

/// Why a screen is broken, if it is: as it is drawn, as a terminal shows it, and what lies over it.
pub(super) fn are_whole(model: &Model, size: (u16, u16)) -> Result<(), String> {
    let (buffer, facts) = drawn(model.clone(), size);
    rows_add_up(&buffer)?;
    let mut terminal = Terminal::new(size);
    terminal.draw(buffer.clone());
    terminal.is_as_drawn().map_err(|error| error.to_string())?;
    match model.overlay {
        None => frames(&buffer).and_then(|frames| if frames > 0 { Ok(()) } else { Err("no frame".to_owned()) }),
        Some(Overlay::Plain(_)) => frames(&buffer).and_then(|frames| match frames {
            0 => Ok(()),
            _ => Err("a text to be selected by hand has a frame".to_owned()),
        }),
        Some(_) => {
            let below = drawn(Model { overlay: None, ..model.clone() }, size).0;
            rows_add_up(&below)?;
            frames(&below)?;
            lies_over(&buffer, &below, place(size, facts.page))
        }
    }
}

/// Where a box of so many columns and rows inside lies: in the middle of all but the hints.
fn place((width, height): (u16, u16), (columns, rows): (u16, u16)) -> Rect {
    let (outer, tall) = (columns + 4, rows + 2);
    Rect::new((width - outer) / 2, (height - 1 - tall) / 2, outer, tall)
}

fn rows_add_up(buffer: &Buffer) -> Result<(), String> {
    let width = usize::from(buffer.area.width);
    for (y, row) in buffer.content.chunks(width).enumerate() {
        let mut at = 0;
        while let Some(cell) = row.get(at) {
            let next = at + cell.symbol().width().max(1);
            let covered = row.get(at + 1..next).ok_or_else(|| format!("row {y} is wider than the screen"))?;
            if let Some(hidden) = covered.iter().find(|cell| !cell.symbol().trim().is_empty()) {
                return Err(format!("row {y}: {:?} lies on {:?}", cell.symbol(), hidden.symbol()));
            }
            at = next;
        }
    }
    Ok(())
}

/// Checks every frame; tells how many there are.
fn frames(buffer: &Buffer) -> Result<usize, String> {
    let (tops, bottoms) = (edges(buffer, ["┌", "┐"])?, edges(buffer, ["└", "┘"])?);
    for (y, left, right) in &tops {
        let end = sides(buffer, (*left, *right), *y + 1)?;
        if !bottoms.contains(&(end, *left, *right)) {
            return Err(format!("the frame from row {y}, columns {left} to {right}, has another lower edge"));
        }
    }
    if tops.len() == bottoms.len() { Ok(tops.len()) } else { Err("frames without upper or lower edges".to_owned()) }
}

/// Rows with the columns of the two corners of an edge.
fn edges(buffer: &Buffer, [left, right]: [&str; 2]) -> Result<Vec<(u16, u16, u16)>, String> {
    let mut edges = Vec::new();
    for y in 0..buffer.area.height {
        let mut open = Vec::new();
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if symbol == left {
                open.push(x);
            } else if symbol == right {
                let from = open.pop().ok_or_else(|| format!("a lone {right} in row {y}, column {x}"))?;
                edges.push((y, from, x));
            }
        }
        if let Some(x) = open.pop() {
            return Err(format!("a lone {left} in row {y}, column {x}"));
        }
    }
    Ok(edges)
}

/// Goes down both sides of a frame to its lower edge; tells the row of that.
fn sides(buffer: &Buffer, (left, right): (u16, u16), from: u16) -> Result<u16, String> {
    for y in from..buffer.area.height {
        match (buffer[(left, y)].symbol(), buffer[(right, y)].symbol()) {
            ("│", "│") => {}
            ("└", "┘") => return Ok(y),
            sides => return Err(format!("row {y}, columns {left} and {right}: {sides:?} are no sides of a frame")),
        }
    }
    Err(format!("the frame of columns {left} to {right} has no end"))
}

/// The box is whole, and around it is what is below.
fn lies_over(buffer: &Buffer, below: &Buffer, place: Rect) -> Result<(), String> {
    let (right, bottom) = (place.right() - 1, place.bottom() - 1);
    let corners = [(place.x, place.y), (right, place.y), (place.x, bottom), (right, bottom)];
    let corners = corners.map(|corner| buffer[corner].symbol());
    if corners != ["┌", "┐", "└", "┘"] || sides(buffer, (place.x, right), place.y + 1)? != bottom {
        return Err(format!("the box over the screen is broken; its corners: {corners:?}"));
    }
    let hints = buffer.area.bottom() - 1;
    let around = buffer.area.positions().filter(|at| !place.contains(*at) && at.y != hints);
    for at in around {
        let cut = at.x + 1 == place.x && below[at].symbol().width() > 1;
        if buffer[at].symbol() != below[at].symbol() && !cut {
            return Err(format!("beside the box at {at}: {:?} was {:?}", buffer[at].symbol(), below[at].symbol()));
        }
    }
    Ok(())
}

#[test]
fn what_is_broken_is_found() {
    let size = (120, 40);
    let whole = drawn(at(model(), Tab::Test), size).0;
    assert_eq!(frames(&whole), Ok(3));
    let broken = |change: fn(&mut Buffer)| {
        let mut buffer = whole.clone();
        change(&mut buffer);
        rows_add_up(&buffer).and_then(|()| frames(&buffer))
    };
    // A row that moved by a column.
    let moved = broken(|buffer| buffer.content[120 * 9..120 * 10].rotate_right(1));
    assert!(moved.as_ref().is_err_and(|said| said.contains("row 9")), "{moved:?}");
    // A corner that a text ran over, and one in the middle of a text.
    let corner = broken(|buffer| buffer[(119, 1)].set_symbol("x").reset());
    assert!(corner.as_ref().is_err_and(|said| said.contains("lone")), "{corner:?}");
    // A wide sign in the last column, and one on another sign.
    let wide = broken(|buffer| {
        buffer[(119, 5)].set_symbol("東");
    });
    assert!(wide.as_ref().is_err_and(|said| said.contains("wider than the screen")), "{wide:?}");
    let hidden = broken(|buffer| {
        buffer[(118, 5)].set_symbol("東");
    });
    assert!(hidden.as_ref().is_err_and(|said| said.contains("lies on")), "{hidden:?}");
}

#[test]
fn a_box_that_leaks_is_found() {
    let size = (80, 24);
    let below = drawn(at(model(), Tab::Test), size).0;
    let mut asks = at(model(), Tab::Test);
    press(&mut asks, ":");
    let (over, facts) = drawn(asks, size);
    let place = place(size, facts.page);
    assert_eq!(lies_over(&over, &below, place), Ok(()));
    let mut leaks = over.clone();
    leaks[(place.right(), place.y + 2)].set_symbol("x");
    assert!(lies_over(&leaks, &below, place).is_err());
    let mut open = over;
    open[(place.x, place.y + 3)].set_symbol(" ");
    assert!(lies_over(&open, &below, place).is_err());
}
