//! Opening the file: its directories, its mode, its version, and what becomes of a damaged one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::{MAKE_WRITABLE, StoreError, is_damage};
use super::schema::{self, Standing};
use super::sql::SqlError;

/// How long a connection waits for another's lock before it gives up.
const BUSY: Duration = Duration::from_secs(10);

/// A connection that may write, and what the person should know about how it came to be.
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// Set when a damaged file was set aside.
    pub(super) notice: Option<String>,
}

/// How closely the file is looked at before it is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Header, tables, ends: the same time at any size.
    Quick,
    /// Every page: after an error said that something is broken.
    Thorough,
}

/// Opens the file for writing, creating it and its directories. A damaged one is moved out of the way.
///
/// A lock file serialises this among processes: the switch to WAL, a migration and setting a file aside
/// are not safe to do twice at once, and SQLite's own waiting does not cover them.
pub(super) fn open_writer(path: &Path, look: Look) -> Result<Opened, StoreError> {
    create_directory(path)?;
    let _lock = lock(path)?;
    match open_sound(path, look) {
        Ok(connection) => Ok(Opened { connection, notice: None }),
        Err(Refusal::Stated(error)) => Err(error),
        Err(Refusal::Sql(error)) if !is_damage(&error) => Err(StoreError::sql(path, &error)),
        Err(Refusal::Sql(error)) => {
            let aside = set_aside(path)
                .map_err(|error| StoreError::io(path, "it is damaged and cannot be set aside", &error))?;
            let connection = open_sound(path, Look::Quick).map_err(|refusal| refusal.told(path))?;
            let notice = format!(
                "the event log was damaged ({error}); it is kept as {} and a new one was begun",
                aside.display()
            );
            Ok(Opened { connection, notice: Some(notice) })
        }
    }
}

/// Opens an existing file for reading. One without tables has nothing to tell: `None`. An older one is brought up to
/// date first, for what it tells would be missing from every figure; where that finds it damaged, nobody is told 0.
pub(super) fn open_reader(path: &Path) -> Result<Option<Connection>, StoreError> {
    let (connection, version) = open_to_read(path)?;
    match version {
        schema::VERSION => Ok(Some(connection)),
        0 => Ok(None),
        _ => {
            drop(connection);
            match open_writer(path, Look::Quick)?.notice {
                Some(notice) => Err(StoreError::config(path, notice, "ask again for what is recorded from now on")),
                None => Ok(Some(open_to_read(path)?.0)),
            }
        }
    }
}

fn open_to_read(path: &Path) -> Result<(Connection, i64), StoreError> {
    let told = |error: rusqlite::Error| StoreError::sqlite(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(told)?;
    connection.busy_timeout(BUSY).map_err(told)?;
    let standing = schema::standing(&connection).map_err(told)?;
    let version = usable(path, standing)?;
    Ok((connection, version))
}

/// A further connection that may write to a file that the writer has opened.
pub(super) fn open_beside(path: &Path) -> Result<Connection, StoreError> {
    let told = |error: rusqlite::Error| StoreError::sqlite(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(told)?;
    connection.busy_timeout(BUSY).map_err(told)?;
    connection.pragma_update(None, "synchronous", "full").map_err(told)?;
    connection.pragma_update(None, "fullfsync", "on").map_err(told)?;
    Ok(connection)
}

/// Tells one file from another that took its place.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// Why a file was not opened.
enum Refusal {
    Sql(SqlError),
    Stated(StoreError),
}

impl Refusal {
    fn told(self, path: &Path) -> StoreError {
        match self {
            Self::Sql(error) => StoreError::sql(path, &error),
            Self::Stated(error) => error,
        }
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error.into())
    }
}

impl From<SqlError> for Refusal {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Stated(error)
    }
}

fn open_sound(path: &Path, look: Look) -> Result<Connection, Refusal> {
    create_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // Until the file is known to be sound, giving it up must not fold its journal into it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let version = usable(path, schema::standing(&connection)?)?;
    if connection.is_readonly(c"main")? {
        return Err(StoreError::config(path, "it may not be written to", MAKE_WRITABLE).into());
    }
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "fullfsync", "on")?;
    if version < schema::VERSION {
        schema::migrate(&mut connection)?;
    }
    match look {
        Look::Quick => glance(&connection)?,
        Look::Thorough => check_every_page(&connection)?,
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

/// The version of a file that is ours to use; 0 for one without tables.
fn usable(path: &Path, standing: Standing) -> Result<i64, StoreError> {
    match standing {
        Standing::Empty => Ok(0),
        Standing::Ours(version) if version <= schema::VERSION => Ok(version),
        Standing::Ours(version) => Err(StoreError::config(
            path,
            format!("a newer switchboard wrote it (version {version}; this one knows {})", schema::VERSION),
            "update this switchboard, or move the file away to begin a new one",
        )),
        Standing::Foreign => Err(StoreError::config(
            path,
            "it is the database of another program",
            "move it away, or set XDG_STATE_HOME to another directory",
        )),
    }
}

/// Touches both ends of each tree.
fn glance(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row(
        "SELECT (SELECT min(started_ms) FROM event), (SELECT max(started_ms) FROM event),
                (SELECT max(id) FROM label), (SELECT max(id) FROM party),
                (SELECT min(slot) FROM usage_quarter), (SELECT max(slot) FROM usage_quarter),
                (SELECT min(slot) FROM usage_day), (SELECT max(slot) FROM usage_day),
                (SELECT min(slot) FROM usage_week), (SELECT max(slot) FROM usage_week),
                (SELECT min(connector) FROM series), (SELECT max(connector) FROM series)",
        [],
        |_| Ok(()),
    )
}

fn check_every_page(connection: &Connection) -> rusqlite::Result<()> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(code, Some(verdict)))
}

fn create_directory(path: &Path) -> Result<(), StoreError> {
    let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) else {
        return Ok(());
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| StoreError::io(path, "its directory cannot be created", &error))
}

/// `create_new` alone: opening and closing an existing database would drop the locks of this process on it.
fn create_file(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::io(path, "it cannot be created", &error)),
    }
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let told = |error: io::Error| StoreError::io(path, "its lock file cannot be used", &error);
    let mut options = OpenOptions::new();
    let file =
        options.write(true).create(true).truncate(false).mode(0o600).open(beside(path, ".lock")).map_err(told)?;
    match file.lock() {
        Ok(()) => Ok(file),
        // Some network file systems have no such locks; one process alone still works there.
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(file),
        Err(error) => Err(told(error)),
    }
}

/// Moves the file and its journal to the first free name, and returns that name.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let free = (1..=u32::MAX).map(|number| beside(path, &format!(".damaged-{number}"))).find(|name| !taken(name));
    let Some(aside) = free else {
        return Err(io::Error::from(ErrorKind::AlreadyExists));
    };
    // The journal first: left behind, it would be read as the new file's.
    for suffix in ["-wal", "-shm", ""] {
        match fs::rename(beside(path, suffix), beside(&aside, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(aside)
}

fn taken(name: &Path) -> bool {
    ["", "-wal", "-shm"].iter().any(|suffix| beside(name, suffix).symlink_metadata().is_ok())
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
