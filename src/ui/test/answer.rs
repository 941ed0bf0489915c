//! The rows of an answer that show, with its code, its JSON and its lists set apart. Only those rows are looked at, and a
//! little of what stands before the first.

use ratatui::text::Line;

use crate::app::fences::Place;
use crate::app::runs::RunView;
use crate::config::theme::Role;
use crate::domain::text::clean_line;
use crate::ui::canvas::Canvas;
use crate::ui::highlight::{self, Json, Piece};

/// How far back the line of the first row is looked for. A row further in a longer line is not set apart.
const BACK: usize = 4096;

/// What is known of the rows so far.
struct Reader<'r> {
    run: &'r RunView,
    /// The whole answer is JSON.
    is_json: bool,
    json: Json,
}

/// Draws `height` rows from the row `first` on.
pub(super) fn draw(run: &RunView, first: usize, height: usize, canvas: &mut Canvas<'_>) {
    let flow = &run.answer;
    let mut reader = Reader { run, is_json: highlight::is_json(flow.text()), json: Json::default() };
    reader.begin(first);
    for at in first..first.saturating_add(height).min(flow.rows()) {
        let text = clean_line(flow.row(at));
        let pieces = reader.row(at, &text);
        let spans = highlight::spans(&text, &pieces, |role| canvas.style(role));
        canvas.put_line(at - first, &Line::from(spans));
    }
}

impl Reader<'_> {
    /// Reads what stands in the first row's line before it.
    fn begin(&mut self, first: usize) {
        let (start, text) = (self.run.answer.start(first), self.run.answer.text());
        if let Some(line) = line_start(text, start)
            && self.place(start) == Place::Json
        {
            self.json.pieces(text.get(line..start).unwrap_or_default(), text.get(start..).unwrap_or_default());
        }
    }

    fn place(&self, at: usize) -> Place {
        let place = self.run.code.at(at);
        if place == Place::Prose && self.is_json { Place::Json } else { place }
    }

    fn row(&mut self, at: usize, row: &str) -> Vec<Piece> {
        let (start, text) = (self.run.answer.start(at), self.run.answer.text());
        let begins_line = start == 0 || text.get(..start).is_some_and(|before| before.ends_with('\n'));
        if begins_line {
            // No string of JSON goes over a line's end.
            self.json = Json::default();
        }
        match self.place(start) {
            Place::Json => self.json.pieces(row, text.get(self.run.answer.start(at + 1)..).unwrap_or_default()),
            Place::Code => vec![(0..row.len(), Role::Code)],
            Place::Fence => vec![(0..row.len(), Role::Dim)],
            Place::Prose if begins_line => highlight::prose(row),
            Place::Prose => Vec::new(),
        }
    }
}

/// Where the line begins that a byte is in, where that is near.
fn line_start(text: &str, at: usize) -> Option<usize> {
    let from = text.ceil_char_boundary(at.saturating_sub(BACK));
    let before = text.get(from..at)?;
    match before.rfind('\n') {
        Some(line) => Some(from + line + 1),
        None => (from == 0).then_some(0),
    }
}
