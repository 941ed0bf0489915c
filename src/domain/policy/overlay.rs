//! What one table says about the network: some keys, each with its value.

use std::collections::BTreeMap;
use std::time::Duration;

use super::hosts::{HostRule, Pin};
use super::key::NetworkKey;
use super::value::{CaMode, HttpVersion, MinTls, NetworkValue, VerificationMode};
use crate::domain::connector::Header;
use crate::domain::secret::SecretRef;

/// The keys of one table; unset keys leave what is below them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkOverlay(BTreeMap<NetworkKey, NetworkValue>);

/// Two keys of one table that cannot both hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The key it is told at.
    pub key: NetworkKey,
    /// What is wrong, and the fix.
    pub message: String,
}

impl NetworkOverlay {
    /// What the table says for a key.
    pub fn get(&self, key: NetworkKey) -> Option<&NetworkValue> {
        self.0.get(&key)
    }

    /// Sets a key from text; an empty one leaves it unset.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn set(&mut self, key: NetworkKey, text: &str) -> Result<(), String> {
        if text.trim().is_empty() {
            self.0.remove(&key);
            return Ok(());
        }
        self.0.insert(key, NetworkValue::parse(key, text)?);
        Ok(())
    }

    /// True when no key is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every key that is set, in the order of [`NetworkKey::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (NetworkKey, &NetworkValue)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    /// The table without these keys.
    #[must_use]
    pub fn without(&self, keys: &[NetworkKey]) -> Self {
        Self(self.0.iter().filter(|(key, _)| !keys.contains(key)).map(|(key, value)| (*key, value.clone())).collect())
    }

    /// Every secret reference the table holds.
    pub fn secret_refs(&self) -> Vec<SecretRef> {
        let secret = self
            .0
            .values()
            .filter_map(|value| if let NetworkValue::Secret(secret) = value { Some(secret.clone()) } else { None });
        let headers = self.headers(NetworkKey::ProxyHeaders).unwrap_or_default();
        secret.chain(headers.iter().filter_map(Header::reference)).collect()
    }

    /// What cannot hold together inside this one table.
    pub fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        let only = self.hosts(NetworkKey::ProxyOnlyHosts).unwrap_or_default();
        for host in self.hosts(NetworkKey::ProxyBypassHosts).unwrap_or_default() {
            if only.contains(host) {
                let message = format!("\"{host}\" stands in proxy_only_hosts too; keep it in one of them");
                found.push(Contradiction { key: NetworkKey::ProxyBypassHosts, message });
            }
        }
        let own_pair = self.get(NetworkKey::ClientCert).or_else(|| self.get(NetworkKey::ClientKey));
        if own_pair.is_some() && self.get(NetworkKey::ClientPkcs12).is_some() {
            let message = "client_cert and client_key exclude it; keep the PKCS#12 file or the PEM files".to_owned();
            found.push(Contradiction { key: NetworkKey::ClientPkcs12, message });
        }
        found
    }

    pub(super) fn put(&mut self, key: NetworkKey, value: NetworkValue) {
        self.0.insert(key, value);
    }

    pub(super) fn duration(&self, key: NetworkKey) -> Option<Duration> {
        if let Some(NetworkValue::Duration(duration)) = self.get(key) { Some(*duration) } else { None }
    }

    pub(super) fn size(&self, key: NetworkKey) -> Option<u64> {
        if let Some(NetworkValue::Size(size)) = self.get(key) { Some(*size) } else { None }
    }

    pub(super) fn text(&self, key: NetworkKey) -> Option<&str> {
        if let Some(NetworkValue::Text(text)) = self.get(key) { Some(text) } else { None }
    }

    pub(super) fn secret(&self, key: NetworkKey) -> Option<&SecretRef> {
        if let Some(NetworkValue::Secret(secret)) = self.get(key) { Some(secret) } else { None }
    }

    pub(super) fn headers(&self, key: NetworkKey) -> Option<&[Header]> {
        if let Some(NetworkValue::Headers(headers)) = self.get(key) { Some(headers) } else { None }
    }

    pub(super) fn hosts(&self, key: NetworkKey) -> Option<&[HostRule]> {
        if let Some(NetworkValue::Hosts(hosts)) = self.get(key) { Some(hosts) } else { None }
    }

    pub(super) fn files(&self, key: NetworkKey) -> Option<&[String]> {
        if let Some(NetworkValue::Files(files)) = self.get(key) { Some(files) } else { None }
    }

    pub(super) fn pins(&self, key: NetworkKey) -> Option<&[Pin]> {
        if let Some(NetworkValue::Resolve(pins)) = self.get(key) { Some(pins) } else { None }
    }

    pub(super) fn mode(&self, key: NetworkKey) -> VerificationMode {
        if let Some(NetworkValue::Verification(mode)) = self.get(key) { *mode } else { VerificationMode::default() }
    }

    pub(super) fn ca_mode(&self) -> CaMode {
        if let Some(NetworkValue::CaMode(mode)) = self.get(NetworkKey::CaMode) { *mode } else { CaMode::default() }
    }

    pub(super) fn min_tls(&self) -> MinTls {
        if let Some(NetworkValue::MinTls(version)) = self.get(NetworkKey::MinTls) {
            *version
        } else {
            MinTls::default()
        }
    }

    pub(super) fn http(&self) -> HttpVersion {
        let value = self.get(NetworkKey::HttpVersion);
        if let Some(NetworkValue::Http(version)) = value { *version } else { HttpVersion::default() }
    }
}
