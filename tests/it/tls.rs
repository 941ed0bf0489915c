//! TLS over real sockets: a good certificate, an unknown issuer, a wrong name, a port that speaks no TLS.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use serde_json::Value;

use crate::support::Home;

const REPLY: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n\
    data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"over TLS\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// A server with a certificate for `name`, and the file of the authority that issued it.
struct Server {
    port: u16,
    authority: String,
}

impl Server {
    fn start(name: &str) -> Self {
        let (config, authority) = certified(name);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let config = Arc::clone(&config);
                // A client that breaks off the handshake is what some tests want.
                thread::spawn(move || answer(socket, config).ok());
            }
        });
        Self { port, authority }
    }

    fn home(&self, trusts: Option<&str>) -> Home {
        let home = Home::with(&format!(
            "[connectors.safe]\nname = \"s\"\nprovider = \"other\"\nurl = \"https://localhost:{}/v1\"\ndefault_model = \"m\"\n",
            self.port
        ));
        let file: PathBuf = home.path().join("authority.pem");
        std::fs::write(&file, trusts.unwrap_or(&self.authority)).expect("written");
        home.set("SSL_CERT_FILE", &file.display().to_string())
    }
}

fn certified(name: &str) -> (Arc<ServerConfig>, String) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, format!("who vouches for {name}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate with its key");
    (Arc::new(config), authority.pem())
}

fn answer(mut socket: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let mut connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = Stream::new(&mut connection, &mut socket);
    let mut request = [0; 4096];
    let read = stream.read(&mut request)?;
    if read > 0 {
        stream.write_all(REPLY.as_bytes())?;
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(())
}

fn error_of(home: &Home) -> (Option<i32>, Value) {
    let ran = home.run(&["test", "safe", "--json"]);
    (ran.code, ran.json()["error"].clone())
}

#[test]
fn a_good_certificate_streams_and_its_handshake_is_timed() {
    let server = Server::start("localhost");
    let result = server.home(None).run(&["test", "safe", "--json"]).ok().json();
    assert_eq!(result["text"], "over TLS");
    let time = |name: &str| result["timing"][name].as_f64().unwrap_or_else(|| panic!("{name} in {result}"));
    assert!(time("dns_ms") >= 0.0 && time("connect_ms") > 0.0 && time("tls_ms") > 0.0);
    assert!(time("tls_ms") <= time("first_byte_ms"), "{result}");
}

#[test]
fn an_unknown_issuer_is_told_as_such() {
    let server = Server::start("localhost");
    let other = Server::start("elsewhere.example");
    let (code, error) = error_of(&server.home(Some(&other.authority)));
    assert_eq!((code, error["kind"].as_str()), (Some(3), Some("tls")), "{error}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("does not trust")), "{error}");
}

#[test]
fn a_certificate_for_another_name_is_told_with_both_names() {
    let server = Server::start("elsewhere.example");
    let (code, error) = error_of(&server.home(None));
    assert_eq!((code, error["kind"].as_str()), (Some(3), Some("tls")), "{error}");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("elsewhere.example") && message.contains("localhost"), "{error}");
}
