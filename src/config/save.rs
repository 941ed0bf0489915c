//! Saving a change to the person's file, so that two writers lose nothing to each other.
//!
//! A change is made to what is on disk now, under a lock; where the connector is no longer what its editor
//! started from, it is a clash and nothing is written. A key that was typed goes to whoever keeps keys.

use std::path::Path;

use super::file::{self, Existing};
use super::undo::Removed;
use super::watch::file_stamp;
use super::{Config, ConfigError, Paths, edit, key_file, layers, read};
use crate::domain::{
    Connector, ConnectorId, Credential, Draft, Endpoint, Entra, Failure, KeyKeeper, Origin, SecretRef,
};

/// One change to one connector.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Writes a connector.
    Put {
        /// The connector it takes the place of; none for a new one.
        replaces: Option<ConnectorId>,
        /// What its editor started from; none to overwrite whatever is there.
        base: Option<Box<Connector>>,
        /// What it is now.
        connector: Box<Connector>,
    },
    /// Takes a connector away. One that is already gone is no error.
    Remove {
        /// Which.
        id: ConnectorId,
    },
    /// Puts a connector back as it stood before it was taken away, its stored key too.
    Restore(Box<Removed>),
}

/// What a change led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// The configuration as it is now.
    pub config: Config,
    /// What was taken away, if something was.
    pub removed: Option<Box<Removed>>,
}

impl Saved {
    fn nothing_removed(config: Config) -> Self {
        Self { config, removed: None }
    }
}

/// Why a change was not saved. Nothing was written then.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SaveError {
    /// The connector on disk is not the one its editor started from.
    #[error("\"{id}\" was {} on disk while it was edited", if on_disk.is_some() { "changed" } else { "removed" })]
    Clash {
        /// Its id before the change.
        id: ConnectorId,
        /// What is there now; none where it was removed.
        on_disk: Option<Box<Connector>>,
    },
    /// Another connector has the id.
    #[error("the id is taken by another connector; choose another one")]
    IdTaken,
    /// The connector belongs to the system layer.
    #[error("\"{0}\" is preconfigured by the system and read-only; duplicate it to change it")]
    ReadOnly(ConnectorId),
    /// A key that was typed cannot be kept.
    #[error("{0}")]
    Key(Failure),
    /// The network policy does not allow the host.
    #[error(transparent)]
    NotAllowed(Failure),
    /// The file cannot be read or written.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl SaveError {
    /// The failure a command or the screen shows.
    pub fn failure(&self) -> Failure {
        let hint = match self {
            Self::Config(error) => return error.failure(),
            Self::Key(failure) | Self::NotAllowed(failure) => return failure.clone(),
            Self::Clash { .. } => "look at what is on disk, then save over it or drop the change",
            Self::IdTaken | Self::ReadOnly(_) => "",
        };
        Failure::new(crate::domain::ErrorKind::Config, self.to_string(), hint)
    }
}

impl From<SaveError> for Failure {
    fn from(error: SaveError) -> Self {
        error.failure()
    }
}

/// How often a save starts again because an editor wrote the file meanwhile.
const ATTEMPTS: usize = 5;

/// Saves a change and gives back the configuration as it is then. Typed keys go to `keeper`, which lets go of those
/// that nobody refers to any more. Blocks while another switchboard saves.
pub fn save(paths: &Paths, change: &Change, keeper: &dyn KeyKeeper) -> Result<Config, SaveError> {
    let saved = save_undoable(paths, change, keeper)?;
    if let Some(removed) = &saved.removed {
        let_go_unused(keeper, removed.connector(), &saved.config);
    }
    Ok(saved.config)
}

/// [`save`], which gives back what was taken away too. Its keys stay with `keeper` until [`forget`] is called.
pub fn save_undoable(paths: &Paths, change: &Change, keeper: &dyn KeyKeeper) -> Result<Saved, SaveError> {
    let file = file::real_path(&paths.user_file);
    file::create_dir(file::parent(&file))?;
    let _lock = file::lock(&file)?;
    for _ in 0..ATTEMPTS {
        if let Some(saved) = attempt(paths, &file, change, keeper)? {
            return Ok(saved);
        }
    }
    Err(ConfigError::new(&file, "changes again and again while it is saved", "close what writes to it").into())
}

/// One try; nothing when the file changed under it.
fn attempt(paths: &Paths, file: &Path, change: &Change, keeper: &dyn KeyKeeper) -> Result<Option<Saved>, SaveError> {
    let seen = file_stamp(file);
    let text = file::read(file)?.unwrap_or_default();
    let disk = layers::load_with(paths, &text)?;
    let Some(mut step) = plan(paths, &disk, change)? else { return Ok(Some(Saved::nothing_removed(disk))) };
    step.after.as_ref().map_or(Ok(()), |after| allowed(&disk, after))?;
    let kept = move_keys(keeper, step.after.as_mut())?;
    let back = step.restored.and_then(Removed::key).map(key_file::put_back).transpose()?;
    let written = write(paths, file, &text, &disk, &step).and_then(|edited| {
        if file_stamp(file) != seen {
            return Ok(None);
        }
        let failed = |error| ConfigError::io(file, "cannot be written", &error);
        file::write(file, &edited, Existing::Replace).map_err(failed)?;
        Ok(Some(edited))
    });
    if let Ok(None) | Err(_) = &written {
        let_go(keeper, &kept);
        // A key file that stays does no harm, and the connector that it belongs to can still come back.
        back.map(std::fs::remove_file);
    }
    let Some(edited) = written? else { return Ok(None) };
    let config = layers::load(paths)?;
    let stored = step.before.as_ref().and_then(|before| key_file::remove_unused(paths, before, &config));
    let removed = match (step.before, step.after) {
        (Some(before), None) => Some(Box::new(Removed::new(before, (text, edited), stored))),
        (Some(before), Some(_)) => {
            let_go_unused(keeper, &before, &config);
            None
        }
        (None, _) => None,
    };
    Ok(Some(Saved { config, removed }))
}

/// What a change comes to on the file as it is.
#[derive(Debug)]
struct Step<'c> {
    before: Option<Connector>,
    after: Option<Connector>,
    /// Where `after` is to stand as it stood.
    restored: Option<&'c Removed>,
}

fn plan<'c>(paths: &Paths, disk: &Config, change: &'c Change) -> Result<Option<Step<'c>>, SaveError> {
    match change {
        Change::Remove { id } => match disk.user(id) {
            Some(found) => Ok(Some(Step { before: Some(found.clone()), after: None, restored: None })),
            None if disk.of(id, Origin::System).is_some() => Err(SaveError::ReadOnly(id.clone())),
            None => Ok(None),
        },
        Change::Restore(removed) if disk.get(removed.id().as_str()).is_some() => Err(SaveError::IdTaken),
        Change::Restore(removed) => {
            Ok(Some(Step { before: None, after: Some(removed.connector().clone()), restored: Some(removed) }))
        }
        Change::Put { replaces, base, connector } => {
            let after = checked(paths, connector)?;
            let before = replaces.as_ref().map(|id| replaced(disk, id, base.as_deref(), &after)).transpose()?.flatten();
            if before != Some(&after.id) && disk.get(after.id.as_str()).is_some() {
                return Err(SaveError::IdTaken);
            }
            let before = before.and_then(|id| disk.user(id)).cloned();
            let step = Step { before, after: Some(after), restored: None };
            Ok(Some(step).filter(|step| step.before != step.after))
        }
    }
}

/// A connector whose host may not be called is not saved: it could never run.
fn allowed(config: &Config, connector: &Connector) -> Result<(), SaveError> {
    let Ok(endpoint) = Endpoint::read(&connector.url, connector.provider) else { return Ok(()) };
    config.policy(connector).allows(&endpoint.url).map_err(SaveError::NotAllowed)
}

/// The connector of the file that a change replaces, by its id; none where it is to be written anew.
fn replaced<'d>(
    disk: &'d Config,
    id: &ConnectorId,
    base: Option<&Connector>,
    after: &Connector,
) -> Result<Option<&'d ConnectorId>, SaveError> {
    let Some(found) = disk.user(id) else {
        return match (disk.of(id, Origin::System), base) {
            (Some(_), _) => Err(SaveError::ReadOnly(id.clone())),
            (None, Some(_)) => Err(SaveError::Clash { id: id.clone(), on_disk: None }),
            (None, None) => Ok(None),
        };
    };
    if base.is_none_or(|base| base == found) || found == after {
        return Ok(Some(&found.id));
    }
    Err(SaveError::Clash { id: id.clone(), on_disk: Some(Box::new(found.clone())) })
}

/// The connector as the rules leave it, so that what is written is what will be read.
fn checked(paths: &Paths, connector: &Connector) -> Result<Connector, ConfigError> {
    Draft::from(connector).check(|_| false).map(|checked| checked.connector).map_err(|findings| {
        let finding = findings.first().map(|finding| format!("{}: {}", finding.field.key(), finding.message));
        ConfigError::new(&paths.user_file, &finding.unwrap_or_default(), "nothing was written")
    })
}

/// Hands typed keys over and puts the references in their place.
fn move_keys(keeper: &dyn KeyKeeper, connector: Option<&mut Connector>) -> Result<Vec<SecretRef>, SaveError> {
    let Some(connector) = connector else { return Ok(Vec::new()) };
    let (id, auth) = (connector.id.to_string(), &mut connector.auth);
    let entra = auth.entra.as_mut().map(|entra| match entra {
        Entra::Token(token) => token,
        Entra::App(app) => &mut app.client_secret,
    });
    let mut kept = Vec::new();
    for credential in auth.api_key.iter_mut().chain(entra) {
        let Credential::Typed(key) = &*credential else { continue };
        match keeper.keep(&id, key) {
            Ok(reference) => {
                kept.push(reference.clone());
                *credential = Credential::Reference(reference);
            }
            Err(failure) => {
                let_go(keeper, &kept);
                return Err(SaveError::Key(failure));
            }
        }
    }
    Ok(kept)
}

/// Nobody brings this connector back any more: `keeper` lets go of its keys, where no other connector has them.
/// A configuration that cannot be read leaves them.
pub fn forget(paths: &Paths, removed: &Removed, keeper: &dyn KeyKeeper) {
    if let Ok(config) = layers::load(paths) {
        let_go_unused(keeper, removed.connector(), &config);
    }
}

/// What the connector referred to before and nobody refers to now.
fn let_go_unused(keeper: &dyn KeyKeeper, before: &Connector, after: &Config) {
    let used: Vec<SecretRef> = after.secret_refs().into_iter().map(|(_, reference)| reference).collect();
    let_go(keeper, &before.secret_refs().into_iter().filter(|reference| !used.contains(reference)).collect::<Vec<_>>());
}

fn let_go(keeper: &dyn KeyKeeper, references: &[SecretRef]) {
    for reference in references {
        keeper.let_go(reference);
    }
}

/// The edited text, read again to be sure that it says what was meant and nothing else changed.
fn write(paths: &Paths, file: &Path, text: &str, disk: &Config, step: &Step<'_>) -> Result<String, ConfigError> {
    let edited = match (&step.before, &step.after, step.restored) {
        (_, _, Some(removed)) => removed.put_back(text),
        (before, Some(after), None) => edit::put(text, before.as_ref(), after).into_iter().collect(),
        (Some(before), None, None) => edit::remove(text, &before.id).into_iter().collect(),
        (None, None, None) => return Ok(text.to_owned()),
    };
    let reads = |edited: &String| {
        read::layer(edited, &paths.user_file).is_ok_and(|read| is_meant(&read.connectors, disk, step))
    };
    edited.into_iter().find(reads).ok_or_else(|| {
        let hint = "change the file by hand; nothing was written";
        ConfigError::new(file, "cannot be changed without touching something else", hint)
    })
}

fn is_meant(read: &[Connector], disk: &Config, step: &Step<'_>) -> bool {
    let mut meant: Vec<&Connector> = disk
        .entries
        .iter()
        .filter(|entry| entry.origin == Origin::User)
        .filter_map(|entry| match &step.before {
            Some(before) if entry.connector.id == before.id => step.after.as_ref(),
            Some(_) | None => Some(&entry.connector),
        })
        .collect();
    let added = step.after.as_ref().filter(|_| step.before.is_none());
    match (step.restored, added) {
        // It stands where it stood, among the others.
        (Some(_), Some(added)) => read.contains(added) && read.iter().filter(|connector| *connector != added).eq(meant),
        (Some(_) | None, added) => {
            meant.extend(added);
            read.iter().eq(meant)
        }
    }
}
