//! Errors, in the words and shapes of the two providers.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::behaviour::Fault;
use super::request::Problem;
use super::route::Dialect;

/// What an error says, and in which form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ErrorBody {
    Json(Value),
    Text(&'static str),
}

/// An answer that is an error.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) body: ErrorBody,
    pub(super) headers: Vec<(&'static str, &'static str)>,
}

impl Refused {
    pub(super) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body: ErrorBody::Json(body), headers: Vec::new() }
    }

    fn with(mut self, headers: &[(&'static str, &'static str)]) -> Self {
        self.headers.extend_from_slice(headers);
        self
    }

    /// The plain text of a web server that knows no such path.
    pub(super) fn nowhere() -> Self {
        let body = ErrorBody::Text("404 page not found\n");
        Self { status: StatusCode::NOT_FOUND, body, headers: Vec::new() }
    }

    /// A path below a known base.
    pub(super) fn unknown(dialect: Dialect, method: &str, path: &str) -> Self {
        let body = match dialect {
            Dialect::OpenAi => {
                openai("invalid_request_error", Some("unknown_url"), None, &format!("Unknown URL: {method} {path}."))
            }
            Dialect::Azure => azure("404", "Resource not found"),
        };
        Self::new(StatusCode::NOT_FOUND, body)
    }

    /// The path is right, the method is not.
    pub(super) fn method(dialect: Dialect, allowed: &'static str) -> Self {
        let message = format!("Only {allowed} is understood here.");
        let body = match dialect {
            Dialect::OpenAi => openai("invalid_request_error", Some("method_not_supported"), None, &message),
            Dialect::Azure => azure("405", &message),
        };
        Self::new(StatusCode::METHOD_NOT_ALLOWED, body).with(&[("allow", allowed)])
    }

    /// No key, or a wrong one. Part of a wrong key is repeated, as providers do.
    pub(super) fn key(dialect: Dialect, key: Option<&str>) -> Self {
        let (code, message) = match key {
            None => (None, "You did not send an API key. Send it as a Bearer token or as api-key.".to_owned()),
            Some(key) => {
                (Some("invalid_api_key"), format!("Incorrect API key: {}. The key is sandbox-key.", part(key)))
            }
        };
        let body = match dialect {
            Dialect::OpenAi => openai("invalid_request_error", code, None, &message),
            Dialect::Azure => azure("401", &format!("Access denied. {message}")),
        };
        Self::new(StatusCode::UNAUTHORIZED, body)
    }

    /// More bytes than the sandbox reads.
    pub(super) fn too_large(dialect: Dialect) -> Self {
        let message = "The request body is larger than the sandbox reads.";
        let body = match dialect {
            Dialect::OpenAi => openai("invalid_request_error", Some("request_too_large"), None, message),
            Dialect::Azure => azure("413", message),
        };
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, body)
    }

    /// A body that cannot be answered.
    pub(super) fn problem(problem: &Problem) -> Self {
        let kind = "invalid_request_error";
        let body = match problem {
            Problem::NotJson(why) => openai(kind, None, None, &format!("The body could not be read as JSON: {why}")),
            Problem::NotObject => openai(kind, None, None, "The body must be a JSON object."),
            Problem::Missing(param) => openai(
                kind,
                Some("missing_required_parameter"),
                Some(param),
                &format!("Missing required parameter: '{param}'."),
            ),
            Problem::Wrong { param, expected } => {
                openai(kind, Some("invalid_type"), Some(param), &format!("Invalid '{param}': expected {expected}."))
            }
            Problem::OptionsWithoutStream => openai(
                kind,
                Some("invalid_value"),
                Some("stream_options"),
                "'stream_options' is only allowed when 'stream' is true.",
            ),
        };
        Self::new(StatusCode::BAD_REQUEST, body)
    }

    /// The error a behaviour stands for.
    pub(super) fn fault(fault: Fault, dialect: Dialect, model: &str, key: Option<&str>) -> Self {
        match (fault, dialect) {
            (Fault::RateLimit, _) => rate_limit(dialect),
            (Fault::Quota, _) => quota(dialect),
            (Fault::Unauthorized, _) => Self::key(dialect, Some(key.unwrap_or("none-was-sent"))),
            (Fault::NotFound, _) => not_found(dialect, model),
            (Fault::ServerError, Dialect::OpenAi) => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                openai("server_error", None, None, "The server had an error while it worked on your request."),
            ),
            (Fault::ServerError, Dialect::Azure) => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                azure("InternalServerError", "The service could not complete the request. Please retry."),
            ),
            (Fault::ContextLength, _) => Self::new(
                StatusCode::BAD_REQUEST,
                openai(
                    "invalid_request_error",
                    Some("context_length_exceeded"),
                    Some("messages"),
                    "The context of this model is 4096 tokens long; your messages take 5012. Shorten them.",
                ),
            ),
            (Fault::ContentFilter, _) => content_filter(),
        }
    }
}

fn rate_limit(dialect: Dialect) -> Refused {
    let (body, reset) = match dialect {
        Dialect::OpenAi => (
            openai("requests", Some("rate_limit_exceeded"), None, "Rate limit reached for requests. Try again in 2s."),
            "2s",
        ),
        Dialect::Azure => (
            azure("429", "Requests to this operation have exceeded the rate limit. Please retry after 2 seconds."),
            "2",
        ),
    };
    Refused::new(StatusCode::TOO_MANY_REQUESTS, body).with(&[
        ("retry-after", "2"),
        ("x-ratelimit-limit-requests", "60"),
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", reset),
        ("x-ratelimit-limit-tokens", "60000"),
        ("x-ratelimit-remaining-tokens", "59000"),
        ("x-ratelimit-reset-tokens", reset),
    ])
}

fn quota(dialect: Dialect) -> Refused {
    let message = "You have used up your quota. Check your plan and your billing.";
    let body = match dialect {
        Dialect::OpenAi => openai("insufficient_quota", Some("insufficient_quota"), None, message),
        Dialect::Azure => azure("insufficient_quota", message),
    };
    Refused::new(StatusCode::TOO_MANY_REQUESTS, body)
}

fn not_found(dialect: Dialect, model: &str) -> Refused {
    let body = match dialect {
        Dialect::OpenAi => openai(
            "invalid_request_error",
            Some("model_not_found"),
            Some("model"),
            &format!("The model '{model}' does not exist or you have no access to it."),
        ),
        Dialect::Azure => azure("DeploymentNotFound", "There is no such deployment of this resource."),
    };
    Refused::new(StatusCode::NOT_FOUND, body)
}

/// Azure's own shape at both providers: the other has none.
fn content_filter() -> Refused {
    let result = json!({"hate": {"filtered": false, "severity": "safe"},
        "self_harm": {"filtered": false, "severity": "safe"},
        "sexual": {"filtered": false, "severity": "safe"},
        "violence": {"filtered": true, "severity": "high"}});
    let body = json!({"error": {
        "message": "The prompt was stopped by the content filter. Change it and try again.",
        "type": null, "param": "prompt", "code": "content_filter", "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": result}}});
    Refused::new(StatusCode::BAD_REQUEST, body)
}

fn openai(kind: &str, code: Option<&str>, param: Option<&str>, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "param": param, "code": code}})
}

fn azure(code: &str, message: &str) -> Value {
    json!({"error": {"code": code, "message": message}})
}

/// The beginning and the end of a key, or the whole of a short one.
fn part(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    match (characters.get(..8), characters.len().checked_sub(4).and_then(|from| characters.get(from..))) {
        (Some(start), Some(end)) if characters.len() > 12 => {
            format!("{}****{}", start.iter().collect::<String>(), end.iter().collect::<String>())
        }
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_a_wrong_key_is_repeated() {
        assert_eq!(part("sk-abcdefghijklmnop"), "sk-abcde****mnop");
        assert_eq!(part("short"), "short");
    }

    #[test]
    fn the_two_providers_shape_errors_apart() {
        let openai = Refused::fault(Fault::NotFound, Dialect::OpenAi, "gone", None);
        let azure = Refused::fault(Fault::NotFound, Dialect::Azure, "gone", None);
        let (ErrorBody::Json(openai), ErrorBody::Json(azure)) = (openai.body, azure.body) else { panic!("text") };
        assert_eq!(openai["error"]["code"], "model_not_found");
        assert_eq!(azure["error"]["code"], "DeploymentNotFound");
        assert!(azure["error"].get("type").is_none());
    }
}
