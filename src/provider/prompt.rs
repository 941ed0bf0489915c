//! Bodies made for a person: the one a test starts with, and the one a prompt becomes.

use serde_json::{Map, Value, json};

use crate::domain::{Connector, Endpoint, EndpointKind, Provider, UrlForm};

/// The body a test starts with: one user message, and the model where the provider always needs it.
pub fn prefilled_body(kind: EndpointKind, provider: Provider, default_model: Option<&str>) -> String {
    let model = match provider {
        Provider::Other => default_model,
        Provider::OpenAi | Provider::AzureOpenAi => None,
    };
    body_for_prompt(kind, "Hello world", model)
}

/// The body that asks one thing, in the shape of the endpoint.
pub fn body_for_prompt(kind: EndpointKind, prompt: &str, model: Option<&str>) -> String {
    let mut body = Map::new();
    if let Some(model) = model.filter(|model| !model.is_empty()) {
        body.insert("model".to_owned(), Value::from(model));
    }
    let (key, value) = match kind {
        EndpointKind::ChatCompletions => ("messages", json!([{ "role": "user", "content": prompt }])),
        EndpointKind::Completions => ("prompt", json!(prompt)),
        EndpointKind::Responses => ("input", json!(prompt)),
    };
    body.insert(key.to_owned(), value);
    // `{:#}` of a value is its pretty form and cannot fail.
    format!("{:#}", Value::Object(body))
}

/// Tokens a check asks for at most: enough to see a stream come in pieces, and hardly worth a price.
const CHECK_TOKENS: u64 = 48;
/// The first api-version of Azure's that knows `max_completion_tokens`.
const NEW_LIMIT_SINCE: &str = "2024-09-01";

/// The body of a short call that checks an endpoint: a few words, in the shape of the endpoint, with a low limit.
pub fn body_for_check(connector: &Connector, endpoint: &Endpoint) -> String {
    let model = match connector.provider {
        Provider::Other => connector.default_model.as_deref(),
        Provider::OpenAi | Provider::AzureOpenAi => None,
    };
    let body = body_for_prompt(endpoint.kind, "Count from one to twenty, in words.", model);
    let Ok(Value::Object(mut body)) = serde_json::from_str::<Value>(&body) else { return body };
    body.insert(limit_key(connector.provider, endpoint).to_owned(), Value::from(CHECK_TOKENS));
    format!("{:#}", Value::Object(body))
}

/// Newer models refuse `max_tokens`; other servers and old versions know nothing else.
fn limit_key(provider: Provider, endpoint: &Endpoint) -> &'static str {
    let knows_new = match (provider, &endpoint.form) {
        (Provider::AzureOpenAi, UrlForm::AzureDeployment { api_version, .. }) => {
            api_version.as_str() >= NEW_LIMIT_SINCE
        }
        (Provider::OpenAi | Provider::AzureOpenAi, _) => true,
        (Provider::Other, _) => false,
    };
    match (endpoint.kind, knows_new) {
        (EndpointKind::Responses, _) => "max_output_tokens",
        (EndpointKind::ChatCompletions, true) => "max_completion_tokens",
        (EndpointKind::ChatCompletions, false) | (EndpointKind::Completions, _) => "max_tokens",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_starts_with_hello_world_in_the_shape_of_its_endpoint() {
        let chat = prefilled_body(EndpointKind::ChatCompletions, Provider::OpenAi, Some("gpt"));
        let expected =
            "{\n  \"messages\": [\n    {\n      \"role\": \"user\",\n      \"content\": \"Hello world\"\n    }\n  ]\n}";
        assert_eq!(chat, expected);
        let legacy = prefilled_body(EndpointKind::Completions, Provider::Other, Some("llama"));
        assert_eq!(legacy, "{\n  \"model\": \"llama\",\n  \"prompt\": \"Hello world\"\n}");
        let responses = prefilled_body(EndpointKind::Responses, Provider::AzureOpenAi, None);
        assert_eq!(responses, "{\n  \"input\": \"Hello world\"\n}");
    }

    #[test]
    fn a_prompt_is_escaped() {
        let body = body_for_prompt(EndpointKind::Completions, "say \"hi\"\n", None);
        assert_eq!(body, "{\n  \"prompt\": \"say \\\"hi\\\"\\n\"\n}");
    }

    #[test]
    fn a_check_limits_its_tokens_by_the_name_the_server_knows() {
        let named = |provider, url: &str| {
            let connector = crate::provider::testing::connector(provider, url);
            let endpoint = Endpoint::read(url, provider).expect("a URL");
            let body: Value = serde_json::from_str(&body_for_check(&connector, &endpoint)).expect("JSON");
            body.as_object().expect("an object").keys().find(|key| key.starts_with("max")).cloned()
        };
        let azure = |version: &str| {
            let url = format!("https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version={version}");
            named(Provider::AzureOpenAi, &url)
        };
        assert_eq!(azure("2024-10-21").as_deref(), Some("max_completion_tokens"));
        assert_eq!(azure("2024-06-01").as_deref(), Some("max_tokens"));
        assert_eq!(named(Provider::Other, "http://h/v1").as_deref(), Some("max_tokens"));
        assert_eq!(named(Provider::OpenAi, "https://h/v1/responses").as_deref(), Some("max_output_tokens"));
    }
}
