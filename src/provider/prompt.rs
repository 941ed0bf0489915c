//! Bodies made for a person: the one a test starts with, and the one a prompt becomes.

use serde_json::{Map, Value, json};

use crate::domain::{EndpointKind, Provider};

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
}
