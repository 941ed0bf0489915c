//! What the environment says about the network, taken once when the program starts.

use std::collections::BTreeMap;

use crate::domain::secret::SecretText;

/// The variables that count, with their values. A proxy's URL may hold a password, so all are held as secrets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkEnv(BTreeMap<&'static str, SecretText>);

const VARIABLES: [&str; 12] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUEST_METHOD",
    "HOME",
];

impl NetworkEnv {
    /// Takes the variables that count from an environment.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self(VARIABLES.into_iter().filter_map(|name| Some((name, SecretText::new(variable(name)?)))).collect())
    }

    /// The variable that names the proxy for a scheme, and its value. `ALL_PROXY` stands in for both.
    pub(super) fn proxy(&self, scheme: &str) -> Option<(&'static str, &str)> {
        let own = if scheme == "https" {
            self.either("HTTPS_PROXY", "https_proxy")
        } else if self.0.contains_key("REQUEST_METHOD") {
            // A web server puts the header `Proxy:` of whoever asks into HTTP_PROXY.
            self.either("http_proxy", "http_proxy")
        } else {
            self.either("HTTP_PROXY", "http_proxy")
        };
        own.or_else(|| self.either("ALL_PROXY", "all_proxy"))
    }

    /// The hosts that are reached without a proxy, as written: separated by commas or spaces.
    pub(super) fn no_proxy(&self) -> impl Iterator<Item = &str> {
        let value = self.either("NO_PROXY", "no_proxy").map(|(_, value)| value).unwrap_or_default();
        value.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty())
    }

    /// A variable that is set and not empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(SecretText::expose).filter(|value| !value.is_empty())
    }

    /// The upper case wins, and an empty one hides the lower case: so one turns a proxy off for a single command.
    fn either(&self, upper: &'static str, lower: &'static str) -> Option<(&'static str, &str)> {
        let name = if self.0.contains_key(upper) { upper } else { lower };
        self.value(name).map(|value| (name, value))
    }

    /// `~/` is the home directory.
    pub(super) fn expand(&self, path: &str) -> String {
        match (path.strip_prefix("~/"), self.value("HOME")) {
            (Some(rest), Some(home)) => format!("{}/{rest}", home.trim_end_matches('/')),
            (Some(_) | None, _) => path.to_owned(),
        }
    }
}
