//! The trace of one connection: when its name was resolved, when it stood, when TLS was done.
//!
//! The library connects inside the task that sends the request, so a task-local carries the trace to the three places
//! that can see a stage end: the resolver, the session store (asked when a `ClientHello` is built, which is when the
//! connection or the tunnel stands) and the layer around the whole connector.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use tokio::sync::Notify;
use tower_layer::Layer;
use tower_service::Service;

use super::facts::{Handshake, Hop};

tokio::task_local! {
    static CURRENT: Trace;
}

/// How long each stage of a connection took. What did not happen is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// Resolving the name.
    pub dns: Option<Duration>,
    /// Connecting, name resolution apart; a proxy's tunnel included.
    pub connect: Option<Duration>,
    /// The TLS handshake with the target.
    pub tls: Option<Duration>,
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Resolving the name.
    Dns,
    /// Reaching the host, or the proxy and through it.
    Connect,
    /// Inside the handshake.
    Tls,
    /// Ready: the request is being written or answered.
    Ready,
}

/// The trace of one connection. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Trace(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    points: Mutex<Points>,
    handshakes: Mutex<Vec<Handshake>>,
    ready: Notify,
}

#[derive(Debug, Clone, Copy, Default)]
struct Points {
    begun: Option<Instant>,
    resolving: Option<Instant>,
    resolved: Option<Duration>,
    hello: Option<Instant>,
    ready: Option<Instant>,
}

impl Trace {
    /// Runs a future, which sends one request, under this trace.
    pub async fn follow<F: Future>(&self, future: F) -> F::Output {
        CURRENT.scope(self.clone(), future).await
    }

    /// Waits until the connection is ready.
    pub async fn ready(&self) {
        self.0.ready.notified().await;
    }

    /// How long each stage took, as far as it has come.
    pub fn marks(&self) -> Marks {
        let points = *self.points();
        let dns = points.resolved;
        let stands = points.hello.or(points.ready);
        let since = |from: Option<Instant>, to: Option<Instant>| Some(to?.saturating_duration_since(from?));
        Marks {
            dns,
            connect: since(points.begun, stands).map(|all| all.saturating_sub(dns.unwrap_or_default())),
            tls: since(points.hello, points.ready),
        }
    }

    /// How far it has come: the stage that was entered and not left.
    pub fn stage(&self) -> Stage {
        let points = *self.points();
        match points {
            Points { ready: Some(_), .. } => Stage::Ready,
            Points { hello: Some(_), .. } => Stage::Tls,
            Points { resolving: Some(_), resolved: None, .. } => Stage::Dns,
            Points { .. } => Stage::Connect,
        }
    }

    /// The TLS handshakes so far, in order: a proxy's before the server's. They are told also where they failed.
    pub fn handshakes(&self) -> Vec<Handshake> {
        self.shaken().clone()
    }

    /// Changes the handshake that goes on in this task and takes something from it; none outside of a followed request.
    pub(super) fn handshake<T>(change: impl FnOnce(&mut Handshake) -> T) -> Option<T> {
        CURRENT.try_with(|trace| trace.shaken().last_mut().map(change)).ok().flatten()
    }

    fn shaken(&self) -> MutexGuard<'_, Vec<Handshake>> {
        self.0.handshakes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn points(&self) -> MutexGuard<'_, Points> {
        self.0.points.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(change: impl FnOnce(&mut Points)) {
        // Outside of a followed request there is nobody to tell.
        CURRENT.try_with(|trace| change(&mut trace.points())).ok();
    }

    fn now_ready() {
        Self::note(|points| points.ready = Some(Instant::now()));
        CURRENT.try_with(|trace| trace.0.ready.notify_one()).ok();
    }
}

/// A name that did not resolve.
#[derive(Debug, thiserror::Error)]
#[error("{host} did not resolve: {reason}")]
pub(super) struct Unresolved {
    /// The name: the target's, or the proxy's.
    pub(super) host: String,
    /// The system's words.
    pub(super) reason: String,
}

/// The system's own resolver, which obeys its hosts file and VPN, below the addresses that a policy pins.
#[derive(Debug, Default)]
pub(super) struct SystemDns {
    /// Names with the address that stands in for theirs.
    pub(super) pins: Vec<(String, IpAddr)>,
}

impl Resolve for SystemDns {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let pinned = self.pins.iter().find(|(pinned, _)| pinned.eq_ignore_ascii_case(host.trim_end_matches('.')));
        let pinned = pinned.map(|(_, address)| *address);
        Box::pin(async move {
            let began = Instant::now();
            Trace::note(|points| points.resolving = Some(began));
            if let Some(address) = pinned {
                Trace::note(|points| points.resolved = Some(began.elapsed()));
                return Ok(Box::new(std::iter::once(SocketAddr::new(address, 0))) as Addrs);
            }
            let found = tokio::net::lookup_host((host.as_str(), 0)).await;
            let reason = match found.map(Iterator::collect::<Vec<_>>) {
                Ok(addresses) if !addresses.is_empty() => {
                    Trace::note(|points| points.resolved = Some(began.elapsed()));
                    return Ok(Box::new(addresses.into_iter()) as Addrs);
                }
                Ok(_) => "it has no address".to_owned(),
                Err(error) => error.to_string(),
            };
            Err(Unresolved { host, reason }.into())
        })
    }
}

/// A session store that stores nothing: it marks when a `ClientHello` is built, and for whom.
#[derive(Debug, Default)]
pub(super) struct HelloMark {
    /// The name of an `https` proxy.
    pub(super) proxy: Option<String>,
}

impl ClientSessionStore for HelloMark {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, name: &ServerName<'_>) -> Option<NamedGroup> {
        // With an https proxy this is called twice; the last handshake is the target's.
        Trace::note(|points| points.hello = Some(Instant::now()));
        let name = name.to_str();
        CURRENT
            .try_with(|trace| {
                let mut shaken = trace.shaken();
                // Where both have the same name, the first is the proxy's.
                let is_proxy = self.proxy.as_deref() == Some(&*name) && shaken.iter().all(|one| one.hop != Hop::Proxy);
                let hop = if is_proxy { Hop::Proxy } else { Hop::Target };
                shaken.push(Handshake::begun(hop, name.into_owned()));
            })
            .ok();
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

/// Marks when the connector begins and when it is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct TraceLayer;

impl<S> Layer<S> for TraceLayer {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Traced(inner)
    }
}

/// A connector under [`TraceLayer`].
#[derive(Debug, Clone)]
pub(super) struct Traced<S>(S);

impl<S, R> Service<R> for Traced<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        Trace::note(|points| points.begun = Some(Instant::now()));
        let connecting = self.0.call(request);
        Box::pin(async move {
            let connected = connecting.await;
            if connected.is_ok() {
                Trace::now_ready();
            }
            connected
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_does_not_exist_says_which() {
        let found = SystemDns::default().resolve("nothing.invalid".parse().expect("a name")).await;
        let error = found.err().expect("no such name");
        let unresolved = error.downcast_ref::<Unresolved>().expect("our own error");
        assert_eq!(unresolved.host, "nothing.invalid");
    }

    #[tokio::test]
    async fn stages_are_entered_and_left_in_order() {
        let trace = Trace::default();
        assert_eq!(trace.stage(), Stage::Connect);
        trace
            .follow(async {
                Trace::note(|points| points.begun = Some(Instant::now()));
                Trace::note(|points| points.resolving = Some(Instant::now()));
                assert_eq!(trace.stage(), Stage::Dns);
                Trace::note(|points| points.resolved = Some(Duration::ZERO));
                assert_eq!(trace.stage(), Stage::Connect);
                HelloMark::default().kx_hint(&ServerName::try_from("h").expect("a name"));
                assert_eq!(trace.stage(), Stage::Tls);
                Trace::now_ready();
            })
            .await;
        trace.ready().await;
        assert_eq!(trace.stage(), Stage::Ready);
        let marks = trace.marks();
        assert!(marks.dns.is_some() && marks.connect.is_some() && marks.tls.is_some(), "{marks:?}");
    }

    #[test]
    fn nothing_is_marked_for_what_did_not_happen() {
        assert_eq!(Trace::default().marks(), Marks::default());
    }
}
