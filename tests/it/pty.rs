//! The binary in a terminal: what is seen, and how the terminal is left whatever happens.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use switchboard::sandbox::{self, Counts, Options, Watch};
use tokio_util::sync::CancellationToken;

mod citizen;
mod demo;
mod habits;
mod heavy;
mod secret;
pub(crate) mod terminal;
mod whole;

use terminal::{Home, Pty};

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// Two connectors of which nobody answers.
const CONFIG: &str = r#"# a comment that stays
[connectors.north]
name = "North"
provider = "other"
url = "http://127.0.0.1:9/v1"   # nobody is there
default_model = "m"

[connectors.south]
name = "South"
provider = "other"
url = "http://127.0.0.1:9/v1"
default_model = "m"
"#;

/// Serves the sandbox on a thread of its own until it is dropped.
struct Served {
    base_url: String,
    watch: Watch,
    stop: CancellationToken,
    thread: Option<thread::JoinHandle<()>>,
}

impl Served {
    fn new() -> Self {
        let stop = CancellationToken::new();
        let (told, served) = std::sync::mpsc::channel();
        let until = stop.clone();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let sandbox = sandbox::bind(Options::default()).await.unwrap();
                told.send((sandbox.base_url(), sandbox.watch())).unwrap();
                sandbox.serve(until).await.unwrap();
            });
        });
        let (base_url, watch) = served.recv().unwrap();
        Self { base_url, watch, stop, thread: Some(thread) }
    }

    /// Waits until the requests are counted so.
    fn counts(&self, condition: impl Fn(&Counts) -> bool) -> Counts {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(self.watch.until(condition, Duration::from_mins(1))).unwrap()
    }

    fn config(&self, model: &str) -> String {
        let url = &self.base_url;
        format!(
            "[connectors.box]\nname = \"Box\"\nprovider = \"other\"\nurl = \"{url}\"\ndefault_model = \"{model}\"\napi_key = \"env:SANDBOX_KEY\"\n"
        )
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
        self.thread.take().unwrap().join().unwrap();
    }
}

#[test]
fn it_starts_takes_keys_and_quits_with_the_terminal_as_it_was() {
    let home = Home::new(CONFIG);
    for size in SIZES {
        let mut pty = Pty::start(&home, size);
        pty.sees("north");
        pty.until("the screen of its own", vt100::Screen::alternate_screen);
        pty.until("no cursor", vt100::Screen::hide_cursor);
        pty.until("pastes in one piece", vt100::Screen::bracketed_paste);
        assert!(!pty.is_cooked());
        pty.press("\u{c}/sou\r");
        pty.sees_no("north");
        pty.sees("south");
        pty.press("q");
        assert_eq!(pty.ends(), 0);
        pty.is_restored();
    }
}

#[test]
fn a_reply_streams_into_the_screen() {
    let served = Served::new();
    for size in SIZES {
        let home = Home::new(&served.config("normal"));
        let mut pty = Pty::start(&home, size);
        pty.sees("box");
        pty.press("\r");
        pty.sees("Response");
        pty.press("r");
        pty.sees("first token");
        pty.sees_no("running");
        pty.press("qq");
        assert_eq!(pty.ends(), 0);
        pty.is_restored();
    }
}

#[test]
fn without_a_place_for_the_event_log_the_screen_still_works() {
    let served = Served::new();
    let home = Home::new(&served.config("normal"));
    let mut pty = Pty::start_with(&home, (120, 40), &[("SWITCHBOARD_STATE", "/proc/nowhere")]);
    pty.sees("tokens are not counted: event log /proc/nowhere/events.db: its directory cannot be created");
    pty.press("\r");
    pty.sees("Response");
    pty.press("r");
    pty.sees("first token");
    pty.sees_no("running");
    pty.press("qq");
    assert_eq!(pty.ends(), 0);
    pty.is_restored();
}

#[test]
fn no_size_of_the_window_is_too_much() {
    let served = Served::new();
    let home = Home::new(&served.config("slow"));
    let mut pty = Pty::start(&home, (80, 24));
    pty.sees("box");
    pty.press("r");
    for (columns, rows) in [(1, 1), (300, 100), (20, 5), (2, 80), (200, 1), (60, 15), (5, 5), (132, 43)] {
        pty.resize(columns, rows);
        pty.press("jk[]");
    }
    pty.resize(120, 40);
    pty.sees("Connectors 1");
    pty.press("qy");
    assert_eq!(pty.ends(), 0);
    pty.is_restored();
}

#[test]
fn a_reply_streams_on_through_every_size() {
    let served = Served::new();
    let home = Home::new(&served.config("long"));
    let mut pty = Pty::start(&home, (120, 40));
    pty.sees("box");
    pty.press("\rr");
    pty.sees("tok/s");
    for n in 0..60_u16 {
        pty.resize(1 + n * 37 % 200, 1 + n * 23 % 70);
        pty.press(if n % 3 == 0 { "z" } else { "k" });
    }
    pty.resize(80, 24);
    pty.press("G");
    pty.sees("Response");
    pty.press("x");
    pty.sees("cancelled");
    pty.press("\u{3}");
    assert_eq!(pty.ends(), 0);
    pty.is_restored();
}

#[test]
fn cancelling_a_run_closes_its_socket() {
    let served = Served::new();
    for (cancelled, size) in (1..).zip(SIZES) {
        let home = Home::new(&served.config("stall"));
        let mut pty = Pty::start(&home, size);
        pty.sees("box");
        pty.press("\rr");
        pty.sees("streaming");
        pty.press("x");
        pty.sees("cancelled");
        let counts = served.counts(|counts| counts.abandoned == cancelled);
        assert_eq!((counts.started, counts.finished), (cancelled, 0));
        pty.press("qq");
        assert_eq!(pty.ends(), 0);
    }
}

#[test]
fn a_kill_in_the_middle_of_a_run_costs_no_run_that_was_recorded() {
    let served = Served::new();
    let home = Home::new(&format!(
        "{}{}",
        served.config("normal"),
        served.config("stall").replace("connectors.box", "connectors.stuck")
    ));
    let mut pty = Pty::start(&home, (120, 40));
    pty.sees("stuck");
    pty.press("r");
    pty.sees("1 run ");
    pty.press("jr");
    pty.sees("1 running");
    pty.signal("KILL");
    pty.ends();
    let output = home.command().args(["usage", "--json"]).output().unwrap();
    let usage: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(usage["total"]["runs"], 1, "{usage}");
    assert!(usage["total"]["completion_tokens"].as_u64() > Some(0), "{usage}");
    let mut again = Pty::start(&home, (120, 40));
    again.sees("1 run ");
    again.press("q");
    assert_eq!(again.ends(), 0);
}

#[test]
fn signals_end_it_and_restore_the_terminal() {
    let served = Served::new();
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let home = Home::new(&served.config("stall"));
        let mut pty = Pty::start(&home, (100, 30));
        pty.sees("box");
        pty.press("r");
        pty.sees("1 running");
        pty.signal(signal);
        assert_eq!(pty.ends(), code, "{signal}");
        pty.is_restored();
    }
}

#[test]
fn a_kill_that_nobody_can_catch_costs_no_saved_connector() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::start(&home, (120, 40));
    pty.sees("north");
    pty.press("e");
    pty.sees("Default model");
    pty.press("\r-renamed\r\u{13}");
    pty.until("the change on disk", |_| home.config_text().contains("North-renamed"));
    pty.signal("KILL");
    pty.ends();
    assert_eq!(home.config_text(), CONFIG.replace("\"North\"", "\"North-renamed\""));
    let mut again = Pty::start(&home, (120, 40));
    again.sees("Connectors 2");
    again.press("q");
    assert_eq!(again.ends(), 0);
}

#[test]
fn an_editor_gets_the_terminal_and_gives_it_back() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::start_with(
        &home,
        (120, 40),
        &[("EDITOR", "f() { stty -a > stty; printf '{\"a\": \"edited\"}' > \"$1\"; }; f")],
    );
    pty.sees("north");
    pty.press("\ro");
    pty.sees("edited");
    assert!(!pty.is_cooked());
    pty.until("the screen of its own", vt100::Screen::alternate_screen);
    let modes = std::fs::read_to_string(home.config().with_file_name("stty")).unwrap();
    assert!(modes.contains(" icanon") && modes.contains(" echo "), "{modes}");
    pty.press("\u{3}");
    assert_eq!(pty.ends(), 0);
    pty.is_restored();
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let home = Home::new(CONFIG);
    let output = home.command().stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("needs a terminal") && said.contains("switchboard test"), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_terminal_that_cannot_place_a_cursor_is_refused_kindly() {
    let home = Home::new(CONFIG);
    let pty = Pty::start_with(&home, (80, 24), &[("TERM", "dumb")]);
    assert_eq!(pty.ends(), 2);
    pty.sees("TERM=dumb");
    assert!(pty.is_cooked() && !pty.contents().contains("Connectors"));
}
