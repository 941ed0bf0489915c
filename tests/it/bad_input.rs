//! What bad input gets: servers that answer anything but what was asked, and connectors that lead nowhere.
//!
//! Each is met by the real program over a real socket, and ends with a kind, an exit code, a message that names what
//! happened and where, and nothing printed that a terminal would obey.

mod server;
mod usage;

use std::io::Write;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Home, Ran};
use server::{Server, delay};

const KEY: &str = "canary-key-that-nobody-may-see";
const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const DONE: &str = "data: [DONE]\n\n";

fn home(url: &str, network: &str) -> Home {
    let home = Home::new().set("THE_KEY", KEY);
    home.write(&format!(
        "[connectors.bad]\nname = \"Bad\"\nprovider = \"other\"\nurl = \"{url}\"\ndefault_model = \"m\"\n\
         api_key = \"env:THE_KEY\"\nheaders = {{ \"x-gw-key\" = \"env:THE_KEY\" }}\n\n\
         [connectors.bad.network]\n{network}\n"
    ));
    home
}

/// Runs the test in every format, of which none may print what a terminal obeys, and gives the JSON.
#[track_caller]
fn test(home: &Home) -> (Ran, Value) {
    let formats = [&["test", "bad", "--jsonl"][..], &["test", "bad"], &["test", "bad", "--json"]];
    let mut last = None;
    for format in formats {
        let ran = home.run(format);
        for text in [&ran.out, &ran.err] {
            let bad = text.chars().find(|c| switchboard::domain::text::is_unsafe(*c));
            assert_eq!(bad, None, "{format:?}: {text:?}");
            assert!(!text.contains(KEY), "{format:?} shows the key: {text}");
        }
        last = Some(ran);
    }
    let ran = last.expect("it ran");
    let result = ran.json();
    (ran, result)
}

#[track_caller]
fn fails(server: &Server, network: &str, (kind, code): (&str, i32), says: &[&str]) -> Value {
    let (ran, result) = test(&home(&format!("http://{}/v1", server.place()), network));
    assert_eq!((result["error"]["kind"].as_str(), ran.code), (Some(kind), Some(code)), "{result}");
    let message = result["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains(&server.place()), "{message} does not say where");
    for words in says {
        assert!(message.contains(words), "{words:?} is missing in {message:?}");
    }
    assert!(result["error"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{result}");
    result
}

#[track_caller]
fn answers(server: &Server, text: &str) -> Value {
    let (ran, result) = test(&home(&format!("http://{}/v1", server.place()), ""));
    assert_eq!((result["status"].as_str(), ran.code), (Some("ok"), Some(0)), "{result}");
    assert_eq!(result["text"], text);
    result
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn chunk(text: &str) -> String {
    let content = Value::from(text);
    format!("data: {{\"model\":\"served\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{content}}}}}]}}\n\n")
}

fn finish() -> String {
    let reason = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":17}}\n\n";
    format!("{reason}{usage}{DONE}")
}

#[test]
fn a_web_page_is_told_from_a_reply() {
    let page = "<!DOCTYPE html><html><head><style>b{}</style></head><body><h1>Sign in</h1> to go on</body></html>";
    let ok = Server::writing(answer("200 OK", "text/html", page));
    fails(&ok, "", ("malformed", 5), &["200", "web page", "Sign in"]);
    let gateway = Server::writing(answer("502 Bad Gateway", "text/html", "<html><h1>502 Bad Gateway</h1>nginx</html>"));
    let result = fails(&gateway, "", ("server", 5), &["502", "Bad Gateway nginx"]);
    assert_eq!((&result["http_status"], &result["error"]["http_status"]), (&Value::from(502), &Value::from(502)));
}

#[test]
fn an_empty_success_is_no_reply() {
    for (kind, length) in [("application/json", 0), ("text/event-stream", 0), ("text/plain", 3)] {
        let server = Server::writing(answer("200 OK", kind, &"\n".repeat(length)));
        fails(&server, "", ("malformed", 5), &["empty body"]);
    }
}

#[test]
fn a_redirect_to_another_host_carries_nothing_there() {
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let thief = Server::writing(answer("200 OK", "application/json", "{}"));
        let away = format!("http://{}/v1/chat/completions", thief.place());
        let server = Server::writing(format!("HTTP/1.1 {status}\r\nlocation: {away}\r\ncontent-length: 0\r\n\r\n"));
        fails(&server, "", ("not-found", 5), &["redirects", &thief.place(), "not followed"]);
        assert!(server.asked().iter().all(|request| request.contains(KEY)), "the key goes where it belongs");
        assert_eq!(thief.asked(), Vec::<String>::new());
    }
}

#[test]
fn a_line_without_an_end_stops_at_the_cap() {
    let endless = |start: &'static str| {
        Server::start(move |socket| {
            socket.write_all(STREAM.as_bytes())?;
            socket.write_all(start.as_bytes())?;
            // A gibibyte, were it read to its end.
            let block = vec![b'x'; 65_536];
            (0..16_384).try_for_each(|_| socket.write_all(&block))
        })
    };
    for start in ["data: {\"choices\":[", "event: ", ": ", "{\"choices\":["] {
        let limits = "max_response_size = \"1MiB\"";
        fails(&endless(start), limits, ("too-large", 5), &["1MiB", "max_response_size"]);
    }
    let by_default = home(&format!("http://{}/v1", endless("data: ").place()), "").run(&["test", "bad", "--json"]);
    assert!(by_default.out.contains("64MiB (max_response_size)") && by_default.code == Some(5), "{}", by_default.out);
}

#[test]
fn bytes_that_are_no_text_cost_themselves_alone() {
    let broken = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\xFF\xC3b\"}}]}\n\n";
    let server = Server::writing([STREAM.as_bytes(), broken, finish().as_bytes()].concat());
    answers(&server, "a\u{FFFD}\u{FFFD}b");
    let body = b"{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"content\":\"a\xFFb\"}}]}";
    let server = Server::writing([STREAM.as_bytes(), body.as_slice()].concat());
    answers(&server, "a\u{FFFD}b");
    fails(
        &Server::writing(answer("200 OK", "application/json", "\u{0}\u{1}\u{2}")),
        "",
        ("malformed", 5),
        &["no JSON"],
    );
}

#[test]
fn a_byte_order_mark_and_any_line_end_are_read() {
    let stream = chunk("Once") + &chunk(" upon") + &finish();
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("\u{FEFF}{}", stream.replace('\n', end));
        answers(&Server::writing(STREAM.to_owned() + &text), "Once upon");
        // Byte by byte, so that marks and line ends are split.
        let bytes = text.into_bytes();
        let dripping = Server::start(move |socket| {
            socket.set_nodelay(true)?;
            socket.write_all(STREAM.as_bytes())?;
            bytes.iter().try_for_each(|byte| socket.write_all(&[*byte]))
        });
        answers(&dripping, "Once upon");
    }
    let document = "\u{FEFF}{\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"content\":\"Hi\"}}]}";
    answers(&Server::writing(answer("200 OK", "application/json", document)), "Hi");
}

/// Escape sequences, a title, C1, bidi controls and invisible tags.
const HOSTILE: &str = "\\u001b[2J\\u001b]0;owned\\u0007\\u009b31m \\u202egnp.exe\\u2066 \\udb40\\udc41 end";

#[test]
fn what_a_terminal_would_obey_is_never_printed() {
    let delta = format!(
        "\"delta\":{{\"content\":\"{HOSTILE}\",\"reasoning_content\":\"{HOSTILE}\",\"tool_calls\":[{{\"index\":0,\
         \"id\":\"{HOSTILE}\",\"function\":{{\"name\":\"{HOSTILE}\",\"arguments\":\"{HOSTILE}\"}}}}]}}"
    );
    let event = format!(
        "event: a\u{1b}[2J\u{202e}b\ndata: {{\"model\":\"{HOSTILE}\",\"choices\":[{{\"index\":0,{delta},\"finish_reason\":\"{HOSTILE}\"}}]}}\n\n"
    );
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: a\u{9b}31mb\r\nconnection: close\r\n\r\n";
    let (ran, result) =
        test(&home(&format!("http://{}/v1", Server::writing(format!("{head}{event}{DONE}")).place()), ""));
    assert_eq!(ran.code, Some(0), "{result}");
    assert!(result["model"].as_str().is_some_and(|model| model.ends_with("end")), "{result}");
}

#[test]
fn a_hostile_error_message_is_made_harmless() {
    let error =
        format!("{{\"error\":{{\"message\":\"{HOSTILE} {KEY}\",\"code\":\"{HOSTILE}\",\"param\":\"{HOSTILE}\"}}}}");
    let server = Server::writing(answer("400 Bad Request", "application/json", &error));
    fails(&server, "", ("invalid-request", 5), &["HTTP 400", "end ••••"]);
    let server = Server::writing(format!("{STREAM}{}data: {error}\n\n", chunk("Once")));
    let result = fails(&server, "", ("server", 5), &["inside its reply", "end ••••"]);
    assert_eq!(result["text"], "Once");
    let page = format!("<html><title>\u{1b}[31m{KEY}\u{202e}</title></html>");
    fails(&Server::writing(answer("401 Unauthorized", "text/html", &page)), "", ("auth", 4), &["HTTP 401", "••••"]);
}

#[test]
fn an_echo_of_the_request_shows_no_key() {
    let echo = |text: &str| Server::writing(format!("{STREAM}event: {KEY}\n{}{}", chunk(text), finish()));
    answers(&echo(&format!("you sent Bearer {KEY}")), "you sent Bearer ••••");
}

#[test]
fn a_connection_that_is_closed_without_an_answer_is_told() {
    fails(&Server::writing(""), "", ("stream-cut", 5), &["closed the connection without an answer"]);
    fails(&Server::writing("HTTP/1.1 200 OK\r\ncontent-ty"), "", ("stream-cut", 5), &["closed the connection"]);
    fails(&Server::writing("SSH-2.0-OpenSSH_9.9\r\n"), "", ("malformed", 5), &["does not answer in HTTP"]);
}

#[test]
fn a_stream_that_is_cut_keeps_what_came() {
    let result = fails(&Server::writing(STREAM.to_owned() + &chunk("Once")), "", ("stream-cut", 5), &["ended before"]);
    assert_eq!((&result["text"], &result["usage"]["source"]), (&Value::from("Once"), &Value::from("estimated")));
}

#[test]
fn each_limit_is_told_by_its_name() {
    let first_byte = "first_byte_timeout = \"150ms\"";
    for head in ["", "HTTP/1.1 200 OK\r\nx-slow: "] {
        fails(&Server::stalling(head), first_byte, ("timeout", 6), &["first_byte_timeout", "150ms"]);
    }
    let dripping = Server::start(|socket| {
        socket.write_all(b"HTTP/1.1 200 OK\r\n")?;
        (0..).try_for_each(|number| {
            delay(socket, Duration::from_millis(20))?;
            write!(socket, "x-{number}: y\r\n")
        })
    });
    fails(&dripping, first_byte, ("timeout", 6), &["first_byte_timeout", "150ms"]);
    let once = STREAM.to_owned() + &chunk("Once");
    let result = fails(&Server::stalling(once), "idle_timeout = \"150ms\"", ("timeout", 6), &["idle_timeout", "150ms"]);
    assert_eq!(result["text"], "Once");
    let endless = Server::start(|socket| {
        socket.write_all(STREAM.as_bytes())?;
        (0..).try_for_each(|_: u64| {
            delay(socket, Duration::from_millis(20))?;
            socket.write_all(chunk("again ").as_bytes())
        })
    });
    let result = fails(&endless, "total_timeout = \"800ms\"", ("timeout", 6), &["total_timeout", "800ms"]);
    assert!(result["text"].as_str().is_some_and(|text| text.starts_with("again again")), "{result}");
}

/// Long enough that a busy machine does not blur them.
const BEFORE_HEAD: Duration = Duration::from_millis(120);
const BEFORE_TEXT: Duration = Duration::from_millis(80);
const BETWEEN: Duration = Duration::from_millis(400);

#[test]
fn times_are_those_of_the_server_and_the_first_byte_includes_connecting() {
    let server = Server::start(|socket| {
        delay(socket, BEFORE_HEAD)?;
        let role = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
        socket.write_all((STREAM.to_owned() + role).as_bytes())?;
        delay(socket, BEFORE_TEXT)?;
        socket.write_all(chunk("Once").as_bytes())?;
        delay(socket, BETWEEN)?;
        socket.write_all(chunk(" upon").as_bytes())?;
        socket.write_all(finish().as_bytes())
    });
    let result = answers(&server, "Once upon");
    let time = |name: &str| result["timing"][name].as_f64().unwrap_or_else(|| panic!("{name} in {result}"));
    let millis = |duration: Duration| duration.as_secs_f64() * 1000.0 - 1.0;
    assert!(time("connect_ms") + millis(BEFORE_HEAD) <= time("first_byte_ms"), "{result}");
    assert!(millis(BEFORE_HEAD + BEFORE_TEXT) <= time("first_token_ms"), "a role is no token: {result}");
    assert!(time("first_byte_ms") <= time("first_token_ms"), "{result}");
    assert!(millis(BEFORE_HEAD + BEFORE_TEXT + BETWEEN) <= time("total_ms"), "{result}");
    // 16 gaps in some 400 ms; half of that where the reader was late for the first.
    assert!(time("tokens_per_second") <= 80.0, "{result}");
}

#[test]
fn a_url_that_leads_nowhere_says_so() {
    let (ran, result) = test(&home("http://nothing.invalid/v1", ""));
    assert_eq!((result["error"]["kind"].as_str(), ran.code), (Some("dns"), Some(3)), "{result}");
    assert!(result["error"]["message"].as_str().is_some_and(|message| message.contains("nothing.invalid")), "{result}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let (ran, result) = test(&home(&format!("http://{place}/v1"), ""));
    assert_eq!((result["error"]["kind"].as_str(), ran.code), (Some("connect"), Some(3)), "{result}");
    assert!(result["error"]["message"].as_str().is_some_and(|message| message.contains(&place)), "{result}");
}

#[test]
fn a_url_of_nothing_is_a_fault_of_the_connector() {
    for url in
        ["", "nothing", "http://", "ftp://h/v1", "https://{resource}.openai.azure.com/openai/v1", "http://h:99999/v1"]
    {
        let ran = home(url, "").run(&["test", "bad", "--json"]);
        assert_eq!(ran.code, Some(2), "{url}: {} {}", ran.out, ran.err);
        assert!(format!("{}{}", ran.out, ran.err).contains("bad"), "{url}: the connector is named: {}", ran.err);
    }
}
