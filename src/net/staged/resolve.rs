//! The first step: names become addresses. The system's resolver answers, which obeys its hosts file and VPN.

use std::net::{IpAddr, SocketAddr};

use url::Host;

use super::trouble::Trouble;
use super::{Place, ProxyKind, Way};

/// What the names resolved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Addresses of the first host, in the system's order.
    pub first: Vec<SocketAddr>,
    /// The target's address where it goes to a SOCKS proxy that resolves nothing.
    pub target: Option<IpAddr>,
    /// How the first host's addresses were found.
    pub by: ResolvedBy,
}

/// How addresses were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolvedBy {
    /// The policy fixes them.
    Policy,
    /// The host is an address.
    Literal,
    /// The system resolved the name.
    System,
}

pub(super) async fn resolve(way: &Way) -> Result<Resolved, Trouble> {
    let first = way.first();
    let (addresses, by) = match way.fixed {
        Some(address) => (vec![SocketAddr::new(address, first.port)], ResolvedBy::Policy),
        None => lookup(first).await?,
    };
    let resolves_target = way.proxy.as_ref().is_some_and(|proxy| matches!(proxy.kind, ProxyKind::Socks5));
    let target = match (resolves_target, way.fixed_target) {
        (false, _) => None,
        (true, Some(address)) => Some(address),
        (true, None) => lookup(&way.target).await?.0.first().map(SocketAddr::ip),
    };
    Ok(Resolved { first: addresses, target, by })
}

async fn lookup(place: &Place) -> Result<(Vec<SocketAddr>, ResolvedBy), Trouble> {
    let literal = |address| Ok((vec![SocketAddr::new(address, place.port)], ResolvedBy::Literal));
    let name = match &place.host {
        Host::Ipv4(address) => return literal(IpAddr::V4(*address)),
        Host::Ipv6(address) => return literal(IpAddr::V6(*address)),
        Host::Domain(name) => name,
    };
    let unresolved = |reason| Trouble::Dns { host: name.clone(), reason };
    let found = tokio::net::lookup_host((name.as_str(), place.port)).await;
    let found: Vec<SocketAddr> = found.map_err(|error| unresolved(error.to_string()))?.collect();
    if found.is_empty() { Err(unresolved(String::new())) } else { Ok((found, ResolvedBy::System)) }
}
