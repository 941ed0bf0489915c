//! A server whose replies are too much, by the model that is asked for.

use std::io::{Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// Models, and what they send.
pub(crate) const LOADS: [(&str, &str); 5] = [
    ("huge", "a reply of 64 MiB"),
    ("piece", "a reply of 64 MiB in one piece"),
    ("line", "one line of 16 MiB"),
    ("empty", "a million empty lines"),
    ("flood", "100,000 events a second, 3 s"),
];

/// The server, until the process ends.
pub(crate) struct Server {
    pub(crate) base: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that went away ends its reply.
                thread::spawn(move || serve(stream).ok());
            }
        });
        Self { base }
    }
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let request = request(&mut stream)?;
    let model = LOADS.iter().map(|(model, _)| *model).find(|model| request.contains(&format!("\"{model}\"")));
    if model == Some("piece") {
        return piece(&mut stream);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")?;
    let mut out = std::io::BufWriter::with_capacity(64 << 10, &stream);
    match model {
        Some("huge") => repeat(&mut out, &prose(16 << 10), 4_096)?,
        Some("line") => repeat(&mut out, &"x".repeat(16 << 10), 1_024)?,
        Some("empty") => repeat(&mut out, &"\\n".repeat(1_000), 1_000)?,
        Some(_) | None => flood(&mut out)?,
    }
    let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    out.write_all(end.as_bytes())?;
    out.flush()
}

fn request(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece)?;
        text.extend_from_slice(&piece[..count]);
        let said = String::from_utf8_lossy(&text).into_owned();
        if count == 0 || said.split_once("\r\n\r\n").is_some_and(|(_, body)| body.ends_with('}')) {
            return Ok(said);
        }
    }
}

fn event(content: &str) -> String {
    format!("data: {{\"id\":\"1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{content}\"}}}}]}}\n\n")
}

fn repeat(out: &mut impl Write, content: &str, times: usize) -> std::io::Result<()> {
    let event = event(content);
    (0..times).try_for_each(|_| out.write_all(event.as_bytes()))
}

fn piece(stream: &mut TcpStream) -> std::io::Result<()> {
    let text = prose(16 << 10).repeat(4_096);
    let body =
        format!("{{\"choices\":[{{\"index\":0,\"message\":{{\"content\":\"{text}\"}},\"finish_reason\":\"stop\"}}]}}");
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// A thousand events every ten milliseconds.
fn flood(out: &mut impl Write) -> std::io::Result<()> {
    let events = event(" word").repeat(1_000);
    let begun = Instant::now();
    for step in 1..=300_u32 {
        out.write_all(events.as_bytes())?;
        out.flush()?;
        let due = Duration::from_millis(10) * step;
        if let Some(left) = due.checked_sub(begun.elapsed()) {
            let (_never, nobody) = std::sync::mpsc::channel::<()>();
            nobody.recv_timeout(left).ok();
        }
    }
    Ok(())
}

/// Sentences as JSON has them, of so many bytes.
fn prose(length: usize) -> String {
    let mut text = String::with_capacity(length + 64);
    while text.len() < length {
        text.push_str("The lighthouse keeper counted waves until the evening, and wrote it down. ");
        if text.len().is_multiple_of(7) {
            text.push_str("\\n\\n");
        }
    }
    text
}
