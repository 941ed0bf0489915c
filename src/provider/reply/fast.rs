//! The common events of a stream, read without building a tree.
//!
//! Everything odd is left to the full reader: these types hold what an ordinary chunk has, borrowed from its
//! text, and any other shape of a field makes the parse fail or the chunk be passed on.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{IgnoredAny, SeqAccess, Visitor};

use crate::domain::RunEvent;

use super::{Reply, Step};

/// Serde borrows inside an `Option` only through a type of one's own.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    choices: Choices<'a>,
    usage: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
    r#type: Option<IgnoredAny>,
    x_groq: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    index: Option<u32>,
    #[serde(borrow)]
    delta: Option<Piece<'a>>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Text<'a>>,
    message: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Piece<'a> {
    #[serde(borrow)]
    content: Option<Text<'a>>,
    #[serde(borrow)]
    reasoning_content: Option<Text<'a>>,
    #[serde(borrow)]
    reasoning: Option<Text<'a>>,
    reasoning_details: Option<IgnoredAny>,
    refusal: Option<IgnoredAny>,
    tool_calls: Option<IgnoredAny>,
    function_call: Option<IgnoredAny>,
}

/// Exactly one choice; anything else is for the full reader.
struct Choices<'a>(Choice<'a>);

struct OneChoice;

impl<'de> Visitor<'de> for OneChoice {
    type Value = Choices<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one choice")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Choices<'de>, A::Error> {
        let first = items.next_element()?.ok_or_else(|| serde::de::Error::custom("no choice"))?;
        match items.next_element::<IgnoredAny>()? {
            Some(_) => Err(serde::de::Error::custom("more than one choice")),
            None => Ok(Choices(first)),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Choices<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OneChoice)
    }
}

/// A piece of text in a Responses stream.
#[derive(Deserialize)]
struct TextDelta<'a> {
    #[serde(borrow)]
    r#type: Text<'a>,
    #[serde(borrow)]
    delta: Text<'a>,
}

impl Reply {
    /// Takes in the event, if it is an ordinary one.
    #[inline]
    pub(super) fn fast_frame(&mut self, event: &str, data: &str, out: &mut Vec<RunEvent>) -> Option<Step> {
        if event == "message" && !data.starts_with("{\"type\"") {
            return self.fast_chunk(data, out);
        }
        if event.rsplit_once('.').is_some_and(|(_, last)| last == "delta") || data.starts_with("{\"type\":\"response.")
        {
            return self.fast_response(data, out);
        }
        None
    }

    fn fast_chunk(&mut self, data: &str, out: &mut Vec<RunEvent>) -> Option<Step> {
        let chunk: Chunk<'_> = serde_json::from_str(data).ok()?;
        let Choices(choice) = chunk.choices;
        let odd = [chunk.usage, chunk.error, chunk.r#type, chunk.x_groq, choice.message, choice.error];
        if odd.iter().any(Option::is_some) || choice.index.unwrap_or(0) != 0 {
            return None;
        }
        if let Some(delta) = &choice.delta {
            let odd = [&delta.reasoning_details, &delta.refusal, &delta.tool_calls, &delta.function_call];
            if odd.into_iter().any(Option::is_some) {
                return None;
            }
        }
        // An empty reason is none; `content_filter` comes with results that the full reader looks at.
        let reason = choice.finish_reason.as_ref().map_or("", |reason| &reason.0);
        if reason == "content_filter" || reason == "error" {
            return None;
        }
        self.errors.good += 1;
        self.named(chunk.model.as_ref().map_or("", |model| &model.0));
        if let Some(delta) = choice.delta {
            if let Some(reasoning) = delta.reasoning_content.filter(|text| !text.0.is_empty()).or(delta.reasoning) {
                self.out.reasoning(&reasoning.0, out);
            }
            if let Some(content) = text_of(delta.content) {
                self.out.content(&content, out);
            }
        } else if let Some(content) = text_of(choice.text) {
            self.out.content(&content, out);
        }
        self.finished(reason);
        Some(Step::Continue)
    }

    fn fast_response(&mut self, data: &str, out: &mut Vec<RunEvent>) -> Option<Step> {
        let event: TextDelta<'_> = serde_json::from_str(data).ok()?;
        let text = &event.delta.0;
        match &*event.r#type.0 {
            "response.output_text.delta" => self.out.content(text, out),
            "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => self.out.reasoning(text, out),
            "response.refusal.delta" => self.out.refusal(text, out),
            _ => return None,
        }
        self.errors.good += 1;
        Some(Step::Continue)
    }
}

fn text_of(text: Option<Text<'_>>) -> Option<Cow<'_, str>> {
    text.map(|text| text.0).filter(|text| !text.is_empty())
}
