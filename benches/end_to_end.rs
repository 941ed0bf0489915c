//! End to end over loopback: client CPU seconds per million events, from one flooding server.
//!
//! Every candidate runs in a process of its own (this program again, with arguments), so that the server's CPU is not
//! counted. Candidates take turns and the best round of each counts: a shared machine only ever adds time. Loads are
//! compared as ratios within one run; the goals are at most 0.65 of async-openai, and at most 1.4 times the CPU per
//! event at 256 streams of that at one. `EVENTS=200000` makes it shorter.

use std::error::Error;
use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionRequestUserMessageArgs, CreateChatCompletionRequestArgs};
use futures_util::StreamExt as _;
use switchboard::domain::policy::Limits;
use switchboard::domain::{
    Auth, Connector, EndpointKind, NetworkOverlay, NetworkPolicy, Options, Outcome, Provider, RunEvent, RunId,
};
use switchboard::net::{Clients, ProxyUse};
use switchboard::provider::reply::Reply;
use switchboard::provider::sse::Decoder;
use switchboard::provider::{Call, Mode, Services, execute};
use switchboard::secrets::Resolver;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

const EVENTS: usize = 1_000_000;
const ROUNDS: usize = 3;
const STREAMS: [usize; 3] = [1, 16, 256];
/// The kernel tells CPU time in ticks of 1/100 s.
const TICKS: f64 = 100.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Candidate {
    Raw,
    Ours,
    AsyncOpenAi,
}

impl Candidate {
    const ALL: [Self; 3] = [Self::Raw, Self::Ours, Self::AsyncOpenAi];

    fn word(self) -> &'static str {
        match self {
            Self::Raw => "raw sockets, our decoder",
            Self::Ours => "execute",
            Self::AsyncOpenAi => "async-openai",
        }
    }
}

fn main() -> Fallible<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [role, candidate, streams, events, base] if role == "client" => {
            let candidate = Candidate::ALL.into_iter().find(|known| known.word() == candidate);
            let load = Load { streams: streams.parse()?, events: events.parse()?, base: base.clone() };
            runtime.block_on(client(candidate.ok_or("no such candidate")?, load))
        }
        _ => runtime.block_on(measure()),
    }
}

/// What one client process does.
#[derive(Debug, Clone)]
struct Load {
    streams: usize,
    /// In all.
    events: usize,
    base: String,
}

impl Load {
    fn per_stream(&self) -> usize {
        self.events / self.streams
    }

    fn url(&self) -> String {
        format!("{}/n{}", self.base, self.per_stream())
    }
}

async fn measure() -> Fallible<()> {
    let events = std::env::var("EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(EVENTS);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let mut server = JoinSet::new();
    server.spawn(serve(listener));
    let mut best = [[f64::INFINITY; STREAMS.len()]; Candidate::ALL.len()];
    for _ in 0..ROUNDS {
        for (column, streams) in STREAMS.into_iter().enumerate() {
            for (candidate, row) in Candidate::ALL.into_iter().zip(&mut best) {
                let load = Load { streams, events, base: base.clone() };
                let seconds = tokio::task::spawn_blocking(move || child(candidate, &load)).await??;
                if let Some(cell) = row.get_mut(column) {
                    *cell = cell.min(seconds);
                }
            }
        }
    }
    report(&best)
}

fn child(candidate: Candidate, load: &Load) -> Fallible<f64> {
    let (streams, events) = (load.streams.to_string(), load.events.to_string());
    let output = Command::new(std::env::current_exe()?)
        .args(["client", candidate.word(), &streams, &events, &load.base])
        .output()?;
    if !output.status.success() {
        return Err(format!("{}: {}", candidate.word(), String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

fn report(best: &[[f64; STREAMS.len()]; Candidate::ALL.len()]) -> Fallible<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "client CPU seconds per million events, best of {ROUNDS}")?;
    writeln!(out, "{:<26}{:>10}{:>12}{:>12}", "", "1 stream", "16 streams", "256 streams")?;
    for (candidate, [one, some, many]) in Candidate::ALL.into_iter().zip(best) {
        writeln!(out, "{:<26}{one:>10.2}{some:>12.2}{many:>12.2}", candidate.word())?;
    }
    let [raw, ours, peer] = best;
    for (((streams, raw), ours), peer) in STREAMS.into_iter().zip(raw).zip(ours).zip(peer) {
        let (ratio, above) = (ours / peer, ours / raw);
        writeln!(out, "{streams} streams: {ratio:.2} of async-openai (goal 0.65), {above:.2} times raw sockets")?;
    }
    let [one, _, many] = ours;
    writeln!(out, "256 streams: {:.2} times the CPU per event of one (goal 1.4)", many / one)?;
    Ok(())
}

/// Floods every connection with as many events as its path asks for.
async fn serve(listener: TcpListener) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        connections.spawn(flood(socket));
    }
}

async fn flood(mut socket: TcpStream) -> Fallible<()> {
    const BATCH: usize = 50;
    let head = read_head(&mut socket).await?;
    let path = head.split_whitespace().nth(1).ok_or("no path")?;
    let count: usize = path.trim_start_matches("/n").split('/').next().ok_or("no count")?.parse()?;
    let batch = event().repeat(BATCH);
    socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n").await?;
    for _ in 0..count / BATCH {
        socket.write_all(batch.as_bytes()).await?;
    }
    socket.write_all(event().repeat(count % BATCH).as_bytes()).await?;
    socket.write_all(FINISH.as_bytes()).await?;
    socket.shutdown().await?;
    while socket.read(&mut [0; 1024]).await? > 0 {}
    Ok(())
}

/// The head, and whatever of the body came with it: nothing here depends on the rest.
async fn read_head(socket: &mut TcpStream) -> Fallible<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if socket.read_buf(&mut head).await? == 0 {
            return Err("no request".into());
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// 330 bytes, as OpenAI sends them.
fn event() -> String {
    let padding = "x".repeat(47);
    format!(
        "data: {{\"id\":\"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012\",\"object\":\"chat.completion.chunk\",\
         \"created\":1780000000,\"model\":\"gpt-5.4-mini-2026-03-05\",\"service_tier\":\"default\",\
         \"system_fingerprint\":\"fp_12ab34cd56\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" token\"}},\
         \"logprobs\":null,\"finish_reason\":null}}],\"usage\":null,\"obfuscation\":\"{padding}\"}}\n\n"
    )
}

const FINISH: &str = concat!(
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\"model\":\"m\",",
    "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1780000000,\"model\":\"m\",\"choices\":[],",
    "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,\"total_tokens\":12}}\n\n",
    "data: [DONE]\n\n"
);

/// One candidate's process: a short warm-up, then the load between two readings of the clock.
async fn client(candidate: Candidate, load: Load) -> Fallible<()> {
    // async-openai builds its client without naming a provider.
    rustls::crypto::ring::default_provider().install_default().ok();
    let peers = Peers { services: services(), openai: reqwest::Client::builder().build()? };
    let peers = Arc::new(peers);
    streams(candidate, &Load { streams: 1, events: 1000, base: load.base.clone() }, &peers).await?;
    let before = cpu_seconds()?;
    let seen = streams(candidate, &load, &peers).await?;
    let seconds = cpu_seconds()? - before;
    let sent = load.per_stream() * load.streams;
    if seen != sent {
        return Err(format!("{seen} of {sent} events arrived").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let per_million = seconds * 1e6 / sent as f64;
    writeln!(std::io::stdout().lock(), "{per_million}")?;
    Ok(())
}

struct Peers {
    services: Services,
    openai: reqwest::Client,
}

fn services() -> Services {
    Services::new(Clients::new(ProxyUse::Direct), Resolver::new(Arc::new(|_: &str| None)))
}

async fn streams(candidate: Candidate, load: &Load, peers: &Arc<Peers>) -> Fallible<usize> {
    let mut running = JoinSet::new();
    for _ in 0..load.streams {
        let (url, peers) = (load.url(), Arc::clone(peers));
        running.spawn(async move {
            match candidate {
                Candidate::Raw => raw(&url).await,
                Candidate::Ours => ours(url, &peers.services).await,
                Candidate::AsyncOpenAi => openai(url, peers.openai.clone()).await,
            }
        });
    }
    let mut seen = 0;
    while let Some(stream) = running.join_next().await {
        seen += stream??;
    }
    Ok(seen)
}

async fn raw(url: &str) -> Fallible<usize> {
    let (address, path) = url.trim_start_matches("http://").split_once('/').ok_or("no path")?;
    let mut socket = TcpStream::connect(address).await?;
    let request = format!("POST /{path}/chat/completions HTTP/1.1\r\nhost: {address}\r\ncontent-length: 2\r\n\r\n{{}}");
    socket.write_all(request.as_bytes()).await?;
    let mut decoder = Decoder::new(64 << 20);
    let mut reply = Reply::new(EndpointKind::ChatCompletions);
    let (mut events, mut seen) = (Vec::new(), 0);
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut in_head = true;
    while socket.read_buf(&mut buffer).await? > 0 {
        let start = match buffer.windows(4).position(|window| window == b"\r\n\r\n").filter(|_| in_head) {
            Some(end) => end + 4,
            None => 0,
        };
        in_head = false;
        let body = buffer.get(start..).unwrap_or_default();
        decoder.feed(body, &mut |frame| {
            reply.frame(frame.event, frame.data, &mut events);
        })?;
        seen += deltas(&events);
        events.clear();
        buffer.clear();
    }
    Ok(seen)
}

fn deltas(events: &[RunEvent]) -> usize {
    events.iter().filter(|event| matches!(event, RunEvent::Delta(_))).count()
}

async fn ours(url: String, services: &Services) -> Fallible<usize> {
    let call = Call {
        run: RunId::from_u128(1),
        connector: connector(format!("{url}/chat/completions"))?,
        policy: NetworkPolicy {
            limits: Limits { max_response_size: u64::MAX, ..Limits::DEFAULT },
            ..NetworkPolicy::default()
        },
        body: "{\"messages\":[]}".to_owned(),
        mode: Mode::Stream,
        queued: Duration::ZERO,
    };
    let (out, mut events) = tokio::sync::mpsc::channel(64);
    let running = async move { execute(call, services, &out, CancellationToken::new()).await };
    let listening = async {
        let mut seen = 0;
        while let Some((_, batch)) = events.recv().await {
            seen += deltas(&batch);
        }
        seen
    };
    let (end, seen) = tokio::join!(running, listening);
    if end.outcome == Outcome::Ok { Ok(seen) } else { Err(format!("{end:?}").into()) }
}

fn connector(url: String) -> Fallible<Connector> {
    Ok(Connector {
        id: "bench".parse()?,
        name: "Bench".to_owned(),
        provider: Provider::Other,
        url,
        default_model: Some("m".to_owned()),
        auth: Auth::default(),
        headers: Vec::new(),
        options: Options::default(),
        notes: None,
        network: NetworkOverlay::default(),
    })
}

async fn openai(url: String, http: reqwest::Client) -> Fallible<usize> {
    let config = OpenAIConfig::new().with_api_base(url).with_api_key("key");
    let client = async_openai::Client::with_config(config).with_http_client(http);
    let message = ChatCompletionRequestUserMessageArgs::default().content("Hello world").build()?;
    let request = CreateChatCompletionRequestArgs::default().model("m").messages([message.into()]).build()?;
    let mut stream = client.chat().create_stream(request).await?;
    let mut seen = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        seen += chunk.choices.iter().filter(|choice| choice.delta.content.is_some()).count();
    }
    Ok(seen)
}

/// User and system time of this process so far.
fn cpu_seconds() -> Fallible<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name in parentheses may hold anything; what follows it is regular.
    let (_, fields) = stat.rsplit_once(") ").ok_or("an unknown form of /proc/self/stat")?;
    let mut times = fields.split(' ').skip(11);
    let (user, system): (f64, f64) =
        (times.next().ok_or("no utime")?.parse()?, times.next().ok_or("no stime")?.parse()?);
    Ok((user + system) / TICKS)
}
