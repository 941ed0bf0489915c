//! One request, from its head to the answer.

use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::domain::EndpointKind;

use super::behaviour::{BEHAVIOURS, Behaviour, Content, Quirk};
use super::fault::{ErrorBody, Refused};
use super::play::{self, Body, Ending, Plan};
use super::request::{self, Ask, Mode};
use super::route::{Dialect, Route, Target};
use super::script::Tempo;
use super::watch::{Counters, Ticket};
use super::wire::{CREATED, Frames, Reply};
use super::{Auth, KEY, MODEL, Options, chat, completions, entra, responses};

/// The most bytes of a request's body that are read.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// The most that is read and thrown away of a body that is too large. A client that is still writing when
/// the connection closes would lose the answer.
const MAX_DISCARDED: usize = 4 * MAX_BODY;

/// What all connections of a sandbox share.
#[derive(Debug)]
pub(super) struct Shared {
    options: Options,
    counters: Counters,
    requests: AtomicU64,
    stop: CancellationToken,
}

impl Shared {
    pub(super) fn new(options: Options, counters: Counters, stop: CancellationToken) -> Self {
        Self { options, counters, requests: AtomicU64::new(0), stop }
    }
}

/// A request under way.
struct Exchange<'s> {
    shared: &'s Shared,
    number: u64,
    dialect: Dialect,
    ticket: Ticket,
}

/// Answers a request. Dropping the future counts it as abandoned.
pub(super) async fn answer(request: Request<Incoming>, shared: &Shared) -> Response<Body> {
    let target = Target::of(request.uri());
    let exchange = Exchange {
        shared,
        number: shared.requests.fetch_add(1, Ordering::Relaxed) + 1,
        dialect: target.dialect(),
        ticket: shared.counters.start(&shared.stop),
    };
    if target == Target::Token && request.method() == Method::POST {
        return exchange.token(request).await;
    }
    match checked(&request, &target, shared) {
        Err(refused) => exchange.refuse(&refused),
        Ok(None) => exchange.models(),
        Ok(Some(route)) => exchange.generate(request, &route).await,
    }
}

/// Everything that can be refused before the body is read. `None` asks for the list of models.
fn checked(request: &Request<Incoming>, target: &Target, shared: &Shared) -> Result<Option<Route>, Refused> {
    let dialect = target.dialect();
    if *target == Target::Nowhere {
        return Err(Refused::nowhere());
    }
    let key = key(request.headers());
    let accepted = key.as_deref().is_some_and(|key| key == KEY || key == entra::TOKEN);
    if shared.options.auth == Auth::Key && !accepted {
        return Err(Refused::key(dialect, key.as_deref()));
    }
    match target {
        Target::Nowhere => Err(Refused::nowhere()),
        Target::Unknown(_) => Err(Refused::unknown(dialect, request.method().as_str(), request.uri().path())),
        Target::Models(_) if request.method() == Method::GET => Ok(None),
        Target::Models(_) => Err(Refused::method(dialect, "GET")),
        Target::Generate(route) if request.method() == Method::POST => Ok(Some(route.clone())),
        Target::Generate(_) | Target::Token => Err(Refused::method(dialect, "POST")),
    }
}

/// Why there is no body to look at.
enum Unread {
    TooLarge,
    Gone,
}

async fn read(mut body: Incoming) -> Result<Bytes, Unread> {
    let mut kept = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let data = frame.map_err(|_left: hyper::Error| Unread::Gone)?.into_data().unwrap_or_default();
        seen += data.len();
        if seen <= MAX_BODY {
            kept.extend_from_slice(&data);
        } else if seen > MAX_DISCARDED {
            return Err(Unread::TooLarge);
        }
    }
    if seen > MAX_BODY { Err(Unread::TooLarge) } else { Ok(kept.into()) }
}

/// The key a request carries, in either form.
fn key(headers: &HeaderMap) -> Option<String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
    let bearer = headers.get(AUTHORIZATION).map(text).map(|value| match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim().to_owned(),
        Some(_) | None => value,
    });
    headers.get("api-key").map(text).or(bearer).filter(|key| !key.is_empty())
}

impl Exchange<'_> {
    async fn generate(self, request: Request<Incoming>, route: &Route) -> Response<Body> {
        let key = key(request.headers());
        let dialect = self.dialect;
        let body = match read(request.into_body()).await {
            Ok(body) => body,
            Err(Unread::TooLarge) => return self.refuse(&Refused::too_large(dialect)),
            // The client left while it was still sending: nobody reads the answer to an empty body.
            Err(Unread::Gone) => Bytes::new(),
        };
        let ask = match request::read(&body, route) {
            Ok(ask) => ask,
            Err(problem) => return self.refuse(&Refused::problem(&problem)),
        };
        let behaviour = Behaviour::of(&ask.model);
        if let Behaviour::Fault(fault) = behaviour {
            return self.refuse(&Refused::fault(fault, dialect, &ask.model, key.as_deref()));
        }
        self.reply(route.kind, behaviour, &ask).await
    }

    /// As Entra ID answers client credentials.
    async fn token(self, request: Request<Incoming>) -> Response<Body> {
        let form = read(request.into_body()).await.unwrap_or_default();
        match entra::answer(&form) {
            Ok(granted) => {
                let headers = self.headers("application/json; charset=utf-8");
                self.send(StatusCode::OK, headers, Bytes::from(granted.to_string()))
            }
            Err(refused) => self.refuse(&refused),
        }
    }

    async fn reply(self, kind: EndpointKind, behaviour: Behaviour, ask: &Ask) -> Response<Body> {
        let tempo = Tempo::of(&self.shared.options, behaviour);
        let reply = Reply::new(self.number, self.dialect, behaviour, ask);
        let mut response = match ask.mode {
            Mode::Streamed => self.stream(Plan::of(frames(kind, &reply), behaviour, tempo)),
            Mode::Whole => {
                // The head waits for the whole reply, as it does where one is generated.
                tokio::select! {
                    () = tokio::time::sleep(reply.duration(tempo)) => {}
                    () = self.shared.stop.cancelled() => {}
                }
                self.document(whole(kind, &reply), behaviour).await
            }
        };
        if behaviour == Behaviour::Content(Content::Hostile) {
            spoil(response.headers_mut());
        }
        response
    }

    fn stream(self, plan: Plan) -> Response<Body> {
        let mut headers = self.headers("text/event-stream; charset=utf-8");
        headers.insert("cache-control", HeaderValue::from_static("no-cache"));
        respond(StatusCode::OK, headers, play::body(plan, self.ticket, self.shared.stop.clone()))
    }

    async fn document(self, document: Value, behaviour: Behaviour) -> Response<Body> {
        let text = document.to_string();
        let half = Bytes::from(text.clone()).slice(..text.len() / 2);
        let (bytes, promised, ending) = match behaviour {
            Behaviour::Wire(Quirk::Stall) => {
                self.shared.stop.cancelled().await;
                (Bytes::from(text), None, Ending::Whole)
            }
            Behaviour::Wire(Quirk::Cut) => (half, Some(text.len()), Ending::Cut),
            Behaviour::Wire(Quirk::Malformed) => (half, None, Ending::Whole),
            Behaviour::Wire(Quirk::NoUsage | Quirk::NoDone | Quirk::Burst)
            | Behaviour::Content(_)
            | Behaviour::Fault(_) => (Bytes::from(text), None, Ending::Whole),
        };
        let mut headers = self.headers("application/json");
        headers.insert(CONTENT_LENGTH, HeaderValue::from(promised.unwrap_or(bytes.len())));
        respond(StatusCode::OK, headers, play::whole(bytes, ending, self.ticket, self.shared.stop.clone()))
    }

    fn refuse(self, refused: &Refused) -> Response<Body> {
        let (kind, bytes) = match &refused.body {
            ErrorBody::Text(text) => ("text/plain; charset=utf-8", Bytes::from_static(text.as_bytes())),
            ErrorBody::Json(document) => ("application/json", Bytes::from(document.to_string())),
        };
        let mut headers = self.headers(kind);
        for (name, value) in &refused.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        self.send(refused.status, headers, bytes)
    }

    fn models(self) -> Response<Body> {
        let names = std::iter::once(MODEL).chain(BEHAVIOURS.iter().map(|described| described.name));
        let data: Vec<Value> = match self.dialect {
            Dialect::OpenAi => names
                .map(|id| json!({"id": id, "object": "model", "created": CREATED, "owned_by": "sandbox"}))
                .collect(),
            Dialect::Azure => names
                .map(|id| {
                    json!({"id": id, "object": "model", "status": "succeeded", "created_at": CREATED,
                        "lifecycle_status": "generally-available",
                        "capabilities": {"chat_completion": true, "completion": true, "embeddings": false,
                            "inference": true, "fine_tune": false}})
                })
                .collect(),
        };
        let headers = self.headers("application/json");
        self.send(StatusCode::OK, headers, Bytes::from(json!({"object": "list", "data": data}).to_string()))
    }

    fn send(self, status: StatusCode, mut headers: HeaderMap, bytes: Bytes) -> Response<Body> {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        let body = play::whole(bytes, Ending::Whole, self.ticket, self.shared.stop.clone());
        respond(status, headers, body)
    }

    /// The headers of every answer. The rate limits are never used up.
    fn headers(&self, content_type: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Ok(id) = HeaderValue::try_from(format!("req_sandbox{}", self.number)) {
            headers.insert("x-request-id", id.clone());
            if self.dialect == Dialect::Azure {
                headers.insert("apim-request-id", id);
            }
        }
        let usual: &[(&'static str, &'static str)] = match self.dialect {
            Dialect::OpenAi => &[
                ("openai-organization", "sandbox"),
                ("openai-version", "2020-10-01"),
                ("openai-processing-ms", "1"),
                ("x-ratelimit-reset-requests", "6ms"),
                ("x-ratelimit-reset-tokens", "1s"),
            ],
            Dialect::Azure => {
                &[("x-ms-region", "Sandbox"), ("x-ratelimit-reset-requests", "0"), ("x-ratelimit-reset-tokens", "1")]
            }
        };
        for (name, value) in usual.iter().chain(&LIMITS) {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }
}

const LIMITS: [(&str, &str); 4] = [
    ("x-ratelimit-limit-requests", "10000"),
    ("x-ratelimit-remaining-requests", "9999"),
    ("x-ratelimit-limit-tokens", "2000000"),
    ("x-ratelimit-remaining-tokens", "1999000"),
];

fn frames(kind: EndpointKind, reply: &Reply) -> Frames {
    match kind {
        EndpointKind::ChatCompletions => chat::frames(reply),
        EndpointKind::Completions => completions::frames(reply),
        EndpointKind::Responses => responses::frames(reply),
    }
}

fn whole(kind: EndpointKind, reply: &Reply) -> Value {
    match kind {
        EndpointKind::ChatCompletions => chat::whole(reply),
        EndpointKind::Completions => completions::whole(reply),
        EndpointKind::Responses => responses::whole(reply),
    }
}

fn respond(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The worst a header may legally hold: bytes that are C1 controls in Latin-1, bidi controls in UTF-8, tabs.
fn spoil(headers: &mut HeaderMap) {
    let nasty: [(&'static str, &[u8]); 3] = [
        ("x-request-id", b"req_\x9b31m\xe2\x80\xaeesrever"),
        ("x-sandbox-note", b"tab\there, C1 \x90q\x9c, not UTF-8 \xff\xfe"),
        ("x-sandbox-markup", b"<script>alert(1)</script> [DONE]"),
    ];
    for (name, value) in nasty {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
