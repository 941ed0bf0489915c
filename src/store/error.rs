//! What can go wrong with the event log, for the person who has to mend it.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use super::sql::SqlError;
use crate::domain::text::clean_line;
use crate::domain::{ErrorKind, Failure};

/// The event log cannot be used, or not now. It says where, what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct StoreError {
    place: String,
    what: String,
    hint: String,
    kind: ErrorKind,
}

/// What a SQLite result code means to a person.
struct Advice {
    code: ErrorCode,
    kind: ErrorKind,
    what: &'static str,
    hint: &'static str,
}

pub(super) const MAKE_WRITABLE: &str =
    "give yourself write access to the file and its directory, or set XDG_STATE_HOME to a directory you can write to";

const ADVICE: [Advice; 8] = [
    Advice {
        code: ErrorCode::ReadOnly,
        kind: ErrorKind::Config,
        what: "it may not be written to",
        hint: MAKE_WRITABLE,
    },
    Advice { code: ErrorCode::CannotOpen, kind: ErrorKind::Config, what: "it cannot be opened", hint: MAKE_WRITABLE },
    Advice {
        code: ErrorCode::PermissionDenied,
        kind: ErrorKind::Config,
        what: "permission is denied",
        hint: MAKE_WRITABLE,
    },
    Advice {
        code: ErrorCode::DiskFull,
        kind: ErrorKind::Internal,
        what: "the disk is full",
        hint: "free some space; runs are kept in memory until then",
    },
    Advice {
        code: ErrorCode::DatabaseBusy,
        kind: ErrorKind::Internal,
        what: "another program keeps it locked",
        hint: "close the program that has it open",
    },
    Advice {
        code: ErrorCode::SystemIoFailure,
        kind: ErrorKind::Internal,
        what: "the disk refused it",
        hint: "look at the disk and at the file's directory; runs are kept in memory until it works again",
    },
    Advice {
        code: ErrorCode::DatabaseCorrupt,
        kind: ErrorKind::Internal,
        what: "it is damaged",
        hint: "start switchboard: it sets the damaged file aside and begins a new one",
    },
    Advice {
        code: ErrorCode::NotADatabase,
        kind: ErrorKind::Internal,
        what: "it is not a database",
        hint: "start switchboard: it sets the file aside and begins a new one",
    },
];

impl StoreError {
    pub(super) fn config(path: &Path, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { place: of(path), what: what.into(), hint: hint.into(), kind: ErrorKind::Config }
    }

    pub(super) fn internal(path: &Path, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { place: of(path), what: what.into(), hint: hint.into(), kind: ErrorKind::Internal }
    }

    pub(super) fn io(path: &Path, doing: &str, error: &io::Error) -> Self {
        Self::config(path, format!("{doing}: {error}"), MAKE_WRITABLE)
    }

    pub(super) fn sql(path: &Path, error: &SqlError) -> Self {
        match error {
            SqlError::File(error) => Self::sqlite(path, error),
            // Only a question to the team's log has such an error, and that tells it in its own words.
            SqlError::Team(error) => Self::internal(path, error.to_string(), ""),
        }
    }

    pub(super) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let known = error.sqlite_error_code().and_then(|code| ADVICE.iter().find(|advice| advice.code == code));
        match known {
            Some(advice) => Self {
                place: of(path),
                what: format!("{} ({error})", advice.what),
                hint: advice.hint.to_owned(),
                kind: advice.kind,
            },
            None => Self::internal(path, error.to_string(), ""),
        }
    }

    /// About the team's log, which is at `place`.
    pub(super) fn team(place: &str, failure: Failure) -> Self {
        let Failure { kind, message: what, hint, .. } = failure;
        Self { place: format!("the team's event log {place}"), what, hint, kind }
    }

    /// What to do; empty when nothing can be advised.
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// The same in the words of the product.
    pub fn failure(&self) -> Failure {
        Failure::new(self.kind, self.to_string(), self.hint.clone())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        error.failure()
    }
}

/// What an error about this file begins with.
fn of(path: &Path) -> String {
    format!("event log {}", clean_line(&path.to_string_lossy()))
}

/// Whether an error says that the file's content is broken.
pub(super) fn is_damage(error: &SqlError) -> bool {
    match error {
        SqlError::File(error) => {
            matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        }
        SqlError::Team(_) => false,
    }
}
