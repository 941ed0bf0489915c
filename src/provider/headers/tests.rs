use super::*;
use crate::domain::NetworkPolicy;
use crate::net::Clients;
use crate::provider::testing::{connector, resolver};

fn shown(connector: &Connector, mode: Mode) -> Vec<String> {
    plan(connector, mode).0.iter().map(|header| format!("{}: {}", header.name, header.shown())).collect()
}

fn keyed(provider: Provider) -> Connector {
    let mut connector = connector(provider, "http://h/v1");
    connector.auth.api_key = Some(Credential::Reference("env:THE_KEY".parse().expect("a reference")));
    connector
}

async fn filled_by(planned: &[Planned], variables: &[(&str, &str)]) -> Result<Filled, Failure> {
    let services = Services::new(Clients::default(), resolver(variables));
    fill(planned, &services, &NetworkPolicy::default()).await
}

fn header(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: value.to_owned() }
}

#[test]
fn each_provider_has_its_own_auth_header_and_a_secret_shows_as_its_reference() {
    assert!(shown(&keyed(Provider::OpenAi), Mode::Stream).contains(&"authorization: Bearer ‹env:THE_KEY›".to_owned()));
    assert!(shown(&keyed(Provider::Other), Mode::Stream).contains(&"authorization: Bearer ‹env:THE_KEY›".to_owned()));
    assert!(shown(&keyed(Provider::AzureOpenAi), Mode::Stream).contains(&"api-key: ‹env:THE_KEY›".to_owned()));
}

#[test]
fn a_stream_asks_for_events_and_a_plain_request_for_json() {
    let bare = connector(Provider::Other, "http://h/v1");
    let streamed = shown(&bare, Mode::Stream);
    assert_eq!(streamed.first().map(String::as_str), Some("content-type: application/json"));
    assert!(streamed.contains(&"accept: text/event-stream".to_owned()));
    assert!(streamed.contains(&"accept-encoding: identity".to_owned()));
    assert!(streamed.contains(&format!("user-agent: switchboard/{}", env!("CARGO_PKG_VERSION"))));
    assert!(shown(&bare, Mode::Plain).contains(&"accept: application/json".to_owned()));
    assert_eq!(streamed.len(), 4);
}

#[test]
fn organization_and_project_belong_to_openai_alone() {
    for (provider, count) in [(Provider::OpenAi, 2), (Provider::AzureOpenAi, 0), (Provider::Other, 0)] {
        let mut connector = connector(provider, "http://h/v1");
        connector.auth.organization = Some("org".to_owned());
        connector.auth.project = Some("proj".to_owned());
        let found = shown(&connector, Mode::Plain).iter().filter(|line| line.starts_with("openai-")).count();
        assert_eq!(found, count, "{provider}");
    }
}

#[test]
fn custom_headers_replace_ours_except_the_one_with_the_key() {
    let mut with_key = keyed(Provider::Other);
    with_key.headers = vec![
        header("User-Agent", "mine"),
        header("Authorization", "Basic x"),
        header("Content-Length", "1"),
        header("x-gw", "env:GW"),
    ];
    let (_, notes) = plan(&with_key, Mode::Stream);
    assert_eq!(notes.len(), 2, "{notes:?}");
    let lines = shown(&with_key, Mode::Stream);
    assert!(lines.contains(&"user-agent: mine".to_owned()));
    assert!(lines.contains(&"authorization: Bearer ‹env:THE_KEY›".to_owned()));
    assert!(lines.contains(&"x-gw: ‹env:GW›".to_owned()));
    with_key.auth.api_key = None;
    assert!(shown(&with_key, Mode::Stream).contains(&"authorization: ••••".to_owned()));
}

#[tokio::test]
async fn filling_resolves_and_marks_secrets() {
    let (planned, _) = plan(&keyed(Provider::Other), Mode::Stream);
    let filled = filled_by(&planned, &[("THE_KEY", " Bearer sk-1234567890\n")]).await.expect("filled");
    let value = filled.headers.get("authorization").expect("a header");
    assert_eq!(value.to_str().ok(), Some("Bearer sk-1234567890"));
    assert!(value.is_sensitive());
    assert!(!format!("{:?}", filled.headers).contains("1234567890"));
    assert_eq!(filled.secrets, [SecretText::new("sk-1234567890")]);
}

#[tokio::test]
async fn a_secret_that_cannot_be_sent_is_named_but_not_shown() {
    let (planned, _) = plan(&keyed(Provider::Other), Mode::Stream);
    for value in ["first\nsecond", "typographic…dots"] {
        let failure = filled_by(&planned, &[("THE_KEY", value)]).await.err().expect("refused");
        assert_eq!(failure.kind, ErrorKind::Secret);
        assert!(failure.message.contains("env:THE_KEY"), "{}", failure.message);
        assert!(!failure.message.contains("second") && !failure.message.contains("dots"));
    }
}

#[tokio::test]
async fn a_header_that_is_a_reference_is_sent_whole() {
    let mut own = connector(Provider::Other, "http://h/v1");
    own.headers = vec![header("Authorization", "env:GW")];
    let (planned, _) = plan(&own, Mode::Stream);
    let filled = filled_by(&planned, &[("GW", "Bearer abc-123")]).await.expect("filled");
    assert_eq!(filled.headers.get("authorization").and_then(|value| value.to_str().ok()), Some("Bearer abc-123"));
    assert!(filled.secrets.contains(&SecretText::new("abc-123")));
}
