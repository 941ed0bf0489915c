//! SOCKS 5 by hand (RFC 1928, 1929): the reply code is the proxy's only word, so it is kept.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use url::Host;

use super::trouble::{SocksTrouble, Trouble};
use super::{Io, Place, ProxyHop};

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const LOGIN: u8 = 2;

/// Asks the proxy for a connection to the target.
pub(super) async fn tunnel(mut io: Io, proxy: &ProxyHop, target: &Place) -> Result<Io, Trouble> {
    let offered: &[u8] = if proxy.login.is_some() { &[VERSION, 2, NO_LOGIN, LOGIN] } else { &[VERSION, 1, NO_LOGIN] };
    write(&mut io, offered).await?;
    let [version, method] = read::<2>(&mut io).await?;
    if version != VERSION {
        return Err(Trouble::Socks(SocksTrouble::NotSocks(vec![version, method])));
    }
    match (method, &proxy.login) {
        (NO_LOGIN, _) => {}
        (LOGIN, Some((user, password))) => log_in(&mut io, user, password.expose()).await?,
        (_, None) => return Err(Trouble::Socks(SocksTrouble::WantsLogin)),
        (_, Some(_)) => return Err(Trouble::Socks(SocksTrouble::NoMethod)),
    }
    write(&mut io, &request(target)?).await?;
    let [_, code, _, kind] = read::<4>(&mut io).await?;
    if code != 0 {
        return Err(Trouble::Socks(SocksTrouble::Reply(code)));
    }
    skip_address(&mut io, kind).await?;
    Ok(io)
}

async fn log_in(io: &mut Io, user: &str, password: &str) -> Result<(), Trouble> {
    let too_long = |_: std::num::TryFromIntError| Trouble::Socks(SocksTrouble::LoginTooLong);
    let mut words = vec![1, u8::try_from(user.len()).map_err(too_long)?];
    words.extend(user.as_bytes());
    words.push(u8::try_from(password.len()).map_err(too_long)?);
    words.extend(password.as_bytes());
    write(io, &words).await?;
    let [_, status] = read::<2>(io).await?;
    if status == 0 { Ok(()) } else { Err(Trouble::Socks(SocksTrouble::LoginRefused)) }
}

fn request(target: &Place) -> Result<Vec<u8>, Trouble> {
    let mut request = vec![VERSION, 1, 0];
    match &target.host {
        Host::Ipv4(address) => {
            request.push(1);
            request.extend(address.octets());
        }
        Host::Ipv6(address) => {
            request.push(4);
            request.extend(address.octets());
        }
        Host::Domain(name) => {
            let length = u8::try_from(name.len()).map_err(|_too_long| Trouble::Socks(SocksTrouble::Reply(8)))?;
            request.extend([3, length]);
            request.extend(name.as_bytes());
        }
    }
    request.extend(target.port.to_be_bytes());
    Ok(request)
}

/// The address the proxy bound; nobody needs it.
async fn skip_address(io: &mut Io, kind: u8) -> Result<(), Trouble> {
    let length = match kind {
        1 => 4,
        4 => 16,
        _ => usize::from(read::<1>(io).await?[0]),
    };
    let mut rest = vec![0; length + 2];
    io.read_exact(&mut rest).await.map(|_| ()).map_err(|error| closed(&error))
}

async fn write(io: &mut Io, bytes: &[u8]) -> Result<(), Trouble> {
    io.write_all(bytes).await.map_err(|error| closed(&error))?;
    io.flush().await.map_err(|error| closed(&error))
}

async fn read<const N: usize>(io: &mut Io) -> Result<[u8; N], Trouble> {
    let mut bytes = [0; N];
    io.read_exact(&mut bytes).await.map_err(|error| closed(&error))?;
    Ok(bytes)
}

fn closed(error: &io::Error) -> Trouble {
    Trouble::Closed(error.kind())
}
