//! The sandbox from outside: its wire, read by raw sockets.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use super::*;

mod errors;
mod service;
mod shapes;

const SOON: Duration = Duration::from_secs(20);

/// A sandbox that serves in the background and is stopped when dropped.
struct Running {
    origin: SocketAddr,
    watch: Watch,
    stop: CancellationToken,
    serving: Option<JoinHandle<io::Result<()>>>,
    tracker: TaskTracker,
}

/// As fast as it can, so that no test waits for words.
fn fast() -> Options {
    Options { first_token: Duration::ZERO, tokens_per_second: 0.0, ..Options::default() }
}

async fn start(options: Options) -> Running {
    let sandbox = bind(options).await.unwrap();
    let (origin, watch, stop, tracker) =
        (sandbox.address, sandbox.watch(), CancellationToken::new(), TaskTracker::new());
    let serving = Some(tracker.spawn(sandbox.serve(stop.clone())));
    Running { origin, watch, stop, serving, tracker }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.tracker.close();
    }
}

/// An answer as it came over the socket.
struct Answer {
    status: u16,
    /// Lower-case names.
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// True where the body ended as its framing promised.
    complete: bool,
}

impl Answer {
    fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.iter().find(|(header, _)| header == name)?;
        Some(String::from_utf8_lossy(&value.1).into_owned())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The data of each event, `[DONE]` included.
    fn data(&self) -> Vec<String> {
        let text = self.text();
        let events = text.split("\n\n").filter(|event| !event.is_empty());
        events
            .filter_map(|event| event.lines().find_map(|line| line.strip_prefix("data: ")))
            .map(str::to_owned)
            .collect()
    }

    /// The events that are JSON.
    fn events(&self) -> Vec<Value> {
        self.data().iter().filter_map(|data| serde_json::from_str(data).ok()).collect()
    }

    /// The strings at a JSON pointer of every event, put together.
    fn joined(&self, pointer: &str) -> String {
        self.events().iter().filter_map(|event| event.pointer(pointer)?.as_str().map(str::to_owned)).collect()
    }
}

impl Running {
    /// Opens a connection and sends a request that asks for no other after it.
    async fn send(&self, head: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.origin).await.unwrap();
        let length = body.len();
        let request =
            format!("{head}\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn call(&self, head: &str, body: &str) -> Answer {
        let mut stream = self.send(head, body).await;
        let mut bytes = Vec::new();
        // A cut connection may end with a reset; what came before it counts.
        let _reset = tokio::time::timeout(SOON, stream.read_to_end(&mut bytes)).await.unwrap();
        parse(&bytes)
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(&format!("POST {path} HTTP/1.1\r\nauthorization: Bearer {KEY}"), &body.to_string()).await
    }

    async fn chat(&self, model: &str) -> Answer {
        self.post("/v1/chat/completions", &chat_body(model)).await
    }

    async fn chat_whole(&self, model: &str) -> Answer {
        self.post("/v1/chat/completions", &json!({"model": model, "messages": hello()})).await
    }

    async fn responses(&self, model: &str) -> Answer {
        self.post("/v1/responses", &json!({"model": model, "input": "Hello world", "stream": true})).await
    }
}

fn hello() -> Value {
    json!([{"role": "user", "content": "Hello world"}])
}

fn chat_body(model: &str) -> Value {
    json!({"model": model, "messages": hello(), "stream": true, "stream_options": {"include_usage": true}})
}

fn parse(bytes: &[u8]) -> Answer {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n").expect("a head");
    let mut lines = bytes[..end].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let status = String::from_utf8_lossy(lines.next().unwrap()).split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, Vec<u8>)> = lines
        .map(|line| {
            let colon = line.iter().position(|byte| *byte == b':').unwrap();
            (String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase(), line[colon + 1..].trim_ascii().to_vec())
        })
        .collect();
    let rest = &bytes[end + 4..];
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let (body, complete) = match length {
        Some((_, value)) => (rest.to_vec(), String::from_utf8_lossy(value).parse() == Ok(rest.len())),
        None => unchunk(rest),
    };
    Answer { status, headers, body, complete }
}

/// Takes the chunked framing off; false where the last chunk never came.
fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(line) = memchr::memmem::find(rest, b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return (body, true);
        }
        let chunk = &rest[line + 2..];
        let Some(data) = chunk.get(..size) else { break };
        body.extend_from_slice(data);
        rest = chunk.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}
