//! The body of a request as text: what one starts with, and whether it can be sent.

use serde_json::{Map, Value, json};

use super::{BodyFacts, BodyProblem};
use crate::domain::{EndpointKind, Provider};

/// The body a test starts with: one user message, and the model where the provider always needs it.
pub(crate) fn prefilled(kind: EndpointKind, provider: Provider, default_model: Option<&str>) -> String {
    let mut body = Map::new();
    let model = default_model.filter(|model| provider == Provider::Other && !model.is_empty());
    if let Some(model) = model {
        body.insert("model".to_owned(), Value::from(model));
    }
    let (key, value) = match kind {
        EndpointKind::ChatCompletions => ("messages", json!([{ "role": "user", "content": "Hello world" }])),
        EndpointKind::Completions => ("prompt", json!("Hello world")),
        EndpointKind::Responses => ("input", json!("Hello world")),
    };
    body.insert(key.to_owned(), value);
    format!("{:#}", Value::Object(body))
}

/// What a body says, or where it breaks.
pub(super) fn check(text: &str) -> Result<BodyFacts, BodyProblem> {
    let at_start = |message: &str| BodyProblem { line: 1, column: 1, message: message.to_owned() };
    if text.trim().is_empty() {
        return Err(at_start("the body is empty; it must be a JSON object, {…}"));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(body)) => {
            Ok(BodyFacts { model: body.get("model").and_then(Value::as_str).map(str::to_owned) })
        }
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            Err(at_start("the body must be a JSON object, {…}"))
        }
        Err(error) => Err(problem(text, &error)),
    }
}

/// The reader counts columns in bytes; a person counts characters.
fn problem(text: &str, error: &serde_json::Error) -> BodyProblem {
    let line = error.line().max(1);
    let content = text.split('\n').nth(line - 1).unwrap_or_default();
    let before = content.floor_char_boundary(error.column().saturating_sub(1));
    let column = content.get(..before).unwrap_or_default().chars().count() + 1;
    let told = error.to_string();
    let message = told.rsplit_once(" at line ").map_or(told.as_str(), |(message, _)| message).to_owned();
    BodyProblem { line, column, message }
}
