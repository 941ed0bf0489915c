//! CONNECT by hand: what the proxy answers is kept, not only whether it said yes.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::reply;
use super::trouble::Trouble;
use super::{Io, Place, ProxyHop};

/// A head has at most this many bytes.
const HEAD_MAX: usize = 32 << 10;
/// How long the rest of a refusal is waited for.
const REST: Duration = Duration::from_millis(200);

/// Asks the proxy for a tunnel to the target.
pub(super) async fn tunnel(mut io: Io, proxy: &ProxyHop, target: &Place) -> Result<Io, Trouble> {
    let request = request(proxy, target);
    let closed = |error: &std::io::Error| Trouble::Closed(error.kind());
    io.write_all(request.as_bytes()).await.map_err(|error| closed(&error))?;
    io.flush().await.map_err(|error| closed(&error))?;
    let mut head = Vec::with_capacity(1024);
    loop {
        let read = io.read_buf(&mut head).await.map_err(|error| closed(&error))?;
        match reply::read(&head) {
            reply::Read::Done { reply, length } if (200..300).contains(&reply.status) => {
                return if head.len() > length { Err(Trouble::Chatter) } else { Ok(io) };
            }
            reply::Read::Done { reply, length: _ } => {
                // Closing at once could reset the connection before the proxy has logged the refusal.
                timeout(REST, io.read_buf(&mut head)).await.ok();
                return Err(Trouble::Refused(reply));
            }
            reply::Read::NotHttp => return Err(Trouble::NotHttp(head)),
            reply::Read::More if read == 0 => return Err(Trouble::Closed(std::io::ErrorKind::UnexpectedEof)),
            reply::Read::More if head.len() >= HEAD_MAX => return Err(Trouble::HeadTooLarge),
            reply::Read::More => {}
        }
    }
}

fn request(proxy: &ProxyHop, target: &Place) -> String {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some((user, password)) = &proxy.login {
        let login = STANDARD.encode(format!("{user}:{}", password.expose()));
        request.extend(["Proxy-Authorization: Basic ", &login, "\r\n"]);
    }
    for (name, value) in &proxy.headers {
        request.extend([name, ": ", value.expose(), "\r\n"]);
    }
    request.push_str("\r\n");
    request
}
