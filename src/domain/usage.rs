//! Tokens a run consumed.

use super::money::Usd;

/// Where the figures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UsageSource {
    /// The server stated them.
    Reported,
    /// Counted here with a tokenizer: the server stated none.
    Estimated,
    /// Neither stated nor countable.
    #[default]
    None,
}

impl UsageSource {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Reported, Self::Estimated, Self::None];

    /// The word of JSON and the event log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Estimated => "estimated",
            Self::None => "none",
        }
    }
}

/// Tokens of one run. What is unknown is `None`, never 0.
///
/// `cached` is part of `prompt` and `reasoning` of `completion`, as OpenAI counts them
/// (`prompt_tokens_details.cached_tokens`, `completion_tokens_details.reasoning_tokens`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// `prompt_tokens` or `input_tokens`.
    pub prompt: Option<u64>,
    /// `completion_tokens` or `output_tokens`.
    pub completion: Option<u64>,
    /// `total_tokens`, or the sum of the two where it is not stated.
    pub total: Option<u64>,
    /// Prompt tokens read from the provider's cache.
    pub cached: Option<u64>,
    /// Prompt tokens written to the provider's cache.
    pub cache_write: Option<u64>,
    /// Completion tokens spent on reasoning.
    pub reasoning: Option<u64>,
    /// What the server says the run cost.
    pub stated_cost: Option<Usd>,
    /// Where the figures come from.
    pub source: UsageSource,
}

impl Usage {
    /// Usage counted here.
    pub fn estimated(prompt: u64, completion: u64, reasoning: Option<u64>) -> Self {
        Self {
            prompt: Some(prompt),
            completion: Some(completion),
            total: Some(prompt.saturating_add(completion)),
            reasoning,
            source: UsageSource::Estimated,
            ..Self::default()
        }
    }
}
