//! `secret migrate`: keys that lie in files of switchboard's own, and secrets that stand in headers, go into the vault;
//! the configuration refers to them there.

use super::super::Context;
use super::super::args::MigrateArgs;
use super::{Vault, check_value};
use crate::config::{self, Change, Config, Paths, own_key_file};
use crate::domain::secret::SECRET_NAME_MAX;
use crate::domain::{Connector, Credential, Failure, Header, KeyKeeper, Origin, SecretRef, SecretText};
use crate::secrets::Resolver;

/// One secret that is to move.
struct Move {
    /// Where it stands now.
    from: From,
    /// What it shall be called.
    wish: String,
}

enum From {
    /// `api_key` refers to a key file.
    KeyFile(SecretRef),
    /// The value of this header is the secret itself.
    Header(String),
}

impl Move {
    fn told(&self, connector: &Connector) -> String {
        let what = match &self.from {
            From::KeyFile(reference) => format!("api_key = {reference}"),
            From::Header(name) => format!("the value of header {name}"),
        };
        format!("{}: {what} → vault:{}", connector.id, self.wish)
    }
}

pub(super) fn run(context: &mut Context, args: &MigrateArgs) -> Result<u8, Failure> {
    let (paths, config) = (context.paths()?, context.config()?);
    let plans = plans(&paths, &config);
    if plans.is_empty() {
        context.io.say("nothing to move: no key file of switchboard's own, no secret in a header");
        return Ok(0);
    }
    for (connector, moves) in &plans {
        for step in moves {
            context.io.line(&step.told(connector))?;
        }
    }
    if args.dry_run {
        return Ok(0);
    }
    if !args.yes
        && let Some(code) = super::super::remove::unless_agreed(&mut context.io, "move them into the vault")?
    {
        return Ok(code);
    }
    let vault = context.open_vault()?;
    let resolver = Resolver::new(context.env.clone());
    let runtime = super::super::tokio_runtime()?;
    for (connector, moves) in plans {
        let moved = runtime.block_on(values(&resolver, connector, &moves))?;
        save(&paths, &vault, connector, &moves, &moved)?;
        context.io.say(&format!("moved {}", connector.id));
    }
    Ok(0)
}

/// What is to move, by connector. The system layer is not the person's to change.
fn plans<'c>(paths: &Paths, config: &'c Config) -> Vec<(&'c Connector, Vec<Move>)> {
    let own = config.entries.iter().filter(|entry| entry.origin == Origin::User).map(|entry| &entry.connector);
    own.map(|connector| (connector, moves(paths, connector))).filter(|(_, moves)| !moves.is_empty()).collect()
}

fn moves(paths: &Paths, connector: &Connector) -> Vec<Move> {
    let key = match &connector.auth.api_key {
        Some(Credential::Reference(reference)) if own_key_file(paths, reference).is_some() => {
            Some(Move { from: From::KeyFile(reference.clone()), wish: connector.id.to_string() })
        }
        Some(Credential::Reference(_) | Credential::Typed(_)) | None => None,
    };
    let header =
        |header: &Header| Move { from: From::Header(header.name.clone()), wish: wish(connector, &header.name) };
    key.into_iter().chain(connector.headers.iter().filter(|header| header.is_plain_secret()).map(header)).collect()
}

/// A header's name may hold what a secret's name may not, and is of any length.
fn wish(connector: &Connector, header: &str) -> String {
    let good = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c.to_ascii_lowercase() } else { '-' };
    let name = format!("{}/{}", connector.id, header.chars().map(good).collect::<String>());
    name.chars().take(SECRET_NAME_MAX - ".999".len()).collect()
}

/// All of a connector's secrets, before anything is changed.
async fn values(resolver: &Resolver, connector: &Connector, moves: &[Move]) -> Result<Vec<SecretText>, Failure> {
    let mut values = Vec::new();
    for step in moves {
        values.push(match &step.from {
            From::KeyFile(reference) => resolver.resolve(reference).await?,
            From::Header(name) => {
                let header = connector.headers.iter().find(|header| header.name == *name);
                check_value(header.map(|header| header.value.trim()).unwrap_or_default())?
            }
        });
    }
    Ok(values)
}

fn save(
    paths: &Paths,
    vault: &Vault,
    connector: &Connector,
    moves: &[Move],
    values: &[SecretText],
) -> Result<(), Failure> {
    let (mut after, mut kept) = (connector.clone(), Vec::new());
    let done = moves.iter().zip(values).try_for_each(|(step, value)| {
        let reference = vault.keep(&step.wish, value)?;
        kept.push(reference.clone());
        match &step.from {
            From::KeyFile(_) => after.auth.api_key = Some(Credential::Reference(reference)),
            From::Header(name) => {
                let header = after.headers.iter_mut().find(|header| header.name == *name);
                if let Some(header) = header {
                    header.value = reference.to_string();
                }
            }
        }
        Ok(())
    });
    let done = done.and_then(|()| {
        let id = connector.id.clone();
        let change =
            Change::Put { replaces: Some(id), base: Some(Box::new(connector.clone())), connector: Box::new(after) };
        config::save(paths, &change, vault).map(drop).map_err(Failure::from)
    });
    if done.is_err() {
        for reference in &kept {
            vault.let_go(reference);
        }
    }
    done
}
