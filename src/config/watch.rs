//! What the files look like, to notice that one changed. Never reads them as configuration.

use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Paths;

/// What the files looked like at one moment. Two stamps differ when a file changed between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    user: Option<FileStamp>,
    system: Option<FileStamp>,
    prices: Option<FileStamp>,
}

/// A rename over the file gives another inode. Time alone misses two edits within one tick of the file
/// system's clock, which is some milliseconds long; the digest does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileStamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    digest: u64,
}

/// Files larger than this are told apart by time, size and inode alone, so that a look stays cheap.
const DIGEST_MAX: u64 = 1 << 20;

/// What the files look like now.
pub fn stamp(paths: &Paths) -> Stamp {
    Stamp {
        user: file_stamp(&paths.user_file),
        system: paths.system_file.as_deref().and_then(file_stamp),
        prices: file_stamp(&paths.price_list()),
    }
}

/// What one file looks like; `None` where there is none.
pub(super) fn file_stamp(path: &Path) -> Option<FileStamp> {
    let facts = fs::metadata(path).ok()?;
    Some(FileStamp {
        device: facts.dev(),
        inode: facts.ino(),
        size: facts.size(),
        modified: (facts.mtime(), facts.mtime_nsec()),
        digest: digest(path, &facts),
    })
}

fn digest(path: &Path, facts: &Metadata) -> u64 {
    let mut hasher = DefaultHasher::new();
    if facts.is_file() && facts.len() <= DIGEST_MAX {
        hasher.write(&fs::read(path).unwrap_or_default());
    }
    hasher.finish()
}
