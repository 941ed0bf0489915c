//! Key files that an earlier switchboard wrote for typed keys, each beside the event log: they are removed with the
//! last connector that refers to them. New keys go to the vault. A key is read only when its file goes with its
//! connector, so that deleting can be undone.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{self, Existing};
use super::undo::StoredKey;
use super::{Config, ConfigError, Paths};
use crate::domain::{Connector, Credential, SecretRef, SecretText};

/// The key file behind a reference, where it is one that switchboard wrote itself.
pub fn own_key_file(paths: &Paths, reference: &SecretRef) -> Option<PathBuf> {
    let SecretRef::File(path) = reference else { return None };
    let path = PathBuf::from(path);
    let ours = paths.keys_dir().canonicalize().ok()?;
    (path.parent() == Some(ours.as_path()) && path.extension().is_some_and(|ending| ending == "key")).then_some(path)
}

/// Removes the key file of a connector as it was before a change, where nothing refers to it any more, and gives
/// back what it held. A file that cannot be removed is left: the change itself is done.
pub(super) fn remove_unused(paths: &Paths, before: &Connector, after: &Config) -> Option<StoredKey> {
    let Some(Credential::Reference(reference)) = &before.auth.api_key else { return None };
    let path = own_key_file(paths, reference)?;
    if is_referred_to(&path, after) {
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

/// True when any connector names the file, or one that is called the same: the path may be written in another
/// way (`~/…`), and a file too many does less harm than a key lost. Commands may read it too.
fn is_referred_to(path: &Path, config: &Config) -> bool {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return true };
    let mut references = config.entries.iter().flat_map(|entry| entry.connector.secret_refs());
    references.any(|reference| names(&reference.to_string(), &name))
}

/// True where the name stands in the reference as a word: `prod.key` is not named by `openai-prod.key`.
fn names(reference: &str, name: &str) -> bool {
    let ends_word = |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || c == '-');
    reference.match_indices(name).any(|(at, _)| reference.get(..at).is_none_or(ends_word))
}
