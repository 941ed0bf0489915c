//! What the list of models and the plain call mean for the key, the model, the path and the call. Pure.

use super::answers::Answered;
use super::calls::Tried;
use super::checks::Checked;
use super::place::Places;
use crate::domain::text::clean_line;
use crate::domain::{DoctorStage, ErrorKind, Failure, Outcome, StageReport, UrlForm};
use crate::provider::errors::{Missing, missing};

/// Near names that are told.
const NEAR: usize = 3;

/// What the list says of the model. The call says more, later.
pub(super) fn models(answered: &Answered, places: &Places<'_>) -> StageReport {
    let stage = DoctorStage::Models;
    let Some(models) = &answered.models else {
        let why = format!("no list of models is given here (HTTP {})", answered.listing.head.status);
        return StageReport::skipped(stage, why);
    };
    let count = if models.len() == 1 { "1 model".to_owned() } else { format!("{} models", models.len()) };
    match &answered.wanted {
        None => StageReport::ok(stage, count),
        Some(wanted) if !answered.lacks_model() => {
            StageReport::ok(stage, format!("{count}, {} among them", clean_line(wanted)))
        }
        Some(wanted) => {
            let cause = format!("default_model \"{}\" is not among them", clean_line(wanted));
            let fix = places.fix(&near(wanted, models), &["default_model"]);
            StageReport::warning(stage, count, cause).fix(fix)
        }
    }
}

/// What to write instead of a model that is not there.
fn near(wanted: &str, models: &[String]) -> String {
    let lower = wanted.to_lowercase();
    let likeness = |model: &String| strsim::jaro_winkler(&model.to_lowercase(), &lower);
    let others = models.iter().filter(|model| *model != wanted);
    let mut close: Vec<(&String, f64)> = others.map(|model| (model, likeness(model))).collect();
    close.sort_by(|a, b| b.1.total_cmp(&a.1));
    let names: Vec<String> = close.iter().take(NEAR).map(|(model, _)| format!("\"{}\"", clean_line(model))).collect();
    if names.is_empty() {
        "load a model into the server".to_owned()
    } else {
        format!("set default_model to one of the list, for example {}", names.join(", "))
    }
}

/// What the list says of the key, where no call is made.
pub(super) fn auth_by_list(answered: &Answered, places: &Places<'_>) -> StageReport {
    let stage = DoctorStage::Auth;
    match answered.listing.head.status {
        status @ (401 | 403) => {
            let cause = format!("the list of models is refused (HTTP {status})");
            let fix = places.fix("check the key", &["api_key"]);
            StageReport::failed(stage, ErrorKind::Auth, format!("HTTP {status}"), cause).fix(fix)
        }
        200 => StageReport::ok(stage, "the list of models was given; some servers give it to anyone"),
        status => StageReport::skipped(stage, format!("HTTP {status} says nothing of the key")),
    }
}

/// What the plain call says: of the key, then of what else it shows to be wrong, or of itself.
pub(super) fn plain(tried: &Tried, checked: &Checked, answered: &Answered, places: &Places<'_>) -> Vec<StageReport> {
    let judge = Judge { tried, checked, answered, places };
    match (&tried.end.failure, tried.end.outcome) {
        (Some(failure), _) => judge.failed(failure),
        (None, Outcome::Ok | Outcome::Error | Outcome::Cancelled) => judge.good(),
    }
}

/// The key of the limit that a failure is about; of a quota, the key whose account it is.
pub(super) fn limit_key(failure: &Failure) -> &'static [&'static str] {
    let limits: [&[&str]; 3] = [&["first_byte_timeout"], &["idle_timeout"], &["total_timeout"]];
    let named = |keys: &&&[&str]| keys.iter().any(|key| failure.message.contains(key));
    if failure.kind == ErrorKind::Timeout {
        limits.iter().find(named).copied().unwrap_or_default()
    } else if failure.kind == ErrorKind::TooLarge {
        &["max_response_size"]
    } else if failure.kind == ErrorKind::Quota {
        &["api_key"]
    } else {
        &[]
    }
}

struct Judge<'a> {
    tried: &'a Tried,
    checked: &'a Checked,
    answered: &'a Answered,
    places: &'a Places<'a>,
}

impl Judge<'_> {
    fn good(&self) -> Vec<StageReport> {
        let mut reports = vec![self.auth_is_good()];
        let called = self.tried.end.model.as_deref().map(clean_line).unwrap_or_default();
        if self.answered.models.is_none() {
            let what = if self.checked.endpoint.names_model() { "the deployment answers" } else { "the model answers" };
            reports.push(StageReport::ok(DoctorStage::Models, format!("{what}: {called}")));
        }
        let finish = self.tried.end.finish_reason.as_deref().map(clean_line).unwrap_or_default();
        let tokens = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        let usage = &self.tried.end.usage;
        let (prompt, completion) = (tokens(usage.prompt), tokens(usage.completion));
        let detail = format!("{called} answered ({finish}), {prompt} tokens in, {completion} out");
        reports.push(self.timed(StageReport::ok(DoctorStage::Call, detail)));
        reports
    }

    fn auth_is_good(&self) -> StageReport {
        let refused_list = matches!(self.answered.listing.head.status, 401 | 403);
        match &self.checked.key {
            Some(key) if refused_list => StageReport::warning(
                DoctorStage::Auth,
                format!("{key} was accepted for the call"),
                format!("the list of models is refused to it (HTTP {})", self.answered.listing.head.status),
            ),
            Some(key) => StageReport::ok(DoctorStage::Auth, format!("{key} was accepted")),
            None => StageReport::ok(DoctorStage::Auth, "no key is sent, and none is asked for"),
        }
    }

    fn timed(&self, report: StageReport) -> StageReport {
        match self.tried.end.timing.total {
            Some(took) => report.took(took),
            None => report,
        }
    }

    fn failed(&self, failure: &Failure) -> Vec<StageReport> {
        let status = self.tried.head.as_ref().map_or(0, |head| head.status);
        let is_page = self.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let body = self.tried.refusal.as_deref().unwrap_or_default();
        let kind = failure.kind;
        let past_the_key =
            [ErrorKind::RateLimit, ErrorKind::Quota, ErrorKind::InvalidRequest, ErrorKind::ContentFilter];
        let missing = missing(body, &self.checked.endpoint);
        if kind == ErrorKind::Auth {
            vec![self.auth_failed(failure)]
        } else if matches!(status, 300..400) {
            vec![self.http_failed(failure, "")]
        } else if kind == ErrorKind::NotFound {
            vec![self.missing(failure, missing)]
        } else if kind == ErrorKind::Malformed && is_page {
            vec![self.http_failed(failure, "a web page answers instead of the API")]
        } else if kind == ErrorKind::InvalidRequest && missing == Missing::ApiVersion {
            vec![self.missing(failure, Missing::ApiVersion)]
        } else if kind == ErrorKind::InvalidRequest && self.answered.lacks_model() {
            vec![self.missing(failure, Missing::Model)]
        } else if past_the_key.contains(&kind) {
            vec![self.auth_is_good(), self.call_failed(failure)]
        } else {
            vec![self.call_failed(failure)]
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let head = self.tried.head.as_ref()?;
        head.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn report(&self, stage: DoctorStage, failure: &Failure, cause: &str, keys: &[&str]) -> StageReport {
        let detail = match failure.http_status.or(self.tried.end.http_status) {
            Some(status) => format!("HTTP {status} to the call"),
            None => "the call got no answer".to_owned(),
        };
        let cause = if cause.is_empty() { failure.message.clone() } else { format!("{cause}: {}", failure.message) };
        self.timed(StageReport::failed(stage, failure.kind, detail, cause).fix(self.places.fix_of(failure, keys)))
    }

    fn auth_failed(&self, failure: &Failure) -> StageReport {
        let keys = ["api_key"];
        let Some(mismatch) = self.checked.mismatch else {
            return self.report(DoctorStage::Auth, failure, "", &keys);
        };
        let report = self.report(DoctorStage::Auth, failure, mismatch.words(), &keys);
        report.fix(self.places.fix(mismatch.hint(), &keys))
    }

    fn http_failed(&self, failure: &Failure, cause: &str) -> StageReport {
        self.report(DoctorStage::Http, failure, cause, &["url"])
    }

    fn call_failed(&self, failure: &Failure) -> StageReport {
        let keys = limit_key(failure);
        self.report(DoctorStage::Call, failure, "", keys)
    }

    fn missing(&self, failure: &Failure, missing: Missing) -> StageReport {
        let list_is_there = self.answered.models.is_some();
        match (missing, &self.checked.endpoint.form) {
            (Missing::Deployment, UrlForm::AzureDeployment { deployment, .. }) => {
                let good = if list_is_there { "resource, key and api-version are good, but " } else { "" };
                let cause = format!("{good}there is no deployment \"{}\"", clean_line(deployment));
                let report = self.report(DoctorStage::Models, failure, &cause, &["url"]);
                let hint = "write the deployment's own name into the path of url (it is not the model's name); one made within the last 5 minutes may not answer yet";
                report.fix(self.places.fix(hint, &["url"]))
            }
            (Missing::Deployment, _) => {
                let cause = "\"model\" must be the name of a deployment, not of a model";
                let report = self.report(DoctorStage::Models, failure, cause, &["default_model"]);
                report.fix(self.places.fix("set default_model to the deployment's name", &["default_model"]))
            }
            (Missing::Model, _) => {
                let report = self.report(DoctorStage::Models, failure, "there is no such model", &["default_model"]);
                match (&self.answered.models, &self.answered.wanted) {
                    (Some(models), Some(wanted)) => {
                        report.fix(self.places.fix(&near(wanted, models), &["default_model"]))
                    }
                    (None, _) | (_, None) => report,
                }
            }
            (Missing::ApiVersion, UrlForm::AzureDeployment { api_version, .. }) if !list_is_there => {
                let cause = format!(
                    "api-version {} is unknown here, or this is no Azure OpenAI resource",
                    clean_line(api_version)
                );
                let report = self.report(DoctorStage::Http, failure, &cause, &["url"]);
                report.fix(self.places.fix("write api-version=2024-10-21 in url, and check its host", &["url"]))
            }
            (Missing::ApiVersion, _) => {
                let cause = "the api-version lacks this operation, or the path is wrong";
                let report = self.report(DoctorStage::Http, failure, cause, &["url"]);
                report.fix(self.places.fix("use a newer api-version in url, and check its path", &["url"]))
            }
            (Missing::Path, _) => self.http_failed(failure, "something answers, but not at this path"),
        }
    }
}
