//! What a failed TLS handshake means to a person.

use rustls::{AlertDescription, CertificateError, Error, OtherError};

use crate::domain::{ErrorKind, Failure, text};

const DAY: u64 = 24 * 60 * 60;

/// The keys of the configuration that a hint names.
pub(super) struct Keys {
    mode: &'static str,
}

impl Keys {
    pub(super) const TARGET: Self = Self { mode: "verification_mode" };
    pub(super) const PROXY: Self = Self { mode: "proxy_verification_mode" };
}

/// The failure of a handshake with `place`.
pub(super) fn explain(error: &Error, place: &str, keys: &Keys) -> Failure {
    let (message, hint) = if let Error::InvalidCertificate(problem) = error {
        let (what, hint) = certificate(problem, keys);
        (format!("the certificate of {place} {what}"), hint)
    } else if matches!(error, Error::InvalidMessage(_)) {
        (format!("{place} does not speak TLS"), "if the server is plain HTTP, write http://".to_owned())
    } else if let Error::AlertReceived(alert) = error {
        let hint = alert_hint(*alert).to_owned();
        (format!("{place} ended the TLS handshake: {alert:?}"), hint)
    } else {
        let words = error.to_string();
        (format!("the TLS handshake with {place} failed: {}", text::clean_line(&words)), String::new())
    };
    Failure::new(ErrorKind::Tls, message, hint)
}

fn alert_hint(alert: AlertDescription) -> &'static str {
    if alert == AlertDescription::ProtocolVersion {
        return "it speaks no TLS version that is allowed here; look at min_tls, or upgrade the server";
    }
    if alert == AlertDescription::UnrecognisedName {
        return "it does not know this host name; check the URL";
    }
    if alert == AlertDescription::NoApplicationProtocol {
        return "it speaks another version of HTTP; set http_version = \"auto\"";
    }
    let wants_certificate = [
        AlertDescription::CertificateRequired,
        AlertDescription::UnknownCA,
        AlertDescription::BadCertificate,
        AlertDescription::HandshakeFailure,
    ];
    if wants_certificate.contains(&alert) { "it may ask for a client certificate: set client_cert" } else { "" }
}

/// What is wrong with a certificate, and what to do. Verification stops at the first problem, so there may be more.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library adds variants; the rest is told in its own words")]
fn certificate(problem: &CertificateError, keys: &Keys) -> (String, String) {
    if let Some(dates) = dates(problem) {
        return dates;
    }
    if let CertificateError::NotValidForNameContext { expected, presented } = problem {
        let names: Vec<&str> = presented.iter().map(|name| bare_name(name)).collect();
        let names = if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") };
        let what = format!("is not for {}; it names {}", expected.to_str(), text::clean_line(&names));
        return (what, wrong_name(keys));
    }
    let (what, hint) = match problem {
        CertificateError::NotValidForName => return ("is for another name".to_owned(), wrong_name(keys)),
        CertificateError::UnknownIssuer => (
            "was issued by an authority this machine does not trust",
            "add the authority's certificate to ca_files, or to the system's store; the server must send its whole chain",
        ),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            ("is not made for a server", "the server needs another certificate")
        }
        CertificateError::BadSignature => (
            "carries a bad signature, or too short a key",
            "the server needs a new certificate (RSA of 2048 bits or more)",
        ),
        CertificateError::BadEncoding => ("cannot be read", "the server needs a new certificate"),
        CertificateError::Revoked => ("was revoked", "the server needs a new certificate"),
        other => return other_problem(other),
    };
    (what.to_owned(), hint.to_owned())
}

fn wrong_name(keys: &Keys) -> String {
    format!("call the server by a name of its certificate, or set {} = \"certificate\"", keys.mode)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library adds variants; the rest is told in its own words")]
fn dates(problem: &CertificateError) -> Option<(String, String)> {
    let hint = "renew it, or set this machine's clock";
    let what = match problem {
        CertificateError::ExpiredContext { time, not_after } => {
            let days = time.as_secs().saturating_sub(not_after.as_secs()) / DAY;
            format!("expired {}", ago(days))
        }
        CertificateError::Expired => "has expired".to_owned(),
        CertificateError::NotValidYetContext { time, not_before } => {
            let days = not_before.as_secs().saturating_sub(time.as_secs()).div_ceil(DAY);
            format!("starts to be valid only in {days} days")
        }
        CertificateError::NotValidYet => "is not valid yet".to_owned(),
        _ => return None,
    };
    Some((what, hint.to_owned()))
}

fn ago(days: u64) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

fn other_problem(problem: &CertificateError) -> (String, String) {
    let words =
        if let CertificateError::Other(OtherError(cause)) = problem { cause.to_string() } else { problem.to_string() };
    let hint = if words.contains("CaUsedAsEndEntity") {
        "it is self-signed; if it is meant, add this very certificate to ca_files"
    } else {
        ""
    };
    (format!("was not accepted: {}", text::clean_line(&words)), hint.to_owned())
}

/// `DnsName("a.test")` without its wrapper.
fn bare_name(name: &str) -> &str {
    name.split('"').nth(1).unwrap_or(name)
}

/// What would have failed under full verification, in words.
pub fn doubt(error: &Error) -> String {
    if let Error::InvalidCertificate(problem) = error {
        return certificate(problem, &Keys::TARGET).0;
    }
    format!("was not accepted: {}", text::clean_line(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::InvalidMessage;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    fn at(days: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(days * DAY))
    }

    fn said(problem: CertificateError) -> String {
        explain(&Error::InvalidCertificate(problem), "h:443", &Keys::TARGET).message
    }

    #[test]
    fn certificate_findings_are_in_plain_words() {
        let expired = CertificateError::ExpiredContext { time: at(30), not_after: at(20) };
        assert_eq!(said(expired), "the certificate of h:443 expired 10 days ago");
        let future = CertificateError::NotValidYetContext { time: at(1), not_before: at(4) };
        assert_eq!(said(future), "the certificate of h:443 starts to be valid only in 3 days");
        let wrong = CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("h").expect("a name"),
            presented: vec!["DnsName(\"a.test\")".to_owned(), "DnsName(\"b.test\")".to_owned()],
        };
        assert_eq!(said(wrong), "the certificate of h:443 is not for h; it names a.test, b.test");
        let unknown = "the certificate of h:443 was issued by an authority this machine does not trust";
        assert_eq!(said(CertificateError::UnknownIssuer), unknown);
    }

    #[test]
    fn a_plain_port_says_use_http() {
        let failure = explain(&Error::InvalidMessage(InvalidMessage::InvalidContentType), "h:80", &Keys::TARGET);
        assert_eq!((failure.kind, failure.message.as_str()), (ErrorKind::Tls, "h:80 does not speak TLS"));
        assert_eq!(failure.hint, "if the server is plain HTTP, write http://");
    }

    #[test]
    fn an_alert_that_means_a_client_certificate_says_so() {
        let failure = explain(&Error::AlertReceived(AlertDescription::CertificateRequired), "h:443", &Keys::TARGET);
        assert_eq!(failure.hint, "it may ask for a client certificate: set client_cert");
    }
}
