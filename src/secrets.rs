//! Secrets fetched where they live, at the moment a request needs them.
//!
//! Owns the ways: a variable, a file, what a command prints, the [`vault`], the keyring. Nothing is kept between two
//! requests but what the person gave a time to live and tokens until they expire; no error holds a value, only the
//! reference, which is not secret. It must not know the configuration file.

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::zeroize::Zeroizing;

use crate::domain::text::{Mask, clean_line, cut};
use crate::domain::{ErrorKind, Failure, SecretRef, SecretText};

mod command;
mod file;
mod kept;
mod keyring;
#[cfg(test)]
mod tests;
mod token;
pub mod vault;

pub use kept::{Clock, Fetched, Kept};
pub use token::life;
pub use vault::Vault;

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
    vault: Option<Vault>,
    kept: Kept,
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("time_limit", &self.time_limit).finish_non_exhaustive()
    }
}

impl Resolver {
    /// A resolver that reads variables from `env` and waits at most [`TIME_LIMIT`].
    pub fn new(env: Env) -> Self {
        Self { env, time_limit: TIME_LIMIT, vault: None, kept: Kept::new(Arc::new(std::time::Instant::now)) }
    }

    /// The same with a vault.
    #[must_use]
    pub fn with_vault(self, vault: Vault) -> Self {
        Self { vault: Some(vault), ..self }
    }

    /// The vault, where there is one.
    pub fn vault(&self) -> Option<&Vault> {
        self.vault.as_ref()
    }

    /// What may be used again.
    pub fn kept(&self) -> &Kept {
        &self.kept
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
        let fetch = async {
            let bytes = Box::pin(self.bytes(reference)).await?;
            text_of(&bytes).map_err(|problem| problem.about(reference))
        };
        match reference.ttl() {
            None => fetch.await,
            Some(ttl) => self.kept.get_or(&reference.to_string(), async { Ok((fetch.await?, Some(ttl))) }).await,
        }
    }

    /// Fetches a token: the secret itself, or the JSON that `az account get-access-token` prints, whose token is used
    /// again until 5 minutes before it expires.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub async fn token(&self, reference: &SecretRef) -> Result<SecretText, Failure> {
        let fetch = async {
            let bytes = Box::pin(self.bytes(reference)).await?;
            let read = token::read(&bytes, jiff::Timestamp::now(), reference.ttl());
            read.map_err(|problem| problem.about(reference))
        };
        self.kept.get_or(&format!("token {reference}"), fetch).await
    }

    async fn bytes(&self, reference: &SecretRef) -> Result<Bytes, Failure> {
        let bytes = match reference {
            SecretRef::Env(name) => self.variable(name),
            SecretRef::File(path) => file::read(&self.expand(path), self.time_limit).await,
            SecretRef::Cmd { command, .. } => command::run(command, self.time_limit).await,
            SecretRef::Keyring(name) => keyring::read(name, &self.env, self.time_limit).await,
            SecretRef::Vault(name) => return self.entry(name, reference).await,
        };
        bytes.map_err(|problem| problem.about(reference))
    }

    /// An entry of the vault, read off the async threads: a passphrase takes its time.
    async fn entry(&self, name: &str, reference: &SecretRef) -> Result<Bytes, Failure> {
        let Some(vault) = self.vault.clone() else {
            return Err(Problem::new("there is no vault here", "").about(reference));
        };
        let wanted = name.to_owned();
        match tokio::task::spawn_blocking(move || vault.get(&wanted)).await {
            Ok(Ok(value)) => Ok(Bytes::new(value.expose().as_bytes().to_vec())),
            Ok(Err(error)) => {
                let failure = error.failure();
                let told = Failure { message: format!("{reference}: {}", failure.message), ..failure };
                Err(told)
            }
            Err(error) => Err(Problem::new(format!("the vault could not be asked: {error}"), "").about(reference)),
        }
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

/// Checks that a text can be a secret: one line without control characters, as what is sent must be.
///
/// # Errors
/// What is wrong with it; its text is not told.
pub fn check_value(text: &str) -> Result<SecretText, Failure> {
    let wrong =
        |problem: Problem| Failure::new(ErrorKind::Secret, format!("the secret: {}", problem.message), problem.hint);
    text_of(&Bytes::new(text.as_bytes().to_vec())).map_err(wrong)
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
