//! Client certificates as other tools make them. The files beside this one were made by OpenSSL, for these tests alone.

use super::*;
use crate::domain::SecretRef;

const WORD: &str = "pass phrase";

fn file(name: &str) -> String {
    format!("{}/src/net/identity/tests/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

fn reference() -> SecretRef {
    SecretRef::Env("WORD".to_owned())
}

fn pem(cert: &str, key: &str, word: Option<&str>) -> Result<Arc<CertifiedKey>, Failure> {
    let identity = Identity::Pem { cert: cert.to_owned(), key: key.to_owned(), passphrase: Some(reference()) };
    load(&identity, word.map(SecretText::new).as_ref(), &provider())
}

fn pkcs12(name: &str, word: Option<&str>) -> Result<Arc<CertifiedKey>, Failure> {
    let identity = Identity::Pkcs12 { file: file(name), passphrase: Some(reference()) };
    load(&identity, word.map(SecretText::new).as_ref(), &provider())
}

/// Kind and message without the path, and the hint.
fn said(failure: Failure) -> (ErrorKind, String, String) {
    let place = format!("{}/src/net/identity/tests/", env!("CARGO_MANIFEST_DIR"));
    (failure.kind, failure.message.replace(&place, ""), failure.hint)
}

#[test]
fn every_kind_of_key_is_read() {
    for (cert, key, word) in [
        ("rsa.crt", "rsa-pkcs1.key", None),
        ("ec.crt", "ec-sec1.key", None),
        ("ec.crt", "ec-pkcs8.key", None),
        ("ec.crt", "ec-aes.key", Some(WORD)),
        ("ec.crt", "ec-3des.key", Some(WORD)),
    ] {
        let loaded = pem(&file(cert), &file(key), word).map(|loaded| loaded.cert.len());
        assert_eq!(loaded, Ok(1), "{key}");
    }
    for (name, word) in [("ec.p12", Some(WORD)), ("ec-legacy.p12", Some(WORD)), ("ec-empty.p12", None)] {
        assert_eq!(pkcs12(name, word).map(|loaded| loaded.cert.len()), Ok(1), "{name}");
    }
}

#[test]
fn a_chain_in_any_order_is_sent_leaf_first() {
    let place = tempfile::tempdir().expect("a directory");
    let both = place.path().join("both.pem").display().to_string();
    let read = |name: &str| std::fs::read_to_string(file(name)).expect("a file");
    std::fs::write(&both, read("rsa.crt") + &read("ec.crt") + &read("ec-pkcs8.key")).expect("written");
    let loaded = pem(&both, &both, None).expect("one file with all");
    let leaf = CertificateDer::from_pem_slice(read("ec.crt").as_bytes()).expect("a certificate");
    assert_eq!((loaded.cert.len(), loaded.cert.first()), (2, Some(&leaf)));
}

#[test]
fn what_cannot_be_used_names_the_file_and_the_fix() {
    let told = |cert: &str, key: &str, word| said(pem(&file(cert), &file(key), word).expect_err(key));
    for (cert, key, word, kind, message) in [
        (
            "ec.crt",
            "rsa-pkcs1.key",
            None,
            ErrorKind::Config,
            "client_key rsa-pkcs1.key: its key does not belong to the certificate of ec.crt",
        ),
        ("ec.crt", "ec-aes.key", None, ErrorKind::Secret, "client_key ec-aes.key: its key is encrypted"),
        (
            "ec.crt",
            "ec-aes.key",
            Some("other"),
            ErrorKind::Secret,
            "client_key ec-aes.key: the passphrase does not open it",
        ),
        (
            "ec.crt",
            "ec-pbes1.key",
            Some(WORD),
            ErrorKind::Config,
            "client_key ec-pbes1.key: its key is encrypted in a way that is not supported",
        ),
        (
            "ec.crt",
            "ec-proc-type.key",
            Some(WORD),
            ErrorKind::Config,
            "client_key ec-proc-type.key: its key is encrypted in OpenSSL's old form",
        ),
        ("ec.crt", "ec.crt", None, ErrorKind::Config, "client_cert ec.crt: it holds no private key"),
        (
            "ec-sec1.key",
            "ec-sec1.key",
            None,
            ErrorKind::Config,
            "client_cert ec-sec1.key: it holds a key and no certificate",
        ),
        (
            "nothing",
            "ec-sec1.key",
            None,
            ErrorKind::Config,
            "client_cert nothing: it cannot be read: no such file or directory",
        ),
        ("ec.crt", "ec.p12", None, ErrorKind::Config, "client_key ec.p12: it holds no private key"),
    ] {
        let (found, said, hint) = told(cert, key, word);
        assert_eq!((found, said.replace(&file(""), "").as_str()), (kind, message));
        assert!(!hint.is_empty(), "{message}");
    }
}

#[test]
fn a_pkcs12_file_that_cannot_be_used_says_why() {
    let told = |name: &str, word| said(pkcs12(name, word).expect_err(name));
    for (name, word, kind, message) in [
        ("ec.p12", None, ErrorKind::Secret, "client_pkcs12 ec.p12: it needs a passphrase"),
        ("ec.p12", Some("other"), ErrorKind::Secret, "client_pkcs12 ec.p12: the passphrase does not open it"),
        (
            "ec-legacy.p12",
            Some("other"),
            ErrorKind::Secret,
            "client_pkcs12 ec-legacy.p12: the passphrase does not open it",
        ),
        ("ec.crt", None, ErrorKind::Config, "client_pkcs12 ec.crt: it is PEM, not PKCS#12"),
    ] {
        let (found, said, hint) = told(name, word);
        assert_eq!((found, said.as_str()), (kind, message));
        assert!(!hint.is_empty(), "{message}");
    }
    let place = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(place.path(), b"0\x82rubbish").expect("written");
    let rubbish = Identity::Pkcs12 { file: place.path().display().to_string(), passphrase: None };
    let failure = load(&rubbish, None, &provider()).expect_err("rubbish");
    assert!(failure.message.ends_with("it is no PKCS#12 file, or a damaged one"), "{}", failure.message);
}
