use super::ProviderState;
use serde::{Deserialize, Serialize};

/// The thoughts of a model before its answer, as far as the provider shows them. They are not part of the answer's
/// [text](crate::Message::text).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Reasoning {
    /// The text. It is empty if the provider hides it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The state that the provider wants back, such as a signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<ProviderState>,
}

impl Reasoning {
    /// Creates reasoning that consists of text.
    pub fn new(text: impl Into<String>) -> Self {
        Reasoning { text: text.into(), state: None }
    }

    /// Sets what the provider wants back.
    pub fn with_state(mut self, state: ProviderState) -> Self {
        self.state = Some(state);
        self
    }
}
