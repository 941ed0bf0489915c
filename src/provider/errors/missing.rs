//! What exactly does not exist, where a server says 404: people confuse the five.

use super::told::{Shape, Told};
use crate::domain::{Endpoint, UrlForm};

/// What does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The deployment of an Azure resource.
    Deployment,
    /// The model.
    Model,
    /// The api-version, or this operation in it.
    ApiVersion,
    /// The path.
    Path,
}

/// Reads what does not exist from the body of a refusal.
pub fn missing(body: &str, endpoint: &Endpoint) -> Missing {
    let told = Told::read(body);
    let text = told.message.to_lowercase();
    let code = told.code.as_deref().unwrap_or_default();
    let dated = matches!(endpoint.form, UrlForm::AzureDeployment { .. });
    let is_json = told.shape == Shape::Json;
    if code.eq_ignore_ascii_case("DeploymentNotFound") || (dated && is_json && text.contains("deployment")) {
        Missing::Deployment
    } else if text.contains("api version") || text.contains("api-version") {
        Missing::ApiVersion
    } else if is_json && text.contains("model") {
        Missing::Model
    } else if dated && is_json && text.contains("resource not found") {
        Missing::ApiVersion
    } else {
        Missing::Path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Provider;

    #[test]
    fn the_four_are_told_apart() {
        let dated = "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21";
        let dated = Endpoint::read(dated, Provider::AzureOpenAi).expect("a URL");
        let plain = Endpoint::read("http://h/v1", Provider::Other).expect("a URL");
        let cases = [
            (&dated, r#"{"error":{"code":"DeploymentNotFound","message":"no"}}"#, Missing::Deployment),
            (&dated, r#"{"error":{"code":"404","message":"Resource not found"}}"#, Missing::ApiVersion),
            (&dated, r#"{"error":{"message":"Unsupported api version"}}"#, Missing::ApiVersion),
            (&plain, r#"{"error":{"message":"The model 'x' does not exist"}}"#, Missing::Model),
            (&plain, r#"{"error":{"message":"Not Found"}}"#, Missing::Path),
            (&plain, "<html>no model here</html>", Missing::Path),
        ];
        for (endpoint, body, expected) in cases {
            assert_eq!(missing(body, endpoint), expected, "{body}");
        }
    }
}
