//! `[telemetry]`: whether runs are told to a collector, and to which.

use super::connector;
use super::table::{Problems, Value, in_order};
use crate::domain::telemetry::{TelemetryTarget, Temporality};
use crate::domain::units;

const KEYS: [&str; 5] = ["otlp_endpoint", "headers", "service_name", "timeout", "temporality"];

/// Reads the table. Without an endpoint nothing is sent, whatever else it says.
pub(super) fn read(value: &Value<'_>, problems: &mut Problems<'_>) -> Option<TelemetryTarget> {
    let table = problems.table("telemetry", value)?;
    let (mut endpoint, mut headers, mut name, mut timeout, mut temporality) = (None, Vec::new(), None, None, None);
    for (key, value) in in_order(table) {
        let path = format!("telemetry.{}", key.get_ref());
        match key.get_ref().as_ref() {
            "otlp_endpoint" => endpoint = text(&path, value, problems, TelemetryTarget::endpoint),
            "headers" => headers = connector::headers_of(&path, value, problems),
            "service_name" => name = text(&path, value, problems, named),
            "temporality" => temporality = text(&path, value, problems, Temporality::from_word),
            "timeout" => {
                let text = problems.duration_text(&path, value);
                timeout = text.and_then(|text| problems.take(&path, value, units::parse_duration(&text)));
            }
            _ => problems.unknown("telemetry", key, &KEYS),
        }
    }
    let target = TelemetryTarget::new(endpoint?);
    Some(TelemetryTarget {
        headers,
        service_name: name.unwrap_or(target.service_name),
        timeout: timeout.unwrap_or(target.timeout),
        temporality: temporality.unwrap_or(target.temporality),
        endpoint: target.endpoint,
    })
}

fn text<T>(
    path: &str,
    value: &Value<'_>,
    problems: &mut Problems<'_>,
    rule: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let text = problems.text(path, value)?;
    problems.take(path, value, rule(&text))
}

fn named(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("a name is needed, for example switchboard".to_owned());
    }
    Ok(text.to_owned())
}
