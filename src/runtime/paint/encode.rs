//! Cells as the bytes that a terminal takes: the shortest way to a place, and no style said twice.
//!
//! The pen is plain when a frame begins and when it ends. Beside VT100 sequences, erasing characters (ECH) is used
//! where the terminal is known to be an heir of one.

use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::Ability;
use super::shift::{By, Shift};

/// A cell to be drawn: column, row, what it shows.
pub(super) type Update<'c> = (u16, u16, &'c Cell);

/// From this many blanks on, erasing them is shorter than writing them.
const BLANKS: usize = 6;
/// Up to this many cells, writing them again is shorter than the sequence that steps over them.
const BRIDGED: usize = 3;

/// How what follows is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

/// Bytes of one frame.
#[derive(Debug)]
pub(super) struct Encoder {
    out: Vec<u8>,
    area: Rect,
    erasing: Ability,
    pen: Pen,
    /// Where the cursor is, where that is sure.
    at: Option<(u16, u16)>,
}

impl Encoder {
    /// An encoder for a screen of this size; the cursor may be anywhere.
    pub(super) fn new(area: Rect, erasing: Ability) -> Self {
        Self { out: Vec::new(), area, erasing, pen: PLAIN, at: None }
    }

    /// Moves rows. Line feeds at the lower margin and reverse ones at the upper are what every VT100 scrolls with.
    pub(super) fn shift(&mut self, shift: Shift) {
        let (top, bottom) = (shift.top + 1, shift.bottom);
        self.put(format_args!("\x1b[{top};{bottom}r"));
        match shift.by {
            By::Up(rows) => {
                self.put(format_args!("\x1b[{bottom}H"));
                self.out.extend(std::iter::repeat_n(b'\n', usize::from(rows)));
            }
            By::Down(rows) => {
                self.put(format_args!("\x1b[{top}H"));
                self.out.extend(b"\x1bM".repeat(usize::from(rows)));
            }
        }
        self.out.extend(b"\x1b[r");
        // Setting margins homes the cursor of some terminals and leaves that of others.
        self.at = None;
    }

    /// Draws the cells of `next` that differ, from left to right and from top to bottom.
    pub(super) fn updates(&mut self, updates: &[Update<'_>], next: &Buffer) {
        let mut rest = updates;
        while let Some((first, others)) = rest.split_first() {
            let (cells, count) = blanks(rest, next);
            if cells >= BLANKS && self.erasing == Ability::Told {
                self.erase(*first, cells);
                rest = rest.get(count..).unwrap_or_default();
            } else {
                self.bridge(*first, next);
                self.cell(*first);
                rest = others;
            }
        }
    }

    /// Writes a few cells again that show already, where that is shorter than stepping over them.
    fn bridge(&mut self, (x, y, _): Update<'_>, next: &Buffer) {
        let Some((column, row)) = self.at.filter(|(column, row)| *row == y && *column < x) else { return };
        let gap = cells(next, row, column, x);
        let fits = |cell: &Cell| cell.symbol().len() == 1 && pen(cell) == self.pen;
        if gap.len() <= BRIDGED && gap.iter().all(fits) {
            for cell in gap {
                self.out.extend(cell.symbol().as_bytes());
            }
            self.at = Some((x, y));
        }
    }

    /// What was encoded; the pen is put down.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.take(PLAIN);
        self.out
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to memory cannot fail.
        self.out.write_fmt(text).ok();
    }

    fn erase(&mut self, (x, y, _): Update<'_>, blanks: usize) {
        self.take(PLAIN);
        self.go(x, y);
        if usize::from(x) + blanks >= usize::from(self.area.width) {
            self.out.extend(b"\x1b[K");
        } else {
            self.put(format_args!("\x1b[{blanks}X"));
        }
    }

    fn cell(&mut self, (x, y, cell): Update<'_>) {
        let after = x.saturating_add(cell.cell_width());
        let is_cluster = cell.symbol().chars().nth(1).is_some();
        self.go(x, y);
        self.take(pen(cell));
        if is_cluster && after > x + 1 {
            // A terminal that takes fewer columns for it must not leave what stood there.
            self.out.extend(b" ".repeat(usize::from(after - x)));
            self.at = None;
            self.go(x, y);
        }
        self.out.extend(cell.symbol().as_bytes());
        // At the right edge terminals differ, and so they do about clusters of several characters.
        self.at = (!is_cluster && after < self.area.width).then_some((after, y));
    }

    /// Takes the cursor to a place.
    fn go(&mut self, x: u16, y: u16) {
        match self.at {
            Some(at) if at == (x, y) => {}
            Some((_, row)) if row == y && x == 0 => self.out.push(b'\r'),
            Some((column, row)) if row == y && column < x => match x - column {
                1 => self.out.extend(b"\x1b[C"),
                columns => self.put(format_args!("\x1b[{columns}C")),
            },
            Some((_, row)) if row + 1 == y && x == 0 => self.out.extend(b"\r\n"),
            Some(_) | None if x == 0 => self.put(format_args!("\x1b[{}H", y + 1)),
            Some(_) | None => self.put(format_args!("\x1b[{};{}H", y + 1, x + 1)),
        }
        self.at = Some((x, y));
    }

    /// Takes another pen: what is added is said alone, what goes needs everything said again.
    fn take(&mut self, pen: Pen) {
        if pen == self.pen {
            return;
        }
        let before = std::mem::replace(&mut self.pen, pen);
        if pen == PLAIN {
            self.out.extend(b"\x1b[m");
            return;
        }
        let added = before.modifier.difference(pen.modifier).is_empty();
        let (from, mut codes) = if added { (before, Vec::new()) } else { (PLAIN, vec![String::new()]) };
        codes.extend(modifiers(pen.modifier.difference(from.modifier)));
        if pen.fg != from.fg {
            codes.push(color(pen.fg, 30));
        }
        if pen.bg != from.bg {
            codes.push(color(pen.bg, 40));
        }
        self.put(format_args!("\x1b[{}m", codes.join(";")));
    }
}

fn pen(cell: &Cell) -> Pen {
    Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
}

/// The cells of a row from a column to before another.
fn cells(buffer: &Buffer, row: u16, from: u16, to: u16) -> &[Cell] {
    let start = usize::from(row) * usize::from(buffer.area.width);
    buffer.content.get(start + usize::from(from)..start + usize::from(to)).unwrap_or_default()
}

/// How many blank cells without a style stand side by side from the first update to the last that is one of them, and
/// how many updates that are: blanks between them may show already.
fn blanks(updates: &[Update<'_>], next: &Buffer) -> (usize, usize) {
    let Some(&(x, y, _)) = updates.first() else { return (0, 0) };
    let row = cells(next, y, x, next.area.width);
    let run = row.iter().take_while(|cell| **cell == Cell::EMPTY).count();
    let inside = |update: &&Update<'_>| update.1 == y && usize::from(update.0 - x) < run;
    let count = updates.iter().take_while(inside).count();
    let last = count.checked_sub(1).and_then(|last| updates.get(last));
    (last.map_or(0, |(column, _, _)| usize::from(column - x) + 1), count)
}

fn modifiers(modifier: Modifier) -> impl Iterator<Item = String> {
    let codes = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::SLOW_BLINK, 5),
        (Modifier::RAPID_BLINK, 6),
        (Modifier::REVERSED, 7),
        (Modifier::HIDDEN, 8),
        (Modifier::CROSSED_OUT, 9),
    ];
    codes.into_iter().filter(move |(one, _)| modifier.contains(*one)).map(|(_, code)| code.to_string())
}

/// A colour's code. The 16 have the short codes that every terminal knows, counted from `base`: 30 for the foreground,
/// 40 for the background; the bright ones stand 60 above.
fn color(color: Color, base: u8) -> String {
    let code = match color {
        Color::Reset => 9,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
        Color::Indexed(number) => return format!("{};5;{number}", base + 8),
        Color::Rgb(red, green, blue) => return format!("{};2;{red};{green};{blue}", base + 8),
    };
    (base + code).to_string()
}
