//! Authorities and certificates, good and bad in every way that matters.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// A certificate with its key.
pub(crate) struct Leaf {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) pem: String,
    key: KeyPair,
}

impl Leaf {
    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }
}

/// What kind of certificate a server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Good,
    WrongHost,
    Expired,
    NotYetValid,
    /// Of an authority that nobody trusts.
    UnknownAuthority,
    /// As `openssl req -x509` makes it.
    SelfSignedAuthority,
    SelfSigned,
    /// It has a few days left.
    RunsOut,
}

/// An authority of a test's own.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self { issuer: CertifiedIssuer::self_signed(params, key).expect("an authority") }
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for a server on this machine.
    pub(crate) fn server(&self, shown: Shown) -> Leaf {
        let names = if shown == Shown::WrongHost { vec!["elsewhere.example"] } else { vec!["localhost", "127.0.0.1"] };
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let mut params = CertificateParams::new(names).expect("parameters");
        let key = KeyPair::generate().expect("a key");
        match shown {
            Shown::Expired => params.not_after = date_time_ymd(2021, 2, 3),
            Shown::NotYetValid => params.not_before = date_time_ymd(3000, 1, 1),
            Shown::RunsOut => {
                let now = jiff::Timestamp::now().as_second().unsigned_abs();
                params.not_after = date_time_ymd(1970, 1, 1) + Duration::from_secs(now) + Duration::from_hours(5 * 24);
            }
            Shown::SelfSignedAuthority => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            Shown::Good | Shown::WrongHost | Shown::UnknownAuthority | Shown::SelfSigned => {}
        }
        let certificate = match shown {
            Shown::SelfSigned | Shown::SelfSignedAuthority => params.self_signed(&key),
            Shown::UnknownAuthority => params.signed_by(&key, &Self::new("nobody knows it").issuer),
            Shown::Good | Shown::WrongHost | Shown::Expired | Shown::NotYetValid | Shown::RunsOut => {
                params.signed_by(&key, &self.issuer)
            }
        };
        let certificate = certificate.expect("a certificate");
        Leaf { chain: vec![certificate.der().clone()], pem: certificate.pem(), key }
    }

    /// A certificate for a client.
    pub(crate) fn client(&self) -> Leaf {
        let mut params = CertificateParams::new(vec!["client.test".to_owned()]).expect("parameters");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Leaf { chain: vec![certificate.der().clone()], pem: certificate.pem(), key }
    }
}

/// Whether a server wants a client's certificate, and of whom.
pub(crate) enum Wants<'a> {
    Nothing,
    CertificateOf(&'a Authority),
    /// It asks, and answers by HTTP where none comes.
    CertificateButGoesOn(&'a Authority),
}

/// Both versions of TLS that there are.
pub(crate) const BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13, &rustls::version::TLS12];

/// A server's side of TLS.
pub(crate) fn server_config(
    leaf: &Leaf,
    versions: &[&'static SupportedProtocolVersion],
    wants: &Wants<'_>,
) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_protocol_versions(versions).expect("versions");
    let builder = match wants {
        Wants::Nothing => builder.with_no_client_auth(),
        Wants::CertificateOf(authority) | Wants::CertificateButGoesOn(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.issuer.der().clone()).expect("an authority");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = match wants {
                Wants::CertificateButGoesOn(_) => verifier.allow_unauthenticated(),
                Wants::Nothing | Wants::CertificateOf(_) => verifier,
            };
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    Arc::new(builder.with_single_cert(leaf.chain.clone(), leaf.key_der()).expect("a certificate with its key"))
}
