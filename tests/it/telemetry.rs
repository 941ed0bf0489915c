//! Telemetry against a receiver that others wrote: what it prints is what it understood.
//!
//! Without it these tests say that they were skipped; where it is required, its absence is a failure.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::pty::terminal;
use crate::support::{Home, Sandbox};

/// The receiver, as a program of its own, ended with the test.
struct Collector {
    child: Child,
    port: u16,
    lines: Receiver<String>,
    seen: Vec<Value>,
    raw: String,
}

impl Collector {
    fn start() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Some(program) = variable("SWITCHBOARD_TEST_OTLP") else {
            assert!(variable("SWITCHBOARD_TEST_REQUIRE").is_none(), "a receiver of telemetry is required here");
            eprintln!("skipped: no receiver of telemetry; set SWITCHBOARD_TEST_OTLP to tests/otlp/up");
            return None;
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        // A relative path is that of the package, where tests run.
        let mut child = Command::new(program)
            .arg(port.to_string())
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .expect("the receiver starts");
        let out = child.stdout.take().expect("a pipe");
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                tell.send(line).ok();
            }
        });
        let first = lines.recv_timeout(Duration::from_mins(2)).expect("it says that it listens");
        assert!(first.contains(&port.to_string()), "{first}");
        Some(Self { child, port, lines, seen: Vec::new(), raw: String::new() })
    }

    fn config(&self) -> String {
        format!("[telemetry]\notlp_endpoint = \"http://127.0.0.1:{}\"\n\n", self.port)
    }

    /// Waits until as many spans and points of the duration metric were received.
    fn until(&mut self, spans: usize, durations: u64) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.spans().len() < spans
            || self.points("gen_ai.client.operation.duration").map(count).sum::<u64>() < durations
        {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).unwrap_or_else(|_| panic!("received so far: {}", self.raw));
            self.seen.push(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")));
            self.raw.push_str(&(line + "\n"));
        }
    }

    fn spans(&self) -> Vec<&Value> {
        self.seen.iter().filter(|thing| thing["spanId"].is_string()).collect()
    }

    fn points(&self, metric: &str) -> impl Iterator<Item = &Value> {
        let of_name = self.seen.iter().filter(move |thing| thing["name"] == metric);
        of_name.flat_map(|metric| metric["histogram"]["dataPoints"].as_array().expect("a histogram"))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn count(point: &Value) -> u64 {
    whole(&point["count"])
}

/// OTLP's JSON writes large numbers as texts.
fn whole(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_else(|| panic!("no number: {value}"))
}

/// The value of an attribute, as text.
fn attribute(thing: &Value, name: &str) -> Option<String> {
    let pair = thing["attributes"].as_array()?.iter().find(|pair| pair["key"] == name)?;
    let value = pair["value"].as_object()?.values().next()?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn now_ns() -> u64 {
    let now = jiff::Timestamp::now().as_nanosecond();
    u64::try_from(now).expect("after 1970")
}

/// The one span of a connector: nothing is told before it is asked for, and each run once.
#[track_caller]
fn span_of(collector: &Collector, id: &str) -> Value {
    let of_id = |span: &&Value| attribute(span, "switchboard.connector").as_deref() == Some(id);
    let found: Vec<&Value> = collector.spans().into_iter().filter(of_id).collect();
    assert_eq!(found.len(), 1, "{id}: {}", collector.raw);
    found[0].clone()
}

/// What a span says is what the log keeps of its run.
#[track_caller]
fn agrees(span: &Value, log: &Value, (before, after): (u64, u64)) {
    let (start, end) = (whole(&span["startTimeUnixNano"]), whole(&span["endTimeUnixNano"]));
    // The log counts whole milliseconds.
    assert!(before - 1_000_000 <= start && start <= end && end <= after, "{before} {start} {end} {after}");
    let run = attribute(span, "switchboard.run.id").expect("a run");
    let runs = log["runs"].as_array().expect("runs");
    let event = runs.iter().find(|event| event["id"] == run.as_str()).unwrap_or_else(|| panic!("{run}: {log}"));
    for (name, key) in
        [("gen_ai.usage.input_tokens", "prompt_tokens"), ("gen_ai.usage.output_tokens", "completion_tokens")]
    {
        let logged = event["usage"][key].as_u64().map(|count| count.to_string());
        assert_eq!(attribute(span, name), logged, "{name}: {event}");
    }
    assert_eq!(attribute(span, "gen_ai.response.model").as_deref(), event["model"].as_str());
    assert_eq!(attribute(span, "server.address").as_deref(), Some("127.0.0.1"));
}

/// The histogram of tokens sums to what `usage` says, to the token.
#[track_caller]
fn tokens_agree(collector: &Collector, usage: &Value, id: &str) {
    let groups = usage["groups"].as_array().expect("groups");
    let group = groups.iter().find(|group| group["key"]["connector"] == id).expect("a group");
    for (kind, key) in [("input", "prompt_tokens"), ("output", "completion_tokens")] {
        let of_kind = collector.points("gen_ai.client.token.usage").filter(|point| {
            attribute(point, "gen_ai.token.type").as_deref() == Some(kind)
                && attribute(point, "switchboard.connector").as_deref() == Some(id)
        });
        let sum: f64 = of_kind.map(|point| point["sum"].as_f64().expect("a sum")).sum();
        assert_eq!(Some(sum), group[key].as_f64(), "{id} {kind}");
    }
}

#[test]
fn what_a_receiver_understands_is_what_the_event_log_says() {
    let Some(mut collector) = Collector::start() else { return };
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    let of = |id: &str, model: &str| sandbox.connector(id, model);
    let connectors = of("told", "sandbox-model") + &of("guessed", "no-usage") + &of("full", "context-length");
    home.write(&connectors);
    home.run(&["test", "told", "--prompt", "canary-silent-run"]).ok();
    home.write(&(collector.config() + &connectors));
    let before = now_ns();
    home.run(&["test", "told", "--prompt", "canary-of-the-body"]).ok();
    home.run(&["test", "guessed"]).ok();
    assert_eq!(home.run(&["test", "full"]).code, Some(5));
    let between = (before, now_ns());
    collector.until(3, 3);

    let [told, guessed, full] = ["told", "guessed", "full"].map(|id| span_of(&collector, id));
    let log = home.run(&["events", "--json", "--limit", "0"]).ok().json();
    for span in [&told, &guessed, &full] {
        agrees(span, &log, between);
    }
    assert_eq!((told["name"].as_str(), told["kind"].as_u64()), (Some("chat sandbox-model"), Some(3)));
    let of = |span: &Value, name: &str| attribute(span, name).unwrap_or_default();
    let sources = [&told, &guessed, &full].map(|span| of(span, "switchboard.usage.source"));
    assert_eq!(sources, ["reported", "estimated", ""]);
    assert_eq!([&told, &guessed, &full].map(|span| of(span, "error.type")), ["", "", "context-length"]);
    assert_eq!(full["status"]["code"], 2);
    let usage = home.run(&["usage", "--json", "--range", "all", "--by", "connector"]).ok().json();
    tokens_agree(&collector, &usage, "guessed");
    tokens_agree(&collector, &usage, "full");
    let durations = collector.points("gen_ai.client.operation.duration");
    assert!(durations.into_iter().all(|point| point["explicitBounds"][0] == 0.01), "{}", collector.raw);
    for text in ["canary-silent-run", "canary-of-the-body", "You said", "sandbox-key"] {
        assert!(!collector.raw.contains(text), "{text} was told");
    }
}

#[test]
fn the_screen_tells_its_runs_before_it_ends() {
    let Some(mut collector) = Collector::start() else { return };
    let sandbox = Sandbox::start(&Home::new(), &["--no-auth"]);
    let connector = sandbox.connector("box", "sandbox-model").replace("api_key = \"env:SANDBOX_KEY\"\n", "");
    let home = terminal::Home::new(&(collector.config() + &connector));
    let mut pty = terminal::Pty::start(&home, (120, 40));
    pty.sees("box");
    pty.press("\r");
    pty.sees("Response");
    pty.press("r");
    pty.sees("first token");
    pty.sees_no("running");
    pty.press("qq");
    assert_eq!(pty.ends(), 0);
    collector.until(1, 1);
    assert_eq!(attribute(collector.spans()[0], "switchboard.source").as_deref(), Some("screen"));
}

#[test]
fn a_collector_that_is_away_is_told_and_changes_nothing() {
    let home = Home::new().set("SANDBOX_KEY", "sandbox-key");
    let sandbox = Sandbox::start(&home, &[]);
    // Nobody listens on the discard port.
    let away = "[telemetry]\notlp_endpoint = \"http://127.0.0.1:9\"\n\n";
    home.write(&(away.to_owned() + &sandbox.connector("told", "sandbox-model")));
    let ran = home.run(&["test", "told", "--json"]).ok();
    assert_eq!(ran.json()["status"], "ok");
    assert_eq!(ran.err.matches("telemetry was not delivered").count(), 1, "{}", ran.err);
    assert_eq!(home.run(&["events", "--jsonl"]).ok().out.lines().count(), 1);
}
