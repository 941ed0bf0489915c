//! Telemetry out: runs told to a collector over OTLP, as spans and metrics with the `gen_ai` names.
//!
//! Owns what OpenTelemetry calls the parts of a run, and their delivery: from a bounded queue, by threads of their own,
//! through the HTTP client every request goes through. It must not tell the text of a body, a reply or an error, must
//! not make a run wait, and must not be the reason that anything fails: a collector that is away costs one notice.

mod exporter;
mod names;
mod post;
#[cfg(test)]
mod tests;

pub use exporter::Telemetry;
