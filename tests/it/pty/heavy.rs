//! What is too much for most screens: it stays up, takes keys, and holds its memory.

use super::terminal::{Home, Pty};
use super::{CONFIG, Served};

#[path = "../../../benches/screen/server.rs"]
mod server;

/// No reply, paste or size may take more.
const MEMORY: u64 = 256 << 20;

#[test]
fn a_paste_of_ten_mebibytes_is_taken_in_one_piece() {
    let home = Home::new(CONFIG);
    let mut pty = Pty::start(&home, (80, 24));
    pty.sees("north");
    pty.press("\ri");
    pty.sees("esc leave");
    let text = "{\"line\": \"of a very long body\"}\n".repeat(340_000);
    pty.press(&format!("\u{1b}[200~{text}\u{1b}[201~"));
    pty.sees("of a very long body");
    pty.press("\u{1b}");
    pty.sees("i edit body");
    pty.press("q");
    pty.sees("D doctor");
    assert!(pty.peak_memory() < MEMORY, "{} bytes", pty.peak_memory());
    pty.press("q");
    assert_eq!(pty.ends(), 0);
    pty.is_restored();
}

#[test]
fn the_largest_replies_are_held_once() {
    let server = server::Server::start();
    for (model, what) in server::LOADS {
        let connector = "[connectors.box]\nname = \"Box\"\nprovider = \"other\"";
        let home = Home::new(&format!(
            "[network]\nmax_response_size = \"256MiB\"\n{connector}\nurl = \"{}\"\ndefault_model = \"{model}\"\n",
            server.base
        ));
        let mut pty = Pty::start(&home, (120, 40));
        pty.sees("box");
        pty.press("\rr");
        pty.sees("● done");
        pty.resize(80, 24);
        pty.press("?");
        pty.sees("┌ Keys");
        let most = pty.peak_memory();
        assert!(most < MEMORY, "{what}: {} MiB", most >> 20);
        pty.press("qqq");
        assert_eq!(pty.ends(), 0);
    }
}

#[test]
fn the_largest_screens_are_drawn_while_a_reply_streams() {
    let served = Served::new();
    let home = Home::new(&served.config("long"));
    let mut pty = Pty::start(&home, (1, 1));
    pty.resize(1000, 500);
    pty.sees("box");
    pty.press("\rr");
    pty.sees("tok/s");
    pty.resize(60_000, 3);
    pty.resize(1, 1);
    pty.resize(1000, 500);
    pty.press("x");
    pty.sees("cancelled");
    assert!(pty.peak_memory() < MEMORY, "{} bytes", pty.peak_memory());
    pty.press("qq");
    assert_eq!(pty.ends(), 0);
    pty.is_restored();
}
