//! How the binary behaves as one program of a terminal among others: what it asks and sends, how it is suspended and
//! resumed, and that it is quiet while nothing happens.

use std::time::Duration;

use super::terminal::{Home, Pty};
use super::{CONFIG, Served};

/// What a modern terminal answers to the questions at the start.
const ANSWERS: &str = "\u{1b}[?2026;2$y\u{1b}[?62;22c";

/// Whether margins of a scroll region were set.
fn sets_margins(sent: &str) -> bool {
    sent.split("\u{1b}[").any(|sequence| {
        let numbers = sequence.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        numbers.len() < sequence.len() && numbers.starts_with('r')
    })
}

fn stream(pty: &mut Pty) {
    pty.sees("box");
    pty.press("\rr");
    pty.sees("Response  ● done");
}

#[test]
fn a_terminal_that_answers_nothing_gets_the_plain_drawing() {
    let served = Served::new();
    let home = Home::new(&served.config("normal"));
    let mut pty = Pty::start(&home, (80, 24));
    stream(&mut pty);
    let sent = pty.sent_from(0);
    assert!(sent.contains("\u{1b}[?2026$p\u{1b}[c"), "it is asked");
    assert!(!sets_margins(&sent) && !sent.contains("\u{1b}[?2026h"));
    pty.press("qq");
    assert_eq!(pty.ends(), 0);
    pty.is_restored();
}

#[test]
fn a_terminal_that_answers_gets_scrolls_and_whole_frames() {
    let served = Served::new();
    let home = Home::new(&served.config("long"));
    let mut pty = Pty::start(&home, (80, 24));
    pty.press(ANSWERS);
    pty.sees("box");
    pty.press("\rrz");
    pty.until("scrolls", |_| sets_margins(&pty.sent_from(0)));
    pty.press("?");
    pty.until("whole frames", |_| pty.sent_from(0).contains("\u{1b}[?2026h"));
    pty.press("qx");
    pty.sees("cancelled");
    pty.press("\u{3}");
    assert_eq!(pty.ends(), 0);
    pty.is_restored();
}

#[test]
fn answers_that_come_late_and_among_keys_take_none_of_them() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::start(&home, (80, 24));
    pty.sees("north");
    pty.press("/so\u{1b}[?2026;2$yut\u{1b}[?62;22ch\r");
    pty.sees("/ south");
    pty.sees_no("north");
    pty.press("q");
    assert_eq!(pty.ends(), 0);
}

#[test]
fn nothing_is_sent_while_nothing_happens() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::start(&home, (120, 40));
    pty.press(ANSWERS);
    pty.sees("0 runs");
    // The first figures of the event log may come after the first frame.
    pty.press("j");
    pty.until("quiet", |_| true);
    while !pty.is_quiet_for(Duration::from_millis(400)) {}
    let busy = pty.cpu();
    assert!(pty.is_quiet_for(Duration::from_secs(2)), "{:?}", pty.sent_from(0));
    let used = pty.cpu().saturating_sub(busy);
    assert!(used < Duration::from_millis(300), "{used:?} of two seconds in which nothing happened");
    pty.press("q");
    assert_eq!(pty.ends(), 0);
}

#[test]
fn ctrl_z_suspends_to_the_shell_and_fg_resumes() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::spawn_program(&home, (100, 30), ("/bin/sh", &["-i"]), &[("PS1", "shell> ")]);
    pty.sees("shell>");
    let config = home.config().display().to_string();
    pty.press(&format!("{} --config {config}\r", env!("CARGO_BIN_EXE_switchboard")));
    pty.sees("Connectors 2");
    for keys in ["\u{1a}", "\ri\u{1a}"] {
        pty.press(keys);
        // What is typed before the prompt is there the shell throws away.
        pty.until("the shell's prompt", |screen| {
            let modes = !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste();
            modes && screen.contents().contains("Stopped") && screen.contents().trim_end().ends_with("shell>")
        });
        pty.press("echo th''ere\r");
        pty.until("its answer", |screen| screen.contents().trim_end().ends_with("there\nshell>"));
        pty.press("fg\r");
        pty.until("the screen again", |screen| screen.alternate_screen() && screen.hide_cursor());
        pty.sees("north");
    }
    pty.press("\u{1b}");
    pty.sees("i edit body");
    pty.press("qq");
    pty.until("the shell's prompt", |screen| {
        let modes = !screen.alternate_screen() && !screen.bracketed_paste();
        modes && screen.contents().matches("shell>").count() > 4 && screen.contents().trim_end().ends_with("shell>")
    });
    pty.press("exit\r");
    pty.ends();
}

#[test]
fn ctrl_z_where_no_shell_could_resume_it_goes_on() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::start(&home, (80, 24));
    pty.sees("north");
    let before = pty.sent();
    pty.press("\u{1a}");
    pty.until("drawn again", |_| pty.sent_from(before).contains("\u{1b}[2J"));
    pty.press("/sou\r");
    pty.sees_no("north");
    pty.press("q");
    assert_eq!(pty.ends(), 0);
    pty.is_restored();
}

#[test]
fn a_program_that_was_stopped_draws_everything_when_it_goes_on() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::start(&home, (80, 24));
    pty.sees("north");
    pty.signal("STOP");
    let before = pty.sent();
    pty.signal("CONT");
    pty.until("drawn again", |_| {
        let sent = pty.sent_from(before);
        sent.contains("\u{1b}[2J") && sent.contains("north")
    });
    assert!(!pty.is_cooked());
    pty.press("q");
    assert_eq!(pty.ends(), 0);
}

#[test]
fn old_terminals_and_serial_lines_are_drawn_on() {
    for term in ["linux", "xterm", "screen", "vt100", "vt220", "ansi", ""] {
        let home = Home::new(CONFIG);
        let mut pty = Pty::start_with(&home, (80, 24), &[("TERM", term), ("LANG", "C")]);
        pty.sees("Connectors 2");
        pty.press("\u{1b}OB");
        pty.press("\u{1b}[A");
        pty.press("?");
        pty.sees(" Keys ");
        pty.press("qq");
        assert_eq!(pty.ends(), 0, "{term}");
        pty.is_restored();
    }
}
