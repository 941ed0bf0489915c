//! Whom a handshake trusts: the system's authorities, those of files, those written into the configuration.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::pem::Named;
use crate::domain::policy::{CaMode, SystemStore, Trust};
use crate::domain::{ErrorKind, Failure, text};

/// The authorities of one policy.
pub(super) struct Roots {
    pub(super) store: RootCertStore,
    /// Those that a person configured.
    pub(super) configured: Vec<CertificateDer<'static>>,
    /// Why the system offers none, where it was asked and does not.
    pub(super) none_of_the_system: Option<String>,
}

/// Whether the machine's own store counts; tests that must fail on any machine leave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine {
    Trusted,
    #[cfg(test)]
    Ignored,
}

impl Roots {
    /// Reads every authority of a policy.
    ///
    /// # Errors
    /// The first file that cannot be used, with what to do.
    pub(super) fn load(trust: &Trust, machine: Machine) -> Result<Self, Failure> {
        let mut roots = Self { store: RootCertStore::empty(), configured: Vec::new(), none_of_the_system: None };
        if trust.ca_mode == CaMode::Add && machine == Machine::Trusted {
            roots.add_system(&trust.system);
        }
        for path in &trust.ca_files {
            let file = Named { key: "ca_files", path };
            let certificates = file.certificates(&file.text()?)?;
            roots.add(file, certificates)?;
        }
        if let Some(pem) = &trust.ca_pem {
            let inline = Named { key: "ca_pem", path: "(inline)" };
            roots.add(inline, inline.certificates(pem)?)?;
        }
        Ok(roots)
    }

    /// A certificate that cannot be read is skipped as long as others can: people cannot mend the system's store.
    fn add_system(&mut self, system: &SystemStore) {
        let found = match (&system.file, &system.dir) {
            (None, None) => rustls_native_certs::load_native_certs(),
            (file, dir) => rustls_native_certs::load_certs_from_paths(
                file.as_deref().map(Path::new),
                dir.as_deref().map(Path::new),
            ),
        };
        let (added, unreadable) = self.store.add_parsable_certificates(found.certs);
        if added == 0 {
            let mut causes: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
            if unreadable > 0 {
                causes.push(format!("{unreadable} certificates could not be read"));
            }
            let why = if causes.is_empty() { "none is installed".to_owned() } else { causes.join("; ") };
            self.none_of_the_system = Some(why);
        }
    }

    fn add(&mut self, file: Named<'_>, certificates: Vec<CertificateDer<'static>>) -> Result<(), Failure> {
        for (at, certificate) in certificates.into_iter().enumerate() {
            self.store.add(certificate.clone()).map_err(|error| {
                let what =
                    format!("certificate {} in it cannot be read: {}", at + 1, text::clean_line(&error.to_string()));
                file.wrong(&what, "replace it by the authority's certificate in PEM form")
            })?;
            self.configured.push(certificate);
        }
        Ok(())
    }
}

/// The failure of a machine that trusts nobody.
pub(super) fn nobody(why: &str) -> Failure {
    let message = format!("this machine offers no trusted certificates: {}", text::clean_line(why));
    Failure::new(
        ErrorKind::Tls,
        message,
        "install ca-certificates, or name a PEM file of them in ca_files or SSL_CERT_FILE",
    )
}
