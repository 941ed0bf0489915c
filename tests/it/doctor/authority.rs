//! Authorities and the certificates they issue, good and bad.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// Who issues certificates; its own stands in a file.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    place: tempfile::TempDir,
}

/// What a certificate is to say.
pub(crate) struct Subject(CertificateParams);

impl Subject {
    pub(crate) fn named(name: &str) -> Self {
        Self(CertificateParams::new(vec![name.to_owned()]).expect("a name"))
    }

    fn valid(from: (i32, u8), to: (i32, u8)) -> Self {
        let mut subject = Self::named("localhost");
        subject.0.not_before = rcgen::date_time_ymd(from.0, from.1, 1);
        subject.0.not_after = rcgen::date_time_ymd(to.0, to.1, 1);
        subject
    }

    pub(crate) fn expired() -> Self {
        Self::valid((2020, 1), (2020, 2))
    }

    pub(crate) fn of_the_future() -> Self {
        Self::valid((2190, 1), (2190, 2))
    }

    /// It runs out within days.
    pub(crate) fn soon() -> Self {
        let mut subject = Self::named("localhost");
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        let days = i64::try_from(now.as_secs()).expect("before the end of time") / 86_400 + 5;
        let (year, month, day) = civil(days);
        subject.0.not_after = rcgen::date_time_ymd(year, month, day);
        subject
    }
}

/// The date of a day since 1970 (the algorithm of Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i32, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (i32::try_from(year).expect("a year"), u8::try_from(month).expect("a month"), u8::try_from(day).expect("a day"))
}

/// A certificate with its key, as PEM files and for a server.
pub(crate) struct Held {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pub(crate) pem: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let place = tempfile::tempdir().expect("a directory");
        std::fs::write(place.path().join("authority.pem"), issuer.pem()).expect("written");
        Self { issuer, place }
    }

    /// The file of its certificate.
    pub(crate) fn file(&self) -> String {
        self.place.path().join("authority.pem").display().to_string()
    }

    pub(crate) fn issue(&self, subject: &Subject) -> Held {
        let key = KeyPair::generate().expect("a key");
        let certificate = subject.0.signed_by(&key, &self.issuer).expect("a certificate");
        held(certificate.der().clone(), &certificate.pem(), &key)
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("a root");
        Arc::new(roots)
    }
}

/// What most tools make: a certificate that is its own authority.
pub(crate) fn self_signed() -> Held {
    let mut params = Subject::named("localhost").0;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    held(certificate.der().clone(), &certificate.pem(), &key)
}

fn held(der: CertificateDer<'static>, pem: &str, key: &KeyPair) -> Held {
    let pem = format!("{pem}{}", key.serialize_pem());
    Held { chain: vec![der], key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())), pem }
}

/// A server's configuration; with `clients`, only those of that authority are let in.
pub(crate) fn server(held: &Held, clients: Option<&Authority>) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().expect("versions");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(clients.roots(), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    Arc::new(builder.with_single_cert(held.chain.clone(), held.key.clone_key()).expect("a certificate with its key"))
}
