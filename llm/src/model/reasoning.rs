use serde::{Deserialize, Serialize};
use std::fmt;

/// How long a model that reasons may do so before it answers; see [`Options::reasoning_effort`](crate::Options).
///
/// What the provider has no such level for fails the call with [`ErrorKind::BadInput`](catena::ErrorKind::BadInput): Anthropic
/// and Gemini before version 3 have no `Minimal`, and Gemini from version 3 on cannot do without reasoning. A model that does
/// not reason at all is told all the same, and its provider refuses the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReasoningEffort {
    /// Not at all.
    None,
    /// As little as can be.
    Minimal,
    /// A little.
    Low,
    /// More.
    Medium,
    /// Long.
    High,
}

impl ReasoningEffort {
    /// A stable name, as in JSON: `medium`.
    pub fn as_str(self) -> &'static str {
        match self {
            ReasoningEffort::None => "none",
            ReasoningEffort::Minimal => "minimal",
            ReasoningEffort::Low => "low",
            ReasoningEffort::Medium => "medium",
            ReasoningEffort::High => "high",
        }
    }
}

impl fmt::Display for ReasoningEffort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
