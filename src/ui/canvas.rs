//! A part of the screen to draw on. Whatever is drawn stays inside it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Widget};
use unicode_width::UnicodeWidthStr;

use crate::config::theme::Role;
use crate::domain::text::{clean_line, is_unsafe};

use super::style::Styles;
use super::text::{Row, wrap};

/// A part of the screen.
pub(super) struct Canvas<'b> {
    pub(super) buffer: &'b mut Buffer,
    pub(super) area: Rect,
    pub(super) styles: Styles<'b>,
}

impl Canvas<'_> {
    /// Columns.
    pub(super) fn width(&self) -> usize {
        usize::from(self.area.width)
    }

    /// Rows.
    pub(super) fn height(&self) -> usize {
        usize::from(self.area.height)
    }

    /// The style of a role.
    pub(super) fn style(&self, role: Role) -> Style {
        self.styles.of(role)
    }

    /// An empty line as wide as this part.
    pub(super) fn row(&self) -> Row {
        Row::new(self.width())
    }

    /// A line with one text.
    pub(super) fn text(&self, role: Role, text: &str) -> Row {
        self.row().add(self.style(role), text)
    }

    /// Puts a line; one below the end is dropped.
    pub(super) fn put(&mut self, y: usize, row: Row) {
        self.put_line(y, &row.into_line());
    }

    /// Puts a text that was cleaned before; one below the end is dropped.
    pub(super) fn put_line(&mut self, y: usize, line: &Line<'_>) {
        if let Ok(y) = u16::try_from(y)
            && y < self.area.height
        {
            self.buffer.set_line(self.area.x, self.area.y + y, line, self.area.width);
        }
    }

    /// A part of this part.
    pub(super) fn part(&mut self, area: Rect) -> Canvas<'_> {
        let area = area.intersection(self.area);
        Canvas { buffer: self.buffer, area, styles: self.styles }
    }

    /// The rows from `from` on, at most `height` of them.
    pub(super) fn rows(&self, from: usize, height: usize) -> Rect {
        let below = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX).min(self.area.height);
        let (from, to) = (below(from), below(from.saturating_add(height)));
        Rect { y: self.area.y + from, height: to - from, ..self.area }
    }

    /// A frame; returns what is inside.
    pub(super) fn frame(&mut self, block: Block<'_>) -> Rect {
        let inner = block.inner(self.area);
        block.render(self.area, self.buffer);
        inner
    }

    /// A wrapped text of at most so many rows, with a sign before its first.
    pub(super) fn signed(&self, (sign, sign_role): (&str, Role), text: &str, (role, most): (Role, usize)) -> Vec<Row> {
        let lines = wrap(text, self.width().saturating_sub(4), most);
        let signs = std::iter::once(sign).chain(std::iter::repeat(" "));
        let row = |(sign, line): (&str, &String)| {
            self.row().space(1).add(self.style(sign_role), sign).space(1).add(self.style(role), line)
        };
        signs.zip(&lines).map(row).collect()
    }

    /// Says in the lower border which part of a text or a table shows, where there is room.
    pub(super) fn put_place(&mut self, role: Role, place: &str) {
        let row = Row::new(self.width().saturating_sub(4)).space(1).add(self.style(role), place).space(1);
        let Ok(width) = u16::try_from(row.width()) else { return };
        if place.is_empty() || width.saturating_add(4) > self.area.width {
            return;
        }
        let at = Rect { x: self.area.right() - width - 2, y: self.area.bottom().saturating_sub(1), width, height: 1 };
        self.part(at).put(0, row);
    }

    /// Wipes this part for a box over the screen. A wide character at its left edge would reach into it.
    pub(super) fn wipe(&mut self) {
        Clear.render(self.area, self.buffer);
        let Some(left) = self.area.x.checked_sub(1) else { return };
        for y in self.area.top()..self.area.bottom() {
            if let Some(cell) = self.buffer.cell_mut((left, y))
                && cell.symbol().width() > 1
            {
                cell.set_symbol(" ");
            }
        }
    }

    /// Replaces characters that must not reach a terminal, for widgets that draw texts as they are.
    pub(super) fn scrub(&mut self) {
        for position in self.area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position)
                && cell.symbol().contains(is_unsafe)
            {
                let clean = clean_line(cell.symbol()).into_owned();
                cell.set_symbol(&clean);
            }
        }
    }
}
