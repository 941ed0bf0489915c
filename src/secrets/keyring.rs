//! `keyring:`: the desktop's keyring by the Secret Service, through `secret-tool` of libsecret.
//!
//! The program is asked, not a library: one would bring an own D-Bus and half a megabyte for something that servers,
//! where this is at home, have not. Entries are those of the service `switchboard`, as other keyring programs name them.

use std::time::Duration;

use tokio::process::Command;

use super::{Bytes, Env, Problem, command};

/// The service under which entries are looked for.
const SERVICE: &str = "switchboard";
const VAULT: &str = "on a machine without a keyring, `switchboard secret set NAME` and vault:NAME do the same";

pub(super) async fn read(name: &str, env: &Env, limit: Duration) -> Result<Bytes, Problem> {
    probe(env)?;
    let mut tool = Command::new("secret-tool");
    tool.args(["lookup", "service", SERVICE, "username", name]);
    let ended = command::output_of(tool, limit).await.map_err(missing_tool)?;
    if ended.status.success() && !ended.output.is_empty() {
        return Ok(ended.output);
    }
    let complaint = ended.complaint();
    if complaint.is_empty() {
        let put = format!("secret-tool store --label={name} service {SERVICE} username {name}");
        return Err(Problem::new("the keyring has no such entry, or it stayed locked", format!("put it there: {put}")));
    }
    Err(Problem::new(format!("the keyring cannot be asked: {complaint}"), VAULT))
}

/// A keyring is spoken to over the session's bus. Without one the tool would only complain about X11.
fn probe(env: &Env) -> Result<(), Problem> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let bus = || set("XDG_RUNTIME_DIR").is_some_and(|dir| std::path::Path::new(&dir).join("bus").exists());
    if set("DBUS_SESSION_BUS_ADDRESS").is_some() || bus() {
        return Ok(());
    }
    Err(Problem::new("this machine has no keyring here: there is no D-Bus session", VAULT))
}

fn missing_tool(problem: command::NotRun) -> Problem {
    match problem {
        command::NotRun::NotFound => Problem::new(
            "the keyring cannot be asked: secret-tool is not installed",
            format!("install libsecret-tools; {VAULT}"),
        ),
        command::NotRun::Other(problem) => problem,
    }
}
