//! Writes that fail after the log was opened: told, kept, tried again, counted.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::super::connect::{Look, open_writer};
use super::super::queue::{CAPACITY, Next, Queue};
use super::super::{EventLog, StoreError, writer};
use super::{place, rows, run, sqlite};

/// A queue and its writer, on a connection prepared by the test.
fn with_writer(path: &Path, prepare: impl FnOnce(&Connection)) -> (Arc<Queue>, std::thread::JoinHandle<()>) {
    let opened = open_writer(path, Look::Quick).unwrap();
    prepare(&opened.connection);
    let queue = Arc::new(Queue::new(path, None));
    let thread = writer::start(opened.connection, super::super::Retention::default(), &queue, None).unwrap();
    (queue, thread)
}

#[test]
fn a_full_disk_is_told_and_the_runs_lost_with_it_are_counted() {
    let (_directory, path) = place();
    let (queue, thread) = with_writer(&path, |connection| {
        connection.pragma_update(None, "max_page_count", 8).unwrap();
    });
    for id in 0..1000 {
        drop(queue.push(run(id, 0)));
    }
    let error = queue.flush().unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(error.hint().contains("free some space"));
    assert!(queue.problem().unwrap().contains("runs wait to be written"));
    assert!(queue.push(run(2000, 0)).unwrap_err().to_string().contains("full"));
    queue.close();
    thread.join().unwrap();
    let lost = queue.verdict().unwrap_err();
    assert!(lost.to_string().contains("full"), "{lost}");
    let told = queue.problem().unwrap();
    let written = rows(&path);
    assert!(told.contains(&format!("{} runs were not recorded", 1001 - written)), "{told}");
}

#[test]
fn runs_that_met_a_locked_file_are_written_once_it_is_free() {
    let (_directory, path) = place();
    let (queue, thread) = with_writer(&path, |connection| connection.busy_timeout(Duration::ZERO).unwrap());
    let other = sqlite(&path);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    queue.push(run(1, 0)).unwrap();
    let error = queue.flush().unwrap_err();
    assert!(error.to_string().contains("another program keeps it locked"), "{error}");
    assert!(queue.push(run(2, 0)).is_err());
    other.execute_batch("COMMIT").unwrap();
    queue.flush().unwrap();
    assert_eq!(queue.problem(), None);
    assert_eq!(rows(&path), 2);
    queue.close();
    thread.join().unwrap();
    assert_eq!(queue.verdict(), Ok(()));
}

#[test]
fn a_failed_commit_is_tried_again_unasked() {
    let (_directory, path) = place();
    let queue = Queue::new(&path, None);
    queue.push(run(1, 0)).unwrap();
    let mut batch = Vec::new();
    assert_eq!(queue.next(&mut batch), Next::Commit);
    queue.failed(&mut batch, StoreError::internal(&path, "trouble", ""));
    assert!(batch.is_empty());
    assert!(queue.push(run(2, 0)).is_err());
    assert_eq!(queue.next(&mut batch), Next::Commit);
    assert_eq!(batch.iter().map(|record| record.id.as_u128()).collect::<Vec<_>>(), [1, 2]);
    queue.committed(&mut batch);
    assert_eq!(queue.problem(), None);
}

#[test]
fn a_queue_that_nobody_empties_refuses_and_counts_instead_of_growing() {
    let (_directory, path) = place();
    let queue = Queue::new(&path, None);
    let full = u128::try_from(CAPACITY).unwrap();
    for id in 0..full {
        queue.push(run(id, 0)).unwrap();
    }
    let error = queue.push(run(full, 0)).unwrap_err();
    assert!(error.to_string().contains("too many runs wait"), "{error}");
    assert_eq!(queue.problem().unwrap(), "1 runs were not recorded in the event log");
}

#[test]
fn nobody_waits_for_a_writer_that_is_gone() {
    let (_directory, path) = place();
    let queue = Queue::new(&path, None);
    queue.push(run(1, 0)).unwrap();
    queue.ended();
    assert!(queue.flush().is_err());
    assert_eq!(queue.problem().unwrap(), "1 runs were not recorded in the event log");
}

#[test]
fn damage_found_while_writing_sets_the_file_aside_and_loses_no_new_run() {
    let (directory, path) = place();
    let log = EventLog::open(&path).unwrap();
    for id in 1..=3000_u128 {
        log.record(run(id << 100, 0)).unwrap();
    }
    log.close().unwrap();

    let log = EventLog::open(&path).unwrap();
    assert_eq!(log.notice(), None);
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let size = file.metadata().unwrap().len();
    file.write_all_at(&vec![0xA5; usize::try_from(size - 8192).unwrap()], 8192).unwrap();
    for id in 1..=100_u128 {
        log.record(run((id * 29) << 100 | 1, 0)).unwrap();
    }
    log.flush().unwrap();
    assert!(log.notice().unwrap().contains("damaged-1"));
    assert_eq!(log.problem(), None);
    log.close().unwrap();
    assert_eq!(rows(&path), 100);
    assert!(directory.path().join("state/events.db.damaged-1").exists());
}
