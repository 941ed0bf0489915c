//! What a person must be able to read at every first-class size: whole words, every row, hints that hold.

use ratatui::buffer::Cell;
use ratatui::style::Modifier;

use super::fixtures::*;
use crate::app::model::{Tab, Zoom};
use crate::app::overlay::{Overlay, Question};
use crate::app::{Model, Msg, update};
use crate::domain::{ErrorKind, Failure, Outcome, RunEvent};

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (120, 40), (60, 15)];

/// The text of a model's screen.
fn text_of(model: &Model, size: (u16, u16)) -> String {
    let (buffer, _) = drawn(model.clone(), size);
    buffer.content.iter().map(Cell::symbol).collect()
}

/// A failure that no HTTP status stands for.
fn without_status(kind: ErrorKind) -> RunEvent {
    let mut end = end(Outcome::Error, Some(Failure::new(kind, "it failed", "look")));
    end.http_status = None;
    RunEvent::Ended(Box::new(end))
}

/// Presses a key on a screen that was drawn at this size.
fn press(model: &mut Model, key: &str, size: (u16, u16)) {
    let facts = drawn(model.clone(), size).1;
    update(model, Msg::Drawn(facts));
    update(model, Msg::Key(key.parse().unwrap()));
}

#[test]
fn why_a_run_failed_is_never_cut_in_the_list() {
    let kinds = [ErrorKind::StreamCut, ErrorKind::ContextLength, ErrorKind::ContentFilter, ErrorKind::Connect];
    for (size, kind) in SIZES.into_iter().flat_map(|size| kinds.map(|kind| (size, kind))) {
        let mut model = model();
        add_run(&mut model, "team-default", &[without_status(kind)]);
        let text = text_of(&model, size);
        assert!(text.contains(kind.word()) && text.contains("team-default"), "{kind} at {size:?}: {text}");
    }
}

#[test]
fn what_is_found_is_marked_where_it_shows() {
    let mut model = at(model(), Tab::Test);
    add_run(&mut model, "azure-prod", &done_events("\tif ever\t日ever\nor ever"));
    for key in ["/", "e", "v", "e", "r", "enter"] {
        press(&mut model, key, (80, 24));
    }
    let (buffer, facts) = drawn(model, (80, 24));
    let area = facts.areas.response;
    let marked = |y: u16| -> String {
        let cells = (area.x..area.x + area.width).map(|x| &buffer[(x, y)]);
        let is_marked = |cell: &&Cell| cell.modifier.intersects(Modifier::UNDERLINED | Modifier::REVERSED);
        cells.filter(is_marked).map(Cell::symbol).collect()
    };
    assert_eq!([marked(area.y), marked(area.y + 1), marked(area.y + 2)], ["everever", "ever", ""]);
}

#[test]
fn every_row_of_the_timing_page_can_be_scrolled_to() {
    for size in SIZES.into_iter().chain([(50, 12), (40, 15), (30, 10), (56, 15), (104, 20)]) {
        let mut model = at(model(), Tab::Test);
        add_run(&mut model, "azure-prod", &done_events("Hi"));
        press(&mut model, "[", size);
        let top = text_of(&model, size);
        let mut seen = top.clone();
        for _ in 0..30 {
            press(&mut model, "j", size);
            seen += &text_of(&model, size);
        }
        let missing: Vec<_> = ["queue", "first answer", "tokens/s", "prompt", "source"]
            .into_iter()
            .filter(|row| !seen.contains(row))
            .collect();
        assert!(missing.is_empty(), "{size:?}: {missing:?} cannot be reached");
        let end = text_of(&model, size);
        press(&mut model, "k", size);
        assert!(text_of(&model, size) != end || end == top, "{size:?}: a step up from the end must show");
    }
}

#[test]
fn a_stream_that_fell_silent_shows_no_speed_in_the_list() {
    let mut model = at(model(), Tab::Test);
    add_run(&mut model, "azure-prod", &streaming_events());
    model.view.now += ms(600_000);
    let text = text_of(&model, (120, 40));
    assert_eq!(text.matches("silent").count(), 2, "{text}");
    assert!(text.contains("silent 10 m 0 s"), "{text}");
}

#[test]
fn the_question_before_quitting_counts_the_runs_that_are_alive() {
    let mut idle = at(model(), Tab::Test);
    idle.overlay = Some(Overlay::Question(Question::Quit));
    assert!(text_of(&idle, (80, 24)).contains("1 run is alive. Cancel and quit?"));
    idle.runs.all.clear();
    assert!(text_of(&idle, (80, 24)).contains("Every run has ended. Quit?"));
}

#[test]
fn hints_tell_what_can_be_done_now() {
    let hints = |model: &Model| -> String { text_of(model, (120, 40)).chars().skip(120 * 39).collect() };
    let mut idle = at(model(), Tab::Test);
    assert!(!hints(&idle).contains("cancel") && !hints(&idle).contains("save the draft"), "{}", hints(&idle));
    add_run(&mut idle, "azure-prod", &streaming_events());
    assert!(hints(&idle).contains("x cancel"), "{}", hints(&idle));
    idle.view.zoom = Zoom::Response;
    assert!(hints(&idle).trim_start().starts_with("z zoom"), "{}", hints(&idle));
    let list = model();
    assert!(!hints(&list).contains("cancel") && !hints(&list).contains("clear"), "{}", hints(&list));
    let mut filtered = list;
    filtered.list.filter.text = "azure".to_owned();
    assert!(hints(&filtered).trim_start().starts_with("esc clear"), "{}", hints(&filtered));
}
