//! What the streamed call says: does it come in pieces, to its end, with its usage.

use std::time::Duration;

use super::calls::Tried;
use super::judge::limit_key;
use super::place::Places;
use crate::domain::timing::millis;
use crate::domain::{DoctorStage, Failure, NetworkPolicy, StageReport, UsageSource};

/// Fewer events say nothing about buffering.
const EVENTS_MIN: usize = 8;

/// Judges the stream.
pub(super) fn judge(tried: &Tried, policy: &NetworkPolicy, places: &Places<'_>) -> StageReport {
    let stage = DoctorStage::Stream;
    let timed = |report: StageReport| match tried.end.timing.total {
        Some(took) => report.took(took),
        None => report,
    };
    if let Some(failure) = &tried.end.failure {
        return timed(failed(failure, tried, places));
    }
    let detail = detail(tried);
    if tried.arrivals.len() <= 1 {
        let cause = "the server answers a streamed call in one piece";
        return timed(
            StageReport::warning(stage, detail, cause).fix("the server or a gateway before it does not stream"),
        );
    }
    if !is_buffered(&tried.arrivals) {
        return timed(StageReport::ok(stage, detail));
    }
    let through = match &policy.route.proxy {
        Some(proxy) => format!("the proxy {} or a gateway before the server", proxy.url),
        None => "a gateway before the server".to_owned(),
    };
    let cause = format!("the whole stream came at once, after all of it was made: {through} buffers it");
    let fix = "switch buffering off there (nginx: proxy_buffering off; or send X-Accel-Buffering: no)";
    let fix = if policy.route.proxy.is_some() { places.fix(fix, &["proxy"]) } else { fix.to_owned() };
    timed(StageReport::warning(stage, detail, cause).fix(fix))
}

fn failed(failure: &Failure, tried: &Tried, places: &Places<'_>) -> StageReport {
    let detail = detail(tried);
    let report = StageReport::failed(DoctorStage::Stream, failure.kind, detail, &failure.message);
    report.fix(places.fix_of(failure, limit_key(failure)))
}

fn detail(tried: &Tried) -> String {
    let span = |time: Option<Duration>| time.map_or_else(|| "—".to_owned(), |time| format!("{:.1} ms", millis(time)));
    let gaps = gaps(&tried.arrivals);
    let widest = gaps.iter().max().copied();
    format!(
        "{} events, first token {}, widest gap {}",
        tried.arrivals.len(),
        span(tried.end.timing.first_token),
        span(widest)
    )
}

fn gaps(arrivals: &[Duration]) -> Vec<Duration> {
    arrivals.windows(2).filter_map(|pair| pair.last()?.checked_sub(*pair.first()?)).collect()
}

/// True where many events came within a twentieth of the time that all took: gaps near zero, and the first token
/// about when the last.
pub(super) fn is_buffered(arrivals: &[Duration]) -> bool {
    let (Some(first), Some(last)) = (arrivals.first(), arrivals.last()) else { return false };
    arrivals.len() >= EVENTS_MIN && last.saturating_sub(*first) * 20 < *last
}

/// Judges the usage.
pub(super) fn usage(streamed: &Tried, plain: &Tried) -> StageReport {
    let stage = DoctorStage::Usage;
    let usage = &streamed.end.usage;
    let count = |tokens: Option<u64>| tokens.map_or_else(|| "?".to_owned(), |tokens| tokens.to_string());
    let told = format!("{} tokens in, {} out", count(usage.prompt), count(usage.completion));
    if usage.source == UsageSource::Reported {
        return StageReport::ok(stage, format!("reported: {told}"));
    }
    let cause = match plain.end.usage.source {
        UsageSource::Reported => "the server reports its tokens in one piece, but not in a stream",
        UsageSource::Estimated | UsageSource::None => "the server never reports its tokens",
    };
    let fix =
        "sums, prices and budgets count an estimate (marked ~); have the server answer stream_options.include_usage";
    StageReport::warning(stage, format!("estimated here: {told}"), cause).fix(fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: &[u64]) -> Vec<Duration> {
        millis.iter().copied().map(Duration::from_millis).collect()
    }

    #[test]
    fn a_buffered_stream_is_told_from_a_fast_one() {
        let burst: Vec<u64> = (0..20).map(|_| 900).collect();
        assert!(is_buffered(&at(&burst)));
        let fast: Vec<u64> = (0..40).map(|n| 200 + n).collect();
        assert!(!is_buffered(&at(&fast)), "1000 tokens a second after 200 ms");
        let local: Vec<u64> = (0..40).map(|n| 5 + n / 4).collect();
        assert!(!is_buffered(&at(&local)));
        assert!(!is_buffered(&at(&[900, 900, 900])), "too few to tell");
        assert!(!is_buffered(&[]));
    }
}
