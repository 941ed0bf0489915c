//! Endpoints with a quirk each: what the sandbox, which is a good one, does not play.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::Home;
use crate::support::pki::{BOTH, Leaf, Wants, server_config};

/// What is wrong with an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quirk {
    /// Nothing.
    None,
    /// Its stream tells no tokens, and neither does a reply in one piece.
    NoUsage,
    /// Its stream comes all at once, after the time it would have taken.
    Buffered,
    /// It answers a streamed call in one piece.
    OnePiece,
    /// Its stream falls silent.
    Stalls,
    /// Its stream breaks off.
    Cuts,
    /// It answers with a page.
    Page,
    /// It sends elsewhere.
    Redirects,
    /// It closes the connection when it is asked.
    Hangs,
    /// It knows no operation of this api-version.
    OldVersion,
    /// It refuses the key, and repeats it.
    RepeatsKey,
}

/// An endpoint on a port of its own, for as long as the tests run.
pub(crate) struct Endpoint {
    port: u16,
    scheme: &'static str,
}

pub(crate) trait Duplex: Read + Write {}
impl<T: Read + Write> Duplex for T {}

impl Endpoint {
    pub(crate) fn start(quirk: Quirk) -> Self {
        let port = serve(move |mut socket| answer(&mut socket, quirk));
        Self { port, scheme: "http" }
    }

    pub(crate) fn start_tls(quirk: Quirk, leaf: &Leaf, wants: &Wants<'_>) -> Self {
        let config = server_config(leaf, BOTH, wants);
        let port = serve(move |socket| {
            if let Some(mut stream) = secure(socket, &config) {
                answer(&mut stream, quirk);
                stream.conn.send_close_notify();
                stream.flush().ok();
            }
        });
        Self { port, scheme: "https" }
    }

    pub(crate) fn base(&self) -> String {
        format!("{}://localhost:{}/v1", self.scheme, self.port)
    }

    /// A home with the connector `x`, and more keys for it.
    pub(crate) fn home(&self, more: &str) -> Home {
        home(&self.base(), more)
    }
}

/// A home with the connector `x` of this URL.
pub(crate) fn home(url: &str, more: &str) -> Home {
    let text = format!(
        "[connectors.x]\nname = \"x\"\nprovider = \"other\"\nurl = \"{url}\"\ndefault_model = \"m\"\napi_key = \"env:KEY\"\n{more}"
    );
    Home::with(&text).set("KEY", "a-good-key")
}

/// A listener that does this with each connection.
pub(crate) fn serve(play: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let play = Arc::new(play);
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let play = Arc::clone(&play);
            thread::spawn(move || play(socket));
        }
    });
    port
}

pub(crate) fn secure(
    socket: TcpStream,
    config: &Arc<ServerConfig>,
) -> Option<StreamOwned<ServerConnection, TcpStream>> {
    let connection = ServerConnection::new(Arc::clone(config)).ok()?;
    let mut stream = StreamOwned::new(connection, socket);
    // A client that breaks off the handshake is what some tests want.
    while stream.conn.is_handshaking() {
        let (connection, socket) = (&mut stream.conn, &mut stream.sock);
        if connection.complete_io(socket).is_err() {
            stream.flush().ok();
            return None;
        }
    }
    Some(stream)
}

/// A request's head and body.
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Reads one request; nothing where the client went.
pub(crate) fn read(stream: &mut dyn Duplex) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let lower = head.to_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(Request { head, body: String::from_utf8_lossy(&body).into_owned() })
}

const MODELS: &str = r#"{"object":"list","data":[{"id":"m"},{"id":"other"}]}"#;
const COUNTED: &str = r#","usage":{"prompt_tokens":9,"completion_tokens":20,"total_tokens":29}"#;

fn answer(stream: &mut dyn Duplex, quirk: Quirk) {
    let Some(request) = read(stream) else { return };
    let is_list = request.head.starts_with("GET ");
    let streamed = request.body.replace(' ', "").contains("\"stream\":true");
    let key = request.head.lines().find_map(|line| line.split_once("Bearer ").map(|(_, key)| key.to_owned()));
    match quirk {
        Quirk::Hangs => {}
        Quirk::Page => whole(stream, "200 OK", "text/html", "<!doctype html><title>Welcome to the portal</title>"),
        Quirk::Redirects => {
            say(stream, "HTTP/1.1 302 Found\r\nlocation: https://login.example/\r\ncontent-length: 0\r\n\r\n");
        }
        Quirk::OldVersion => {
            json(stream, "404 Not Found", r#"{"error":{"code":"404","message":"Resource not found"}}"#);
        }
        Quirk::RepeatsKey => {
            let body = format!(r#"{{"error":{{"message":"the key {} is wrong"}}}}"#, key.unwrap_or_default());
            json(stream, "401 Unauthorized", &body);
        }
        _ if is_list => json(stream, "200 OK", MODELS),
        Quirk::OnePiece => plain(stream, COUNTED),
        Quirk::NoUsage if !streamed => plain(stream, ""),
        _ if !streamed => plain(stream, COUNTED),
        Quirk::None | Quirk::NoUsage | Quirk::Buffered | Quirk::Stalls | Quirk::Cuts => pieces(stream, quirk),
    }
}

pub(crate) fn say(stream: &mut dyn Duplex, text: &str) {
    stream.write_all(text.as_bytes()).ok();
    stream.flush().ok();
}

pub(crate) fn whole(stream: &mut dyn Duplex, status: &str, kind: &str, body: &str) {
    let length = body.len();
    say(
        stream,
        &format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nx-ratelimit-remaining-requests: 41\r\nconnection: close\r\n\r\n{body}"
        ),
    );
}

fn json(stream: &mut dyn Duplex, status: &str, body: &str) {
    whole(stream, status, "application/json", body);
}

fn plain(stream: &mut dyn Duplex, usage: &str) {
    let body = format!(
        r#"{{"model":"m","choices":[{{"index":0,"message":{{"content":"one two"}},"finish_reason":"stop"}}]{usage}}}"#
    );
    json(stream, "200 OK", &body);
}

/// A stream of twenty words, a hundredth of a second each.
fn pieces(stream: &mut dyn Duplex, quirk: Quirk) {
    const STEP: Duration = Duration::from_millis(10);
    // The server that is played takes its time; the test waits for its end alone.
    let think = |time| thread::park_timeout(time);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let word = |n: usize| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"w{n} \"}}}}]}}\n\n");
    let usage = if quirk == Quirk::NoUsage { "" } else { COUNTED };
    let last = format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]{usage}}}\n\ndata: [DONE]\n\n"
    );
    if quirk == Quirk::Buffered {
        let all: String = (0..20).map(word).collect();
        think(STEP * 20);
        return say(stream, &format!("{head}{all}{last}"));
    }
    say(stream, head);
    for n in 0..20 {
        think(STEP);
        say(stream, &word(n));
        if n == 5 && quirk == Quirk::Stalls {
            // Until the client leaves.
            std::io::copy(stream, &mut std::io::sink()).ok();
        }
        if n == 5 && matches!(quirk, Quirk::Cuts | Quirk::Stalls) {
            return;
        }
    }
    say(stream, &last);
}
