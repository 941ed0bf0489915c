//! Files on disk: bounded reads, atomic writes that only the owner can read, and the lock between writers.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::error::Source;

/// A configuration larger than this is a mistake.
const SIZE_MAX: u64 = 8 << 20;

/// The text of a file, `None` where there is none. A byte order mark stays in it.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let failed = |error: &io::Error| ConfigError::io(path, "cannot be read", error);
    let facts = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
        Ok(facts) => facts,
    };
    if !facts.is_file() {
        return Err(ConfigError::new(path, "is not a file", "name a regular file with --config"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| failed(&error))?;
    file.take(SIZE_MAX + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(ConfigError::new(
            path,
            "is larger than 8 MiB",
            "this is hardly a configuration; is the path right?",
        ));
    }
    decode(path, bytes).map(Some)
}

fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, ConfigError> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let place = Source { file: path, text: &text }.place(good);
        place.error("is not UTF-8 here", "save the file as UTF-8")
    })
}

/// The file a path leads to, through symbolic links, even where the last one leads to nothing yet.
pub(super) fn real_path(path: &Path) -> PathBuf {
    const LINKS_MAX: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().map_or_else(|| target.clone(), |parent| parent.join(&target));
    }
    path
}

/// The directory of a file; a bare name stands in the working directory.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Creates a directory and what is missing above it, each for the owner alone.
pub(super) fn create_dir(path: &Path) -> Result<(), ConfigError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| ConfigError::io(path, "the directory cannot be created", &error))
}

/// Holds other writers of the same file off until it is dropped. It stands beside the file, so that two
/// switchboards with different state directories meet at it too.
pub(super) fn lock(path: &Path) -> Result<File, ConfigError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = parent(path).join(format!(".{name}.lock"));
    let failed = |error: io::Error| ConfigError::io(&beside, "the lock cannot be taken", &error);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&beside).map_err(failed)?;
    match file.lock() {
        Ok(()) => Ok(file),
        // Some network file systems have no such locks; one program alone still works there.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(error) => Err(failed(error)),
    }
}

/// Whether a write may take the place of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// It is replaced.
    Replace,
    /// It is an error.
    Keep,
}

/// Writes a file in one step: who reads it, or pulls the plug, finds the old text or the new one.
/// Its mode is 0600; its owner stays who it was.
pub(super) fn write(path: &Path, text: &str, existing: Existing) -> io::Result<()> {
    let dir = parent(path);
    let mut file = tempfile::Builder::new().prefix(".switchboard-").tempfile_in(dir)?;
    file.write_all(text.as_bytes())?;
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
