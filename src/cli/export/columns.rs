//! A run as a row of comma-separated values; the names are those of the JSON, their parts joined by a dot.

use serde_json::Value;

use crate::cli::json::EventJson;
use crate::domain::{Caller, Ending, Outcome, Provider, RunId, RunRecord, RunTarget, Source, Timing, Traffic, Usage};

/// The head line.
pub(in crate::cli) fn names() -> Vec<String> {
    flat(&nothing()).into_iter().map(|(name, _)| name).collect()
}

/// A run's cells. What is unknown is empty, never 0.
pub(in crate::cli) fn values(run: &RunRecord) -> Vec<String> {
    flat(run).into_iter().map(|(_, value)| value).collect()
}

fn flat(run: &RunRecord) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    if let Ok(Value::Object(fields)) = serde_json::to_value(EventJson::from(run)) {
        for (name, value) in fields {
            match value {
                Value::Object(parts) => {
                    cells.extend(parts.iter().map(|(part, value)| (format!("{name}.{part}"), cell(value))));
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                    cells.push((name, cell(&value)));
                }
            }
        }
    }
    cells
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => crate::domain::text::clean_line(text).into_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// A run of which nothing is known; its cells have the same names as any other's.
fn nothing() -> RunRecord {
    RunRecord {
        id: RunId::from_u128(0),
        started_at_ms: 0,
        target: RunTarget {
            connector: String::new(),
            provider: Provider::Other,
            endpoint: None,
            host: String::new(),
            requested_model: None,
            model: None,
        },
        caller: Caller { source: Source::Command, user: String::new(), machine: String::new() },
        ending: Ending {
            outcome: Outcome::Ok,
            http_status: None,
            error_kind: None,
            finish_reason: None,
            request_id: None,
            attempts: 0,
        },
        usage: Usage::default(),
        cost: None,
        timing: Timing::default(),
        traffic: Traffic::default(),
    }
}
