//! Which endpoint a path means, in the form of `OpenAI` and the two of Azure.

use hyper::Uri;

use crate::domain::EndpointKind;

/// Whose habits an answer follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    OpenAi,
    Azure,
}

/// An endpoint that makes text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) kind: EndpointKind,
    pub(super) dialect: Dialect,
    /// Azure's dated form names the model in the path.
    pub(super) deployment: Option<String>,
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Generate(Route),
    Models(Dialect),
    /// Where Entra ID hands out tokens.
    Token,
    /// A path below a known base: the provider's own error.
    Unknown(Dialect),
    /// A path below no known base: the text of a web server that has never heard of it.
    Nowhere,
}

impl Target {
    pub(super) fn of(uri: &Uri) -> Self {
        let segments: Vec<&str> = uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
        match segments.as_slice() {
            ["v1", rest @ ..] => undated(rest, Dialect::OpenAi),
            ["openai", "v1", rest @ ..] => undated(rest, Dialect::Azure),
            ["openai", rest @ ..] if has_version(uri) => dated(rest),
            ["openai", ..] => Self::Unknown(Dialect::Azure),
            [_tenant, "oauth2", "v2.0", "token"] => Self::Token,
            _ => Self::Nowhere,
        }
    }

    /// The habits an error at this path follows.
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Generate(route) => route.dialect,
            Self::Models(dialect) | Self::Unknown(dialect) => *dialect,
            Self::Token => Dialect::Azure,
            Self::Nowhere => Dialect::OpenAi,
        }
    }
}

fn undated(rest: &[&str], dialect: Dialect) -> Target {
    if rest == ["models"] {
        return Target::Models(dialect);
    }
    kind_of(rest).map_or(Target::Unknown(dialect), |kind| Target::Generate(Route { kind, dialect, deployment: None }))
}

fn dated(rest: &[&str]) -> Target {
    let dialect = Dialect::Azure;
    match rest {
        ["models"] => Target::Models(dialect),
        ["responses"] => Target::Generate(Route { kind: EndpointKind::Responses, dialect, deployment: None }),
        ["deployments", name, rest @ ..] => match kind_of(rest) {
            Some(kind @ (EndpointKind::ChatCompletions | EndpointKind::Completions)) => {
                Target::Generate(Route { kind, dialect, deployment: Some((*name).to_owned()) })
            }
            Some(EndpointKind::Responses) | None => Target::Unknown(dialect),
        },
        _ => Target::Unknown(dialect),
    }
}

fn kind_of(rest: &[&str]) -> Option<EndpointKind> {
    match rest {
        ["chat", "completions"] => Some(EndpointKind::ChatCompletions),
        ["completions"] => Some(EndpointKind::Completions),
        ["responses"] => Some(EndpointKind::Responses),
        _ => None,
    }
}

fn has_version(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "api-version" && !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &'static str) -> Target {
        Target::of(&Uri::from_static(path))
    }

    fn generate(kind: EndpointKind, dialect: Dialect, deployment: Option<&str>) -> Target {
        Target::Generate(Route { kind, dialect, deployment: deployment.map(str::to_owned) })
    }

    #[test]
    fn the_three_endpoints_live_below_v1() {
        let openai = |kind| generate(kind, Dialect::OpenAi, None);
        assert_eq!(target("/v1/chat/completions"), openai(EndpointKind::ChatCompletions));
        assert_eq!(target("/v1/completions"), openai(EndpointKind::Completions));
        assert_eq!(target("/v1/responses"), openai(EndpointKind::Responses));
        assert_eq!(target("/v1/models"), Target::Models(Dialect::OpenAi));
    }

    #[test]
    fn azure_v1_needs_no_version() {
        let expected = generate(EndpointKind::ChatCompletions, Dialect::Azure, None);
        assert_eq!(target("/openai/v1/chat/completions"), expected);
        assert_eq!(target("/openai/v1/chat/completions?api-version=preview"), expected);
    }

    #[test]
    fn azure_dated_needs_a_version() {
        let expected = generate(EndpointKind::ChatCompletions, Dialect::Azure, Some("gpt"));
        assert_eq!(target("/openai/deployments/gpt/chat/completions?api-version=2024-10-21"), expected);
        assert_eq!(target("/openai/deployments/gpt/chat/completions"), Target::Unknown(Dialect::Azure));
        assert_eq!(target("/openai/responses?api-version="), Target::Unknown(Dialect::Azure));
        let responses = generate(EndpointKind::Responses, Dialect::Azure, None);
        assert_eq!(target("/openai/responses?api-version=2025-03-01-preview"), responses);
    }

    #[test]
    fn responses_are_no_route_of_a_deployment() {
        assert_eq!(target("/openai/deployments/gpt/responses?api-version=1"), Target::Unknown(Dialect::Azure));
    }

    #[test]
    fn a_base_without_its_version_leads_nowhere() {
        assert_eq!(target("/chat/completions"), Target::Nowhere);
        assert_eq!(target("/"), Target::Nowhere);
        assert_eq!(target("/contoso.com/oauth2/v2.0/token"), Target::Token);
        assert_eq!(target("/v1/embeddings"), Target::Unknown(Dialect::OpenAi));
    }
}
