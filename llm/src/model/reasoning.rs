use serde::{Deserialize, Serialize};
use std::fmt;

/// The effort that a reasoning model spends before it answers; see [`Options::reasoning_effort`](crate::Options).
///
/// If the provider has no such level, the call fails with [`ErrorKind::BadInput`](catena::ErrorKind::BadInput).
/// Anthropic and Gemini before version 3 have no `Minimal`, Gemini from version 3 on has no `None`, and only the newest
/// models of OpenAI and Anthropic have `XHigh` or `Max`. The level is also sent to models that do not reason; their
/// provider refuses the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReasoningEffort {
    /// No reasoning.
    None,
    /// The lowest effort.
    Minimal,
    /// A low effort.
    Low,
    /// A medium effort.
    Medium,
    /// A high effort.
    High,
    /// A higher effort, of some models of OpenAI and Anthropic.
    #[serde(rename = "xhigh")]
    XHigh,
    /// The highest effort, of some models of Anthropic.
    Max,
}

impl ReasoningEffort {
    /// Returns the stable name that JSON uses, such as `medium`.
    pub fn as_str(self) -> &'static str {
        match self {
            ReasoningEffort::None => "none",
            ReasoningEffort::Minimal => "minimal",
            ReasoningEffort::Low => "low",
            ReasoningEffort::Medium => "medium",
            ReasoningEffort::High => "high",
            ReasoningEffort::XHigh => "xhigh",
            ReasoningEffort::Max => "max",
        }
    }
}

impl fmt::Display for ReasoningEffort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
