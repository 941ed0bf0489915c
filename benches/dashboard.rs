//! The dashboard over years of events: 1 M and 10 M generated runs, and a plain scan of the same file beside it.
//!
//! `cargo bench --bench dashboard`. The runs come from a seeded generator, so every machine measures the same file.
//! Absolute times move with the machine; the ratios are what is compared. `SWITCHBOARD_BENCH_EVENTS=100000,1000000`
//! asks for other sizes; `SWITCHBOARD_BENCH_KEEP=DIRECTORY` keeps the files there and measures those it finds.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops when its ground gives way"
)]

mod generator;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use generator::{DAYS, END_MS, Generator};
use jiff::tz::TimeZone;
use switchboard::domain::calendar::{self, Bucket};
use switchboard::domain::{DashboardQuestion, Dimension, EventQuestion, PageFrom, RunFilter, Span, UsageQuestion};
use switchboard::store::{EventLog, Reader};

const DAY_MS: i64 = 86_400_000;
/// A whole dashboard, over 10 M events.
const DASHBOARD_MS: u32 = 50;
/// What 10 M events may cost over 1 M.
const GROWTH: f64 = 1.5;
/// Less than the queue holds, so that no record of a burst is refused.
const BURST: u64 = 2000;

fn main() {
    let sizes = std::env::var("SWITCHBOARD_BENCH_EVENTS").unwrap_or_else(|_unset| "1000000,10000000".to_owned());
    let kept = std::env::var_os("SWITCHBOARD_BENCH_KEEP").map(PathBuf::from);
    let passing = tempfile::tempdir().unwrap();
    let directory = kept.as_deref().unwrap_or(passing.path());
    let measured: Vec<Measured> =
        sizes.split(',').map(|size| measure(directory, size.trim().parse().unwrap())).collect();
    for (few, many) in measured.iter().zip(measured.iter().skip(1)) {
        compare(few, many);
    }
}

/// What was measured over one file.
struct Measured {
    events: u64,
    times: Vec<(String, Duration)>,
}

fn measure(directory: &Path, events: u64) -> Measured {
    let path = directory.join(format!("{events}.db"));
    fill(&path, events);
    let zone = calendar::zone("Europe/Berlin").unwrap();
    let mut times =
        vec![("open, and the dashboard, 30 days".to_owned(), median(|| dashboard(&open(&path), 30, None, &zone)))];
    let reader = open(&path);
    for days in [1, 7, 30, 90, DAYS] {
        times.push((format!("dashboard, {days} days"), median(|| dashboard(&reader, days, None, &zone))));
    }
    times.push((
        format!("one connector's dashboard, {DAYS} days"),
        median(|| dashboard(&reader, DAYS, Some("connector-3"), &zone)),
    ));
    let kolkata = calendar::zone("Asia/Kolkata").unwrap();
    times.push((format!("dashboard, {DAYS} days, +05:30"), median(|| dashboard(&reader, DAYS, None, &kolkata))));
    times.push((
        "panel: today and the last hour".to_owned(),
        median(|| {
            black_box(reader.summary(END_MS, END_MS - DAY_MS).unwrap());
        }),
    ));
    times.push(("tile: totals, 30 days".to_owned(), median(|| usage(&reader, 30, vec![]))));
    for by in [Dimension::Connector, Dimension::Model, Dimension::User, Dimension::Machine] {
        times.push((format!("table by {}, 30 days", by.word()), median(|| usage(&reader, 30, vec![by]))));
        times.push((format!("table by {}, {DAYS} days", by.word()), median(|| usage(&reader, DAYS, vec![by]))));
    }
    times.push(("p50, p95, p99 over 30 days, one bucket".to_owned(), median(|| latency(&reader, 30))));
    times.push(("a page of 50 events, the newest".to_owned(), median(|| page(&reader, RunFilter::default()))));
    let filter = RunFilter { connector: Some("connector-3".to_owned()), ..RunFilter::default() };
    times.push(("a page of 50 events of one connector".to_owned(), median(|| page(&reader, filter.clone()))));
    times.push(("an insert, durable, nobody reading".to_owned(), insert(&path)));
    times.push(("an insert, durable, dashboard reading".to_owned(), insert_while_open(&path, &zone)));
    times.push(("plain scan: sums by connector".to_owned(), scan(&path)));
    print(events, &path, &times);
    Measured { events, times }
}

fn open(path: &Path) -> Reader {
    Reader::open(path).unwrap()
}

fn fill(path: &Path, events: u64) {
    let begun = Instant::now();
    if path.exists() {
        EventLog::open(path).unwrap().close().unwrap();
        println!("\n{events} runs over {DAYS} days, found, opened in {:.1} s", begun.elapsed().as_secs_f64());
        return;
    }
    let log = EventLog::open(path).unwrap();
    for (at, record) in (1..).zip(Generator::new(events)) {
        log.record(record).unwrap();
        if at % BURST == 0 {
            log.flush().unwrap();
        }
    }
    log.close().unwrap();
    println!("\n{events} runs over {DAYS} days, written in {:.0} s", begun.elapsed().as_secs_f64());
}

fn span(days: i64) -> Span {
    Span { from_ms: END_MS - days * DAY_MS, until_ms: END_MS }
}

fn dashboard(reader: &Reader, days: i64, connector: Option<&str>, zone: &TimeZone) {
    let span = span(days);
    let buckets = Bucket::fitting(span).starts(span, zone).unwrap();
    let question = DashboardQuestion { connector: connector.map(str::to_owned), span, buckets, now_ms: END_MS };
    let figures = reader.dashboard(&question).unwrap();
    assert!(figures.total.runs.all > 0);
    black_box(figures);
}

fn latency(reader: &Reader, days: i64) {
    let span = span(days);
    let question = DashboardQuestion { connector: None, span, buckets: vec![span.from_ms], now_ms: END_MS };
    assert!(reader.dashboard(&question).unwrap().latency.total.is_some());
}

fn usage(reader: &Reader, days: i64, by: Vec<Dimension>) {
    let question = UsageQuestion { span: span(days), filter: RunFilter::default(), by, buckets: Vec::new() };
    assert!(!reader.usage(&question).unwrap().is_empty());
}

fn page(reader: &Reader, filter: RunFilter) {
    let question = EventQuestion { span: span(DAYS), filter, from: PageFrom::Newest, limit: 50 };
    assert_eq!(reader.events(&question).unwrap().runs.len(), 50);
}

/// The median time until one more run is durable.
fn insert(path: &Path) -> Duration {
    let log = EventLog::open(path).unwrap();
    let all = Span { from_ms: i64::MIN, until_ms: i64::MAX };
    let mut late = Generator::late(open(path).total(all).unwrap().runs.all);
    let time = median(|| {
        log.record(late.next().unwrap()).unwrap();
        log.flush().unwrap();
    });
    log.close().unwrap();
    time
}

fn insert_while_open(path: &Path, zone: &TimeZone) -> Duration {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let reader = open(path);
            while !over.load(Ordering::Relaxed) {
                dashboard(&reader, 30, None, zone);
            }
        });
        let time = insert(path);
        over.store(true, Ordering::Relaxed);
        reading.join().unwrap();
        time
    })
}

/// What a person would ask with sqlite3: every row is read.
fn scan(path: &Path) -> Duration {
    let connection = rusqlite::Connection::open(path).unwrap();
    let begun = Instant::now();
    let mut statement =
        connection.prepare("SELECT connector, sum(total), count(*) FROM run GROUP BY connector").unwrap();
    let groups = statement.query_map([], |row| row.get::<_, i64>(1)).unwrap().count();
    assert!(groups > 0);
    begun.elapsed()
}

fn print(events: u64, path: &Path, times: &[(String, Duration)]) {
    let bytes: u64 =
        [path.to_owned(), wal(path)].iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
    println!("{:<44} {:>10.1} B   goal ≤ 120 B", "the file, an event", ratio(bytes, events));
    for (what, time) in times {
        let goal = if what.contains("dashboard,") { format!("   goal ≤ {DASHBOARD_MS} ms") } else { String::new() };
        println!("{what:<44} {:>10.3} ms{goal}", time.as_secs_f64() * 1e3);
    }
}

fn compare(few: &Measured, many: &Measured) {
    println!("\n{} / {} events", many.events, few.events);
    for ((what, small), (_, large)) in few.times.iter().zip(&many.times) {
        let goal = if what.starts_with("plain scan") { String::new() } else { format!("   goal ≤ {GROWTH} ×") };
        println!("{what:<44} {:>10.2} ×{goal}", large.as_secs_f64() / small.as_secs_f64());
    }
    let (_, scan) = many.times.last().unwrap();
    for (what, time) in &many.times {
        println!("scan / {what:<37} {:>10.0} ×", scan.as_secs_f64() / time.as_secs_f64());
    }
}

fn wal(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", path.display()))
}

fn median(mut act: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..15)
        .map(|_| {
            let begun = Instant::now();
            act();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times.get(times.len() / 2).copied().unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
fn ratio(bytes: u64, events: u64) -> f64 {
    bytes as f64 / events as f64
}
