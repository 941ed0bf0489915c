//! What answers at the end of the way: is it HTTP, is it the endpoint and not the proxy, and which models are there.

use super::checks::Checked;
use super::judge;
use super::walk::{Stopped, Walk};
use crate::domain::doctor::Measures;
use crate::domain::text::{clean_line, cut};
use crate::domain::{DoctorStage, ErrorKind, Failure, ResponseHead, StageReport};
use crate::net::staged::Way;
use crate::provider::errors::{Shape, Told};
use crate::provider::{self, Listing, Mode};

/// What the question for the models brought.
pub(super) struct Answered {
    pub(super) listing: Listing,
    /// The models' ids; `None` where there is no list.
    pub(super) models: Option<Vec<String>>,
    /// The model that is asked for, where the URL does not name it.
    pub(super) wanted: Option<String>,
}

impl Answered {
    /// True where there is a list, and the model is not in it.
    pub(super) fn lacks_model(&self) -> bool {
        match (&self.models, &self.wanted) {
            (Some(models), Some(wanted)) => !models.iter().any(|model| model == wanted),
            (None, _) | (_, None) => false,
        }
    }
}

/// Asks for the list of models, and tells of HTTP and of the models.
pub(super) async fn run(walk: &Walk<'_>, checked: &Checked, way: &Way) -> Result<Answered, Stopped> {
    walk.began(DoctorStage::Http).await;
    let call = super::calls::call(walk, checked, Mode::Plain);
    let listing = match provider::list_models(&call, &walk.practice.services).await {
        Ok(listing) => listing,
        Err(failure) => {
            walk.tell(unanswered(&failure, walk)).await?;
            return Err(Stopped);
        }
    };
    if let Some(what) = of_the_proxy(&listing, way) {
        walk.tell(proxy_answers(&listing, &what, walk, way)).await?;
    }
    let detail = format!("{} {}{}", listing.head.version, listing.head.status, server(&listing.head));
    let mut http = StageReport::ok(DoctorStage::Http, detail).took(listing.head.at);
    http.measures = headroom(&listing.head);
    walk.tell(http).await?;
    let wanted = if checked.endpoint.names_model() { None } else { walk.patient.connector.default_model.clone() };
    let models = if listing.head.status == 200 { listing.models() } else { None };
    let answered = Answered { listing, models, wanted };
    walk.tell(judge::models(&answered, &walk.places())).await?;
    Ok(answered)
}

/// What the server still allows, where it says so.
pub(super) fn headroom(head: &ResponseHead) -> Measures {
    let count = |name: &str| {
        let found = head.headers.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.trim().parse().ok())
    };
    Measures {
        remaining_requests: count("x-ratelimit-remaining-requests"),
        remaining_tokens: count("x-ratelimit-remaining-tokens"),
        ..Measures::default()
    }
}

fn server(head: &ResponseHead) -> String {
    let named = |name: &str| head.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let parts = [("server", named("server")), ("via", named("via"))];
    let told = parts.into_iter().filter_map(|(name, value)| Some(format!(", {name} {}", cut(value?, 80))));
    told.collect()
}

fn unanswered(failure: &Failure, walk: &Walk<'_>) -> StageReport {
    let stage = if failure.kind == ErrorKind::Proxy {
        DoctorStage::Proxy
    } else if failure.kind == ErrorKind::Tls {
        DoctorStage::Tls
    } else {
        DoctorStage::Http
    };
    let fix = walk.places().fix(&failure.hint, &["url"]);
    StageReport::failed(stage, failure.kind, "asked for the list of models", &failure.message).fix(fix)
}

/// Why an answer is the proxy's own, if it is. Through a tunnel only the endpoint can answer.
fn of_the_proxy(listing: &Listing, way: &Way) -> Option<String> {
    let (head, told) = (&listing.head, Told::read(&listing.body));
    let header = |name: &str| head.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let squid = header("x-squid-error").map(|error| format!(", {error}")).unwrap_or_default();
    let is_page = told.shape == Shape::Html && matches!(head.status, 403 | 502..=504);
    let is_own = head.status == 407 || !squid.is_empty() || (is_page && way.is_forwarded());
    let page = clean_line(cut(&told.message, 120).as_ref()).trim().to_owned();
    let page = if told.shape == Shape::Html && !page.is_empty() { format!(" (\"{page}\")") } else { String::new() };
    (is_own && way.proxy.is_some()).then(|| format!("{}{squid}{page}", head.status))
}

fn proxy_answers(listing: &Listing, what: &str, walk: &Walk<'_>, way: &Way) -> StageReport {
    let name = way.proxy.as_ref().map(|proxy| proxy.place.to_string()).unwrap_or_default();
    let cause = format!("the proxy {name} answers itself, not the endpoint: {what}");
    let (hint, key) = match listing.head.status {
        407 if way.proxy.as_ref().is_some_and(|proxy| proxy.login.is_some()) => {
            ("check proxy_user and what proxy_password refers to", "proxy_user")
        }
        407 => ("set proxy_user, and proxy_password to a secret reference", "proxy_user"),
        403 => (
            "ask whoever runs the proxy to allow this host, or go around it with proxy_bypass_hosts",
            "proxy_bypass_hosts",
        ),
        _ => (
            "the proxy could not reach the endpoint: check host and port of url, and whether the proxy may go there",
            "url",
        ),
    };
    let fix = walk.places().fix(hint, &[key]);
    let detail = format!("{} {}", listing.head.version, listing.head.status);
    StageReport::failed(DoctorStage::Proxy, ErrorKind::Proxy, detail, cause).fix(fix).took(listing.head.at)
}
