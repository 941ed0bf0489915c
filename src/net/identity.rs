//! The client's certificate: read from its files, matched with its key, sent when a server asks.

use std::sync::Arc;

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};

use super::facts::{Asked, Hop};
use super::pem::Named;
use super::trace::Trace;
use crate::domain::policy::Identity;
use crate::domain::{ErrorKind, Failure, SecretText, text};

/// Reads certificate and key.
///
/// # Errors
/// The file that cannot be used and what to do; kind `secret` where the passphrase is missing or wrong.
pub(super) fn load(
    identity: &Identity,
    passphrase: Option<&SecretText>,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, Failure> {
    match identity {
        Identity::Pem { cert, key, .. } => {
            let cert = Named { key: "client_cert", path: cert };
            let key = Named { key: if cert.path == key { "client_cert" } else { "client_key" }, path: key };
            let chain = cert.certificates(&cert.text()?)?;
            let signing = signing_key(key, read_key(key, passphrase)?, provider)?;
            matched(&chain, &signing, (cert, key))
        }
        Identity::Pkcs12 { file, .. } => {
            let file = Named { key: "client_pkcs12", path: file };
            let (chain, key) = read_pkcs12(file, passphrase)?;
            matched(&chain, &signing_key(file, key, provider)?, (file, file))
        }
    }
}

fn signing_key(
    file: Named<'_>,
    key: PrivateKeyDer<'static>,
    provider: &CryptoProvider,
) -> Result<Arc<dyn SigningKey>, Failure> {
    provider.key_provider.load_private_key(key).map_err(|error| {
        let what = format!("its key cannot be used: {}", text::clean_line(&error.to_string()));
        file.wrong(&what, "use RSA of 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519")
    })
}

/// A label decides what a key is; the reader of the library skips what it does not know.
fn read_key(file: Named<'_>, passphrase: Option<&SecretText>) -> Result<PrivateKeyDer<'static>, Failure> {
    let text = secrecy::zeroize::Zeroizing::new(file.text()?);
    if text.contains("Proc-Type:") {
        let hint = "convert it: openssl pkcs8 -topk8 -in FILE -out FILE.key";
        return Err(file.wrong("its key is encrypted in OpenSSL's old form", hint));
    }
    if text.contains(LABEL) {
        return decrypt(file, &text, passphrase);
    }
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_error| {
        let (what, hint) = if text.contains("PRIVATE KEY-----") {
            ("its key is damaged", "copy it again, from -----BEGIN to -----END")
        } else {
            (
                "it holds no private key",
                "name the file of the key in client_key; it has a -----BEGIN … PRIVATE KEY----- block",
            )
        };
        file.wrong(what, hint)
    })
}

const LABEL: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";

fn decrypt(file: Named<'_>, text: &str, passphrase: Option<&SecretText>) -> Result<PrivateKeyDer<'static>, Failure> {
    let passphrase = passphrase.ok_or_else(|| {
        let failure = file.wrong("its key is encrypted", "set client_key_passphrase to a secret reference");
        Failure { kind: ErrorKind::Secret, ..failure }
    })?;
    let block = text.find(LABEL).and_then(|from| text.get(from..)).unwrap_or_default();
    let block = block.find(END).and_then(|to| block.get(..to + END.len())).unwrap_or(block);
    let damaged = || file.wrong("its key is damaged", "copy it again, from -----BEGIN to -----END");
    let (_label, document) = SecretDocument::from_pem(block).map_err(|_error| damaged())?;
    let old = || {
        let hint = "encrypt it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out FILE.key";
        file.wrong("its key is encrypted in a way that is not supported", hint)
    };
    let info = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_error| old())?;
    let key = info.decrypt(passphrase.expose()).map_err(|error| {
        let is_wrong = matches!(error, pkcs8::Error::EncryptedPrivateKey(_));
        if is_wrong { wrong_passphrase(file) } else { old() }
    })?;
    Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
}

fn wrong_passphrase(file: Named<'_>) -> Failure {
    let failure = file.wrong("the passphrase does not open it", "check what client_key_passphrase refers to");
    Failure { kind: ErrorKind::Secret, ..failure }
}

type ChainAndKey = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn read_pkcs12(file: Named<'_>, passphrase: Option<&SecretText>) -> Result<ChainAndKey, Failure> {
    let bytes = secrecy::zeroize::Zeroizing::new(file.read()?);
    if bytes.starts_with(b"-----BEGIN") {
        return Err(file.wrong("it is PEM, not PKCS#12", "name it in client_cert, and its key in client_key"));
    }
    let word = passphrase.map(SecretText::expose).unwrap_or_default();
    let store = KeyStore::from_pkcs12(&bytes, word, Pkcs12ImportPolicy::Relaxed).map_err(|error| {
        let said = error.to_string();
        if ["MAC", "mac", "Pkcs5", "Unpad", "decrypt"].iter().any(|word| said.contains(word)) {
            if passphrase.is_some() {
                return wrong_passphrase(file);
            }
            let hint = "set client_key_passphrase to a secret reference";
            return Failure { kind: ErrorKind::Secret, ..file.wrong("it needs a passphrase", hint) };
        }
        file.wrong("it is no PKCS#12 file, or a damaged one", "export certificate and key again, as .p12 or .pfx")
    })?;
    let Some((_alias, chain)) = store.private_key_chain() else {
        return Err(file.wrong("it holds no key", "export the certificate together with its private key"));
    };
    let certificates = chain.certs().iter().map(|one| CertificateDer::from(one.as_der().to_vec())).collect();
    Ok((certificates, PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec()).into()))
}

/// Certificate and key as one. A file may hold its chain in any order: the certificate that fits the key goes first.
fn matched(
    chain: &[CertificateDer<'static>],
    key: &Arc<dyn SigningKey>,
    (cert_file, key_file): (Named<'_>, Named<'_>),
) -> Result<Arc<CertifiedKey>, Failure> {
    let mut unreadable = None;
    for at in 0..chain.len() {
        let mut ordered = chain.to_vec();
        ordered.swap(0, at);
        let candidate = CertifiedKey::new(ordered, Arc::clone(key));
        match candidate.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
                return Ok(Arc::new(candidate));
            }
            Err(rustls::Error::InconsistentKeys(_)) => {}
            Err(error) => unreadable = Some(error),
        }
    }
    if let Some(error) = unreadable {
        let what = format!("a certificate in it cannot be read: {}", text::clean_line(&error.to_string()));
        return Err(cert_file.wrong(&what, "copy it again"));
    }
    let what = format!("its key does not belong to the certificate of {}", text::clean_line(cert_file.path));
    Err(key_file.wrong(&what, "name the two files that were made together"))
}

/// Sends the client's certificate to a server that asks for one, and notes that it asked. A proxy gets none: it is not
/// whom the certificate is for.
#[derive(Debug)]
pub(super) struct Resolver {
    pub(super) identity: Option<Arc<CertifiedKey>>,
}

impl ResolvesClientCert for Resolver {
    fn resolve(&self, root_hint_subjects: &[&[u8]], sigschemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let accepted: Vec<Vec<u8>> = root_hint_subjects.iter().map(|name| name.to_vec()).collect();
        let fits = |key: &&Arc<CertifiedKey>| key.key.choose_scheme(sigschemes).is_some();
        let own = self.identity.as_ref().filter(fits);
        let hop = Trace::handshake(|handshake| handshake.hop).unwrap_or(Hop::Target);
        let sent = own.filter(|_| hop == Hop::Target);
        Trace::handshake(|handshake| {
            handshake.identity = if sent.is_some() { Asked::Sent { accepted } } else { Asked::NotSent { accepted } };
        });
        sent.cloned()
    }

    /// Always: it is asked then, and that is worth knowing.
    fn has_certs(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
