use ratatui::style::{Color, Style};
use ratatui::text::Line;

use super::*;

const SIZE: Size = Size { width: 40, height: 10 };

/// A painter whose terminal can do everything, and shows these lines.
fn showing(lines: &[&str]) -> Painter {
    let mut painter = Painter::new();
    painter.learn(Abilities { scrolling: Ability::Told, synchronised: Ability::Told });
    paint(&mut painter, lines);
    painter
}

fn paint(painter: &mut Painter, lines: &[&str]) -> String {
    paint_styled(painter, lines, Style::new())
}

fn paint_styled(painter: &mut Painter, lines: &[&str], style: Style) -> String {
    let sheet = painter.sheet(SIZE);
    for (y, line) in (0..).zip(lines) {
        sheet.set_line(0, y, &Line::styled(*line, style), SIZE.width);
    }
    String::from_utf8(painter.frame()).unwrap()
}

const STORY: [&str; 10] = [
    "header",
    "once upon a time there was a lighthouse",
    "whose keeper counted every single wave",
    "and wrote the numbers into a thick book",
    "until one evening the sea stood still",
    "so he put his pencil down and listened",
    "nothing at all was there to be heard",
    "then from afar a bell began to ring",
    "",
    "footer",
];

#[test]
fn what_shows_already_costs_nothing() {
    let mut painter = showing(&STORY);
    assert_eq!(paint(&mut painter, &STORY), "");
    painter.forget();
    assert!(paint(&mut painter, &STORY).contains("\u{1b}[2J"));
}

#[test]
fn a_word_at_the_end_costs_the_word_and_the_way_to_it() {
    let mut painter = showing(&["so he"]);
    assert_eq!(paint(&mut painter, &["so he put"]), "\u{1b}[1;7Hput");
}

#[test]
fn a_style_is_said_once_and_put_down_at_the_end() {
    let mut painter = showing(&["a"]);
    let bytes = paint_styled(&mut painter, &["x", "y"], Style::new().fg(Color::LightRed).bold());
    assert_eq!(bytes, "\u{1b}[1H\u{1b}[1;91mx\r\ny\u{1b}[m");
}

#[test]
fn a_text_that_moved_up_is_scrolled_and_not_sent_again() {
    let mut painter = showing(&STORY);
    let moved = {
        let mut lines = STORY;
        lines[1..8].rotate_left(1);
        lines[7] = "clear and slow";
        lines
    };
    assert_eq!(paint(&mut painter, &moved), "\u{1b}[2;8r\u{1b}[8H\n\u{1b}[r\u{1b}[8Hclear and slow");
    let back = paint(&mut painter, &STORY);
    assert!(back.starts_with("\u{1b}[2;8r\u{1b}[2H\u{1b}M\u{1b}[r"), "{back:?}");
}

#[test]
fn a_terminal_that_said_nothing_gets_neither_margins_nor_brackets() {
    let mut painter = Painter::new();
    paint(&mut painter, &STORY);
    let mut lines = STORY;
    lines[1..8].rotate_left(1);
    let bytes = paint(&mut painter, &lines);
    let last = |sequence: &str| sequence.chars().find(|c| !c.is_ascii_digit() && *c != ';');
    let finals: String = bytes.split("\u{1b}[").skip(1).filter_map(last).collect();
    assert!(finals.chars().all(|last| "HCm".contains(last)), "{bytes:?}");
    assert!(bytes.contains("pencil"), "{bytes:?}");
}

#[test]
fn a_long_frame_is_bracketed_where_the_terminal_knows_how() {
    let mut painter = showing(&STORY);
    painter.forget();
    let bytes = paint(&mut painter, &STORY);
    assert!(bytes.starts_with("\u{1b}[?2026h") && bytes.ends_with("\u{1b}[?2026l"), "{bytes:?}");
    painter.learn(Abilities { scrolling: Ability::Told, synchronised: Ability::Unknown });
    painter.forget();
    assert!(!paint(&mut painter, &STORY).contains("2026"));
}

#[test]
fn blanks_are_erased_and_not_written() {
    let mut painter = showing(&["a long line that goes away"]);
    assert_eq!(paint(&mut painter, &["a long"]), "\u{1b}[1;8H\u{1b}[19X");
}

#[test]
fn clusters_that_terminals_measure_differently_shift_nothing_after_them() {
    let mut painter = showing(&[]);
    let bytes = paint(&mut painter, &["👩\u{200d}💻ab"]);
    assert!(bytes.contains("\u{1b}[1;3Hab"), "{bytes:?}");
}

#[test]
fn no_size_is_too_small_or_too_large() {
    let mut painter = showing(&STORY);
    for (width, height) in [(0, 0), (1, 1), (1, 50), (60_000, 60_000), (1_000, 500), (80, 24)] {
        let sheet = painter.sheet(Size { width, height });
        let area = sheet.area;
        sheet.set_string(0, 0, "x".get(..usize::from(area.width.min(1))).unwrap(), Style::new());
        painter.frame();
        assert!(area.width <= 1_000 && area.height <= 1_000);
    }
}
