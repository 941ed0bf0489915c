//! The shapes errors come in, read into one.

use serde_json::{Map, Value};

/// What the text around an error was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// JSON of any shape.
    #[default]
    Json,
    /// A web page.
    Html,
    /// Other text.
    Plain,
    /// Nothing at all.
    Empty,
}

/// What a server told about an error. Its texts are hostile: mask and clean them before they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// What happened, in the server's words; empty where it gave none.
    pub message: String,
    /// `code`, a number as its digits.
    pub code: Option<String>,
    /// `type`, or Gemini's `status` word.
    pub class: Option<String>,
    /// The field of the request that is at fault.
    pub param: Option<String>,
    /// A status named inside the error.
    pub status: Option<u16>,
    /// Categories of a content filter that were hit.
    pub filtered: Vec<String>,
    /// Tokens the prompt has and the model can hold, where stated.
    pub context: Option<(u64, u64)>,
    /// Seconds to wait that the body itself names, as written.
    pub retry_delay: Option<String>,
    /// What the text was.
    pub shape: Shape,
}

impl Told {
    /// Reads a whole body.
    pub fn read(body: &str) -> Self {
        let body = body.trim_start_matches('\u{FEFF}').trim();
        if body.is_empty() {
            return Self { shape: Shape::Empty, ..Self::default() };
        }
        if let Ok(value) = serde_json::from_str::<Value>(body) {
            return Self::from_json(&value);
        }
        if looks_like_html(body) {
            return Self { message: html_text(body), shape: Shape::Html, ..Self::default() };
        }
        let message = body.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { message, shape: Shape::Plain, ..Self::default() }
    }

    /// Reads an error, or the object or array around one.
    pub fn from_json(value: &Value) -> Self {
        match value {
            Value::Array(items) => items.first().map(Self::from_json).unwrap_or_default(),
            Value::Object(object) => Self::from_object(object),
            Value::String(text) => Self { message: text.clone(), ..Self::default() },
            Value::Null | Value::Bool(_) | Value::Number(_) => Self { message: value.to_string(), ..Self::default() },
        }
    }

    fn from_object(object: &Map<String, Value>) -> Self {
        let outer = Self::from_fields(object);
        let inner = match object.get("error").filter(|error| is_error(error)) {
            Some(Value::Object(error)) => Self::from_fields(error).or_whole(error),
            Some(Value::String(error)) if !outer.message.is_empty() => {
                Self { code: Some(error.clone()), ..Self::default() }
            }
            Some(Value::Bool(_) | Value::Number(_)) if !outer.message.is_empty() => Self::default(),
            Some(error) => Self::from_json(error),
            None => match object.get("errors") {
                Some(errors) if is_error(errors) => Self::from_json(errors),
                Some(_) | None if outer.message.is_empty() => outer.clone().or_whole(object),
                Some(_) | None => Self::default(),
            },
        };
        inner.or(outer)
    }

    fn from_fields(object: &Map<String, Value>) -> Self {
        let code = text(object, "code");
        let status = [code.as_deref(), text(object, "status").as_deref(), text(object, "statusCode").as_deref()]
            .into_iter()
            .flatten()
            .find_map(status_of);
        let details = object.get("message").and_then(|message| message.get("detail")).or_else(|| object.get("detail"));
        Self {
            message: message_of(object, details),
            class: text(object, "type").or_else(|| text(object, "status")).filter(|word| status_of(word).is_none()),
            param: text(object, "param").or_else(|| details.and_then(field_of)),
            filtered: filtered(object),
            context: context(object),
            retry_delay: object.get("details").and_then(retry_delay),
            status,
            code,
            shape: Shape::Json,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            message: if self.message.is_empty() { other.message } else { self.message },
            code: self.code.or(other.code),
            class: self.class.or(other.class),
            param: self.param.or(other.param),
            status: self.status.or(other.status),
            filtered: if self.filtered.is_empty() { other.filtered } else { self.filtered },
            context: self.context.or(other.context),
            retry_delay: self.retry_delay.or(other.retry_delay),
            shape: self.shape,
        }
    }

    /// An error that explains itself in no known field is shown as it is.
    fn or_whole(self, object: &Map<String, Value>) -> Self {
        if !self.message.is_empty() || object.is_empty() {
            return self;
        }
        let message = serde_json::to_string(object).unwrap_or_default();
        Self { message, ..self }
    }
}

/// True where an `error` key means an error: clients of the field take null, false and nothing as none.
pub(in crate::provider) fn is_error(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
    }
}

/// A word or number as text. Some gateways write Python's `None` for nothing.
fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::String(text) if text.is_empty() || text == "None" || text == "null" => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn status_of(word: impl AsRef<str>) -> Option<u16> {
    word.as_ref().parse().ok().filter(|status| (400..600).contains(status))
}

fn message_of(object: &Map<String, Value>, details: Option<&Value>) -> String {
    let message = text(object, "message").or_else(|| text(object, "error_description")).or_else(|| {
        let message = object.get("message").and_then(|message| message.get("message"));
        message.and_then(Value::as_str).map(str::to_owned)
    });
    let message = message.or_else(|| details.map(detail_text)).unwrap_or_default();
    let raw = object.get("metadata").and_then(|metadata| metadata.get("raw")).and_then(Value::as_str);
    match raw {
        Some(raw) if !raw.is_empty() => format!("{message}: {raw}"),
        Some(_) | None => message,
    }
}

/// A validator's findings: `[{"loc":["body","model"],"msg":"Field required"}]`.
fn detail_text(detail: &Value) -> String {
    match detail {
        Value::Array(items) => items.iter().take(5).map(detail_text).collect::<Vec<_>>().join("; "),
        Value::Object(object) => {
            let message = text(object, "msg").or_else(|| text(object, "message")).unwrap_or_default();
            field_of(detail).map_or_else(|| message.clone(), |field| format!("{field}: {message}"))
        }
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) => detail.to_string(),
    }
}

/// The field a validator points at: the last name of `loc`.
fn field_of(detail: &Value) -> Option<String> {
    match detail {
        Value::Array(items) => items.first().and_then(field_of),
        Value::Object(object) => {
            let names = object.get("loc")?.as_array()?;
            names.iter().rev().find_map(Value::as_str).filter(|name| *name != "body").map(str::to_owned)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Categories that a content filter's result marks as filtered.
fn filtered(object: &Map<String, Value>) -> Vec<String> {
    let inner = object.get("innererror").and_then(Value::as_object).unwrap_or(object);
    ["content_filter_result", "content_filter_results"]
        .into_iter()
        .filter_map(|key| inner.get(key))
        .flat_map(filtered_categories)
        .collect()
}

/// Names of the categories that say `"filtered": true`.
pub(in crate::provider) fn filtered_categories(results: &Value) -> Vec<String> {
    let Some(results) = results.as_object() else { return Vec::new() };
    let hit = |result: &Value| result.get("filtered").and_then(Value::as_bool) == Some(true);
    results.iter().filter(|(_, result)| hit(result)).map(|(name, _)| name.clone()).take(10).collect()
}

fn context(object: &Map<String, Value>) -> Option<(u64, u64)> {
    let number = |key: &str| object.get(key).and_then(Value::as_u64);
    Some((number("n_prompt_tokens")?, number("n_ctx")?))
}

fn retry_delay(details: &Value) -> Option<String> {
    details.as_array()?.iter().find_map(|detail| detail.get("retryDelay")?.as_str().map(str::to_owned))
}

/// True for a web page, by its first bytes.
pub(in crate::provider) fn looks_like_html(body: &str) -> bool {
    let start: String = body.trim_start().chars().take(200).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype")
        || start.starts_with("<html")
        || start.starts_with("<head")
        || start.starts_with("<h")
        || (start.starts_with('<') && start.contains("<html"))
}

/// The words of a web page: tags, scripts and styles left out.
pub(in crate::provider) fn html_text(page: &str) -> String {
    let mut words = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        rest = after_tag(after);
    }
    words.push_str(rest);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(words, |words, (entity, meant)| words.replace(entity, meant))
}

/// What follows a tag whose `<` is already behind us; for a script or style, what follows its end.
fn after_tag(tag: &str) -> &str {
    let end = [("script", "</script"), ("style", "</style"), ("!--", "-->")]
        .into_iter()
        .find(|(name, _)| tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))
        .map(|(_, end)| end);
    let rest = match end {
        Some("-->") => return tag.split_once("-->").map_or("", |(_, after)| after),
        Some(end) => tag.split_once(end).map_or("", |(_, after)| after),
        None => tag,
    };
    rest.split_once('>').map_or("", |(_, after)| after)
}
