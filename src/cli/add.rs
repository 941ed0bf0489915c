//! `add ID`: a new connector, checked by the same rules as in the screen.

use super::Context;
use super::args::{AddArgs, Output};
use super::io::Io;
use super::json::ConnectorJson;
use crate::config::{self, Change, Config};
use crate::domain::{Checked, Draft, ErrorKind, Failure, Field, Finding, Header, Provider, SecretRef};

pub(super) fn run(context: &mut Context, args: &AddArgs) -> Result<u8, Failure> {
    let provider: Provider = args.provider.parse().map_err(wrong_use)?;
    let config = context.config()?;
    let mut draft = Draft::new(provider);
    draft.id.clone_from(&args.id);
    draft.name.clone_from(args.name.as_ref().unwrap_or(&args.id));
    draft.url.clone_from(&args.url);
    assign(&mut context.io, &mut draft, &args.set)?;
    let checked = check(&draft, &config, None)?;
    tell_left_out(&mut context.io, &draft);
    let change = Change::Put { replaces: None, base: None, connector: Box::new(checked.connector.clone()) };
    let vault = context.vault_for_save(&checked.connector)?;
    let config = config::save(&context.paths()?, &change, &vault)?;
    tell(context, &config, &checked, args.output, "added")
}

/// A wrong use of the command.
pub(super) fn wrong_use(message: impl Into<String>) -> Failure {
    Failure::new(ErrorKind::Config, message, "`switchboard help` shows how it is used")
}

/// Applies `--set KEY=VALUE`, in order.
pub(super) fn assign(io: &mut Io, draft: &mut Draft, settings: &[String]) -> Result<(), Failure> {
    for setting in settings {
        let (key, value) =
            setting.split_once('=').ok_or_else(|| wrong_use(format!("--set {}: write KEY=VALUE", shown(setting))))?;
        if let Some(name) = key.strip_prefix("header.") {
            warn_of_header(io, name, value);
            draft.set_header(name, value);
            continue;
        }
        let field = Field::ALL.into_iter().find(|field| field.key() == key).ok_or_else(|| unknown_key(key))?;
        let read;
        let value = match (field, value) {
            (field, "-") if field.takes_key() => {
                read = io.secret(field.key())?;
                read.expose()
            }
            (field, plain) if field.takes_key() && !plain.is_empty() && !SecretRef::is_meant(plain.trim()) => {
                io.say(HISTORY);
                plain
            }
            _ => value,
        };
        draft.set(field, value).map_err(|message| wrong_use(format!("--set {key}: {message}")))?;
    }
    Ok(())
}

const HISTORY: &str = "a key on the command line stays in the shell's history, and others can see it in the \
                       list of processes; api_key=- reads it from stdin, api_key=env:NAME names a variable";

/// A header's value is written as it stands; a secret had better be a reference.
fn warn_of_header(io: &mut Io, name: &str, value: &str) {
    let header = Header { name: name.to_owned(), value: value.to_owned() };
    if header.is_plain_secret() {
        io.say(&format!(
            "header.{name}: the value is written into the file as it stands; vault:NAME or env:NAME keeps a secret out"
        ));
    }
}

/// A setting without its value: it may be a key.
fn shown(setting: &str) -> String {
    setting.chars().take(24).take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect()
}

fn unknown_key(key: &str) -> Failure {
    let keys: Vec<&str> = Field::ALL.iter().map(|field| field.key()).collect();
    Failure::new(
        ErrorKind::Config,
        format!("--set: \"{}\" is no field of a connector", key.escape_debug()),
        format!("fields: {}, header.NAME", keys.join(", ")),
    )
}

/// Checks a draft; `own` is the id it may keep.
pub(super) fn check(draft: &Draft, config: &Config, own: Option<&str>) -> Result<Checked, Failure> {
    let taken = |id: &str| Some(id) != own && config.get(id).is_some();
    draft.check(taken).map_err(|findings| {
        let line = |finding: &Finding| format!("{}: {}", finding.field.key(), finding.message);
        let lines: Vec<String> = findings.iter().map(line).collect();
        Failure::new(ErrorKind::Config, lines.join("\n  "), "")
    })
}

/// Tells of values that the provider has no use for: they are not kept.
pub(super) fn tell_left_out(io: &mut Io, draft: &Draft) {
    let is_left_out = |field: &Field| !field.applies_to(draft.provider) && !draft.text(*field).is_empty();
    for field in Field::ALL.into_iter().filter(is_left_out) {
        io.say(&format!("{}: not kept; provider {} has no such field", field.key(), draft.provider.word()));
    }
}

/// Tells what was saved.
pub(super) fn tell(
    context: &mut Context,
    config: &Config,
    checked: &Checked,
    output: Output,
    done: &str,
) -> Result<u8, Failure> {
    let id = checked.connector.id.as_str();
    for mended in &checked.mended {
        context.io.say(&format!("{}: {}", mended.field.key(), mended.message));
    }
    let entry = context.find(config, id)?;
    if output.json {
        context.io.json(&ConnectorJson::whole(&entry.connector, entry.origin, &config.policy(&entry.connector)))?;
    } else {
        context.io.say(&format!("{done} {id}"));
    }
    Ok(0)
}
