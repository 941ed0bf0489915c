//! Tokens of Entra ID, over real sockets.

use super::wire::{answer, good_stream};
use super::*;
use crate::domain::{Entra, EntraApp};

const AZURE: &str = "/openai/v1/chat/completions";
const SECRET: &str = "canary-entra-secret-81";
const TOKEN: &str = "canary-entra-token-82";

fn services() -> Services {
    Services::new(
        Clients::trusting_nobody(),
        resolver(&[("ENTRA", SECRET), ("AZ", &az("canary-entra-token-82", 3600))]),
    )
}

/// What az prints, for a token that lives so long.
fn az(token: &str, seconds: i64) -> String {
    let ends = jiff::Timestamp::now().as_second() + seconds;
    format!("{{\"accessToken\": \"{token}\", \"expires_on\": {ends}}}")
}

fn by_app(url: &str, authority: &str) -> Call {
    let mut connector = connector(Provider::AzureOpenAi, url);
    connector.auth.entra = Some(Entra::App(EntraApp {
        tenant: "contoso.com".to_owned(),
        client_id: "the-client".to_owned(),
        client_secret: Credential::Reference("env:ENTRA".parse().expect("a reference")),
        scope: None,
        authority: Some(authority.to_owned()),
    }));
    call(connector, BODY)
}

fn granted(token: &str, seconds: u32) -> Vec<Act> {
    let body = format!("{{\"token_type\":\"Bearer\",\"expires_in\":{seconds},\"access_token\":\"{token}\"}}");
    answer("200 OK", "content-type: application/json\r\n", &body)
}

fn refused(status: &str, body: &str) -> Vec<Act> {
    answer(status, "content-type: application/json\r\n", body)
}

#[tokio::test]
async fn a_token_is_fetched_once_and_sent_as_bearer() {
    let entra = Server::start(vec![granted(TOKEN, 3599)]).await;
    let server = Server::start(vec![good_stream(), good_stream()]).await;
    let services = services();
    for _ in 0..2 {
        let told = run_with(by_app(&server.url(AZURE), &entra.url("/")), &services).await;
        assert_eq!(told.end.outcome, Outcome::Ok, "{:?}", told.end.failure);
    }
    let asked = entra.requests();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("POST /contoso.com/oauth2/v2.0/token HTTP/1.1\r\n"), "{}", asked[0]);
    let form = "grant_type=client_credentials&client_id=the-client&client_secret=canary-entra-secret-81\
                &scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default";
    assert!(asked[0].ends_with(form), "{}", asked[0]);
    for request in server.requests() {
        assert!(request.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{request}");
        assert!(!request.contains("api-key"), "{request}");
    }
}

#[tokio::test]
async fn a_token_in_its_last_five_minutes_is_not_used_again() {
    let entra = Server::start(vec![granted("first-token", 299), granted("second-token", 301)]).await;
    let server = Server::start(vec![good_stream(), good_stream(), good_stream()]).await;
    let services = services();
    for _ in 0..2 {
        run_with(by_app(&server.url(AZURE), &entra.url("")), &services).await;
    }
    let sent = server.requests();
    assert!(sent[0].contains("Bearer first-token") && sent[1].contains("Bearer second-token"), "{sent:?}");
}

#[tokio::test]
async fn a_refused_token_is_fetched_anew_once() {
    let entra = Server::start(vec![granted("old-token-1", 3599), granted(TOKEN, 3599)]).await;
    let no = || refused("401 Unauthorized", "{\"error\":{\"code\":\"401\",\"message\":\"expired\"}}");
    let server = Server::start(vec![no(), good_stream(), no(), no()]).await;
    let services = services();
    let told = run_with(by_app(&server.url(AZURE), &entra.url("")), &services).await;
    assert_eq!(told.end.outcome, Outcome::Ok, "{:?}", told.end.failure);
    assert!(told.notes().iter().any(|note| note.contains("fetched anew, once")), "{:?}", told.notes());
    let sent = server.requests();
    assert!(sent[0].contains("old-token-1") && sent[1].contains(TOKEN), "{sent:?}");
}

#[tokio::test]
async fn a_second_refusal_is_the_end() {
    let entra = Server::start(vec![granted("token-11111", 3599), granted("token-22222", 3599)]).await;
    let no = || refused("401 Unauthorized", "{\"error\":{\"code\":\"401\",\"message\":\"no\"}}");
    let server = Server::start(vec![no(), no()]).await;
    let told = run_with(by_app(&server.url(AZURE), &entra.url("")), &services()).await;
    let failure = told.failure();
    assert_eq!((failure.kind, failure.http_status, server.requests().len()), (ErrorKind::Auth, Some(401), 2));
    assert!(failure.hint.contains("refused the Entra ID token of client the-client"), "{}", failure.hint);
}

#[tokio::test]
async fn what_entra_refuses_is_told_in_plain_words_and_without_the_secret() {
    for (status, code, words, kind, hint) in [
        (
            "401 Unauthorized",
            "AADSTS7000215",
            "Invalid client secret",
            ErrorKind::Auth,
            "the secret's value, not its id",
        ),
        (
            "401 Unauthorized",
            "AADSTS7000222",
            "The provided client secret keys are expired",
            ErrorKind::Auth,
            "has expired",
        ),
        ("400 Bad Request", "AADSTS700016", "Application not found", ErrorKind::Auth, "entra.client_id is not known"),
        ("400 Bad Request", "AADSTS90002", "Tenant not found", ErrorKind::Auth, "entra.tenant is not known"),
        ("400 Bad Request", "AADSTS1002012", "scope is not valid", ErrorKind::Auth, "ends in /.default"),
        ("503 Service Unavailable", "AADSTS90033", "A transient error", ErrorKind::Server, "check entra.tenant"),
    ] {
        let body = format!(
            "{{\"error\":\"x\",\"error_description\":\"{code}: {words} {SECRET}. Trace ID: 1 Correlation ID: 2\\r\\nmore\"}}"
        );
        let entra = Server::start(vec![refused(status, &body)]).await;
        let told = run_with(by_app("http://127.0.0.1:9/openai/v1", &entra.url("")), &services()).await;
        let failure = told.failure();
        assert_eq!(failure.kind, kind, "{code}");
        assert!(failure.message.starts_with("no token of Entra ID: HTTP ") && failure.message.contains(words));
        assert!(!failure.message.contains("Trace") && failure.hint.contains(hint), "{failure:?}");
        assert!(!format!("{:?}", told.events).contains(SECRET), "{:?}", told.events);
    }
    let entra = Server::start(vec![answer("200 OK", "", "<html>captive portal</html>")]).await;
    let told = run_with(by_app("http://127.0.0.1:9/openai/v1", &entra.url("")), &services()).await;
    assert_eq!(told.failure().kind, ErrorKind::NotFound, "{:?}", told.failure());
}

#[tokio::test]
async fn the_output_of_az_is_understood() {
    let server = Server::start(vec![good_stream()]).await;
    let mut azure = connector(Provider::AzureOpenAi, &server.url(AZURE));
    azure.auth.entra = Some(Entra::Token(Credential::Reference("env:AZ".parse().expect("a reference"))));
    let told = run_with(call(azure, BODY), &services()).await;
    assert_eq!(told.end.outcome, Outcome::Ok, "{:?}", told.end.failure);
    assert!(server.requests()[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")));
}
