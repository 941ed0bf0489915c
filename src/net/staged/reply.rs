//! A proxy's answer to CONNECT, read from bytes.

use super::trouble::ProxyReply;
use crate::domain::text::{clean_line, cut};

/// Headers beyond this many are too many.
const HEADERS_MAX: usize = 64;
/// Bytes of a header's value that are told.
const SHOWN_MAX: usize = 200;

/// How far bytes are an answer.
pub(super) enum Read {
    /// A whole head, and its length in bytes.
    Done { reply: ProxyReply, length: usize },
    /// The start of one.
    More,
    /// None.
    NotHttp,
}

/// Reads a head.
pub(super) fn read(bytes: &[u8]) -> Read {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => Read::Done { reply: reply(&response), length },
        Ok(httparse::Status::Partial) => Read::More,
        // The headers are for our ears only: more than we have room for are no fault.
        Err(httparse::Error::TooManyHeaders) => Read::Done {
            reply: ProxyReply { status: response.code.unwrap_or(0), ..ProxyReply::default() },
            length: bytes.len(),
        },
        Err(_no_http) => Read::NotHttp,
    }
}

fn reply(response: &httparse::Response<'_, '_>) -> ProxyReply {
    let values = |name: &str| {
        let found = response.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| shown(&String::from_utf8_lossy(header.value))).collect::<Vec<_>>()
    };
    let first = |name: &str| values(name).into_iter().next();
    let scheme = |value: &String| value.split([' ', ',']).next().unwrap_or_default().to_owned();
    ProxyReply {
        status: response.code.unwrap_or(0),
        reason: shown(response.reason.unwrap_or_default()),
        squid_error: first("x-squid-error"),
        authenticate: values("proxy-authenticate").iter().map(scheme).collect(),
        name: first("via").or_else(|| first("server")),
    }
}

fn shown(text: &str) -> String {
    cut(&clean_line(text), SHOWN_MAX).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn done(bytes: &[u8]) -> ProxyReply {
        match read(bytes) {
            Read::Done { reply, .. } => reply,
            Read::More | Read::NotHttp => panic!("no whole head"),
        }
    }

    #[test]
    fn what_a_proxy_says_is_kept() {
        let reply = done(
            b"HTTP/1.1 407 Proxy Authentication Required\r\nServer: squid/6\r\nProxy-Authenticate: Negotiate\r\n\
              Proxy-Authenticate: Basic realm=\"x\"\r\nX-Squid-Error: ERR_CACHE_ACCESS_DENIED 0\r\n\r\n<html>",
        );
        assert_eq!((reply.status, reply.reason.as_str()), (407, "Proxy Authentication Required"));
        assert_eq!(reply.authenticate, ["Negotiate", "Basic"]);
        assert_eq!(reply.squid_error.as_deref(), Some("ERR_CACHE_ACCESS_DENIED 0"));
        assert_eq!(reply.name.as_deref(), Some("squid/6"));
    }

    #[test]
    fn a_socks_port_is_no_http() {
        assert!(matches!(read(&[5, 255]), Read::NotHttp));
        assert!(matches!(read(b"HTTP/1.1 200"), Read::More));
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Read::Done { reply, .. } = read(&bytes) {
                prop_assert!(!reply.reason.chars().any(crate::domain::text::is_unsafe));
            }
        }
    }
}
