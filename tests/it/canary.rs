//! No secret where it should not be: everything the program writes is searched for them.

use std::path::Path;

use crate::support::{Home, Ran, Sandbox};

const CANARIES: [&str; 11] = [
    "canary-typed-8c1f",
    "canary-env-77aa-sk-000111222333",
    "canary-header-90bd",
    "canary-vault-1e55",
    "canary-passphrase-6b02",
    "canary-entra-secret-3f9d",
    "canary-entra-token-c4e8",
    "canary-command-5a71",
    "canary-database-3e6c",
    "canary-proxy-word-31ce",
    "canary-variable-login-55ab",
];

fn home() -> Home {
    let home = Home::new()
        .set("CANARY_ENV", CANARIES[1])
        .set("CANARY_HEADER", CANARIES[2])
        .set("SWITCHBOARD_VAULT_PASSPHRASE", CANARIES[4])
        .set("CANARY_TOKEN", CANARIES[6])
        .set("CANARY_PROXY", CANARIES[9])
        .set("HTTPS_PROXY", &format!("http://svc:{}@127.0.0.1:9", CANARIES[10]))
        // Nobody listens there, so that everything that is said about a team's log is said.
        .set("CANARY_DATABASE", &format!("postgres://ops:{}@127.0.0.1:1/usage", CANARIES[8]));
    home.write("[events]\ndatabase = \"env:CANARY_DATABASE\"\n");
    home
}

/// Adds a connector by its fields; the key of `api_key=-` comes from stdin.
fn add(home: &Home, (id, provider, url): (&str, &str, &str), fields: &[&str]) -> Ran {
    let mut args = vec!["add", id, "--provider", provider, "--url", url, "--set", "header.x-gw-key=env:CANARY_HEADER"];
    for field in fields {
        args.extend(["--set", field]);
    }
    home.run_with_stdin(&args, CANARIES[0]).ok()
}

#[test]
fn no_secret_is_found_anywhere() {
    let home = home();
    let sandbox = Sandbox::start(&home, &[]);
    let (base, azure) = (sandbox.base.as_str(), format!("{}/openai/v1/chat/completions", sandbox.origin()));
    let mut seen = String::new();
    let mut keep = |ran: Ran| seen.push_str(&(ran.out + &ran.err));
    keep(add(&home, ("typed", "other", base), &["default_model=sandbox-model", "api_key=-"]));
    keep(add(&home, ("variable", "other", base), &["default_model=sandbox-model", "api_key=env:CANARY_ENV"]));
    keep(add(&home, ("hostile", "other", base), &["default_model=hostile", "api_key=env:CANARY_ENV"]));
    keep(home.run_with_stdin(&["secret", "set", "mine"], CANARIES[3]).ok());
    keep(add(&home, ("vault", "other", base), &["default_model=sandbox-model", "api_key=vault:mine"]));
    keep(home.run_with_stdin(&["secret", "set", "app"], CANARIES[5]).ok());
    let authority = format!("entra.authority={}", sandbox.origin());
    let app = ["entra.tenant=t", "entra.client_id=c", "entra.client_secret=vault:app", authority.as_str()];
    keep(add(&home, ("app", "azure-openai", &azure), &app));
    keep(add(&home, ("token", "azure-openai", &azure), &["entra.token=env:CANARY_TOKEN"]));
    let command = "api_key=cmd[ttl=1h]:printf %s-%s canary-command 5a71";
    keep(add(&home, ("command", "other", base), &["default_model=sandbox-model", command]));
    keep_proxied(&home, &mut keep);
    for id in ["typed", "variable", "hostile", "vault", "app", "token", "command", "proxied", "by-variable"] {
        for args in [
            &["test", id][..],
            &["test", id, "--json"],
            &["test", id, "--jsonl"],
            &["doctor", id],
            &["doctor", id, "--json"],
            &["show", id, "--json"],
            &["show", id],
        ] {
            keep(home.run(args));
        }
    }
    keep(home.run(&["watch", "--count", "1"]).ok());
    keep(home.run(&["watch", "--count", "1", "--json"]).ok());
    keep(home.run(&["watch", "proxied", "by-variable", "hostile", "--count", "1", "--calls", "--until-failure"]));
    keep(home.run(&["list", "--json"]));
    keep(home.run(&["secret", "list"]).ok());
    keep(home.run(&["secret", "list", "--json"]).ok());
    keep(home.run(&["secret", "migrate", "--dry-run"]).ok());
    keep(home.run(&["secret", "remove", "mine"]));
    keep(home.run(&["secret", "get", "mine"]));
    keep(home.run(&["usage", "--json"]));
    keep(home.run(&["events", "--json"]));
    keep(home.run(&["events", "--csv"]));
    for format in ["kibana", "ndjson", "csv"] {
        keep(home.run(&["export", "events", "--format", format]));
    }
    keep(home.run(&["export", "metrics"]));
    keep(home.run(&["config", "check"]));
    // The same again where an identity file opens the vault.
    keep(home.run(&["secret", "rotate"]).ok());
    keep(home.run(&["test", "vault", "--json"]));
    assert!(seen.contains("the team's event log 127.0.0.1:1/usage"), "{seen}");
    for canary in CANARIES {
        assert!(!seen.contains(canary), "{canary} was printed");
    }
    assert_eq!(files_with(home.path(), &CANARIES), Vec::<String>::new(), "secrets lie there in clear");
}

/// Connectors behind a proxy whose password is in a reference, and in a variable's URL.
fn keep_proxied(home: &Home, keep: &mut impl FnMut(Ran)) {
    let own = ["network.proxy=http://127.0.0.1:9", "network.proxy_user=svc", "network.proxy_password=env:CANARY_PROXY"];
    for (id, settings) in [("proxied", &own[..]), ("by-variable", &[])] {
        let url = "https://h.invalid/v1";
        let mut args = vec!["add", id, "--provider", "other", "--url", url, "--set", "default_model=m"];
        args.extend(settings.iter().flat_map(|setting| ["--set", setting]));
        keep(home.run(&args).ok());
        keep(home.run(&["show", id, "--network"]).ok());
        keep(home.run(&["show", id, "--network", "--json"]).ok());
    }
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
