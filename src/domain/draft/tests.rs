use proptest::prelude::*;

use super::*;
use crate::domain::ConnectorId;

fn good() -> Draft {
    Draft {
        id: "lab".to_owned(),
        name: "Lab".to_owned(),
        url: "http://h/v1".to_owned(),
        default_model: "m".to_owned(),
        ..Draft::new(Provider::Other)
    }
}

fn with(field: Field, text: &str) -> Draft {
    let mut draft = good();
    draft.set(field, text).unwrap();
    draft
}

/// What is said about the field; empty when it is right.
fn said(field: Field, text: &str) -> String {
    let findings = with(field, text).check(|id| id == "taken").err().unwrap_or_default();
    assert!(findings.iter().all(|finding| finding.field == field), "{findings:?}");
    findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>().join("; ")
}

fn key_of(text: &str) -> (Option<Credential>, Vec<String>) {
    let checked = with(Field::ApiKey, text).check(|_| false).unwrap();
    (checked.connector.auth.api_key, checked.mended.into_iter().map(|finding| finding.message).collect())
}

fn typed(key: &str) -> Credential {
    Credential::Typed(SecretText::new(key))
}

#[test]
fn a_good_draft_passes() {
    assert_eq!(good().check(|_| false).map(|checked| checked.mended), Ok(Vec::new()));
}

#[test]
fn ids_follow_their_rule() {
    for (id, message) in [
        ("a", ""),
        ("a-1", ""),
        (&"a".repeat(36), ""),
        ("", "an id is needed: lower-case letters, digits and hyphens"),
        ("A", "\"A\" cannot stand in an id; use lower-case letters, digits and hyphens"),
        ("a_b", "\"_\" cannot stand in an id; use lower-case letters, digits and hyphens"),
        ("é", "\"é\" cannot stand in an id; use lower-case letters, digits and hyphens"),
        (&"a".repeat(37), "an id has at most 36 characters, this one has 37"),
        ("taken", "\"taken\" is taken by another connector; choose another id"),
    ] {
        assert_eq!(said(Field::Id, id), message, "{id}");
    }
}

#[test]
fn a_name_is_needed_and_trimmed() {
    assert_eq!(said(Field::Name, " \t"), "a name is needed; it is what the list shows");
    assert_eq!(with(Field::Name, " Lab \n").check(|_| false).unwrap().connector.name, "Lab");
}

#[test]
fn urls_may_be_ipv6_bare_hosts_and_ports() {
    for url in [
        "http://[::1]:8080/v1",
        "https://[2001:db8::1]/v1/chat/completions",
        "http://vllm",
        "http://gateway:8443",
        " https://api.openai.com/v1 ",
        "http://h/v1/responses",
    ] {
        assert_eq!(said(Field::Url, url), "", "{url}");
    }
}

#[test]
fn urls_that_cannot_be_called_say_the_fix() {
    for (url, message) in [
        ("", "a URL is needed, for example http://localhost:8080/v1"),
        ("vllm:8080", "add http:// or https:// in front"),
        ("[::1]:8080", "add http:// or https:// in front"),
        ("ftp://h/v1", "\"ftp:\" cannot be called; use http:// or https://"),
        ("file:///etc/passwd", "\"file:\" cannot be called; use http:// or https://"),
        ("https://{resource}.openai.azure.com/", "replace {resource} with your own value"),
        ("http://h/{deployment}?v={api-version}", "replace {deployment} with your own value"),
        ("http://u:p@h/v1", "remove the user and password from the URL; put the key in api_key"),
        ("http://[::1/v1", "not a URL: invalid IPv6 address"),
    ] {
        assert_eq!(said(Field::Url, url), message, "{url}");
    }
}

#[test]
fn an_unedited_default_of_azure_is_refused() {
    let draft = Draft { id: "a".to_owned(), name: "A".to_owned(), ..Draft::new(Provider::AzureOpenAi) };
    let findings = draft.check(|_| false).unwrap_err();
    assert_eq!(findings.len(), 1);
    assert_eq!(
        findings[0],
        Finding { field: Field::Url, message: "replace {resource} with your own value".to_owned() }
    );
}

#[test]
fn other_needs_a_default_model() {
    assert_eq!(said(Field::DefaultModel, " "), "a default model is needed for provider \"other\"");
    let draft = Draft { provider: Provider::OpenAi, ..with(Field::DefaultModel, "") };
    assert_eq!(draft.check(|_| false).unwrap().connector.default_model, None);
}

#[test]
fn a_pasted_key_is_mended() {
    let around = "white space around the key was cut".to_owned();
    let bearer = "the word Bearer was cut; it is added when the request is sent".to_owned();
    for (text, notes) in [
        ("sk-1", vec![]),
        ("sk-1\n", vec![around.clone()]),
        (" sk-1\r\n", vec![around]),
        ("Bearer sk-1", vec![bearer.clone()]),
        ("bearer: sk-1\n", vec![bearer.clone()]),
        ("BEARER\tsk-1", vec![bearer]),
    ] {
        assert_eq!(key_of(text), (Some(typed("sk-1")), notes), "{text:?}");
    }
}

#[test]
fn a_key_that_cannot_be_one_is_refused_without_repeating_it() {
    for key in ["sk 1", "sk-1\nsk-2", "Bearer", "Bearer a b", "schlüssel", "a\u{7}b"] {
        let message = said(Field::ApiKey, key);
        // The word Bearer alone is a key as any other.
        if key != "Bearer" {
            assert_eq!(message, "a key has no spaces, line ends or characters beyond ASCII; paste it again", "{key:?}");
        }
    }
}

#[test]
fn references_are_kept_as_typed() {
    for text in ["env:OPENAI_API_KEY", "file:~/keys/a b", "cmd:pass show x | head -1"] {
        let reference = Some(Credential::Reference(text.parse().unwrap()));
        assert_eq!(key_of(text), (reference.clone(), vec![]), "{text}");
        assert_eq!(key_of(&format!(" {text}\n")), (reference, vec![]), "{text}");
    }
    assert_eq!(key_of("").0, None);
    assert_eq!(said(Field::ApiKey, "env:"), "nothing follows \"env:\"");
    assert_eq!(said(Field::ApiKey, "env:A B"), "\"A B\" is not a name of an environment variable");
}

#[test]
fn header_names_are_tokens() {
    for (headers, message) in [
        ("x-team: search", ""),
        ("X_Team.1: a: b", ""),
        ("Authorization: file:/run/key", ""),
        ("x team: a", "' ' cannot stand in the header name \"x team\""),
        ("x-é: a", "'é' cannot stand in the header name \"x-é\""),
        (": a", "a header needs a name"),
        ("a: 1\nA: 2", "header \"a\" is there twice; keep one"),
        ("Host: h", "header \"Host\" is set by each request itself; remove it"),
        ("content-length: 3", "header \"content-length\" is set by each request itself; remove it"),
        ("x-a: env:", "header \"x-a\": nothing follows \"env:\""),
        ("x-a: b\u{1b}[2J", "the value of header \"x-a\" holds a control character"),
    ] {
        assert_eq!(said(Field::Headers, headers), message, "{headers}");
    }
    assert!(good().set(Field::Headers, "no colon").is_err());
}

#[test]
fn numbers_have_their_ranges() {
    for (field, text, message) in [
        (Field::ContextWindow, "128_000", ""),
        (Field::ContextWindow, "128,000", ""),
        (Field::ContextWindow, "0", "\"0\" is no number of tokens; use a whole number from 1 to 1000000000000"),
        (
            Field::ContextWindow,
            "18446744073709551615",
            "\"18446744073709551615\" is no number of tokens; use a whole number from 1 to 1000000000000",
        ),
        (Field::Temperature, "0", ""),
        (Field::Temperature, "2", ""),
        (Field::Temperature, "2.1", "\"2.1\" is no temperature; use a number from 0 to 2"),
        (Field::Temperature, "NaN", "\"NaN\" is no temperature; use a number from 0 to 2"),
        (Field::Temperature, "hot", "\"hot\" is no temperature; use a number from 0 to 2"),
        (Field::MaxAttempts, "10", ""),
        (Field::MaxAttempts, "0", "\"0\" is no number of attempts; use 1 to 10"),
        (Field::MaxAttempts, "11", "\"11\" is no number of attempts; use 1 to 10"),
        (
            Field::Network(NetworkKey::ConnectTimeout),
            "10",
            "\"10\" is no duration; write for example 500ms, 10s, 2m or 1h",
        ),
        (
            Field::Network(NetworkKey::TotalTimeout),
            "0s",
            "\"0s\" is no duration; write for example 500ms, 10s, 2m or 1h",
        ),
        (Field::Network(NetworkKey::FirstByteTimeout), "1m30s", ""),
        (Field::Network(NetworkKey::IdleTimeout), "", ""),
        (Field::Network(NetworkKey::MaxResponseSize), "64MiB", ""),
        (
            Field::Network(NetworkKey::MaxResponseSize),
            "big",
            "\"big\" is no size; write for example 512KiB, 64MiB or 1GiB",
        ),
    ] {
        assert_eq!(said(field, text), message, "{text}");
    }
}

#[test]
fn everything_wrong_is_found_at_once() {
    let draft = Draft { name: String::new(), id: "A".to_owned(), ..Draft::new(Provider::Other) };
    let fields: Vec<_> = draft.check(|_| false).unwrap_err().into_iter().map(|finding| finding.field).collect();
    assert_eq!(fields, [Field::Id, Field::Name, Field::Url, Field::DefaultModel]);
}

#[test]
fn a_url_never_edited_gives_way_to_that_of_the_new_provider() {
    let mut draft = Draft::new(Provider::OpenAi);
    draft.set_provider(Provider::AzureOpenAi);
    assert_eq!(draft.url, Provider::AzureOpenAi.default_url());
    draft.set_provider(Provider::Other);
    assert_eq!(draft.url, "");
    draft.set_provider(Provider::OpenAi);
    assert_eq!(draft.url, Provider::OpenAi.default_url());
}

#[test]
fn changing_the_provider_keeps_what_carries_over() {
    let mut draft = good();
    draft.set_provider(Provider::OpenAi);
    draft.set(Field::Organization, "org").unwrap();
    draft.set(Field::Project, "proj").unwrap();
    draft.set(Field::ApiKey, "env:K").unwrap();
    draft.set(Field::Headers, "x-a: b").unwrap();
    let before = draft.clone();
    draft.set_provider(Provider::AzureOpenAi);
    let azure = draft.check(|_| false).unwrap().connector;
    assert_eq!((azure.auth.organization, azure.auth.project), (None, None));
    assert_eq!((azure.url.as_str(), azure.headers.len()), ("http://h/v1", 1));
    draft.set_provider(Provider::OpenAi);
    assert_eq!(draft, before);
}

#[test]
fn a_field_set_from_its_own_text_stays() {
    let mut draft = good();
    draft.set(Field::Headers, "x-a: b\nx-c: d: e").unwrap();
    draft.set(Field::NativeToolCalling, "yes").unwrap();
    for field in Field::ALL {
        let before = draft.clone();
        draft.set(field, &before.text(field)).unwrap();
        assert_eq!(draft, before, "{field:?}");
    }
}

fn any_text() -> impl Strategy<Value = String> {
    "[!-~é日\u{1F600}][ -~\n\té日]{0,20}[!-~é日]".prop_map(|text| text)
}

fn any_key() -> impl Strategy<Value = Option<Credential>> {
    let reference = prop_oneof!["env:[A-Z_]{1,9}", "file:/[a-z/. ]{0,9}[a-z]", "cmd:[a-z][a-z |'\"-]{0,9}[a-z]"];
    prop_oneof![
        Just(None),
        reference.prop_map(|text| Some(Credential::Reference(text.parse().unwrap()))),
        "[!-9;-~]{1,30}".prop_map(|text| Some(Credential::Typed(SecretText::new(text)))),
    ]
}

fn any_headers() -> impl Strategy<Value = Vec<Header>> {
    proptest::collection::btree_map("x-[a-z.]{1,8}", "[ -9;-~é]{0,12}", 0..4)
        .prop_map(|headers| headers.into_iter().rev().map(|(name, value)| Header { name, value }).collect())
}

fn any_options() -> impl Strategy<Value = Options> {
    let number = proptest::option::of(1..=1_000_000_000_000u64);
    (number, proptest::option::of(0.0..=2.0), any::<Option<bool>>(), proptest::option::of(1..=10u32)).prop_map(
        |(context_window, temperature, native_tool_calling, max_attempts)| Options {
            context_window,
            temperature,
            native_tool_calling,
            max_attempts,
        },
    )
}

/// Any connector that the rules let through.
pub(crate) fn any_connector() -> impl Strategy<Value = Connector> {
    let id = "[a-z0-9-]{1,36}".prop_map(|id| id.parse::<ConnectorId>().unwrap());
    let provider = proptest::sample::select(Provider::ALL.to_vec());
    let url = "https?://(h|[a-z]{1,9}\\.test|\\[::1\\])(:[1-9][0-9]{0,3})?/v1".prop_map(|url| url);
    let text = || proptest::option::of(any_text());
    let main = (id, any_text(), provider, url, any_text(), text());
    let rest = (any_key(), text(), text(), any_headers(), any_options(), crate::domain::policy::tests::any_overlay());
    (main, rest).prop_map(|((id, name, provider, url, model, notes), rest)| {
        let (api_key, organization, project, headers, options, network) = rest;
        let openai = provider == Provider::OpenAi;
        Connector {
            id,
            name,
            provider,
            url,
            default_model: Some(model),
            auth: Auth { api_key, organization: organization.filter(|_| openai), project: project.filter(|_| openai) },
            headers,
            options,
            notes,
            network,
        }
    })
}

proptest! {
    #[test]
    fn a_connector_is_the_same_after_it_was_a_draft(connector in any_connector()) {
        let checked = Draft::from(&connector).check(|_| false);
        prop_assert_eq!(checked, Ok(Checked { connector, mended: Vec::new() }));
    }

    #[test]
    fn no_text_makes_a_rule_panic(text in "\\PC{0,40}", at in 0..Field::ALL.len()) {
        let mut draft = good();
        if draft.set(Field::ALL[at], &text).is_ok() {
            prop_assert!(draft.check(|_| false).map_or_else(|findings| !findings.is_empty(), |_| true));
        }
    }
}
