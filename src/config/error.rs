//! What is wrong with a file, and where. Its texts are for people and never hold a secret.

use std::fmt;
use std::io::ErrorKind as ErrorNature;
use std::path::{Path, PathBuf};

use crate::domain::text::{Mask, clean_line};
use crate::domain::{ErrorKind, Failure};

/// Why a configuration cannot be used or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file it is about.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: Option<usize>,
    /// Its column in characters, from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do; empty when the message says it all.
    pub hint: String,
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", clean_line(&self.file.to_string_lossy()))?;
        for part in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{part}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl ConfigError {
    /// An error about a whole file. The message may repeat what a person wrote: it is cleaned, and key shapes are masked.
    pub fn new(file: &Path, message: &str, hint: &str) -> Self {
        let fit = |text: &str| clean_line(&Mask::default().apply(text)).into_owned();
        Self { file: file.to_owned(), line: None, column: None, message: fit(message), hint: fit(hint) }
    }

    /// An error of the system while the file was used.
    pub(super) fn io(file: &Path, what: &str, error: &std::io::Error) -> Self {
        Self::new(file, &format!("{what}: {}", crate::disk::reason(error)), advice(error.kind()))
    }

    /// The failure a command or the screen shows.
    pub fn failure(&self) -> Failure {
        Failure::new(ErrorKind::Config, self.to_string(), self.hint.clone())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        error.failure()
    }
}

/// What helps where a file cannot be used.
fn advice(kind: ErrorNature) -> &'static str {
    const ELSEWHERE: &str = "check the path, or name another file with --config or SWITCHBOARD_CONFIG";
    let advice = [
        (ErrorNature::PermissionDenied, "check the owner and the mode of the file and its directories"),
        (ErrorNature::StorageFull, "free some space; nothing was lost"),
        (ErrorNature::QuotaExceeded, "free some space; nothing was lost"),
        (ErrorNature::NotFound, ELSEWHERE),
        (ErrorNature::NotADirectory, ELSEWHERE),
        (ErrorNature::ReadOnlyFilesystem, ELSEWHERE),
    ];
    advice.iter().find(|(known, _)| *known == kind).map_or("", |(_, advice)| advice)
}

/// Where a value was written, so that a later check can name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// An error at this place.
    pub fn error(&self, message: &str, hint: &str) -> ConfigError {
        ConfigError { line: Some(self.line), column: Some(self.column), ..ConfigError::new(&self.file, message, hint) }
    }
}

/// A value with the place it was written at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// Turns byte offsets of a text into places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
}

impl Source<'_> {
    pub(super) fn place(&self, offset: usize) -> Place {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Place { file: self.file.to_owned(), line: before.matches('\n').count() + 1, column }
    }
}
