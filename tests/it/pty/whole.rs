//! The whole product in one sitting, by keyboard alone: a connector's life from its creation to its deletion and back,
//! and every screen on the way. The screen is read after every step.

use super::SIZES;
use super::habits::Tour;

const CTRL_S: &str = "\u{13}";
const CTRL_U: &str = "\u{15}";
const ESC: &str = "\u{1b}";

/// Leaves what lies over the screen. A key pressed before that took effect would be read together with the escape.
fn closes(tour: &mut Tour, title: &str) {
    tour.pty.press(ESC);
    tour.pty.sees_no(title);
}

fn creates(tour: &mut Tour) {
    let before = tour.text();
    let url = before.lines().find_map(|line| line.strip_prefix("url = ")?.split('"').nth(1)).unwrap();
    tour.presses("n", "new connector");
    tour.presses("\rMy lab\r", "(suggested)");
    tour.presses(&format!("jjj\r{CTRL_U}{url}\r"), "full endpoint, Chat Completions");
    tour.presses("j\rslow\r", "Default model   slow");
    tour.presses("j\renv:SANDBOX_KEY\r", "API key         env:SANDBOX_KEY");
    assert_eq!(tour.text(), before, "nothing is written before it is saved");
    tour.presses(CTRL_S, "saved my-lab");
    assert!(tour.text().contains("[connectors.my-lab]"), "{}", tour.text());
    tour.presses("q", "Connectors 12");
}

fn tests_and_cancels(tour: &mut Tour) {
    tour.presses("\r", "not run yet");
    tour.presses("r", "▶ streaming");
    tour.presses("x", "○ cancelled");
    tour.presses("q", "stopped");
}

fn edits(tour: &mut Tour) {
    tour.presses("e", "Default model   slow");
    tour.presses(&format!("jjjj\r{CTRL_U}sandbox-model\r"), "unsaved");
    tour.pty.press(CTRL_S);
    tour.pty.sees_no("unsaved");
    assert!(tour.text().contains("default_model = \"sandbox-model\"\napi_key"), "{}", tour.text());
    tour.presses("q", "Connectors 12");
}

fn tests_and_copies(tour: &mut Tour) {
    tour.presses("\r", "○ cancelled");
    tour.presses("r", "You said: \"Hello world\".");
    tour.pty.sees("● done");
    tour.presses("]]]]]", "tokens/s");
    tour.presses("]", "You said");
    let before = tour.pty.sent();
    tour.presses("y", "sent to the clipboard, if OSC 52 is allowed");
    assert!(tour.pty.sent_from(before).contains("\u{1b}]52;c;"));
}

fn examines(tour: &mut Tour) {
    tour.presses("D", "✓ ok");
    tour.presses("\r", "Report of the doctor");
    closes(tour, "Report of the doctor");
    // What was told of the copy before goes by itself.
    tour.pty.sees_no("sent to the clipboard");
    let before = tour.pty.sent();
    tour.presses("y", "sent to the clipboard");
    assert!(tour.pty.sent_from(before).contains("\u{1b}]52;c;"));
    tour.presses("q", "Connectors 12");
    tour.pty.sees("well");
}

/// The run, the cancelled one, and the doctor's two.
fn reads_its_usage(tour: &mut Tour) {
    tour.presses("u", "usage of my-lab");
    tour.pty.sees("runs 4 ");
    tour.presses("2", "range 7d");
    tour.presses("U", "usage of all connectors");
    tour.presses("v", "model");
    tour.presses("\r", "Events 3 ");
    tour.presses(&format!("/{CTRL_U}outcome:cancelled\r"), "Events 1 ");
    tour.presses("\r", "■ cancelled");
    tour.pty.sees("asked by");
    tour.presses(ESC, "Events 1 ");
    tour.presses(ESC, "Events 4");
    tour.presses("q", "usage of all connectors");
    tour.presses("q", "Connectors 12");
}

fn filters_and_marks(tour: &mut Tour) {
    tour.presses("/gateway\r", "Connectors 1/12");
    tour.presses(&format!(" {ESC}"), "Connectors 12 + 1 marked");
    tour.presses("/!lab !hello !long\r", "Connectors 8/12");
    tour.presses(ESC, "Connectors 12 + 1 marked");
    tour.presses("/my-lab\r", "Connectors 1/12");
    tour.presses(&format!(" {ESC}"), "Connectors 12 + 2 marked");
}

/// Both at once: the list tells how each stands.
fn examines_the_marked(tour: &mut Tour) {
    tour.pty.press("D");
    tour.pty.until("a verdict of each", |screen| {
        let row = |id: &str| screen.contents().lines().find(|line| line.contains(&format!("+{id}"))).map(str::to_owned);
        let stands = |id: &str, said: &str| row(id).is_some_and(|row| row.contains(said));
        stands("✗ gateway-down", "at tcp") && stands("● my-lab", "well")
    });
    tour.presses("/is:failed\r", "Connectors 1/12");
    tour.presses(ESC, "Connectors 12 + 2 marked");
}

fn deletes_and_undoes(tour: &mut Tour) {
    let before = tour.text();
    tour.presses("d", "Delete 2 connectors from the file? gateway-down, my-lab");
    tour.presses("y", "Connectors 10");
    assert!(!tour.text().contains("[connectors.my-lab]"));
    tour.presses("Z", "Connectors 11");
    tour.presses("Z", "Connectors 12");
    assert_eq!(tour.text(), before);
}

fn finds_its_way(tour: &mut Tour) {
    tour.presses("?", " Keys ");
    closes(tour, " Keys ");
    tour.command("go hello", "hello ── Edit");
    tour.command("test.run", "● done");
    tour.presses("q", "Connectors 12");
}

#[test]
fn everything_in_one_sitting() {
    for size in SIZES {
        let mut tour = Tour::start(size);
        creates(&mut tour);
        tests_and_cancels(&mut tour);
        edits(&mut tour);
        tests_and_copies(&mut tour);
        examines(&mut tour);
        reads_its_usage(&mut tour);
        filters_and_marks(&mut tour);
        examines_the_marked(&mut tour);
        deletes_and_undoes(&mut tour);
        finds_its_way(&mut tour);
        tour.pty.press("q");
        assert_eq!(tour.pty.ends(), 0);
        tour.pty.is_restored();
        assert!(tour.home.temporaries().is_empty(), "left behind: {:?}", tour.home.temporaries());
    }
}
