//! What a reply says and how fast, before any protocol gives it a shape.

use std::time::Duration;

use serde_json::Value;

use super::Options;
use super::behaviour::{Behaviour, Content, Quirk};
use super::request::Ask;
use super::texts;

/// The most characters one token of ours may have.
const TOKEN_CHARS: usize = 6;
/// Slower than anything in practice, so that a division by it stays finite.
const SLOWEST: f64 = 0.001;

/// A call of a tool that the client is asked to make.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tool {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) arguments: &'static str,
}

/// The parallel calls of the `tools` behaviour.
pub(super) const TOOLS: &[Tool] = &[
    Tool { id: "call_sandbox_1", name: "get_weather", arguments: r#"{"city":"Reykjavík","unit":"celsius"}"# },
    Tool { id: "call_sandbox_2", name: "get_time", arguments: r#"{"zone":"Atlantic/Reykjavik"}"# },
];

/// One token of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Reasoning(String),
    Text(String),
    Refusal(String),
    /// A call begins; its arguments follow.
    ToolOpen(usize, &'static Tool),
    ToolArguments(usize, String),
}

/// Why a reply ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    Stop,
    Length,
    ToolCalls,
}

impl Finish {
    /// The word of `finish_reason`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
        }
    }
}

/// Delay of the first token and between the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tempo {
    pub(super) first: Duration,
    pub(super) gap: Duration,
}

impl Tempo {
    pub(super) fn of(options: &Options, behaviour: Behaviour) -> Self {
        let gap = gap(options.tokens_per_second);
        match behaviour {
            Behaviour::Content(Content::Slow) => {
                Self { first: Duration::from_secs(2), gap: Duration::from_millis(200) }
            }
            Behaviour::Content(Content::Long) => Self { first: options.first_token, gap: gap / 10 },
            Behaviour::Content(_) | Behaviour::Wire(_) | Behaviour::Fault(_) => {
                Self { first: options.first_token, gap }
            }
        }
    }

    /// How long a number of tokens takes from the request on.
    pub(super) fn total(self, tokens: usize) -> Duration {
        let gaps = u32::try_from(tokens.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first.saturating_add(self.gap.saturating_mul(gaps))
    }
}

fn gap(tokens_per_second: f64) -> Duration {
    if tokens_per_second.is_finite() && tokens_per_second > 0.0 {
        Duration::from_secs_f64(1.0 / tokens_per_second.max(SLOWEST))
    } else {
        Duration::ZERO
    }
}

/// A reply: its tokens and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Script {
    pub(super) pieces: Vec<Piece>,
    pub(super) finish: Finish,
}

impl Script {
    pub(super) fn of(behaviour: Behaviour, ask: &Ask) -> Self {
        let mut pieces = pieces(behaviour, ask);
        let finish = match ask.limit {
            Some(limit) if limit < pieces.len() => {
                pieces.truncate(limit);
                Finish::Length
            }
            Some(_) | None if behaviour == Behaviour::Content(Content::Tools) => Finish::ToolCalls,
            Some(_) | None => Finish::Stop,
        };
        Self { pieces, finish }
    }

    /// The whole text of the pieces that a picker takes.
    pub(super) fn joined(&self, pick: impl Fn(&Piece) -> Option<&str>) -> String {
        self.pieces.iter().filter_map(pick).collect()
    }

    pub(super) fn text(&self) -> String {
        self.joined(Piece::text)
    }

    pub(super) fn reasoning(&self) -> String {
        self.joined(Piece::reasoning)
    }

    pub(super) fn refusal(&self) -> String {
        self.joined(Piece::refusal)
    }

    /// The calls that were opened, each with the arguments that came.
    pub(super) fn calls(&self) -> Vec<(usize, &'static Tool, String)> {
        let opened = self.pieces.iter().filter_map(|piece| match piece {
            Piece::ToolOpen(index, tool) => Some((*index, *tool)),
            Piece::Reasoning(_) | Piece::Text(_) | Piece::Refusal(_) | Piece::ToolArguments(..) => None,
        });
        opened.map(|(index, tool)| (index, tool, self.joined(|piece| piece.arguments(index)))).collect()
    }
}

impl Piece {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Reasoning(_) | Self::Refusal(_) | Self::ToolOpen(..) | Self::ToolArguments(..) => None,
        }
    }

    fn reasoning(&self) -> Option<&str> {
        match self {
            Self::Reasoning(text) => Some(text),
            Self::Text(_) | Self::Refusal(_) | Self::ToolOpen(..) | Self::ToolArguments(..) => None,
        }
    }

    fn refusal(&self) -> Option<&str> {
        match self {
            Self::Refusal(text) => Some(text),
            Self::Text(_) | Self::Reasoning(_) | Self::ToolOpen(..) | Self::ToolArguments(..) => None,
        }
    }

    fn arguments(&self, call: usize) -> Option<&str> {
        match self {
            Self::ToolArguments(index, text) if *index == call => Some(text),
            Self::ToolArguments(..) | Self::Text(_) | Self::Reasoning(_) | Self::Refusal(_) | Self::ToolOpen(..) => {
                None
            }
        }
    }
}

/// Tokens counted for a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) prompt: u64,
    /// The reasoning included.
    pub(super) completion: u64,
    pub(super) reasoning: u64,
}

impl Tally {
    pub(super) fn of(script: &Script, prompt: u64) -> Self {
        let reasoning = script.pieces.iter().filter(|piece| piece.reasoning().is_some()).count() as u64;
        Self { prompt, completion: script.pieces.len() as u64, reasoning }
    }

    /// As Chat Completions and Completions write it.
    pub(super) fn as_chat(self) -> Value {
        serde_json::json!({
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": self.reasoning, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
        })
    }

    /// As Responses writes it.
    pub(super) fn as_responses(self) -> Value {
        serde_json::json!({
            "input_tokens": self.prompt,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": self.completion,
            "output_tokens_details": {"reasoning_tokens": self.reasoning},
            "total_tokens": self.prompt + self.completion,
        })
    }
}

/// Cuts text into tokens: a word with the white space before it, long words in pieces. They may end
/// inside a grapheme, as real ones do.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = String> {
    let mut characters = text.chars().peekable();
    std::iter::from_fn(move || {
        let mut token = String::new();
        while let Some(space) = characters.next_if(|c| c.is_whitespace()) {
            token.push(space);
        }
        for _ in 0..TOKEN_CHARS {
            let Some(letter) = characters.next_if(|c| !c.is_whitespace()) else { break };
            token.push(letter);
        }
        (!token.is_empty()).then_some(token)
    })
}

fn pieces(behaviour: Behaviour, ask: &Ask) -> Vec<Piece> {
    match behaviour {
        Behaviour::Content(content) => content_pieces(content, ask),
        Behaviour::Wire(
            Quirk::Cut | Quirk::Stall | Quirk::NoUsage | Quirk::NoDone | Quirk::Burst | Quirk::Malformed,
        ) => text(&texts::plain(&ask.said)),
        Behaviour::Fault(_) => Vec::new(),
    }
}

fn content_pieces(content: Content, ask: &Ask) -> Vec<Piece> {
    match content {
        Content::Plain | Content::Slow => text(&texts::plain(&ask.said)),
        Content::Reasoning => tokens(texts::THOUGHTS).map(Piece::Reasoning).chain(text(texts::CONCLUSION)).collect(),
        Content::Tools => TOOLS.iter().enumerate().flat_map(|(index, tool)| call(index, tool)).collect(),
        Content::Refusal => tokens(texts::REFUSAL).map(Piece::Refusal).collect(),
        Content::Unicode => text(texts::UNICODE),
        Content::Long => (1..=texts::LONG_LINES).map(|number| Piece::Text(texts::long_line(number))).collect(),
        Content::Hostile => {
            let huge = Piece::Text("W".repeat(texts::HUGE));
            text(texts::HOSTILE).into_iter().chain([huge, Piece::Text("\nThe end.".into())]).collect()
        }
    }
}

fn text(text: &str) -> Vec<Piece> {
    tokens(text).map(Piece::Text).collect()
}

fn call(index: usize, tool: &'static Tool) -> Vec<Piece> {
    let arguments = tokens(tool.arguments).map(|piece| Piece::ToolArguments(index, piece));
    std::iter::once(Piece::ToolOpen(index, tool)).chain(arguments).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sandbox::request::{Mode, UsageShown};

    fn ask(limit: Option<usize>) -> Ask {
        Ask {
            model: "m".into(),
            mode: Mode::Streamed,
            usage: UsageShown::Shown,
            limit,
            prompt_tokens: 5,
            said: "Hello world".into(),
        }
    }

    proptest! {
        #[test]
        fn tokens_lose_nothing(text in any::<String>()) {
            prop_assert_eq!(tokens(&text).collect::<String>(), text);
        }
    }

    #[test]
    fn a_token_keeps_the_space_before_it() {
        assert_eq!(tokens("a big  elephants\n").collect::<Vec<_>>(), ["a", " big", "  elepha", "nts", "\n"]);
    }

    #[test]
    fn a_limit_ends_a_reply_early_and_says_so() {
        let script = Script::of(Behaviour::of("reasoning"), &ask(Some(3)));
        assert_eq!((script.pieces.len(), script.finish), (3, Finish::Length));
        assert_eq!(Tally::of(&script, 5), Tally { prompt: 5, completion: 3, reasoning: 3 });
    }

    #[test]
    fn the_calls_put_their_arguments_together() {
        let script = Script::of(Behaviour::of("tools"), &ask(None));
        let arguments: Vec<_> = script.calls().into_iter().map(|(_, _, arguments)| arguments).collect();
        assert_eq!(arguments, TOOLS.iter().map(|tool| tool.arguments).collect::<Vec<_>>());
        assert_eq!(script.finish, Finish::ToolCalls);
    }

    #[test]
    fn a_speed_that_is_none_means_no_pause() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(gap(speed), Duration::ZERO);
        }
        assert_eq!(gap(50.0), Duration::from_millis(20));
        assert!(gap(f64::MIN_POSITIVE) <= Duration::from_secs(1000));
    }

    #[test]
    fn slow_is_slow_whatever_was_asked() {
        let fast = Options { first_token: Duration::ZERO, tokens_per_second: 1e6, ..Options::default() };
        let tempo = Tempo::of(&fast, Behaviour::of("slow"));
        assert_eq!(tempo.total(6), Duration::from_secs(3));
    }
}
