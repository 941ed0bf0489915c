//! The loopback provider: practice, demo and tests with no key and no network.
//!
//! Owns a small HTTP server that speaks Chat Completions, Completions and Responses as `OpenAI` and Azure
//! `OpenAI` do, faults included; the model's name picks the behaviour ([`BEHAVIOURS`]). Replies are the same
//! each time. It must not listen beyond loopback, call out, or read a file; only the command line and
//! tests use it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod behaviour;
mod chat;
mod completions;
mod entra;
mod fault;
mod handler;
mod play;
mod request;
mod responses;
mod route;
mod script;
mod texts;
mod watch;
mod wire;

pub use behaviour::{BEHAVIOURS, Described};
pub use watch::{Counts, Watch};

/// The one key the sandbox accepts.
pub const KEY: &str = "sandbox-key";

/// The model that the list of models offers for a normal reply.
pub const MODEL: &str = "sandbox-model";

/// How long replies under way may go on once the sandbox is told to stop.
const GRACE: Duration = Duration::from_millis(300);
/// A pause after a failed accept: running out of file descriptors passes, spinning does not help.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// A connection that sends no request head for this long is closed.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Whether a request needs the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// [`KEY`], as a Bearer token or as `api-key`.
    Key,
    /// Every request is served.
    Open,
}

/// How a sandbox listens and how fast it talks.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether a request needs the key.
    pub auth: Auth,
    /// From the request to the first token.
    pub first_token: Duration,
    /// Tokens a second after the first one. Zero, or what is not a positive number, means no pause at all.
    pub tokens_per_second: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            auth: Auth::Key,
            first_token: Duration::from_millis(200),
            tokens_per_second: 60.0,
        }
    }
}

/// A sandbox that has its port and waits to serve.
#[derive(Debug)]
pub struct Sandbox {
    listener: TcpListener,
    address: SocketAddr,
    options: Options,
    counters: watch::Counters,
}

/// Takes the port. Fails on an address other machines could reach.
pub async fn bind(options: Options) -> io::Result<Sandbox> {
    if !options.listen.ip().to_canonical().is_loopback() {
        let message = format!(
            "the sandbox listens on loopback only and {} is reachable from other machines; use 127.0.0.1 or [::1]",
            options.listen.ip()
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let listener = TcpListener::bind(options.listen).await?;
    let address = listener.local_addr()?;
    Ok(Sandbox { listener, address, options, counters: watch::Counters::new() })
}

impl Sandbox {
    /// The base URL of the `OpenAI` form, for example `http://127.0.0.1:40123/v1`.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.origin())
    }

    /// The URL with no path: what the Azure forms are built on.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Counts of requests, readable while the sandbox serves.
    pub fn watch(&self) -> Watch {
        self.counters.watch()
    }

    /// Serves until told to stop, then waits shortly for replies under way. No task outlives it.
    pub async fn serve(self, stop: CancellationToken) -> io::Result<()> {
        let tracker = TaskTracker::new();
        // A child, so that dropping this future stops the connections without stopping the caller's token.
        let stop = stop.child_token();
        let _guard = stop.clone().drop_guard();
        let shared = Arc::new(handler::Shared::new(self.options, self.counters, stop.clone()));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _peer)) => {
                    tracker.spawn(connection(stream, Arc::clone(&shared), stop.clone()));
                }
                Err(_transient) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
        drop(self.listener);
        tracker.close();
        tracker.wait().await;
        Ok(())
    }
}

async fn connection(stream: TcpStream, shared: Arc<handler::Shared>, stop: CancellationToken) {
    // Without this a token could wait for the acknowledgement of the one before.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, std::convert::Infallible>(handler::answer(request, &shared).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    // A failed connection is the client's affair: it left, or it is the `cut` behaviour at work.
    tokio::select! {
        _ended = serving.as_mut() => {}
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            let _ended = tokio::time::timeout(GRACE, serving).await;
        }
    }
}

#[cfg(test)]
mod tests;
