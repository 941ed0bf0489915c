//! The connector: a named, saved way to reach one endpoint.

use std::fmt;
use std::str::FromStr;

use super::entra::Entra;
use super::policy::NetworkOverlay;
use super::secret::{Credential, SecretRef};

/// A connector's id: 1 to 36 lower-case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectorId(String);

/// The longest id, as in the product whose connectors are carried over.
pub const ID_MAX: usize = 36;

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdProblem {
    /// Empty.
    #[error("an id is needed: lower-case letters, digits and hyphens")]
    Empty,
    /// Longer than [`ID_MAX`].
    #[error("an id has at most {ID_MAX} characters, this one has {0}")]
    TooLong(usize),
    /// A character outside the rule.
    #[error("\"{0}\" cannot stand in an id; use lower-case letters, digits and hyphens")]
    BadCharacter(char),
}

impl ConnectorId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id a name suggests: lower-cased, other characters folded to single hyphens, cut at [`ID_MAX`].
    /// Empty when the name holds no usable character.
    pub fn suggest(name: &str) -> String {
        let mut id = String::new();
        for c in name.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                id.push(c);
            } else if !id.is_empty() && !id.ends_with('-') {
                id.push('-');
            }
        }
        id.truncate(ID_MAX);
        id.trim_end_matches('-').to_owned()
    }
}

impl FromStr for ConnectorId {
    type Err = IdProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        match text.chars().find(|c| !allowed(*c)) {
            _ if text.is_empty() => Err(IdProblem::Empty),
            Some(c) => Err(IdProblem::BadCharacter(c)),
            None if text.len() > ID_MAX => Err(IdProblem::TooLong(text.len())),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for ConnectorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Whose rules a request follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// api.openai.com, or a gateway that speaks exactly like it.
    OpenAi,
    /// Azure OpenAI: deployments with an api-version, or `/openai/v1`.
    AzureOpenAi,
    /// Any other server that speaks the OpenAI protocol.
    Other,
}

impl Provider {
    /// All, in the order the editor offers them.
    pub const ALL: [Self; 3] = [Self::OpenAi, Self::AzureOpenAi, Self::Other];

    /// The word of the file, the command line and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::AzureOpenAi => "azure-openai",
            Self::Other => "other",
        }
    }

    /// The short name of the list.
    pub fn label(self) -> &'static str {
        match self {
            Self::OpenAi => "OpenAI",
            Self::AzureOpenAi => "Azure",
            Self::Other => "Other",
        }
    }

    /// The URL a new connector starts with; empty where none can be guessed.
    pub fn default_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1/chat/completions",
            Self::AzureOpenAi => {
                "https://{resource}.openai.azure.com/openai/deployments/{deployment}/chat/completions?api-version=2024-10-21"
            }
            Self::Other => "",
        }
    }
}

impl FromStr for Provider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.word() == text)
            .ok_or_else(|| format!("\"{text}\" is no provider; use openai, azure-openai or other"))
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How a connector proves who is calling.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Auth {
    /// Sent as `Authorization: Bearer` or `api-key`, per provider.
    pub api_key: Option<Credential>,
    /// `OpenAI-Organization`; provider `openai` alone.
    pub organization: Option<String>,
    /// `OpenAI-Project`; provider `openai` alone.
    pub project: Option<String>,
    /// A token of Entra ID in the place of a key; provider `azure-openai` alone.
    pub entra: Option<Entra>,
}

/// A custom header. Its value is sent as written, or is a secret reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name, as typed.
    pub name: String,
    /// The value, as typed.
    pub value: String,
}

impl Header {
    /// The reference, when the value is one.
    pub fn reference(&self) -> Option<SecretRef> {
        if SecretRef::is_meant(&self.value) { self.value.parse().ok() } else { None }
    }

    /// True where the name says that the value is a secret, and the value is one instead of a reference.
    pub fn is_plain_secret(&self) -> bool {
        const WORDS: [&str; 7] = ["auth", "key", "token", "secret", "cookie", "password", "credential"];
        let name = self.name.to_ascii_lowercase();
        let named = WORDS.iter().any(|word| name.contains(word));
        named && !self.value.trim().is_empty() && !SecretRef::is_meant(&self.value)
    }

    /// The value as it may be shown: a reference or an ordinary value as it is, a secret masked.
    pub fn shown(&self) -> &str {
        if self.is_plain_secret() { super::text::MASKED } else { &self.value }
    }
}

/// What a connector says about its model and its tests.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// Tokens the model can hold; told in the hint of a `context-length` error.
    pub context_window: Option<u64>,
    /// Sent where a body has none.
    pub temperature: Option<f64>,
    /// Whether the server calls tools natively; kept for clients that read the file.
    pub native_tool_calling: Option<bool>,
    /// Attempts a run may make; 1 where unset, so that a test shows the first answer.
    pub max_attempts: Option<u32>,
}

/// Where a connector was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The person's own file.
    User,
    /// The system layer: listed as preconfigured, read-only.
    System,
}

/// A named, saved way to reach one endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Connector {
    /// Unique in the file.
    pub id: ConnectorId,
    /// What people call it.
    pub name: String,
    /// Whose rules its requests follow.
    pub provider: Provider,
    /// As typed; [`super::Endpoint::read`] says what is called.
    pub url: String,
    /// Sent where a body has no `model`.
    pub default_model: Option<String>,
    /// Credentials.
    pub auth: Auth,
    /// Custom headers, in the person's order.
    pub headers: Vec<Header>,
    /// Model facts and attempts.
    pub options: Options,
    /// Free text.
    pub notes: Option<String>,
    /// What it says over the file's `[network]`.
    pub network: NetworkOverlay,
}

impl Connector {
    /// Every secret reference it holds, in the order of the file.
    pub fn secret_refs(&self) -> Vec<SecretRef> {
        let own = self.auth.api_key.iter().chain(self.auth.entra.iter().map(Entra::credential));
        let own = own.filter_map(|credential| match credential {
            Credential::Reference(reference) => Some(reference.clone()),
            Credential::Typed(_) => None,
        });
        own.chain(self.headers.iter().filter_map(Header::reference)).chain(self.network.secret_refs()).collect()
    }
}
