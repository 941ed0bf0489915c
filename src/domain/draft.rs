//! A draft: a connector as a person types it, and the rules that make it one.
//!
//! The editor of the screen, `add` and `edit --set` all go through [`Draft::check`], so they refuse
//! the same things with the same words.

use std::collections::BTreeMap;
use std::fmt;

use super::connector::{Auth, Connector, Header, Options, Provider};
use super::endpoint::Endpoint;
use super::policy::{NetworkKey, NetworkOverlay};
use super::secret::{Credential, SecretRef, SecretText};

mod fields;
mod rules;
#[cfg(test)]
pub(crate) mod tests;

pub use fields::Field;
pub(in crate::domain) use fields::read_headers;
pub(in crate::domain) use rules::header_is_good;

/// A connector as typed: texts, not values. The key is a secret text even while it is typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// See [`Field::Id`].
    pub id: String,
    /// See [`Field::Name`].
    pub name: String,
    /// See [`Field::Provider`].
    pub provider: Provider,
    /// See [`Field::Url`].
    pub url: String,
    /// See [`Field::DefaultModel`].
    pub default_model: String,
    /// Credentials as typed.
    pub auth: DraftAuth,
    /// Custom headers.
    pub headers: Vec<Header>,
    /// Numbers and choices as typed.
    pub options: DraftOptions,
    /// See [`Field::Notes`].
    pub notes: String,
    /// Network keys as typed.
    pub network: DraftNetwork,
}

/// Credentials as typed.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftAuth {
    /// A reference, or the key itself.
    pub api_key: SecretText,
    /// See [`Field::Organization`].
    pub organization: String,
    /// See [`Field::Project`].
    pub project: String,
}

/// Numbers and choices as typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DraftOptions {
    /// See [`Field::ContextWindow`].
    pub context_window: String,
    /// See [`Field::Temperature`].
    pub temperature: String,
    /// See [`Field::NativeToolCalling`].
    pub native_tool_calling: Option<bool>,
    /// See [`Field::MaxAttempts`].
    pub max_attempts: String,
}

/// Network keys as typed; empty ones are not held.
#[derive(Clone, PartialEq, Default)]
pub struct DraftNetwork(BTreeMap<NetworkKey, String>);

impl DraftNetwork {
    /// The text of a key.
    pub fn get(&self, key: NetworkKey) -> &str {
        self.0.get(&key).map(String::as_str).unwrap_or_default()
    }

    /// Sets or clears the text of a key.
    pub fn set(&mut self, key: NetworkKey, text: &str) {
        if text.trim().is_empty() {
            self.0.remove(&key);
        } else {
            self.0.insert(key, text.to_owned());
        }
    }
}

/// A password may be typed where a reference belongs: the texts are left out.
impl fmt::Debug for DraftNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Something wrong with one field, with the fix in its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub field: Field,
    /// What, and what to do.
    pub message: String,
}

/// A draft that passed: the connector, and what must happen besides writing it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The connector. A key typed as text is still [`Credential::Typed`] in it.
    pub connector: Connector,
    /// What was mended on the way ("a line end was cut from the key").
    pub mended: Vec<Finding>,
}

impl Draft {
    /// An empty draft for a provider, with the URL it usually has.
    pub fn new(provider: Provider) -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            provider,
            url: provider.default_url().to_owned(),
            default_model: String::new(),
            auth: DraftAuth { api_key: SecretText::new(""), organization: String::new(), project: String::new() },
            headers: Vec::new(),
            options: DraftOptions::default(),
            notes: String::new(),
            network: DraftNetwork::default(),
        }
    }

    /// Changes the provider and keeps what carries over: a URL that was never edited gives way to the new default,
    /// organization and project stay but are not used outside `openai`.
    pub fn set_provider(&mut self, provider: Provider) {
        if self.url.is_empty() || self.url == self.provider.default_url() {
            provider.default_url().clone_into(&mut self.url);
        }
        self.provider = provider;
    }

    /// Checks everything. `taken` says whether an id belongs to another connector.
    ///
    /// # Errors
    /// Every finding, in the order of the fields.
    pub fn check(&self, taken: impl Fn(&str) -> bool) -> Result<Checked, Vec<Finding>> {
        let mut found = rules::Findings::default();
        let id = found.take(Field::Id, rules::id(&self.id, taken));
        let name = found.take(Field::Name, rules::required(&self.name, "a name is needed; it is what the list shows"));
        let endpoint = found.take(Field::Url, Endpoint::read(&self.url, self.provider).map_err(|p| p.to_string()));
        let default_model = found.take(Field::DefaultModel, rules::model(&self.default_model, self.provider));
        let auth = self.check_auth(&mut found);
        let headers = found.take(Field::Headers, rules::headers(&self.headers));
        let options = self.check_options(&mut found);
        let network = self.check_network(&mut found);
        let (mended, errors) = found.split();
        let (Some(id), Some(name), Some(_), Some(default_model), Some(headers), true) =
            (id, name, endpoint, default_model, headers, errors.is_empty())
        else {
            return Err(errors);
        };
        let connector = Connector {
            id,
            name,
            provider: self.provider,
            url: self.url.trim().to_owned(),
            default_model,
            auth,
            headers,
            options,
            notes: rules::optional(&self.notes),
            network,
        };
        Ok(Checked { connector, mended })
    }

    fn check_auth(&self, found: &mut rules::Findings) -> Auth {
        let api_key = found.take_mended(Field::ApiKey, rules::api_key(&self.auth.api_key)).flatten();
        let only_openai = |text: &str| rules::optional(text).filter(|_| self.provider == Provider::OpenAi);
        Auth { api_key, organization: only_openai(&self.auth.organization), project: only_openai(&self.auth.project) }
    }

    fn check_options(&self, found: &mut rules::Findings) -> Options {
        let options = &self.options;
        Options {
            context_window: found.take(Field::ContextWindow, rules::context_window(&options.context_window)).flatten(),
            temperature: found.take(Field::Temperature, rules::temperature(&options.temperature)).flatten(),
            native_tool_calling: options.native_tool_calling,
            max_attempts: found.take(Field::MaxAttempts, rules::max_attempts(&options.max_attempts)).flatten(),
        }
    }

    fn check_network(&self, found: &mut rules::Findings) -> NetworkOverlay {
        let mut network = NetworkOverlay::default();
        for (key, text) in &self.network.0 {
            let set = network.set(*key, text);
            found.take(Field::Network(*key), set);
        }
        for contradiction in network.contradictions() {
            found.take::<()>(Field::Network(contradiction.key), Err(contradiction.message));
        }
        network
    }
}

impl From<&Connector> for Draft {
    fn from(connector: &Connector) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            id: connector.id.to_string(),
            name: connector.name.clone(),
            provider: connector.provider,
            url: connector.url.clone(),
            default_model: text(&connector.default_model),
            auth: DraftAuth {
                api_key: credential_text(connector.auth.api_key.as_ref()),
                organization: text(&connector.auth.organization),
                project: text(&connector.auth.project),
            },
            headers: connector.headers.clone(),
            options: DraftOptions {
                context_window: connector.options.context_window.map(|n| n.to_string()).unwrap_or_default(),
                temperature: connector.options.temperature.map(|n| n.to_string()).unwrap_or_default(),
                native_tool_calling: connector.options.native_tool_calling,
                max_attempts: connector.options.max_attempts.map(|n| n.to_string()).unwrap_or_default(),
            },
            notes: text(&connector.notes),
            network: DraftNetwork(connector.network.iter().map(|(key, value)| (key, value.text())).collect()),
        }
    }
}

fn credential_text(credential: Option<&Credential>) -> SecretText {
    match credential {
        None => SecretText::new(""),
        Some(Credential::Reference(reference)) => SecretText::new(reference.to_string()),
        Some(Credential::Typed(text)) => text.clone(),
    }
}

/// True when the typed key is a reference and so may be shown.
pub fn key_may_be_shown(key: &SecretText) -> bool {
    key.expose().is_empty() || SecretRef::is_meant(key.expose().trim())
}
