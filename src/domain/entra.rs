//! Microsoft Entra ID: how an Azure connector proves itself by a token instead of a key.
//!
//! Owns the fields and their rules. Never how a token is fetched: that is `provider::entra`.

use url::Url;

use super::secret::{Credential, SecretText};

/// Where tokens come from, where the connector names no authority: the public cloud.
pub const AUTHORITY: &str = "https://login.microsoftonline.com";
/// What a token is asked for, where the connector names no scope: all of Azure `OpenAI` that the identity may use.
pub const SCOPE: &str = "https://cognitiveservices.azure.com/.default";

/// How a token comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entra {
    /// Something else fetches it: what the reference gives is the token itself, or the JSON of
    /// `az account get-access-token`, whose expiry is heeded.
    Token(Credential),
    /// By the client credentials of an application.
    App(EntraApp),
}

/// An application of a tenant, with its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntraApp {
    /// Its tenant: an id or a domain.
    pub tenant: String,
    /// Its own id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Credential,
    /// What the token is for; [`SCOPE`] where unset.
    pub scope: Option<String>,
    /// Who hands it out; [`AUTHORITY`] where unset.
    pub authority: Option<String>,
}

impl Entra {
    /// The secret behind it.
    pub fn credential(&self) -> &Credential {
        match self {
            Self::Token(credential) => credential,
            Self::App(app) => &app.client_secret,
        }
    }

    /// What may be shown in a token's place.
    pub fn label(&self) -> String {
        match self {
            Self::Token(credential) => format!("Entra ID token from {}", credential.label()),
            Self::App(app) => format!("Entra ID token of client {}", app.client_id),
        }
    }
}

impl EntraApp {
    /// What the token is for.
    pub fn scope(&self) -> &str {
        self.scope.as_deref().unwrap_or(SCOPE)
    }

    /// Who hands it out, without a slash behind it.
    pub fn authority(&self) -> &str {
        self.authority.as_deref().unwrap_or(AUTHORITY).trim_end_matches('/')
    }

    /// Where a token is asked for (Microsoft identity platform, client credentials flow).
    ///
    /// # Errors
    /// The authority is no URL.
    pub fn token_url(&self) -> Result<Url, url::ParseError> {
        Url::parse(&format!("{}/{}/oauth2/v2.0/token", self.authority(), self.tenant))
    }
}

/// Checks an authority.
///
/// # Errors
/// It is no URL without a query, or it is one that would carry the secret in clear over a network.
pub fn check_authority(text: &str) -> Result<(), String> {
    let url = Url::parse(text).map_err(|_no_url| format!("\"{text}\" is no URL; the usual one is {AUTHORITY}"))?;
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        _ if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() => {
            Err("an authority has neither user nor query, only a host and perhaps a path".to_owned())
        }
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        _ => Err("the client's secret is sent there: it must begin with https://".to_owned()),
    }
}

/// Checks a tenant: an id or a domain.
///
/// # Errors
/// It holds something that cannot stand in the path of a URL as it is.
pub fn check_tenant(text: &str) -> Result<(), String> {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    if text.chars().all(good) {
        Ok(())
    } else {
        Err(format!("\"{text}\" is neither the id nor the domain of a tenant"))
    }
}

/// Entra's fields as typed.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftEntra {
    /// A reference, or the token itself.
    pub token: SecretText,
    /// See [`EntraApp::tenant`].
    pub tenant: String,
    /// See [`EntraApp::client_id`].
    pub client_id: String,
    /// A reference, or the secret itself.
    pub client_secret: SecretText,
    /// See [`EntraApp::scope`].
    pub scope: String,
    /// See [`EntraApp::authority`].
    pub authority: String,
}

impl Default for DraftEntra {
    fn default() -> Self {
        Self {
            token: SecretText::new(""),
            tenant: String::new(),
            client_id: String::new(),
            client_secret: SecretText::new(""),
            scope: String::new(),
            authority: String::new(),
        }
    }
}

impl From<Option<&Entra>> for DraftEntra {
    fn from(entra: Option<&Entra>) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        match entra {
            None => Self::default(),
            Some(Entra::Token(credential)) => Self { token: credential.text(), ..Self::default() },
            Some(Entra::App(app)) => Self {
                token: SecretText::new(""),
                tenant: app.tenant.clone(),
                client_id: app.client_id.clone(),
                client_secret: app.client_secret.text(),
                scope: text(&app.scope),
                authority: text(&app.authority),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_keeps_the_secret_off_the_open_network() {
        for good in [AUTHORITY, "https://login.microsoftonline.us/", "http://127.0.0.1:8080", "http://localhost/x"] {
            assert_eq!(check_authority(good), Ok(()), "{good}");
        }
        for bad in ["login.microsoftonline.com", "http://login.microsoftonline.com", "https://h/?a=b", "https://u@h/"] {
            assert!(check_authority(bad).is_err(), "{bad}");
        }
        assert!(check_tenant("contoso.onmicrosoft.com").is_ok() && check_tenant("../x").is_err());
    }
}
