//! Where a secret lives, and secrets in memory. Never how they are fetched: that is `secrets`.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

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
    /// `cmd:COMMAND`: what a shell command prints, run for each request.
    Cmd(String),
}

/// Why a text is no secret reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefProblem {
    /// It starts with none of the known schemes.
    #[error("not a secret reference; write env:NAME, file:PATH or cmd:COMMAND")]
    NoScheme,
    /// Nothing follows the scheme.
    #[error("nothing follows \"{0}:\"")]
    Empty(&'static str),
    /// The name of an environment variable holds a space, `=` or NUL.
    #[error("\"{0}\" is not a name of an environment variable")]
    BadName(String),
}

impl SecretRef {
    /// True when the text is meant as a reference, well formed or not.
    pub fn is_meant(text: &str) -> bool {
        ["env:", "file:", "cmd:"].iter().any(|scheme| text.starts_with(scheme))
    }
}

impl FromStr for SecretRef {
    type Err = SecretRefProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.trim().split_once(':').ok_or(SecretRefProblem::NoScheme)?;
        let rest = rest.trim();
        match (scheme, rest.is_empty()) {
            ("env", true) => Err(SecretRefProblem::Empty("env")),
            ("file", true) => Err(SecretRefProblem::Empty("file")),
            ("cmd", true) => Err(SecretRefProblem::Empty("cmd")),
            ("env", false) if rest.contains(['=', ' ', '\0']) => Err(SecretRefProblem::BadName(rest.to_owned())),
            ("env", false) => Ok(Self::Env(rest.to_owned())),
            ("file", false) => Ok(Self::File(rest.to_owned())),
            ("cmd", false) => Ok(Self::Cmd(rest.to_owned())),
            _ => Err(SecretRefProblem::NoScheme),
        }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Cmd(command) => write!(f, "cmd:{command}"),
        }
    }
}

/// What a request proves itself with: a reference, or a text typed into a draft that is not saved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Resolved at request time.
    Reference(SecretRef),
    /// Typed into the editor; saving moves it to a file and leaves a reference.
    Typed(SecretText),
}

impl Credential {
    /// What may be shown: the reference, or that something was typed.
    pub fn label(&self) -> String {
        match self {
            Self::Reference(reference) => reference.to_string(),
            Self::Typed(_) => "(typed, not saved yet)".to_owned(),
        }
    }
}
