//! A server on loopback that does what a test tells it to, whatever it is asked, and keeps what it was asked.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What one connection gets after its request was read.
type Script = dyn Fn(&mut TcpStream) -> io::Result<()> + Send + Sync;

/// The server; its thread ends with the test's process.
pub(super) struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers every request by this script, then closes the connection.
    pub(super) fn start(script: impl Fn(&mut TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let script: Arc<Script> = Arc::new(script);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                thread::spawn(move || converse(socket, &kept, &*script));
            }
        });
        Self { port, asked }
    }

    /// Writes these bytes and closes.
    pub(super) fn writing(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |socket| socket.write_all(&bytes))
    }

    /// Writes these bytes and then nothing more, until the client leaves.
    pub(super) fn stalling(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |socket| {
            socket.write_all(&bytes)?;
            until_left(socket)
        })
    }

    pub(super) fn place(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Every request so far, head and body.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn converse(mut socket: TcpStream, asked: &Mutex<Vec<String>>, script: &Script) {
    let request = read_request(&mut socket).unwrap_or_default();
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    // A client that leaves in the middle is what many of these tests want.
    script(&mut socket).ok();
}

fn read_request(socket: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let read = socket.read(&mut buffer)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let length = |head: &str| {
            let lower = head.to_ascii_lowercase();
            lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok())
        };
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| body.len() >= length(head).unwrap_or(0));
        if whole || read == 0 {
            return Ok(text);
        }
    }
}

/// Waits until the client closes its side.
pub(super) fn until_left(socket: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 64];
    while socket.read(&mut buffer)? > 0 {}
    Ok(())
}

/// Takes its time, or less when the client leaves first.
pub(super) fn delay(socket: &mut TcpStream, length: Duration) -> io::Result<()> {
    socket.set_read_timeout(Some(length))?;
    match socket.read(&mut [0; 64]) {
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(()),
        other => other.map(|_| ()),
    }
}
