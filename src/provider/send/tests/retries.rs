use super::*;

const REFUSAL: &str =
    "{\"error\":{\"message\":\"Unknown argument: stream_options\",\"type\":\"invalid_request_error\"}}";
const BUSY: &str = "{\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}";

fn attempts(url: &str, max: u32) -> Call {
    let mut call = keyed(url);
    call.connector.options.max_attempts = Some(max);
    call
}

fn busy() -> Vec<Act> {
    wire::answer("503 Unavailable", "retry-after-ms: 1\r\ncontent-type: application/json\r\n", BUSY)
}

#[tokio::test]
async fn one_attempt_is_the_default() {
    let server = Server::start(vec![busy(), wire::good_stream()]).await;
    let told = run(keyed(&server.url("/v1"))).await;
    assert_eq!((told.failure().kind, told.failure().attempts), (ErrorKind::Server, 1));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn every_attempt_is_visible_and_the_last_one_counts() {
    let server = Server::start(vec![busy(), busy(), wire::good_stream()]).await;
    let told = run(attempts(&server.url("/v1"), 3)).await;
    assert_eq!((told.end.outcome, told.end.attempts, told.end.http_status), (Outcome::Ok, 3, Some(200)));
    let waits: Vec<_> =
        told.transcript().retries.iter().map(|report| (report.number, report.of, report.wait)).collect();
    assert_eq!(waits, [(1, 3, Duration::from_millis(1)), (2, 3, Duration::from_millis(1))]);
    let numbers: Vec<u32> = told
        .events
        .iter()
        .filter_map(|event| if let RunEvent::Attempt { number, .. } = event { Some(*number) } else { None })
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[tokio::test]
async fn the_last_failure_is_told_with_its_attempts() {
    let server = Server::start(vec![busy(), busy()]).await;
    let told = run(attempts(&server.url("/v1"), 2)).await;
    assert_eq!((told.failure().attempts, told.failure().http_status), (2, Some(503)));
}

#[tokio::test]
async fn an_empty_account_is_not_asked_again() {
    let body = "{\"error\":{\"message\":\"You exceeded your current quota\",\"code\":\"insufficient_quota\"}}";
    let server = Server::start(vec![wire::answer("429 Too Many", "retry-after-ms: 1\r\n", body)]).await;
    let told = run(attempts(&server.url("/v1"), 3)).await;
    assert_eq!((told.failure().kind, told.end.attempts), (ErrorKind::Quota, 1));
}

#[tokio::test]
async fn after_the_first_token_nothing_is_repeated() {
    let cut = vec![write(wire::STREAM), write(&wire::chunk("Once"))];
    let server = Server::start(vec![cut, wire::good_stream()]).await;
    let told = run(attempts(&server.url("/v1"), 3)).await;
    assert_eq!((told.failure().kind, told.end.attempts), (ErrorKind::StreamCut, 1));
    assert_eq!(told.transcript().answer, "Once");
}

#[tokio::test]
async fn a_cut_before_the_first_token_may_be_repeated() {
    let server = Server::start(vec![vec![write(wire::STREAM), write(": ping\n\n")], wire::good_stream()]).await;
    let told = run(attempts(&server.url("/v1"), 2)).await;
    assert_eq!((told.end.outcome, told.end.attempts), (Outcome::Ok, 2));
}

#[tokio::test]
async fn a_refused_usage_option_is_dropped_once_and_remembered() {
    let refused = wire::answer("400 Bad Request", "content-type: application/json\r\n", REFUSAL);
    let server = Server::start(vec![refused, wire::good_stream(), wire::good_stream()]).await;
    let services = services();
    let told = run_with(keyed(&server.url("/v1")), &services).await;
    assert_eq!((told.end.outcome, told.end.attempts), (Outcome::Ok, 1));
    assert!(told.notes().iter().any(|note| note.contains("include_usage")), "{:?}", told.notes());
    let again = run_with(keyed(&server.url("/v1")), &services).await;
    assert_eq!((again.end.outcome, again.notes().len()), (Outcome::Ok, 0));
    let asked: Vec<bool> = server.requests().iter().map(|request| request.contains("include_usage")).collect();
    assert_eq!(asked, [true, false, false]);
}

#[tokio::test]
async fn a_persons_own_usage_option_is_not_taken_away() {
    let refused = wire::answer("422 Unprocessable", "", REFUSAL);
    let server = Server::start(vec![refused]).await;
    let mut call = keyed(&server.url("/v1"));
    call.body = "{\"messages\":[],\"stream_options\":{\"include_usage\":true}}".to_owned();
    let told = run(call).await;
    assert_eq!((told.end.outcome, told.end.http_status), (Outcome::Error, Some(422)));
    assert_eq!(server.requests().len(), 1);
}
