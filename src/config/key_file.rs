//! Key files that an earlier switchboard wrote for typed keys, each beside the event log: they are removed with the
//! last connector that refers to them. New keys go to the vault. Never reads a key.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Config, Paths};
use crate::domain::{Connector, Credential, SecretRef};

/// The key file behind a reference, where it is one that switchboard wrote itself.
pub fn own_key_file(paths: &Paths, reference: &SecretRef) -> Option<PathBuf> {
    let SecretRef::File(path) = reference else { return None };
    let path = PathBuf::from(path);
    let ours = paths.keys_dir().canonicalize().ok()?;
    (path.parent() == Some(ours.as_path()) && path.extension().is_some_and(|ending| ending == "key")).then_some(path)
}

/// Removes the key file of a connector as it was before a change, where nothing refers to it any more.
/// A file that cannot be removed is left: the change itself is done.
pub(super) fn remove_unused(paths: &Paths, before: &Connector, after: &Config) {
    let Some(Credential::Reference(reference)) = &before.auth.api_key else { return };
    let Some(path) = own_key_file(paths, reference) else { return };
    if !is_referred_to(&path, after) {
        fs::remove_file(&path).ok();
    }
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
