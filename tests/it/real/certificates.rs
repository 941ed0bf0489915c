//! Certificates of every kind, good and bad, as files that any program reads.

use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    PKCS_RSA_SHA256, date_time_ymd,
};

/// Names that `localhost` servers are called by.
const HERE: [&str; 2] = ["localhost", "127.0.0.1"];

/// A directory of certificates. Each `NAME` is two files, `NAME.pem` and `NAME.key`.
pub(super) struct Certificates {
    place: PathBuf,
}

impl Certificates {
    /// Issues all of them.
    pub(super) fn issue(place: &Path) -> Self {
        let certificates = Self { place: place.to_owned() };
        let public = certificates.authority("public-ca");
        let corp = certificates.authority("corp-ca");
        let unknown = certificates.authority("unknown-ca");
        let clients = certificates.authority("client-ca");
        certificates.server("good", &public, |_| {});
        certificates.server("proxy", &public, |_| {});
        certificates.server("wrong-host", &public, |params| {
            params.subject_alt_names =
                CertificateParams::new(vec!["elsewhere.example".to_owned()]).expect("parameters").subject_alt_names;
        });
        certificates.server("expired", &public, |params| {
            (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        });
        certificates.server("future", &public, |params| {
            (params.not_before, params.not_after) = (date_time_ymd(2090, 1, 1), date_time_ymd(2091, 1, 1));
        });
        certificates.server("corp", &corp, |_| {});
        certificates.server("unknown", &unknown, |_| {});
        certificates.rsa("rsa", &public);
        certificates.self_signed("self-signed");
        certificates.client("client", &clients);
        certificates.client("stranger", &unknown);
        certificates
    }

    /// The certificate's file.
    pub(super) fn pem(&self, name: &str) -> String {
        self.file(name, "pem")
    }

    /// Its key's file.
    pub(super) fn key(&self, name: &str) -> String {
        self.file(name, "key")
    }

    fn file(&self, name: &str, ending: &str) -> String {
        self.place.join(format!("{name}.{ending}")).display().to_string()
    }

    fn write(&self, name: &str, pem: &str, key: &KeyPair) {
        std::fs::write(self.pem(name), pem).expect("the certificate is written");
        std::fs::write(self.key(name), key.serialize_pem()).expect("the key is written");
    }

    fn authority(&self, name: &str) -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        std::fs::write(self.pem(name), authority.pem()).expect("the authority is written");
        authority
    }

    fn server(&self, name: &str, by: &CertifiedIssuer<'_, KeyPair>, change: impl FnOnce(&mut CertificateParams)) {
        let mut params = params(name, ExtendedKeyUsagePurpose::ServerAuth);
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, by).expect("a certificate");
        self.write(name, &certificate.pem(), &key);
    }

    /// The keys above are ECDSA; RSA keys are made by openssl, which ring cannot.
    fn rsa(&self, name: &str, by: &CertifiedIssuer<'_, KeyPair>) {
        let made = Command::new("openssl")
            .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
            .output()
            .expect("openssl runs");
        let pem = String::from_utf8(made.stdout).expect("PEM is text");
        let key = KeyPair::from_pem_and_sign_algo(&pem, &PKCS_RSA_SHA256).expect("an RSA key");
        let certificate = params(name, ExtendedKeyUsagePurpose::ServerAuth).signed_by(&key, by).expect("a certificate");
        self.write(name, &certificate.pem(), &key);
    }

    fn self_signed(&self, name: &str) {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(name, ExtendedKeyUsagePurpose::ServerAuth).self_signed(&key).expect("a certificate");
        self.write(name, &certificate.pem(), &key);
    }

    fn client(&self, name: &str, by: &CertifiedIssuer<'_, KeyPair>) {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(name, ExtendedKeyUsagePurpose::ClientAuth).signed_by(&key, by).expect("a certificate");
        self.write(name, &certificate.pem(), &key);
    }
}

fn params(name: &str, purpose: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = CertificateParams::new(HERE.map(str::to_owned)).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![purpose];
    params
}
