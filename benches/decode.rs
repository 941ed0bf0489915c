//! How fast a stream is read: frames out of bytes, and deltas out of frames.
//!
//! Candidates take turns within a round and medians are compared, for on a shared machine only ratios hold.
//! `cargo bench --bench decode`

use std::error::Error;
use std::hint::black_box;
use std::io::{Write, stdout};
use std::time::Instant;

use futures_util::{StreamExt, stream};
use switchboard::domain::{EndpointKind, RunEvent};
use switchboard::provider::reply::Reply;
use switchboard::provider::sse::Decoder;

type Outcome = Result<(), Box<dyn Error>>;

const EVENTS: usize = 20_000;
const ROUNDS: usize = 15;

/// One way to do the work; gives the bytes of data it saw, so that all can be checked to have seen the same.
struct Candidate<'a> {
    name: &'static str,
    run: Box<dyn Fn() -> usize + 'a>,
}

fn candidate<'a>(name: &'static str, run: impl Fn() -> usize + 'a) -> Candidate<'a> {
    Candidate { name, run: Box::new(run) }
}

/// Median nanoseconds of each candidate, per unit of work.
fn measure(candidates: &[Candidate<'_>], units: usize) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut times = vec![Vec::new(); candidates.len()];
    let mut seen = None;
    for _ in 0..ROUNDS {
        for (candidate, times) in candidates.iter().zip(&mut times) {
            let start = Instant::now();
            let bytes = black_box((candidate.run)());
            times.push(start.elapsed().as_secs_f64() * 1e9);
            if *seen.get_or_insert(bytes) != bytes {
                return Err(format!("{} saw {bytes} bytes, others {seen:?}", candidate.name).into());
            }
        }
    }
    let units = f64::from(u32::try_from(units)?);
    Ok(times.into_iter().map(|times| median(times) / units).collect())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// An ordinary chat chunk; with its frame about 330 bytes.
fn chunk(number: usize) -> String {
    format!(
        r#"{{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1780000000,"model":"gpt-5.4-mini-2026-03-05","service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[{{"index":0,"delta":{{"content":" token{number:05}"}},"logprobs":null,"finish_reason":null}}],"usage":null,"obfuscation":"aB3dE5fG7h"}}"#
    )
}

fn ours(chunks: &[&[u8]]) -> usize {
    let mut decoder = Decoder::new(1 << 30);
    let mut seen = 0;
    for chunk in chunks {
        let fed = decoder.feed(chunk, &mut |frame| seen += black_box(frame).data.len());
        if fed.is_err() {
            return 0;
        }
    }
    seen
}

/// The least a decoder must do, with no regard for anything but `data: …` lines ended by line feeds.
fn by_hand(chunks: &[&[u8]]) -> usize {
    let mut carried: Vec<u8> = Vec::new();
    let mut seen = 0;
    let mut take = |line: &[u8]| {
        if let Some(data) = line.strip_prefix(b"data: ")
            && let Ok(text) = simdutf8::basic::from_utf8(data)
        {
            seen += black_box(text).len();
        }
    };
    for chunk in chunks {
        let mut rest = *chunk;
        while let Some(at) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at_checked(at + 1).unwrap_or((rest, b""));
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            if carried.is_empty() {
                take(line);
            } else {
                carried.extend_from_slice(line);
                take(&carried);
                carried.clear();
            }
            rest = after;
        }
        carried.extend_from_slice(rest);
    }
    seen
}

fn peers<'a>(runtime: &'a tokio::runtime::Runtime, chunks: &'a [bytes::Bytes]) -> [Candidate<'a>; 2] {
    use eventsource_stream::Eventsource;
    let bytes = || stream::iter(chunks.iter().cloned().map(Ok::<_, std::io::Error>));
    [
        candidate("sse-stream", move || {
            runtime.block_on(async {
                let events = sse_stream::SseStream::from_bytes_stream(bytes());
                let data = events.filter_map(|event| async { event.ok()?.data });
                data.fold(0, |seen, data| async move { seen + black_box(data).len() }).await
            })
        }),
        candidate("eventsource-stream", move || {
            runtime.block_on(async {
                let data = bytes().eventsource().filter_map(|event| async { Some(event.ok()?.data) });
                data.fold(0, |seen, data| async move { seen + black_box(data).len() }).await
            })
        }),
    ]
}

fn decode(out: &mut impl Write, title: &str, chunks: &[&[u8]]) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let shared: Vec<_> = chunks.iter().map(|chunk| bytes::Bytes::copy_from_slice(chunk)).collect();
    let own = [candidate("switchboard", || ours(chunks)), candidate("by hand", || by_hand(chunks))];
    let candidates: Vec<_> = own.into_iter().chain(peers(&runtime, &shared)).collect();
    let times = measure(&candidates, EVENTS)?;
    writeln!(out, "SSE decode, {title}")?;
    for (candidate, time) in candidates.iter().zip(&times) {
        writeln!(out, "  {:<20} {time:>8.1} ns/event", candidate.name)?;
    }
    if let [own, hand, sse_stream, eventsource] = times.as_slice() {
        goal(out, "of by hand", own / hand, 2.0)?;
        goal(out, "of eventsource-stream", own / eventsource, 0.2)?;
        writeln!(out, "  {:<28} {:>6.2}", "of sse-stream", own / sse_stream)?;
    }
    Ok(())
}

fn goal(out: &mut impl Write, what: &str, ratio: f64, at_most: f64) -> Outcome {
    let verdict = if ratio <= at_most { "holds" } else { "MISSED" };
    writeln!(out, "  {what:<28} {ratio:>6.2}   goal ≤ {at_most:<4} {verdict}")?;
    Ok(())
}

fn long_lines(out: &mut impl Write) -> Outcome {
    let line = |mebibytes: usize| [b"data: ", vec![b'x'; mebibytes << 20].as_slice(), b"\n\n"].concat();
    let (short, long) = (line(1), line(16));
    let cut = |wire: &'_ [u8]| wire.chunks(16 * 1024).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (short, long) = (cut(&short), cut(&long));
    let one = measure(&[candidate("1 MiB", || ours(&short.iter().map(Vec::as_slice).collect::<Vec<_>>()))], 1 << 20)?;
    let many = measure(&[candidate("16 MiB", || ours(&long.iter().map(Vec::as_slice).collect::<Vec<_>>()))], 16 << 20)?;
    if let ([short], [long]) = (one.as_slice(), many.as_slice()) {
        writeln!(out, "One line in 16 KiB chunks: 1 MiB {short:.3} ns/byte, 16 MiB {long:.3} ns/byte")?;
        goal(out, "of a 1 MiB line, per byte", long / short, 4.0)?;
    }
    Ok(())
}

fn deltas_ours(chunks: &[String]) -> usize {
    let mut reply = Reply::new(EndpointKind::ChatCompletions);
    let mut events: Vec<RunEvent> = Vec::new();
    let mut seen = 0;
    for chunk in chunks {
        reply.frame("message", chunk, &mut events);
        seen += black_box(&events).len();
        events.clear();
    }
    seen
}

fn deltas_by_value(chunks: &[String]) -> usize {
    let delta = |chunk: &String| {
        let value: serde_json::Value = serde_json::from_str(chunk).ok()?;
        value.pointer("/choices/0/delta/content")?.as_str().map(str::to_owned)
    };
    chunks.iter().filter_map(|chunk| black_box(delta(chunk))).count()
}

fn deltas(out: &mut impl Write, chunks: &[String]) -> Outcome {
    let candidates =
        [candidate("switchboard", || deltas_ours(chunks)), candidate("serde_json::Value", || deltas_by_value(chunks))];
    let times = measure(&candidates, chunks.len())?;
    writeln!(out, "Delta out of a chunk's JSON")?;
    for (candidate, time) in candidates.iter().zip(&times) {
        writeln!(out, "  {:<20} {time:>8.1} ns/event", candidate.name)?;
    }
    if let [own, value] = times.as_slice() {
        goal(out, "of serde_json::Value", own / value, 0.4)?;
    }
    Ok(())
}

fn main() -> Outcome {
    let mut out = stdout().lock();
    let chunks: Vec<String> = (0..EVENTS).map(chunk).collect();
    let frames: Vec<String> = chunks.iter().map(|data| format!("data: {data}\n\n")).collect();
    let size = frames.first().map_or(0, String::len);
    let wire = frames.concat();
    let single: Vec<&[u8]> = frames.iter().map(String::as_bytes).collect();
    let blocks: Vec<&[u8]> = wire.as_bytes().chunks(16 * 1024).collect();
    decode(&mut out, &format!("{size}-byte events, one a chunk"), &single)?;
    decode(&mut out, &format!("{size}-byte events, 16 KiB chunks"), &blocks)?;
    long_lines(&mut out)?;
    deltas(&mut out, &chunks)
}
