//! Runs as spans and metrics, and the providers that deliver them.
//!
//! The queue between a run and the wire is the batch processor's: bounded, filled without waiting; what does not fit is
//! dropped, for the event log has it anyway.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use opentelemetry::metrics::{Histogram, Meter, MeterProvider as _};
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{MetricExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality as Adding};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::names;
use super::post::{Post, Trouble};
use crate::domain::telemetry::Temporality;
use crate::domain::{ErrorKind, Failure, RunRecord, TelemetryTarget};
use crate::net::Clients;
use crate::secrets::Resolver;

const SCOPE: &str = env!("CARGO_PKG_NAME");
/// How often metrics are delivered; spans go after five seconds, the library's own pace.
const EVERY: Duration = Duration::from_secs(15);

/// Bucket boundaries as the conventions state them: tokens by powers of 4, seconds by powers of 2 from 10 ms.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
const SECONDS: [f64; 14] = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/// A collector that is told of runs. Clones share everything.
#[derive(Clone)]
pub struct Telemetry {
    shared: Arc<Shared>,
}

struct Shared {
    tracer: SdkTracer,
    spans: SdkTracerProvider,
    meters: SdkMeterProvider,
    instruments: Instruments,
    trouble: Arc<Trouble>,
    patience: Duration,
}

struct Instruments {
    tokens: Histogram<u64>,
    duration: Histogram<f64>,
    first_chunk: Histogram<f64>,
}

impl Telemetry {
    /// Starts the threads that deliver. Nothing is sent before there is a run.
    ///
    /// # Errors
    /// The endpoint cannot be used, or a thread not be started.
    pub fn start(target: &TelemetryTarget, clients: Clients, resolver: Resolver) -> Result<Self, Failure> {
        let trouble = Arc::new(Trouble::default());
        let post = Arc::new(Post::new(target.clone(), clients, resolver, Arc::clone(&trouble))?);
        let resource = resource(target);
        let spans = SdkTracerProvider::builder()
            .with_batch_exporter(span_exporter(target, &post)?)
            .with_resource(resource.clone())
            .build();
        let reader = PeriodicReader::builder(metric_exporter(target, &post)?).with_interval(EVERY).build();
        let meters = SdkMeterProvider::builder().with_reader(reader).with_resource(resource).build();
        let instruments = Instruments::new(&meters.meter(SCOPE));
        let tracer = spans.tracer(SCOPE);
        let patience = target.timeout;
        Ok(Self { shared: Arc::new(Shared { tracer, spans, meters, instruments, trouble, patience }) })
    }

    /// Tells of a run that is over. Never waits.
    pub fn record(&self, run: &RunRecord, ended_at_ms: i64) {
        let shared = &self.shared;
        shared.instruments.record(run);
        let (start, end) = times(run, ended_at_ms);
        let builder = SpanBuilder::from_name(names::span_name(run))
            .with_kind(SpanKind::Client)
            .with_start_time(start)
            .with_attributes(names::of_span(run));
        let mut span = shared.tracer.build_with_context(builder, &Context::new());
        if let Some(kind) = names::error_type(run) {
            span.set_status(Status::error(kind));
        }
        span.end_with_timestamp(end);
    }

    /// What the person should know, at most once: the collector is away, or refuses.
    pub fn notice(&self) -> Option<String> {
        self.shared.trouble.take()
    }

    /// Delivers what waits and ends. Returns after the target's timeout at the latest; what is not delivered by then
    /// is lost. Must not be called where an event loop runs.
    pub fn close(&self) {
        let (done, ended) = mpsc::sync_channel(1);
        let shared = Arc::clone(&self.shared);
        let closing = std::thread::Builder::new().name("telemetry-end".to_owned()).spawn(move || {
            let patience = shared.patience;
            // The library tells nobody; what went wrong is in `trouble`.
            shared.spans.shutdown_with_timeout(patience).ok();
            shared.meters.shutdown_with_timeout(patience).ok();
            done.send(()).ok();
        });
        if closing.is_ok() && ended.recv_timeout(self.shared.patience).is_err() {
            self.shared.trouble.happened("the collector did not answer in time; what waited is lost");
        }
    }
}

impl Instruments {
    fn new(meter: &Meter) -> Self {
        let seconds = |name, what| {
            let boundaries = SECONDS.to_vec();
            meter.f64_histogram(name).with_unit("s").with_description(what).with_boundaries(boundaries).build()
        };
        Self {
            tokens: meter
                .u64_histogram("gen_ai.client.token.usage")
                .with_unit("{token}")
                .with_description("Tokens of a run, by kind")
                .with_boundaries(TOKENS.to_vec())
                .build(),
            duration: seconds("gen_ai.client.operation.duration", "Time of a run's last attempt"),
            first_chunk: seconds("gen_ai.client.operation.time_to_first_chunk", "Time to the first output of a run"),
        }
    }

    fn record(&self, run: &RunRecord) {
        let mut of_run = names::of_metrics(run);
        if let Some(seconds) = names::first_chunk(run) {
            self.first_chunk.record(seconds, &of_run);
        }
        for (kind, count) in names::tokens(run) {
            let of_kind = [KeyValue::new("gen_ai.token.type", kind)].into_iter().chain(names::usage_source(run));
            let attributes: Vec<KeyValue> = of_run.iter().cloned().chain(of_kind).collect();
            self.tokens.record(count, &attributes);
        }
        of_run.extend(names::error_type(run).map(|kind| KeyValue::new("error.type", kind)));
        if let Some(total) = run.timing.total {
            self.duration.record(total.as_secs_f64(), &of_run);
        }
    }
}

/// When a run left the queue and when it was over. The clock may have been set back meanwhile: then what was measured
/// counts.
fn times(run: &RunRecord, ended_at_ms: i64) -> (SystemTime, SystemTime) {
    let asked = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(run.started_at_ms).unwrap_or(0));
    let start = asked + run.timing.queue.unwrap_or_default();
    let told = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(ended_at_ms).unwrap_or(0));
    (start, told.max(start + run.timing.total.unwrap_or_default()))
}

/// Who tells. `OTEL_RESOURCE_ATTRIBUTES` adds to it, as everywhere.
fn resource(target: &TelemetryTarget) -> Resource {
    Resource::builder()
        .with_service_name(target.service_name.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        // Processes that run at once must not overwrite each other's sums.
        .with_attribute(KeyValue::new("service.instance.id", uuid::Uuid::now_v7().to_string()))
        .build()
}

fn span_exporter(target: &TelemetryTarget, post: &Arc<Post>) -> Result<SpanExporter, Failure> {
    SpanExporter::builder()
        .with_http()
        .with_shared_http_client(Arc::clone(post) as _)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(target.url("traces"))
        .with_timeout(target.timeout)
        .build()
        .map_err(|error| unusable(&error))
}

fn metric_exporter(target: &TelemetryTarget, post: &Arc<Post>) -> Result<MetricExporter, Failure> {
    let adding = match target.temporality {
        Temporality::Cumulative => Adding::Cumulative,
        Temporality::Delta => Adding::Delta,
    };
    MetricExporter::builder()
        .with_http()
        .with_shared_http_client(Arc::clone(post) as _)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(target.url("metrics"))
        .with_timeout(target.timeout)
        .with_temporality(adding)
        .build()
        .map_err(|error| unusable(&error))
}

fn unusable(error: &opentelemetry_otlp::ExporterBuildError) -> Failure {
    let message = format!("telemetry cannot be sent: {error}");
    Failure::new(ErrorKind::Config, crate::domain::text::clean_line(&message), "correct [telemetry]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::tests::naming::run;

    #[test]
    fn a_span_begins_when_the_run_leaves_the_queue_and_a_clock_that_was_set_back_shortens_nothing() {
        let since = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).map(|since| since.as_millis());
        let asked = run().started_at_ms;
        let of = |ended| {
            let (start, end) = times(&run(), ended);
            (since(start).expect("after 1970"), since(end).expect("after 1970"))
        };
        let start = u128::try_from(asked + 5).expect("after 1970");
        assert_eq!(of(asked + 2000), (start, start + 1995));
        assert_eq!(of(asked - 3_600_000), (start, start + 80));
        assert_eq!(of(i64::MIN), (start, start + 80));
    }
}
