//! Headers for a proxy, by the rules of all headers.

use crate::domain::connector::Header;
use crate::domain::draft::{header_is_good, read_headers};

/// Headers that the hop itself must set.
const OF_THE_HOP: [&str; 3] = ["proxy-authorization", "proxy-connection", "keep-alive"];

/// One header a line, `name: value`; a value may be a secret reference.
pub(super) fn read(text: &str) -> Result<Vec<Header>, String> {
    let headers = read_headers(text)?;
    for (at, header) in headers.iter().enumerate() {
        header_is_good(header)?;
        let name = &header.name;
        if OF_THE_HOP.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            return Err(format!("header \"{name}\" is set by the request itself; use proxy_user and proxy_password"));
        }
        if headers.iter().skip(at + 1).any(|other| other.name.eq_ignore_ascii_case(name)) {
            return Err(format!("header \"{name}\" is there twice; keep one"));
        }
    }
    if headers.is_empty() { Err("it is empty; list something, or leave the key out".to_owned()) } else { Ok(headers) }
}
