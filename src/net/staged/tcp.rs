//! The second step: a TCP connection to one of the addresses, without waiting long for a dead one.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::trouble::TcpRefusal;

/// How long an address may think before the next is tried beside it (RFC 8305).
const NEXT: Duration = Duration::from_millis(250);

/// The first connection that stands; `None` when every address refused. What each said is left in `refusals`, also
/// where the caller gives up before the end.
pub(super) async fn connect(
    addresses: &[SocketAddr],
    refusals: &mut Vec<TcpRefusal>,
) -> Option<(TcpStream, SocketAddr)> {
    let mut waiting = in_turns(addresses);
    let mut trying = FuturesUnordered::new();
    loop {
        if let Some(address) = waiting.pop_front() {
            trying.push(async move { (address, TcpStream::connect(address).await) });
        }
        tokio::select! {
            tried = trying.next() => match tried {
                None => return None,
                Some((address, Ok(stream))) => {
                    // A handshake is many small writes; none shall wait for the answer to the last.
                    stream.set_nodelay(true).ok();
                    return Some((stream, address));
                }
                Some((address, Err(error))) => refusals.push(refusal(address, &error)),
            },
            () = sleep(NEXT), if !waiting.is_empty() => {}
        }
    }
}

fn refusal(address: SocketAddr, error: &io::Error) -> TcpRefusal {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or_default().to_lowercase();
    TcpRefusal { address, kind: error.kind(), reason }
}

/// The families in turns, beginning with that of the system's first choice.
fn in_turns(addresses: &[SocketAddr]) -> VecDeque<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut first, mut second): (VecDeque<_>, VecDeque<_>) =
        addresses.iter().copied().partition(|address| address.is_ipv6() == first_is_v6);
    let mut turns = VecDeque::with_capacity(addresses.len());
    while !first.is_empty() || !second.is_empty() {
        turns.extend(first.pop_front());
        turns.extend(second.pop_front());
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn families_take_turns() {
        let list = ["[::1]:1", "[::2]:1", "[::3]:1", "10.0.0.1:1"].map(address);
        let turns: Vec<_> = in_turns(&list).into();
        assert_eq!(turns, ["[::1]:1", "10.0.0.1:1", "[::2]:1", "[::3]:1"].map(address));
        assert!(in_turns(&[]).is_empty());
    }

    #[tokio::test]
    async fn a_dead_address_does_not_hide_a_live_one() {
        let live = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let dead = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let mut refusals = Vec::new();
        let live = live.local_addr().expect("an address");
        let (_, reached) = connect(&[dead, live], &mut refusals).await.expect("one is alive");
        assert_eq!(reached, live);
        assert_eq!(refusals.iter().map(|one| one.address).collect::<Vec<_>>(), [dead]);
        refusals.clear();
        assert!(connect(&[dead], &mut refusals).await.is_none());
        assert_eq!(refusals.iter().map(|one| one.kind).collect::<Vec<_>>(), [io::ErrorKind::ConnectionRefused]);
    }
}
