//! The line-by-line mode and pictures without a terminal: on pipes, and in a terminal that can do nothing.

use crate::pty::terminal::{Home as PtyHome, Pty};
use crate::support::{Home, Sandbox};

fn two_connectors() -> (Home, Sandbox) {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key").set("TERM", "dumb");
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&(sandbox.connector("lab", "sandbox-model") + &sandbox.connector("thinker", "reasoning")));
    (home, sandbox)
}

#[test]
fn a_prompt_runs_line_by_line_on_pipes() {
    let (home, _sandbox) = two_connectors();
    let ran =
        home.run_with_stdin(&["--plain"], "1\nHello there\n/stream\nOnce more\n/bogus\n/use thinker\n\n/quit\n").ok();
    assert!(ran.out.starts_with("You said: \"Hello there\"."), "{}", ran.out);
    assert!(ran.out.contains("You said: \"Once more\"."), "{}", ran.out);
    let said = [
        "1. lab, Other, lab\n2. thinker, Other, thinker\n",
        "lab, Other, http://127.0.0.1:",
        "lab> connecting\nfirst token after ",
        "finished: ",
        " tokens per second, ",
        "lab> replies come in one piece\n",
        "lab> there is no /bogus; /help names what there is\n",
        "\nreasoning:\n",
        "\nanswer:\n",
    ];
    for words in said {
        assert!(ran.err.contains(words), "{words:?} is not in:\n{}", ran.err);
    }
    let is_drawn = |c: char| c == '\u{1b}' || c == '\r' || ('\u{2500}'..='\u{259f}').contains(&c);
    assert!(!ran.out.contains(is_drawn) && !ran.err.contains(is_drawn), "{}{}", ran.out, ran.err);
    assert_eq!(ran.err.matches("1. lab").count(), 1, "the list is told once");
    let usage = home.run(&["usage", "--json"]).ok().json();
    assert_eq!(usage["total"]["runs"], 3, "its runs are recorded");
}

#[test]
fn a_connector_may_be_named_and_failures_do_not_end_it() {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("locked", "unauthorized"));
    let ran = home.run_with_stdin(&["--plain", "locked"], "Hi\n/use nobody\n/body missing.json\n").ok();
    assert!(ran.err.contains("failed, auth: "), "{}", ran.err);
    assert!(ran.err.contains("no connector has the id \"nobody\""), "{}", ran.err);
    assert!(ran.err.contains("the body missing.json cannot be read"), "{}", ran.err);
    let unknown = home.run_with_stdin(&["--plain", "nobody"], "");
    assert_eq!(unknown.code, Some(2));
    assert_eq!(home.run(&["--plain", "locked", "list"]).code, Some(2), "a command has no plain form");
}

#[test]
fn ctrl_c_cancels_the_run_and_then_ends_the_mode() {
    let sandboxed = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&sandboxed, &[]);
    let home = PtyHome::new(&sandbox.connector("stuck", "stall"));
    let config = home.config().display().to_string();
    let mut pty = Pty::run(&home, (80, 24), &["--config", &config, "--plain", "stuck"], &[("TERM", "dumb")]);
    pty.sees("stuck> ");
    pty.press("Hello\n");
    pty.sees("first token after ");
    pty.press("\u{3}");
    pty.sees("cancelled");
    pty.sees("cancelled\nstuck> ");
    assert!(pty.is_cooked());
    pty.press("\u{3}");
    assert_eq!(pty.ends(), 130);
}

#[test]
fn a_picture_needs_no_terminal() {
    let (home, _sandbox) = two_connectors();
    let ran = home.run(&["--screenshot", "screen.svg", "--size", "80x24"]).ok();
    assert!(ran.out.is_empty() && ran.err.is_empty(), "{}{}", ran.out, ran.err);
    let kept = std::fs::read_to_string(home.path().join("screen.svg")).expect("the picture");
    assert!(kept.starts_with("<svg xmlns=") && kept.contains(" lab<") && kept.contains(">Connectors<"), "{kept}");
    let printed = home.run(&["--screenshot", "-", "--size", "80x24"]).ok();
    assert_eq!(printed.out, kept);
    home.write("[connectors.lab]\nnmae = \"x\"\n");
    assert!(
        home.run(&["--screenshot", "-"]).ok().out.contains("nmae"),
        "what is wrong with the file is in the picture"
    );
    assert_eq!(home.run(&["--screenshot", "none/screen.svg"]).code, Some(2));
    assert_eq!(home.run(&["--screenshot", "-", "--size", "80"]).code, Some(2));
}
