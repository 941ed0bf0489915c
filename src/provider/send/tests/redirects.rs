use super::*;
use crate::domain::Header;

fn with_gateway_key(url: &str) -> Call {
    let mut call = keyed(url);
    call.connector.headers = vec![Header { name: "x-gw-key".to_owned(), value: "env:GW_KEY".to_owned() }];
    call
}

fn moved(status: &str, location: &str) -> Vec<Act> {
    wire::answer(status, &format!("location: {location}\r\n"), "")
}

#[tokio::test]
async fn the_same_origin_is_followed_with_key_and_body() {
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let server = Server::start(vec![moved(status, "/v1/chat/completions/"), wire::good_stream()]).await;
        let told = run(with_gateway_key(&server.url("/v1"))).await;
        assert_eq!(told.end.outcome, Outcome::Ok, "{status}: {:?}", told.end);
        let requests = server.requests();
        let last = requests.last().expect("two requests");
        assert!(last.starts_with("POST /v1/chat/completions/ "), "{last}");
        assert!(last.contains(KEY) && last.contains("gateway-canary-55") && last.contains("Hello world"));
        assert!(told.notes().iter().any(|note| note.contains("redirected")), "{:?}", told.notes());
    }
}

#[tokio::test]
async fn another_origin_never_sees_key_headers_or_body() {
    let other = Server::start(vec![wire::good_stream()]).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let server = Server::start(vec![moved(status, &other.url("/v1/chat/completions"))]).await;
        let told = run(with_gateway_key(&server.url("/v1"))).await;
        let failure = told.failure();
        assert_eq!((failure.kind, failure.attempts), (ErrorKind::NotFound, 1), "{failure:?}");
        assert!(failure.message.contains(&format!("127.0.0.1:{}", server.port())), "{}", failure.message);
        assert!(failure.message.contains(&format!("127.0.0.1:{}", other.port())), "{}", failure.message);
        assert!(failure.message.contains("key and body stayed here"), "{}", failure.message);
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_hop_to_a_host_that_is_not_allowed_is_refused_as_such() {
    let server = Server::start(vec![moved("307 Temporary", "http://elsewhere.test/v1/chat/completions")]).await;
    let mut call = with_gateway_key(&server.url("/v1"));
    call.policy.allowed_hosts = Some(vec![crate::domain::policy::HostRule::parse("127.0.0.1").expect("a rule")]);
    let told = run(call).await;
    let failure = told.failure();
    assert_eq!(failure.kind, ErrorKind::Policy, "{failure:?}");
    assert!(failure.message.starts_with("elsewhere.test:80 is not among the allowed hosts"), "{}", failure.message);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_step_from_http_to_https_is_advised_not_taken() {
    let server = Server::start(vec![moved("301 Moved", "https://127.0.0.1/v1/chat/completions")]).await;
    let told = run(keyed(&server.url("/v1"))).await;
    assert_eq!(told.failure().hint, "write https:// in the connector's URL");
}

#[tokio::test]
async fn a_redirect_in_circles_ends() {
    let server = Server::start(vec![moved("307 Temporary", "/v1/chat/completions"); 10]).await;
    let told = run(keyed(&server.url("/v1"))).await;
    assert!(told.failure().message.contains("in circles"), "{}", told.failure().message);
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn a_redirect_to_nowhere_and_an_unasked_switch_are_refused() {
    for (script, words) in [
        (wire::answer("302 Found", "", ""), "without saying where"),
        (moved("302 Found", "http://["), "no URL"),
        (moved("302 Found", "javascript:alert(1)"), "not followed"),
        (vec![write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")], "(101)"),
    ] {
        let server = Server::start(vec![script]).await;
        let told = run(keyed(&server.url("/v1"))).await;
        assert!(told.failure().message.contains(words), "{}", told.failure().message);
    }
}
