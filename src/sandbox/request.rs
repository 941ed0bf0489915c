//! Reads a request's body: what is asked for, or what is wrong with it.

use serde_json::Value;

use crate::domain::EndpointKind;

use super::route::Route;
use super::script;

/// How the answer is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Streamed,
    Whole,
}

/// Whether the answer tells its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsageShown {
    Shown,
    Hidden,
}

/// What a well-formed body asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    /// The body's model, or the deployment of the path.
    pub(super) model: String,
    pub(super) mode: Mode,
    pub(super) usage: UsageShown,
    /// The most tokens the reply may have.
    pub(super) limit: Option<usize>,
    pub(super) prompt_tokens: u64,
    /// The text of the last user message, the prompt or the input.
    pub(super) said: String,
}

/// Why a body cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    NotJson(String),
    NotObject,
    Missing(&'static str),
    Wrong {
        param: &'static str,
        expected: &'static str,
    },
    /// `stream_options` makes sense only for a stream.
    OptionsWithoutStream,
}

/// Reads a body sent to a route.
pub(super) fn read(body: &[u8], route: &Route) -> Result<Ask, Problem> {
    let value: Value = serde_json::from_slice(body).map_err(|error| Problem::NotJson(error.to_string()))?;
    if !value.is_object() {
        return Err(Problem::NotObject);
    }
    let model = model(&value, route)?;
    let input = input(&value, route.kind)?;
    let mode = mode(&value)?;
    Ok(Ask {
        model,
        mode,
        usage: usage(&value, mode, route.kind)?,
        limit: limit(&value)?,
        prompt_tokens: count(input),
        said: said(input),
    })
}

/// A field that is there and not null.
fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.get(name).filter(|field| !field.is_null())
}

fn model(value: &Value, route: &Route) -> Result<String, Problem> {
    if let Some(deployment) = &route.deployment {
        return Ok(deployment.clone());
    }
    let wrong = Problem::Wrong { param: "model", expected: "a string that is not empty" };
    match field(value, "model") {
        None => Err(Problem::Missing("model")),
        Some(model) => model.as_str().filter(|model| !model.trim().is_empty()).map(str::to_owned).ok_or(wrong),
    }
}

fn input(value: &Value, kind: EndpointKind) -> Result<&Value, Problem> {
    let name = match kind {
        EndpointKind::ChatCompletions => "messages",
        EndpointKind::Completions => "prompt",
        EndpointKind::Responses => "input",
    };
    let input = field(value, name).ok_or(Problem::Missing(name))?;
    let right = match kind {
        EndpointKind::ChatCompletions => input.as_array().is_some_and(|messages| !messages.is_empty()),
        EndpointKind::Completions | EndpointKind::Responses => input.is_string() || input.is_array(),
    };
    let expected = match kind {
        EndpointKind::ChatCompletions => "an array of at least one message",
        EndpointKind::Completions | EndpointKind::Responses => "a string or an array",
    };
    if right { Ok(input) } else { Err(Problem::Wrong { param: name, expected }) }
}

fn mode(value: &Value) -> Result<Mode, Problem> {
    match field(value, "stream") {
        None | Some(Value::Bool(false)) => Ok(Mode::Whole),
        Some(Value::Bool(true)) => Ok(Mode::Streamed),
        Some(_other) => Err(Problem::Wrong { param: "stream", expected: "true or false" }),
    }
}

fn usage(value: &Value, mode: Mode, kind: EndpointKind) -> Result<UsageShown, Problem> {
    let options = field(value, "stream_options");
    if mode == Mode::Whole {
        return if options.is_some() { Err(Problem::OptionsWithoutStream) } else { Ok(UsageShown::Shown) };
    }
    let asked = options.and_then(|options| options.get("include_usage")).and_then(Value::as_bool);
    Ok(match (kind, asked) {
        (EndpointKind::Responses, _) | (_, Some(true)) => UsageShown::Shown,
        (EndpointKind::ChatCompletions | EndpointKind::Completions, Some(false) | None) => UsageShown::Hidden,
    })
}

const LIMITS: [&str; 3] = ["max_completion_tokens", "max_output_tokens", "max_tokens"];

fn limit(value: &Value) -> Result<Option<usize>, Problem> {
    let Some((param, limit)) = LIMITS.iter().find_map(|name| field(value, name).map(|limit| (*name, limit))) else {
        return Ok(None);
    };
    let whole = limit.as_u64().filter(|limit| *limit > 0).and_then(|limit| usize::try_from(limit).ok());
    whole.map(Some).ok_or(Problem::Wrong { param, expected: "a whole number above 0" })
}

/// Every string of the input counts, and each part of it a little more, as chat templates do.
fn count(input: &Value) -> u64 {
    match input {
        Value::String(text) => script::tokens(text).count() as u64,
        Value::Array(parts) => parts.iter().map(|part| 3 + count(part)).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// The last thing the user said: a string itself, else the last entry that is not of another role.
fn said(input: &Value) -> String {
    match input {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().rev().find(|part| is_users(part)).map(text_of).unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn is_users(part: &Value) -> bool {
    part.is_string() || part.get("role").and_then(Value::as_str) == Some("user")
}

fn text_of(part: &Value) -> String {
    match part {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of).collect::<Vec<_>>().join(" "),
        Value::Object(fields) => fields.get("content").or_else(|| fields.get("text")).map(text_of).unwrap_or_default(),
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::route::Dialect;

    fn route(kind: EndpointKind) -> Route {
        Route { kind, dialect: Dialect::OpenAi, deployment: None }
    }

    fn chat(value: &Value) -> Result<Ask, Problem> {
        read(value.to_string().as_bytes(), &route(EndpointKind::ChatCompletions))
    }

    fn hello() -> Value {
        json!([{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello world"}])
    }

    #[test]
    fn a_plain_chat_body_is_read() {
        let ask = chat(&json!({"model": "m", "messages": hello()})).unwrap();
        assert_eq!((ask.model.as_str(), ask.mode, ask.usage), ("m", Mode::Whole, UsageShown::Shown));
        assert_eq!(ask.said, "Hello world");
        assert!(ask.prompt_tokens > 4, "{}", ask.prompt_tokens);
    }

    #[test]
    fn a_stream_tells_its_tokens_only_when_asked() {
        let plain = chat(&json!({"model": "m", "messages": hello(), "stream": true})).unwrap();
        assert_eq!((plain.mode, plain.usage), (Mode::Streamed, UsageShown::Hidden));
        let asked =
            json!({"model": "m", "messages": hello(), "stream": true, "stream_options": {"include_usage": true}});
        assert_eq!(chat(&asked).unwrap().usage, UsageShown::Shown);
    }

    #[test]
    fn responses_always_tell_their_tokens() {
        let body = json!({"model": "m", "input": "Hi", "stream": true}).to_string();
        let ask = read(body.as_bytes(), &route(EndpointKind::Responses)).unwrap();
        assert_eq!((ask.usage, ask.said.as_str()), (UsageShown::Shown, "Hi"));
    }

    #[test]
    fn stream_options_need_a_stream() {
        let body = json!({"model": "m", "messages": hello(), "stream_options": {"include_usage": true}});
        assert_eq!(chat(&body), Err(Problem::OptionsWithoutStream));
    }

    #[test]
    fn each_missing_or_wrong_field_is_named() {
        assert_eq!(chat(&json!({"messages": hello()})), Err(Problem::Missing("model")));
        assert_eq!(chat(&json!({"model": null, "messages": hello()})), Err(Problem::Missing("model")));
        assert_eq!(chat(&json!({"model": "m"})), Err(Problem::Missing("messages")));
        assert!(matches!(chat(&json!({"model": "m", "messages": []})), Err(Problem::Wrong { param: "messages", .. })));
        let stream = json!({"model": "m", "messages": hello(), "stream": "yes"});
        assert!(matches!(chat(&stream), Err(Problem::Wrong { param: "stream", .. })));
        let limit = json!({"model": "m", "messages": hello(), "max_tokens": 0});
        assert!(matches!(chat(&limit), Err(Problem::Wrong { param: "max_tokens", .. })));
    }

    #[test]
    fn what_is_not_a_json_object_is_refused() {
        let route = route(EndpointKind::ChatCompletions);
        assert!(matches!(read(b"{\"model\":", &route), Err(Problem::NotJson(_))));
        assert_eq!(read(b"[]", &route), Err(Problem::NotObject));
    }

    #[test]
    fn a_deployment_stands_for_the_model() {
        let route = Route { deployment: Some("gpt".into()), ..route(EndpointKind::ChatCompletions) };
        let body = json!({"model": "other", "messages": hello()}).to_string();
        assert_eq!(read(body.as_bytes(), &route).unwrap().model, "gpt");
    }

    #[test]
    fn parts_of_a_message_are_joined() {
        let messages =
            json!([{"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]}]);
        assert_eq!(chat(&json!({"model": "m", "messages": messages})).unwrap().said, "One two");
    }
}
