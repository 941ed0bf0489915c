//! Lines, bars and shades as shapes: fonts leave gaps between them, and some have none of them.

use super::CELL;

/// A sign that is drawn, not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Lines that meet in the middle of the cell.
    Lines(Arms),
    /// A filled part of the cell.
    Block(Block),
}

/// The ways a line leaves the middle of its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arms {
    sides: (Side, Side),
    bend: Bend,
}

/// Which of two opposite ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Neither,
    /// Left, or up.
    Back,
    /// Right, or down.
    Forth,
    Both,
}

/// How a corner is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bend {
    Sharp,
    Round,
}

/// A filled part of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    /// So many eighths of its height, from below.
    Low(usize),
    /// Its left half.
    Left,
    /// All of it, so many quarters thick.
    Shade(usize),
}

impl Shape {
    /// The shape of a sign, where it has one.
    pub(super) fn of(sign: char) -> Option<Self> {
        use Side::{Back, Both, Forth, Neither};
        let sharp = |x, y| Some(Self::Lines(Arms { sides: (x, y), bend: Bend::Sharp }));
        let round = |x, y| Some(Self::Lines(Arms { sides: (x, y), bend: Bend::Round }));
        match sign {
            '─' => sharp(Both, Neither),
            '│' => sharp(Neither, Both),
            '┌' => sharp(Forth, Forth),
            '┐' => sharp(Back, Forth),
            '└' => sharp(Forth, Back),
            '┘' => sharp(Back, Back),
            '├' => sharp(Forth, Both),
            '┤' => sharp(Back, Both),
            '╭' => round(Forth, Forth),
            '╮' => round(Back, Forth),
            '╰' => round(Forth, Back),
            '╯' => round(Back, Back),
            '▌' => Some(Self::Block(Block::Left)),
            '░' => Some(Self::Block(Block::Shade(1))),
            '▒' => Some(Self::Block(Block::Shade(2))),
            '▓' => Some(Self::Block(Block::Shade(3))),
            '▁'..='█' => Some(Self::Block(Block::Low((u32::from(sign) - 0x2580) as usize))),
            _ => None,
        }
    }

    /// Whether neighbours of this shape are one longer shape.
    pub(super) fn is_repeated(self) -> bool {
        match self {
            Self::Lines(arms) => arms.sides == (Side::Both, Side::Neither),
            Self::Block(Block::Low(_) | Block::Shade(_)) => true,
            Self::Block(Block::Left) => false,
        }
    }
}

/// Adds the lines of a cell, or of a row of alike cells, to a path.
pub(super) fn lines(path: &mut String, arms: Arms, (x, y): (usize, usize), columns: usize) {
    let (right, bottom) = (x + columns * CELL.0, y + CELL.1);
    let middle = (x + CELL.0 / 2, y + CELL.1 / 2);
    let span = |side: Side, (from, center, to): (usize, usize, usize)| match side {
        Side::Neither => None,
        Side::Back => Some((from, center)),
        Side::Forth => Some((center, to)),
        Side::Both => Some((from, to)),
    };
    let across = span(arms.sides.0, (x, middle.0, right));
    let down = span(arms.sides.1, (y, middle.1, bottom));
    let line = match (across, down, arms.bend) {
        (Some(across), Some(down), Bend::Round) => {
            let end = |(a, b): (usize, usize), center: usize| if a == center { b } else { a };
            let (x, y) = (end(across, middle.0), end(down, middle.1));
            format!("M{x} {1}Q{0} {1} {0} {y}", middle.0, middle.1)
        }
        (across, down, _) => {
            let across = across.map(|(from, to)| format!("M{from} {}H{to}", middle.1));
            let down = down.map(|(from, to)| format!("M{} {from}V{to}", middle.0));
            across.unwrap_or_default() + &down.unwrap_or_default()
        }
    };
    path.push_str(&line);
}

/// A filled part of a cell, or of a row of alike cells.
pub(super) fn block(block: Block, (x, y): (usize, usize), columns: usize, fill: &str) -> String {
    let (width, height) = (columns * CELL.0, CELL.1);
    let (top, width, height, opacity) = match block {
        Block::Low(eighths) => (y + height - height * eighths / 8, width, height * eighths / 8, ""),
        Block::Left => (y, width / 2, height, ""),
        Block::Shade(1) => (y, width, height, " fill-opacity=\"0.25\""),
        Block::Shade(2) => (y, width, height, " fill-opacity=\"0.5\""),
        Block::Shade(_) => (y, width, height, " fill-opacity=\"0.75\""),
    };
    format!("<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"{opacity}/>\n")
}
