//! Saving a change to the person's file, so that two writers lose nothing to each other.
//!
//! A change is made to what is on disk now, under a lock; where the connector is no longer what its editor
//! started from, it is a clash and nothing is written. A key that was typed goes to whoever keeps keys.

use std::path::Path;

use super::file;
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

/// Saves a change and gives back the configuration as it is then. Typed keys go to `keeper`. Blocks while another
/// switchboard saves.
pub fn save(paths: &Paths, change: &Change, keeper: &dyn KeyKeeper) -> Result<Config, SaveError> {
    let file = file::real_path(&paths.user_file);
    file::create_dir(file::parent(&file))?;
    let _lock = file::lock(&file)?;
    for _ in 0..ATTEMPTS {
        if let Some(config) = attempt(paths, &file, change, keeper)? {
            return Ok(config);
        }
    }
    Err(ConfigError::new(&file, "changes again and again while it is saved", "close what writes to it").into())
}

/// One try; nothing when the file changed under it.
fn attempt(paths: &Paths, file: &Path, change: &Change, keeper: &dyn KeyKeeper) -> Result<Option<Config>, SaveError> {
    let seen = file_stamp(file);
    let text = file::read(file)?.unwrap_or_default();
    let disk = layers::load_with(paths, &text)?;
    let Some(mut step) = plan(paths, &disk, change)? else { return Ok(Some(disk)) };
    step.after.as_ref().map_or(Ok(()), |after| allowed(&disk, after))?;
    let kept = move_keys(keeper, step.after.as_mut())?;
    let written = write(paths, file, &text, &disk, &step).and_then(|edited| {
        if file_stamp(file) != seen {
            return Ok(false);
        }
        let failed = |error| ConfigError::io(file, "cannot be written", &error);
        file::write(file, &edited).map_err(failed)?;
        Ok(true)
    });
    if let Ok(false) | Err(_) = &written {
        let_go(keeper, &kept);
    }
    if !written? {
        return Ok(None);
    }
    let config = layers::load(paths)?;
    if let Some(before) = &step.before {
        key_file::remove_unused(paths, before, &config);
        let_go_unused(keeper, before, &config);
    }
    Ok(Some(config))
}

/// What a change comes to on the file as it is.
#[derive(Debug)]
struct Step {
    before: Option<Connector>,
    after: Option<Connector>,
}

fn plan(paths: &Paths, disk: &Config, change: &Change) -> Result<Option<Step>, SaveError> {
    match change {
        Change::Remove { id } => match disk.user(id) {
            Some(found) => Ok(Some(Step { before: Some(found.clone()), after: None })),
            None if disk.of(id, Origin::System).is_some() => Err(SaveError::ReadOnly(id.clone())),
            None => Ok(None),
        },
        Change::Put { replaces, base, connector } => {
            let after = checked(paths, connector)?;
            let before = replaces.as_ref().map(|id| replaced(disk, id, base.as_deref(), &after)).transpose()?.flatten();
            if before != Some(&after.id) && disk.get(after.id.as_str()).is_some() {
                return Err(SaveError::IdTaken);
            }
            let before = before.and_then(|id| disk.user(id)).cloned();
            Ok(Some(Step { before, after: Some(after) }).filter(|step| step.before != step.after))
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
fn write(paths: &Paths, file: &Path, text: &str, disk: &Config, step: &Step) -> Result<String, ConfigError> {
    let cannot = || {
        let hint = "change the file by hand; nothing was written";
        ConfigError::new(file, "cannot be changed without touching something else", hint)
    };
    let edited = match (&step.before, &step.after) {
        (before, Some(after)) => edit::put(text, before.as_ref(), after),
        (Some(before), None) => edit::remove(text, &before.id),
        (None, None) => return Ok(text.to_owned()),
    };
    let edited = edited.ok().ok_or_else(cannot)?;
    let read = read::layer(&edited, &paths.user_file).ok().ok_or_else(cannot)?;
    if is_meant(&read.connectors, disk, step) { Ok(edited) } else { Err(cannot()) }
}

fn is_meant(read: &[Connector], disk: &Config, step: &Step) -> bool {
    let mut meant: Vec<&Connector> = disk
        .entries
        .iter()
        .filter(|entry| entry.origin == Origin::User)
        .filter_map(|entry| match &step.before {
            Some(before) if entry.connector.id == before.id => step.after.as_ref(),
            Some(_) | None => Some(&entry.connector),
        })
        .collect();
    meant.extend(step.after.as_ref().filter(|_| step.before.is_none()));
    read.iter().eq(meant)
}
