use std::io::Write as _;

use super::*;
use crate::provider::call::Mode;

fn json(body: &str) -> Vec<Act> {
    wire::answer("200 OK", "content-type: application/json\r\n", body)
}

async fn told_by(script: Vec<Act>) -> Told {
    let server = Server::start(vec![script]).await;
    run(keyed(&server.url("/v1"))).await
}

#[tokio::test]
async fn a_stream_is_read_to_its_end_with_times_and_usage() {
    let server = Server::start(vec![vec![
        write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nX-Request-Id: req_1\r\nset-cookie: s=1\r\n\r\n"),
        write("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"),
        write(&wire::chunk("Hello")),
        Act::Gate,
        write(&wire::chunk(" world")),
        write(wire::FINISH),
        Act::Stall,
    ]])
    .await;
    server.open_gate();
    let told = run(keyed(&server.url("/v1"))).await;
    let (end, transcript) = (&told.end, told.transcript());
    assert_eq!(
        (end.outcome, end.model.as_deref(), end.finish_reason.as_deref()),
        (Outcome::Ok, Some("served"), Some("stop"))
    );
    assert_eq!((transcript.answer.as_str(), end.request_id.as_deref()), ("Hello world", Some("req_1")));
    assert_eq!((end.usage.prompt, end.usage.completion, end.usage.source.word()), (Some(9), Some(3), "reported"));
    let head = transcript.head.expect("a head");
    assert_eq!((head.status, head.version.as_str()), (200, "HTTP/1.1"));
    assert!(head.headers.contains(&("set-cookie".to_owned(), "••••".to_owned())), "{:?}", head.headers);
    let timing = end.timing;
    assert!(timing.connect.is_some() && timing.dns.is_none() && timing.tls.is_none(), "{timing:?}");
    assert!(timing.first_byte <= timing.first_token && timing.first_token <= timing.last_token, "{timing:?}");
    assert!(timing.last_token <= timing.total, "{timing:?}");
    // [DONE] is the end, though the server keeps the connection open.
    server.left().await;
}

#[tokio::test]
async fn what_is_sent_is_what_the_preview_shows() {
    let server = Server::start(vec![wire::good_stream()]).await;
    let call = keyed(&server.url("/v1"));
    let services = services();
    let preview = crate::provider::preview(&call, &services.memory).expect("a preview");
    run_with(call, &services).await;
    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{head}");
    assert_eq!(body, preview.body);
    for (name, value) in preview.headers {
        let line = format!("{name}: {}", value.replace("‹env:THE_KEY›", KEY));
        assert!(head.lines().any(|sent| sent == line), "{line} in {head}");
    }
}

#[tokio::test]
async fn a_stream_that_is_answered_by_a_document_is_read_as_one() {
    let told = told_by(json(wire::GOOD_BODY)).await;
    assert_eq!((told.end.outcome, told.transcript().answer.as_str()), (Outcome::Ok, "Hi"));
    assert_eq!(told.transcript().raw.count, 1);
}

#[tokio::test]
async fn a_plain_request_that_is_answered_by_a_stream_is_read_as_one() {
    let server = Server::start(vec![wire::good_stream()]).await;
    let mut call = keyed(&server.url("/v1"));
    call.mode = Mode::Plain;
    let told = run(call).await;
    assert_eq!((told.end.outcome, told.transcript().answer.as_str()), (Outcome::Ok, "Hi"));
    assert!(server.requests().remove(0).contains("\"stream\":false"));
}

#[tokio::test]
async fn blank_lines_before_a_document_only_keep_it_alive() {
    let told = told_by(json(&format!("\n\n\n{}", wire::GOOD_BODY))).await;
    assert_eq!(told.end.outcome, Outcome::Ok);
}

#[tokio::test]
async fn a_byte_order_mark_does_no_harm() {
    for script in [
        json(&format!("\u{FEFF}{}", wire::GOOD_BODY)),
        vec![
            write(wire::STREAM),
            Act::Write(vec![0xEF]),
            Act::Write(vec![0xBB, 0xBF]),
            write(&wire::chunk("Hi")),
            write(wire::FINISH),
        ],
    ] {
        let told = told_by(script).await;
        assert_eq!((told.end.outcome, told.transcript().answer.as_str()), (Outcome::Ok, "Hi"), "{:?}", told.end);
    }
}

#[tokio::test]
async fn invalid_utf8_costs_a_character_not_the_stream() {
    let mut broken = wire::chunk("a?b").into_bytes();
    let at = broken.iter().position(|byte| *byte == b'?').expect("a mark");
    broken[at] = 0xFF;
    let told = told_by(vec![write(wire::STREAM), Act::Write(broken), write(wire::FINISH)]).await;
    assert_eq!((told.end.outcome, told.transcript().answer.as_str()), (Outcome::Ok, "a\u{FFFD}b"));
}

#[tokio::test]
async fn html_is_not_mistaken_for_a_reply() {
    let told = told_by(wire::answer("200 OK", "content-type: text/html\r\n", "<html><h1>Welcome</h1></html>")).await;
    assert_eq!(told.failure().kind, ErrorKind::Malformed);
    assert_eq!(told.failure().http_status, Some(200));
}

#[tokio::test]
async fn an_empty_success_says_that_it_is_empty() {
    for script in [wire::answer("200 OK", "", ""), vec![write(wire::STREAM)]] {
        let told = told_by(script).await;
        assert_eq!(told.failure().kind, ErrorKind::Malformed);
        assert!(told.failure().message.contains("empty body"), "{}", told.failure().message);
    }
}

#[tokio::test]
async fn a_refused_key_is_masked_everywhere() {
    let body =
        format!("{{\"error\":{{\"message\":\"Incorrect API key provided: {KEY}\",\"code\":\"invalid_api_key\"}}}}");
    let headers = format!("content-type: application/json\r\nx-echo: {KEY}\r\n");
    let told = told_by(wire::answer("401 Unauthorized", &headers, &body)).await;
    assert_eq!((told.failure().kind, told.failure().http_status), (ErrorKind::Auth, Some(401)));
    assert!(!format!("{:?} {:?}", told.events, told.end).contains("canary"), "{:?}", told.events);
    assert_eq!(told.end.usage.source.word(), "none");
}

#[tokio::test]
async fn an_error_inside_a_stream_fails_the_run_and_is_masked() {
    let error =
        format!("data: {{\"error\":{{\"message\":\"boom {KEY}\",\"type\":\"server_error\"}}}}\n\ndata: [DONE]\n\n");
    let told = told_by(vec![write(wire::STREAM), write(&wire::chunk("Once")), write(&error)]).await;
    assert_eq!((told.failure().kind, told.failure().http_status), (ErrorKind::Server, Some(200)));
    assert!(!format!("{:?}", told.events).contains("canary"), "{:?}", told.events);
    assert_eq!(told.end.usage.source.word(), "estimated");
}

#[tokio::test]
async fn a_server_that_repeats_the_key_in_its_answer_does_not_uncover_it() {
    let event = format!("event: {KEY}\x1b[2J{}\n", "n".repeat(500));
    let told = told_by(vec![write(wire::STREAM), write(&event), write(&wire::chunk(KEY)), write(wire::FINISH)]).await;
    assert!(!format!("{:?}", told.events).contains("canary"), "{:?}", told.events);
    let kind = &told.transcript().raw.events.front().expect("an event").kind.clone();
    assert!(kind.len() < 90 && !kind.chars().any(crate::domain::text::is_unsafe), "{kind:?}");
    assert_eq!(told.transcript().answer, "••••");
    let body = wire::GOOD_BODY.replace("\"Hi\"", &format!("\"your key is {KEY}, not sk-0123456789\""));
    let told = told_by(json(&body)).await;
    assert_eq!(told.transcript().answer, "your key is ••••, not sk-0123456789");
    assert!(!format!("{:?}", told.events).contains("canary"), "{:?}", told.events);
}

#[tokio::test]
async fn a_credential_of_the_url_or_of_a_plain_header_is_masked_where_it_comes_back() {
    let body = "{\"error\":{\"message\":\"Basic dXNlcjpwYXNz at /v1?sig=a%2Fhidden-77 (a/hidden-77)\"}}";
    let server = Server::start(vec![wire::answer("400 Bad Request", "", body)]).await;
    let mut call = call(connector(Provider::Other, &server.url("/v1?sig=a%2Fhidden-77")), BODY);
    let value = "Basic dXNlcjpwYXNz".to_owned();
    call.connector.headers.push(crate::domain::Header { name: "Authorization".to_owned(), value });
    let told = run(call).await;
    let all = format!("{:?} {:?}", told.events, told.end);
    assert!(!all.contains("hidden-77") && !all.contains("dXNlcjpwYXNz"), "{all}");
    assert!(server.requests().remove(0).contains("authorization: Basic dXNlcjpwYXNz"));
}

#[tokio::test]
async fn the_first_token_is_timed_when_it_comes_even_if_it_may_be_a_tag() {
    let script = vec![write(wire::STREAM), write(&wire::chunk("<thi")), Act::Gate, write(wire::FINISH)];
    let server = Server::start(vec![script]).await;
    let (out, mut events) = mpsc::channel::<Batch>(64);
    let services = services();
    let running = execute(keyed(&server.url("/v1")), &services, &out, CancellationToken::new());
    let listening = async {
        while let Some((_, batch)) = events.recv().await {
            if batch.iter().any(|event| matches!(event, RunEvent::Raw(_))) {
                break;
            }
        }
        server.open_gate();
        while let Some((_, batch)) = events.recv().await {
            if batch.iter().any(|event| matches!(event, RunEvent::Ended(_))) {
                break;
            }
        }
    };
    let (end, ()) = timeout(DEADLINE, async { tokio::join!(running, listening) }).await.expect("in time");
    let (first, last) = (end.timing.first_token.expect("a token"), end.timing.last_token.expect("a token"));
    assert!(first < last, "{:?}", end.timing);
}

#[tokio::test]
async fn a_finished_stream_that_stays_open_is_complete() {
    let finish = wire::FINISH.replace("data: [DONE]\n\n", "");
    let script = vec![write(wire::STREAM), write(&wire::chunk("Hi")), write(&finish), Act::Stall];
    let server = Server::start(vec![script]).await;
    let mut call = keyed(&server.url("/v1"));
    call.policy.limits.idle_timeout = Duration::from_millis(60);
    let told = run(call).await;
    assert_eq!((told.end.outcome, told.transcript().answer.as_str()), (Outcome::Ok, "Hi"), "{:?}", told.end);
    assert!(told.notes().iter().any(|note| note.contains("idle_timeout")), "{:?}", told.notes());
    server.left().await;
}

#[tokio::test]
async fn an_error_whose_body_drips_is_not_waited_for_until_its_end() {
    let mut script = vec![write("HTTP/1.1 401 No\r\ncontent-length: 100000\r\n\r\n")];
    script.extend((0..50).map(|_| write("x")));
    script.push(Act::Stall);
    let server = Server::start(vec![script]).await;
    let mut call = keyed(&server.url("/v1"));
    call.policy.limits.idle_timeout = Duration::from_millis(60);
    assert_eq!(run(call).await.failure().kind, ErrorKind::Auth);
    server.left().await;
}

#[tokio::test]
async fn an_error_whose_body_never_comes_is_told_all_the_same() {
    let head = "HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\n";
    let server = Server::start(vec![vec![write(head), Act::Stall]]).await;
    let mut call = keyed(&server.url("/v1"));
    call.policy.limits.idle_timeout = Duration::from_millis(60);
    let told = run(call).await;
    assert_eq!((told.failure().kind, told.failure().http_status), (ErrorKind::Server, Some(500)));
    server.left().await;
}

#[tokio::test]
async fn escape_sequences_in_names_and_headers_do_not_pass() {
    let stream = "data: {\"model\":\"\\u001b[31mred\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n";
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: a\u{9b}b\r\n\r\n";
    let told = told_by(vec![write(head), write(stream)]).await;
    assert_eq!((told.end.outcome, told.end.model.as_deref()), (Outcome::Ok, Some("␛[31mred")));
    let id = told.end.request_id.clone().expect("an id");
    assert!(!id.chars().any(crate::domain::text::is_unsafe), "{id:?}");
}

#[tokio::test]
async fn a_large_event_is_cut_for_showing_and_its_size_told() {
    let told = told_by(vec![write(wire::STREAM), write(&wire::chunk(&"x".repeat(40_000))), write(wire::FINISH)]).await;
    let transcript = told.transcript();
    assert_eq!(transcript.answer.len(), 40_000);
    let first = transcript.raw.events.front().expect("an event");
    assert!(first.data.len() < 17 * 1024 && first.size > 40_000);
}

#[tokio::test]
async fn an_unasked_compression_is_undone_or_named() {
    // The smallest gzip there is: one stored block.
    let text = wire::GOOD_BODY.as_bytes();
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    let length = u16::try_from(text.len()).expect("short");
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(text);
    packed.extend(crc32(text).to_le_bytes());
    packed.extend(u32::from(length).to_le_bytes());
    let mut head = Vec::new();
    write!(head, "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len())
        .expect("written");
    let told = told_by(vec![Act::Write(head), Act::Write(packed)]).await;
    assert_eq!((told.end.outcome, told.transcript().answer.as_str()), (Outcome::Ok, "Hi"), "{:?}", told.end);
    let told = told_by(wire::answer("200 OK", "content-encoding: zstd\r\n", "????")).await;
    assert!(told.failure().message.contains("zstd"), "{}", told.failure().message);
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
