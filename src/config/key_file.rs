//! Keys that were typed into the editor: each in a file of its own that only its owner can read.
//! The configuration holds a reference to it. A key is read only when its file goes with its connector, so that
//! deleting can be undone.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::file::{self, Existing};
use super::undo::StoredKey;
use super::{Config, ConfigError, Paths};
use crate::domain::{Connector, ConnectorId, Credential, SecretRef, SecretText};

/// Writes a key under a name that no file has yet, so that the old key stays until the configuration names the new one.
pub(super) fn write(paths: &Paths, id: &ConnectorId, key: &SecretText) -> Result<PathBuf, ConfigError> {
    let dir = paths.keys_dir();
    file::create_dir(&dir)?;
    let dir = dir.canonicalize().map_err(|error| ConfigError::io(&dir, "cannot be used", &error))?;
    let closed = fs::set_permissions(&dir, Permissions::from_mode(0o700));
    closed.map_err(|error| ConfigError::io(&dir, "cannot be closed to others", &error))?;
    for number in 1..=NAMES_MAX {
        // A dot cannot stand in an id, so the second file of "a" is never the first of another connector.
        let name = if number == 1 { format!("{id}.key") } else { format!("{id}.{number}.key") };
        let path = dir.join(name);
        match file::write(&path, key.expose(), Existing::Keep) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(ConfigError::io(&path, "the key cannot be written", &error)),
        }
    }
    Err(ConfigError::new(&dir, &format!("holds too many keys of \"{id}\""), "remove those that no connector refers to"))
}

const NAMES_MAX: usize = 1000;

/// Removes the key file of a connector as it was before a change, where nothing refers to it any more, and gives
/// back what it held. A file that cannot be removed is left: the change itself is done.
pub(super) fn remove_unused(paths: &Paths, before: &Connector, after: &Config) -> Option<StoredKey> {
    let path = key_path(before)?;
    let ours = paths.keys_dir().canonicalize().ok();
    let inside = path.parent().is_some_and(|parent| Some(parent) == ours.as_deref());
    if !inside || is_referred_to(&path, after) {
        return None;
    }
    let key = fs::read_to_string(&path).ok().map(SecretText::new);
    fs::remove_file(&path).ok()?;
    Some(StoredKey { path, key: key? })
}

/// Writes a key where it lay before. Nothing that is there by now is replaced.
pub(super) fn put_back(stored: &StoredKey) -> Result<PathBuf, ConfigError> {
    let path = &stored.path;
    file::create_dir(file::parent(path))?;
    let failed = |error| ConfigError::io(path, "the key cannot be written", &error);
    file::write(path, stored.key.expose(), Existing::Keep).map_err(failed)?;
    Ok(path.clone())
}

fn key_path(connector: &Connector) -> Option<PathBuf> {
    match &connector.auth.api_key {
        Some(Credential::Reference(SecretRef::File(path))) => Some(PathBuf::from(path)),
        Some(Credential::Reference(SecretRef::Env(_) | SecretRef::Cmd(_)) | Credential::Typed(_)) | None => None,
    }
}

/// True when any connector names the file, or one that is called the same: the path may be written in another
/// way (`~/…`), and a file too many does less harm than a key lost. Commands may read it too.
fn is_referred_to(path: &Path, config: &Config) -> bool {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return true };
    config.entries.iter().any(|entry| references(&entry.connector).any(|reference| names(&reference, &name)))
}

/// True where the name stands in the reference as a word: `prod.key` is not named by `openai-prod.key`.
fn names(reference: &str, name: &str) -> bool {
    let ends_word = |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || c == '-');
    reference.match_indices(name).any(|(at, _)| reference.get(..at).is_none_or(ends_word))
}

fn references(connector: &Connector) -> impl Iterator<Item = String> {
    let key = connector.auth.api_key.as_ref().map(Credential::label);
    let headers =
        connector.headers.iter().filter_map(crate::domain::Header::reference).map(|header| header.to_string());
    key.into_iter().chain(headers)
}
