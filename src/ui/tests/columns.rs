//! No text moves a column: what a terminal shows is what was drawn, whatever a server or a person wrote. The terminal is
//! one that others wrote, and that knows no clusters, as many do not.

use std::num::NonZeroU16;

use proptest::prelude::*;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use super::fixtures::*;
use super::ledger::{typical_usage, usage};
use crate::app::edit::EditPane;
use crate::app::model::{Focus, Notice, Tab, Tone};
use crate::app::overlay::{Overlay, Page, Palette};
use crate::app::test::ResponseTab;
use crate::app::{Model, Msg, update};
use crate::domain::{Delta, ErrorKind, Failure, Outcome, RunEvent, ToolCallDelta};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 15)];

/// Pieces that are hard on terminals: wide ones, clusters, flags, marks, right-to-left ones, controls.
const HARD: [&str; 24] = [
    "東京",
    "한국어",
    "👩‍👩‍👧‍👦",
    "🇩🇪",
    "🇫",
    "👍🏽",
    "❤️",
    "1️⃣",
    "e\u{301}\u{323}",
    "\u{301}",
    "שלום",
    "مرحبا بكم",
    "ไทยก็ได้",
    "क्षि",
    "\u{202e}x\u{2066}",
    "\u{1b}[2J\u{1b}[H",
    "\r\n",
    "\t",
    "\u{9b}31m",
    "\u{200b}\u{200d}",
    "\u{ad}",
    "ｗｉｄｅ",
    "🏳️‍🌈",
    "\u{e0067}\u{feff}",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(HARD.to_vec()).prop_map(str::to_owned),
        2 => "[a-z ]{1,12}",
        1 => "\\PC{1,6}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Every screen, with the text wherever a person's or a server's text shows.
fn models(text: &str) -> Vec<Model> {
    let mut base = model();
    for entry in &mut base.config.config.entries {
        entry.connector.name = text.to_owned();
        entry.connector.url = format!("http://{text}/v1");
        entry.connector.default_model = Some(text.to_owned());
        entry.connector.notes = Some(text.to_owned());
    }
    base.config.path = text.to_owned();
    base.notice = Some(Notice { text: text.to_owned(), tone: Tone::Info, until: ms(90_000) });
    let failure = Failure::new(ErrorKind::Server, text, text);
    let mut events = done_events(text);
    events.pop();
    events.push(RunEvent::Note(text.to_owned()));
    events.push(RunEvent::Delta(Delta::Reasoning(text.to_owned())));
    let call =
        ToolCallDelta { slot: 0, id: Some(text.to_owned()), name: Some(text.to_owned()), arguments: text.to_owned() };
    events.push(RunEvent::Delta(Delta::ToolCall(call)));
    events.push(RunEvent::Ended(Box::new(end(Outcome::Error, Some(failure)))));
    let mut done = at(base.clone(), Tab::Test);
    add_run(&mut done, "azure-prod", &events);
    let mut models: Vec<Model> = ResponseTab::ALL.into_iter().map(|which| tab(done.clone(), which)).collect();
    let over = |overlay| Model { overlay: Some(overlay), ..done.clone() };
    let page = Page { title: text.to_owned(), lines: vec![text.to_owned(); 9], top: 0 };
    models.push(over(Overlay::Preview(page)));
    models.push(over(Overlay::Palette(Palette { text: text.to_owned(), ..Palette::default() })));
    models.push(typing_body(done.clone(), &format!("{{\"{text}\": \"{text}\"}}")));
    let mut edit = at(base.clone(), Tab::Edit);
    edit.edit = Some(EditPane::open(&edit.config.entry(&id("azure-prod")).unwrap().clone()));
    models.push(edit);
    let mut found = typical_usage();
    found.figures.tables.values_mut().flatten().for_each(|(name, _)| name.push_str(text));
    models.push(usage(found, None));
    base.config.problem = Some(text.to_owned());
    base.ledger.panel.problem = Some(text.to_owned());
    base.list.filter.text = text.to_owned();
    models.push(base);
    models
}

/// A terminal that shows frames one after the other, as the loop draws them.
pub(super) struct Terminal {
    parser: vt100::Parser,
    shown: Buffer,
}

impl Terminal {
    pub(super) fn new((columns, rows): (u16, u16)) -> Self {
        let size = |n| NonZeroU16::new(n).unwrap();
        let area = ratatui::layout::Rect::new(0, 0, columns, rows);
        Self { parser: vt100::Parser::new(size(rows), size(columns), 0), shown: Buffer::empty(area) }
    }

    pub(super) fn draw(&mut self, mut frame: Buffer) {
        // The replacement character is no character for this terminal, though it is one of one column for all others.
        for cell in frame.content.iter_mut().filter(|cell| cell.symbol().contains('\u{FFFD}')) {
            let symbol = cell.symbol().replace('\u{FFFD}', "?");
            cell.set_symbol(&symbol);
        }
        let mut bytes = Vec::new();
        CrosstermBackend::new(&mut bytes).draw(self.shown.diff(&frame).into_iter()).unwrap();
        self.parser.process(&bytes);
        self.shown = frame;
    }

    /// Every cell of the frame is where it was drawn.
    pub(super) fn is_as_drawn(&self) -> Result<(), TestCaseError> {
        let columns = usize::from(self.shown.area.width);
        let mut skipped = 0;
        for (at, cell) in self.shown.content.iter().enumerate() {
            if skipped > 0 {
                skipped -= 1;
                continue;
            }
            skipped = cell.symbol().width().saturating_sub(1);
            let (y, x) = (at / columns, at % columns);
            let place = |n: usize| u16::try_from(n).unwrap();
            let seen = self.parser.screen().cell(place(y), place(x)).map(vt100::Cell::contents).unwrap_or_default();
            let seen = if seen.is_empty() { " " } else { seen };
            let same = cell.symbol().starts_with(seen) || seen.starts_with(cell.symbol());
            prop_assert!(
                same,
                "{:?} is drawn at {x}, {y}, and {seen:?} is seen:\n{}",
                cell.symbol(),
                self.parser.screen().contents()
            );
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_text_moves_a_column(texts in prop::collection::vec(hostile(), 1..4), which in any::<usize>(), size in 0usize..3) {
        let size = SIZES[size];
        let mut terminal = Terminal::new(size);
        for (step, text) in texts.iter().enumerate() {
            let models = models(text);
            let mut model = models[which.wrapping_add(step) % models.len()].clone();
            if step % 2 == 1 && model.overlay.is_none() {
                model.view.focus = Focus::List;
            }
            update(&mut model, Msg::Resize(size.0, size.1));
            terminal.draw(drawn(model, size).0);
            terminal.is_as_drawn()?;
        }
    }
}
