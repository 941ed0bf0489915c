//! A screen as a picture: a buffer in, an SVG out.
//!
//! Every text names its place and its length, and lines, bars and shades are drawn as shapes, so that no font can put
//! anything out of its column. Colours are the theme's.

use std::collections::BTreeMap;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

use crate::config::theme::{Page, Theme, Tint};

use super::style::tint;

mod shapes;

use shapes::Shape;

/// A cell, in units that halves and eighths of it are whole numbers of.
const CELL: (usize, usize) = (16, 32);
/// Around the screen.
const MARGIN: usize = 16;
/// From a cell's top to the line that letters stand on.
const BASELINE: usize = 24;
/// Units of a cell's width, and the pixels they are shown with.
const SCALE: (usize, usize) = (16, 9);

/// Red, green and blue.
type Rgb = (u8, u8, u8);

/// How a cell is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Looks {
    text: Rgb,
    on: Rgb,
    /// Bold, faint, underlined.
    modifier: Modifier,
}

/// Cells of a row that are drawn as one.
struct Run {
    from: usize,
    columns: usize,
    text: String,
    looks: Looks,
}

/// The picture of a buffer.
pub(super) fn svg(buffer: &Buffer, theme: &Theme) -> String {
    let page = theme.page();
    let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut drawing = Drawing { grounds: String::new(), texts: String::new(), lines: BTreeMap::new() };
    for (y, row) in buffer.content.chunks(columns.max(1)).enumerate() {
        drawing.row(y, row, page);
    }
    let background = hex(page.background.rgb());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\">\n\
         <title>switchboard</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"10\" fill=\"{background}\"/>\n\
         <g transform=\"translate({MARGIN} {MARGIN})\" font-size=\"26\" stroke-width=\"2\" font-family=\"ui-monospace, Menlo, Consolas, \
         'DejaVu Sans Mono', monospace\">\n",
        width * SCALE.1 / SCALE.0,
        height * SCALE.1 / SCALE.0
    );
    svg.push_str(&drawing.grounds);
    for (color, path) in &drawing.lines {
        let line = format!("<path fill=\"none\" stroke=\"{}\" d=\"{path}\"/>\n", hex(*color));
        svg.push_str(&line);
    }
    svg.push_str(&drawing.texts);
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The parts of a picture, from the lowest to the highest.
struct Drawing {
    grounds: String,
    texts: String,
    /// The lines of each colour, as one path.
    lines: BTreeMap<Rgb, String>,
}

impl Drawing {
    fn row(&mut self, y: usize, row: &[Cell], page: Page) {
        let runs = runs(row, page);
        for run in &runs {
            self.ground(y, run, page);
        }
        for run in runs {
            match run.text.chars().next().and_then(Shape::of) {
                Some(shape) => self.shape(y, &run, shape),
                None => self.text(y, &run),
            }
        }
    }

    fn ground(&mut self, y: usize, run: &Run, page: Page) {
        if run.looks.on != page.background.rgb() {
            let (x, width) = (run.from * CELL.0, run.columns * CELL.0);
            let on = hex(run.looks.on);
            let rect = format!(
                "<rect x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{}\" fill=\"{on}\"/>\n",
                y * CELL.1,
                CELL.1
            );
            self.grounds.push_str(&rect);
        }
    }

    fn shape(&mut self, y: usize, run: &Run, shape: Shape) {
        match shape {
            Shape::Lines(arms) => {
                let path = self.lines.entry(run.looks.text).or_default();
                shapes::lines(path, arms, (run.from * CELL.0, y * CELL.1), run.columns);
            }
            Shape::Block(block) => {
                let rect = shapes::block(block, (run.from * CELL.0, y * CELL.1), run.columns, &hex(run.looks.text));
                self.texts.push_str(&rect);
            }
        }
    }

    /// Single spaces may stand inside a text; XML keeps no others.
    fn text(&mut self, y: usize, run: &Run) {
        let text = run.text.trim_end();
        if text.is_empty() {
            return;
        }
        let (x, y) = (run.from * CELL.0, y * CELL.1 + BASELINE);
        let length = text.width() * CELL.0;
        let modifier = run.looks.modifier;
        let has = |part: Modifier, written: &'static str| if modifier.contains(part) { written } else { "" };
        let style = format!(
            "{}{}{}",
            has(Modifier::BOLD, " font-weight=\"bold\""),
            has(Modifier::DIM, " fill-opacity=\"0.6\""),
            has(Modifier::UNDERLINED, " text-decoration=\"underline\"")
        );
        let text = escaped(text);
        let fill = hex(run.looks.text);
        let line = format!(
            "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{fill}\"{style}>{text}</text>\n"
        );
        self.texts.push_str(&line);
    }
}

/// A row as runs: neighbours that look alike, and shapes that are alike.
fn runs(row: &[Cell], page: Page) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut at = 0;
    while let Some(cell) = row.get(at) {
        let columns = cell.symbol().width().max(1);
        let looks = looks(cell, page);
        match runs.last_mut().filter(|run| run.looks == looks && joins(&run.text, cell.symbol(), columns)) {
            Some(run) => {
                run.columns += columns;
                run.text.push_str(cell.symbol());
            }
            None => runs.push(Run { from: at, columns, text: cell.symbol().to_owned(), looks }),
        }
        at += columns;
    }
    runs
}

/// Whether a sign may go on a text: shapes of one kind do, letters do, and a wide sign stands alone.
fn joins(text: &str, sign: &str, columns: usize) -> bool {
    let Some(last) = text.chars().last() else { return false };
    let shape = |c: Option<char>| c.and_then(Shape::of);
    match (shape(Some(last)), shape(sign.chars().next())) {
        (Some(before), Some(now)) => before == now && before.is_repeated(),
        (None, None) if text.trim().is_empty() => sign == " ",
        (None, None) => columns == 1 && text.width() == text.chars().count() && !(last == ' ' && sign == " "),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn looks(cell: &Cell, page: Page) -> Looks {
    let of = |tint: Option<Tint>, otherwise: Tint| tint.unwrap_or(otherwise).rgb();
    let (text, on) = (of(tint(cell.fg), page.text), of(tint(cell.bg), page.background));
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    let (text, on) = if reversed { (on, text) } else { (text, on) };
    Looks { text, on, modifier: cell.modifier & (Modifier::BOLD | Modifier::DIM | Modifier::UNDERLINED) }
}

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Fit for XML, which has no place for controls and for two characters that are none.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}
