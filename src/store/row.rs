//! A run as a row, and its share of the sums. Both are written in one transaction.

use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, TransactionBehavior, params_from_iter};

use crate::domain::text::{clean_line, cut};
use crate::domain::{RunId, RunRecord, Timing, Usage, UsageSource};

/// Milliseconds in a minute of the sums.
pub(super) const MINUTE_MS: i64 = 60_000;

/// Longest text of a column, in bytes: names come from servers, and nobody needs more of one.
const TEXT_MAX: usize = 256;

/// A larger count is no count of tokens. The bound also keeps every sum far from 2^63.
const TOKENS_MAX: u64 = 1 << 40;

const INSERT_RUN: &str = "
INSERT INTO run (
    id, started_ms, connector, provider, endpoint, host, requested_model, model, source, outcome, http_status,
    error_kind, request_id, finish_reason, attempts,
    prompt, completion, total, cached, cache_write, reasoning, usage_source,
    queue_us, dns_us, connect_us, tls_us, first_byte_us, first_token_us, first_answer_us, last_token_us, total_us
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
    ?25, ?26, ?27, ?28, ?29, ?30, ?31
) ON CONFLICT (id) DO NOTHING";

const ADD_TO_MINUTE: &str = "
INSERT INTO usage_minute (
    minute, connector, provider, model, outcome, runs, estimated_runs,
    prompt, completion, total, cached, cache_write, reasoning
) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (minute, connector, provider, model, outcome) DO UPDATE SET
    runs = runs + 1,
    estimated_runs = estimated_runs + excluded.estimated_runs,
    prompt = prompt + excluded.prompt,
    completion = completion + excluded.completion,
    total = total + excluded.total,
    cached = cached + excluded.cached,
    cache_write = cache_write + excluded.cache_write,
    reasoning = reasoning + excluded.reasoning";

/// Writes the runs in one durable commit. A run that is already there is left as it is.
pub(super) fn commit(connection: &mut Connection, batch: &[RunRecord]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut insert = transaction.prepare_cached(INSERT_RUN)?;
        let mut add = transaction.prepare_cached(ADD_TO_MINUTE)?;
        for record in batch {
            if insert.execute(params_from_iter(run_values(record)))? == 1 {
                add.execute(params_from_iter(minute_values(record)))?;
            }
        }
    }
    transaction.commit()
}

fn run_values(record: &RunRecord) -> impl Iterator<Item = Value> {
    about(record).into_iter().chain(tokens(&record.usage)).chain(times(&record.timing))
}

fn about(record: &RunRecord) -> [Value; 15] {
    let (target, end) = (&record.target, &record.ending);
    [
        key(record.id),
        Value::Integer(record.started_at_ms),
        text(&target.connector),
        word(target.provider.word()),
        optional(target.endpoint.map(|kind| word(kind.word()))),
        text(&target.host),
        optional(target.requested_model.as_deref().map(text)),
        optional(target.model.as_deref().map(text)),
        word(record.caller.source.word()),
        word(end.outcome.word()),
        optional(end.http_status.map(|status| Value::Integer(status.into()))),
        optional(end.error_kind.map(|kind| word(kind.word()))),
        optional(end.request_id.as_deref().map(text)),
        optional(end.finish_reason.as_deref().map(text)),
        Value::Integer(end.attempts.into()),
    ]
}

fn tokens(usage: &Usage) -> [Value; 7] {
    let count = |tokens| optional(known(tokens).map(Value::Integer));
    [
        count(usage.prompt),
        count(usage.completion),
        count(usage.total),
        count(usage.cached),
        count(usage.cache_write),
        count(usage.reasoning),
        word(usage.source.word()),
    ]
}

fn times(timing: &Timing) -> [Value; 9] {
    [
        timing.queue,
        timing.dns,
        timing.connect,
        timing.tls,
        timing.first_byte,
        timing.first_token,
        timing.first_answer,
        timing.last_token,
        timing.total,
    ]
    .map(|time| optional(time.map(micros)))
}

fn minute_values(record: &RunRecord) -> [Value; 12] {
    let usage = &record.usage;
    let sum = |tokens| Value::Integer(known(tokens).unwrap_or(0));
    [
        Value::Integer(record.started_at_ms.div_euclid(MINUTE_MS)),
        text(&record.target.connector),
        word(record.target.provider.word()),
        text(record.model()),
        word(record.ending.outcome.word()),
        Value::Integer(i64::from(usage.source == UsageSource::Estimated)),
        sum(usage.prompt),
        sum(usage.completion),
        sum(usage.total),
        sum(usage.cached),
        sum(usage.cache_write),
        sum(usage.reasoning),
    ]
}

/// The id's 16 bytes, most significant first, so that they sort by time.
pub(super) fn key(id: RunId) -> Value {
    Value::Blob(id.as_u128().to_be_bytes().to_vec())
}

fn known(tokens: Option<u64>) -> Option<i64> {
    tokens.filter(|count| *count <= TOKENS_MAX).and_then(|count| i64::try_from(count).ok())
}

fn text(text: &str) -> Value {
    Value::Text(cut(&clean_line(text), TEXT_MAX).into_owned())
}

fn word(word: &str) -> Value {
    Value::Text(word.to_owned())
}

fn micros(time: Duration) -> Value {
    Value::Integer(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}

fn optional(value: Option<Value>) -> Value {
    value.unwrap_or(Value::Null)
}
