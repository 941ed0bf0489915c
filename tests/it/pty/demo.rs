//! What a newcomer does in the demo, with keys alone, and that the demo leaves nothing behind.

use std::path::PathBuf;

use super::SIZES;
use super::terminal::{Home, Pty};

const CTRL_S: &str = "\u{13}";
const CTRL_T: &str = "\u{14}";
const CTRL_U: &str = "\u{15}";

/// The demo in a terminal, and the file it edits.
struct Demo {
    pty: Pty,
    home: Home,
    file: PathBuf,
}

impl Demo {
    fn start(size: (u16, u16)) -> Self {
        let home = Home::new("");
        let pty = Pty::demo(&home, size);
        pty.sees("hello");
        let places = home.temporaries();
        let [place] = places.as_slice() else { panic!("one directory: {places:?}") };
        let file = place.join("config.toml");
        Self { pty, home, file }
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap()
    }

    /// From the list, opens the test pane of the one connector that this filter leaves.
    fn open(&mut self, filter: &str) {
        self.pty.press(&format!("/{CTRL_U}{filter}\r"));
        self.pty.sees("Connectors 1/");
        self.pty.press("\r");
        self.pty.sees("not run yet");
    }
}

fn streams_a_reply(demo: &mut Demo) {
    demo.open("hello");
    demo.pty.press("r");
    demo.pty.sees("streaming");
    demo.pty.sees("first token");
    demo.pty.sees("You said: \"Hello world\".");
    demo.pty.sees("done");
    demo.pty.press("q");
}

/// The figures of the run are there, of the connector and of all, without being asked for again.
fn shows_its_usage(demo: &mut Demo) {
    demo.pty.press("u");
    demo.pty.sees("usage of ");
    demo.pty.sees("runs 1 ");
    demo.pty.sees("cost unknown");
    demo.pty.press("q");
    demo.pty.press("U2");
    demo.pty.sees("usage of all connectors");
    demo.pty.sees("range 7d");
    demo.pty.press("t");
    demo.pty.press("UTC\r");
    demo.pty.sees("time zone UTC");
    demo.pty.press("v");
    demo.pty.sees("sandbox-model");
    demo.pty.press("\u{1b}");
    demo.pty.sees("Connectors");
}

fn edits_a_connector(demo: &mut Demo) {
    let before = demo.text();
    demo.pty.press("e");
    demo.pty.sees("full endpoint, Chat Completions");
    demo.pty.press("\r there\r");
    demo.pty.sees("unsaved");
    assert_eq!(demo.text(), before, "nothing is written before it is saved");
    demo.pty.press(CTRL_S);
    demo.pty.sees("saved hello");
    assert_eq!(demo.text(), before.replace("name = \"Hello\"", "name = \"Hello there\""));
    demo.pty.press("q");
}

fn creates_an_azure_connector(demo: &mut Demo) {
    let before = demo.text();
    let deployment =
        before.lines().find_map(|line| line.strip_prefix("url = ")?.split('"').find(|url| url.contains("deployments")));
    let url = deployment.expect("a deployment's URL").to_owned();
    demo.pty.press("n");
    demo.pty.sees("new connector");
    demo.pty.press("\rMy Azure\r");
    demo.pty.sees("(suggested)");
    demo.pty.press("jj ");
    demo.pty.sees("● azure-openai");
    demo.pty.press(CTRL_T);
    demo.pty.sees("replace {resource} with your own value");
    demo.pty.press(&format!("\r{CTRL_U}{url}\r"));
    demo.pty.sees("Azure deployment \"gpt\", api-version 2024-10-21");
    demo.pty.press(&format!("jj\renv:SANDBOX_KEY{CTRL_T}"));
    demo.pty.sees("draft: my-azure");
    demo.pty.press("r");
    demo.pty.sees("You said");
    demo.pty.sees("done");
    assert_eq!(demo.text(), before, "a test saves nothing");
    demo.pty.press(CTRL_S);
    demo.pty.sees("saved my-azure");
    let added = demo.text();
    let added = added.strip_prefix(&before).expect("what was there stays as it was");
    assert!(added.contains("[connectors.my-azure]") && added.contains(&url), "{added}");
    demo.pty.sees("● my-azure");
    demo.pty.press("q");
}

fn cancels_a_run(demo: &mut Demo) {
    demo.open("slow-lab");
    demo.pty.press("r");
    demo.pty.sees("▶ streaming");
    demo.pty.press("x");
    demo.pty.sees("○ cancelled");
    demo.pty.press("q");
}

fn sees_why_runs_fail(demo: &mut Demo) {
    for (filter, kind) in [("wrong-key", "✗ auth: "), ("gateway", "✗ connect: "), ("cut-off", "✗ stream-cut: ")] {
        demo.open(filter);
        demo.pty.press("r");
        demo.pty.sees("✗ failed");
        demo.pty.sees(kind);
        demo.pty.sees("→ ");
        demo.pty.press("q");
    }
}

#[test]
fn everything_a_newcomer_tries_works_with_keys_alone() {
    for size in SIZES {
        let mut demo = Demo::start(size);
        streams_a_reply(&mut demo);
        shows_its_usage(&mut demo);
        edits_a_connector(&mut demo);
        creates_an_azure_connector(&mut demo);
        cancels_a_run(&mut demo);
        sees_why_runs_fail(&mut demo);
        demo.pty.sees("6 runs");
        demo.pty.press("q");
        assert_eq!(demo.pty.ends(), 0);
        demo.pty.is_restored();
        assert!(demo.home.temporaries().is_empty(), "left behind: {:?}", demo.home.temporaries());
    }
}

#[test]
fn nothing_is_left_behind_when_a_signal_ends_it_in_the_middle_of_a_run() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let mut demo = Demo::start((80, 24));
        demo.open("long-read");
        demo.pty.press("r");
        demo.pty.sees("▶ streaming");
        demo.pty.signal(signal);
        assert_eq!(demo.pty.ends(), code, "{signal}");
        demo.pty.is_restored();
        assert!(demo.home.temporaries().is_empty(), "left behind: {:?}", demo.home.temporaries());
    }
}

#[test]
fn connectors_are_watched_and_what_was_found_is_read() {
    for size in SIZES {
        let mut demo = Demo::start(size);
        demo.pty.press("w");
        demo.pty.sees("Watch 11 ✗ 1 failed");
        demo.pty.sees("0/1");
        demo.pty.sees("next in ");
        demo.pty.press("r");
        demo.pty.sees("0/2");
        demo.pty.press("jjjjjjjj");
        demo.pty.sees("refused the connection");
        demo.pty.press("p");
        demo.pty.sees("paused");
        demo.pty.press("c");
        demo.pty.sees("by two short calls");
        demo.pty.press("n\r");
        demo.pty.sees("What the last probe of gateway-down found");
        demo.pty.press("q");
        demo.pty.sees_no("What the last probe");
        demo.pty.press("q");
        demo.pty.sees("Connectors 11");
        demo.pty.press("q");
        assert_eq!(demo.pty.ends(), 0);
        demo.pty.is_restored();
    }
}

#[test]
fn the_log_of_what_ran_is_read_filtered_and_left_with_keys_alone() {
    let mut demo = Demo::start((80, 24));
    streams_a_reply(&mut demo);
    demo.open("wrong-key");
    demo.pty.press("r");
    demo.pty.sees("✗ failed");
    demo.pty.press("qE");
    demo.pty.sees("Events 2");
    demo.pty.press("/outcome:error\r");
    demo.pty.sees("Events 1");
    demo.pty.sees_no("✓ ok");
    demo.pty.press("\r");
    demo.pty.sees("✗ auth");
    demo.pty.sees("http status");
    demo.pty.press("\u{1b}");
    demo.pty.sees("Events 1");
    demo.pty.press("\u{1b}");
    demo.pty.sees("every run");
    demo.pty.sees("Events 2");
    demo.pty.press("q");
    demo.pty.sees("Connectors");
}
