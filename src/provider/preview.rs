//! What would be sent, exactly, with secrets shown as their references.

use super::call::{Call, Memory};
use super::prepare::outline;
use crate::domain::Failure;

/// A request as it would be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Always `POST`.
    pub method: &'static str,
    /// What would be called.
    pub url: String,
    /// In order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The shaped body.
    pub body: String,
    /// What shaping did, and which headers are left out.
    pub notes: Vec<String>,
}

/// What [`super::execute`] would send for this call, made by the same functions.
pub fn preview(call: &Call, memory: &Memory) -> Result<Preview, Failure> {
    let outline = outline(call, memory)?;
    let mut notes: Vec<String> = outline.shaped.added.iter().map(|added| format!("added {added}")).collect();
    notes.extend(outline.shaped.removed.iter().map(|removed| format!("removed {removed}")));
    notes.extend(outline.notes);
    let headers = outline.headers.iter().map(|header| (header.name.clone(), header.shown())).collect();
    Ok(Preview { method: "POST", url: outline.endpoint.url.to_string(), headers, body: outline.shaped.body, notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Credential, ErrorKind, Provider, SecretText};
    use crate::provider::testing::{call, connector};

    #[test]
    fn a_preview_shows_references_and_what_shaping_did() {
        let mut connector = connector(Provider::AzureOpenAi, "http://h/openai/v1");
        connector.auth.api_key = Some(Credential::Typed(SecretText::new("top-secret")));
        let shown = preview(&call(connector, "{}"), &Memory::default()).expect("a preview");
        assert_eq!((shown.method, shown.url.as_str()), ("POST", "http://h/openai/v1/chat/completions"));
        assert!(shown.headers.contains(&("api-key".to_owned(), "‹(typed, not saved yet)›".to_owned())));
        assert!(shown.notes.contains(&"added model: \"m\"".to_owned()), "{:?}", shown.notes);
        assert!(!format!("{shown:?}").contains("top-secret"));
    }

    #[test]
    fn a_preview_of_nothing_says_what_is_wrong() {
        let failure = |url, body| {
            let connector = connector(Provider::Other, url);
            preview(&call(connector, body), &Memory::default()).expect_err("a failure")
        };
        assert_eq!(failure("", "{}").kind, ErrorKind::Config);
        let body = failure("http://h/v1", "{");
        assert_eq!(body.kind, ErrorKind::InvalidRequest);
        assert!(body.message.contains("line 1, column"), "{}", body.message);
    }
}
