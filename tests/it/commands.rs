//! Commands that keep connectors.

use serde_json::Value;

use crate::support::Home;

const FILE: &str = "\
# kept by the platform team
[connectors.one]   # the first
name = \"One\"
provider = \"other\"
url = \"http://localhost:8080/v1\"   # the lab
default_model = \"m\"
api_key = \"env:ONE_KEY\"
";

#[test]
fn without_a_file_there_are_no_connectors_and_no_error() {
    let ran = Home::new().run(&["list", "--json"]).ok();
    assert_eq!(ran.json()["connectors"], Value::Array(Vec::new()));
}

#[test]
fn a_connector_is_added_shown_changed_and_removed() {
    let home = Home::with(FILE);
    home.run(&[
        "add",
        "two",
        "--provider",
        "azure-openai",
        "--url",
        "https://acme.openai.azure.com",
        "--set",
        "api_key=env:AZ",
    ])
    .ok();
    let two = home.run(&["show", "two", "--json"]).ok().json();
    assert_eq!(two["called_url"], "https://acme.openai.azure.com/openai/v1/chat/completions");
    assert_eq!(two["details"]["api_key"], "env:AZ");
    home.run(&["edit", "two", "--set", "default_model=gpt-4.1", "--set", "header.x-team=search"]).ok();
    let two = home.run(&["show", "two", "--json"]).ok().json();
    assert_eq!(two["default_model"], "gpt-4.1");
    assert_eq!(two["details"]["headers"]["x-team"], "search");
    home.run(&["remove", "two", "--yes"]).ok();
    assert_eq!(home.text(), FILE);
}

#[test]
fn an_edit_leaves_comments_order_and_others_alone() {
    let home = Home::with(&format!(
        "{FILE}\n[connectors.two]\nname='2'\nprovider = \"other\"\nurl=\"http://h\"\ndefault_model=\"x\"\n"
    ));
    let before = home.text();
    home.run(&["edit", "one", "--set", "default_model=better"]).ok();
    assert_eq!(home.text(), before.replace("default_model = \"m\"", "default_model = \"better\""));
}

#[test]
fn removing_without_a_terminal_needs_yes() {
    let home = Home::with(FILE);
    let ran = home.run(&["remove", "one"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--yes"), "{}", ran.err);
    assert_eq!(home.text(), FILE);
}

#[test]
fn a_key_typed_as_text_goes_to_a_file_of_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let add = ["add", "one", "--provider", "openai", "--url", "https://api.openai.com/v1", "--set", "api_key=-"];
    home.run_with_stdin(&add, "Bearer secret-canary-1234\n").ok();
    assert!(!home.text().contains("secret-canary"));
    let shown = home.run(&["show", "one", "--json"]).ok().json();
    let reference = shown["details"]["api_key"].as_str().expect("a reference").to_owned();
    let path = reference.strip_prefix("file:").expect("a file reference");
    assert_eq!(std::fs::read_to_string(path).expect("the key's file").trim(), "secret-canary-1234");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(std::path::Path::new(path)), 0o600);
    assert_eq!(mode(&home.config()), 0o600);
}

#[test]
fn wrong_uses_exit_with_2_and_say_the_fix() {
    let home = Home::with(FILE);
    for (args, says) in [
        (&["show", "on"][..], "did you mean \"one\"?"),
        (&["add", "one", "--provider", "other", "--url", "http://h", "--set", "default_model=m"], "taken"),
        (&["add", "two", "--provider", "other", "--url", "http://h"], "default model"),
        (&["add", "Two", "--provider", "openai", "--url", "http://h"], "lower-case"),
        (&["add", "two", "--provider", "opnai", "--url", "http://h"], "openai, azure-openai or other"),
        (&["add", "two", "--provider", "openai", "--url", "h"], "add http:// or https://"),
        (&["edit", "one", "--set", "colour=red"], "no field"),
        (&["test", "one", "--body", "missing.json"], "missing.json"),
        (&["list", "--nonsense"], "--nonsense"),
        (&["test", "one", "--json", "--jsonl"], "cannot be used with"),
    ] {
        let ran = home.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(says), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_broken_file_is_told_with_its_place() {
    let home =
        Home::with("[connectors.a]\nname = \"A\"\nprovider = \"other\"\nurl = \"http://h\"\ndefault_modle = \"m\"\n");
    let ran = home.run(&["list"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("config.toml:5:1"), "{}", ran.err);
    assert!(ran.err.contains("did you mean \"default_model\"?"), "{}", ran.err);
    let check = home.run(&["config", "check", "--json"]);
    assert_eq!((check.code, &check.json()["ok"]), (Some(2), &Value::Bool(false)));
}

#[test]
fn secrets_that_do_not_resolve_name_their_reference() {
    for (reference, says) in [
        ("env:NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE"),
        ("file:/nonexistent/key", "/nonexistent/key"),
        ("cmd:echo oops >&2; exit 3", "oops"),
    ] {
        let home = Home::with(&FILE.replace("env:ONE_KEY", reference));
        let ran = home.run(&["test", "one", "--json"]);
        assert_eq!((ran.code, ran.json()["error"]["kind"].as_str()), (Some(2), Some("secret")), "{}", ran.out);
        assert!(ran.out.contains(says), "{}", ran.out);
    }
}

#[test]
fn a_body_that_is_not_json_is_told_with_its_place() {
    let home = Home::with(FILE).set("ONE_KEY", "k");
    let ran = home.run_with_stdin(&["test", "one", "--body", "-", "--json"], "{\n  \"messages\": [,]\n}");
    let error = &ran.json()["error"];
    assert_eq!(error["kind"], "invalid-request", "{error}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("line 2")), "{error}");
}

#[test]
fn paths_examples_completions_and_the_manual_print() {
    let home = Home::new();
    assert_eq!(home.run(&["config", "path"]).ok().out.trim(), home.config().display().to_string());
    home.write(&home.run(&["config", "example"]).ok().out);
    home.run(&["config", "check"]).ok();
    for shell in ["bash", "zsh", "fish"] {
        assert!(home.run(&["completions", shell]).ok().out.contains("switchboard"));
    }
    assert!(home.run(&["man"]).ok().out.contains(".TH"));
    assert!(home.run(&["--help"]).ok().out.contains("Exit codes"));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let home = Home::new();
    let script = format!("{} man | head -1", env!("CARGO_BIN_EXE_switchboard"));
    let mut shell = std::process::Command::new("sh");
    let output = shell.arg("-c").arg(script).env_clear().envs(home.environment()).output().expect("a shell");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panic"));
}

#[test]
fn the_system_layer_is_listed_and_read_only() {
    let home = Home::with(FILE);
    let system = home.path().join("system.toml");
    std::fs::write(&system, FILE.replace("connectors.one", "connectors.team")).expect("written");
    let home = home.set("SWITCHBOARD_SYSTEM_CONFIG", &system.display().to_string());
    let rows = home.run(&["list", "--json"]).ok().json();
    assert_eq!(rows["connectors"][1]["origin"], "preconfigured", "{rows}");
    let ran = home.run(&["edit", "team", "--set", "name=x"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("read-only"), "{}", ran.err);
    assert_eq!(home.run(&["remove", "team", "--yes"]).code, Some(2));
}
