//! No secret where it should not be: everything the program writes is searched for them.

use std::path::Path;

use crate::support::{Home, Sandbox};

const CANARIES: [&str; 4] =
    ["canary-typed-8c1f", "canary-env-77aa-sk-000111222333", "canary-header-90bd", "canary-database-3e6c"];

#[test]
fn no_secret_is_found_anywhere_but_in_its_own_file() {
    let home = Home::new().set("CANARY_ENV", CANARIES[1]).set("CANARY_HEADER", CANARIES[2]);
    // Nobody listens there, so that everything that is said about a team's log is said.
    let home = home.set("CANARY_DATABASE", &format!("postgres://ops:{}@127.0.0.1:1/usage", CANARIES[3]));
    home.write("[events]\ndatabase = \"env:CANARY_DATABASE\"\n");
    let sandbox = Sandbox::start(&home, &[]);
    let add = |id: &str, key: &str, model: &str| {
        let set_key = format!("api_key={key}");
        let model = format!("default_model={model}");
        home.run_with_stdin(
            &[
                "add",
                id,
                "--provider",
                "other",
                "--url",
                &sandbox.base,
                "--set",
                &set_key,
                "--set",
                &model,
                "--set",
                "header.x-gw-key=env:CANARY_HEADER",
            ],
            CANARIES[0],
        )
        .ok()
    };
    let mut seen = String::new();
    let mut keep = |ran: crate::support::Ran| seen.push_str(&(ran.out + &ran.err));
    keep(add("typed", "-", "sandbox-model"));
    keep(add("variable", "env:CANARY_ENV", "sandbox-model"));
    keep(add("hostile", "env:CANARY_ENV", "hostile"));
    for id in ["typed", "variable", "hostile"] {
        for args in [
            &["test", id][..],
            &["test", id, "--json"],
            &["test", id, "--jsonl"],
            &["show", id, "--json"],
            &["show", id],
        ] {
            keep(home.run(args));
        }
    }
    keep(home.run(&["list", "--json"]));
    keep(home.run(&["usage", "--json"]));
    keep(home.run(&["events", "--json"]));
    keep(home.run(&["events", "--csv"]));
    for format in ["kibana", "ndjson", "csv"] {
        keep(home.run(&["export", "events", "--format", format]));
    }
    keep(home.run(&["export", "metrics"]));
    keep(home.run(&["config", "check"]));
    assert!(seen.contains("the team's event log 127.0.0.1:1/usage"), "{seen}");
    for canary in CANARIES {
        assert!(!seen.contains(canary), "{canary} was printed");
    }
    let kept = files_with(home.path(), &CANARIES);
    assert_eq!(kept.len(), 1, "secrets lie in {kept:?}");
    assert!(Path::new(&kept[0]).extension().is_some_and(|extension| extension == "key"), "{kept:?}");
}

/// Every file below a directory that holds one of the texts.
fn files_with(place: &Path, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(place).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_with(&path, texts));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        let holds = |text: &&str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        if texts.iter().any(holds) {
            found.push(path.display().to_string());
        }
    }
    found
}
