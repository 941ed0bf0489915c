//! Servers and proxies in this process: good ones, and each kind of bad one.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use url::Host;

use super::super::{Duplex, Place, ProxyHop, ProxyKind, TlsHop, Way};
use crate::domain::SecretText;

/// The login every proxy here wants.
const USER: &str = "us:er";
const PASSWORD: &str = "pass:word";

pub(super) type Io = Box<dyn Duplex>;

/// A certificate with its key, as a server or a client holds it.
pub(super) struct Held {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Clone for Held {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

/// What a certificate is to say.
pub(super) struct Certificate(CertificateParams);

impl Certificate {
    pub(super) fn for_name(name: &str) -> Self {
        Self(CertificateParams::new(vec![name.to_owned()]).expect("a name"))
    }

    pub(super) fn expired() -> Self {
        let mut certificate = Self::for_name("localhost");
        certificate.0.not_before = rcgen::date_time_ymd(2020, 1, 1);
        certificate.0.not_after = rcgen::date_time_ymd(2020, 2, 1);
        certificate
    }

    pub(super) fn of_the_future() -> Self {
        let mut certificate = Self::for_name("localhost");
        certificate.0.not_before = rcgen::date_time_ymd(2190, 1, 1);
        certificate.0.not_after = rcgen::date_time_ymd(2190, 2, 1);
        certificate
    }
}

/// Who issues certificates.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority"))
    }

    pub(super) fn issue(&self, certificate: &Certificate) -> Held {
        let key = KeyPair::generate().expect("a key");
        let issued = certificate.0.signed_by(&key, &self.0).expect("a certificate");
        Held { chain: vec![issued.der().clone()], key: pkcs8(&key) }
    }

    /// What most tools make: a certificate that is its own authority.
    pub(super) fn self_signed() -> Held {
        let mut params = Certificate::for_name("localhost").0;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Held { chain: vec![certificate.der().clone()], key: pkcs8(&key) }
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("a root");
        Arc::new(roots)
    }

    /// TLS that trusts this authority alone.
    pub(super) fn hop(&self) -> TlsHop {
        self.client(rustls::ConfigBuilder::<ClientConfig, _>::with_no_client_auth)
    }

    /// The same with a client certificate.
    pub(super) fn hop_with(&self, held: &Held) -> TlsHop {
        self.client(|config| {
            config.with_client_auth_cert(held.chain.clone(), held.key.clone_key()).expect("a certificate with its key")
        })
    }

    fn client(
        &self,
        finish: impl FnOnce(rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>) -> ClientConfig,
    ) -> TlsHop {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        let mut config = finish(builder.with_root_certificates(self.roots()));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let verifier = WebPkiServerVerifier::builder_with_provider(self.roots(), provider).build().expect("a verifier");
        TlsHop { config: Arc::new(config), verifier: verifier.clone(), strict: verifier }
    }
}

fn pkcs8(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()))
}

fn acceptor(held: &Held, clients: Option<&Authority>) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(clients.roots(), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let mut config = builder.with_single_cert(held.chain.clone(), held.key.clone_key()).expect("a certificate");
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

/// A server that does this with each connection.
pub(super) async fn plain(
    play: impl Fn(Io) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static,
) -> Place {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let tasks = TaskTracker::new();
    let connections = tasks.clone();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            connections.spawn(play(Box::new(stream)));
        }
    });
    place(port)
}

/// A TLS server; with `clients`, only those of that authority are let in.
pub(super) async fn tls_server(held: &Held, clients: Option<&Authority>) -> Place {
    let acceptor = acceptor(held, clients);
    plain(move |io| {
        let acceptor = acceptor.clone();
        Box::pin(async move {
            if let Ok(stream) = acceptor.accept(io).await {
                hold(Box::new(stream)).await;
            }
        })
    })
    .await
}

/// What a proxy speaks.
pub(super) enum Proxy {
    Http,
    Tls(Held),
    Socks,
}

/// A proxy that wants a login.
pub(super) async fn proxy(kind: Proxy) -> Place {
    match kind {
        Proxy::Http => plain(|io| Box::pin(http_proxy(io))).await,
        Proxy::Socks => plain(|io| Box::pin(socks_proxy(io))).await,
        Proxy::Tls(held) => {
            let acceptor = acceptor(&held, None);
            plain(move |io| {
                let acceptor = acceptor.clone();
                Box::pin(async move {
                    if let Ok(stream) = acceptor.accept(io).await {
                        http_proxy(Box::new(stream)).await;
                    }
                })
            })
            .await
        }
    }
}

async fn http_proxy(mut io: Io) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match io.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_gone) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let login = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
    if !head.contains(&format!("Proxy-Authorization: Basic {login}\r\n")) {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n";
        return say(&mut io, refusal).await;
    }
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    match TcpStream::connect(target).await {
        Ok(mut server) => {
            say(&mut io, b"HTTP/1.1 200 Connection established\r\n\r\n").await;
            copy_bidirectional(&mut io, &mut server).await.ok();
        }
        Err(_refused) => {
            let refusal = b"HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\n\r\n<html>";
            say(&mut io, refusal).await;
        }
    }
}

async fn socks_proxy(mut io: Io) {
    if !socks_login(&mut io).await {
        return;
    }
    let (host, port) = socks_target(&mut io).await;
    match TcpStream::connect((host.as_str(), port)).await {
        Ok(mut server) => {
            say(&mut io, &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await;
            copy_bidirectional(&mut io, &mut server).await.ok();
        }
        Err(_refused) => say(&mut io, &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await,
    }
}

async fn socks_login(io: &mut Io) -> bool {
    let hello = take(io, 2).await;
    let methods = if hello[0] == 5 { take(io, usize::from(hello[1])).await } else { Vec::new() };
    if !methods.contains(&2) {
        say(io, &[5, 255]).await;
        return false;
    }
    say(io, &[5, 2]).await;
    let user = take(io, 2).await;
    let user = take(io, usize::from(user[1])).await;
    let length = take(io, 1).await;
    let password = take(io, usize::from(length[0])).await;
    let is_known = (user.as_slice(), password.as_slice()) == (USER.as_bytes(), PASSWORD.as_bytes());
    say(io, &[1, u8::from(!is_known)]).await;
    is_known
}

async fn socks_target(io: &mut Io) -> (String, u16) {
    let request = take(io, 4).await;
    let host = match request[3] {
        1 => take(io, 4).await.iter().map(u8::to_string).collect::<Vec<_>>().join("."),
        4 => {
            let bytes: [u8; 16] = take(io, 16).await.try_into().expect("an address");
            std::net::Ipv6Addr::from(bytes).to_string()
        }
        _ => {
            let length = take(io, 1).await;
            String::from_utf8(take(io, usize::from(length[0])).await).expect("a name")
        }
    };
    let port = take(io, 2).await;
    (host, u16::from_be_bytes([port[0], port[1]]))
}

async fn take(io: &mut Io, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    io.read_exact(&mut bytes).await.ok();
    bytes
}

pub(super) async fn say(io: &mut Io, bytes: &[u8]) {
    io.write_all(bytes).await.ok();
    io.flush().await.ok();
}

/// Reads until the other side goes, and says nothing.
pub(super) async fn hold(mut io: Io) {
    let mut bytes = [0; 1024];
    while io.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
}

/// A port where nobody listens.
pub(super) fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

pub(super) fn place(port: u16) -> Place {
    Place { host: Host::Domain("localhost".to_owned()), port }
}

pub(super) fn way(target: Place, tls: Option<TlsHop>) -> Way {
    Way { target, tls, proxy: None, fixed: None, fixed_target: None, limit: Duration::from_secs(10) }
}

pub(super) fn proxied(place: Place, kind: ProxyKind, login: Option<(&str, &str)>) -> ProxyHop {
    let login = login.map(|(user, password)| (user.to_owned(), SecretText::new(password)));
    ProxyHop { kind, place, from: String::new(), login, headers: Vec::new() }
}
