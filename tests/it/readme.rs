//! The README tells the truth: every command it shows is run.

use crate::support::{Home, Sandbox};

const README: &str = include_str!("../../README.md");

/// The lines of every `console` block that start with `$ switchboard`.
fn commands() -> Vec<&'static str> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in README.lines() {
        if let Some(language) = line.strip_prefix("```") {
            inside = !inside && language == "console";
        } else if inside && line.starts_with("$ switchboard") {
            commands.push(line.trim_start_matches("$ "));
        }
    }
    commands
}

#[test]
fn every_command_that_is_shown_runs() {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    let program = env!("CARGO_BIN_EXE_switchboard");
    let shown = commands();
    assert!(shown.len() > 10, "the README shows too little: {shown:?}");
    for line in shown {
        // The screen, the demo and the sandbox do not end by themselves; terminals have tests of their own.
        if ["switchboard", "switchboard demo"].contains(&line) || line.starts_with("switchboard sandbox") {
            continue;
        }
        let line = line.replace("http://127.0.0.1:4010/v1", &sandbox.base);
        let script = line.replacen("switchboard", program, 1);
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(&script)
            .env_clear()
            .envs(home.environment())
            .current_dir(home.path())
            .output()
            .expect("a shell");
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {err}");
    }
}

#[test]
fn every_behaviour_of_the_sandbox_is_told() {
    for row in &switchboard::sandbox::BEHAVIOURS {
        assert!(README.contains(&format!("`{}`", row.name)), "the README does not tell of {}", row.name);
    }
}

#[test]
fn every_key_is_told() {
    use switchboard::config::keymap::{Context, Keymap};
    let keymap = Keymap::default();
    for context in [Context::Global, Context::List, Context::Edit, Context::Test] {
        for row in keymap.rows(context) {
            let key = row.chords.first().expect("a key").to_string();
            assert!(README.contains(&format!("`{key}`")), "the README does not tell of {key} ({})", row.name);
        }
    }
}
