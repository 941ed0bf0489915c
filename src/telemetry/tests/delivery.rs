use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use super::super::Telemetry;
use super::naming::run;
use crate::domain::{Header, NetworkPolicy, TelemetryTarget};
use crate::net::Clients;
use crate::secrets::Resolver;

const KEY: &str = "canary-collector-5512";

fn target(port: u16) -> TelemetryTarget {
    let endpoint = TelemetryTarget::endpoint(&format!("http://127.0.0.1:{port}")).expect("a URL");
    let headers = vec![Header { name: "x-api-key".to_owned(), value: "env:COLLECTOR_KEY".to_owned() }];
    TelemetryTarget { headers, timeout: Duration::from_millis(1500), ..TelemetryTarget::new(endpoint) }
}

/// Where nothing waits for the limit, a busy machine may take its time.
fn patient(port: u16) -> TelemetryTarget {
    TelemetryTarget { timeout: Duration::from_mins(1), ..target(port) }
}

fn start(target: &TelemetryTarget) -> Telemetry {
    let resolver = Resolver::new(Arc::new(|name| (name == "COLLECTOR_KEY").then(|| KEY.into())));
    Telemetry::start(target, NetworkPolicy::default(), Clients::default(), resolver).expect("it starts")
}

/// A collector that answers everything with `status`, and tells the head of each request.
fn collector(status: &'static str) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (heads, seen) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let head = answer(stream, status);
            heads.send(head).ok();
        }
    });
    (port, seen)
}

fn answer(mut stream: TcpStream, status: &str) -> String {
    let (mut read, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let n = stream.read(&mut piece).unwrap_or(0);
        read.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, _)| {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            read.len() >= head.len() + 4 + length.unwrap_or(0)
        });
        if whole || n == 0 {
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok();
            return text.split_once("\r\n\r\n").map_or_else(String::new, |(head, _)| head.to_owned());
        }
    }
}

#[test]
fn spans_and_metrics_are_delivered_with_the_secret_in_its_header_alone() {
    let (port, seen) = collector("200 OK");
    let target = patient(port);
    let telemetry = start(&target);
    telemetry.record(&run(), run().started_at_ms + 90);
    telemetry.close();
    let heads: Vec<String> = seen.try_iter().collect();
    for signal in ["post /v1/traces", "post /v1/metrics"] {
        let head = heads.iter().find(|head| head.starts_with(signal)).unwrap_or_else(|| panic!("{signal}: {heads:?}"));
        assert!(head.contains(&format!("x-api-key: {KEY}")), "{head}");
        assert!(head.contains("content-type: application/x-protobuf"), "{head}");
    }
    assert_eq!(telemetry.notice(), None);
    assert!(!format!("{target:?}").contains(KEY));
}

#[test]
fn a_collector_that_is_away_is_told_once_and_holds_nobody() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    let telemetry = start(&target(port));
    let before = Instant::now();
    for _ in 0..10_000 {
        telemetry.record(&run(), run().started_at_ms);
    }
    assert!(before.elapsed() < Duration::from_secs(5), "recording waits: {:?}", before.elapsed());
    let before = Instant::now();
    telemetry.close();
    assert!(before.elapsed() < Duration::from_secs(3), "{:?}", before.elapsed());
    let notice = telemetry.notice().expect("something to tell");
    assert!(notice.starts_with("telemetry was not delivered: ") && notice.contains(&port.to_string()), "{notice}");
    assert_eq!(telemetry.notice(), None, "once is enough");
}

#[test]
fn a_collector_that_stalls_does_not_hold_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let telemetry = start(&target(listener.local_addr().expect("an address").port()));
    telemetry.record(&run(), run().started_at_ms);
    let before = Instant::now();
    telemetry.close();
    assert!(before.elapsed() < Duration::from_secs(3), "{:?}", before.elapsed());
    assert!(telemetry.notice().is_some_and(|notice| notice.contains("answer")));
}

#[test]
fn a_refusal_says_what_to_mend_and_never_the_secret() {
    let (port, _seen) = collector("401 Unauthorized");
    let telemetry = start(&patient(port));
    telemetry.record(&run(), run().started_at_ms);
    telemetry.close();
    let notice = telemetry.notice().expect("something to tell");
    assert!(notice.contains("answered 401; [telemetry] headers"), "{notice}");
    assert!(!notice.contains(KEY));
    let missing = TelemetryTarget {
        headers: vec![Header { name: "x-key".to_owned(), value: "env:NOT_SET".to_owned() }],
        ..patient(port)
    };
    let telemetry = start(&missing);
    telemetry.record(&run(), run().started_at_ms);
    telemetry.close();
    assert!(telemetry.notice().is_some_and(|notice| notice.contains("env:NOT_SET: the variable is not set")));
}
