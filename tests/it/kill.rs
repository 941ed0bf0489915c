//! A screen that is killed in the middle of a thousand runs.

use std::time::Duration;

use switchboard::sandbox::{self, Auth, Options};
use tokio_util::sync::CancellationToken;

use crate::pty::terminal::{Home, Pty};

const RUNS: usize = 1000;
const AT_ONCE: u64 = 16;

/// The runs of today, as the panel shows them.
fn shown(text: &str) -> u64 {
    let panel = text.lines().rev().find(|line| line.contains(" runs") && line.contains("tok/min"));
    let words: Vec<&str> = panel.unwrap_or_default().split_whitespace().collect();
    let at = words.iter().position(|word| *word == "runs").unwrap_or(0);
    let figure = at.checked_sub(1).and_then(|before| words[before].parse::<f64>().ok());
    // From a thousand on the panel writes 1.2k; none of that is met here.
    figure.map_or(0, |figure| format!("{figure:.0}").parse().expect("a whole number"))
}

fn config(base_url: &str) -> String {
    let connector = |number: usize| {
        format!(
            "[connectors.c{number}]\nname = \"c{number}\"\nprovider = \"other\"\nurl = \"{base_url}\"\ndefault_model = \"sandbox-model\"\n"
        )
    };
    let connectors: Vec<String> = (0..RUNS).map(connector).collect();
    format!("[pool]\nmax_running = {AT_ONCE}\n\n{}", connectors.concat())
}

#[test]
fn a_kill_in_the_middle_of_a_thousand_runs_loses_none_that_had_ended() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads");
    let options =
        Options { auth: Auth::Open, first_token: Duration::ZERO, tokens_per_second: 0.0, ..Options::default() };
    let sandbox = runtime.block_on(sandbox::bind(options)).expect("a port");
    let (watch, base_url, stop) = (sandbox.watch(), sandbox.base_url(), CancellationToken::new());
    let serving = runtime.spawn(sandbox.serve(stop.clone()));

    let home = Home::new(&config(&base_url));
    let mut pty = Pty::start(&home, (120, 40));
    pty.sees("Connectors 1000");
    // Each is marked, and then all run.
    pty.press(&" j".repeat(RUNS));
    pty.press("r");
    pty.until("a part of them has ended", |screen| shown(&screen.contents()) >= 200);
    let ended = shown(&pty.contents());
    pty.signal("KILL");
    pty.ends();
    let answered = watch.counts().finished;
    assert!(answered < RUNS as u64, "it was not killed in the middle: {answered} had ended");

    let run = |args: &[&str]| {
        let output = home.command().args(args).output().expect("the program starts");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let usage: serde_json::Value = serde_json::from_str(&run(&["usage", "--json", "--range", "all"])).expect("JSON");
    let recorded = usage["total"]["runs"].as_u64().expect("a count");
    assert!(ended <= recorded, "{ended} had ended before the eyes of the person, {recorded} are recorded");
    // An answer that is on its way when the program dies is no run that had ended.
    assert!(answered <= recorded + 2 * AT_ONCE, "{answered} were answered, {recorded} are recorded");
    let events = run(&["events", "--jsonl", "--limit", "0"]);
    assert_eq!(events.lines().count() as u64, recorded, "rows and sums agree");
    let integrity: String = rusqlite::Connection::open(home.log())
        .and_then(|log| log.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
        .expect("the log is read");
    assert_eq!(integrity, "ok");
    stop.cancel();
    runtime.block_on(serving).expect("it ends").expect("it served");
}
