//! The vault by its commands: what is asked, told and refused, and that nothing is lost whatever happens.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::wire::http_proxy;
use crate::support::{Home, Ran, Sandbox};

fn vault(home: &Home) -> PathBuf {
    home.path().join("state/vault.age")
}

fn set(home: &Home, name: &str, value: &str) -> Ran {
    home.run_with_stdin(&["secret", "set", name], value)
}

/// The error of a run, as `kind: message | hint`.
#[track_caller]
fn error_of(ran: &Ran) -> String {
    let error = &ran.json()["error"];
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    format!("{}: {} | {}", text("kind"), text("message"), text("hint"))
}

fn with_key(sandbox: &Sandbox, reference: &str) -> String {
    sandbox.connector("lab", "sandbox-model").replace("env:SANDBOX_KEY", reference)
}

#[test]
fn a_secret_is_set_used_listed_and_removed() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&with_key(&sandbox, "vault:lab"));
    let missing = home.run(&["test", "lab", "--json"]);
    assert_eq!(missing.code, Some(2));
    assert!(error_of(&missing).starts_with("secret: vault:lab: "), "{}", error_of(&missing));
    assert!(error_of(&missing).contains("`switchboard secret set lab`"), "{}", error_of(&missing));
    let told = home.run(&["secret", "list"]).ok();
    assert!(told.out.is_empty() && told.err.contains("vault:lab is not there, and lab refers to it"), "{}", told.err);

    let done = set(&home, "lab", "sandbox-key\n").ok();
    assert_eq!((done.out.as_str(), done.err.as_str()), ("", "set lab; a connector refers to it as vault:lab\n"));
    home.run(&["test", "lab"]).ok();
    set(&home, "unused", "x").ok();
    let listed = home.run(&["secret", "list", "--json"]).ok().json();
    let names: Vec<_> =
        listed["secrets"].as_array().unwrap().iter().map(|secret| secret["name"].as_str().unwrap()).collect();
    assert_eq!((names, &listed["secrets"][0]["connectors"][0]), (vec!["lab", "unused"], &"lab".into()));
    assert!(listed["secrets"][0]["updated"].as_str().is_some_and(|at| at.ends_with('Z')), "{listed}");

    let refused = home.run(&["secret", "remove", "lab"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("vault:lab is referred to by lab; it was not removed"), "{}", refused.err);
    assert!(home.run(&["secret", "remove", "unused"]).err.contains("add --yes"));
    home.run(&["secret", "remove", "unused", "--yes"]).ok();
    home.run(&["secret", "remove", "lab", "--yes"]).ok();
    assert_eq!(home.run(&["secret", "remove", "lab", "--yes"]).code, Some(2));
    assert_eq!(home.run(&["secret", "list", "--json"]).ok().json()["missing"][0]["name"], "lab");
}

#[test]
fn what_cannot_be_a_secret_is_refused() {
    let home = Home::new();
    let ran = home.run(&["secret", "set", "a b"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("\"a b\" cannot be the name of a secret"), "{}", ran.err);
    for (name, value, told) in [
        ("a", "", "the secret: it is empty"),
        ("a", "canary-1\ncanary-2\n", "the secret: it holds more than one line"),
        ("a", "canary\u{1b}[2J", "the secret: it holds a control character"),
    ] {
        let ran = set(&home, name, value);
        assert_eq!(ran.code, Some(2), "{name}");
        assert!(ran.err.contains(told) && !ran.err.contains("canary"), "{}", ran.err);
    }
    assert!(!vault(&home).exists());
}

#[test]
fn an_identity_that_others_can_read_is_refused_with_the_fix() {
    let home = Home::new();
    set(&home, "a", "x").ok();
    let identity = home.path().join("state/vault.identity");
    fs::set_permissions(&identity, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = home.run(&["secret", "list", "--json"]);
    assert_eq!(ran.code, Some(2));
    assert!(error_of(&ran).contains("can be read by others (mode 0644)"), "{}", error_of(&ran));
    assert!(error_of(&ran).contains(&format!("run `chmod 600 {}`", identity.display())), "{}", error_of(&ran));
}

#[test]
fn a_passphrase_comes_from_the_environment_where_nobody_can_be_asked() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&with_key(&sandbox, "vault:lab"));
    set(&home, "lab", "sandbox-key").ok();
    let empty = home.run_with_stdin(&["secret", "rotate", "--passphrase"], "\n");
    assert!(empty.err.contains("a passphrase is needed"), "{}", empty.err);
    home.run_with_stdin(&["secret", "rotate", "--passphrase"], "correct horse\n").ok();
    assert!(!home.path().join("state/vault.identity").exists());
    for args in [&["test", "lab", "--json"][..], &["secret", "list", "--json"]] {
        let locked = home.run(args);
        assert_eq!(locked.code, Some(2));
        assert!(error_of(&locked).contains("locked with a passphrase, and none is at hand"), "{}", error_of(&locked));
        assert!(error_of(&locked).contains("set SWITCHBOARD_VAULT_PASSPHRASE"), "{}", error_of(&locked));
    }
    let before = fs::read(vault(&home)).unwrap();
    assert_eq!(set(&home, "other", "x").code, Some(2));
    let wrong = home.set("SWITCHBOARD_VAULT_PASSPHRASE", "wrong");
    let ran = wrong.run(&["test", "lab", "--json"]);
    assert!(error_of(&ran).contains("the passphrase does not open the vault"), "{}", error_of(&ran));
    assert_eq!(fs::read(vault(&wrong)).unwrap(), before);
    let right = wrong.set("SWITCHBOARD_VAULT_PASSPHRASE", "correct horse");
    right.run(&["test", "lab"]).ok();
    right.run(&["secret", "rotate"]).ok();
    right.set("SWITCHBOARD_VAULT_PASSPHRASE", "").run(&["test", "lab"]).ok();
}

#[test]
fn a_damaged_vault_names_the_file_and_the_way_out() {
    let home = Home::new();
    set(&home, "a", "x").ok();
    fs::write(vault(&home), "age-encryption.org/v1\n-> X25519 half").unwrap();
    for ran in [home.run(&["secret", "list"]), set(&home, "b", "y"), home.run(&["secret", "rotate"])] {
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains(&format!("{}: the vault is damaged", vault(&home).display())), "{}", ran.err);
        assert!(ran.err.contains("put a copy back, or move"), "{}", ran.err);
    }
    assert_eq!(fs::read_to_string(vault(&home)).unwrap(), "age-encryption.org/v1\n-> X25519 half");
}

/// Runs `secret set b` where no file may grow, as on a full disk. `trap` says what becomes of the signal for that.
fn set_on_a_full_disk(home: &Home, trap: &str) -> Ran {
    let script = format!("{trap} ulimit -f 0; exec '{}' secret set b", env!("CARGO_BIN_EXE_switchboard"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env_clear().envs(home.environment()).current_dir(home.path());
    let child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("a shell");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"y").ok();
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn on_a_full_disk_the_vault_before_is_whole() {
    let home = Home::new();
    set(&home, "a", "x").ok();
    let before = fs::read(vault(&home)).unwrap();
    let refused = set_on_a_full_disk(&home, "trap '' XFSZ;");
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    let told = format!("{}: the vault cannot be written: ", vault(&home).display());
    assert!(refused.err.contains(&told) && refused.err.contains("the one before is whole"), "{}", refused.err);
    // Not ignored, the signal kills it in the middle of the write.
    let killed = set_on_a_full_disk(&home, "");
    assert_eq!(killed.code, None, "{}", killed.err);
    assert_eq!(fs::read(vault(&home)).unwrap(), before);
    set(&home, "b", "y").ok();
    assert_eq!(home.run(&["secret", "list"]).ok().out.lines().count(), 2);
}

#[test]
fn many_commands_at_once_lose_nothing() {
    let home = Home::new();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let home = &home;
            scope.spawn(move || set(home, &format!("s{number}"), "x").ok());
        }
    });
    assert_eq!(home.run(&["secret", "list"]).ok().out.lines().count(), 8);
}

const OLD: &str = r#"# mine
[connectors.old]   # typed long ago
name = "Old"
provider = "other"
url = "{base}"
default_model = "sandbox-model"
api_key = "file:{keys}/old.key"   # here
headers = { "x-team" = "search", "x-gw-key" = "canary-header-11" }

[connectors.other]
name = "Other"
provider = "other"
url = "{base}"
default_model = "sandbox-model"
api_key = "file:{keys}/../own.key"
"#;

#[test]
fn migrate_moves_keys_into_the_vault_and_leaves_the_file_as_it_was() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &[]);
    let keys = home.path().canonicalize().unwrap().join("state/keys");
    fs::create_dir_all(&keys).unwrap();
    fs::write(keys.join("old.key"), "sandbox-key").unwrap();
    fs::write(keys.join("../own.key"), "sandbox-key").unwrap();
    let text = OLD.replace("{base}", &sandbox.base).replace("{keys}", &keys.display().to_string());
    home.write(&text);
    let plan = home.run(&["secret", "migrate", "--dry-run"]).ok();
    assert!(plan.out.contains("old: the value of header x-gw-key → vault:old/x-gw-key"), "{}", plan.out);
    assert_eq!((plan.out.lines().count(), home.text()), (2, text.clone()));
    assert!(home.run(&["secret", "migrate"]).err.contains("add --yes"));
    let moved = home.run(&["secret", "migrate", "--yes"]).ok();
    assert!(!(moved.out + &moved.err).contains("canary"));
    let expected = text
        .replace(&format!("file:{}/old.key", keys.display()), "vault:old")
        .replace("canary-header-11", "vault:old/x-gw-key");
    assert_eq!(home.text(), expected);
    assert!(!keys.join("old.key").exists() && keys.join("../own.key").exists());
    home.run(&["test", "old"]).ok();
    assert!(home.run(&["secret", "migrate", "--yes"]).ok().err.contains("nothing to move"));
    // What was typed once goes with its connector.
    home.run(&["remove", "old", "--yes"]).ok();
    assert_eq!(home.run(&["secret", "list"]).ok().out, "");
}

#[test]
fn a_keyring_is_probed_and_asked_through_secret_tool() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&with_key(&sandbox, "keyring:lab"));
    let none = home.run(&["test", "lab", "--json"]);
    assert_eq!(none.code, Some(2));
    assert!(
        error_of(&none).contains("this machine has no keyring here: there is no D-Bus session"),
        "{}",
        error_of(&none)
    );
    assert!(error_of(&none).contains("vault:NAME"), "{}", error_of(&none));
    let empty = home.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").set("PATH", "/nowhere");
    let missing = empty.run(&["test", "lab", "--json"]);
    assert!(error_of(&missing).contains("secret-tool is not installed"), "{}", error_of(&missing));
    let programs = empty.path().join("programs");
    fs::create_dir(&programs).unwrap();
    let tool = programs.join("secret-tool");
    let script = "#!/bin/sh\n[ \"$*\" = 'lookup service switchboard username lab' ] || exit 1\nprintf sandbox-key\n";
    fs::write(&tool, script).unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let home = empty.set("PATH", &path);
    home.run(&["test", "lab"]).ok();
    home.write(&with_key(&sandbox, "keyring:other"));
    let absent = home.run(&["test", "lab", "--json"]);
    assert!(error_of(&absent).contains("keyring:other: the keyring has no such entry"), "{}", error_of(&absent));
}

#[test]
fn an_azure_connector_proves_itself_by_entra_id() {
    let home = Home::new().set("APP_SECRET", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    let url = format!("{}/openai/deployments/gpt/chat/completions?api-version=2024-10-21", sandbox.origin());
    let authority = format!("entra.authority={}", sandbox.origin());
    let mut args = vec!["add", "az", "--provider", "azure-openai", "--url", &url, "--set", &authority];
    args.extend([
        "--set",
        "entra.tenant=contoso.com",
        "--set",
        "entra.client_id=c",
        "--set",
        "entra.client_secret=env:APP_SECRET",
    ]);
    home.run(&args).ok();
    assert!(home.text().contains("[connectors.az.entra]\ntenant = \"contoso.com\"\n"), "{}", home.text());
    home.run(&["test", "az"]).ok();
    let shown = home.run(&["show", "az", "--json"]).ok().json();
    assert_eq!(shown["details"]["entra"]["client_secret"], "env:APP_SECRET", "{shown}");
    let wrong = home.set("APP_SECRET", "canary-wrong-secret");
    let ran = wrong.run(&["test", "az", "--json"]);
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    let told = error_of(&ran);
    assert!(told.starts_with("auth: no token of Entra ID: HTTP 401 from 127.0.0.1:"), "{told}");
    assert!(told.contains("AADSTS7000215") && told.contains("entra.client_secret is wrong"), "{told}");
    wrong
        .run(&[
            "edit",
            "az",
            "--set",
            "entra.tenant=",
            "--set",
            "entra.client_id=",
            "--set",
            "entra.client_secret=",
            "--set",
            "entra.authority=",
            "--set",
            "entra.token=cmd:echo '{\"accessToken\": \"sandbox-key\"}'",
        ])
        .ok();
    wrong.run(&["test", "az"]).ok();
}

#[test]
fn a_token_is_fetched_by_the_way_to_its_own_host() {
    let home = Home::new().set("APP_SECRET", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    let proxy = http_proxy(None, None);
    home.write(&format!(
        "[[network.hosts]]\nurl = \"{0}\"\nproxy = \"http://127.0.0.1:{1}\"\n\
         [connectors.az]\nname = \"az\"\nprovider = \"azure-openai\"\n\
         url = \"{2}/openai/deployments/gpt/chat/completions?api-version=2024-10-21\"\n\
         [connectors.az.entra]\nauthority = \"{0}\"\ntenant = \"t\"\nclient_id = \"c\"\nclient_secret = \"env:APP_SECRET\"\n\
         [connectors.az.network]\nproxy = \"none\"\n",
        sandbox.origin().replace("127.0.0.1", "localhost"),
        proxy.port,
        sandbox.origin(),
    ));
    home.run(&["test", "az"]).ok();
    let seen = proxy.seen();
    assert_eq!(seen.len(), 1, "the token's request alone goes through the proxy: {seen:?}");
    assert!(seen[0].starts_with("POST http://localhost:") && seen[0].contains("/t/oauth2/v2.0/token"), "{seen:?}");
    let report = home.run(&["doctor", "az"]).ok().out;
    let way = format!("its tokens from localhost through http://127.0.0.1:{}", proxy.port);
    assert!(report.contains(&way), "{report}");
    let before = proxy.seen().len();
    home.run(&["doctor", "az", "--without-proxy"]).ok();
    assert_eq!(proxy.seen().len(), before, "not a token either");
    let shown = home.run(&["show", "az", "--network"]).ok().out;
    let (own, token) = shown.split_once("Its tokens are asked for by the same, but for this:").expect("both");
    assert!(own.contains("reached directly") && token.contains("[[network.hosts]] http://localhost:"), "{shown}");
    let shown = home.run(&["show", "az", "--network", "--json"]).ok().json();
    assert_eq!(shown["token"]["route"], format!("through http://127.0.0.1:{}", proxy.port), "{shown}");
}

/// True where these programs are installed. Where tests must not be skipped, they have to be.
fn has(programs: &[&str]) -> bool {
    let is_there = |program: &&str| {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
        found.is_ok_and(|found| found.status.success())
    };
    let missing: Vec<_> = programs.iter().filter(|program| !is_there(program)).collect();
    if !missing.is_empty() {
        assert!(std::env::var_os("SWITCHBOARD_TEST_REQUIRE").is_none(), "needed and not installed: {missing:?}");
        println!("skipped: not installed: {missing:?}");
    }
    missing.is_empty()
}

/// Age's own program opens the vault: what is in it is never lost with this one.
#[test]
fn the_program_age_opens_the_vault() {
    if !has(&["age"]) {
        return;
    }
    let home = Home::new();
    set(&home, "a", "from-outside").ok();
    let identity = home.path().join("state/vault.identity");
    let opened = Command::new("age").args(["-d", "-i"]).arg(identity).arg(vault(&home)).output().unwrap();
    let text = String::from_utf8_lossy(&opened.stdout).into_owned();
    assert!(text.contains("\"value\":\"from-outside\""), "{text}{}", String::from_utf8_lossy(&opened.stderr));
}

#[test]
fn a_real_keyring_is_asked() {
    if !has(&["dbus-run-session", "gnome-keyring-daemon", "secret-tool"]) {
        return;
    }
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &[]);
    home.write(&with_key(&sandbox, "keyring:lab"));
    let script = format!(
        // The bus may have begun a daemon of its own, which is locked: it is replaced until the key can be read back.
        "for try in 1 2 3 4 5 6 7 8 9 10; do
           printf pw | gnome-keyring-daemon --replace --unlock --components=secrets >&2
           printf sandbox-key | timeout 5 secret-tool store --label=lab service switchboard username lab
           [ \"$(timeout 5 secret-tool lookup service switchboard username lab)\" = sandbox-key ] && break
         done
         exec '{}' test lab --json >result.json",
        env!("CARGO_BIN_EXE_switchboard")
    );
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", &script]).env_clear().envs(home.environment()).current_dir(home.path());
    let ran = Ran::from(session.stdin(Stdio::null()).output().unwrap());
    // The bus starts programs that write to the session's own output.
    let result = std::fs::read_to_string(home.path().join("result.json")).unwrap_or_default();
    assert!(result.contains("\"status\": \"ok\""), "{result}{}{}", ran.out, ran.err);
}
