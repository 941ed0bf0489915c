//! Where a secret lives, and secrets in memory. Never how they are fetched: that is `secrets`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::failure::Failure;
use super::units;

/// A secret's text in memory: wiped on drop, never shown by `Debug`.
#[derive(Clone)]
pub struct SecretText(SecretString);

impl SecretText {
    /// Takes a text as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself, for the header or file it is meant for and nothing else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(••••)")
    }
}

impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for SecretText {}

/// Where a secret lives. The reference is not secret: it is shown and written as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// `env:NAME`: an environment variable of this process.
    Env(String),
    /// `file:PATH`: a file's content, one trailing line end removed.
    File(String),
    /// `cmd:COMMAND`: what a shell command prints.
    Cmd {
        /// The command, for `sh -c`.
        command: String,
        /// `cmd[ttl=5m]:COMMAND`: how long its answer may be used again; none to run it for each request.
        ttl: Option<Duration>,
    },
    /// `vault:NAME`: an entry of the encrypted vault.
    Vault(String),
    /// `keyring:NAME`: an entry of the desktop's keyring, of the service `switchboard`.
    Keyring(String),
}

/// Why a text is no secret reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefProblem {
    /// It starts with none of the known schemes.
    #[error("not a secret reference; write vault:NAME, env:NAME, file:PATH, cmd:COMMAND or keyring:NAME")]
    NoScheme,
    /// Nothing follows the scheme.
    #[error("nothing follows \"{0}:\"")]
    Empty(&'static str),
    /// The name of an environment variable holds a space, `=` or NUL.
    #[error("\"{0}\" is not a name of an environment variable")]
    BadName(String),
    /// The name of an entry of the vault or the keyring.
    #[error(
        "\"{0}\" cannot be the name of a secret; use letters, digits and any of . _ - / @, at most {SECRET_NAME_MAX}"
    )]
    BadSecretName(String),
    /// What stands in brackets behind `cmd`.
    #[error("\"{0}\" is not understood; write cmd[ttl=5m]:COMMAND to use an answer for 5 minutes, at most a day")]
    BadTtl(String),
}

/// The longest name of a secret, in bytes.
pub const SECRET_NAME_MAX: usize = 64;

/// An answer that is older than a day is nobody's wish.
const TTL_MAX: Duration = Duration::from_hours(24);

/// Checks the name of an entry of the vault.
///
/// # Errors
/// It is empty, too long, or holds a character that a shell or a file of TOML would make something else of.
pub fn check_name(name: &str) -> Result<(), SecretRefProblem> {
    let good = |c: char| c.is_ascii_alphanumeric() || "._-/@".contains(c);
    if name.is_empty() || name.len() > SECRET_NAME_MAX || !name.chars().all(good) {
        return Err(SecretRefProblem::BadSecretName(name.to_owned()));
    }
    Ok(())
}

/// The schemes, as a text that is meant as a reference begins.
const SCHEMES: [&str; 6] = ["env:", "file:", "cmd:", "cmd[", "vault:", "keyring:"];

impl SecretRef {
    /// How long an answer may be used again.
    pub fn ttl(&self) -> Option<Duration> {
        match self {
            Self::Cmd { ttl, .. } => *ttl,
            Self::Env(_) | Self::File(_) | Self::Vault(_) | Self::Keyring(_) => None,
        }
    }

    /// True when the text is meant as a reference, well formed or not.
    pub fn is_meant(text: &str) -> bool {
        SCHEMES.iter().any(|scheme| text.starts_with(scheme))
    }
}

impl FromStr for SecretRef {
    type Err = SecretRefProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.trim().split_once(':').ok_or(SecretRefProblem::NoScheme)?;
        let rest = rest.trim();
        let some = |scheme| if rest.is_empty() { Err(SecretRefProblem::Empty(scheme)) } else { Ok(rest.to_owned()) };
        match scheme {
            "env" if rest.contains(['=', ' ', '\0']) => Err(SecretRefProblem::BadName(rest.to_owned())),
            "env" => some("env").map(Self::Env),
            "file" => some("file").map(Self::File),
            "cmd" => Ok(Self::Cmd { command: some("cmd")?, ttl: None }),
            "vault" => named("vault", rest).map(Self::Vault),
            "keyring" => named("keyring", rest).map(Self::Keyring),
            _ => {
                let options = scheme.strip_prefix("cmd[").and_then(|rest| rest.strip_suffix(']'));
                let options = options.ok_or(SecretRefProblem::NoScheme)?;
                Ok(Self::Cmd { ttl: Some(ttl(options)?), command: some("cmd")? })
            }
        }
    }
}

fn named(scheme: &'static str, name: &str) -> Result<String, SecretRefProblem> {
    if name.is_empty() {
        return Err(SecretRefProblem::Empty(scheme));
    }
    check_name(name).map(|()| name.to_owned())
}

fn ttl(options: &str) -> Result<Duration, SecretRefProblem> {
    let text = options.trim().strip_prefix("ttl").and_then(|rest| rest.trim().strip_prefix('='));
    let ttl = text.and_then(|text| units::parse_duration(text.trim()).ok());
    ttl.filter(|ttl| *ttl <= TTL_MAX).ok_or_else(|| SecretRefProblem::BadTtl(options.to_owned()))
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Cmd { command, ttl: None } => write!(f, "cmd:{command}"),
            Self::Cmd { command, ttl: Some(ttl) } => write!(f, "cmd[ttl={}]:{command}", units::show_duration(*ttl)),
            Self::Vault(name) => write!(f, "vault:{name}"),
            Self::Keyring(name) => write!(f, "keyring:{name}"),
        }
    }
}

/// Where typed keys are kept. What saves a connector is handed one: it need not know what is behind it.
pub trait KeyKeeper: Send + Sync {
    /// Keeps a key under a name of its own, near the wished one. What was kept before stays.
    ///
    /// # Errors
    /// Why it cannot be kept, and what to do; nothing is kept then.
    fn keep(&self, wish: &str, key: &SecretText) -> Result<SecretRef, Failure>;

    /// Lets go of what [`Self::keep`] kept, and of nothing else. Where that fails it stays: one too many does no harm.
    fn let_go(&self, reference: &SecretRef);
}

/// What a request proves itself with: a reference, or a text typed into a draft that is not saved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Resolved at request time.
    Reference(SecretRef),
    /// Typed into the editor; saving moves it to the vault and leaves a reference.
    Typed(SecretText),
}

impl Credential {
    /// As it is typed: the reference, or the secret itself.
    pub fn text(&self) -> SecretText {
        match self {
            Self::Reference(reference) => SecretText::new(reference.to_string()),
            Self::Typed(text) => text.clone(),
        }
    }

    /// What may be shown: the reference, or that something was typed.
    pub fn label(&self) -> String {
        match self {
            Self::Reference(reference) => reference.to_string(),
            Self::Typed(_) => "(typed, not saved yet)".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<String, String> {
        text.parse::<SecretRef>().map(|reference| reference.to_string()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn every_kind_of_reference_is_read_and_shown_as_typed() {
        for text in [
            "env:KEY",
            "file:~/key",
            "cmd:pass show a:b",
            "cmd[ttl=5m]:pass show a:b",
            "cmd[ttl=1h]:x]y",
            "vault:openai/prod@team.2",
            "keyring:openai",
        ] {
            assert_eq!(read(text).as_deref(), Ok(text));
            assert!(SecretRef::is_meant(text), "{text}");
        }
        assert_eq!(read(" cmd[ ttl = 300s ]: pass ").as_deref(), Ok("cmd[ttl=5m]:pass"));
    }

    #[test]
    fn what_is_wrong_with_a_reference_is_told() {
        for (text, told) in [
            ("sk-123", "not a secret reference"),
            ("valut:x", "not a secret reference"),
            ("cmd[ttl=5m:x", "not a secret reference"),
            ("vault:", "nothing follows \"vault:\""),
            ("cmd[ttl=1s]:", "nothing follows \"cmd:\""),
            ("vault:a b", "\"a b\" cannot be the name of a secret"),
            ("keyring:a\nb", "cannot be the name of a secret"),
            ("cmd[ttl=x]:y", "\"ttl=x\" is not understood"),
            ("cmd[ttl=48h]:y", "at most a day"),
            ("cmd[5m]:y", "write cmd[ttl=5m]:COMMAND"),
            ("env:A=B", "is not a name of an environment variable"),
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.contains(told), "{text}: {problem}");
        }
        assert!(read(&format!("vault:{}", "n".repeat(65))).is_err());
    }

    proptest! {
        #[test]
        fn any_good_name_stands_in_a_reference(name in "[A-Za-z0-9._/@-]{1,64}") {
            prop_assert_eq!(check_name(&name), Ok(()));
            let reference: SecretRef = format!("vault:{name}").parse().unwrap();
            prop_assert_eq!(&reference, &SecretRef::Vault(name));
            prop_assert_eq!(reference.to_string().parse(), Ok(reference));
        }
    }
}
