//! Tables laid over each other, and the policy they come to.

use std::collections::BTreeMap;

use url::Url;

use super::env::NetworkEnv;
use super::hosts::HostRule;
use super::key::NetworkKey;
use super::layers::{KeyPlaces, ValueSource};
use super::overlay::NetworkOverlay;
use super::proxy::{Login, Proxy, ProxySetting, ProxyUrl, Route};
use super::value::{CaMode, NetworkValue};
use super::{Effective, Identity, Limits, NetworkPolicy, PolicyProblem, SystemStore, Trust};
use crate::domain::secret::Credential;
use crate::domain::text::MASKED;
use crate::domain::units::{show_duration, show_size};

/// What the tables say together, so far as they were laid over each other.
pub(super) struct Merged<'a> {
    values: NetworkOverlay,
    from: BTreeMap<NetworkKey, (usize, ValueSource)>,
    tables: usize,
    url: Option<&'a Url>,
    env: &'a NetworkEnv,
}

/// The proxy the environment names.
struct Named {
    variable: &'static str,
    proxy: Result<(ProxyUrl, Option<Login>), String>,
}

impl<'a> Merged<'a> {
    pub(super) fn new(url: Option<&'a Url>, env: &'a NetworkEnv) -> Self {
        Self { values: NetworkOverlay::default(), from: BTreeMap::new(), tables: 0, url, env }
    }

    /// Lays a table over what is there, key by key.
    pub(super) fn lay(&mut self, table: &str, values: &NetworkOverlay, places: &KeyPlaces) {
        self.tables += 1;
        for (key, value) in values.iter() {
            self.values.put(key, value.clone());
            let source = ValueSource::Table { table: table.to_owned(), place: places.get(&key).cloned() };
            self.from.insert(key, (self.tables, source));
        }
    }

    pub(super) fn policy(self) -> NetworkPolicy {
        let named = self.named();
        let mut problems = self.problems();
        let (route, problem) = self.route(named.as_ref());
        problems.extend(problem);
        NetworkPolicy {
            limits: self.limits(),
            route,
            trust: self.trust(),
            identity: self.identity(),
            http: self.values.http(),
            pins: self.values.pins(NetworkKey::Resolve).unwrap_or_default().to_vec(),
            allowed_hosts: self.values.hosts(NetworkKey::AllowedHosts).map(<[HostRule]>::to_vec),
            token: None,
            effective: self.effective(named.as_ref()),
            problems,
        }
    }

    fn limits(&self) -> Limits {
        let default = Limits::DEFAULT;
        let duration = |key, otherwise| self.values.duration(key).unwrap_or(otherwise);
        Limits {
            connect_timeout: duration(NetworkKey::ConnectTimeout, default.connect_timeout),
            first_byte_timeout: duration(NetworkKey::FirstByteTimeout, default.first_byte_timeout),
            idle_timeout: duration(NetworkKey::IdleTimeout, default.idle_timeout),
            total_timeout: duration(NetworkKey::TotalTimeout, default.total_timeout),
            max_response_size: self.values.size(NetworkKey::MaxResponseSize).unwrap_or(default.max_response_size),
        }
    }

    fn trust(&self) -> Trust {
        let values = &self.values;
        Trust {
            mode: values.mode(NetworkKey::VerificationMode),
            proxy_mode: values.mode(NetworkKey::ProxyVerificationMode),
            min_tls: values.min_tls(),
            ca_files: values
                .files(NetworkKey::CaFiles)
                .unwrap_or_default()
                .iter()
                .map(|f| self.env.expand(f))
                .collect(),
            ca_mode: values.ca_mode(),
            ca_pem: values.text(NetworkKey::CaPem).map(str::to_owned),
            system: SystemStore {
                file: self.env.value("SSL_CERT_FILE").map(str::to_owned),
                dir: self.env.value("SSL_CERT_DIR").map(str::to_owned),
            },
        }
    }

    /// Of PEM files and PKCS#12, the one that stands in the higher table.
    fn identity(&self) -> Option<Identity> {
        let path = |key| self.values.text(key).map(|path| self.env.expand(path));
        let passphrase = || self.values.secret(NetworkKey::ClientKeyPassphrase).cloned();
        let pem = path(NetworkKey::ClientCert);
        match (path(NetworkKey::ClientPkcs12), pem) {
            (Some(_), Some(cert)) if self.rank(NetworkKey::ClientCert) > self.rank(NetworkKey::ClientPkcs12) => {
                Some(self.pem_files(cert))
            }
            (Some(file), _) => Some(Identity::Pkcs12 { file, passphrase: passphrase() }),
            (None, Some(cert)) => Some(self.pem_files(cert)),
            (None, None) => None,
        }
    }

    fn pem_files(&self, cert: String) -> Identity {
        let key = self.values.text(NetworkKey::ClientKey).map_or_else(|| cert.clone(), |path| self.env.expand(path));
        Identity::Pem { cert, key, passphrase: self.values.secret(NetworkKey::ClientKeyPassphrase).cloned() }
    }

    fn rank(&self, key: NetworkKey) -> usize {
        self.from.get(&key).map(|(rank, _)| *rank).unwrap_or_default()
    }

    fn setting(&self) -> &ProxySetting {
        if let Some(NetworkValue::Proxy(setting)) = self.values.get(NetworkKey::Proxy) {
            setting
        } else {
            &ProxySetting::Env
        }
    }

    /// The environment's proxy, where the tables leave it to the environment.
    fn named(&self) -> Option<Named> {
        match self.setting() {
            ProxySetting::None | ProxySetting::Url(_) => None,
            ProxySetting::Env => {
                let (variable, value) = self.env.proxy(self.url.map_or("https", Url::scheme))?;
                // Other programs take a variable without a scheme for an HTTP proxy.
                let value = value.trim();
                let url = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
                Some(Named { variable, proxy: ProxyUrl::parse(&url).map_err(|problem| problem.to_string()) })
            }
        }
    }

    fn route(&self, named: Option<&Named>) -> (Route, Option<PolicyProblem>) {
        let (url, login) = match (self.setting(), named) {
            (ProxySetting::Url(url), _) => (url.clone(), None),
            (ProxySetting::None | ProxySetting::Env, None) => return (Route::default(), None),
            (ProxySetting::None | ProxySetting::Env, Some(Named { proxy: Ok((url, login)), .. })) => {
                (url.clone(), login.clone())
            }
            (ProxySetting::None | ProxySetting::Env, Some(Named { variable, proxy: Err(problem) })) => {
                let problem = PolicyProblem {
                    key: NetworkKey::Proxy,
                    message: format!("the variable {variable} names no proxy: {problem}"),
                    hint: format!("correct {variable}, or set proxy = \"none\""),
                };
                return (Route::default(), Some(problem));
            }
        };
        if let Some(rule) = self.url.and_then(|target| self.around(target, named)) {
            return (Route { proxy: None, rule: Some(rule) }, None);
        }
        let headers = self.values.headers(NetworkKey::ProxyHeaders).unwrap_or_default().to_vec();
        let (user, password) = match login {
            Some((user, password)) => (Some(user), password.map(Credential::Typed)),
            None => (
                self.values.text(NetworkKey::ProxyUser).map(str::to_owned),
                self.values.secret(NetworkKey::ProxyPassword).cloned().map(Credential::Reference),
            ),
        };
        (Route { proxy: Some(Proxy { url, user, password, headers }), rule: None }, None)
    }

    /// The rule that leads a target around the proxy.
    fn around(&self, target: &Url, named: Option<&Named>) -> Option<String> {
        let listed = |key| self.values.hosts(key).and_then(|rules| rules.iter().find(|rule| rule.matches(target)));
        if let Some(rule) = listed(NetworkKey::ProxyBypassHosts) {
            return Some(format!("proxy_bypass_hosts: {rule}"));
        }
        let only = self.values.hosts(NetworkKey::ProxyOnlyHosts).is_some();
        if only && listed(NetworkKey::ProxyOnlyHosts).is_none() {
            return Some("proxy_only_hosts does not list it".to_owned());
        }
        named?;
        let means = |entry: &&str| HostRule::parse_no_proxy(entry).is_ok_and(|rule| rule.matches(target));
        self.env.no_proxy().find(means).map(|entry| format!("NO_PROXY: {entry}"))
    }

    fn problems(&self) -> Vec<PolicyProblem> {
        let mut problems = Vec::new();
        let mut wrong = |key: NetworkKey, message: &str, hint: &str| {
            let from = self.from.get(&key).map_or(String::new(), |(_, source)| format!(" ({source})"));
            problems.push(PolicyProblem {
                key,
                message: format!("{}{from}: {message}", key.word()),
                hint: hint.to_owned(),
            });
        };
        let has = |key| self.values.get(key).is_some();
        for contradiction in self.values.contradictions() {
            // Where they stand in different tables, the higher one holds.
            let apart = self.rank(NetworkKey::ClientPkcs12) != self.rank(NetworkKey::ClientCert);
            if contradiction.key != NetworkKey::ClientPkcs12 || !apart {
                wrong(contradiction.key, &contradiction.message, "");
            }
        }
        if has(NetworkKey::ClientKey) && !has(NetworkKey::ClientCert) && !has(NetworkKey::ClientPkcs12) {
            wrong(NetworkKey::ClientKey, "a key without its certificate", "name the certificate in client_cert");
        }
        if has(NetworkKey::ProxyPassword) && !has(NetworkKey::ProxyUser) {
            wrong(NetworkKey::ProxyPassword, "a password without a user", "name the user in proxy_user");
        }
        let trusts = has(NetworkKey::CaFiles) || has(NetworkKey::CaPem);
        if self.values.ca_mode() == CaMode::Replace && !trusts {
            wrong(NetworkKey::CaMode, "nothing takes the place of the system's authorities", "set ca_files or ca_pem");
        }
        problems
    }

    fn effective(&self, named: Option<&Named>) -> Vec<Effective> {
        NetworkKey::ALL.into_iter().map(|key| self.effective_of(key, named)).collect()
    }

    fn effective_of(&self, key: NetworkKey, named: Option<&Named>) -> Effective {
        if let Some(Named { variable, proxy }) = named {
            let login = proxy.as_ref().ok().and_then(|(_, login)| login.as_ref());
            let value = match (key, proxy, login) {
                (NetworkKey::Proxy, Ok((url, _)), _) => Some(url.to_string()),
                (NetworkKey::Proxy, Err(problem), _) => Some(problem.clone()),
                (NetworkKey::ProxyUser, _, Some((user, _))) => Some(user.clone()),
                (NetworkKey::ProxyPassword, _, Some((_, Some(_)))) => Some(MASKED.to_owned()),
                (_, _, _) => None,
            };
            if value.is_some() {
                return Effective { key, value, from: ValueSource::Variable(variable) };
            }
        }
        let from = self.from.get(&key).map_or(ValueSource::Default, |(_, source)| source.clone());
        let value = match self.values.get(key) {
            // It is left to the environment, and that names none.
            Some(NetworkValue::Proxy(ProxySetting::Env)) => Some("none".to_owned()),
            Some(value) => Some(value.shown()),
            None => built_in(key),
        };
        Effective { key, value, from }
    }
}

/// The built-in value of a key, where there is one.
fn built_in(key: NetworkKey) -> Option<String> {
    let limits = Limits::DEFAULT;
    let text = match key {
        NetworkKey::ConnectTimeout => show_duration(limits.connect_timeout),
        NetworkKey::FirstByteTimeout => show_duration(limits.first_byte_timeout),
        NetworkKey::IdleTimeout => show_duration(limits.idle_timeout),
        NetworkKey::TotalTimeout => show_duration(limits.total_timeout),
        NetworkKey::MaxResponseSize => show_size(limits.max_response_size),
        NetworkKey::Proxy => "none".to_owned(),
        NetworkKey::AllowedHosts => "*".to_owned(),
        NetworkKey::ProxyVerificationMode
        | NetworkKey::VerificationMode
        | NetworkKey::CaMode
        | NetworkKey::MinTls
        | NetworkKey::HttpVersion => (*key.words().first()?).to_owned(),
        NetworkKey::ProxyUser
        | NetworkKey::ProxyPassword
        | NetworkKey::ProxyHeaders
        | NetworkKey::ProxyBypassHosts
        | NetworkKey::ProxyOnlyHosts
        | NetworkKey::CaFiles
        | NetworkKey::CaPem
        | NetworkKey::ClientCert
        | NetworkKey::ClientKey
        | NetworkKey::ClientKeyPassphrase
        | NetworkKey::ClientPkcs12
        | NetworkKey::Resolve => return None,
    };
    Some(text)
}
