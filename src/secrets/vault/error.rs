//! What can be wrong with a vault, with the way out. Nothing of its content is ever in these words.

use std::path::{Path, PathBuf};

use crate::domain::text::clean_line;
use crate::domain::{ErrorKind, Failure};

/// Why a vault cannot be used. It is left as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", clean_line(&file.to_string_lossy()))]
pub struct VaultError {
    /// The vault.
    pub file: PathBuf,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a vault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It has no such entry.
    #[error("the vault has no secret \"{0}\"")]
    NoEntry(String),
    /// No entry can be called so.
    #[error("{0}")]
    BadName(String),
    /// A passphrase opens it, and none is at hand.
    #[error("the vault is locked with a passphrase, and none is at hand")]
    Locked,
    /// The passphrase does not open it.
    #[error("the passphrase does not open the vault")]
    WrongPassphrase,
    /// The identity file is not there.
    #[error("the identity file {0} that opens the vault is not there")]
    NoIdentity(String),
    /// The identity does not open it.
    #[error("the vault was locked with another identity than the one beside it")]
    WrongIdentity,
    /// The identity file can be read by others.
    #[error("the identity file {file} can be read by others (mode {mode:04o})")]
    OpenIdentity {
        /// The file.
        file: String,
        /// Its mode.
        mode: u32,
    },
    /// The identity file holds no identity, or cannot be read or written.
    #[error("the identity file {file} {why}")]
    BadIdentity {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// It is no vault, or no whole one.
    #[error("the vault is damaged: what is there cannot be decrypted or read")]
    Damaged,
    /// A newer switchboard wrote it.
    #[error("a newer switchboard wrote this vault (version {0}); this one would lose what it does not know")]
    Newer(u64),
    /// The system's words.
    #[error("the vault cannot be read: {0}")]
    NotRead(String),
    /// The system's words.
    #[error("the vault cannot be written: {0}; the one before is whole")]
    NotWritten(String),
}

impl VaultError {
    /// The failure a command or the screen shows.
    pub fn failure(&self) -> Failure {
        Failure::new(ErrorKind::Secret, self.to_string(), self.hint())
    }

    fn hint(&self) -> String {
        let file = clean_line(&self.file.to_string_lossy()).into_owned();
        match &self.problem {
            Problem::NoEntry(name) => {
                format!(
                    "put it there with `switchboard secret set {name}`; `switchboard secret list` shows what is there"
                )
            }
            Problem::BadName(_) => String::new(),
            Problem::Locked => {
                "set SWITCHBOARD_VAULT_PASSPHRASE, or start switchboard on a terminal: it asks once".to_owned()
            }
            Problem::WrongPassphrase => {
                "check the passphrase, and SWITCHBOARD_VAULT_PASSPHRASE where it is set".to_owned()
            }
            Problem::NoIdentity(_) | Problem::WrongIdentity => {
                format!(
                    "put the right identity file back from a copy; without it the vault stays closed: to begin anew, move {file} away and set the secrets again"
                )
            }
            Problem::OpenIdentity { file, .. } => {
                format!("run `chmod 600 {file}`; where others may have read it, `switchboard secret rotate` too")
            }
            Problem::BadIdentity { .. } => "put it back from a copy, readable by you alone".to_owned(),
            Problem::Damaged => {
                format!(
                    "put a copy back, or move {file} away to begin anew and set the secrets again; it was not touched"
                )
            }
            Problem::Newer(_) => "use that switchboard, or a newer one; the vault was not touched".to_owned(),
            Problem::NotRead(_) => "check the owner and the mode of the file and its directories".to_owned(),
            Problem::NotWritten(_) => "free some space, or check the owner and the mode of its directory".to_owned(),
        }
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        error.failure()
    }
}

/// A path as it may stand in a message.
pub(super) fn shown(path: &Path) -> String {
    clean_line(&path.to_string_lossy()).into_owned()
}
