//! What a reply was, once it is over.

use crate::domain::{ErrorKind, Failure, RunEvent, Usage};

use super::super::errors::{About, Told, html_text, in_stream, looks_like_html};
use super::super::estimate::Sample;
use super::{Form, Oddity, Reply, sample};

/// Longest model name and finish reason that are passed on, in bytes.
const NAME_MAX: usize = 200;
/// Longest start of something unreadable that is shown, in bytes.
const SHOWN_MAX: usize = 120;

/// A reply, read to its end. The samples are as the server sent them; the rest is masked and cleaned.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The model as the reply names it.
    pub model: Option<String>,
    /// `stop`, `length`, …, as the reply names it; for Responses its status, or why it is incomplete.
    pub finish_reason: Option<String>,
    /// Usage as stated; empty where the server stated none.
    pub usage: Usage,
    /// Why the run is an error, if it is. Its status and attempts are for the sender to fill in.
    pub failure: Option<Failure>,
    /// Events that could not be read.
    pub unreadable: usize,
    /// Answer and refusal, for the token estimate as the two below.
    pub answer: Sample,
    /// Reasoning.
    pub reasoning: Sample,
    /// Names and arguments of tool calls, joined.
    pub tools: Sample,
}

impl Reply {
    /// The connection is closed, or was left after [`super::Step::Done`]. May still emit output and notes.
    pub fn finish(mut self, about: &About<'_>, out: &mut Vec<RunEvent>) -> Verdict {
        self.out.flush(out);
        let unreadable = self.errors.unreadable;
        if unreadable > 0 && self.errors.good > 0 {
            let events = if unreadable == 1 { "1 event".to_owned() } else { format!("{unreadable} events") };
            let sample = about.shown(&self.errors.sample, SHOWN_MAX);
            out.push(RunEvent::Note(format!("{events} could not be read and left out, beginning with: {sample}")));
        }
        let shown = |text: &Option<String>| text.as_deref().map(|text| about.shown(text, NAME_MAX));
        Verdict {
            model: shown(&self.facts.model),
            finish_reason: shown(&self.facts.finish_reason),
            usage: self.usage,
            failure: self.failure(about),
            unreadable,
            answer: self.out.answer,
            reasoning: self.out.reasoning,
            tools: self.out.tools,
        }
    }

    fn failure(&self, about: &About<'_>) -> Option<Failure> {
        if let Some(told) = &self.errors.told {
            return Some(in_stream(told, about));
        }
        if let Some(odd) = &self.errors.odd {
            return Some(malformed(odd, about));
        }
        match self.facts.finish_reason.as_deref() {
            Some("content_filter") => return Some(filtered(&self.facts.filtered, about)),
            Some("error") => return Some(gave_up("the provider ended the reply with an error", about)),
            Some("insufficient_system_resource") => {
                return Some(gave_up("the provider had no resources to finish the reply", about));
            }
            Some(_) | None => {}
        }
        if self.errors.good == 0 && self.errors.unreadable > 0 {
            return Some(malformed(&Oddity::NoJson(self.errors.sample.clone()), about));
        }
        let complete = match self.form {
            Form::Whole => true,
            Form::Stream => self.facts.terminated || self.facts.finish_reason.is_some(),
        };
        (!complete).then(|| self.cut(about))
    }

    fn cut(&self, about: &About<'_>) -> Failure {
        let host = about.endpoint.authority();
        let (message, hint) = if self.has_output() {
            let message = format!("the stream from {host} ended before the reply was finished");
            (message, "what arrived is kept; if it happens again, look for a time limit of a proxy or of the server")
        } else {
            let message = format!("the stream from {host} ended before any output");
            (message, "run again; if it happens again, look at the server's own log")
        };
        Failure::new(ErrorKind::StreamCut, message, hint)
    }
}

fn filtered(categories: &[String], about: &About<'_>) -> Failure {
    let told = Told {
        message: "a content filter stopped it; what arrived before is kept".to_owned(),
        code: Some("content_filter".to_owned()),
        filtered: categories.to_vec(),
        ..Told::default()
    };
    let failure = in_stream(&told, about);
    Failure { message: format!("a content filter of {} stopped the reply", about.endpoint.authority()), ..failure }
}

fn gave_up(what: &str, about: &About<'_>) -> Failure {
    let message = format!("{what} ({})", about.endpoint.authority());
    Failure::new(ErrorKind::Server, message, "what arrived is kept; run again")
}

/// What a body that is no JSON looks like.
pub(super) fn name_of_oddity(text: &str) -> Oddity {
    if looks_like_html(text) {
        return Oddity::Page(html_text(&sample(text)));
    }
    let first = text.lines().next().unwrap_or_default();
    let is_object = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok_and(|value| value.is_object());
    if text.lines().nth(1).is_some() && is_object(first) { Oddity::JsonLines } else { Oddity::NoJson(sample(text)) }
}

fn malformed(odd: &Oddity, about: &About<'_>) -> Failure {
    let host = about.endpoint.authority();
    let shown = |text: &str| about.shown(text, SHOWN_MAX);
    let native = "this is the server's own API: use its OpenAI-compatible one, usually a URL with /v1";
    let url = "check that the URL is that of an API, and not of a web page, a login or a proxy; many bases end in /v1";
    let other = "check that the URL is that of an OpenAI-compatible endpoint";
    let (what, hint) = match odd {
        Oddity::Empty => {
            ("answered 200 with an empty body".to_owned(), "check the URL, and the gateway before the server")
        }
        Oddity::Page(words) => (format!("answered 200 with a web page: {}", shown(words)), url),
        Oddity::JsonLines => ("answered 200 with JSON lines".to_owned(), native),
        Oddity::OtherProtocol => ("answered 200 in another protocol".to_owned(), native),
        Oddity::NoReply(start) => (format!("answered 200 with JSON that is no reply: {}", shown(start)), other),
        Oddity::NoJson(start) => (format!("answered 200 with something that is no JSON: {}", shown(start)), other),
    };
    Failure::new(ErrorKind::Malformed, format!("{host} {what}"), hint)
}
