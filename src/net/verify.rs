//! How a server's certificate is verified: always in full, and then judged by the mode of the hop it stands for.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use std::sync::Arc;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::facts::Hop;
use super::trace::Trace;
use crate::domain::policy::VerificationMode;

/// Verifies the certificates of both hops, and notes what it found in the trace of the connection.
#[derive(Debug, Clone)]
pub(super) struct Verifier {
    /// None where nobody is trusted: nothing then passes in full.
    pub(super) webpki: Option<Arc<WebPkiServerVerifier>>,
    /// Certificates a person configured: a self-signed server is one of them itself.
    pub(super) configured: Vec<CertificateDer<'static>>,
    /// For the server.
    pub(super) mode: VerificationMode,
    /// For an `https` proxy.
    pub(super) proxy_mode: VerificationMode,
    /// The signatures that are understood.
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    fn verdict(
        &self,
        chain: (&CertificateDer<'_>, &[CertificateDer<'_>]),
        (name, ocsp, now): (&ServerName<'_>, &[u8], UnixTime),
    ) -> Result<(), Error> {
        let Some(webpki) = &self.webpki else { return Err(CertificateError::UnknownIssuer.into()) };
        match webpki.verify_server_cert(chain.0, chain.1, name, ocsp, now) {
            Ok(_verified) => Ok(()),
            Err(error) if is_own_authority(&error) && self.configured.iter().any(|known| known == chain.0) => {
                itself(chain.0, name, now)
            }
            Err(error) => Err(error),
        }
    }
}

/// True for the certificate that `openssl req -x509` makes: signed by itself and marked as an authority.
fn is_own_authority(error: &Error) -> bool {
    if let Error::InvalidCertificate(CertificateError::Other(OtherError(cause))) = error {
        return cause.to_string().contains("CaUsedAsEndEntity");
    }
    false
}

/// A certificate that was configured itself needs no chain, but its dates and its name hold as for any other.
fn itself(leaf: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
    let parsed = X509Certificate::from_der(leaf.as_ref());
    let (_, certificate) = parsed.map_err(|_error| Error::from(CertificateError::BadEncoding))?;
    let since_epoch = |seconds: i64| {
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
    };
    let not_before = since_epoch(certificate.validity().not_before.timestamp());
    let not_after = since_epoch(certificate.validity().not_after.timestamp());
    if now < not_before {
        return Err(CertificateError::NotValidYetContext { time: now, not_before }.into());
    }
    if now > not_after {
        return Err(CertificateError::ExpiredContext { time: now, not_after }.into());
    }
    verify_server_name(&ParsedCertificate::try_from(leaf)?, name)
}

/// True where the chain is good and only the name is not: webpki looks at the chain first.
fn is_name_alone(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })
    )
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.verdict((end_entity, intermediates), (server_name, ocsp_response, now));
        let chain = std::iter::once(end_entity).chain(intermediates).map(|one| one.clone().into_owned()).collect();
        let hop = Trace::handshake(|handshake| {
            handshake.chain = chain;
            handshake.verdict = Some(verdict.clone());
            handshake.hop
        });
        let mode = match hop.unwrap_or(Hop::Target) {
            Hop::Proxy => self.proxy_mode,
            Hop::Target => self.mode,
        };
        match (verdict, mode) {
            (Ok(()), _) | (Err(_), VerificationMode::None) => Ok(ServerCertVerified::assertion()),
            (Err(error), VerificationMode::Certificate) if is_name_alone(&error) => Ok(ServerCertVerified::assertion()),
            (Err(error), VerificationMode::Certificate | VerificationMode::Full) => Err(error),
        }
    }

    // Also where nothing else is verified: without this, an attacker would not even need a key.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
