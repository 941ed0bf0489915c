//! The binary in a terminal, as a person meets it: start to first frame, key to frame, memory, and what is too much.
//!
//! `cargo bench --bench screen`. Goals: first frame at most 1.5 times that of a bare ratatui program with an SQLite file,
//! an event log of 1 M rows notwithstanding; key to frame p99 at most that of an idle screen and one frame, with 99 % of
//! what 64 streams of 1000 tokens a second send; at most 15 % of a core at 64 streams of 100; at most 16 MB when idle; a
//! stripped binary of at most 12 MB; and whatever comes, 256 MiB.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and stops when its ground gives way"
)]

#[path = "../generator.rs"]
#[expect(dead_code, reason = "other benchmarks use more of it")]
mod generator;
mod server;
#[path = "../../tests/it/pty/terminal.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod terminal;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use generator::Generator;
use ratatui::widgets::Paragraph;
use switchboard::store::EventLog;
use terminal::{Home, Pty};

const BINARY: &str = env!("CARGO_BIN_EXE_switchboard");
const SIZE: (u16, u16) = (120, 40);
const STREAMS: usize = 64;
const ROWS: u64 = 1_000_000;
const KEYS: usize = 200;
const MIB: f64 = (1 << 20) as f64;

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("--bare") {
        return bare(&arguments.next().expect("an SQLite file"));
    }
    println!("binary: {:.2} MB (goal 12)", std::fs::metadata(BINARY).unwrap().len() as f64 / 1e6);
    first_frame();
    keys_and_memory();
    heavy();
}

/// What a screen over an SQLite file costs before anything is done with it.
fn bare(file: &str) {
    let connection = rusqlite::Connection::open(file).unwrap();
    let count = connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)).unwrap();
    let mut terminal = ratatui::init();
    terminal.draw(|frame| frame.render_widget(Paragraph::new(format!("Connectors: {count}")), frame.area())).unwrap();
    drop(crossterm::event::read());
    ratatui::restore();
}

fn first_frame() {
    let home = Home::new(&config(STREAMS, "http://127.0.0.1:9/v1"));
    let events = home.config().with_file_name("state").join("events.db");
    fill(&events);
    let file = events.display().to_string();
    let this = std::env::current_exe().unwrap().display().to_string();
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        ours.push(timed(|| Pty::start(&home, SIZE), |pty| pty.press("q")));
        others.push(timed(|| Pty::spawn_program(&home, SIZE, (&this, &["--bare", &file]), &[]), |pty| pty.press("q")));
    }
    let (ours, others) = (quantile(&mut ours, 50), quantile(&mut others, 50));
    println!(
        "first frame over an event log of {ROWS} rows: {ours:.1?}, a bare program {others:.1?}: {:.2}x (goal 1.5)",
        ours.as_secs_f64() / others.as_secs_f64()
    );
}

fn timed(start: impl Fn() -> Pty, end: impl Fn(&mut Pty)) -> Duration {
    let begun = Instant::now();
    let mut pty = start();
    pty.sees("Connectors");
    let took = begun.elapsed();
    end(&mut pty);
    pty.ends();
    took
}

fn fill(path: &std::path::Path) {
    let log = EventLog::open(path).unwrap();
    let mut written = 0;
    for record in Generator::new(ROWS) {
        log.record(record).unwrap();
        written += 1;
        if written % 2000 == 0 {
            log.flush().unwrap();
        }
    }
    log.close().unwrap();
}

/// The sandbox as a program of its own, ended with this.
struct Sandbox {
    child: Child,
    base: String,
}

impl Sandbox {
    /// Its model `long` sends so many deltas a second to each stream.
    fn start(home: &Home, speed: u32) -> Self {
        // That model goes at ten times the speed that is asked for.
        let speed = (speed / 10).to_string();
        let words = ["sandbox", "--no-auth", "--first-token-ms", "50", "--tokens-per-second", &speed];
        let mut child = home.command().args(words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut base = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
        Self { child, base: base.trim().to_owned() }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn keys_and_memory() {
    let idle = Home::new(&config(STREAMS, "http://127.0.0.1:9/v1"));
    let mut pty = Pty::start(&idle, SIZE);
    pty.sees("0 runs");
    println!("idle: {:.1} MB resident at most (goal 16)", pty.peak_memory() as f64 / 1e6);
    let mut quiet = keys(&mut pty, Instant::now() + Duration::from_mins(1));
    pty.press("q");
    pty.ends();
    let still = quantile(&mut quiet, 99);
    println!("key to frame, idle: {}", quantiles(&mut quiet));
    for speed in [1000, 100] {
        let sandbox = Sandbox::start(&idle, speed);
        let home = Home::new(&config(STREAMS, &sandbox.base));
        under_load(&home, speed, still);
    }
}

/// Runs every connector at once and presses keys meanwhile.
fn under_load(home: &Home, speed: u32, still: Duration) {
    let mut pty = Pty::start(home, SIZE);
    pty.sees("0 runs");
    pty.press(&" j".repeat(STREAMS));
    pty.sees(&format!("+ {STREAMS} marked"));
    pty.press("r");
    let begun = Instant::now();
    pty.sees(&format!("{STREAMS} running"));
    let (busy, at) = (pty.cpu(), Instant::now());
    // 3000 tokens each, after 50 ms. No key is pressed near the end, which would be seen late.
    let expected = Duration::from_millis(50) + Duration::from_mins(50) / speed;
    let mut loaded = keys(&mut pty, begun + expected * 8 / 10);
    let share = pty.cpu().saturating_sub(busy).as_secs_f64() / at.elapsed().as_secs_f64();
    let p99 = quantile(&mut loaded, 99);
    println!(
        "key to frame, {STREAMS} streams of {speed} tok/s: {}; p99 above idle {:.1?} (goal 33 ms); {:.0} % of a core",
        quantiles(&mut loaded),
        p99.saturating_sub(still),
        share * 100.0
    );
    if speed == 1000 {
        pty.sees_no("running");
        println!(
            "ingest: done after {:.2?} of {expected:.2?}: {:.1} % (goal 99); {:.1} MB resident at most",
            begun.elapsed(),
            100.0 * expected.as_secs_f64() / begun.elapsed().as_secs_f64(),
            pty.peak_memory() as f64 / 1e6
        );
    }
    pty.press("qy");
    pty.ends();
}

/// Moves the selection up and down, until a moment at most, and waits each time until it is seen.
fn keys(pty: &mut Pty, end: Instant) -> Vec<Duration> {
    pty.press("g");
    pty.until("the first row", |screen| selected(screen).is_some_and(|row| row.contains("c00")));
    let mut times = Vec::with_capacity(KEYS);
    for at in (0..KEYS).take_while(|_| Instant::now() < end) {
        let (key, row) = if at % 2 == 0 { ("j", "c01") } else { ("k", "c00") };
        // As people press them: not in step with the frames.
        pty.is_quiet_for(Duration::from_micros(3_000 + (at as u64 * 37) % 20_000));
        let begun = Instant::now();
        pty.press(key);
        pty.until(row, |screen| selected(screen).is_some_and(|line| line.contains(row)));
        times.push(begun.elapsed());
    }
    times
}

fn selected(screen: &vt100::Screen) -> Option<String> {
    screen.rows(0, 40).find(|row| row.contains('▌'))
}

fn heavy() {
    let server = server::Server::start();
    for (model, what) in server::LOADS {
        let home = Home::new(&format!(
            "[network]\nmax_response_size = \"256MiB\"\n{}",
            config(1, &server.base).replace("\"long\"", &format!("\"{model}\""))
        ));
        let mut pty = Pty::start(&home, SIZE);
        pty.sees("c00");
        pty.press("\r");
        pty.sees("not run yet");
        let begun = Instant::now();
        pty.press("r");
        pty.sees("HTTP 200");
        let mut times = Vec::new();
        while !pty.contents().contains("● done") && begun.elapsed() < Duration::from_secs(50) {
            times.push(help(&mut pty));
        }
        pty.sees("● done");
        let took = begun.elapsed();
        let mut resizes = Vec::new();
        for width in [100, 140, 80, 120] {
            let begun = Instant::now();
            pty.resize(width, 40);
            times.push(help(&mut pty));
            resizes.push(begun.elapsed());
        }
        println!(
            "{what}: {took:.2?}, keys {}, resize {:.1?} at most, {:.0} MiB resident at most (goal 256)",
            quantiles(&mut times),
            quantile(&mut resizes, 100),
            pty.peak_memory() as f64 / MIB
        );
        pty.press("qq");
        pty.ends();
    }
}

/// The time until the help shows.
fn help(pty: &mut Pty) -> Duration {
    let begun = Instant::now();
    pty.press("?");
    pty.sees("┌ Keys");
    let took = begun.elapsed();
    pty.press("q");
    pty.sees_no("┌ Keys");
    pty.is_quiet_for(Duration::from_millis(20));
    took
}

fn config(connectors: usize, base: &str) -> String {
    let connector = |at: usize| {
        format!(
            "[connectors.c{at:02}]\nname = \"C {at:02}\"\nprovider = \"other\"\nurl = \"{base}\"\ndefault_model = \"long\"\n"
        )
    };
    let connectors: String = (0..connectors).map(connector).collect();
    format!("[pool]\nmax_running = {STREAMS}\n{connectors}")
}

fn quantile(times: &mut [Duration], hundredths: usize) -> Duration {
    times.sort_unstable();
    times.get((times.len() * hundredths / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn quantiles(times: &mut [Duration]) -> String {
    let [p50, p99, most] = [50, 99, 100].map(|at| quantile(times, at));
    format!("p50 {p50:.1?} p99 {p99:.1?} max {most:.1?}")
}
