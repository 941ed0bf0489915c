//! Servers and proxies on loopback: an endpoint that streams a short reply, HTTP and SOCKS5 proxies, each with or without
//! TLS and a password. Each keeps what it saw.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const REPLY: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n\
    data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"it \"}}]}\n\n\
    data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"streams\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// What the endpoint's reply says.
pub(crate) const SAID: &str = "it streams";

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

type Wire = Box<dyn Stream>;
type Seen = Arc<Mutex<Vec<String>>>;

/// Something that listens, for as long as it is kept.
pub(crate) struct Served {
    pub(crate) port: u16,
    seen: Seen,
    _runtime: tokio::runtime::Runtime,
}

impl Served {
    /// What came, one entry a request or tunnel.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    fn start<F, A>(tls: Option<Arc<ServerConfig>>, answer: A) -> Self
    where
        A: Fn(Wire, Seen) -> F + Send + Sync + 'static,
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Seen::default();
        let (answer, kept, handle) = (Arc::new(answer), Arc::clone(&seen), runtime.handle().clone());
        runtime.handle().spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (tls, answer, seen) = (tls.clone(), Arc::clone(&answer), Arc::clone(&kept));
                handle.spawn(async move {
                    let wire: Wire = match tls {
                        None => Box::new(socket),
                        Some(config) => Box::new(handshake(config, socket, &seen).await?),
                    };
                    answer(wire, seen).await
                });
            }
        });
        Self { port, seen, _runtime: runtime }
    }
}

async fn handshake(
    config: Arc<ServerConfig>,
    socket: TcpStream,
    seen: &Seen,
) -> io::Result<tokio_rustls::server::TlsStream<TcpStream>> {
    let stream = TlsAcceptor::from(config).accept(socket).await?;
    if stream.get_ref().1.peer_certificates().is_some() {
        seen.lock().unwrap().push("a client certificate".to_owned());
    }
    Ok(stream)
}

/// An endpoint that streams a short reply to every request.
pub(crate) fn endpoint(tls: Option<Arc<ServerConfig>>) -> Served {
    answering(tls, REPLY.to_owned())
}

/// The same over HTTP/2 alone.
pub(crate) fn http2_endpoint(tls: &ServerConfig) -> Served {
    Served::start(Some(speaking(tls, &["h2"])), |wire, seen| async move {
        let reply = service_fn(move |request: Request<Incoming>| {
            seen.lock().unwrap().push(format!("{} {:?}", request.uri().path(), request.version()));
            let events = REPLY.split_once("\r\n\r\n").expect("a head and a body").1;
            let reply =
                Response::builder().header("content-type", "text/event-stream").body(Full::new(Bytes::from(events)));
            async move { reply }
        });
        let served = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(wire), reply).await;
        served.map_err(io::Error::other)
    })
}

/// The same TLS with these protocols by ALPN.
pub(crate) fn speaking(tls: &ServerConfig, protocols: &[&str]) -> Arc<ServerConfig> {
    let mut tls = tls.clone();
    tls.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(tls)
}

/// An endpoint that refuses every request.
pub(crate) fn refusing(tls: Arc<ServerConfig>, status: &str, body: &str) -> Served {
    let length = body.len();
    answering(Some(tls), format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"))
}

/// An endpoint that closes without a word: after each handshake of the first kind, then after those of the next, and
/// the last kind stays.
pub(crate) fn silent(kinds: &[&Arc<ServerConfig>]) -> Served {
    let kinds: Vec<_> = kinds.iter().map(|kind| TlsAcceptor::from(Arc::clone(kind))).collect();
    let come = AtomicUsize::new(0);
    Served::start(None, move |wire, seen| {
        let at = come.fetch_add(1, Ordering::Relaxed).min(kinds.len() - 1);
        let acceptor = kinds[at].clone();
        async move {
            let mut wire: Wire = Box::new(acceptor.accept(wire).await?);
            let (head, _) = head(&mut wire).await?;
            seen.lock().unwrap().push(head);
            wire.shutdown().await
        }
    })
}

fn answering(tls: Option<Arc<ServerConfig>>, reply: String) -> Served {
    let reply: Arc<str> = reply.into();
    Served::start(tls, move |wire, seen| answer(wire, seen, Arc::clone(&reply)))
}

async fn answer(mut wire: Wire, seen: Seen, reply: Arc<str>) -> io::Result<()> {
    let (head, body) = head(&mut wire).await?;
    let length = header(&head, "content-length").and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
    let mut rest = vec![0; length.saturating_sub(body.len())];
    wire.read_exact(&mut rest).await?;
    seen.lock().unwrap().push(head);
    wire.write_all(reply.as_bytes()).await?;
    wire.shutdown().await
}

/// User and password that a proxy asks for.
pub(crate) type Login = Option<(&'static str, &'static str)>;

/// An HTTP proxy: CONNECT, and whole URLs.
pub(crate) fn http_proxy(tls: Option<Arc<ServerConfig>>, login: Login) -> Served {
    Served::start(tls, move |mut wire, seen| async move {
        let (head, body) = head(&mut wire).await?;
        seen.lock().unwrap().push(head.clone());
        let wanted = login.map(|(user, password)| {
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
        });
        if wanted.is_some() && header(&head, "proxy-authorization") != wanted.as_deref() {
            let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            wire.write_all(refusal.as_bytes()).await?;
            return wire.shutdown().await;
        }
        let first = head.lines().next().unwrap_or_default().to_owned();
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if method == "CONNECT" {
            let Ok(mut to) = TcpStream::connect(target).await else {
                wire.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await?;
                return wire.shutdown().await;
            };
            wire.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            return copy_bidirectional(&mut wire, &mut to).await.map(drop);
        }
        let (host, path) = target.trim_start_matches("http://").split_once('/').unwrap_or_default();
        let mut to = TcpStream::connect(host).await?;
        let lines = head.lines().skip(1).filter(|line| !line.to_ascii_lowercase().starts_with("proxy-"));
        let forwarded =
            format!("{method} /{path} HTTP/1.1\r\n{}\r\n\r\n", lines.collect::<Vec<_>>().join("\r\n").trim_end());
        to.write_all(forwarded.as_bytes()).await?;
        to.write_all(&body).await?;
        copy_bidirectional(&mut wire, &mut to).await.map(drop)
    })
}

/// A SOCKS5 proxy that resolves names itself.
pub(crate) fn socks5(login: Login) -> Served {
    Served::start(None, move |mut wire, seen| async move {
        let methods = usize::from(bytes::<2>(&mut wire).await?[1]);
        wire.read_exact(&mut vec![0; methods]).await?;
        if let Some((user, password)) = login {
            wire.write_all(&[5, 2]).await?;
            wire.read_u8().await?;
            let given = (short(&mut wire).await?, short(&mut wire).await?);
            let good = given == (user.to_owned(), password.to_owned());
            wire.write_all(&[1, u8::from(!good)]).await?;
            if !good {
                seen.lock().unwrap().push("a wrong password".to_owned());
                return wire.shutdown().await;
            }
        } else {
            wire.write_all(&[5, 0]).await?;
        }
        let [_, _, _, kind] = bytes::<4>(&mut wire).await?;
        let host = match kind {
            1 => std::net::Ipv4Addr::from(bytes::<4>(&mut wire).await?).to_string(),
            3 => short(&mut wire).await?,
            _ => format!("[{}]", std::net::Ipv6Addr::from(bytes::<16>(&mut wire).await?)),
        };
        let target = format!("{host}:{}", wire.read_u16().await?);
        seen.lock().unwrap().push(target.clone());
        let Ok(mut to) = TcpStream::connect(&target).await else {
            return wire.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await;
        };
        wire.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
        copy_bidirectional(&mut wire, &mut to).await.map(drop)
    })
}

async fn bytes<const N: usize>(wire: &mut Wire) -> io::Result<[u8; N]> {
    let mut read = [0; N];
    wire.read_exact(&mut read).await?;
    Ok(read)
}

/// A text with its length before it.
async fn short(wire: &mut Wire) -> io::Result<String> {
    let mut text = vec![0; usize::from(wire.read_u8().await?)];
    wire.read_exact(&mut text).await?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A head up to its blank line, and what was read behind it.
async fn head(wire: &mut Wire) -> io::Result<(String, Vec<u8>)> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = read.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&read).into_owned(), body));
        }
        if wire.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
