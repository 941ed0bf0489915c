mod entra;
mod kept;
mod limits;
mod redirects;
mod replies;
mod retries;
mod wire;

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::domain::{Credential, ErrorKind, Outcome, Provider, Transcript};
use crate::net::Clients;
use crate::provider::testing::{call, connector, resolver};
use wire::{Act, DEADLINE, Server, write};

const KEY: &str = "sk-canary-0123456789";
const BODY: &str = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello world\"}]}";

/// Everything a run told, and how it ended.
struct Told {
    events: Vec<RunEvent>,
    end: RunEnd,
}

impl Told {
    fn transcript(&self) -> Transcript {
        let mut transcript = Transcript::default();
        self.events.iter().cloned().for_each(|event| transcript.apply(event));
        transcript
    }

    fn notes(&self) -> Vec<String> {
        self.transcript().notes
    }

    fn failure(&self) -> &Failure {
        self.end.failure.as_ref().expect("a failure")
    }
}

fn services() -> Services {
    Services::new(Clients::trusting_nobody(), resolver(&[("THE_KEY", KEY), ("GW_KEY", "gateway-canary-55")]))
}

fn keyed(url: &str) -> Call {
    let mut connector = connector(Provider::Other, url);
    connector.auth.api_key = Some(Credential::Reference("env:THE_KEY".parse().expect("a reference")));
    call(connector, BODY)
}

async fn run_with(call: Call, services: &Services) -> Told {
    let (out, mut events) = mpsc::channel(4);
    let run = call.run;
    let listening = async {
        let mut all = Vec::new();
        while let Some((id, batch)) = events.recv().await {
            assert_eq!(id, run);
            all.extend(batch);
        }
        all
    };
    let running = async {
        let end = execute(call, services, &out, CancellationToken::new()).await;
        drop(out);
        end
    };
    let (end, events) = timeout(DEADLINE, async { tokio::join!(running, listening) }).await.expect("in time");
    let endings = events.iter().filter(|event| matches!(event, RunEvent::Ended(_))).count();
    assert_eq!(endings, 1, "exactly one ending: {events:?}");
    assert_eq!(events.last(), Some(&RunEvent::Ended(Box::new(end.clone()))));
    Told { events, end }
}

async fn run(call: Call) -> Told {
    run_with(call, &services()).await
}

/// Starts a call, cancels it once `when` is done, and gives its end.
async fn cancelled(call: Call, services: &Services, when: impl Future<Output = ()>) -> RunEnd {
    let (out, mut events) = mpsc::channel::<Batch>(64);
    let cancel = CancellationToken::new();
    let stopping = async {
        when.await;
        cancel.cancel();
    };
    let running = execute(call, services, &out, cancel.clone());
    let (end, ()) = timeout(DEADLINE, async { tokio::join!(running, stopping) }).await.expect("in time");
    let mut last = None;
    while let Ok((_, batch)) = events.try_recv() {
        last = batch.last().cloned().or(last);
    }
    assert_eq!(last, Some(RunEvent::Ended(Box::new(end.clone()))));
    end
}

#[tokio::test]
async fn cancelling_before_the_head_closes_the_socket() {
    let server = Server::start(vec![vec![Act::Stall]]).await;
    let end = cancelled(keyed(&server.url("/v1")), &services(), server.asked()).await;
    assert_eq!((end.outcome, end.failure, end.http_status), (Outcome::Cancelled, None, None));
    server.left().await;
}

#[tokio::test]
async fn cancelling_in_the_middle_of_a_stream_closes_the_socket_and_counts_what_came() {
    let server = Server::start(vec![vec![write(wire::STREAM), write(&wire::chunk("Hello there")), Act::Stall]]).await;
    let (out, mut events) = mpsc::channel::<Batch>(64);
    let cancel = CancellationToken::new();
    let stopping = async {
        while let Some((_, batch)) = events.recv().await {
            if batch.iter().any(|event| matches!(event, RunEvent::Delta(_))) {
                break;
            }
        }
        cancel.cancel();
    };
    let services = services();
    let running = execute(keyed(&server.url("/v1")), &services, &out, cancel.clone());
    let (end, ()) = timeout(DEADLINE, async { tokio::join!(running, stopping) }).await.expect("in time");
    assert_eq!((end.outcome, end.http_status), (Outcome::Cancelled, Some(200)));
    assert_eq!(end.usage.source.word(), "estimated");
    assert!(end.timing.first_token.is_some());
    server.left().await;
}

#[tokio::test]
async fn cancelling_inside_the_handshake_closes_the_socket() {
    let server = Server::start(vec![vec![Act::Stall]]).await;
    let services = services();
    let url = format!("https://127.0.0.1:{}/v1", server.port());
    let end = cancelled(keyed(&url), &services, server.asked()).await;
    assert_eq!(end.outcome, Outcome::Cancelled);
    server.left().await;
}

#[tokio::test]
async fn cancelling_between_attempts_does_not_wait_for_the_next() {
    let server = Server::start(vec![wire::answer("503 Busy", "retry-after: 100\r\n", "{}")]).await;
    let mut call = keyed(&server.url("/v1"));
    call.connector.options.max_attempts = Some(2);
    let (out, mut events) = mpsc::channel::<Batch>(64);
    let cancel = CancellationToken::new();
    let stopping = async {
        while let Some((_, batch)) = events.recv().await {
            if batch.iter().any(|event| matches!(event, RunEvent::Retry(_))) {
                break;
            }
        }
        cancel.cancel();
    };
    let services = services();
    let running = execute(call, &services, &out, cancel.clone());
    let (end, ()) = timeout(DEADLINE, async { tokio::join!(running, stopping) }).await.expect("in time");
    assert_eq!((end.outcome, end.attempts), (Outcome::Cancelled, 1));
}

#[tokio::test]
async fn a_run_whose_listener_has_left_is_over() {
    let server = Server::start(vec![vec![write(wire::STREAM), Act::Stall]]).await;
    let (out, events) = mpsc::channel(1);
    drop(events);
    let services = services();
    let ended = timeout(DEADLINE, execute(keyed(&server.url("/v1")), &services, &out, CancellationToken::new())).await;
    assert_eq!(ended.expect("in time").outcome, Outcome::Cancelled);
}

#[tokio::test]
async fn a_slow_listener_slows_the_run_and_loses_nothing() {
    let mut script = vec![write(wire::STREAM)];
    script.extend((0..200).map(|_| write(&wire::chunk("ab"))));
    script.push(write(wire::FINISH));
    let server = Server::start(vec![script]).await;
    let (out, mut events) = mpsc::channel(1);
    let services = services();
    let running = async {
        let end = execute(keyed(&server.url("/v1")), &services, &out, CancellationToken::new()).await;
        drop(out);
        end
    };
    let listening = async {
        let mut transcript = Transcript::default();
        while let Some((_, batch)) = events.recv().await {
            tokio::task::yield_now().await;
            for event in batch {
                transcript.apply(event);
            }
        }
        transcript
    };
    let (end, transcript) = timeout(DEADLINE, async { tokio::join!(running, listening) }).await.expect("in time");
    assert_eq!((end.outcome, transcript.answer), (Outcome::Ok, "ab".repeat(200)));
}

#[tokio::test]
async fn a_secret_that_does_not_resolve_ends_the_run_before_anything_is_sent() {
    let mut call = keyed("http://127.0.0.1:9/v1");
    call.connector.auth.api_key = Some(Credential::Reference("env:UNSET_KEY".parse().expect("a reference")));
    let told = run(call).await;
    assert_eq!(told.failure().kind, ErrorKind::Secret);
    assert_eq!((told.end.attempts, told.end.timing.total), (0, None));
    assert_eq!(told.end.timing.queue, Some(Duration::ZERO));
}

#[tokio::test]
async fn a_body_that_is_not_json_says_where() {
    let mut call = keyed("http://127.0.0.1:9/v1");
    call.body = "{\n  \"messages\": [,]\n}".to_owned();
    let told = run(call).await;
    assert_eq!(told.failure().kind, ErrorKind::InvalidRequest);
    assert!(told.failure().message.contains("line 2, column 16"), "{}", told.failure().message);
}
