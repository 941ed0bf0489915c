//! One rule a field: text in, value or message out.

use super::{Field, Finding};
use crate::domain::connector::{ConnectorId, Header, Provider};
use crate::domain::secret::{Credential, SecretRef, SecretText};

/// What was found so far: errors, and what was mended on the way.
#[derive(Debug, Default)]
pub(super) struct Findings {
    mended: Vec<Finding>,
    errors: Vec<Finding>,
}

/// A value that was mended to be usable, with what was done.
pub(super) struct Mended<T> {
    pub(super) value: T,
    pub(super) note: Option<&'static str>,
}

impl Findings {
    pub(super) fn take<T>(&mut self, field: Field, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.errors.push(Finding { field, message })).ok()
    }

    pub(super) fn take_mended<T>(&mut self, field: Field, result: Result<Mended<T>, String>) -> Option<T> {
        let mended = self.take(field, result)?;
        self.mended.extend(mended.note.map(|note| Finding { field, message: note.to_owned() }));
        Some(mended.value)
    }

    pub(super) fn split(self) -> (Vec<Finding>, Vec<Finding>) {
        (self.mended, self.errors)
    }
}

pub(super) fn id(text: &str, taken: impl Fn(&str) -> bool) -> Result<ConnectorId, String> {
    let id: ConnectorId = text.parse().map_err(|problem: crate::domain::connector::IdProblem| problem.to_string())?;
    if taken(text) {
        return Err(format!("\"{text}\" is taken by another connector; choose another id"));
    }
    Ok(id)
}

pub(super) fn required(text: &str, message: &str) -> Result<String, String> {
    optional(text).ok_or_else(|| message.to_owned())
}

pub(super) fn optional(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

pub(super) fn model(text: &str, provider: Provider) -> Result<Option<String>, String> {
    match (optional(text), provider) {
        (None, Provider::Other) => Err("a default model is needed for provider \"other\"".to_owned()),
        (model, _) => Ok(model),
    }
}

/// A pasted key often brings a line end; one with "Bearer" in front would be sent with it twice.
pub(super) fn api_key(text: &SecretText) -> Result<Mended<Option<Credential>>, String> {
    let typed = text.expose();
    let trimmed = typed.trim();
    if trimmed.is_empty() {
        return Ok(Mended { value: None, note: None });
    }
    if SecretRef::is_meant(trimmed) {
        let reference =
            trimmed.parse().map_err(|problem: crate::domain::secret::SecretRefProblem| problem.to_string())?;
        return Ok(Mended { value: Some(Credential::Reference(reference)), note: None });
    }
    let (key, bearer) = strip_bearer(trimmed);
    if key.is_empty() || key.chars().any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii()) {
        return Err("a key has no spaces, line ends or characters beyond ASCII; paste it again".to_owned());
    }
    let note = match (bearer, typed.len() != trimmed.len()) {
        (true, _) => Some("the word Bearer was cut; it is added when the request is sent"),
        (false, true) => Some("white space around the key was cut"),
        (false, false) => None,
    };
    Ok(Mended { value: Some(Credential::Typed(SecretText::new(key))), note })
}

fn strip_bearer(text: &str) -> (&str, bool) {
    match text.split_once(char::is_whitespace) {
        Some((first, rest)) if first.trim_end_matches(':').eq_ignore_ascii_case("bearer") => (rest.trim(), true),
        _ => (text, false),
    }
}

pub(super) fn headers(headers: &[Header]) -> Result<Vec<Header>, String> {
    for (at, header) in headers.iter().enumerate() {
        header_is_good(header)?;
        let twice = headers.iter().skip(at + 1).any(|other| other.name.eq_ignore_ascii_case(&header.name));
        if twice {
            return Err(format!("header \"{}\" is there twice; keep one", header.name));
        }
    }
    Ok(headers.to_vec())
}

/// Header names are tokens (RFC 9110 §5.6.2); names that the request itself must set are refused.
pub(in crate::domain) fn header_is_good(header: &Header) -> Result<(), String> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let name = &header.name;
    if name.is_empty() {
        return Err("a header needs a name".to_owned());
    }
    if let Some(bad) = name.chars().find(|c| !token(*c)) {
        return Err(format!("{bad:?} cannot stand in the header name \"{}\"", name.escape_debug()));
    }
    if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        return Err(format!("header \"{name}\" is set by each request itself; remove it"));
    }
    if header.value.chars().any(|c| c.is_control() && c != '\t') {
        return Err(format!("the value of header \"{name}\" holds a control character"));
    }
    if SecretRef::is_meant(&header.value) {
        let parsed: Result<SecretRef, _> = header.value.parse();
        parsed.map_err(|problem| format!("header \"{name}\": {problem}"))?;
    }
    Ok(())
}

const RESERVED: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "accept-encoding", "upgrade"];

/// Far above any model, and a number that every reader of the file can hold.
const CONTEXT_WINDOW_MAX: u64 = 1_000_000_000_000;

pub(super) fn context_window(text: &str) -> Result<Option<u64>, String> {
    let read = |text: String| match text.replace(['_', ','], "").parse() {
        Ok(tokens @ 1..=CONTEXT_WINDOW_MAX) => Ok(tokens),
        Ok(_) | Err(_) => {
            Err(format!("\"{text}\" is no number of tokens; use a whole number from 1 to {CONTEXT_WINDOW_MAX}"))
        }
    };
    optional(text).map(read).transpose()
}

pub(super) fn temperature(text: &str) -> Result<Option<f64>, String> {
    let read = |text: String| match text.parse::<f64>() {
        Ok(value) if (0.0..=2.0).contains(&value) => Ok(value),
        Ok(_) | Err(_) => Err(format!("\"{text}\" is no temperature; use a number from 0 to 2")),
    };
    optional(text).map(read).transpose()
}

pub(super) fn max_attempts(text: &str) -> Result<Option<u32>, String> {
    let read = |text: String| match text.parse::<u32>() {
        Ok(attempts @ 1..=10) => Ok(attempts),
        Ok(_) | Err(_) => Err(format!("\"{text}\" is no number of attempts; use 1 to 10")),
    };
    optional(text).map(read).transpose()
}
