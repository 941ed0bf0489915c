//! The vault: one file of secrets, encrypted in the age format, that only this person can open.
//!
//! Owns what is in it (`document`), how it is locked (`seal`: an identity file or a passphrase) and how it is read and
//! written. A write is made under a lock to what is on disk then, and in one step: two writers lose nothing to each
//! other, and a full disk or a kill leaves the old vault whole. Every call blocks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;

use crate::disk::{self, Existing};
use crate::domain::secret::check_name;
use crate::domain::{Failure, KeyKeeper, SecretRef, SecretText};

mod document;
mod error;
mod identity;
mod seal;
#[cfg(test)]
mod tests;

use document::{Document, Source};
pub use error::{Problem, VaultError};
use identity::Identity;
use seal::Seal;

/// A vault larger than this is none: it holds keys.
const SIZE_MAX: u64 = 16 << 20;

/// A vault on disk; it need not exist yet. Clones share the passphrase and what was read.
#[derive(Clone)]
pub struct Vault(Arc<Shared>);

struct Shared {
    file: PathBuf,
    memory: Mutex<Memory>,
}

/// What is kept between two looks, wiped when it is dropped.
#[derive(Default)]
struct Memory {
    passphrase: Option<SecretText>,
    /// The content, as long as the file stays what it was: a passphrase is slow to use, by design.
    read: Option<(Stamp, Arc<Document>)>,
}

/// What a file looked like. A write makes a new file, so its number changes.
type Stamp = (u64, u64, SystemTime);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Vault").field(&self.0.file).finish()
    }
}

/// An entry without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as in `vault:NAME`.
    pub name: String,
    /// When its value was last set.
    pub updated: Timestamp,
}

/// What becomes of a name that is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Added,
    /// Its old value is gone.
    Replaced,
}

/// What a vault is locked with from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// A fresh identity, in a file that only its owner can read.
    Identity,
    /// A passphrase.
    Passphrase(SecretText),
}

impl Vault {
    /// The vault at a path, with the passphrase that is at hand.
    pub fn new(file: &Path, passphrase: Option<SecretText>) -> Self {
        let passphrase = passphrase.filter(|passphrase| !passphrase.expose().is_empty());
        Self(Arc::new(Shared { file: file.to_owned(), memory: Mutex::new(Memory { passphrase, read: None }) }))
    }

    /// Where it is.
    pub fn file(&self) -> &Path {
        &self.0.file
    }

    /// Where the identity is that opens it.
    pub fn identity_file(&self) -> PathBuf {
        self.identity().file
    }

    /// True where only a passphrase opens it, and none is at hand.
    pub fn is_locked(&self) -> bool {
        let locked = self.bytes().ok().flatten().is_some_and(|bytes| seal::wants_passphrase(&bytes));
        locked && self.memory().passphrase.is_none()
    }

    /// Takes a passphrase, if it opens the vault.
    pub fn unlock(&self, passphrase: SecretText) -> Result<(), VaultError> {
        let before = self.memory().passphrase.replace(passphrase);
        self.memory().read = None;
        self.document().map(drop).inspect_err(|_wrong| self.memory().passphrase = before)
    }

    /// The value of an entry.
    pub fn get(&self, name: &str) -> Result<SecretText, VaultError> {
        let value = self.document()?.value(name);
        value.ok_or_else(|| self.wrong(Problem::NoEntry(name.to_owned())))
    }

    /// All entries, by name.
    pub fn entries(&self) -> Result<Vec<Entry>, VaultError> {
        Ok(self.document()?.entries())
    }

    /// Sets a value, in the place of the old one.
    pub fn set(&self, name: &str, value: &SecretText) -> Result<Put, VaultError> {
        check_name(name).map_err(|problem| self.wrong(Problem::BadName(problem.to_string())))?;
        self.change(|document| document.put(name, value, Source::Person))
    }

    /// Takes an entry away. False where there is none.
    pub fn remove(&self, name: &str) -> Result<bool, VaultError> {
        self.change(|document| document.remove(name))
    }

    /// Encrypts everything anew. The old lock opens the vault until the new one does.
    pub fn rotate(&self, lock: Lock) -> Result<(), VaultError> {
        let _lock = self.hold()?;
        self.finish_rotation(self.bytes()?.as_deref())?;
        let document = self.document()?;
        let identity = self.identity();
        match lock {
            Lock::Identity => {
                let seal = Seal::Identity(identity.prepare().map_err(|problem| self.wrong(problem))?);
                self.write(&document, &seal)?;
                identity.settle().map_err(|problem| self.wrong(problem))
            }
            Lock::Passphrase(passphrase) => {
                self.write(&document, &Seal::Passphrase(passphrase.clone()))?;
                self.memory().passphrase = Some(passphrase);
                identity.remove().map_err(|problem| self.wrong(problem))
            }
        }
    }

    /// Changes the content as it is on disk now.
    fn change<T>(&self, act: impl FnOnce(&mut Document) -> T) -> Result<T, VaultError> {
        let _lock = self.hold()?;
        let bytes = self.bytes()?;
        self.finish_rotation(bytes.as_deref())?;
        let mut document = Document::clone(&*self.document()?);
        let done = act(&mut document);
        let seal = self.seal(bytes.as_deref())?;
        self.write(&document, &seal)?;
        Ok(done)
    }

    /// How the vault is locked, or is to be where there is none: by a passphrase where one is at hand.
    fn seal(&self, bytes: Option<&[u8]>) -> Result<Seal, VaultError> {
        let passphrase = self.memory().passphrase.clone();
        let by_passphrase = bytes.map_or(passphrase.is_some(), seal::wants_passphrase);
        match passphrase.filter(|_| by_passphrase) {
            Some(passphrase) => Ok(Seal::Passphrase(passphrase)),
            None if by_passphrase => Err(self.wrong(Problem::Locked)),
            None => {
                let identity = self.identity();
                let read = if bytes.is_some() { identity.read() } else { identity.read_or_make() };
                read.map(Seal::Identity).map_err(|problem| self.wrong(problem))
            }
        }
    }

    fn write(&self, document: &Document, seal: &Seal) -> Result<(), VaultError> {
        let failed = |problem| self.wrong(problem);
        let plain = document.to_bytes().map_err(failed)?;
        let sealed = seal::close(seal, &plain).map_err(failed)?;
        self.memory().read = None;
        let written = disk::write(&self.0.file, &sealed, Existing::Replace);
        written.map_err(|error| failed(Problem::NotWritten(disk::reason(&error))))
    }

    /// The content; that of a vault which is not there is empty.
    fn document(&self) -> Result<Arc<Document>, VaultError> {
        loop {
            let stamp = self.stamp();
            if let (Some(stamp), Some((seen, document))) = (&stamp, &self.memory().read)
                && stamp == seen
            {
                return Ok(Arc::clone(document));
            }
            match self.read() {
                // Another one writes or rotates just now: the vault and its identity were not of the same moment.
                Err(_torn) if stamp != self.stamp() => {}
                Err(problem) => return Err(problem),
                Ok(document) => {
                    let document = Arc::new(document);
                    let known = stamp.filter(|_| stamp == self.stamp());
                    self.memory().read = known.map(|stamp| (stamp, Arc::clone(&document)));
                    return Ok(document);
                }
            }
        }
    }

    fn read(&self) -> Result<Document, VaultError> {
        let Some(bytes) = self.bytes()? else { return Ok(Document::default()) };
        let document = self.open(&bytes).and_then(|plain| Document::read(&plain));
        document.map_err(|problem| self.wrong(problem))
    }

    fn open(&self, bytes: &[u8]) -> Result<seal::Plain, Problem> {
        if seal::wants_passphrase(bytes) {
            let passphrase = self.memory().passphrase.clone().ok_or(Problem::Locked)?;
            return seal::open(&Seal::Passphrase(passphrase), bytes);
        }
        if !seal::is_age(bytes) {
            return Err(Problem::Damaged);
        }
        let identity = self.identity();
        let open = |key: Result<_, Problem>| key.and_then(|key| seal::open(&Seal::Identity(key), bytes));
        let first = open(identity.read());
        if !matches!(first, Err(Problem::WrongIdentity | Problem::NoIdentity(_))) {
            return first;
        }
        // A rotation was cut off between its two files, or is between them now: the next identity opens it, or has
        // become the first one since.
        open(identity.read_next()).or_else(|_other| open(identity.read())).or(first)
    }

    /// A rotation that was cut off after the vault was encrypted to the next identity is finished; one that was cut
    /// off before is forgotten.
    fn finish_rotation(&self, bytes: Option<&[u8]>) -> Result<(), VaultError> {
        let identity = self.identity();
        let Ok(next) = identity.read_next() else { return Ok(()) };
        let opens = bytes.is_some_and(|bytes| seal::open(&Seal::Identity(next), bytes).is_ok());
        let done = if opens { identity.settle() } else { identity.forget() };
        done.map_err(|problem| self.wrong(problem))
    }

    fn bytes(&self) -> Result<Option<Vec<u8>>, VaultError> {
        let unreadable = |error: &io::Error| self.wrong(Problem::NotRead(disk::reason(error)));
        match fs::metadata(&self.0.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&error)),
            Ok(facts) if !facts.is_file() || facts.len() > SIZE_MAX => Err(self.wrong(Problem::Damaged)),
            Ok(_) => fs::read(&self.0.file).map(Some).map_err(|error| unreadable(&error)),
        }
    }

    fn stamp(&self) -> Option<Stamp> {
        use std::os::unix::fs::MetadataExt as _;
        let facts = fs::metadata(&self.0.file).ok()?;
        Some((facts.ino(), facts.len(), facts.modified().ok()?))
    }

    fn hold(&self) -> Result<fs::File, VaultError> {
        let failed = |error: io::Error| self.wrong(Problem::NotWritten(disk::reason(&error)));
        disk::create_dir(disk::parent(&self.0.file)).map_err(failed)?;
        disk::lock(&self.0.file).map_err(failed)
    }

    fn identity(&self) -> Identity {
        Identity::beside(&self.0.file)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wrong(&self, problem: Problem) -> VaultError {
        VaultError { file: self.0.file.clone(), problem }
    }
}

impl KeyKeeper for Vault {
    fn keep(&self, wish: &str, key: &SecretText) -> Result<SecretRef, Failure> {
        let name = self.change(|document| {
            let name = document.free_name(wish);
            document.put(&name, key, Source::Editor);
            name
        });
        Ok(SecretRef::Vault(name?))
    }

    fn let_go(&self, reference: &SecretRef) {
        let SecretRef::Vault(name) = reference else { return };
        let is_ours = self.document().is_ok_and(|document| document.source(name) == Some(Source::Editor));
        if is_ours {
            // It stays where that fails: an entry too many does no harm.
            self.remove(name).ok();
        }
    }
}
