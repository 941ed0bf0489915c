//! Secrets fetched where they live, at the moment a request needs them.
//!
//! Owns the three ways: a variable, a file, what a command prints. Nothing is kept between two requests, and no
//! error holds a value, only the reference, which is not secret. It must not know the configuration file.

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::zeroize::Zeroizing;

use crate::domain::text::{Mask, clean_line, cut};
use crate::domain::{ErrorKind, Failure, SecretRef, SecretText};

mod command;
mod file;
#[cfg(test)]
mod tests;

/// Reads an environment variable; handed in, so that tests have an environment of their own.
pub type Env = Arc<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

/// How long a file or a command may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(10);

/// A secret has at most this many bytes.
const SIZE_MAX: usize = 64 << 10;

/// Resolves references.
#[derive(Clone)]
pub struct Resolver {
    env: Env,
    time_limit: Duration,
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("time_limit", &self.time_limit).finish_non_exhaustive()
    }
}

impl Resolver {
    /// A resolver that reads variables from `env` and waits at most [`TIME_LIMIT`].
    pub fn new(env: Env) -> Self {
        Self { env, time_limit: TIME_LIMIT }
    }

    /// The same with another time limit for files and commands.
    #[must_use]
    pub fn with_time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// Fetches a secret. Dropping the future ends the command it waits for.
    ///
    /// # Errors
    /// A failure of kind `secret` that names the reference, what happened and what to do.
    pub async fn resolve(&self, reference: &SecretRef) -> Result<SecretText, Failure> {
        let bytes = match reference {
            SecretRef::Env(name) => self.variable(name),
            SecretRef::File(path) => file::read(&self.expand(path), self.time_limit).await,
            SecretRef::Cmd(command) => command::run(command, self.time_limit).await,
        };
        bytes.and_then(|bytes| text_of(&bytes)).map_err(|problem| problem.about(reference))
    }

    fn variable(&self, name: &str) -> Result<Bytes, Problem> {
        use std::os::unix::ffi::OsStringExt as _;
        let value = (self.env)(name).ok_or_else(|| {
            Problem::new("the variable is not set", format!("export {name} in the shell that starts switchboard"))
        })?;
        Ok(Bytes::new(value.into_vec()))
    }

    /// `~/` is the home directory; other tildes are names.
    fn expand(&self, path: &str) -> std::path::PathBuf {
        let home = (self.env)("HOME").filter(|home| !home.is_empty());
        match (path.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => std::path::Path::new(&home).join(rest),
            _ => path.into(),
        }
    }
}

/// Bytes that are wiped when they are dropped.
type Bytes = Zeroizing<Vec<u8>>;

/// What went wrong, before it is said which reference it was.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    message: String,
    hint: String,
}

impl Problem {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// A reference is shown as typed, but a key that was typed into one by mistake is not.
    fn about(self, reference: &SecretRef) -> Failure {
        let mask = Mask::default();
        let fit = |text: &str, max| cut(&clean_line(&mask.apply(text)), max).into_owned();
        let reference = fit(&reference.to_string(), 200);
        Failure::new(ErrorKind::Secret, format!("{reference}: {}", fit(&self.message, 400)), fit(&self.hint, 400))
    }
}

/// The secret in what was read: without a byte order mark and without one line end behind it.
fn text_of(bytes: &Bytes) -> Result<SecretText, Problem> {
    if bytes.len() > SIZE_MAX {
        return Err(too_large());
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{FEFF}').unwrap_or(text),
        Err(error) => {
            let message = format!("it is not UTF-8 (byte {})", error.valid_up_to());
            return Err(Problem::new(message, "store the key itself as plain text"));
        }
    };
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    if text.trim().is_empty() {
        return Err(Problem::new("it is empty", "put the key there"));
    }
    if text.contains(['\n', '\r']) {
        return Err(Problem::new("it holds more than one line", "keep the key alone there, on one line"));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::new("it holds a control character", "store the key itself as plain text"));
    }
    Ok(SecretText::new(text))
}

fn too_large() -> Problem {
    Problem::new("it is larger than 64 KiB", "a key is short; is the reference right?")
}

fn too_slow(what: &str, limit: Duration) -> Problem {
    let limit = crate::domain::units::show_duration(limit);
    Problem::new(format!("{what} within {limit}"), "try it in a shell; it must not ask for anything")
}
