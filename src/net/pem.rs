//! PEM files as people really have them: with a byte order mark, indented, with Windows line ends, with text between.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::domain::{ErrorKind, Failure, text};

/// A file of certificates is small; what is larger is something else.
const SIZE_MAX: u64 = 16 << 20;

/// A file that a key of the configuration names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    /// `ca_files`, `client_cert`, …
    pub(super) key: &'a str,
    /// The path, `~/` expanded.
    pub(super) path: &'a str,
}

impl Named<'_> {
    /// The failure of this file. Nothing of its content is repeated.
    pub(super) fn wrong(&self, what: &str, hint: &str) -> Failure {
        let message = format!("{} {}: {what}", self.key, text::clean_line(self.path));
        Failure::new(ErrorKind::Config, message, hint)
    }

    /// The file's bytes.
    pub(super) fn read(&self) -> Result<Vec<u8>, Failure> {
        let failed = |error: &std::io::Error| {
            let said = error.to_string();
            let reason = said.split(" (os error").next().unwrap_or_default().to_lowercase();
            self.wrong(
                &format!("it cannot be read: {reason}"),
                "check the path, and the owner and the mode of the file",
            )
        };
        let size = std::fs::metadata(self.path).map_err(|error| failed(&error))?.len();
        if size > SIZE_MAX {
            return Err(self.wrong("it is far too large for certificates or keys", "check the path"));
        }
        std::fs::read(self.path).map_err(|error| failed(&error))
    }

    /// The file's text, each line trimmed.
    pub(super) fn text(&self) -> Result<String, Failure> {
        Ok(trimmed(&self.read()?))
    }

    /// The certificates of a file; at least one.
    pub(super) fn certificates(&self, text: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
        match found {
            Ok(found) if !found.is_empty() => Ok(found),
            Ok(_) => Err(self.without_certificates(text)),
            Err(error) => {
                let is_open = matches!(error, rustls::pki_types::pem::Error::MissingSectionEnd { .. });
                let why = if is_open { "a block has no end" } else { "what stands in a block is no base64" };
                let what = format!("it is damaged: {why}");
                Err(self.wrong(&what, "copy the certificates again, from -----BEGIN to -----END"))
            }
        }
    }

    fn without_certificates(&self, text: &str) -> Failure {
        let (what, hint) = if text.trim().is_empty() {
            ("it is empty", "put certificates in PEM form there")
        } else if text.contains("PRIVATE KEY-----") {
            ("it holds a key and no certificate", "name a file that begins with -----BEGIN CERTIFICATE-----")
        } else if text.contains("BEGIN TRUSTED CERTIFICATE") {
            ("it is in OpenSSL's own form", "convert it: openssl x509 -in FILE -out FILE.pem")
        } else if text.contains("BEGIN PKCS7") {
            ("it is PKCS#7", "convert it: openssl pkcs7 -print_certs -in FILE -out FILE.pem")
        } else if text.starts_with('0') && text.contains('\u{FFFD}') {
            ("it is binary (DER)", "convert it: openssl x509 -inform der -in FILE -out FILE.pem")
        } else {
            ("it holds no certificate", "it must hold -----BEGIN CERTIFICATE----- blocks")
        };
        self.wrong(what, hint)
    }
}

/// The text of a file without what the PEM reader stumbles over.
fn trimmed(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let mut lines = String::with_capacity(text.len());
    for line in text.lines() {
        lines.push_str(line.trim());
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: Named<'static> = Named { key: "ca_files", path: "/x.pem" };

    fn pem() -> String {
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(vec!["h".to_owned()]).expect("parameters");
        params.self_signed(&key).expect("a certificate").pem()
    }

    #[test]
    fn what_stands_around_certificates_does_not_matter() {
        let (one, two) = (pem(), pem());
        for text in [
            format!("{one}{two}"),
            format!("\u{FEFF}{one}\r\nsome words\r\n{two}"),
            format!("    {}    {}", one.replace('\n', "\r\n    "), two.replace('\n', "\n\t")),
        ] {
            let found = FILE.certificates(&trimmed(text.as_bytes())).expect("certificates");
            assert_eq!(found.len(), 2, "{text}");
        }
    }

    #[test]
    fn a_file_without_certificates_says_what_it_is() {
        for (bytes, said) in [
            (&b""[..], "it is empty"),
            (b"-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----\n", "it holds a key and no certificate"),
            (
                b"-----BEGIN TRUSTED CERTIFICATE-----\nMAAA\n-----END TRUSTED CERTIFICATE-----\n",
                "it is in OpenSSL's own form",
            ),
            (b"0\x82\x01\xff\xfe\x00", "it is binary (DER)"),
            (b"<html>", "it holds no certificate"),
            (
                b"-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n",
                "it is damaged: what stands in a block is no base64",
            ),
            (b"-----BEGIN CERTIFICATE-----\nMAAA\n", "it is damaged: a block has no end"),
        ] {
            let failure = FILE.certificates(&trimmed(bytes)).expect_err("no certificates");
            assert_eq!(failure.message, format!("ca_files /x.pem: {said}"));
            assert!(!failure.hint.is_empty());
        }
    }
}
