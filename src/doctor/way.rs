//! The way there: name, connection, proxy, handshake, each timed and judged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::checks::Checked;
use super::place::Places;
use super::walk::{Stopped, Walk};
use crate::domain::doctor::DAYS_SOON;
use crate::domain::text::Mask;
use crate::domain::{DoctorStage, Failure, StageReport, StageStatus};
use crate::net::staged::{Advice, Answer, Broken, Open, Resolved, ResolvedBy, Steps, TlsFacts, Way};

/// Goes the way and tells its four stages.
pub(super) async fn run(walk: &Walk<'_>, checked: &Checked) -> Result<Arc<Way>, Stopped> {
    let services = &walk.practice.services;
    let (way, mask) = match crate::provider::way(&checked.endpoint.url, &walk.policy, services).await {
        Ok((way, mask)) => (Arc::new(way), mask),
        Err(failure) => {
            walk.tell(unmade(&failure, &walk.places())).await?;
            return Err(Stopped);
        }
    };
    let goer = Goer { walk, mask, way: Arc::clone(&way), steps: Steps::new(Arc::clone(&way)) };
    goer.run().await?;
    Ok(way)
}

/// Certificates or keys of the policy cannot be used: nothing can be connected with them.
fn unmade(failure: &Failure, places: &Places<'_>) -> StageReport {
    let detail = places.policy.route.to_string();
    StageReport::failed(DoctorStage::Policy, failure.kind, detail, &failure.message).fix(&failure.hint)
}

struct Goer<'a> {
    walk: &'a Walk<'a>,
    /// A proxy may repeat what it was told.
    mask: Mask,
    way: Arc<Way>,
    steps: Steps,
}

impl Goer<'_> {
    async fn run(&self) -> Result<(), Stopped> {
        let resolved = self.resolve().await?;
        let open = self.connect(&resolved).await?;
        let open = self.enter_proxy(open, &resolved).await?;
        self.shake(open).await
    }

    async fn resolve(&self) -> Result<Resolved, Stopped> {
        let began = self.begin(DoctorStage::Dns).await;
        let resolved = match self.steps.resolve().await {
            Ok(resolved) => resolved,
            Err(broken) => return self.failed(&broken, began).await,
        };
        let addresses: Vec<String> = resolved.first.iter().take(4).map(|one| one.ip().to_string()).collect();
        let how = match resolved.by {
            ResolvedBy::System => "",
            ResolvedBy::Literal => " (given as an address)",
            ResolvedBy::Policy => " (fixed by resolve)",
        };
        let detail = format!("{}{} is {}{how}", self.whose(), self.way.first().host, addresses.join(", "));
        self.walk.tell(StageReport::ok(DoctorStage::Dns, detail).took(began.elapsed())).await?;
        Ok(resolved)
    }

    async fn connect(&self, resolved: &Resolved) -> Result<Open, Stopped> {
        let began = self.begin(DoctorStage::Tcp).await;
        match self.steps.connect(resolved).await {
            Ok((open, address)) => {
                let detail = format!("connected to {}{address}", self.whose());
                self.walk.tell(StageReport::ok(DoctorStage::Tcp, detail).took(began.elapsed())).await?;
                Ok(open)
            }
            Err(broken) => self.failed(&broken, began).await,
        }
    }

    async fn enter_proxy(&self, open: Open, resolved: &Resolved) -> Result<Open, Stopped> {
        let began = self.begin(DoctorStage::Proxy).await;
        match self.steps.enter_proxy(open, resolved).await {
            Ok((open, facts)) => {
                self.walk.tell(self.proxy(facts.as_ref(), began.elapsed())).await?;
                Ok(open)
            }
            Err(broken) => self.failed(&broken, began).await,
        }
    }

    async fn shake(&self, open: Open) -> Result<(), Stopped> {
        let began = self.begin(DoctorStage::Tls).await;
        match self.steps.handshake(open).await {
            Ok((_open, facts)) => self.walk.tell(tls(facts.as_ref(), began.elapsed(), &self.walk.places())).await,
            Err(broken) => self.failed(&broken, began).await,
        }
    }

    fn whose(&self) -> &'static str {
        if self.way.proxy.is_some() { "the proxy " } else { "" }
    }

    async fn begin(&self, stage: DoctorStage) -> Instant {
        self.walk.began(stage).await;
        Instant::now()
    }

    /// Tells the failure; it ends the way.
    async fn failed<T>(&self, broken: &Broken, began: Instant) -> Result<T, Stopped> {
        let advice = Advice::of(broken, &self.way);
        let detail = match &self.way.proxy {
            Some(proxy) => format!("{} through {}://{}", self.way.target, proxy.kind.scheme(), proxy.place),
            None => self.way.target.to_string(),
        };
        let report = StageReport::failed(broken.step.stage(), advice.kind, detail, self.mask.apply(&advice.message));
        let fix = self.walk.places().fix(&advice.hint, advice.keys);
        self.walk.tell(report.fix(fix).took(began.elapsed())).await?;
        Err(Stopped)
    }

    fn proxy(&self, facts: Option<&TlsFacts>, took: Duration) -> StageReport {
        let stage = DoctorStage::Proxy;
        let Some(proxy) = &self.way.proxy else {
            return StageReport::skipped(stage, format!("none: {}", self.walk.policy.route));
        };
        let name = format!("{}://{}", proxy.kind.scheme(), proxy.place);
        let inside = facts.map(|facts| format!(", inside {}", session(facts))).unwrap_or_default();
        let what = if self.way.is_forwarded() {
            format!("{name} gets the request itself: http has no tunnel{inside}")
        } else {
            format!("{name} opened a tunnel to {}{inside}", self.way.target)
        };
        StageReport::ok(stage, what).took(took)
    }
}

fn session(facts: &TlsFacts) -> String {
    let Some(session) = &facts.session else { return "TLS".to_owned() };
    let alpn = session.alpn.as_ref().map(|alpn| format!(", {alpn}")).unwrap_or_default();
    format!("{}, {}{alpn}", session.version, session.suite)
}

/// The handshake with the target: what was agreed on, the certificate, and what is worth a word.
fn tls(facts: Option<&TlsFacts>, took: Duration, places: &Places<'_>) -> StageReport {
    let stage = DoctorStage::Tls;
    let Some(facts) = facts else { return StageReport::skipped(stage, "http has no TLS") };
    let mut seen = vec![session(facts)];
    let mut report = StageReport::ok(stage, "").took(took);
    if let Some(leaf) = facts.chain.first() {
        let days = leaf.days_left(Timestamp::now().as_second());
        seen.push(format!("certificate of \"{}\" by \"{}\"", leaf.subject, leaf.issuer));
        if !leaf.names.is_empty() {
            seen.push(format!("for {}", leaf.names.join(" ")));
        }
        report.measures.days_left = Some(days);
        seen.push(format!("{days} days left"));
        seen.push(format!("chain of {}", facts.chain.len()));
        if days < DAYS_SOON {
            report = report.warn(&format!("the certificate has {days} days left"), "have it renewed");
        }
    }
    match facts.asked.as_ref().map(|asked| asked.answer) {
        Some(Answer::Sent) => seen.push("a client certificate was asked for, and sent".to_owned()),
        Some(Answer::Nothing) => {
            let fix = places.fix("set client_cert and client_key if the server refuses you", &["client_cert"]);
            report = report.warn("a client certificate was asked for, and there is none to send", &fix);
        }
        None => seen.push("no client certificate asked for".to_owned()),
    }
    if let Some(Err(error)) = &facts.strict {
        let problem = crate::net::doubt(error);
        report = report.warn(&format!("full verification would fail: the certificate {problem}"), "");
    }
    report.detail = seen.join(", ");
    report
}

impl StageReport {
    /// The same as a warning; what was told before stays in front.
    fn warn(self, cause: &str, fix: &str) -> Self {
        let cause = self.cause.as_ref().map_or_else(|| cause.to_owned(), |before| format!("{before}; {cause}"));
        let fix = self.fix.clone().or(Some(fix.to_owned()).filter(|fix| !fix.is_empty()));
        Self { status: StageStatus::Warning, cause: Some(cause), fix, ..self }
    }
}
