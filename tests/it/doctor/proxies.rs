//! Proxies with a fault each.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use super::servers::{Request, read, say, serve, whole};

/// Refuses everybody who does not say `u` and `p`.
pub(crate) fn wants_login() -> u16 {
    serve(|mut socket| {
        let Some(request) = read(&mut socket) else { return };
        // "u:p" in base64.
        if request.head.contains("roxy-Authorization: Basic dTpw")
            || request.head.contains("proxy-authorization: Basic dTpw")
        {
            relay(&request, socket);
        } else {
            say(
                &mut socket,
                "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            );
        }
    })
}

/// Passes everything on.
pub(crate) fn forwarding() -> u16 {
    serve(|mut socket| {
        if let Some(request) = read(&mut socket) {
            relay(&request, socket);
        }
    })
}

/// Allows nothing.
pub(crate) fn denying() -> u16 {
    serve(|mut socket| {
        if read(&mut socket).is_some() {
            say(
                &mut socket,
                "HTTP/1.1 403 Forbidden\r\nx-squid-error: ERR_ACCESS_DENIED 0\r\ncontent-length: 0\r\n\r\n",
            );
        }
    })
}

/// Answers with a page of its own.
pub(crate) fn answering() -> u16 {
    serve(|mut socket| {
        if read(&mut socket).is_some() {
            whole(&mut socket, "503 Service Unavailable", "text/html", "<html><title>Gateway of Corp</title></html>");
        }
    })
}

/// Keeps an answer until all of it is there.
pub(crate) fn buffering() -> u16 {
    serve(|mut socket| {
        let Some(request) = read(&mut socket) else { return };
        let Some(mut server) = forwarded(&request) else { return };
        let mut all = Vec::new();
        server.read_to_end(&mut all).ok();
        socket.write_all(&all).ok();
    })
}

/// A SOCKS proxy that refuses with this reply code.
pub(crate) fn socks(code: u8) -> u16 {
    serve(move |mut socket| {
        let mut hello = [0; 2];
        if socket.read_exact(&mut hello).is_err() || hello[0] != 5 {
            socket.write_all(&[5, 255]).ok();
            return;
        }
        let mut methods = vec![0; usize::from(hello[1])];
        socket.read_exact(&mut methods).ok();
        socket.write_all(&[5, 0]).ok();
        let mut request = [0; 4];
        socket.read_exact(&mut request).ok();
        socket.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]).ok();
        std::io::copy(&mut socket, &mut std::io::sink()).ok();
    })
}

/// Sends a request on that names its whole URL.
fn forwarded(request: &Request) -> Option<TcpStream> {
    let target = request.head.split(' ').nth(1)?;
    let url = url::Url::parse(target).ok()?;
    let mut server = TcpStream::connect((url.host_str()?, url.port_or_known_default()?)).ok()?;
    let head = request.head.replacen(target, url.path(), 1);
    server.write_all(head.as_bytes()).ok()?;
    server.write_all(request.body.as_bytes()).ok()?;
    Some(server)
}

fn relay(request: &Request, mut socket: TcpStream) {
    if request.head.starts_with("CONNECT ") {
        let target = request.head.split(' ').nth(1).unwrap_or_default();
        let Ok(server) = TcpStream::connect(target) else { return };
        say(&mut socket, "HTTP/1.1 200 Connection established\r\n\r\n");
        both_ways(socket, server);
    } else if let Some(server) = forwarded(request) {
        one_way(server, socket);
    }
}

fn both_ways(client: TcpStream, server: TcpStream) {
    let (there, back) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    thread::spawn(move || one_way(there, server));
    one_way(back, client);
}

fn one_way(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    to.shutdown(std::net::Shutdown::Write).ok();
}
