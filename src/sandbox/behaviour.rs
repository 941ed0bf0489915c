//! The behaviours a model's name picks, in one table.
//!
//! Owns the names and their descriptions, which the list of models, the help and the README share.

/// One behaviour, as people read about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    /// The model (or Azure deployment) that picks it.
    pub name: &'static str,
    /// What happens, in one line.
    pub description: &'static str,
    pub(super) behaviour: Behaviour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// A whole reply that says something particular.
    Content(Content),
    /// The normal reply, sent in a particular way.
    Wire(Quirk),
    /// No reply but an error.
    Fault(Fault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Plain,
    Slow,
    Reasoning,
    Tools,
    Refusal,
    Unicode,
    Long,
    Hostile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quirk {
    Cut,
    Stall,
    NoUsage,
    NoDone,
    Burst,
    Malformed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    RateLimit,
    Quota,
    Unauthorized,
    NotFound,
    ServerError,
    ContextLength,
    ContentFilter,
}

impl Behaviour {
    /// What a model's name picks; a name not in the table gets a normal reply.
    pub(super) fn of(model: &str) -> Self {
        BEHAVIOURS
            .iter()
            .find(|described| described.name == model)
            .map_or(Self::Content(Content::Plain), |described| described.behaviour)
    }
}

const fn content(name: &'static str, content: Content, description: &'static str) -> Described {
    Described { name, description, behaviour: Behaviour::Content(content) }
}

const fn wire(name: &'static str, quirk: Quirk, description: &'static str) -> Described {
    Described { name, description, behaviour: Behaviour::Wire(quirk) }
}

const fn fault(name: &'static str, fault: Fault, description: &'static str) -> Described {
    Described { name, description, behaviour: Behaviour::Fault(fault) }
}

/// Every name that is not answered normally.
pub const BEHAVIOURS: [Described; 20] = [
    content("slow", Content::Slow, "first token after 2 s, then 5 tokens a second"),
    content("reasoning", Content::Reasoning, "thinks aloud before it answers, and counts reasoning tokens"),
    content("tools", Content::Tools, "two parallel tool calls, their arguments in pieces"),
    content("refusal", Content::Refusal, "declines, in the field made for it"),
    content("unicode", Content::Unicode, "CJK, joined emoji, combining marks and right-to-left text"),
    content("long", Content::Long, "3000 lines, a line a step at ten times the asked speed"),
    fault("rate-limit", Fault::RateLimit, "429 with retry-after: 2 and the x-ratelimit headers"),
    fault("quota", Fault::Quota, "429 insufficient_quota: waiting does not help"),
    fault("unauthorized", Fault::Unauthorized, "401, even with the right key"),
    fault("not-found", Fault::NotFound, "404: no such model or deployment"),
    fault("server-error", Fault::ServerError, "500"),
    fault("context-length", Fault::ContextLength, "400 context_length_exceeded"),
    fault("content-filter", Fault::ContentFilter, "400 content_filter, with Azure's inner error"),
    wire("cut", Quirk::Cut, "the connection is dropped in the middle, without a finish"),
    wire("stall", Quirk::Stall, "five tokens, then silence until the client leaves; unstreamed, silence"),
    wire("no-usage", Quirk::NoUsage, "a whole reply that never tells its tokens"),
    wire("no-done", Quirk::NoDone, "ends after the finish reason, without [DONE]"),
    wire("burst", Quirk::Burst, "everything in one write, after the time it would have taken"),
    wire("malformed", Quirk::Malformed, "one unreadable event among good ones; unstreamed, half a document"),
    content("hostile", Content::Hostile, "escape sequences, bidi and control characters, one huge token"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_described_in_one_line() {
        let names: HashSet<_> = BEHAVIOURS.iter().map(|described| described.name).collect();
        assert_eq!(names.len(), BEHAVIOURS.len());
        assert!(BEHAVIOURS.iter().all(|d| !d.description.is_empty() && !d.description.contains('\n')));
    }

    #[test]
    fn an_unknown_name_gets_a_normal_reply() {
        assert_eq!(Behaviour::of("gpt-4.1"), Behaviour::Content(Content::Plain));
        assert_eq!(Behaviour::of("cut"), Behaviour::Wire(Quirk::Cut));
    }
}
