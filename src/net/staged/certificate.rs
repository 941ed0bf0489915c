//! What a certificate says, for people: names, issuer, dates. Nothing is trusted because of it.

use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate, X509Name};

use crate::domain::text::{clean_line, cut};

/// Names that are told; some certificates carry hundreds.
const NAMES_MAX: usize = 12;
/// Bytes of a name that are told.
const NAME_MAX: usize = 200;
const DAY: i64 = 24 * 60 * 60;

/// What a certificate says of itself. Cleaned, since anyone can write anything into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whose it is: its common name, else its whole subject.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Hosts and addresses it is for.
    pub names: Vec<String>,
    /// Seconds since 1970 from which it is valid.
    pub not_before: i64,
    /// Seconds since 1970 until which it is valid.
    pub not_after: i64,
    /// Whether subject and issuer are the same.
    pub is_self_issued: bool,
}

impl CertificateFacts {
    /// Reads a certificate; `None` where it cannot be read.
    pub fn read(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.map(|names| names.value.general_names.iter().filter_map(name).take(NAMES_MAX).collect());
        Some(Self {
            subject: shown(certificate.subject()),
            issuer: shown(certificate.issuer()),
            names: names.unwrap_or_default(),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            is_self_issued: certificate.subject().as_raw() == certificate.issuer().as_raw(),
        })
    }

    /// Whole days it is valid from `now` (seconds since 1970) on; negative once it has expired.
    pub fn days_left(&self, now: i64) -> i64 {
        (self.not_after - now).div_euclid(DAY)
    }
}

/// A distinguished name in DER, as people write it.
pub(super) fn distinguished_name(der: &[u8]) -> Option<String> {
    X509Name::from_der(der).ok().map(|(_, name)| shown(&name))
}

fn shown(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().find_map(|part| part.as_str().ok());
    let text = common.map_or_else(|| name.to_string(), str::to_owned);
    cut(&clean_line(&text), NAME_MAX).into_owned()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other kinds of names are no hosts")]
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(cut(&clean_line(name), NAME_MAX).into_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    #[test]
    fn names_issuer_and_days_are_read() {
        let mut params = CertificateParams::new(vec!["a.test".to_owned(), "127.0.0.1".to_owned()]).expect("names");
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 1, 31);
        params.distinguished_name.push(rcgen::DnType::CommonName, "A \u{1b}[2J server");
        let certificate = params.self_signed(&KeyPair::generate().expect("a key")).expect("a certificate");
        let facts = CertificateFacts::read(certificate.der()).expect("readable");
        assert_eq!(facts.names, ["a.test", "127.0.0.1"]);
        assert_eq!((facts.subject.as_str(), facts.is_self_issued), ("A ␛[2J server", true));
        assert_eq!(facts.days_left(facts.not_after - 86_400 * 3), 3);
        assert_eq!(facts.days_left(facts.not_after + 1), -1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let facts = CertificateFacts::read(&CertificateDer::from(bytes));
            prop_assert!(facts.is_none());
        }
    }
}
