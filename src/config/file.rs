//! The configuration on disk: bounded reads, and [`disk`] in the words of [`ConfigError`].

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::ConfigError;
use super::error::Source;
use crate::disk;
pub(super) use crate::disk::{Existing, parent};

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
    let mut bytes = Vec::with_capacity(usize::try_from(facts.len().min(SIZE_MAX)).unwrap_or_default() + 1);
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

/// Creates a directory and what is missing above it, each for the owner alone.
pub(super) fn create_dir(path: &Path) -> Result<(), ConfigError> {
    disk::create_dir(path).map_err(|error| ConfigError::io(path, "the directory cannot be created", &error))
}

/// Holds other writers of the same file off until it is dropped.
pub(super) fn lock(path: &Path) -> Result<File, ConfigError> {
    disk::lock(path).map_err(|error| ConfigError::io(&disk::lock_of(path), "the lock cannot be taken", &error))
}

/// Writes a text in one step; see [`disk::write`].
pub(super) fn write(path: &Path, text: &str, existing: Existing) -> io::Result<()> {
    disk::write(path, text.as_bytes(), existing)
}
