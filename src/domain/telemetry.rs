//! Where telemetry goes, as `[telemetry]` says it: a collector that speaks OTLP, and how it is spoken to.

use std::fmt;
use std::time::Duration;

use url::Url;

use super::connector::Header;

/// How a metric's values add up over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Temporality {
    /// Each delivery tells everything since the program started: what Prometheus and its kin take.
    #[default]
    Cumulative,
    /// Each delivery tells what came since the last one: fit for commands that live a second.
    Delta,
}

impl Temporality {
    /// The temporality of a word of the file.
    ///
    /// # Errors
    /// What would be right, where it is no such word.
    pub fn from_word(word: &str) -> Result<Self, String> {
        match word {
            "cumulative" => Ok(Self::Cumulative),
            "delta" => Ok(Self::Delta),
            other => Err(format!("\"{}\" is not known; write cumulative or delta", other.escape_debug())),
        }
    }
}

/// The collector, and how it is spoken to.
#[derive(Clone, PartialEq, Eq)]
pub struct TelemetryTarget {
    /// `otlp_endpoint`: the base URL, without the path of a signal.
    pub endpoint: Url,
    /// `headers`: their values are sent as written, or are secret references.
    pub headers: Vec<Header>,
    /// `service_name`: what the collector calls this program.
    pub service_name: String,
    /// `timeout`: how long one delivery may take, and the last one at the end of the program.
    pub timeout: Duration,
    /// `temporality`.
    pub temporality: Temporality,
}

/// Header values are left out: one may be a credential.
impl fmt::Debug for TelemetryTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelemetryTarget").field("endpoint", &self.endpoint.as_str()).finish_non_exhaustive()
    }
}

impl TelemetryTarget {
    /// `service_name` where nothing is said.
    pub const SERVICE_NAME: &'static str = "switchboard";
    /// `timeout` where nothing is said.
    pub const TIMEOUT: Duration = Duration::from_secs(5);

    /// A target of which only the endpoint is said.
    pub fn new(endpoint: Url) -> Self {
        Self {
            endpoint,
            headers: Vec::new(),
            service_name: Self::SERVICE_NAME.to_owned(),
            timeout: Self::TIMEOUT,
            temporality: Temporality::default(),
        }
    }

    /// Reads `otlp_endpoint`.
    ///
    /// # Errors
    /// What is wrong with it and how to write it.
    pub fn endpoint(text: &str) -> Result<Url, String> {
        const LIKE: &str = "write for example http://localhost:4318";
        let url = Url::parse(text.trim()).map_err(|error| format!("this is no URL ({error}); {LIKE}"))?;
        if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
            return Err(format!("OTLP goes over http or https here; {LIKE}"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a URL is no place for a password; use [telemetry] headers with a secret reference".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("a base URL has neither query nor fragment; headers carry what a collector asks for".to_owned());
        }
        match ["/v1/traces", "/v1/metrics"].into_iter().find(|tail| url.path().trim_end_matches('/').ends_with(tail)) {
            Some(tail) => Err(format!("leave {tail} away: the path of each signal is added")),
            None => Ok(url),
        }
    }

    /// The URL of a signal: `v1/traces` or `v1/metrics` below the base.
    pub fn url(&self, signal: &str) -> String {
        format!("{}/v1/{signal}", self.endpoint.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_gets_the_path_of_each_signal() {
        for (text, traces) in [
            ("http://localhost:4318", "http://localhost:4318/v1/traces"),
            ("https://otel.test/otlp/", "https://otel.test/otlp/v1/traces"),
        ] {
            let target = TelemetryTarget::new(TelemetryTarget::endpoint(text).expect("a base URL"));
            assert_eq!(target.url("traces"), traces);
        }
    }

    #[test]
    fn what_is_no_base_url_says_what_to_write() {
        for (text, told) in [
            ("localhost:4318", "http or https"),
            ("collector", "no URL"),
            ("grpc://h:4317", "http or https"),
            ("http://me:pw@h", "password"),
            ("http://h/v1/traces", "leave /v1/traces away"),
            ("http://h/?token=x", "neither query"),
        ] {
            let problem = TelemetryTarget::endpoint(text).expect_err(text);
            assert!(problem.contains(told), "{text}: {problem}");
            assert!(!problem.contains("pw") || told == "password", "{problem}");
        }
    }

    #[test]
    fn a_header_is_not_in_the_debug_text() {
        let mut target = TelemetryTarget::new(TelemetryTarget::endpoint("http://h").expect("a URL"));
        target.headers.push(Header { name: "x-token".to_owned(), value: "canary".to_owned() });
        assert!(!format!("{target:?}").contains("canary"));
    }
}
