//! The dashboard over years of events: 1 M and 10 M generated runs, and a plain scan of the same file beside it.
//!
//! `cargo bench --bench dashboard`. The runs come from a seeded generator, so every machine measures the same file.
//! Absolute times move with the machine; the ratios are what is compared. `SWITCHBOARD_BENCH_EVENTS=100000,1000000`
//! asks for other sizes; `SWITCHBOARD_BENCH_KEEP=DIRECTORY` keeps the files there and measures those it finds.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
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
/// Measured so often.
const ROUNDS: usize = 31;
/// Less than the queue holds, so that no record of a burst is refused.
const BURST: u64 = 2000;

fn main() {
    let sizes = std::env::var("SWITCHBOARD_BENCH_EVENTS").unwrap_or_else(|_unset| "1000000,10000000".to_owned());
    let kept = std::env::var_os("SWITCHBOARD_BENCH_KEEP").map(PathBuf::from);
    let passing = tempfile::tempdir().unwrap();
    let directory = kept.as_deref().unwrap_or(passing.path());
    let grounds: Vec<Ground> =
        sizes.split(',').map(|size| Ground::of(directory, size.trim().parse().unwrap())).collect();
    let rows = measured(&grounds);
    for (at, ground) in grounds.iter().enumerate() {
        print(ground, rows.iter().map(|(what, times)| (what.as_str(), times[at])));
    }
    for at in 1..grounds.len() {
        compare(
            &grounds[at - 1],
            &grounds[at],
            rows.iter().map(|(what, times)| (what.as_str(), times[at - 1], times[at])),
        );
    }
}

/// A file of so many runs.
struct Ground {
    events: u64,
    path: PathBuf,
    reader: Reader,
}

impl Ground {
    fn of(directory: &Path, events: u64) -> Self {
        let path = directory.join(format!("{events}.db"));
        fill(&path, events);
        let reader = open(&path);
        Self { events, path, reader }
    }
}

type Ask = Box<dyn Fn(&Ground)>;
/// What was measured, and the time of each file.
type Row = (String, Vec<Duration>);

fn measured(grounds: &[Ground]) -> Vec<Row> {
    let mut rows: Vec<Row> = questions().into_iter().map(|(what, ask)| (what, medians(grounds, &*ask))).collect();
    let zone = calendar::zone("Europe/Berlin").unwrap();
    let of_each = |measure: &dyn Fn(&Ground) -> Duration| grounds.iter().map(measure).collect();
    rows.push(("an insert, durable, nobody reading".to_owned(), of_each(&|ground| insert(&ground.path))));
    let reading = of_each(&|ground| insert_while_open(&ground.path, &zone));
    rows.push(("an insert, durable, dashboard reading".to_owned(), reading));
    rows.push(("plain scan: sums by connector".to_owned(), of_each(&|ground| scan(&ground.path))));
    rows
}

fn questions() -> Vec<(String, Ask)> {
    let zone = calendar::zone("Europe/Berlin").unwrap();
    let mut asked: Vec<(String, Ask)> = Vec::new();
    let mut ask = |what: String, question: Ask| asked.push((what, question));
    let berlin = zone.clone();
    let opened = move |ground: &Ground| dashboard(&open(&ground.path), 30, None, &berlin);
    ask("open, and the dashboard, 30 days".to_owned(), Box::new(opened));
    for days in [1, 7, 30, 90, DAYS] {
        let zone = zone.clone();
        let question = move |ground: &Ground| dashboard(&ground.reader, days, None, &zone);
        ask(format!("dashboard, {days} days"), Box::new(question));
    }
    let one = move |ground: &Ground| dashboard(&ground.reader, DAYS, Some("connector-3"), &zone);
    ask(format!("one connector's dashboard, {DAYS} days"), Box::new(one));
    let kolkata = calendar::zone("Asia/Kolkata").unwrap();
    let shifted = move |ground: &Ground| dashboard(&ground.reader, DAYS, None, &kolkata);
    ask(format!("dashboard, {DAYS} days, +05:30"), Box::new(shifted));
    let panel = |ground: &Ground| drop(black_box(ground.reader.summary(END_MS, END_MS - DAY_MS).unwrap()));
    ask("panel: today and the last hour".to_owned(), Box::new(panel));
    ask("tile: totals, 30 days".to_owned(), Box::new(|ground| usage(&ground.reader, 30, vec![])));
    for by in [Dimension::Connector, Dimension::Model, Dimension::User, Dimension::Machine] {
        for days in [30, DAYS] {
            let question = move |ground: &Ground| usage(&ground.reader, days, vec![by]);
            ask(format!("table by {}, {days} days", by.word()), Box::new(question));
        }
    }
    ask("p50, p95, p99 over 30 days, one bucket".to_owned(), Box::new(|ground| latency(&ground.reader, 30)));
    let newest = |ground: &Ground| page(&ground.reader, RunFilter::default());
    ask("a page of 50 events, the newest".to_owned(), Box::new(newest));
    let filter = RunFilter { connector: Some("connector-3".to_owned()), ..RunFilter::default() };
    let of_one = move |ground: &Ground| page(&ground.reader, filter.clone());
    ask("a page of 50 events of one connector".to_owned(), Box::new(of_one));
    asked
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
    // Under another name until it is whole: what is found later was not broken off.
    let part = path.with_extension("part");
    let log = EventLog::open(&part).unwrap();
    for (at, record) in (1..).zip(Generator::new(events)) {
        log.record(record).unwrap();
        if at % BURST == 0 {
            log.flush().unwrap();
        }
    }
    log.close().unwrap();
    std::fs::rename(part, path).unwrap();
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

fn print<'a>(ground: &Ground, times: impl Iterator<Item = (&'a str, Duration)>) {
    let files = [ground.path.clone(), wal(&ground.path)];
    let bytes: u64 = files.iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
    println!("\n{} events", ground.events);
    println!("{:<44} {:>10.1} B   goal ≤ 120 B", "the file, an event", ratio(bytes, ground.events));
    for (what, time) in times {
        let goal = if what.contains("dashboard,") { format!("   goal ≤ {DASHBOARD_MS} ms") } else { String::new() };
        println!("{what:<44} {:>10.3} ms{goal}", time.as_secs_f64() * 1e3);
    }
}

fn compare<'a>(few: &Ground, many: &Ground, times: impl Iterator<Item = (&'a str, Duration, Duration)>) {
    println!("\n{} / {} events", many.events, few.events);
    for (what, small, large) in times {
        let goal = if what.starts_with("plain scan") { String::new() } else { format!("   goal ≤ {GROWTH} ×") };
        println!("{what:<44} {:>10.2} ×{goal}", large.as_secs_f64() / small.as_secs_f64());
    }
}

fn wal(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", path.display()))
}

/// The median of each file. They are asked in turns, so that whatever else the machine does slows all of them.
fn medians(grounds: &[Ground], ask: &dyn Fn(&Ground)) -> Vec<Duration> {
    let mut times = vec![Vec::with_capacity(ROUNDS); grounds.len()];
    for _ in 0..ROUNDS {
        for (times, ground) in times.iter_mut().zip(grounds) {
            let begun = Instant::now();
            ask(ground);
            times.push(begun.elapsed());
        }
    }
    times.into_iter().map(middle).collect()
}

fn median(mut act: impl FnMut()) -> Duration {
    let timed = |_| {
        let begun = Instant::now();
        act();
        begun.elapsed()
    };
    middle((0..ROUNDS).map(timed).collect())
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
fn ratio(bytes: u64, events: u64) -> f64 {
    bytes as f64 / events as f64
}
