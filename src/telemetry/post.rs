//! The way to the collector: the product's own HTTP client, behind the trait that OpenTelemetry's exporters ask for.
//!
//! Exporters call it from threads of their own, where no event loop runs, so it brings one. Secrets are resolved for
//! each delivery and kept by nobody.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use crate::domain::{ErrorKind, Failure, Header, TelemetryTarget};
use crate::net::{self, Clients};
use crate::secrets::Resolver;

/// An answer is a few bytes; what is longer is not read to its end.
const ANSWER_MAX: usize = 64 << 10;

/// What the person should know of the collector: said once, however often it is away.
#[derive(Debug, Default)]
pub(super) struct Trouble(Mutex<Told>);

#[derive(Debug, Default)]
enum Told {
    #[default]
    Nothing,
    Untold(String),
    Done,
}

impl Trouble {
    /// Keeps the first problem.
    pub(super) fn happened(&self, problem: &str) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*told, Told::Nothing) {
            *told = Told::Untold(format!("telemetry was not delivered: {problem}"));
        }
    }

    /// A problem that nobody has been told yet. It is told at most once.
    pub(super) fn take(&self) -> Option<String> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *told, Told::Done) {
            Told::Untold(problem) => Some(problem),
            before @ (Told::Nothing | Told::Done) => {
                *told = before;
                None
            }
        }
    }

    /// A delivery arrived: what went wrong before was mended by trying again.
    fn mended(&self) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*told, Told::Untold(_)) {
            *told = Told::Nothing;
        }
    }
}

/// Delivers to one collector.
pub(super) struct Post {
    target: TelemetryTarget,
    clients: Clients,
    resolver: Resolver,
    /// Gone only while this is dropped.
    wire: Option<tokio::runtime::Runtime>,
    trouble: Arc<Trouble>,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Post {
    pub(super) fn new(
        target: TelemetryTarget,
        clients: Clients,
        resolver: Resolver,
        trouble: Arc<Trouble>,
    ) -> Result<Self, Failure> {
        let wire = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let wire = wire.map_err(|error| Failure::new(ErrorKind::Internal, format!("no telemetry: {error}"), ""))?;
        Ok(Self { target, clients, resolver, wire: Some(wire), trouble })
    }

    /// One delivery, within the time it may take, secrets included.
    async fn deliver(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        let url = Url::parse(&request.uri().to_string());
        let url = url.map_err(|error| Failure::new(ErrorKind::Config, format!("otlp_endpoint: {error}"), ""))?;
        let limit = self.target.timeout;
        let answered = tokio::time::timeout(limit, self.exchange(&url, request)).await;
        answered.unwrap_or_else(|_elapsed| {
            let limit = crate::domain::units::show_duration(limit);
            let message = format!("the collector at {} did not answer within {limit}", net::place(&url));
            Err(Failure::new(ErrorKind::Timeout, message, "is it running? [telemetry] timeout may be raised"))
        })
    }

    async fn exchange(&self, url: &Url, request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        let client = self.clients.for_url(url).await?;
        let (parts, body) = request.into_parts();
        let mut post = client.post(url.clone()).headers(parts.headers).body(body);
        for header in &self.target.headers {
            post = post.header(name_of(header)?, self.value_of(header).await?);
        }
        let mut response = post.send().await.map_err(|error| net::explain(&error, url))?;
        let status = response.status();
        let mut answer = Response::builder().status(status);
        if let Some(wait) = response.headers().get("retry-after") {
            answer = answer.header("retry-after", wait);
        }
        let mut read = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| net::explain(&error, url))? {
            read.extend_from_slice(&piece);
            if read.len() > ANSWER_MAX {
                break;
            }
        }
        self.judge(url, status);
        answer.body(Bytes::from(read)).map_err(|error| Failure::new(ErrorKind::Internal, error.to_string(), ""))
    }

    /// What the exporters make of a status is theirs; the person is told what it means.
    fn judge(&self, url: &Url, status: reqwest::StatusCode) {
        if status.is_success() {
            return self.trouble.mended();
        }
        let advice = match status.as_u16() {
            401 | 403 => "; [telemetry] headers must carry what it asks for",
            404 | 405 => "; is otlp_endpoint the base URL of an OTLP receiver?",
            _ => "",
        };
        self.trouble.happened(&format!("{} answered {}{advice}", net::place(url), status.as_u16()));
    }

    async fn value_of(&self, header: &Header) -> Result<HeaderValue, Failure> {
        let value = match header.reference() {
            Some(reference) => self.resolver.resolve(&reference).await?.expose().trim().to_owned(),
            None => header.value.trim().to_owned(),
        };
        // The parser's error is dropped on purpose: nothing of a secret shall be able to end in a message.
        let mut value = HeaderValue::from_str(&value).ok().ok_or_else(|| unfit(&header.name))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// An event loop that is dropped where another runs would panic; a delivery that hangs must not hold the program.
impl Drop for Post {
    fn drop(&mut self) {
        if let Some(wire) = self.wire.take() {
            wire.shutdown_background();
        }
    }
}

impl HttpClient for Post {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> BoxFuture<'async_trait, Result<Response<Bytes>, HttpError>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let wire = self.wire.as_ref().ok_or("it is closed")?;
            wire.block_on(self.deliver(request)).map_err(|failure| {
                self.trouble.happened(&format!("{}; [telemetry] says where it goes", failure.message));
                HttpError::from(failure.message)
            })
        })
    }
}

fn name_of(header: &Header) -> Result<HeaderName, Failure> {
    HeaderName::from_bytes(header.name.as_bytes()).ok().ok_or_else(|| unfit(&header.name))
}

fn unfit(name: &str) -> Failure {
    let message = format!("the header {} cannot be sent", crate::domain::text::clean_line(name));
    Failure::new(ErrorKind::Config, message, "correct it in [telemetry] headers")
}
