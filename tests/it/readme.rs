//! The README tells the truth: every command it shows is run.

use crate::support::{Home, Sandbox};

const README: &str = include_str!("../../README.md");

/// The lines of every `console` block that run switchboard, alone or behind a pipe.
fn commands() -> Vec<&'static str> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in README.lines() {
        if let Some(language) = line.strip_prefix("```") {
            inside = !inside && language == "console";
        } else if inside && (line.starts_with("$ switchboard") || line.contains("| switchboard ")) {
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
        if line.starts_with("switchboard sandbox") {
            serves(&home, line);
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

/// Runs the sandbox as it is shown, on a free port, until it says where it is.
fn serves(home: &Home, line: &str) {
    use std::io::{BufRead, BufReader};
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    let listen = words.iter().position(|word| *word == "127.0.0.1:4010").expect("the port of the README");
    let mut words = words;
    words[listen] = "127.0.0.1:0";
    let mut child = home.command(&words).stdout(std::process::Stdio::piped()).spawn().expect("the sandbox starts");
    let mut base = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut base).expect("its first line");
    child.kill().ok();
    child.wait().ok();
    assert!(base.starts_with("http://127.0.0.1:") && base.trim().ends_with("/v1"), "{line}: {base}");
}

/// The text of the blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let begins = format!("\n```{language}\n");
    README.split(begins.as_str()).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn the_file_it_shows_is_good() {
    let home = Home::with(blocks("toml")[0]);
    home.run(&["config", "check"]).ok();
    assert_eq!(home.run(&["list", "--json"]).ok().json()["connectors"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_result_it_shows_has_the_keys_of_a_real_one() {
    use serde_json::Value;
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("lab", "sandbox-model"));
    let real = home.run(&["test", "lab", "--json"]).ok().json();
    let shown: Value = serde_json::from_str(blocks("json")[0]).expect("JSON");
    let keys = |value: &Value| value.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys(&shown), keys(&real));
    for part in ["usage", "timing"] {
        assert_eq!(keys(&shown[part]), keys(&real[part]));
    }
}

#[test]
fn the_exit_codes_it_shows_are_those_of_the_kinds() {
    for kind in switchboard::domain::ErrorKind::ALL {
        let row = format!("| {} | ", kind.exit_code());
        let line = README.lines().find(|line| line.starts_with(&row)).expect("a row of the table");
        let anything = line.contains("anything else");
        assert!(anything || line.contains(&format!("`{}`", kind.word())), "{kind} is not told at {row}");
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
