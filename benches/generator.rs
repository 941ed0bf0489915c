//! Runs as a company of some hundred people makes them: seeded, so that every machine gets the same ones.

use std::time::Duration;

use switchboard::domain::{
    Caller, Cost, CostBasis, Ending, EndpointKind, ErrorKind, Outcome, Provider, RunId, RunRecord, RunTarget, Source,
    Timing, Traffic, Usage, UsageSource, Usd,
};

/// Days the runs are spread over.
pub(crate) const DAYS: i64 = 400;
/// The end of the last day: 2026-11-23T23:00Z, midnight in Berlin.
pub(crate) const END_MS: i64 = 1_795_474_800_000;

const DAY_MS: i64 = 86_400_000;
const CONNECTORS: usize = 12;
const MODELS: [&str; 5] =
    ["gpt-4.1-2025-04-14", "gpt-5-mini-2025-08-07", "gpt-4o-mini-2024-07-18", "qwen3-32b", "o4-mini-2025-04-16"];
const ERRORS: [ErrorKind; 5] =
    [ErrorKind::RateLimit, ErrorKind::Timeout, ErrorKind::Server, ErrorKind::Auth, ErrorKind::ContextLength];

/// Runs in the order of their starts.
pub(crate) struct Generator {
    random: fastrand::Rng,
    next: u64,
    events: u64,
}

impl Generator {
    /// So many runs over [`DAYS`].
    pub(crate) fn new(events: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(7), next: 0, events }
    }

    /// Runs that start after all of those.
    pub(crate) fn late(events: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(events), next: events, events: u64::MAX }
    }

    /// Working hours are busy, nights are not: the position in a day is bent towards its middle.
    fn start(&mut self) -> i64 {
        if self.events == u64::MAX {
            return END_MS - 1000 + i64::try_from(self.next % 1000).unwrap();
        }
        let span = i128::from(DAYS * DAY_MS);
        let even = i64::try_from(i128::from(self.next) * span / i128::from(self.events)).unwrap();
        let (day, within) = (even.div_euclid(DAY_MS), even.rem_euclid(DAY_MS));
        END_MS - DAYS * DAY_MS + day * DAY_MS + bent(within)
    }
}

/// Three quarters of the runs fall into ten hours of the day.
fn bent(within: i64) -> i64 {
    let (eighth, busy) = (DAY_MS / 8, DAY_MS * 10 / 24);
    let quiet = (DAY_MS - busy) / 2;
    match within {
        early if early < eighth => early * quiet / eighth,
        late if late >= 7 * eighth => quiet + busy + (late - 7 * eighth) * quiet / eighth,
        middle => quiet + (middle - eighth) * busy / (6 * eighth),
    }
}

impl Iterator for Generator {
    type Item = RunRecord;

    fn next(&mut self) -> Option<RunRecord> {
        if self.next == self.events {
            return None;
        }
        let started_at_ms = self.start();
        let id = (u128::from(started_at_ms.unsigned_abs()) << 80) | (7 << 76) | u128::from(self.next);
        self.next += 1;
        let random = &mut self.random;
        // A few connectors have most of the traffic.
        let connector = random.usize(0..CONNECTORS).min(random.usize(0..CONNECTORS));
        let user = (connector + random.usize(0..2) * 5) % 10;
        let fate = random.u32(0..1000);
        let ok = fate >= 40;
        let model = MODELS.get(connector % MODELS.len()).copied().unwrap();
        Some(RunRecord {
            id: RunId::from_u128(id),
            started_at_ms,
            target: target(connector, ok.then_some(model)),
            caller: Caller {
                source: if user < 7 { Source::Command } else { Source::Screen },
                user: format!("user-{user}"),
                machine: format!("bastion-{}", user % 3),
            },
            ending: ending(random, fate),
            usage: if ok { usage(random) } else { Usage::default() },
            cost: (ok && !connector.is_multiple_of(4)).then(|| cost(random)),
            timing: timing(random),
            traffic: Traffic {
                chunks: random.u64(1..400),
                request_bytes: random.u64(200..9000),
                response_bytes: random.u64(500..90_000),
            },
        })
    }
}

fn target(connector: usize, model: Option<&str>) -> RunTarget {
    let azure = connector.is_multiple_of(3);
    RunTarget {
        connector: format!("connector-{connector}"),
        provider: if azure { Provider::AzureOpenAi } else { Provider::OpenAi },
        endpoint: Some(EndpointKind::ChatCompletions),
        host: if azure { "acme.openai.azure.com".to_owned() } else { "api.openai.com".to_owned() },
        requested_model: Some("gpt-4.1".to_owned()),
        model: model.map(str::to_owned),
    }
}

fn ending(random: &mut fastrand::Rng, fate: u32) -> Ending {
    let (outcome, error_kind, http_status) = match fate {
        0..30 => (Outcome::Error, ERRORS.get(usize::try_from(fate).unwrap() % ERRORS.len()).copied(), Some(429)),
        30..40 => (Outcome::Cancelled, None, Some(200)),
        _ => (Outcome::Ok, None, Some(200)),
    };
    Ending {
        outcome,
        http_status,
        error_kind,
        finish_reason: (outcome == Outcome::Ok).then(|| "stop".to_owned()),
        request_id: Some(format!("req_{:032x}", random.u128(..))),
        attempts: 1,
    }
}

fn usage(random: &mut fastrand::Rng) -> Usage {
    let (prompt, completion) = (random.u64(50..6000), random.u64(5..900));
    let estimated = random.u32(0..20) == 0;
    Usage {
        prompt: Some(prompt),
        completion: Some(completion),
        total: Some(prompt + completion),
        cached: (!estimated).then(|| prompt / 128 * 64),
        reasoning: (!estimated).then_some(0),
        source: if estimated { UsageSource::Estimated } else { UsageSource::Reported },
        ..Usage::default()
    }
}

fn cost(random: &mut fastrand::Rng) -> Cost {
    Cost { amount: Usd::from_nanos(random.i64(10_000..40_000_000)), basis: CostBasis::Table("2026-07-24".to_owned()) }
}

fn timing(random: &mut fastrand::Rng) -> Timing {
    let micros = |micros: u64| Some(Duration::from_micros(micros));
    // The product of two even numbers has the long tail of real latencies.
    let first = 40_000 + random.u64(1..1000) * random.u64(1..1500);
    Timing {
        queue: micros(random.u64(5..300)),
        dns: micros(random.u64(100..3000)),
        connect: micros(random.u64(900..30_000)),
        tls: micros(random.u64(2000..60_000)),
        first_byte: micros(first - 5000),
        first_token: micros(first),
        first_answer: micros(first),
        last_token: micros(first + 900_000),
        total: micros(first + 900_000 + random.u64(0..9000)),
    }
}
