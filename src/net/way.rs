//! From a policy to a way: the same proxy, fixed addresses and limits that a run obeys, for the staged connector.

use std::net::IpAddr;

use url::{Host, Url};

use super::recipe::PolicySecrets;
use super::staged::{Place, ProxyHop, ProxyKind, TlsHop, Way};
use crate::domain::policy::{NetworkKey, Proxy, ProxyScheme};
use crate::domain::{ErrorKind, Failure, NetworkPolicy, SecretText};

/// How TLS is spoken on a way.
#[derive(Debug, Clone)]
pub struct Hops {
    /// With the target.
    pub target: TlsHop,
    /// With an `https` proxy.
    pub proxy: TlsHop,
}

/// The way to a URL by a policy.
///
/// # Errors
/// A URL without a host.
pub fn way(url: &Url, policy: &NetworkPolicy, secrets: PolicySecrets, hops: &Hops) -> Result<Way, Failure> {
    let target = place(url)?;
    let from = policy.effective(NetworkKey::Proxy).map(|effective| effective.from.to_string()).unwrap_or_default();
    let proxy = policy.route.proxy.as_ref().map(|proxy| hop(proxy, from, secrets, hops)).transpose()?;
    let first = proxy.as_ref().map_or(&target, |proxy| &proxy.place);
    Ok(Way {
        fixed: fixed(first, policy),
        fixed_target: fixed(&target, policy),
        tls: (url.scheme() == "https").then(|| hops.target.clone()),
        limit: policy.limits.connect_timeout,
        target,
        proxy,
    })
}

fn place(url: &Url) -> Result<Place, Failure> {
    let nowhere = || Failure::new(ErrorKind::Config, "the URL names no host", "correct url");
    let host = url.host().ok_or_else(nowhere)?.to_owned();
    Ok(Place { host, port: url.port_or_known_default().ok_or_else(nowhere)? })
}

fn hop(proxy: &Proxy, from: String, secrets: PolicySecrets, hops: &Hops) -> Result<ProxyHop, Failure> {
    let kind = match proxy.url.scheme {
        ProxyScheme::Http => ProxyKind::Http,
        ProxyScheme::Https => ProxyKind::Https(hops.proxy.clone()),
        ProxyScheme::Socks5 => ProxyKind::Socks5,
        ProxyScheme::Socks5h => ProxyKind::Socks5h,
    };
    let host = Host::parse(&proxy.url.host)
        .map_err(|error| Failure::new(ErrorKind::Config, format!("the proxy's host: {error}"), "correct proxy"))?;
    let login = proxy.user.clone().map(|user| (user, secrets.proxy_password.unwrap_or_else(|| SecretText::new(""))));
    Ok(ProxyHop { kind, place: Place { host, port: proxy.url.port }, from, login, headers: secrets.proxy_headers })
}

/// The address the policy puts in the place of DNS.
fn fixed(place: &Place, policy: &NetworkPolicy) -> Option<IpAddr> {
    let name = place.host.to_string();
    policy.pins.iter().find(|pin| pin.host.eq_ignore_ascii_case(&name) && pin.port == place.port).map(|pin| pin.address)
}
