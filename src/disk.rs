//! Files that must not be lost or seen: atomic writes, the lock between writers, directories for the owner alone.
//!
//! Owns how a file is written so that a full disk, a kill or a pulled plug leaves the old one whole. It must not know
//! what is written.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

/// The directory of a file; a bare name stands in the working directory.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Creates a directory and what is missing above it, each for the owner alone.
pub fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Where the lock of a file stands: beside it, so that two switchboards with different state directories meet at it too.
pub fn lock_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    parent(path).join(format!(".{name}.lock"))
}

/// Holds other writers of the same file off until it is dropped.
pub fn lock(path: &Path) -> io::Result<File> {
    let beside = lock_of(path);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&beside)?;
    match file.lock() {
        Ok(()) => Ok(file),
        // Some network file systems have no such locks; one program alone still works there.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(error) => Err(error),
    }
}

/// Whether a write may take the place of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced.
    Replace,
    /// It is an error.
    Keep,
}

/// Writes a file in one step: who reads it, or pulls the plug, finds the old content or the new one.
/// Its mode is 0600; its owner stays who it was.
pub fn write(path: &Path, content: &[u8], existing: Existing) -> io::Result<()> {
    let dir = parent(path);
    let mut file = tempfile::Builder::new().prefix(".switchboard-").tempfile_in(dir)?;
    file.write_all(content)?;
    if let Ok(facts) = fs::metadata(path) {
        // Only root can give a file away, and only root needs to.
        fchown(file.as_file(), Some(facts.uid()), Some(facts.gid())).ok();
    }
    file.as_file().set_permissions(Permissions::from_mode(0o600))?;
    file.as_file().sync_all()?;
    match existing {
        Existing::Replace => file.persist(path)?,
        Existing::Keep => file.persist_noclobber(path)?,
    };
    File::open(dir)?.sync_all()
}

/// The system's words for an error, without its number.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
