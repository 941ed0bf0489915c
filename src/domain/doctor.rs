//! The words of the doctor: its stages, how each ended, and the report of one examination.
//!
//! What a stage does is the doctor's affair; here is what it tells, and the one text of it that screen, command and
//! ticket share.

use std::time::Duration;

use super::failure::ErrorKind;
use super::timing::millis;

mod probe;
mod text;

pub use probe::Probe;

/// A stage, in the order they are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DoctorStage {
    /// URL and body can be read.
    Config,
    /// Every secret reference resolves.
    Secrets,
    /// The policy can hold, and allows the host.
    Policy,
    /// Names become addresses.
    Dns,
    /// A connection to the server, or to the proxy.
    Tcp,
    /// The proxy's own TLS, and the way through it.
    Proxy,
    /// The handshake with the server.
    Tls,
    /// An answer in HTTP, from the endpoint itself.
    Http,
    /// The key is accepted.
    Auth,
    /// The model or the deployment exists.
    Models,
    /// A short plain call.
    Call,
    /// A short streamed call.
    Stream,
    /// Tokens are reported.
    Usage,
}

impl DoctorStage {
    /// Every stage, in order.
    pub const ALL: [Self; 13] = [
        Self::Config,
        Self::Secrets,
        Self::Policy,
        Self::Dns,
        Self::Tcp,
        Self::Proxy,
        Self::Tls,
        Self::Http,
        Self::Auth,
        Self::Models,
        Self::Call,
        Self::Stream,
        Self::Usage,
    ];

    /// The word of JSON and the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Secrets => "secrets",
            Self::Policy => "policy",
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Http => "http",
            Self::Auth => "auth",
            Self::Models => "models",
            Self::Call => "call",
            Self::Stream => "stream",
            Self::Usage => "usage",
        }
    }
}

/// How a stage ended. The order is that of badness; what was skipped says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StageStatus {
    /// It was not gone through, and says why.
    Skipped,
    /// Good.
    Ok,
    /// It works, and something is worth knowing.
    Warning,
    /// It does not work.
    Failed,
}

impl StageStatus {
    /// The word of JSON and the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// What a stage tells. Its texts are masked and free of control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageReport {
    /// Which.
    pub stage: DoctorStage,
    /// How it ended.
    pub status: StageStatus,
    /// How long it took; `None` where nothing was waited for.
    pub took: Option<Duration>,
    /// What was seen.
    pub detail: String,
    /// What that means, where it is not good.
    pub cause: Option<String>,
    /// What to change, and where.
    pub fix: Option<String>,
    /// What kind of failure it is.
    pub kind: Option<ErrorKind>,
    /// Figures worth following over time.
    pub measures: Measures,
}

/// A certificate that is valid for fewer days needs a look: time enough to have it renewed by hand.
pub const DAYS_SOON: i64 = 21;

/// Figures of a stage that are worth following over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measures {
    /// Whole days the server's certificate is still valid; negative once it has expired.
    pub days_left: Option<i64>,
    /// Requests the server still allows in its window (`x-ratelimit-remaining-requests`).
    pub remaining_requests: Option<u64>,
    /// Tokens it still allows (`x-ratelimit-remaining-tokens`).
    pub remaining_tokens: Option<u64>,
}

impl StageReport {
    /// A stage that is good.
    pub fn ok(stage: DoctorStage, detail: impl Into<String>) -> Self {
        Self {
            stage,
            status: StageStatus::Ok,
            took: None,
            detail: detail.into(),
            cause: None,
            fix: None,
            kind: None,
            measures: Measures::default(),
        }
    }

    /// A stage that was not gone through.
    pub fn skipped(stage: DoctorStage, why: impl Into<String>) -> Self {
        Self { status: StageStatus::Skipped, ..Self::ok(stage, why) }
    }

    /// A stage that works, with something worth knowing.
    pub fn warning(stage: DoctorStage, detail: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { status: StageStatus::Warning, cause: Some(cause.into()), ..Self::ok(stage, detail) }
    }

    /// A stage that failed.
    pub fn failed(stage: DoctorStage, kind: ErrorKind, detail: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { status: StageStatus::Failed, kind: Some(kind), ..Self::warning(stage, detail, cause) }
    }

    /// The same with what to change; an empty text changes nothing.
    #[must_use]
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()).filter(|fix| !fix.is_empty()), ..self }
    }

    /// The same with how long it took.
    #[must_use]
    pub fn took(self, took: Duration) -> Self {
        Self { took: Some(took), ..self }
    }

    /// Milliseconds, as JSON shows them.
    pub fn ms(&self) -> Option<f64> {
        self.took.map(millis)
    }
}

/// Which way was examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// The connector as it is configured.
    Configured,
    /// The same without its proxy.
    WithoutProxy,
}

/// What the doctor tells while it works. `Ended` comes exactly once, last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DoctorEvent {
    /// A stage begins.
    Began(Lane, DoctorStage),
    /// A stage ended. A later report of the same stage takes its place: a key that a list did not check is checked by
    /// the call.
    Told(Lane, Box<StageReport>),
    /// It is over.
    Ended {
        /// Whether it was stopped before its end.
        outcome: DoctorOutcome,
        /// What comparing both ways says of the proxy.
        proxy: Option<String>,
    },
}

/// How far an examination goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To a streamed call and its usage.
    Calls,
    /// To the list of models: nothing that has a price.
    Models,
}

/// Whether an examination came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoctorOutcome {
    /// It did.
    Complete,
    /// It was cancelled.
    Cancelled,
}

/// The stages of one way, as far as they were told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examination {
    /// In order; one a stage.
    pub stages: Vec<StageReport>,
    /// Stages that go on now.
    pub running: Vec<DoctorStage>,
}

impl Examination {
    /// The worst status; skipped where no stage says anything.
    pub fn verdict(&self) -> StageStatus {
        self.stages.iter().map(|stage| stage.status).max().unwrap_or(StageStatus::Skipped)
    }

    /// The first stage that failed.
    pub fn failure(&self) -> Option<&StageReport> {
        self.stages.iter().find(|stage| stage.status == StageStatus::Failed)
    }

    /// The first stage that failed, else the first with a warning.
    pub fn complaint(&self) -> Option<&StageReport> {
        let warning = || self.stages.iter().find(|stage| stage.status == StageStatus::Warning);
        self.failure().or_else(warning)
    }

    /// What a stage told.
    pub fn stage(&self, stage: DoctorStage) -> Option<&StageReport> {
        self.stages.iter().find(|report| report.stage == stage)
    }

    /// Takes in what a stage tells.
    pub fn tell(&mut self, report: StageReport) {
        self.running.retain(|stage| *stage != report.stage);
        match self.stages.binary_search_by_key(&report.stage, |known| known.stage) {
            Ok(at) => {
                if let Some(known) = self.stages.get_mut(at) {
                    *known = report;
                }
            }
            Err(at) => self.stages.insert(at, report),
        }
    }
}

/// One examination of a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorReport {
    /// The connector's id.
    pub connector: String,
    /// As it is configured.
    pub configured: Examination,
    /// The same without its proxy, where it has one.
    pub without_proxy: Option<Examination>,
    /// What comparing both says of the proxy.
    pub proxy: Option<String>,
    /// How it ended; `None` while it goes on.
    pub outcome: Option<DoctorOutcome>,
}

impl DoctorReport {
    /// A report that nothing was told to yet.
    pub fn new(connector: impl Into<String>) -> Self {
        Self {
            connector: connector.into(),
            configured: Examination::default(),
            without_proxy: None,
            proxy: None,
            outcome: None,
        }
    }

    /// Takes in what happened.
    pub fn apply(&mut self, event: DoctorEvent) {
        match event {
            DoctorEvent::Began(lane, stage) => {
                let running = &mut self.lane_mut(lane).running;
                if !running.contains(&stage) {
                    running.push(stage);
                }
            }
            DoctorEvent::Told(lane, report) => self.lane_mut(lane).tell(*report),
            DoctorEvent::Ended { outcome, proxy } => {
                self.configured.running.clear();
                if let Some(other) = &mut self.without_proxy {
                    other.running.clear();
                }
                self.outcome = Some(outcome);
                self.proxy = proxy;
            }
        }
    }

    /// The stages of a way.
    pub fn lane(&self, lane: Lane) -> Option<&Examination> {
        match lane {
            Lane::Configured => Some(&self.configured),
            Lane::WithoutProxy => self.without_proxy.as_ref(),
        }
    }

    fn lane_mut(&mut self, lane: Lane) -> &mut Examination {
        match lane {
            Lane::Configured => &mut self.configured,
            Lane::WithoutProxy => self.without_proxy.get_or_insert_default(),
        }
    }

    /// The worst status of the connector as it is configured. The other way is for comparison.
    pub fn verdict(&self) -> StageStatus {
        self.configured.verdict()
    }

    /// The exit code of the command: that of the first failure's kind.
    pub fn exit_code(&self) -> u8 {
        let failure = self.configured.failure();
        failure.map_or(0, |stage| stage.kind.unwrap_or(ErrorKind::Internal).exit_code())
    }

    /// The whole report as plain text, fit for a ticket.
    pub fn text(&self) -> String {
        text::report(self)
    }
}

/// One stage as lines of plain text.
pub fn stage_lines(report: &StageReport) -> Vec<String> {
    text::stage(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(stage: DoctorStage, status: StageStatus) -> DoctorEvent {
        let report = match status {
            StageStatus::Ok => StageReport::ok(stage, "fine"),
            StageStatus::Skipped => StageReport::skipped(stage, "not reached"),
            StageStatus::Warning => StageReport::warning(stage, "seen", "so"),
            StageStatus::Failed => StageReport::failed(stage, ErrorKind::Auth, "seen", "so").fix("do"),
        };
        DoctorEvent::Told(Lane::Configured, Box::new(report))
    }

    #[test]
    fn stages_keep_their_order_and_a_later_word_takes_the_place() {
        let mut report = DoctorReport::new("x");
        report.apply(DoctorEvent::Began(Lane::Configured, DoctorStage::Auth));
        report.apply(told(DoctorStage::Models, StageStatus::Ok));
        report.apply(told(DoctorStage::Auth, StageStatus::Ok));
        report.apply(told(DoctorStage::Auth, StageStatus::Failed));
        let stages: Vec<_> = report.configured.stages.iter().map(|stage| (stage.stage, stage.status)).collect();
        assert_eq!(stages, [(DoctorStage::Auth, StageStatus::Failed), (DoctorStage::Models, StageStatus::Ok)]);
        assert!(report.configured.running.is_empty());
        assert_eq!((report.verdict(), report.exit_code()), (StageStatus::Failed, 4));
    }

    #[test]
    fn the_verdict_is_the_worst_and_skipped_says_nothing() {
        let mut report = DoctorReport::new("x");
        assert_eq!(report.verdict(), StageStatus::Skipped);
        report.apply(told(DoctorStage::Config, StageStatus::Ok));
        report.apply(told(DoctorStage::Proxy, StageStatus::Skipped));
        assert_eq!((report.verdict(), report.exit_code()), (StageStatus::Ok, 0));
        report.apply(told(DoctorStage::Usage, StageStatus::Warning));
        assert_eq!((report.verdict(), report.exit_code()), (StageStatus::Warning, 0));
    }

    #[test]
    fn the_text_is_fit_for_a_ticket() {
        let mut report = DoctorReport::new("gw");
        report.apply(told(DoctorStage::Config, StageStatus::Ok));
        let failed = StageReport::failed(DoctorStage::Tcp, ErrorKind::Connect, "10.0.0.1:443", "h:443 refused")
            .fix("start it")
            .took(Duration::from_micros(1500));
        report.apply(DoctorEvent::Told(Lane::Configured, Box::new(failed)));
        report.apply(DoctorEvent::Told(Lane::WithoutProxy, Box::new(StageReport::ok(DoctorStage::Tcp, "fine"))));
        let proxy = Some("the proxy is to blame".to_owned());
        report.apply(DoctorEvent::Ended { outcome: DoctorOutcome::Complete, proxy });
        assert_eq!(
            report.text(),
            "switchboard doctor gw: failed at tcp (connect)\n\
             \n\
             config   ok                   fine\n\
             tcp      failed       1.5 ms  10.0.0.1:443\n\
             \x20        cause: h:443 refused\n\
             \x20        fix:   start it\n\
             \n\
             the same without the proxy: ok\n\
             \n\
             tcp      ok                   fine\n\
             \n\
             the proxy is to blame\n"
        );
    }
}
