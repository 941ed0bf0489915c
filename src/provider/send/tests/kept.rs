//! Secrets with a time to live: used again, and fetched anew once they are refused.

use super::wire::{answer, good_stream};
use super::*;

/// A key that is another one at each call of the command.
fn counting(server: &Server, place: &tempfile::TempDir, scheme: &str) -> Call {
    let file = place.path().join("n");
    let command = format!("{scheme}:echo x >> {0}; echo key-number-$(wc -l < {0} | tr -d ' ')", file.display());
    let mut connector = connector(Provider::Other, &server.url("/v1"));
    connector.auth.api_key = Some(Credential::Reference(command.parse().expect("a reference")));
    call(connector, BODY)
}

fn refused() -> Vec<Act> {
    answer("401 Unauthorized", "", "{\"error\":{\"message\":\"no\"}}")
}

/// The numbers of the keys that were sent.
fn sent(server: &Server) -> Vec<String> {
    let number = |request: &String| {
        let (_, after) = request.split_once("Bearer key-number-").expect("a key");
        after.split("\r\n").next().unwrap_or_default().to_owned()
    };
    server.requests().iter().map(number).collect()
}

#[tokio::test]
async fn a_command_is_run_for_each_request_unless_it_has_a_time_to_live() {
    for (scheme, numbers) in [("cmd", ["1", "2"]), ("cmd[ttl=1h]", ["1", "1"])] {
        let place = tempfile::tempdir().expect("a directory");
        let server = Server::start(vec![good_stream(), good_stream()]).await;
        let services = services();
        for _ in 0..2 {
            run_with(counting(&server, &place, scheme), &services).await;
        }
        assert_eq!(sent(&server), numbers, "{scheme}");
    }
}

#[tokio::test]
async fn a_kept_answer_that_is_refused_is_asked_for_anew_once() {
    let place = tempfile::tempdir().expect("a directory");
    let server = Server::start(vec![good_stream(), refused(), good_stream(), refused(), refused()]).await;
    let services = services();
    for outcome in [Outcome::Ok, Outcome::Ok, Outcome::Error] {
        let told = run_with(counting(&server, &place, "cmd[ttl=1h]"), &services).await;
        assert_eq!(told.end.outcome, outcome, "{:?}", told.end.failure);
    }
    assert_eq!(sent(&server), ["1", "1", "2", "2", "3"]);
}

#[tokio::test]
async fn a_key_that_is_not_kept_is_refused_once() {
    let server = Server::start(vec![refused()]).await;
    let told = run(keyed(&server.url("/v1"))).await;
    assert_eq!((told.failure().kind, server.requests().len()), (ErrorKind::Auth, 1));
}
