use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The state that a provider wants to see again: a signature, an encrypted reasoning item, a block of a kind that this
/// crate does not know. It is stored as the provider sent it, and is sent back to that provider, and to no other.
///
/// ```
/// use catena_llm::{Message, Part};
///
/// # fn look(answer: &Message) {
/// for part in answer.parts() {
///     if let Part::Reasoning(thought) = part {
///         println!("{} (from {:?})", thought.text, thought.state.as_ref().map(|state| state.origin()));
///     }
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderState {
    origin: String,
    value: Value,
}

impl ProviderState {
    /// Creates a state. `origin` identifies the protocol and the host, such as `anthropic api.anthropic.com`.
    pub fn new(origin: impl Into<String>, value: Value) -> Self {
        ProviderState { origin: origin.into(), value }
    }

    /// Returns the protocol and the host that the state came from.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the state, in the provider's own form.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Returns the state if it came from this origin.
    #[cfg(feature = "providers")]
    pub(crate) fn of(&self, origin: &str) -> Option<&Value> {
        (self.origin == origin).then_some(&self.value)
    }
}
