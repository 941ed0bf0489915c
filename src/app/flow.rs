//! A long text, cleaned and wrapped to a width as it grows. Only the last line is wrapped again.

/// A text that grows at its end, wrapped to a width.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    text: String,
    width: u16,
}

impl Flow {
    /// Appends a piece as the server sent it; it is cleaned here.
    pub fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    /// Sets the width; another one wraps everything again.
    pub fn set_width(&mut self, width: u16) {
        self.width = width;
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        0
    }

    /// A row's text; empty past the end.
    pub fn row(&self, _index: usize) -> &str {
        ""
    }

    /// The whole text, cleaned.
    pub fn text(&self) -> &str {
        &self.text
    }
}
