//! What would be sent, exactly, with secrets shown as their references.

use super::call::{Call, Memory};
use super::prepare::{outline, query_secrets};
use crate::domain::Failure;
use crate::domain::text::Mask;

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
    let url = Mask::new(query_secrets(&outline.endpoint.url)).apply_known(outline.endpoint.url.as_str()).into_owned();
    Ok(Preview { method: "POST", url, headers, body: outline.shaped.body, notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Credential, ErrorKind, Header, Provider, SecretText};
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
    fn a_credential_that_stands_in_the_file_as_text_is_not_shown() {
        let mut connector = connector(Provider::Other, "http://h/v1?subscription-key=hidden-77&api-version=1");
        connector.headers =
            vec![Header { name: "X-Api-Key".to_owned(), value: "hidden-88".to_owned() }, team("search")];
        let shown = preview(&call(connector, "{}"), &Memory::default()).expect("a preview");
        assert_eq!(shown.url, "http://h/v1/chat/completions?subscription-key=••••&api-version=1");
        assert!(shown.headers.contains(&("x-api-key".to_owned(), "••••".to_owned())), "{:?}", shown.headers);
        assert!(shown.headers.contains(&("x-team".to_owned(), "search".to_owned())), "{:?}", shown.headers);
    }

    fn team(name: &str) -> Header {
        Header { name: "X-Team".to_owned(), value: name.to_owned() }
    }

    #[test]
    fn responses_are_not_asked_for_usage_and_keep_the_persons_order() {
        let connector = connector(Provider::Other, "http://h/v1/responses");
        let shown = preview(&call(connector, "{\"input\":\"hi\",\"store\":false}"), &Memory::default());
        let shown = shown.expect("a preview");
        assert_eq!(shown.body, "{\"input\":\"hi\",\"store\":false,\"model\":\"m\",\"stream\":true}");
        assert!(!shown.notes.iter().any(|note| note.contains("include_usage")), "{:?}", shown.notes);
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
