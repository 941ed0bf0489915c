//! The fields of a connector, named as the file names them.

use super::Draft;
use crate::domain::connector::{Header, Provider};
use crate::domain::policy::NetworkKey;
use crate::domain::secret::SecretText;
use crate::domain::text::MASKED;

/// A field of a connector. The order is that of the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `name`.
    Name,
    /// The table's own name; suggested from the name until touched.
    Id,
    /// `provider`.
    Provider,
    /// `url`.
    Url,
    /// `default_model`.
    DefaultModel,
    /// `api_key`.
    ApiKey,
    /// `organization`.
    Organization,
    /// `project`.
    Project,
    /// `headers`.
    Headers,
    /// `context_window`.
    ContextWindow,
    /// `temperature`.
    Temperature,
    /// `native_tool_calling`.
    NativeToolCalling,
    /// `max_attempts`.
    MaxAttempts,
    /// `notes`.
    Notes,
    /// `network.KEY`.
    Network(NetworkKey),
}

impl Field {
    /// Every field, in the order of the editor.
    pub const ALL: [Self; 37] = [
        Self::Name,
        Self::Id,
        Self::Provider,
        Self::Url,
        Self::DefaultModel,
        Self::ApiKey,
        Self::Organization,
        Self::Project,
        Self::Headers,
        Self::ContextWindow,
        Self::Temperature,
        Self::NativeToolCalling,
        Self::MaxAttempts,
        Self::Notes,
        Self::Network(NetworkKey::ConnectTimeout),
        Self::Network(NetworkKey::FirstByteTimeout),
        Self::Network(NetworkKey::IdleTimeout),
        Self::Network(NetworkKey::TotalTimeout),
        Self::Network(NetworkKey::MaxResponseSize),
        Self::Network(NetworkKey::Proxy),
        Self::Network(NetworkKey::ProxyUser),
        Self::Network(NetworkKey::ProxyPassword),
        Self::Network(NetworkKey::ProxyHeaders),
        Self::Network(NetworkKey::ProxyBypassHosts),
        Self::Network(NetworkKey::ProxyOnlyHosts),
        Self::Network(NetworkKey::ProxyVerificationMode),
        Self::Network(NetworkKey::VerificationMode),
        Self::Network(NetworkKey::CaFiles),
        Self::Network(NetworkKey::CaMode),
        Self::Network(NetworkKey::CaPem),
        Self::Network(NetworkKey::MinTls),
        Self::Network(NetworkKey::ClientCert),
        Self::Network(NetworkKey::ClientKey),
        Self::Network(NetworkKey::ClientKeyPassphrase),
        Self::Network(NetworkKey::ClientPkcs12),
        Self::Network(NetworkKey::HttpVersion),
        Self::Network(NetworkKey::Resolve),
    ];

    /// The key of the file and of `--set`; network keys are dotted.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Id => "id",
            Self::Provider => "provider",
            Self::Url => "url",
            Self::DefaultModel => "default_model",
            Self::ApiKey => "api_key",
            Self::Organization => "organization",
            Self::Project => "project",
            Self::Headers => "headers",
            Self::ContextWindow => "context_window",
            Self::Temperature => "temperature",
            Self::NativeToolCalling => "native_tool_calling",
            Self::MaxAttempts => "max_attempts",
            Self::Notes => "notes",
            Self::Network(key) => key.path(),
        }
    }

    /// True where a reference belongs, so that anything else is a secret that must not show.
    pub fn is_secret(self) -> bool {
        match self {
            Self::ApiKey => true,
            Self::Network(key) => key.is_secret(),
            Self::Name
            | Self::Id
            | Self::Provider
            | Self::Url
            | Self::DefaultModel
            | Self::Organization
            | Self::Project
            | Self::Headers
            | Self::ContextWindow
            | Self::Temperature
            | Self::NativeToolCalling
            | Self::MaxAttempts
            | Self::Notes => false,
        }
    }

    /// True where the provider has such a field.
    pub fn applies_to(self, provider: Provider) -> bool {
        match self {
            Self::Organization | Self::Project => provider == Provider::OpenAi,
            Self::Name
            | Self::Id
            | Self::Provider
            | Self::Url
            | Self::DefaultModel
            | Self::ApiKey
            | Self::Headers
            | Self::ContextWindow
            | Self::Temperature
            | Self::NativeToolCalling
            | Self::MaxAttempts
            | Self::Notes
            | Self::Network(_) => true,
        }
    }
}

impl Draft {
    /// Sets a field from text, as the editor's line and `--set KEY=VALUE` do. An empty text clears it.
    ///
    /// # Errors
    /// What is wrong with the text, where it cannot even be held in the draft.
    pub fn set(&mut self, field: Field, text: &str) -> Result<(), String> {
        match field {
            Field::Provider => self.set_provider(text.trim().parse()?),
            Field::ApiKey => self.auth.api_key = SecretText::new(text),
            Field::Headers => self.headers = read_headers(text)?,
            Field::NativeToolCalling => self.options.native_tool_calling = read_choice(text)?,
            Field::Network(key) => self.network.set(key, text),
            Field::Name
            | Field::Id
            | Field::Url
            | Field::DefaultModel
            | Field::Organization
            | Field::Project
            | Field::ContextWindow
            | Field::Temperature
            | Field::MaxAttempts
            | Field::Notes => {
                if let Some(slot) = self.slot(field) {
                    text.clone_into(slot);
                }
            }
        }
        Ok(())
    }

    /// Sets one header, or removes it where the value is empty.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|header| !header.name.eq_ignore_ascii_case(name));
        if !value.is_empty() {
            self.headers.push(Header { name: name.to_owned(), value: value.to_owned() });
        }
    }

    /// A field as the text its editor line starts with. A typed key comes back as it is: mask it before showing.
    pub fn text(&self, field: Field) -> String {
        match field {
            Field::Provider => self.provider.word().to_owned(),
            Field::ApiKey => self.auth.api_key.expose().to_owned(),
            Field::Headers => show_headers(&self.headers),
            Field::NativeToolCalling => show_choice(self.options.native_tool_calling).to_owned(),
            Field::Name => self.name.clone(),
            Field::Id => self.id.clone(),
            Field::Url => self.url.clone(),
            Field::DefaultModel => self.default_model.clone(),
            Field::Organization => self.auth.organization.clone(),
            Field::Project => self.auth.project.clone(),
            Field::ContextWindow => self.options.context_window.clone(),
            Field::Temperature => self.options.temperature.clone(),
            Field::MaxAttempts => self.options.max_attempts.clone(),
            Field::Notes => self.notes.clone(),
            Field::Network(key) => self.network.get(key).to_owned(),
        }
    }

    /// A field as it may be shown: a secret, typed as such or as a plain header, is masked; a reference is not secret.
    pub fn shown(&self, field: Field) -> String {
        if field.is_secret() && !super::key_may_be_shown(&SecretText::new(self.text(field))) {
            return MASKED.to_owned();
        }
        match field {
            Field::Headers => shown_headers(&self.headers),
            Field::Network(NetworkKey::ProxyHeaders) => {
                let text = self.network.get(NetworkKey::ProxyHeaders);
                read_headers(text).map_or_else(|_| text.to_owned(), |headers| shown_headers(&headers))
            }
            Field::Name
            | Field::Id
            | Field::Provider
            | Field::Url
            | Field::DefaultModel
            | Field::ApiKey
            | Field::Organization
            | Field::Project
            | Field::ContextWindow
            | Field::Temperature
            | Field::NativeToolCalling
            | Field::MaxAttempts
            | Field::Notes
            | Field::Network(_) => self.text(field),
        }
    }

    fn slot(&mut self, field: Field) -> Option<&mut String> {
        match field {
            Field::Name => Some(&mut self.name),
            Field::Id => Some(&mut self.id),
            Field::Url => Some(&mut self.url),
            Field::DefaultModel => Some(&mut self.default_model),
            Field::Organization => Some(&mut self.auth.organization),
            Field::Project => Some(&mut self.auth.project),
            Field::ContextWindow => Some(&mut self.options.context_window),
            Field::Temperature => Some(&mut self.options.temperature),
            Field::MaxAttempts => Some(&mut self.options.max_attempts),
            Field::Notes => Some(&mut self.notes),
            Field::Provider | Field::ApiKey | Field::Headers | Field::NativeToolCalling | Field::Network(_) => None,
        }
    }
}

/// One header a line, `name: value`.
pub(in crate::domain) fn read_headers(text: &str) -> Result<Vec<Header>, String> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| format!("\"{line}\" is no header; write one a line, name: value"))?;
            Ok(Header { name: name.trim().to_owned(), value: value.trim().to_owned() })
        })
        .collect()
}

fn shown_headers(headers: &[Header]) -> String {
    headers.iter().map(|header| format!("{}: {}", header.name, header.shown())).collect::<Vec<_>>().join("\n")
}

fn show_headers(headers: &[Header]) -> String {
    headers.iter().map(|header| format!("{}: {}", header.name, header.value)).collect::<Vec<_>>().join("\n")
}

fn read_choice(text: &str) -> Result<Option<bool>, String> {
    match text.trim() {
        "" => Ok(None),
        "true" | "yes" => Ok(Some(true)),
        "false" | "no" => Ok(Some(false)),
        other => Err(format!("\"{other}\" is neither true nor false")),
    }
}

fn show_choice(choice: Option<bool>) -> &'static str {
    match choice {
        None => "",
        Some(true) => "true",
        Some(false) => "false",
    }
}
