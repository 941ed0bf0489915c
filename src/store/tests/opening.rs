//! New, old, newer, foreign, damaged and unreachable files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::super::schema::{APPLICATION_ID, VERSION};
use super::super::{EventLog, Reader};
use super::{place, rows, run, sqlite};
use crate::domain::{ErrorKind, Totals};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_log_and_its_directory_are_their_owners_alone() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    log.record(run(1, 0)).unwrap();
    log.flush().unwrap();
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for file in fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_log_is_durable_and_marked_as_ours() {
    let (_directory, path) = place();
    EventLog::open(&path).unwrap().close().unwrap();
    let read = |name: &str| {
        let connection = sqlite(&path);
        connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap()
    };
    assert_eq!(read("journal_mode"), "wal".to_owned().into());
    assert_eq!(read("user_version"), VERSION.into());
    assert_eq!(read("application_id"), APPLICATION_ID.into());
}

#[test]
fn reopening_keeps_what_was_there() {
    let (_directory, path) = place();
    for id in 0..3 {
        let log = EventLog::open(&path).unwrap();
        assert_eq!(log.notice(), None);
        log.record(run(id, 0)).unwrap();
        log.close().unwrap();
    }
    assert_eq!(rows(&path), 3);
}

#[test]
fn a_newer_schema_is_left_alone_with_a_clear_message() {
    let (_directory, path) = place();
    EventLog::open(&path).unwrap().close().unwrap();
    sqlite(&path).pragma_update(None, "user_version", VERSION + 1).unwrap();
    let before = fs::read(&path).unwrap();
    let writer = EventLog::open(&path).unwrap_err();
    let reader = Reader::open(&path).unwrap_err();
    for error in [writer, reader] {
        assert!(error.to_string().contains("newer switchboard"), "{error}");
        assert!(error.hint().contains("update"), "{}", error.hint());
        assert_eq!(error.failure().kind, ErrorKind::Config);
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn another_programs_database_is_left_alone() {
    let (directory, _) = place();
    let path = directory.path().join("other.db");
    sqlite(&path).execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)").unwrap();
    let error = EventLog::open(&path).unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");
    let left: i64 = sqlite(&path).query_row("SELECT a FROM theirs", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}

#[test]
fn an_empty_file_becomes_a_log() {
    let (directory, _) = place();
    let path = directory.path().join("events.db");
    fs::write(&path, b"").unwrap();
    assert_eq!(Reader::open(&path).unwrap().total(super::span(0, 1)), Ok(Totals::default()));
    let log = EventLog::open(&path).unwrap();
    log.record(run(1, 0)).unwrap();
    log.close().unwrap();
    assert_eq!(rows(&path), 1);
}

#[test]
fn damaged_files_are_set_aside_one_by_one_and_never_overwritten() {
    let (directory, _) = place();
    let path = directory.path().join("events.db");
    for number in 1..=3 {
        let damage = format!("this is not a database, number {number}");
        fs::write(&path, &damage).unwrap();
        let log = EventLog::open(&path).unwrap();
        let aside = directory.path().join(format!("events.db.damaged-{number}"));
        let notice = log.notice().unwrap();
        assert!(notice.contains(&aside.display().to_string()), "{notice}");
        assert_eq!(fs::read_to_string(aside).unwrap(), damage);
        log.record(run(1, 0)).unwrap();
        log.close().unwrap();
        assert_eq!(rows(&path), 1);
    }
}

#[test]
fn a_damaged_files_journal_goes_with_it() {
    let (directory, _) = place();
    let path = directory.path().join("events.db");
    fs::write(&path, "garbage that is long enough to be looked at").unwrap();
    fs::write(directory.path().join("events.db-wal"), "its journal").unwrap();
    let log = EventLog::open(&path).unwrap();
    log.close().unwrap();
    assert_eq!(fs::read(directory.path().join("events.db.damaged-1-wal")).unwrap(), b"its journal");
}

#[test]
fn a_truncated_file_is_damage() {
    let (directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    for id in 0..2000 {
        log.record(run(id, 0)).unwrap();
    }
    log.close().unwrap();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let log = EventLog::open(&path).unwrap();
    assert!(log.notice().is_some());
    let aside = directory.path().join("state/events.db.damaged-1");
    assert_eq!(fs::read(aside).unwrap().len(), whole.len() / 2);
}

#[test]
fn unreachable_places_give_an_error_that_names_them_and_what_to_do() {
    let (directory, _) = place();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let inside_a_file = file.join("state/events.db");
    let inside_proc = Path::new("/proc/nowhere/events.db").to_owned();
    let a_directory = directory.path().to_owned();
    for path in [inside_a_file, inside_proc, a_directory] {
        let error = EventLog::open(&path).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert!(error.hint().contains("XDG_STATE_HOME"), "{error}: {}", error.hint());
        assert_eq!(error.failure().kind, ErrorKind::Config, "{error}");
        assert_eq!(error.failure().hint, error.hint());
    }
}

#[test]
fn a_read_only_file_is_refused_when_it_is_opened() {
    let (_directory, path) = place();
    EventLog::open(&path).unwrap().close().unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    let privileged = fs::OpenOptions::new().write(true).open(&path).is_ok();
    match EventLog::open(&path) {
        Ok(_) => assert!(privileged, "only root writes to a read-only file"),
        Err(error) => assert!(error.hint().contains("write access"), "{error}"),
    }
}

#[test]
fn an_absent_log_reads_as_empty_until_it_appears() {
    let (_directory, path) = place();
    let reader = Reader::open(&path).unwrap();
    let summary = reader.summary(0, 0).unwrap();
    assert_eq!(summary.today, Totals::default());
    assert_eq!(summary.per_minute, vec![0; 60]);
    assert_eq!(reader.earliest(), Ok(None));
    assert!(!path.exists());
    let log = EventLog::open(&path).unwrap();
    log.record(run(1, 0)).unwrap();
    log.flush().unwrap();
    assert_eq!(reader.total(super::span(0, 1)).unwrap().runs.all, 1);
}

#[test]
fn a_reader_follows_the_file_that_took_a_damaged_ones_place() {
    let (_directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    log.record(run(1, 0)).unwrap();
    log.close().unwrap();
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.total(super::span(0, 1)).unwrap().runs.all, 1);
    drop(fs::rename(&path, path.with_extension("old")));
    let log = EventLog::open(&path).unwrap();
    log.record(run(2, 0)).unwrap();
    log.record(run(3, 0)).unwrap();
    log.flush().unwrap();
    assert_eq!(reader.total(super::span(0, 1)).unwrap().runs.all, 2);
}
