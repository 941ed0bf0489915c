//! What recording a run costs: the sender's side, rows a second with the disk, and one insert a commit beside it.
//!
//! `cargo bench --bench store`. Absolute times move with the machine; the ratios are what is compared.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops when its ground gives way"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use switchboard::domain::{
    Caller, Ending, EndpointKind, Outcome, Provider, RunId, RunRecord, RunTarget, Source, Timing, Traffic, Usage,
    UsageSource,
};
use switchboard::store::{EventLog, Reader};

/// Less than the queue holds, so that no record of a burst is refused.
const BURST: u128 = 2000;
const BURSTS: u128 = 50;
const SINGLE: u128 = 500;

fn main() {
    let directory = tempfile::tempdir().unwrap();
    let (sender, drained) = bursts(&directory.path().join("bursts.db"));
    let single = one_by_one(&directory.path().join("single.db"));
    let (few, many) =
        (summary(&directory.path().join("few.db"), 1000), summary(&directory.path().join("many.db"), 100_000));
    println!("record, sender's side        {:>10.3} µs   goal ≤ 1 µs", sender.as_secs_f64() * 1e6);
    println!("drained, FULL                {drained:>10.0} rows/s");
    println!("one insert a commit, FULL    {single:>10.0} rows/s");
    println!("drained / one by one         {:>10.1} ×", drained / single);
    println!("panel's summary, 1 k runs    {:>10.3} ms", few.as_secs_f64() * 1e3);
    println!("panel's summary, 100 k runs  {:>10.3} ms", many.as_secs_f64() * 1e3);
    println!("100 k / 1 k                  {:>10.2} ×", many.as_secs_f64() / few.as_secs_f64());
}

/// The median time of one `record` over bursts, and rows a second until all are durable.
fn bursts(path: &Path) -> (Duration, f64) {
    let log = EventLog::open(path).unwrap();
    let mut each = Vec::new();
    let begun = Instant::now();
    let mut making = Duration::ZERO;
    for burst in 0..BURSTS {
        let since = Instant::now();
        let records: Vec<_> = (0..BURST).map(|at| run(burst * BURST + at)).collect();
        making += since.elapsed();
        let since = Instant::now();
        for record in records {
            log.record(black_box(record)).unwrap();
        }
        each.push(since.elapsed() / u32::try_from(BURST).unwrap());
        log.flush().unwrap();
    }
    let drained = rate(BURST * BURSTS, begun.elapsed().saturating_sub(making));
    log.close().unwrap();
    (median(each), drained)
}

fn one_by_one(path: &Path) -> f64 {
    let log = EventLog::open(path).unwrap();
    let begun = Instant::now();
    for id in 0..SINGLE {
        log.record(run(id)).unwrap();
        log.flush().unwrap();
    }
    let single = rate(SINGLE, begun.elapsed());
    log.close().unwrap();
    single
}

/// The median time of the panel's question over a day of `runs`.
fn summary(path: &Path, runs: u128) -> Duration {
    let log = EventLog::open(path).unwrap();
    for id in 0..runs {
        let mut record = run(id);
        record.started_at_ms = i64::try_from(id * 86_400_000 / runs).unwrap();
        log.record(record).unwrap();
        if id % BURST == 0 {
            log.flush().unwrap();
        }
    }
    log.close().unwrap();
    let reader = Reader::open(path).unwrap();
    let times = (0..51)
        .map(|_| {
            let begun = Instant::now();
            black_box(reader.summary(86_399_999, 0).unwrap());
            begun.elapsed()
        })
        .collect();
    median(times)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
fn rate(rows: u128, time: Duration) -> f64 {
    rows as f64 / time.as_secs_f64()
}

fn run(id: u128) -> RunRecord {
    RunRecord {
        id: RunId::from_u128(id),
        started_at_ms: i64::try_from(id).unwrap() * 50,
        target: RunTarget {
            connector: "azure-prod".to_owned(),
            provider: Provider::AzureOpenAi,
            endpoint: Some(EndpointKind::ChatCompletions),
            host: "acme.openai.azure.com".to_owned(),
            requested_model: Some("gpt".to_owned()),
            model: Some("gpt-4.1-2025-04-14".to_owned()),
        },
        caller: Caller { source: Source::Screen, user: "ops".to_owned(), machine: "bastion".to_owned() },
        ending: Ending {
            outcome: Outcome::Ok,
            http_status: Some(200),
            error_kind: None,
            finish_reason: Some("stop".to_owned()),
            request_id: Some("2f0b7a1c-6f0e-4f4e-9d6b-1f1c6f0e4f4e".to_owned()),
            attempts: 1,
        },
        usage: Usage {
            prompt: Some(900),
            completion: Some(300),
            total: Some(1200),
            source: UsageSource::Reported,
            ..Usage::default()
        },
        cost: None,
        timing: Timing { total: Some(Duration::from_millis(900)), ..Timing::default() },
        traffic: Traffic::default(),
    }
}
