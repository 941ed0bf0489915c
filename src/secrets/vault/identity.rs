//! The identity file beside a vault: the key that opens it, in age's own form, readable by its owner alone.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use age::x25519;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::Problem;
use super::error::shown;
use crate::disk::{self, Existing};

/// An identity file, which need not exist.
pub(super) struct Identity {
    pub(super) file: PathBuf,
}

impl Identity {
    /// The one that belongs to a vault.
    pub(super) fn beside(vault: &Path) -> Self {
        Self { file: vault.with_extension("identity") }
    }

    /// Where a rotation puts the next one, until the vault is encrypted to it.
    fn next(&self) -> Self {
        Self { file: self.file.with_extension("identity.next") }
    }

    /// The identity, from a file that others cannot read.
    pub(super) fn read(&self) -> Result<x25519::Identity, Problem> {
        let facts = fs::metadata(&self.file).map_err(|error| self.unreadable(&error))?;
        let mode = facts.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(Problem::OpenIdentity { file: shown(&self.file), mode });
        }
        let text = fs::read_to_string(&self.file).map(Zeroizing::new).map_err(|error| self.unreadable(&error))?;
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
        // The parser's words are not told: they might hold a part of it.
        line.and_then(|line| line.parse().ok()).ok_or_else(|| self.bad("holds no identity of age"))
    }

    /// The next identity of a rotation that is not over.
    pub(super) fn read_next(&self) -> Result<x25519::Identity, Problem> {
        self.next().read()
    }

    /// The identity, made where there is none yet.
    pub(super) fn read_or_make(&self) -> Result<x25519::Identity, Problem> {
        match self.read() {
            Err(Problem::NoIdentity(_)) => self.make(Existing::Keep),
            read => read,
        }
    }

    /// Makes the next identity. The current one stays until [`Self::settle`].
    pub(super) fn prepare(&self) -> Result<x25519::Identity, Problem> {
        self.next().make(Existing::Replace)
    }

    /// The next identity takes the current one's place: the vault is encrypted to it now.
    pub(super) fn settle(&self) -> Result<(), Problem> {
        let moved = fs::rename(self.next().file, &self.file);
        moved.map_err(|error| self.bad(&format!("cannot be replaced: {}", disk::reason(&error))))
    }

    /// Drops the next identity: nothing is encrypted to it.
    pub(super) fn forget(&self) -> Result<(), Problem> {
        self.next().remove()
    }

    /// Removes it: a passphrase has taken its place.
    pub(super) fn remove(&self) -> Result<(), Problem> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.bad(&format!("cannot be removed: {}", disk::reason(&error))))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn make(&self, existing: Existing) -> Result<x25519::Identity, Problem> {
        let identity = x25519::Identity::generate();
        let text = Zeroizing::new(format!(
            "# Opens vault.age beside it, for switchboard and for `age -d -i`. Keep a copy in a safe place.\n# public key: {}\n{}\n",
            identity.to_public(),
            identity.to_string().expose_secret()
        ));
        let written = disk::write(&self.file, text.as_bytes(), existing);
        written.map_err(|error| self.bad(&format!("cannot be written: {}", disk::reason(&error))))?;
        Ok(identity)
    }

    fn unreadable(&self, error: &io::Error) -> Problem {
        if error.kind() == io::ErrorKind::NotFound {
            return Problem::NoIdentity(shown(&self.file));
        }
        self.bad(&format!("cannot be read: {}", disk::reason(error)))
    }

    fn bad(&self, why: &str) -> Problem {
        Problem::BadIdentity { file: shown(&self.file), why: why.to_owned() }
    }
}
