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
fn a_key_typed_as_text_goes_into_the_vault() {
    let home = Home::new();
    let add = ["add", "one", "--provider", "openai", "--url", "https://api.openai.com/v1", "--set", "api_key=-"];
    home.run_with_stdin(&add, "Bearer secret-canary-1234\n").ok();
    assert!(home.text().contains("api_key = \"vault:one\""), "{}", home.text());
    let shown = home.run(&["show", "one", "--json"]).ok().json();
    assert_eq!(shown["details"]["api_key"], "vault:one");
    assert_eq!(home.run(&["secret", "list", "--json"]).ok().json()["secrets"][0]["connectors"][0], "one");
    home.run(&["remove", "one", "--yes"]).ok();
    assert_eq!(home.run(&["secret", "list"]).ok().out, "", "it went with its connector");
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
fn without_a_home_what_needs_none_works_and_the_rest_says_the_way_out() {
    let home = Home::new();
    let bare = |args: &[&str]| {
        let mut command = home.command(args);
        command.env_remove("HOME").env_remove("SWITCHBOARD_CONFIG").env_remove("SWITCHBOARD_STATE");
        crate::support::Ran::from(command.output().expect("the program starts"))
    };
    for args in [&["config", "example"][..], &["completions", "bash"], &["man"], &["--help"], &["--version"]] {
        bare(args).ok();
    }
    for (args, says) in [
        (&["list"][..], "set HOME, or name the file with --config"),
        (&["config", "path"], "set HOME, or name the file with --config"),
        (&["--config", "c.toml", "list"], "SWITCHBOARD_STATE"),
    ] {
        let ran = bare(args);
        assert_eq!((ran.code, ran.err.contains(says)), (Some(2), true), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_file_that_cannot_be_made_says_where_and_what_to_do() {
    let home = Home::new();
    std::fs::write(home.path().join("plain"), "").expect("a file");
    let file = home.path().join("plain/config.toml").display().to_string();
    let ran = home.run(&["--config", &file, "add", "a", "--provider", "openai", "--url", "http://h"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("plain") && ran.err.contains("--config"), "{}", ran.err);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let home = Home::new();
    for args in [&["list"][..], &["show", "a"], &["config", "check"]] {
        let ran = home.run(args);
        assert!((ran.out + &ran.err).contains(&home.config().display().to_string()), "{args:?}");
    }
}

#[test]
fn a_key_on_the_command_line_is_warned_of() {
    let home = Home::new();
    let add = |id: &str, set: &str| {
        home.run(&["add", id, "--provider", "openai", "--url", "http://h", "--set", set]).ok().err
    };
    let warned = add("a", "api_key=sk-canary-0123456789");
    assert!(warned.contains("history") && warned.contains("api_key=-") && warned.contains("env:NAME"), "{warned}");
    assert!(!warned.contains("canary"), "{warned}");
    let warned = add("b", "header.x-api-key=canary");
    assert!(warned.contains("header.x-api-key") && !warned.contains("canary"), "{warned}");
    for args in [&["show", "b"][..], &["show", "b", "--json"]] {
        let shown = home.run(args).ok().out;
        assert!(shown.contains("x-api-key") && !shown.contains("canary"), "{shown}");
    }
    for quiet in ["api_key=env:A", "api_key=", "header.x-api-key=env:A", "header.x-team=search"] {
        let id = format!("q{}", quiet.len());
        assert_eq!(add(&id, quiet), format!("added {id}\n"));
    }
}

#[test]
fn what_the_file_says_cannot_command_the_terminal() {
    let home = Home::with(
        "[connectors.e]\nname = \"\\u001b[31mred\\u202e\"\nprovider = \"other\"\nurl = \"http://h/\\u009b2J\"\n\
         default_model = \"m\\u001b]0;x\\u0007\"\nnotes = \"a\\nb\\u001b[2J\"\nheaders = { x = \"\\u202e\" }\n",
    );
    for args in [&["list"][..], &["show", "e"], &["list", "--json"], &["show", "e", "--json"], &["remove", "e"]] {
        let ran = home.run(args);
        let shown = ran.out + &ran.err;
        assert!(!shown.chars().any(switchboard::domain::text::is_unsafe), "{args:?}: {shown:?}");
    }
}

#[test]
fn keys_and_colours_that_do_not_exist_are_found_by_the_check() {
    let home = Home::with("[keys]\ntest.rnu = \"f5\"\n[theme]\nacent = \"red\"\n[screen]\nmouse = true\n");
    let check = home.run(&["config", "check"]);
    assert_eq!(check.code, Some(2));
    for says in ["config.toml:2:6: ", "\"test.run\"", "config.toml:4:1: ", "\"accent\"", "config.toml:5:2: unknown key"]
    {
        assert!(check.out.contains(says), "{says}: {}", check.out);
    }
    assert_eq!(home.run(&["list"]).code, Some(2));
}

#[test]
fn a_value_that_the_provider_has_no_use_for_is_told() {
    let home = Home::with(FILE);
    let ran = home.run(&["edit", "one", "--set", "organization=acme"]).ok();
    assert!(ran.err.contains("organization: not kept; provider other has no such field"), "{}", ran.err);
    assert_eq!(home.text(), FILE);
}

#[test]
fn a_failure_is_told_in_the_shape_that_was_asked_for() {
    let home = Home::with(FILE);
    let ran = home.run(&["test", "nobody", "--jsonl"]);
    assert_eq!((ran.code, ran.out.lines().count()), (Some(2), 1), "{}", ran.out);
    assert_eq!(ran.json()["error"]["kind"], "config");
    assert_eq!(home.run(&["show", "nobody", "--json"]).json()["error"]["kind"], "config");
    assert_eq!(home.run(&["show", "nobody"]).out, "");
}

#[test]
fn estimated_tokens_are_marked() {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = crate::support::Sandbox::start(&home, &[]);
    home.write(&(sandbox.connector("told", "sandbox-model") + &sandbox.connector("guessed", "no-usage")));
    home.run(&["test", "told"]).ok();
    assert!(home.run(&["test", "guessed"]).ok().err.contains('~'));
    let usage = home.run(&["usage"]).ok().out;
    let marked = |name: &str| usage.lines().find(|line| line.starts_with(name)).map(|line| line.contains('~'));
    assert_eq!([marked("told"), marked("guessed"), marked("today")], [Some(false), Some(true), Some(true)], "{usage}");
}

#[test]
fn a_damaged_event_log_is_told_and_set_aside() {
    let home = Home::with(FILE);
    std::fs::create_dir(home.path().join("state")).expect("the state directory");
    std::fs::write(home.path().join("state/events.db"), "no database ".repeat(100)).expect("a damaged log");
    let ran = home.run(&["test", "one"]);
    assert!(ran.err.contains("damaged"), "{}", ran.err);
    assert_eq!(home.run(&["usage", "--json"]).ok().json()["total"]["failed"], 1);
}

#[test]
fn a_sandbox_that_cannot_be_says_why() {
    let home = Home::new();
    for (args, says) in [
        (&["sandbox", "--listen", "0.0.0.0:0"][..], "loopback only"),
        (&["sandbox", "--tokens-per-second", "-1"], "above 0"),
        (&["sandbox", "--tokens-per-second", "NaN"], "above 0"),
        (&["sandbox", "--first-token-ms", "18446744073709551615"], "3600000"),
    ] {
        let ran = home.run(args);
        assert_eq!((ran.code, ran.err.contains(says)), (Some(2), true), "{args:?}: {}", ran.err);
    }
}

#[test]
fn usage_has_the_keys_that_scripts_rely_on() {
    let usage = Home::new().run(&["usage", "--json"]).ok().json();
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&usage), "from to by groups total");
    assert_eq!(
        keys(&usage["total"]),
        "runs failed cancelled prompt_tokens completion_tokens total_tokens cached_tokens cache_write_tokens \
         reasoning_tokens estimated_runs cost_usd unpriced_runs"
    );
    assert_eq!(usage["total"]["cost_usd"], Value::Null);
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
