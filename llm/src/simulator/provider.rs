//! The names of the protocols, and the targets of scripts.

use std::fmt;

/// A wire protocol of the simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Provider {
    /// OpenAI's chat completions.
    OpenAi,
    /// OpenAI's responses.
    OpenAiResponses,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's own `generateContent` and `streamGenerateContent`.
    Gemini,
    /// Gemini's OpenAI-compatible endpoint: OpenAI's answers, but Google's errors.
    GeminiOpenAi,
}

impl Provider {
    /// All protocols, for tests that cover each of them.
    pub const ALL: [Self; 5] = [Self::OpenAi, Self::OpenAiResponses, Self::Anthropic, Self::Gemini, Self::GeminiOpenAi];

    /// Returns the path of the base URL for clients, with a closing slash.
    pub const fn base_path(self) -> &'static str {
        match self {
            Self::OpenAi | Self::OpenAiResponses | Self::Anthropic => "/v1/",
            Self::Gemini => "/v1beta/",
            Self::GeminiOpenAi => "/v1beta/openai/",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenAi => "OpenAI",
            Self::OpenAiResponses => "OpenAI (responses)",
            Self::Anthropic => "Anthropic",
            Self::Gemini => "Gemini",
            Self::GeminiOpenAi => "Gemini (OpenAI-compatible)",
        })
    }
}

/// The requests to which a script applies: those of a model, of a provider, of both, or all.
///
/// ```
/// use catena_llm::simulator::{Provider, Target};
///
/// let by_model: Target = "gpt-4o".into();
/// let by_provider: Target = Provider::Anthropic.into();
/// let by_both: Target = (Provider::GeminiOpenAi, "gemini-2.5-flash").into();
/// # let _ = (by_model, by_provider, by_both, Target::any());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    provider: Option<Provider>,
    model: Option<String>,
    /// `true` if `model` is a prefix of the name.
    prefix: bool,
}

impl Target {
    /// Creates the target of all requests.
    pub fn any() -> Self {
        Self::default()
    }

    /// Creates the target of requests for models with this prefix: `gpt` covers those of OpenAI.
    pub fn models(prefix: impl Into<String>) -> Self {
        Self { provider: None, model: Some(prefix.into()), prefix: true }
    }

    pub(super) fn matches(&self, provider: Provider, model: &str) -> bool {
        self.provider.is_none_or(|p| p == provider)
            && self.model.as_deref().is_none_or(|m| m == model || self.prefix && model.starts_with(m))
    }

    /// Returns the precedence: a model is more precise than a provider, and a provider more than neither.
    pub(super) fn precision(&self) -> u8 {
        u8::from(self.provider.is_some()) + 2 * u8::from(self.model.is_some())
    }
}

impl From<&str> for Target {
    fn from(model: &str) -> Self {
        Self { provider: None, model: Some(model.to_owned()), prefix: false }
    }
}

impl From<String> for Target {
    fn from(model: String) -> Self {
        Self { provider: None, model: Some(model), prefix: false }
    }
}

impl From<Provider> for Target {
    fn from(provider: Provider) -> Self {
        Self { provider: Some(provider), model: None, prefix: false }
    }
}

impl<M: Into<String>> From<(Provider, M)> for Target {
    fn from((provider, model): (Provider, M)) -> Self {
        Self { provider: Some(provider), model: Some(model.into()), prefix: false }
    }
}
