//! The configuration file under several hands.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Home, Sandbox};

#[test]
fn many_switchboards_at_once_lose_nothing() {
    let home = Home::with("# the first line stays\n");
    thread::scope(|scope| {
        for n in 0..8 {
            let home = &home;
            scope.spawn(move || {
                let id = format!("c{n}");
                home.run(&["add", &id, "--provider", "other", "--url", "http://h", "--set", "default_model=m"]).ok();
            });
        }
    });
    let rows = home.run(&["list", "--json"]).ok().json();
    assert_eq!(rows["connectors"].as_array().map(Vec::len), Some(8));
    assert!(home.text().starts_with("# the first line stays\n"));
}

#[test]
fn runs_of_many_switchboards_are_all_recorded() {
    let home = Home::with(
        "[connectors.a]\nname = \"a\"\nprovider = \"other\"\nurl = \"http://127.0.0.1:9\"\ndefault_model = \"m\"\n",
    );
    thread::scope(|scope| {
        for _ in 0..8 {
            let home = &home;
            scope.spawn(move || assert_eq!(home.run(&["test", "a"]).code, Some(3)));
        }
    });
    assert_eq!(home.run(&["usage", "--json"]).ok().json()["total"]["failed"], 8);
}

/// Starts a command and kills it after so many microseconds, unless it ends before; true where it said that it did its work.
fn killed_after(home: &Home, args: &[&str], micros: u64) -> bool {
    let mut child = home.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let end = Instant::now() + Duration::from_micros(micros);
    while Instant::now() < end {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            return status.success();
        }
        thread::yield_now();
    }
    child.kill().ok();
    child.wait().expect("it ends").success()
}

#[test]
fn a_kill_at_any_moment_costs_no_connector_that_was_acknowledged() {
    let home = Home::with("# the first line stays\n");
    let begun = Instant::now();
    home.run(&["add", "whole", "--provider", "openai", "--url", "http://h"]).ok();
    // Killed at moments spread over the time that one takes, and some after it.
    let whole = u64::try_from(begun.elapsed().as_micros()).expect("a short time");
    let mut acknowledged = vec!["whole".to_owned()];
    for n in 0..24 {
        let id = format!("c{n}");
        let args =
            ["add", id.as_str(), "--provider", "openai", "--url", "http://h", "--set", "api_key=typed-0123456789"];
        if killed_after(&home, &args, whole * (n + 1) / 16) {
            acknowledged.push(id);
        }
        // The file is whole at every moment, and the lock of the dead is free.
        home.run(&["config", "check"]).ok();
    }
    let rows = home.run(&["list", "--json"]).ok().json();
    let ids: Vec<&str> =
        rows["connectors"].as_array().expect("rows").iter().filter_map(|row| row["id"].as_str()).collect();
    for id in &acknowledged {
        assert!(ids.contains(&id.as_str()), "{id} was acknowledged and is lost: {ids:?}");
    }
    for id in ids.iter().filter(|id| **id != "whole") {
        let shown = home.run(&["show", id, "--json"]).ok().json();
        let name =
            shown["details"]["api_key"].as_str().and_then(|key| key.strip_prefix("vault:")).expect("a reference");
        assert_eq!(home.vault().get(name).expect("the key is there").expose(), "typed-0123456789");
    }
    assert!(home.text().starts_with("# the first line stays\n"));
}

#[test]
fn a_kill_at_any_moment_costs_no_run_that_was_acknowledged() {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("a", "sandbox-model"));
    let begun = Instant::now();
    home.run(&["test", "a"]).ok();
    let whole = u64::try_from(begun.elapsed().as_micros()).expect("a short time");
    let mut acknowledged = 1;
    for n in 0..20 {
        acknowledged += u64::from(killed_after(&home, &["test", "a"], whole * (n + 5) / 16));
    }
    let total = &home.run(&["usage", "--json"]).ok().json()["total"];
    let recorded = total["runs"].as_u64().expect("a number");
    assert!((acknowledged..=21).contains(&recorded), "{acknowledged} were acknowledged: {total}");
}

#[test]
fn a_run_whose_reader_went_away_is_recorded() {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("a", "long"));
    let script = format!("{} test a | head -c 1", env!("CARGO_BIN_EXE_switchboard"));
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg(script).env_clear().envs(home.environment()).output().expect("a shell");
    let total = &home.run(&["usage", "--json"]).ok().json()["total"];
    assert_eq!((&total["runs"], &total["cancelled"]), (&1.into(), &1.into()), "{total}");
}

#[test]
fn a_run_that_is_interrupted_or_loses_its_terminal_is_recorded_as_cancelled() {
    use std::io::Read;
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&sandbox.connector("a", "stall"));
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut command = home.command(&["test", "a"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut first = [0];
        child.stdout.as_mut().expect("a pipe").read_exact(&mut first).expect("the reply begins");
        let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.expect("a signal").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{signal}");
    }
    let total = &home.run(&["usage", "--json"]).ok().json()["total"];
    assert_eq!((&total["runs"], &total["cancelled"]), (&3.into(), &3.into()), "{total}");
}
