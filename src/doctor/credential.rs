//! Which kind of key a key is. Only its shape is looked at, and nothing of it is told.

use crate::domain::{Connector, Provider, SecretText};

/// A key that another kind of endpoint would take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// A key of `OpenAI`'s for Azure.
    OpenAiForAzure,
    /// A token of Entra ID where Azure expects a key.
    TokenForAzure,
    /// A key of Azure's for `OpenAI`.
    AzureForOpenAi,
}

impl Mismatch {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::OpenAiForAzure => "api_key looks like a key of OpenAI (sk-…), and this is Azure",
            Self::TokenForAzure => "api_key looks like a token (eyJ…), and Azure takes keys in the header api-key",
            Self::AzureForOpenAi => "api_key looks like a key of Azure, and this is OpenAI",
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::OpenAiForAzure => "use a key of the Azure resource (Keys and Endpoint), or set provider = \"openai\"",
            Self::TokenForAzure => {
                "use a key of the resource, or send the token in a header: authorization = \"Bearer …\" by reference"
            }
            Self::AzureForOpenAi => "use a key of the OpenAI project, or set provider = \"azure-openai\" with its URL",
        }
    }
}

/// What is wrong with the kind of a key for a provider.
pub(super) fn mismatch(provider: Provider, secret: &SecretText) -> Option<Mismatch> {
    let key = secret.expose().trim().trim_start_matches("Bearer ").trim();
    match provider {
        Provider::AzureOpenAi if key.starts_with("sk-") => Some(Mismatch::OpenAiForAzure),
        Provider::AzureOpenAi if key.starts_with("eyJ") && key.matches('.').count() == 2 => {
            Some(Mismatch::TokenForAzure)
        }
        Provider::OpenAi if is_azure(key) => Some(Mismatch::AzureForOpenAi),
        Provider::AzureOpenAi | Provider::OpenAi | Provider::Other => None,
    }
}

/// 32 hexadecimal digits, or the 84 characters of newer resources.
fn is_azure(key: &str) -> bool {
    let hex = key.len() == 32 && key.chars().all(|c| c.is_ascii_hexdigit());
    hex || (key.len() == 84 && key.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// How the key that is sent is called; `None` where none is.
pub(super) fn label(connector: &Connector) -> Option<String> {
    let header = || {
        let known = ["authorization", "api-key", "x-api-key"];
        let header =
            connector.headers.iter().find(|header| known.iter().any(|name| header.name.eq_ignore_ascii_case(name)));
        header.map(|header| format!("the key in header {}", header.name))
    };
    let key = || connector.auth.api_key.as_ref().map(|key| format!("the key in {}", key.label()));
    connector.auth.entra.as_ref().map(|entra| format!("the {}", entra.label())).or_else(key).or_else(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_shape() {
        let kind = |provider, key: &str| mismatch(provider, &SecretText::new(key));
        assert_eq!(kind(Provider::AzureOpenAi, "sk-proj-abc"), Some(Mismatch::OpenAiForAzure));
        assert_eq!(kind(Provider::AzureOpenAi, "eyJh.eyJz.sig"), Some(Mismatch::TokenForAzure));
        assert_eq!(kind(Provider::OpenAi, &"0123456789abcdef".repeat(2)), Some(Mismatch::AzureForOpenAi));
        assert_eq!(kind(Provider::OpenAi, "sk-proj-abc"), None);
        assert_eq!(kind(Provider::AzureOpenAi, &"0123456789abcdef".repeat(2)), None);
        assert_eq!(kind(Provider::Other, "sk-anything"), None);
    }
}
