//! TLS to the database of a team's event log, as far as its URL asks for proof.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::pem::Named;
use super::recipe::versions;
use super::roots::{Machine, Roots, nobody};
use crate::domain::policy::Trust;
use crate::domain::{DatabaseTls, ErrorKind, Failure, SslMode, text};

/// What a handshake with the database goes by: how much is proved says its URL, whom it trusts says the network policy,
/// unless the URL names authorities of its own.
///
/// # Errors
/// A failure of kind `tls` or `config`: there are no authorities to trust, or their file cannot be used.
pub fn database_tls(tls: &DatabaseTls, trust: &Trust) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match tls.mode {
        SslMode::Disable | SslMode::Prefer | SslMode::Require => {
            Arc::new(Lenient { provider: Arc::clone(&provider), chain: None })
        }
        SslMode::VerifyCa => {
            Arc::new(Lenient { provider: Arc::clone(&provider), chain: Some(trusting((tls, trust), &provider)?) })
        }
        SslMode::VerifyFull => trusting((tls, trust), &provider)?,
    };
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions(trust.min_tls));
    let builder = builder.map_err(|error| unusable(&error))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn trusting(
    (tls, trust): (&DatabaseTls, &Trust),
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Failure> {
    let roots = tls.authorities.as_deref().map_or_else(|| of_the_policy(trust), from_file)?;
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    builder.build().map_err(|error| unusable(&error))
}

fn of_the_policy(trust: &Trust) -> Result<RootCertStore, Failure> {
    let roots = Roots::load(trust, Machine::Trusted)?;
    match roots.none_of_the_system {
        Some(why) if roots.configured.is_empty() => Err(nobody(&why)),
        Some(_) | None => Ok(roots.store),
    }
}

fn from_file(file: &Path) -> Result<RootCertStore, Failure> {
    let path = file.display().to_string();
    let named = Named { key: "sslrootcert", path: &path };
    let certificates = named.certificates(&named.text()?)?;
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(certificates) {
        (0, _) => {
            Err(named.wrong("no certificate in it can be read", "name a PEM file of the authority's certificate"))
        }
        _ => Ok(roots),
    }
}

fn unusable(error: &dyn std::error::Error) -> Failure {
    Failure::new(ErrorKind::Tls, format!("TLS cannot be set up: {}", text::clean_line(&error.to_string())), "")
}

/// Asks less than a whole proof: that a trusted authority issued the certificate, or nothing.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    chain: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(certificate, between, name, ocsp, now) {
            // The name is looked at last, so everything else was found good.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::CaMode;

    #[test]
    fn a_file_without_certificates_is_named() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "no certificate\n").expect("written");
        let wish = DatabaseTls { mode: SslMode::VerifyFull, authorities: Some(file.path().to_owned()) };
        let failure = database_tls(&wish, &Trust::default()).expect_err("nothing to trust");
        assert_eq!(failure.kind, ErrorKind::Config);
        assert!(failure.message.contains("holds no certificate"), "{failure}");
        let wish = DatabaseTls { mode: SslMode::Require, ..wish };
        assert!(database_tls(&wish, &Trust::default()).is_ok(), "nothing is proved, so nothing is read");
    }

    #[test]
    fn authorities_of_the_policy_count_where_the_url_names_none() {
        let trust = Trust { ca_files: vec!["/no/such.pem".to_owned()], ca_mode: CaMode::Replace, ..Trust::default() };
        let wish = DatabaseTls { mode: SslMode::VerifyFull, authorities: None };
        let failure = database_tls(&wish, &trust).expect_err("its file is not there");
        assert!(failure.message.contains("ca_files /no/such.pem"), "{failure}");
    }
}
