//! Listening, counting, pacing and stopping.

use super::*;

async fn read_until(stream: &mut TcpStream, wanted: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while memchr::memmem::find(&bytes, wanted).is_none() {
        let read = tokio::time::timeout(SOON, stream.read_buf(&mut bytes)).await.unwrap().unwrap();
        assert_ne!(read, 0, "ended before {}", String::from_utf8_lossy(wanted));
    }
    bytes
}

fn head() -> String {
    format!("POST /v1/chat/completions HTTP/1.1\r\napi-key: {KEY}")
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    for address in ["0.0.0.0:0", "[::]:0", "192.168.1.7:0", "[::ffff:10.0.0.1]:0"] {
        let error = bind(Options { listen: address.parse().unwrap(), ..fast() }).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("use 127.0.0.1"), "{error}");
    }
}

#[tokio::test]
async fn the_base_url_names_the_port_that_was_taken() {
    let sandbox = bind(Options::default()).await.unwrap();
    let url = sandbox.base_url();
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/v1") && !url.contains(":0/"), "{url}");
}

#[tokio::test]
async fn every_behaviour_is_a_model() {
    let sandbox = start(fast()).await;
    for (path, first) in [("/v1/models", MODEL), ("/openai/v1/models", MODEL), ("/openai/models?api-version=1", MODEL)]
    {
        let answer = sandbox.call(&format!("GET {path} HTTP/1.1\r\napi-key: {KEY}"), "").await.json();
        let ids: Vec<&str> =
            answer["data"].as_array().unwrap().iter().filter_map(|model| model["id"].as_str()).collect();
        let expected: Vec<&str> = std::iter::once(first).chain(BEHAVIOURS.iter().map(|d| d.name)).collect();
        assert_eq!(ids, expected);
    }
}

#[tokio::test]
async fn a_client_that_leaves_a_stall_is_counted_as_gone() {
    let sandbox = start(fast()).await;
    let mut stream = sandbox.send(&head(), &chat_body("stall").to_string()).await;
    let seen = read_until(&mut stream, b"\" world").await;
    assert!(memchr::memmem::find(&seen, b"[DONE]").is_none());
    assert_eq!(sandbox.watch.counts(), Counts { started: 1, finished: 0, abandoned: 0 });
    drop(stream);
    let counts = sandbox.watch.until(|counts| counts.abandoned == 1, SOON).await;
    assert_eq!(counts, Ok(Counts { started: 1, finished: 0, abandoned: 1 }));
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_a_stream_is_counted_as_gone() {
    let sandbox = start(fast()).await;
    let mut stream = sandbox.send(&head(), &chat_body("slow").to_string()).await;
    read_until(&mut stream, b"assistant").await;
    drop(stream);
    assert!(sandbox.watch.until(|counts| counts.abandoned == 1, SOON).await.is_ok());
}

#[tokio::test]
async fn a_client_that_leaves_before_a_whole_reply_is_counted_as_gone() {
    let sandbox = start(fast()).await;
    for model in ["slow", "stall"] {
        let before = sandbox.watch.counts();
        let stream = sandbox.send(&head(), &json!({"model": model, "messages": hello()}).to_string()).await;
        sandbox.watch.until(|counts| counts.started > before.started, SOON).await.unwrap();
        drop(stream);
        assert!(sandbox.watch.until(|counts| counts.abandoned > before.abandoned, SOON).await.is_ok(), "{model}");
    }
}

#[tokio::test]
async fn answered_and_refused_requests_are_finished() {
    let sandbox = start(fast()).await;
    sandbox.chat("m").await;
    sandbox.chat("quota").await;
    sandbox.chat_whole("m").await;
    assert_eq!(sandbox.watch.counts(), Counts { started: 3, finished: 3, abandoned: 0 });
}

#[tokio::test]
async fn tokens_come_at_their_pace() {
    let options = Options { first_token: Duration::from_millis(60), tokens_per_second: 200.0, ..Options::default() };
    let sandbox = start(options).await;
    let began = tokio::time::Instant::now();
    let answer = sandbox.chat("m").await;
    let tokens = answer.events().last().unwrap()["usage"]["completion_tokens"].as_u64().unwrap();
    let least = Duration::from_millis(60 + 5 * (tokens - 1));
    assert!(began.elapsed() >= least, "{:?} for {tokens} tokens", began.elapsed());
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let sandbox = start(fast()).await;
    let mut stream = TcpStream::connect(sandbox.origin).await.unwrap();
    for _ in 0..2 {
        let request = format!("GET /v1/models HTTP/1.1\r\nhost: x\r\napi-key: {KEY}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        read_until(&mut stream, b"\"hostile\"").await;
    }
}

#[tokio::test]
async fn stopping_ends_streams_under_way_and_frees_the_port() {
    let mut sandbox = start(fast()).await;
    let mut stream = sandbox.send(&head(), &chat_body("stall").to_string()).await;
    read_until(&mut stream, b"\" world").await;
    sandbox.stop.cancel();
    tokio::time::timeout(SOON, sandbox.serving.take().unwrap()).await.unwrap().unwrap().unwrap();
    assert_eq!(sandbox.watch.counts(), Counts { started: 1, finished: 1, abandoned: 0 });
    assert!(TcpListener::bind(sandbox.origin).await.is_ok());
}
