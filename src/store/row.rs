//! A run as the columns of `event`, `label` and `party`, and back.

use std::time::Duration;

use rusqlite::types::{Value, ValueRef};

use super::sql::Row;
use crate::domain::text::{clean_line, cut};
use crate::domain::{
    Caller, Cost, CostBasis, Ending, EndpointKind, ErrorKind, Outcome, Provider, RunId, RunRecord, RunTarget, Source,
    Timing, Traffic, Usage, UsageSource, Usd,
};

/// Longest text of a column, in bytes: names come from servers, and nobody needs more of one.
const TEXT_MAX: usize = 256;

/// A larger count is no count of tokens. The bound also keeps every sum far from 2^63.
const TOKENS_MAX: u64 = 1 << 40;

/// No run costs more than ten thousand dollars; what says so is taken for unknown.
const COST_MAX: i64 = 10_000 * Usd::NANOS;

/// What [`read`] reads, in its order, from `event JOIN label JOIN party`.
pub(super) const COLUMNS: &str = "
    event.id, started_ms, connector, provider, endpoint, host, requested_model, answered_model, source, person, machine,
    outcome, http_status, error_kind, finish_reason, request_id, attempts, prompt, completion, total, cached,
    cache_write, reasoning, usage_source, cost_nano_usd, cost_basis, queue_us, dns_us, connect_us, tls_us,
    first_byte_us, first_token_us, last_token_us, total_us, chunks, request_bytes, response_bytes";

/// The words of `party`, in the order of its columns.
pub(super) fn party(record: &RunRecord) -> [String; 8] {
    [
        short(&record.target.connector),
        short(record.model()),
        record.target.provider.word().to_owned(),
        short(&record.caller.user),
        short(&record.caller.machine),
        record.caller.source.word().to_owned(),
        record.ending.outcome.word().to_owned(),
        record.ending.error_kind.map_or("", ErrorKind::word).to_owned(),
    ]
}

/// What `label` knows beside its party, in the order of its columns.
pub(super) fn label(record: &RunRecord) -> [Value; 9] {
    let words = |text: Option<&str>| Value::Text(short(text.unwrap_or_default()));
    let (target, ending) = (&record.target, &record.ending);
    let basis = record.cost.as_ref().filter(|_| cost(record).is_some()).map(|cost| cost.basis.word());
    [
        words(target.endpoint.map(EndpointKind::word)),
        words(Some(&target.host)),
        words(target.requested_model.as_deref()),
        words(target.model.as_deref()),
        Value::Integer(ending.http_status.unwrap_or(0).into()),
        words(ending.finish_reason.as_deref()),
        Value::Integer(ending.attempts.into()),
        words(Some(record.usage.source.word())),
        words(basis),
    ]
}

/// The figures of a run, after `started_ms`, `id`, `label` and `request_id`, in the order of the columns of `event`.
pub(super) fn figures(record: &RunRecord) -> [Value; 18] {
    let (usage, timing, traffic) = (&record.usage, &record.timing, &record.traffic);
    let tokens = |count| known(count).map_or(Value::Null, Value::Integer);
    let time = |time: Option<Duration>| time.map_or(Value::Null, |time| Value::Integer(micros(time)));
    let count = super::sql::count;
    [
        tokens(usage.prompt),
        tokens(usage.completion),
        tokens(usage.total),
        tokens(usage.cached),
        tokens(usage.cache_write),
        tokens(usage.reasoning),
        cost(record).map_or(Value::Null, Value::Integer),
        time(timing.queue),
        time(timing.dns),
        time(timing.connect),
        time(timing.tls),
        time(timing.first_byte),
        time(timing.first_token),
        time(timing.last_token),
        time(timing.total),
        count(traffic.chunks),
        count(traffic.request_bytes),
        count(traffic.response_bytes),
    ]
}

/// The id's 16 bytes, most significant first, so that they sort by time.
pub(super) fn key(id: RunId) -> Value {
    Value::Blob(id.as_u128().to_be_bytes().to_vec())
}

/// Tokens that can be.
pub(super) fn known(tokens: Option<u64>) -> Option<i64> {
    tokens.filter(|count| *count <= TOKENS_MAX).and_then(|count| i64::try_from(count).ok())
}

/// A cost that can be, in billionths of a dollar.
pub(super) fn cost(record: &RunRecord) -> Option<i64> {
    record.cost.as_ref().map(|cost| cost.amount.nanos()).filter(|nanos| (0..=COST_MAX).contains(nanos))
}

/// A time as a column keeps it.
pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// A text as a column keeps it.
pub(super) fn short(text: &str) -> String {
    cut(&clean_line(text), TEXT_MAX).into_owned()
}

/// A request id in few bytes: `req_` and 32 digits, or a UUID, as a tag and 16 bytes; every other as its text.
pub(super) fn packed(request_id: Option<&str>) -> Value {
    let Some(text) = request_id else { return Value::Null };
    let tagged = |tag: u8, number: u128| {
        let mut bytes = vec![tag];
        bytes.extend(number.to_be_bytes());
        Value::Blob(bytes)
    };
    let lower = |digits: &str| digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    if let Some(digits) = text.strip_prefix("req_").filter(|digits| digits.len() == 32 && lower(digits))
        && let Ok(number) = u128::from_str_radix(digits, 16)
    {
        return tagged(1, number);
    }
    match uuid::Uuid::try_parse(text) {
        Ok(uuid) if text.len() == 36 && lower(text) => tagged(2, uuid.as_u128()),
        Ok(_) | Err(_) => Value::Text(short(text)),
    }
}

fn unpacked(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob([tag, number @ ..]) => {
            let number = u128::from_be_bytes(number.try_into().ok()?);
            Some(if *tag == 1 { format!("req_{number:032x}") } else { uuid::Uuid::from_u128(number).to_string() })
        }
        ValueRef::Blob(_) | ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
    }
}

/// A run from the columns of [`COLUMNS`]. Words that only a newer version knows become the nearest that this one does.
pub(super) fn read(row: &Row<'_>) -> RunRecord {
    let id = <[u8; 16]>::try_from(row.blob(0)).map(u128::from_be_bytes).unwrap_or_default();
    RunRecord {
        id: RunId::from_u128(id),
        started_at_ms: row.number(1),
        target: RunTarget {
            connector: row.text(2).to_owned(),
            provider: Provider::ALL.into_iter().find(|known| known.word() == row.text(3)).unwrap_or(Provider::Other),
            endpoint: EndpointKind::ALL.into_iter().find(|known| known.word() == row.text(4)),
            host: row.text(5).to_owned(),
            requested_model: some(row.text(6)),
            model: some(row.text(7)),
        },
        caller: Caller {
            source: Source::ALL.into_iter().find(|known| known.word() == row.text(8)).unwrap_or(Source::Command),
            user: row.text(9).to_owned(),
            machine: row.text(10).to_owned(),
        },
        ending: ending(row),
        usage: usage(row),
        cost: row
            .known(24)
            .map(|nanos| Cost { amount: Usd::from_nanos(nanos), basis: CostBasis::from_word(row.text(25)) }),
        timing: timing(row),
        traffic: Traffic { chunks: row.count(34), request_bytes: row.count(35), response_bytes: row.count(36) },
    }
}

fn ending(row: &Row<'_>) -> Ending {
    let small = |at| u16::try_from(row.number(at)).ok().filter(|number| *number > 0);
    Ending {
        outcome: Outcome::ALL.into_iter().find(|known| known.word() == row.text(11)).unwrap_or(Outcome::Error),
        http_status: small(12),
        error_kind: ErrorKind::ALL.into_iter().find(|known| known.word() == row.text(13)),
        finish_reason: some(row.text(14)),
        request_id: unpacked(row.value(15)),
        attempts: u32::try_from(row.number(16)).unwrap_or(0),
    }
}

fn usage(row: &Row<'_>) -> Usage {
    let tokens = |at| row.known(at).and_then(|count| u64::try_from(count).ok());
    Usage {
        prompt: tokens(17),
        completion: tokens(18),
        total: tokens(19),
        cached: tokens(20),
        cache_write: tokens(21),
        reasoning: tokens(22),
        stated_cost: None,
        source: UsageSource::ALL.into_iter().find(|known| known.word() == row.text(23)).unwrap_or_default(),
    }
}

fn timing(row: &Row<'_>) -> Timing {
    let time = |at| row.known(at).and_then(|micros| u64::try_from(micros).ok()).map(Duration::from_micros);
    Timing {
        queue: time(26),
        dns: time(27),
        connect: time(28),
        tls: time(29),
        first_byte: time(30),
        first_token: time(31),
        first_answer: None,
        last_token: time(32),
        total: time(33),
    }
}

fn some(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_packed_and_come_back_as_they_were() {
        let uuid = "2f0b7a1c-6f0e-4f4e-9d6b-1f1c6f0e4f4e";
        let ids = ["req_0123456789abcdef0123456789abcdef", uuid, &uuid.to_uppercase(), "req_1", "chatcmpl-x", ""];
        for (at, id) in ids.into_iter().enumerate() {
            let value = packed(Some(id));
            assert_eq!(matches!(value, Value::Blob(_)), at < 2, "{id}");
            assert_eq!(unpacked(ValueRef::from(&value)).as_deref(), Some(id));
        }
        assert_eq!(packed(None), Value::Null);
        assert_eq!(unpacked(ValueRef::Blob(&[1, 2])), None);
    }
}
