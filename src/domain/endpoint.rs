//! How a connector's URL is read: what it is, and the URL that will be called.

use url::{Host, Url};

use super::connector::Provider;

/// Which protocol a URL speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndpointKind {
    /// `…/chat/completions`: `messages`.
    ChatCompletions,
    /// `…/completions`: `prompt`.
    Completions,
    /// `…/responses`: `input`.
    Responses,
}

impl EndpointKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::ChatCompletions, Self::Completions, Self::Responses];

    /// The word of JSON and the event log.
    pub fn word(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat-completions",
            Self::Completions => "completions",
            Self::Responses => "responses",
        }
    }

    /// The name people know it by.
    pub fn label(self) -> &'static str {
        match self {
            Self::ChatCompletions => "Chat Completions",
            Self::Completions => "Completions (legacy)",
            Self::Responses => "Responses",
        }
    }

    /// The path that names it, without a leading slash.
    fn path(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat/completions",
            Self::Completions => "completions",
            Self::Responses => "responses",
        }
    }

    /// The longer path first: `chat/completions` also ends in `completions`.
    const BY_PATH: [Self; 3] = [Self::ChatCompletions, Self::Completions, Self::Responses];
}

/// What the person typed, as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlForm {
    /// The full URL of an endpoint.
    Full,
    /// A base that the endpoint's path was added to.
    Base,
    /// A host alone.
    Host,
    /// Azure's dated form: the deployment names the model.
    AzureDeployment {
        /// From the path.
        deployment: String,
        /// From the query.
        api_version: String,
    },
    /// Azure's `/openai/v1`: the body's `model` is the deployment's name.
    AzureV1,
}

/// A URL, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Which protocol it speaks.
    pub kind: EndpointKind,
    /// How it was understood.
    pub form: UrlForm,
    /// What will be called.
    pub url: Url,
}

/// Why a URL cannot be used. Each message says the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// Nothing was typed.
    #[error("a URL is needed, for example http://localhost:8080/v1")]
    Empty,
    /// No scheme in front.
    #[error("add http:// or https:// in front")]
    NoScheme,
    /// A scheme other than http and https.
    #[error("\"{0}:\" cannot be called; use http:// or https://")]
    Scheme(String),
    /// A template that was not filled in.
    #[error("replace {0} with your own value")]
    Placeholder(String),
    /// The parser refused it.
    #[error("not a URL: {0}")]
    Syntax(String),
    /// A user or password before the host.
    #[error("remove the user and password from the URL; put the key in api_key")]
    Credentials,
    /// An Azure deployment without its api-version.
    #[error("add ?api-version=2024-10-21 (or the version your deployment needs)")]
    NoApiVersion,
    /// An endpoint that makes no text.
    #[error("\"{0}\" makes no text; use /chat/completions, /completions or /responses")]
    NotText(String),
}

impl Endpoint {
    /// Reads a URL as typed, for a provider.
    pub fn read(text: &str, provider: Provider) -> Result<Self, UrlProblem> {
        let url = parse(text.trim())?;
        let path = joined_path(&url);
        if let Some(last) = ["embeddings", "models"].into_iter().find(|last| ends_with(&path, last)) {
            return Err(UrlProblem::NotText(format!("/{last}")));
        }
        if is_azure(&url, &path, provider) { read_azure(url, &path) } else { Ok(read_plain(url, &path)) }
    }

    /// What the editor shows beside the URL: how it was understood.
    pub fn describe(&self) -> String {
        let kind = self.kind.label();
        match &self.form {
            UrlForm::Full => format!("full endpoint, {kind}"),
            UrlForm::Base => format!("base URL, {kind} added"),
            UrlForm::Host => format!("host alone, {kind} added"),
            UrlForm::AzureDeployment { deployment, api_version } => {
                format!("Azure deployment \"{deployment}\", api-version {api_version}, {kind}")
            }
            UrlForm::AzureV1 => format!("Azure v1, {kind}; \"model\" is the deployment's name"),
        }
    }

    /// True where the path, not the body, names the model.
    pub fn names_model(&self) -> bool {
        match self.form {
            UrlForm::AzureDeployment { .. } => true,
            UrlForm::Full | UrlForm::Base | UrlForm::Host | UrlForm::AzureV1 => false,
        }
    }

    /// The host with its port where one is written: what the event log keeps of a URL.
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

fn parse(text: &str) -> Result<Url, UrlProblem> {
    if text.is_empty() {
        return Err(UrlProblem::Empty);
    }
    if let Some(placeholder) = placeholder(text) {
        return Err(UrlProblem::Placeholder(placeholder.to_owned()));
    }
    let Some((scheme, _)) = text.split_once("://") else { return Err(UrlProblem::NoScheme) };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(UrlProblem::Scheme(scheme.to_owned()));
    }
    let mut url = Url::parse(text).map_err(|error| UrlProblem::Syntax(error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlProblem::Credentials);
    }
    url.set_fragment(None);
    Ok(url)
}

/// The first `{…}` of a template that was not filled in.
fn placeholder(text: &str) -> Option<&str> {
    let (start, _) = text.match_indices('{').next()?;
    let rest = text.get(start..)?;
    let end = rest.find('}')?;
    rest.get(..=end)
}

/// The path without empty segments, so that a trailing or doubled slash changes nothing.
fn joined_path(url: &Url) -> String {
    url.path().split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/")
}

fn ends_with(path: &str, tail: &str) -> bool {
    path.strip_suffix(tail).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn kind_of(path: &str) -> Option<EndpointKind> {
    EndpointKind::BY_PATH.into_iter().find(|kind| ends_with(path, kind.path()))
}

/// Azure is told by the provider or by its own paths and hosts: gateways put it behind any host.
fn is_azure(url: &Url, path: &str, provider: Provider) -> bool {
    let azure_host = match url.host() {
        Some(Host::Domain(host)) => AZURE_HOSTS.iter().any(|suffix| host.ends_with(suffix)),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => false,
    };
    provider == Provider::AzureOpenAi || azure_host || path.contains("openai/deployments/")
}

const AZURE_HOSTS: [&str; 4] =
    [".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com", ".openai.azure.us"];

fn read_plain(url: Url, path: &str) -> Endpoint {
    if let Some(kind) = kind_of(path) {
        return endpoint(url, path, kind, UrlForm::Full);
    }
    let kind = EndpointKind::ChatCompletions;
    if path.is_empty() {
        return endpoint(url, &format!("v1/{}", kind.path()), kind, UrlForm::Host);
    }
    endpoint(url, &format!("{path}/{}", kind.path()), kind, UrlForm::Base)
}

fn read_azure(url: Url, path: &str) -> Result<Endpoint, UrlProblem> {
    if let Some(deployment) = deployment_of(path) {
        return read_deployment(url, path, deployment);
    }
    let kind = kind_of(path).unwrap_or(EndpointKind::ChatCompletions);
    let base = kind_of(path).map_or(path, |kind| path.strip_suffix(kind.path()).unwrap_or(path));
    match base.trim_end_matches('/') {
        "" | "openai" if kind_of(path).is_none() => {
            Ok(endpoint(url, &format!("openai/v1/{}", kind.path()), kind, UrlForm::AzureV1))
        }
        base if base.ends_with("openai/v1") => {
            Ok(endpoint(url, &format!("{base}/{}", kind.path()), kind, UrlForm::AzureV1))
        }
        // The dated form of Responses has no deployment in its path, and needs a version all the same.
        "openai" => match api_version(&url) {
            Some(_) => Ok(endpoint(url, path, kind, UrlForm::Full)),
            None => Err(UrlProblem::NoApiVersion),
        },
        _ => Ok(read_plain(url, path)),
    }
}

fn read_deployment(url: Url, path: &str, deployment: String) -> Result<Endpoint, UrlProblem> {
    let api_version = api_version(&url).ok_or(UrlProblem::NoApiVersion)?;
    let kind = kind_of(path).unwrap_or(EndpointKind::ChatCompletions);
    let path = if kind_of(path).is_some() { path.to_owned() } else { format!("{path}/{}", kind.path()) };
    Ok(endpoint(url, &path, kind, UrlForm::AzureDeployment { deployment, api_version }))
}

fn deployment_of(path: &str) -> Option<String> {
    let (_, after) = path.split_once("openai/deployments/")?;
    after.split('/').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

fn api_version(url: &Url) -> Option<String> {
    url.query_pairs()
        .find(|(key, value)| key == "api-version" && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

fn endpoint(mut url: Url, path: &str, kind: EndpointKind, form: UrlForm) -> Endpoint {
    url.set_path(path);
    Endpoint { kind, form, url }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(text: &str, provider: Provider) -> String {
        Endpoint::read(text, provider).map_or_else(|problem| problem.to_string(), |read| read.url.to_string())
    }

    #[test]
    fn full_bases_and_hosts_are_read() {
        for (typed, url) in [
            ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com//v1//completions/", "https://api.openai.com/v1/completions"),
            ("http://gw/openai/v1", "http://gw/openai/v1/chat/completions"),
            ("https://x.test/v1beta/openai/", "https://x.test/v1beta/openai/chat/completions"),
            ("http://localhost:8080", "http://localhost:8080/v1/chat/completions"),
            ("http://[::1]:11434/v1", "http://[::1]:11434/v1/chat/completions"),
            (" http://vllm:8000/v1/responses ", "http://vllm:8000/v1/responses"),
            ("http://h/v1?team=a#frag", "http://h/v1/chat/completions?team=a"),
        ] {
            assert_eq!(called(typed, Provider::Other), url, "{typed}");
        }
    }

    #[test]
    fn azure_is_read_in_both_forms() {
        for (typed, url) in [
            ("https://acme.openai.azure.com", "https://acme.openai.azure.com/openai/v1/chat/completions"),
            ("https://acme.openai.azure.com/openai", "https://acme.openai.azure.com/openai/v1/chat/completions"),
            ("https://acme.openai.azure.com/openai/v1/", "https://acme.openai.azure.com/openai/v1/chat/completions"),
            ("https://gw.corp/openai/v1/responses", "https://gw.corp/openai/v1/responses"),
            (
                "https://acme.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21",
                "https://acme.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
            ),
            (
                "https://acme.openai.azure.com/openai/responses?api-version=2025-03-01-preview",
                "https://acme.openai.azure.com/openai/responses?api-version=2025-03-01-preview",
            ),
        ] {
            assert_eq!(called(typed, Provider::AzureOpenAi), url, "{typed}");
        }
    }

    #[test]
    fn an_azure_deployment_names_itself() {
        let typed = "http://127.0.0.1:1/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21";
        let read = Endpoint::read(typed, Provider::AzureOpenAi).map(|read| read.form);
        let form = UrlForm::AzureDeployment { deployment: "my%20gpt".to_owned(), api_version: "2024-10-21".to_owned() };
        assert_eq!(read, Ok(form));
    }

    #[test]
    fn problems_say_the_fix() {
        for (typed, problem) in [
            ("", "a URL is needed, for example http://localhost:8080/v1"),
            ("localhost:8080", "add http:// or https:// in front"),
            ("ftp://x/v1", "\"ftp:\" cannot be called; use http:// or https://"),
            ("https://{resource}.openai.azure.com", "replace {resource} with your own value"),
            ("http://u:p@h/v1", "remove the user and password from the URL; put the key in api_key"),
            (
                "https://a.openai.azure.com/openai/deployments/x/chat/completions",
                "add ?api-version=2024-10-21 (or the version your deployment needs)",
            ),
            (
                "http://h/v1/embeddings",
                "\"/embeddings\" makes no text; use /chat/completions, /completions or /responses",
            ),
            ("http://", "not a URL: empty host"),
            ("http://h:99999/v1", "not a URL: invalid port number"),
        ] {
            assert_eq!(called(typed, Provider::Other), problem, "{typed}");
        }
    }
}
