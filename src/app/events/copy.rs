//! One run in words: every stored fact, for the screen and for the clipboard. There is never a secret in it, and no
//! text of a body or a reply: the log has none.

use std::time::Duration;

use crate::domain::calendar::{TimeZone, moment};
use crate::domain::text::{clean_line, cut};
use crate::domain::{CostBasis, Outcome, RunRecord, Timing, UsageSource};

/// A name and its value.
pub type Fact = (&'static str, String);
/// A name, how long it took, and when it began after t0.
pub type Step = (&'static str, Option<Duration>, Duration);

/// Where a fact is not known.
const UNKNOWN: &str = "unknown";
/// Bytes of a text that a server chose.
const LONGEST: usize = 300;
/// Rows of the times, with their head.
pub const STEPS: usize = 8;

/// Who, what and how it ended.
pub fn story(run: &RunRecord, zone: &TimeZone) -> Vec<Fact> {
    let (target, caller, ending) = (&run.target, &run.caller, &run.ending);
    vec![
        ("run", run.id.to_string()),
        ("started", moment(run.started_at_ms, zone)),
        ("connector", said(&target.connector)),
        ("provider", target.provider.word().to_owned()),
        ("endpoint", target.endpoint.map_or_else(|| UNKNOWN.to_owned(), |kind| kind.word().to_owned())),
        ("host", said(&target.host)),
        ("asked for", known(target.requested_model.as_deref())),
        ("answered by", known(target.model.as_deref())),
        ("outcome", outcome(run)),
        ("http status", ending.http_status.map_or_else(|| UNKNOWN.to_owned(), |status| status.to_string())),
        ("finish reason", known(ending.finish_reason.as_deref())),
        ("request id", known(ending.request_id.as_deref())),
        ("attempts", ending.attempts.to_string()),
        ("asked by", format!("{} on {}, from the {}", said(&caller.user), said(&caller.machine), caller.source.word())),
    ]
}

/// Tokens and cost.
pub fn tokens(run: &RunRecord) -> Vec<Fact> {
    let usage = &run.usage;
    let mark = about(run);
    let count = |n: Option<u64>| n.map_or_else(|| UNKNOWN.to_owned(), |n| format!("{mark}{n}"));
    vec![
        ("prompt", count(usage.prompt)),
        ("cached", count(usage.cached)),
        ("cache write", count(usage.cache_write)),
        ("completion", count(usage.completion)),
        ("reasoning", count(usage.reasoning)),
        ("total", count(usage.total)),
        ("source", source(usage.source).to_owned()),
        ("cost", cost(run)),
    ]
}

/// What went over the wire.
pub fn traffic(run: &RunRecord) -> Vec<Fact> {
    let traffic = &run.traffic;
    vec![
        ("request", format!("{} bytes", traffic.request_bytes)),
        ("response", format!("{} bytes", traffic.response_bytes)),
        ("chunks", traffic.chunks.to_string()),
    ]
}

/// The times in the order they happen, each with where it begins. Waiting in the queue lies before t0.
pub fn steps(timing: &Timing) -> [Step; STEPS - 1] {
    let dns = timing.dns.unwrap_or_default();
    let connected = dns.saturating_add(timing.connect.unwrap_or_default());
    let none = Duration::ZERO;
    [
        ("queue", timing.queue, none),
        ("dns", timing.dns, none),
        ("connect", timing.connect, dns),
        ("tls", timing.tls, connected),
        ("first byte", timing.first_byte, none),
        ("first token", timing.first_token, none),
        ("total", timing.total, none),
    ]
}

/// Lines of a run as the screen shows it.
pub fn lines(run: &RunRecord) -> usize {
    // A blank line and a head lead each part but the first.
    story(run, &TimeZone::UTC).len() + 1 + STEPS + 2 + tokens(run).len() + 2 + traffic(run).len()
}

/// The run as plain text, fit for a ticket.
pub fn text(run: &RunRecord, zone: &TimeZone) -> String {
    let zone_name = crate::domain::calendar::zone_name(zone);
    let time = |(name, took, _): Step| (name, took.map_or_else(|| UNKNOWN.to_owned(), exact));
    let times: Vec<Fact> = steps(&run.timing).into_iter().map(time).collect();
    let parts = [story(run, zone), times, tokens(run), traffic(run)];
    let line = |(name, value): &Fact| format!("{name:<14}{value}\n");
    let parts: Vec<String> = parts.iter().map(|part| part.iter().map(line).collect::<String>()).collect();
    format!("time zone     {zone_name}\n{}", parts.join("\n"))
}

/// How it ended: the sign says it without colour, the word without the sign.
pub fn outcome(run: &RunRecord) -> String {
    let word = match (run.ending.outcome, run.ending.error_kind) {
        (Outcome::Error, Some(kind)) => kind.word(),
        (outcome, _) => outcome.word(),
    };
    format!("{} {word}", sign(run.ending.outcome))
}

/// The sign of an outcome.
pub fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "✓",
        Outcome::Error => "✗",
        Outcome::Cancelled => "■",
    }
}

/// The mark of what was counted here.
pub fn about(run: &RunRecord) -> &'static str {
    match run.usage.source {
        UsageSource::Estimated => "~",
        UsageSource::Reported | UsageSource::None => "",
    }
}

fn source(source: UsageSource) -> &'static str {
    match source {
        UsageSource::Reported => "reported by the server",
        UsageSource::Estimated => "estimated here: the server stated none",
        UsageSource::None => "neither stated nor countable",
    }
}

fn cost(run: &RunRecord) -> String {
    let Some(cost) = &run.cost else {
        let model = cut(run.model(), LONGEST);
        return match (run.is_unpriced(), model.is_empty()) {
            (false, _) => "none: it used no tokens".to_owned(),
            (true, true) => "unknown (the model is not known)".to_owned(),
            (true, false) => format!("unknown (no price for {})", clean_line(&model)),
        };
    };
    let basis = match &cost.basis {
        CostBasis::Server => "stated by the server".to_owned(),
        CostBasis::Config => "by [prices] of the configuration".to_owned(),
        CostBasis::Table(date) => format!("by the prices of {}", clean_line(date)),
    };
    format!("{}{}, {basis}", about(run), cost.amount)
}

fn exact(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn said(text: &str) -> String {
    if text.is_empty() { UNKNOWN.to_owned() } else { clean_line(&cut(text, LONGEST)).into_owned() }
}

fn known(text: Option<&str>) -> String {
    text.map_or_else(|| UNKNOWN.to_owned(), said)
}
