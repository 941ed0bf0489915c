//! A server that answers what a test tells it to, byte by byte, and says what it saw.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// No test waits longer than this for anything.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// What a connection does after it has read its request.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Writes these bytes.
    Write(Vec<u8>),
    /// Waits until the test lets it go on.
    Gate,
    /// Says nothing more; waits until the client leaves.
    Stall,
}

pub(super) fn write(text: &str) -> Act {
    Act::Write(text.as_bytes().to_vec())
}

/// A response with a length, closed after it.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> Vec<Act> {
    let length = body.len();
    vec![write(&format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}"))]
}

/// The head of a stream that ends with the connection.
pub(super) const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// A chunk of a chat stream.
pub(super) fn chunk(text: &str) -> String {
    format!("data: {{\"model\":\"served\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

/// The rest of a well-behaved chat stream, with its usage.
pub(super) const FINISH: &str = concat!(
    "data: {\"model\":\"served\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,\"total_tokens\":12}}\n\n",
    "data: [DONE]\n\n"
);

/// A whole stream of one word.
pub(super) fn good_stream() -> Vec<Act> {
    vec![write(STREAM), write(&chunk("Hi")), write(FINISH)]
}

/// A whole completion.
pub(super) const GOOD_BODY: &str = concat!(
    "{\"model\":\"served\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",",
    "\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"}}],",
    "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,\"total_tokens\":12}}"
);

/// A scripted server; the n-th connection follows the n-th script.
pub(super) struct Server {
    port: u16,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

struct Shared {
    requests: Mutex<Vec<String>>,
    /// One permit for each request that was read.
    asked: Semaphore,
    /// One permit for each client that left a stalled connection.
    left: Semaphore,
    /// One permit lets one gate open.
    gates: Semaphore,
}

impl Server {
    pub(super) async fn start(scripts: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            requests: Mutex::new(Vec::new()),
            asked: Semaphore::new(0),
            left: Semaphore::new(0),
            gates: Semaphore::new(0),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, scripts, Arc::clone(&shared)));
        Self { port, shared, _tasks: tasks }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The requests so far, head and body as they came.
    pub(super) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().expect("not poisoned").clone()
    }

    /// Waits until a request was read.
    pub(super) async fn asked(&self) {
        wait(&self.shared.asked).await;
    }

    /// Waits until a client has left a stalled connection.
    pub(super) async fn left(&self) {
        wait(&self.shared.left).await;
    }

    pub(super) fn open_gate(&self) {
        self.shared.gates.add_permits(1);
    }
}

async fn wait(semaphore: &Semaphore) {
    timeout(DEADLINE, semaphore.acquire()).await.expect("in time").expect("open").forget();
}

async fn accept(listener: TcpListener, scripts: Vec<Vec<Act>>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    let mut scripts = scripts.into_iter();
    while let Ok((socket, _)) = listener.accept().await {
        let script = scripts.next().unwrap_or_else(|| answer("599 Unexpected", "", "no script for this request"));
        connections.spawn(converse(socket, script, Arc::clone(&shared)));
    }
}

async fn converse(mut socket: TcpStream, script: Vec<Act>, shared: Arc<Shared>) {
    let request = read_request(&mut socket).await;
    shared.requests.lock().expect("not poisoned").push(String::from_utf8_lossy(&request).into_owned());
    shared.asked.add_permits(1);
    for act in script {
        match act {
            Act::Write(bytes) => {
                if socket.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Act::Gate => shared.gates.acquire().await.expect("open").forget(),
            Act::Stall => {
                let mut rest = [0; 256];
                while socket.read(&mut rest).await.is_ok_and(|read| read > 0) {}
                shared.left.add_permits(1);
                return;
            }
        }
    }
    // Closing at once could reset the connection before the client has read everything.
    socket.shutdown().await.ok();
    let mut rest = [0; 256];
    while socket.read(&mut rest).await.is_ok_and(|read| read > 0) {}
}

/// A head and as much body as it announces; what does not look like HTTP is returned as far as it came.
async fn read_request(socket: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if is_whole(&request) || request.first().is_some_and(|byte| *byte == 0x16) {
            return request;
        }
        match socket.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            Ok(_) | Err(_) => return request,
        }
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    body.len() >= length
}
