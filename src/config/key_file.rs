//! Keys that were typed into the editor: each in a file of its own that only its owner can read.
//! The configuration holds a reference to it. Never reads a key back.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::file::{self, Existing};
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

/// Removes the key file of a connector as it was before a change, where nothing refers to it any more.
/// A file that cannot be removed is left: the change itself is done.
pub(super) fn remove_unused(paths: &Paths, before: &Connector, after: &Config) {
    let Some(path) = key_path(before) else { return };
    let ours = paths.keys_dir().canonicalize().ok();
    let inside = path.parent().is_some_and(|parent| Some(parent) == ours.as_deref());
    if inside && !is_referred_to(&path, after) {
        fs::remove_file(&path).ok();
    }
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
