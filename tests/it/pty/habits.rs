//! The whole product by keyboard alone, as people of other terminal tools would try it.

use super::SIZES;
use super::terminal::{Home, Pty};

const ESC: &str = "\u{1b}";
const CTRL_S: &str = "\u{13}";
const CTRL_T: &str = "\u{14}";

/// A demo, its file, and what the file said when it started.
pub(super) struct Tour {
    pub(super) pty: Pty,
    pub(super) home: Home,
    file: std::path::PathBuf,
}

impl Tour {
    pub(super) fn start(size: (u16, u16)) -> Self {
        let home = Home::new("");
        let pty = Pty::demo(&home, size);
        pty.sees("hello");
        let file = home.temporaries().remove(0).join("config.toml");
        Self { pty, home, file }
    }

    pub(super) fn text(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap()
    }

    pub(super) fn presses(&mut self, keys: &str, then: &str) {
        self.pty.press(keys);
        self.pty.sees(then);
    }

    /// A command of the palette, by its name.
    pub(super) fn command(&mut self, name: &str, then: &str) {
        self.presses(":", "Commands");
        self.presses(name, name);
        self.presses("\r", then);
    }
}

/// From a pasted command to a connector that was tested and saved.
fn creates(tour: &mut Tour) {
    let before = tour.text();
    let url =
        before.lines().find_map(|line| line.strip_prefix("url = \"")?.strip_suffix("/chat/completions\"")).unwrap();
    let url = format!("{url}/chat/completions");
    let curl = format!(
        "curl {url} \\\n -H \"Authorization: Bearer $SANDBOX_KEY\" \\\n -d '{{\"model\":\"slow\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hi\"}}]}}'"
    );
    tour.presses(&format!("{ESC}[200~{curl}{ESC}[201~"), "Pasted command");
    tour.pty.sees("env:SANDBOX_KEY");
    tour.presses("y", "new: 127-0-0-1");
    tour.presses(CTRL_T, "draft: 127-0-0-1");
    tour.presses("r", "▶ streaming");
    tour.presses("x", "○ cancelled");
    assert_eq!(tour.text(), before);
    tour.presses(CTRL_S, "saved 127-0-0-1");
    assert!(tour.text().contains("[connectors.127-0-0-1]"));
}

fn edits(tour: &mut Tour) {
    tour.presses("qe", "Default model");
    tour.presses("\r lab\r", "unsaved");
    tour.pty.press(CTRL_S);
    tour.pty.sees_no("unsaved");
    assert!(tour.text().contains("name = \"127.0.0.1 lab\""), "{}", tour.text());
    tour.presses("q", "Connectors 12");
}

/// Deleted by marks, brought back one by one: the file is what it was.
fn deletes_and_undoes(tour: &mut Tour) {
    let before = tour.text();
    tour.presses("/hello\r", "Connectors 1/12");
    tour.presses(&format!(" {ESC}"), "Connectors 12 + 1 marked");
    tour.presses("/!wrong thinker\r", "Connectors 1/12");
    tour.presses(&format!(" {ESC}"), "Connectors 12 + 2 marked");
    tour.presses("d", "Delete 2 connectors from the file? hello, thinker");
    tour.presses("y", "Connectors 10");
    tour.pty.sees("Z brings back the last of 2");
    tour.presses("Z", "Connectors 11");
    tour.presses("Z", "Connectors 12");
    assert_eq!(tour.text(), before);
}

fn finds_saves_and_copies(tour: &mut Tour) {
    tour.command("hello", "not run yet");
    tour.presses("r", "done");
    tour.presses("/model", "1/2");
    tour.presses("\rn", "2/2");
    tour.presses("S", "Save ");
    tour.presses("\r", "written to ");
    let saved = tour.home.config().with_file_name("hello-answer.txt");
    assert!(std::fs::read_to_string(&saved).unwrap().contains("You said"));
    tour.presses("S\r", "is there already. Replace it?");
    tour.presses("n", "nothing was written");
    tour.presses("y", "sent to the clipboard, if OSC 52 is allowed");
    tour.pty.press("Y");
    tour.pty.sees_no("Response");
    tour.presses("q", "/model 2/2");
    tour.pty.press(ESC);
    tour.pty.sees_no("/model");
}

fn goes_back_and_forth(tour: &mut Tour) {
    tour.command("go thinker", "thinker ── Edit");
    tour.presses("-", "hello ── Edit");
    tour.presses("U", "usage of all connectors");
    tour.presses("-", "hello ── Edit");
    tour.command("usage.sort", "works in Usage");
    tour.command("list.filter", "Connectors");
    tour.presses("is:ok\r", "Connectors 1/12");
    tour.presses(ESC, "Connectors 12");
}

fn switches_the_mouse(tour: &mut Tour) {
    let mode = |screen: &vt100::Screen| screen.mouse_protocol_mode();
    tour.presses("M", "mouse on");
    tour.pty.until("the mouse", |screen| mode(screen) != vt100::MouseProtocolMode::None);
    tour.pty.press("M");
    tour.pty.until("no mouse", |screen| mode(screen) == vt100::MouseProtocolMode::None);
    tour.pty.press("M");
    tour.pty.until("the mouse", |screen| mode(screen) != vt100::MouseProtocolMode::None);
}

#[test]
fn everything_is_done_by_keys_alone() {
    for size in SIZES {
        let mut tour = Tour::start(size);
        creates(&mut tour);
        edits(&mut tour);
        deletes_and_undoes(&mut tour);
        finds_saves_and_copies(&mut tour);
        goes_back_and_forth(&mut tour);
        switches_the_mouse(&mut tour);
        tour.pty.press("q");
        assert_eq!(tour.pty.ends(), 0);
        tour.pty.is_restored();
    }
}

#[test]
fn the_mouse_scrolls_and_clicks_once_it_is_on() {
    let mut tour = Tour::start((120, 40));
    tour.presses("M", "mouse on");
    tour.presses("\u{1b}[<0;5;5M\u{1b}[<0;5;5m", "thinker ── Edit");
    tour.presses("\u{1b}[<65;5;5M", "toolsmith ── Edit");
    tour.pty.signal("TERM");
    assert_eq!(tour.pty.ends(), 143);
    tour.pty.is_restored();
}

#[test]
fn copying_is_off_when_that_is_wished() {
    let home = Home::new("");
    let mut pty = Pty::run(&home, (80, 24), &["--clipboard", "off", "demo"], &[]);
    pty.sees("hello");
    pty.press("\rr");
    pty.sees("done");
    pty.press("y");
    pty.sees("not copied: --clipboard is off");
    pty.press("qq");
    assert_eq!(pty.ends(), 0);
}
