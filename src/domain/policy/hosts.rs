//! Rules that name hosts, and addresses that stand in for DNS.
//!
//! A rule is a host (`api.test`), every host below one (`*.corp.test`), a network (`10.0.0.0/8`, for targets that are
//! given by address; names are not resolved for it), or `*`; each but the network with or without `:port`. A rule
//! without a port is for every port. A leading dot (`.corp.test`) means the domain itself and everything below it.

use core::net::IpAddr;
use std::fmt;

use url::{Host, Url};

/// A rule that names hosts. Two rules are the same when they mean the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    Any,
    One(String),
    Below(String),
    Domain(String),
    Address(IpAddr),
    Net { first: IpAddr, bits: u8 },
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostProblem {
    /// It has a scheme or a path.
    #[error("\"{0}\" is more than a host; write the host alone, with or without :port")]
    Url(String),
    /// The number behind the colon is no port.
    #[error("\"{0}\" has no port behind its colon; use 1 to 65535")]
    Port(String),
    /// The number behind the slash is too large, or what stands before it is no address.
    #[error("\"{0}\" is no network; write for example 10.0.0.0/8 or fd00::/8")]
    Net(String),
    /// Not a name.
    #[error("\"{0}\" is no host; write a name, *.suffix, an address, a network or *")]
    Name(String),
}

impl HostRule {
    /// Reads a rule.
    pub fn parse(text: &str) -> Result<Self, HostProblem> {
        let text = text.trim();
        let shown = || text.escape_debug().to_string();
        if let Some((address, bits)) = text.split_once('/') {
            if text.contains("://") || address.parse::<IpAddr>().is_err() && !bits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(HostProblem::Url(shown()));
            }
            let hosts = net(address, bits).ok_or_else(|| HostProblem::Net(shown()))?;
            return Ok(Self { hosts, port: None });
        }
        if let Ok(address) = text.parse() {
            return Ok(Self { hosts: Hosts::Address(address), port: None });
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, Some(parse_port(port).ok_or_else(|| HostProblem::Port(shown()))?)),
            None => (text, None),
        };
        let hosts = match (name, name.strip_prefix("*."), name.strip_prefix('.')) {
            ("*", _, _) => Some(Hosts::Any),
            (_, Some(suffix), _) => domain(suffix).map(Hosts::Below),
            (_, None, Some(suffix)) => domain(suffix).map(Hosts::Domain),
            (_, None, None) => one(name),
        };
        Ok(Self { hosts: hosts.ok_or_else(|| HostProblem::Name(shown()))?, port })
    }

    /// Reads a rule of `NO_PROXY`, where a bare name means the hosts below it too, as curl has it.
    pub(super) fn parse_no_proxy(text: &str) -> Result<Self, HostProblem> {
        let rule = Self::parse(text)?;
        let hosts = match rule.hosts {
            Hosts::One(name) => Hosts::Domain(name),
            hosts @ (Hosts::Any | Hosts::Below(_) | Hosts::Domain(_) | Hosts::Address(_) | Hosts::Net { .. }) => hosts,
        };
        Ok(Self { hosts, port: rule.port })
    }

    /// True when a URL's host and port are meant.
    pub fn matches(&self, url: &Url) -> bool {
        let port = self.port.is_none_or(|port| url.port_or_known_default() == Some(port));
        port && url.host().is_some_and(|host| self.hosts.matches(&host))
    }
}

impl Hosts {
    fn matches(&self, host: &Host<&str>) -> bool {
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(*address)),
            Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        };
        let name = match host {
            Host::Domain(name) => name.strip_suffix('.').unwrap_or(name),
            Host::Ipv4(_) | Host::Ipv6(_) => "",
        };
        let below = |suffix: &str| name.strip_suffix(suffix).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
        match self {
            Self::Any => true,
            Self::One(one) => one.eq_ignore_ascii_case(name),
            Self::Below(suffix) => below(suffix),
            Self::Domain(suffix) => suffix.eq_ignore_ascii_case(name) || below(suffix),
            Self::Address(own) => address.is_some_and(|address| address.to_canonical() == own.to_canonical()),
            Self::Net { first, bits } => address.is_some_and(|address| in_net(address, *first, *bits)),
        }
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::Any => f.write_str("*")?,
            Hosts::One(name) => f.write_str(name)?,
            Hosts::Below(suffix) => write!(f, "*.{suffix}")?,
            Hosts::Domain(suffix) => write!(f, ".{suffix}")?,
            Hosts::Address(IpAddr::V6(address)) if self.port.is_some() => write!(f, "[{address}]")?,
            Hosts::Address(address) => write!(f, "{address}")?,
            Hosts::Net { first, bits } => write!(f, "{first}/{bits}")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port > 0 && text.bytes().all(|b| b.is_ascii_digit()))
}

/// A name as URLs have it: in lower case, punycoded, without the dot at its end.
fn domain(text: &str) -> Option<String> {
    match Host::parse(text.strip_suffix('.').unwrap_or(text)) {
        Ok(Host::Domain(name)) if !name.contains('*') => Some(name),
        Ok(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => None,
    }
}

fn one(text: &str) -> Option<Hosts> {
    match Host::parse(text).ok()? {
        Host::Ipv4(address) => Some(Hosts::Address(address.into())),
        Host::Ipv6(address) => Some(Hosts::Address(address.into())),
        Host::Domain(_) => domain(text).map(Hosts::One),
    }
}

fn net(address: &str, bits: &str) -> Option<Hosts> {
    let first: IpAddr = address.parse().ok()?;
    let bits: u8 = bits.parse().ok()?;
    let most = if first.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some(Hosts::Net { first, bits })
}

fn in_net(address: IpAddr, first: IpAddr, bits: u8) -> bool {
    let same = |a: u128, b: u128, width: u8| {
        let shift = u32::from(width.saturating_sub(bits));
        a.checked_shr(shift).unwrap_or(0) == b.checked_shr(shift).unwrap_or(0)
    };
    match (address.to_canonical(), first) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// An address that stands in for DNS at one host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The name, in lower case; an address is no name and needs no pin.
    pub host: String,
    /// The port it is for.
    pub port: u16,
    /// Where the connection goes.
    pub address: IpAddr,
}

impl Pin {
    /// Reads `host:port = address`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{}\" is no pin; write \"host:port\" = \"address\"", text.escape_debug());
        let (place, address) = text.split_once('=').ok_or_else(wrong)?;
        let (host, port) = place.trim().rsplit_once(':').ok_or_else(wrong)?;
        let host = domain(host).ok_or_else(wrong)?;
        let port = parse_port(port).ok_or_else(wrong)?;
        let address = address.trim();
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let no_address =
            || format!("\"{}\" is no address; write for example 10.0.0.7 or fd00::7", address.escape_debug());
        Ok(Self { host, port, address: bare.parse().map_err(|_parse| no_address())? })
    }

    /// `host:port`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// True when a URL's host and port are meant.
    pub fn matches(&self, url: &Url) -> bool {
        let host = url.host_str().is_some_and(|host| host.trim_end_matches('.').eq_ignore_ascii_case(&self.host));
        host && url.port_or_known_default() == Some(self.port)
    }
}
