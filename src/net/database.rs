//! TLS to the database of a team's event log, as far as its URL asks for proof.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::clients::{no_roots, system_roots};
use crate::domain::{DatabaseTls, ErrorKind, Failure, SslMode, text};

/// What a handshake with the database goes by.
///
/// # Errors
/// A failure of kind `tls`: there are no authorities to trust, or their file cannot be used.
pub fn database_tls(tls: &DatabaseTls) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match tls.mode {
        SslMode::Disable | SslMode::Prefer | SslMode::Require => {
            Arc::new(Lenient { provider: Arc::clone(&provider), chain: None })
        }
        SslMode::VerifyCa => {
            Arc::new(Lenient { provider: Arc::clone(&provider), chain: Some(trusting(tls, &provider)?) })
        }
        SslMode::VerifyFull => trusting(tls, &provider)?,
    };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| unusable(&error))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn trusting(tls: &DatabaseTls, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, Failure> {
    let roots = match &tls.authorities {
        Some(file) => from_file(file)?,
        None => match system_roots() {
            (_, Some(why)) => return Err(no_roots(&why)),
            (roots, None) => roots,
        },
    };
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    builder.build().map_err(|error| unusable(&error))
}

fn from_file(file: &Path) -> Result<RootCertStore, Failure> {
    let wrong = |why: &str| {
        let message = format!("sslrootcert {}: {}", file.display(), text::clean_line(why));
        Failure::new(ErrorKind::Tls, message, "name a PEM file with the certificate of the authority")
    };
    let certificates = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = certificates.map_err(|error| wrong(&error.to_string()))?;
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(certificates) {
        (0, _) => Err(wrong("it holds no certificate")),
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

    #[test]
    fn a_file_without_certificates_is_named() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "no certificate\n").expect("written");
        let wish = DatabaseTls { mode: SslMode::VerifyFull, authorities: Some(file.path().to_owned()) };
        let failure = database_tls(&wish).expect_err("nothing to trust");
        assert_eq!(failure.kind, ErrorKind::Tls);
        assert!(failure.message.contains("holds no certificate"), "{failure}");
        let wish = DatabaseTls { mode: SslMode::Require, ..wish };
        assert!(database_tls(&wish).is_ok(), "nothing is proved, so nothing is read");
    }
}
