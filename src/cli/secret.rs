//! `secret`: the vault's entries by name. No command prints a value.

use serde_json::json;

use super::Context;
use super::args::{Output, RemoveSecretArgs, SecretCommand};
use super::io::{Io, Person};
use super::list::align;
use crate::config::Config;
use crate::domain::secret::check_name;
use crate::domain::{ErrorKind, Failure, SecretRef, SecretText};
use crate::secrets::vault::{Lock, Put};
use crate::secrets::{Vault, check_value};

mod migrate;

pub(super) fn run(context: &mut Context, command: &SecretCommand) -> Result<u8, Failure> {
    match command {
        SecretCommand::Set { name } => set(context, name),
        SecretCommand::List(output) => list(context, *output),
        SecretCommand::Remove(args) => remove(context, args),
        SecretCommand::Rotate { passphrase: true } => rotate_to_passphrase(context),
        SecretCommand::Rotate { passphrase: false } => rotate_to_identity(context),
        SecretCommand::Migrate(args) => migrate::run(context, args),
    }
}

fn set(context: &mut Context, name: &str) -> Result<u8, Failure> {
    check_name(name).map_err(|problem| Failure::new(ErrorKind::Secret, problem.to_string(), ""))?;
    let vault = context.open_vault()?;
    let value = check_value(context.io.secret(name)?.expose())?;
    let done = match vault.set(name, &value)? {
        Put::Added => "set",
        Put::Replaced => "replaced",
    };
    context.io.say(&format!("{done} {name}; a connector refers to it as vault:{name}"));
    Ok(0)
}

/// Who refers to an entry: connectors, and tables of the network.
fn users(config: &Config, name: &str) -> Vec<String> {
    let reference = SecretRef::Vault(name.to_owned());
    let mut users: Vec<String> =
        config.secret_refs().into_iter().filter(|(_, used)| *used == reference).map(|(user, _)| user).collect();
    users.dedup();
    users
}

/// The names that the files refer to.
fn wanted(config: &Config) -> Vec<String> {
    let mut names: Vec<String> = config
        .secret_refs()
        .into_iter()
        .filter_map(|(_, reference)| match reference {
            SecretRef::Vault(name) => Some(name),
            SecretRef::Env(_) | SecretRef::File(_) | SecretRef::Cmd { .. } | SecretRef::Keyring(_) => None,
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

fn list(context: &mut Context, output: Output) -> Result<u8, Failure> {
    let config = context.config()?;
    let vault = context.open_vault()?;
    let entries = vault.entries()?;
    let missing: Vec<String> =
        wanted(&config).into_iter().filter(|name| !entries.iter().any(|entry| entry.name == *name)).collect();
    if output.json {
        let secret = |entry: &crate::secrets::vault::Entry| json!({"name": entry.name, "updated": entry.updated.to_string(), "connectors": users(&config, &entry.name)});
        let missing = missing.iter().map(|name| json!({"name": name, "connectors": users(&config, name)}));
        context.io.json(&json!({
            "vault": vault.file().display().to_string(),
            "secrets": entries.iter().map(secret).collect::<Vec<_>>(),
            "missing": missing.collect::<Vec<_>>(),
        }))?;
        return Ok(0);
    }
    if entries.is_empty() {
        context
            .io
            .say(&format!("{} holds no secret; `switchboard secret set NAME` puts one there", vault.file().display()));
    }
    let rows: Vec<[String; 3]> = entries
        .iter()
        .map(|entry| {
            let users = users(&config, &entry.name);
            let users = if users.is_empty() { "-".to_owned() } else { users.join(", ") };
            [entry.name.clone(), entry.updated.to_string(), users]
        })
        .collect();
    for line in align(&rows) {
        context.io.line(&line)?;
    }
    for name in missing {
        context.io.say(&format!("vault:{name} is not there, and {} refers to it", users(&config, &name).join(", ")));
    }
    Ok(0)
}

fn remove(context: &mut Context, args: &RemoveSecretArgs) -> Result<u8, Failure> {
    let config = context.config()?;
    let vault = context.open_vault()?;
    // The same words as where a run finds nothing.
    vault.get(&args.name)?;
    let name = &args.name;
    let users = users(&config, name);
    if !args.yes {
        if !users.is_empty() {
            let message = format!("vault:{name} is referred to by {}; it was not removed", users.join(", "));
            return Err(Failure::new(ErrorKind::Config, message, "give them another key first, or add --yes"));
        }
        if let Some(code) = super::remove::unless_agreed(&mut context.io, &format!("remove {name}"))? {
            return Ok(code);
        }
    }
    vault.remove(name)?;
    context.io.say(&format!("removed {name}"));
    Ok(0)
}

fn rotate_to_identity(context: &mut Context) -> Result<u8, Failure> {
    let vault = context.open_vault()?;
    vault.rotate(Lock::Identity)?;
    let identity = vault.identity_file();
    context.io.say(&format!("the vault is encrypted to a new identity, in {}; keep a copy of it", identity.display()));
    Ok(0)
}

fn rotate_to_passphrase(context: &mut Context) -> Result<u8, Failure> {
    let vault = context.open_vault()?;
    let passphrase = new_passphrase(&mut context.io)?;
    vault.rotate(Lock::Passphrase(passphrase))?;
    context.io.say("the vault is locked with the passphrase; nobody can open it without");
    Ok(0)
}

/// Typed twice by a person, or the first line of stdin.
fn new_passphrase(io: &mut Io) -> Result<SecretText, Failure> {
    let refused = |message: &str| Failure::new(ErrorKind::Config, message, "the vault was not touched");
    let typed = io.secret("new passphrase")?;
    let first = SecretText::new(typed.expose().lines().next().unwrap_or_default());
    if first.expose().is_empty() {
        return Err(refused("a passphrase is needed"));
    }
    if io.person == Person::There && io.secret("the same again")? != first {
        return Err(refused("the two are not the same"));
    }
    Ok(first)
}
