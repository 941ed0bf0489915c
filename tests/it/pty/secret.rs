//! Secrets typed into a terminal: nothing of them is ever seen, and what is asked is asked once.

use std::time::{Duration, Instant};

use super::terminal::{Home, Pty};
use super::{CONFIG, Served};

const SIZE: (u16, u16) = (120, 40);

/// Answers a prompt once it is there and the terminal shows nothing of what is typed.
fn answer(pty: &mut Pty, prompt: &str, keys: &str) {
    pty.sees(prompt);
    let end = Instant::now() + Duration::from_mins(1);
    while pty.is_cooked() {
        assert!(Instant::now() < end, "the terminal still shows what is typed");
        std::thread::yield_now();
    }
    pty.press(keys);
}

#[test]
fn a_secret_is_typed_without_showing() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::command(&home, &["secret", "set", "lab"], &[]);
    answer(&mut pty, "lab, not shown while you type:", "canary-typed-1\u{7f}2\r");
    assert_eq!(pty.ends(), 0);
    pty.sees("set lab; a connector refers to it as vault:lab");
    assert!(pty.is_cooked() && !pty.contents().contains("canary"), "{}", pty.contents());
    let mut pty = Pty::command(&home, &["secret", "set", "lab"], &[]);
    answer(&mut pty, "lab, not shown while you type:", "canary\u{3}");
    assert_eq!(pty.ends(), 2);
    let mut pty = Pty::command(&home, &["secret", "remove", "lab"], &[]);
    pty.sees("remove lab? [y/N]");
    pty.press("y\n");
    assert_eq!(pty.ends(), 0);
}

#[test]
fn the_passphrase_is_asked_once_and_opens_the_screen() {
    let served = Served::new();
    let home = Home::new(&served.config("sandbox-model").replace("env:SANDBOX_KEY", "vault:box"));
    let mut pty = Pty::command(&home, &["secret", "set", "box"], &[]);
    answer(&mut pty, "box, not shown", "sandbox-key\r");
    assert_eq!(pty.ends(), 0);
    let mut pty = Pty::command(&home, &["secret", "rotate", "--passphrase"], &[]);
    answer(&mut pty, "new passphrase, not shown", "canary horse\r");
    answer(&mut pty, "the same again, not shown", "canary horse\r");
    assert_eq!(pty.ends(), 0);
    let mut pty = Pty::start(&home, SIZE);
    answer(&mut pty, "passphrase of the vault, not shown", "canary wrong\r");
    answer(&mut pty, "the passphrase does not open the vault", "canary horse\r");
    pty.until("the screen", vt100::Screen::alternate_screen);
    pty.sees("box");
    pty.press("r");
    pty.sees("HTTP 200  stop");
    pty.press("r");
    served.counts(|counts| counts.finished >= 2);
    assert!(!pty.contents().contains("canary"), "{}", pty.contents());
    pty.signal("TERM");
    pty.ends();
}

#[test]
fn a_key_typed_while_the_vault_is_locked_stays_in_the_draft() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::command(&home, &["secret", "set", "x"], &[("SWITCHBOARD_VAULT_PASSPHRASE", "canary horse")]);
    answer(&mut pty, "x, not shown", "y\r");
    assert_eq!(pty.ends(), 0);
    let mut pty = Pty::start(&home, SIZE);
    answer(&mut pty, "passphrase of the vault, not shown", "\r");
    pty.sees("north");
    pty.press("ejjjjj\rtyped-key-1\r\u{13}");
    pty.sees("the vault is locked with a passphrase");
    pty.sees("SWITCHBOARD_VAULT_PASSPHRASE");
    pty.press("\u{1b}");
    pty.sees("(typed; saving moves it to the vault)");
    assert_eq!(home.config_text(), CONFIG);
    pty.signal("TERM");
    pty.ends();
}

/// A key typed in the editor lives in the vault. It waits there for its connector to come back, and goes with it for good.
#[test]
fn a_deleted_connector_comes_back_with_its_key() {
    let served = Served::new();
    let home = Home::new(&served.config("normal").replace("api_key = \"env:SANDBOX_KEY\"\n", ""));
    let kept = || {
        let output = home.command().args(["secret", "list"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let mut pty = Pty::start(&home, SIZE);
    pty.sees("box");
    pty.press("ejjjjj\rsandbox-key\r\u{13}");
    pty.sees("saved box");
    let text = home.config_text();
    assert!(text.contains("api_key = \"vault:box\"") && kept().contains("box"), "{text}");
    pty.press("qd");
    pty.sees("Delete ");
    pty.press("y");
    pty.sees("deleted box");
    assert!(!home.config_text().contains("connectors.box") && kept().contains("box"));
    pty.press("Z");
    pty.sees("box is back");
    assert_eq!(home.config_text(), text);
    pty.press("r");
    pty.sees("HTTP 200  stop");
    pty.press("dy");
    pty.sees("deleted box");
    pty.press("q");
    assert_eq!(pty.ends(), 0);
    assert!(!kept().contains("box"), "{}", kept());
}
