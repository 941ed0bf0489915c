use super::*;

fn limited(url: &str, change: impl FnOnce(&mut crate::domain::NetworkPolicy)) -> Call {
    let mut call = keyed(url);
    change(&mut call.policy);
    call
}

const SHORT: Duration = Duration::from_millis(60);

fn assert_timeout(told: &Told, name: &str) {
    assert_eq!(told.failure().kind, ErrorKind::Timeout, "{:?}", told.failure());
    assert!(told.failure().message.contains(name), "{}", told.failure().message);
    assert!(told.failure().message.contains("60ms"), "{}", told.failure().message);
}

#[tokio::test]
async fn a_silent_tls_port_is_a_connect_timeout_in_the_handshake() {
    let server = Server::start(vec![vec![Act::Stall]]).await;
    let url = format!("https://127.0.0.1:{}/v1", server.port());
    let told = run(limited(&url, |policy| policy.limits.connect_timeout = SHORT)).await;
    assert_timeout(&told, "connect_timeout");
    assert!(told.failure().message.contains("TLS handshake"), "{}", told.failure().message);
    server.left().await;
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_first_byte_timeout() {
    let server = Server::start(vec![vec![Act::Stall]]).await;
    let told = run(limited(&server.url("/v1"), |policy| policy.limits.first_byte_timeout = SHORT)).await;
    assert_timeout(&told, "first_byte_timeout");
    assert!(told.end.timing.connect.is_some() && told.end.timing.first_byte.is_none());
    server.left().await;
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_an_idle_timeout_and_keeps_what_came() {
    let server = Server::start(vec![vec![write(wire::STREAM), write(&wire::chunk("Once")), Act::Stall]]).await;
    let told = run(limited(&server.url("/v1"), |policy| policy.limits.idle_timeout = SHORT)).await;
    assert_timeout(&told, "idle_timeout");
    assert_eq!(told.transcript().answer, "Once");
    server.left().await;
}

#[tokio::test]
async fn a_stream_that_drags_on_is_a_total_timeout() {
    let server = Server::start(vec![vec![write(wire::STREAM), write(&wire::chunk("Once")), Act::Stall]]).await;
    let told = run(limited(&server.url("/v1"), |policy| policy.limits.total_timeout = SHORT)).await;
    assert_timeout(&told, "total_timeout");
    server.left().await;
}

#[tokio::test]
async fn a_response_over_the_cap_is_too_large_and_stops_being_read() {
    let server = Server::start(vec![vec![write(wire::STREAM), write(&"data: x".repeat(4000)), Act::Stall]]).await;
    let told = run(limited(&server.url("/v1"), |policy| policy.limits.max_response_size = 16 << 10)).await;
    assert_eq!(told.failure().kind, ErrorKind::TooLarge);
    assert!(told.failure().message.contains("16KiB (max_response_size)"), "{}", told.failure().message);
    server.left().await;
}

#[tokio::test]
async fn a_port_without_a_listener_says_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let told = run(keyed(&format!("http://127.0.0.1:{port}/v1"))).await;
    assert_eq!(told.failure().kind, ErrorKind::Connect);
    assert_eq!(told.failure().hint, format!("nothing listens on 127.0.0.1:{port}; is the server running?"));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_says_which() {
    let told = run(limited("http://nothing.invalid/v1", |policy| policy.limits.connect_timeout = DEADLINE)).await;
    assert_eq!(told.failure().kind, ErrorKind::Dns, "{:?}", told.failure());
    assert!(told.failure().message.contains("the name nothing.invalid did not resolve"));
}

#[tokio::test]
async fn https_to_a_plain_port_says_use_http() {
    let server = Server::start(vec![wire::answer("400 Bad Request", "", "")]).await;
    let told = run(keyed(&format!("https://127.0.0.1:{}/v1", server.port()))).await;
    assert_eq!(told.failure().kind, ErrorKind::Tls, "{:?}", told.failure());
    assert!(told.failure().hint.contains("http://"), "{}", told.failure().hint);
}

#[tokio::test]
async fn http_to_a_tls_port_says_use_https() {
    // A fatal alert, as a TLS server answers what is no handshake; then a plain close, as others do.
    let alert = Act::Write(vec![0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x0A]);
    for (script, kind) in [(vec![alert], ErrorKind::Malformed), (vec![], ErrorKind::StreamCut)] {
        let server = Server::start(vec![script]).await;
        let told = run(keyed(&server.url("/v1"))).await;
        assert_eq!(told.failure().kind, kind, "{:?}", told.failure());
        assert!(told.failure().hint.contains("https://"), "{}", told.failure().hint);
    }
}

#[tokio::test]
async fn what_is_not_http_says_so() {
    let server = Server::start(vec![vec![write("SSH-2.0-OpenSSH_9.6\r\n")]]).await;
    let told = run(keyed(&server.url("/v1"))).await;
    assert_eq!(told.failure().kind, ErrorKind::Malformed);
    assert!(told.failure().message.contains("does not answer in HTTP"), "{}", told.failure().message);
}

#[tokio::test]
async fn a_broken_chunk_is_malformed_and_a_missing_end_is_a_cut() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let data = wire::chunk("Once");
    let first = format!("{:x}\r\n{data}\r\n", data.len());
    for (rest, kind) in [("zz\r\n", ErrorKind::Malformed), ("", ErrorKind::StreamCut)] {
        let server = Server::start(vec![vec![write(head), write(&first), write(rest)]]).await;
        let told = run(keyed(&server.url("/v1"))).await;
        assert_eq!(told.failure().kind, kind, "{:?}", told.failure());
        assert_eq!(told.transcript().answer, "Once");
    }
}
