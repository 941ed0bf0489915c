//! `edit ID` in the person's own editor: what comes back, what is refused, and what is never lost.

use std::io::{Read, Write};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::Home;

const FILE: &str = "\
# kept by the platform team
[connectors.zero]
name = \"Zero\"
provider = \"openai\"
url = \"http://h/v1\"

[connectors.one]   # the first
name = \"One\"
provider = \"other\"
url = \"http://localhost:8080/v1\"
default_model = \"m\"
";

const NO_KEYS: (&str, &str) = ("", "");

/// A home whose editor is a shell script; its arguments are those of an editor.
fn home(file: &str, script: &str) -> Home {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with(file);
    // A name that is known to take a line.
    let editor = home.path().join("vi");
    std::fs::write(&editor, format!("#!/bin/sh\nset -e\n{script}\n")).expect("the editor is written");
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o700)).expect("the editor can be run");
    let editor = editor.display().to_string();
    home.set("EDITOR", &editor)
}

/// Runs the program in a terminal and types `keys` once `prompt` shows; returns its exit code and what it printed.
fn in_a_terminal(home: &Home, args: &[&str], (prompt, keys): (&str, &str)) -> (u32, String) {
    let size = PtySize { rows: 24, cols: 200, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(args);
    command.env_clear();
    for (name, value) in home.environment() {
        command.env(name, value);
    }
    command.cwd(home.path());
    let mut child = pair.slave.spawn_command(command).expect("the program starts");
    drop(pair.slave);
    let mut output = pair.master.try_clone_reader().expect("its output");
    let mut keyboard = pair.master.take_writer().expect("its keyboard");
    let (mut shown, mut piece, mut typed) = (String::new(), [0; 4096], false);
    // The end of a terminal is an error on Linux.
    while let Ok(read @ 1..) = output.read(&mut piece) {
        shown.push_str(&String::from_utf8_lossy(&piece[..read]));
        if !typed && shown.contains(prompt) {
            keyboard.write_all(keys.as_bytes()).expect("keys are pressed");
            typed = true;
        }
    }
    (child.wait().expect("the program ends").exit_code(), shown)
}

#[test]
fn the_editor_opens_the_file_at_the_connector_and_its_text_is_taken() {
    let home = home(FILE, "test \"$1\" = +7\nsed -i 's/\"One\"/\"Uno\"/' \"$2\"");
    let (code, shown) = in_a_terminal(&home, &["edit", "one"], NO_KEYS);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("saved"), "{shown}");
    assert_eq!(home.text(), FILE.replace("\"One\"", "\"Uno\""));
}

#[test]
fn nothing_changed_is_nothing_written() {
    let (code, shown) = in_a_terminal(&home(FILE, "true"), &["edit", "one"], NO_KEYS);
    assert_eq!((code, shown.contains("nothing changed")), (0, true), "{shown}");
}

#[test]
fn a_bad_text_is_told_and_can_be_mended_in_the_editor() {
    // The first time it breaks two lines, the second time it mends them.
    let script = "if grep -q opnai \"$2\"\nthen sed -i 's/opnai/openai/; s/^nmae/name/' \"$2\"\n\
                  else sed -i 's/\"openai\"/\"opnai\"/; s/^name = \"One\"/nmae = \"Uno\"/' \"$2\"; fi";
    let home = home(FILE, script);
    let (code, shown) = in_a_terminal(&home, &["edit", "one"], ("[y/N]", "y\n"));
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("config.toml:4:12: connectors.zero.provider: \"opnai\" is no provider"), "{shown}");
    assert!(shown.contains("config.toml:8:1: unknown key \"nmae\"; did you mean \"name\"?"), "{shown}");
    assert_eq!(home.text(), FILE.replace("\"One\"", "\"Uno\""));
}

#[test]
fn a_text_that_is_given_up_is_kept_beside_and_the_file_stays() {
    let home = home(FILE, "echo 'colour = 1' >> \"$2\"");
    let (code, shown) = in_a_terminal(&home, &["edit", "one"], ("[y/N]", "n\n"));
    assert_eq!((code, home.text().as_str()), (2, FILE), "{shown}");
    assert_kept(&shown, "colour = 1");
}

#[test]
fn a_file_that_changed_meanwhile_is_not_overwritten() {
    let home = home(FILE, "sed -i 's/\"One\"/\"Uno\"/' \"$2\"\necho '# theirs' >> \"$SWITCHBOARD_CONFIG\"");
    let (code, shown) = in_a_terminal(&home, &["edit", "one"], NO_KEYS);
    assert_eq!((code, home.text()), (2, format!("{FILE}# theirs\n")), "{shown}");
    assert!(shown.contains("was changed by another program"), "{shown}");
    assert_kept(&shown, "\"Uno\"");
}

#[test]
fn an_editor_that_fails_or_is_not_there_changes_nothing() {
    for (home, says) in [
        (home(FILE, "echo x >> \"$2\"; exit 3"), "exit status: 3"),
        (Home::with(FILE).set("VISUAL", "/nonexistent/ed --wait"), "/nonexistent/ed --wait failed"),
    ] {
        let (code, shown) = in_a_terminal(&home, &["edit", "one"], NO_KEYS);
        assert_eq!((code, home.text().as_str()), (2, FILE), "{shown}");
        assert!(shown.contains(says), "{shown}");
    }
}

#[test]
fn a_key_is_typed_without_showing() {
    let home = Home::with(FILE);
    let args = ["edit", "one", "--set", "api_key=-"];
    let (code, shown) = in_a_terminal(&home, &args, ("not shown", "typed-canary\r"));
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
    let shown = home.run(&["show", "one", "--json"]).ok().json();
    let name = shown["details"]["api_key"].as_str().and_then(|key| key.strip_prefix("vault:")).expect("a reference");
    assert_eq!(home.vault().get(name).expect("the key").expose(), "typed-canary");
    let before = home.text();
    let (code, shown) = in_a_terminal(&home, &args, ("not shown", "half\u{3}"));
    assert_eq!((code, home.text()), (2, before), "{shown}");
}

#[test]
fn removing_asks_and_takes_no_for_an_answer() {
    let home = Home::with(FILE);
    let (code, shown) = in_a_terminal(&home, &["remove", "one"], ("[y/N]", "n\n"));
    assert_eq!((code, home.text().as_str()), (1, FILE), "{shown}");
    let (code, shown) = in_a_terminal(&home, &["remove", "one"], ("[y/N]", "y\n"));
    assert_eq!((code, home.text().contains("[connectors.one]")), (0, false), "{shown}");
}

/// Asserts that the last words name a file with this in it, and takes it away.
#[track_caller]
fn assert_kept(shown: &str, text: &str) {
    let path = shown.split("your text is kept in ").nth(1).and_then(|rest| rest.lines().next()).expect(shown).trim();
    assert!(std::fs::read_to_string(path).expect(path).contains(text));
    std::fs::remove_file(path).expect(path);
}
