use crate::Price;
use serde::{Deserialize, Serialize};

/// The entry of a model in a [`Catalogue`](super::Catalogue). Unset fields are unknown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ModelInfo {
    /// The month of the documentation that the entry was made from, such as `2026-11`.
    pub as_of: String,
    /// The maximum number of tokens of the conversation and the answer together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u32>,
    /// The maximum number of tokens of an answer, including reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u32>,
    /// The list prices of the standard tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// The capabilities of the model besides text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
}

/// A thing that a model takes or does besides text; see [`ModelInfo::can`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Capability {
    /// The model calls tools.
    Tools,
    /// The provider enforces a schema of the answer.
    StructuredOutput,
    /// The model reasons before it answers.
    Reasoning,
    /// The model reads images.
    Images,
    /// The model reads PDF.
    Pdf,
    /// The model listens to audio.
    Audio,
}

impl ModelInfo {
    /// Creates an entry of this month, such as `2026-11`, without values.
    pub fn new(as_of: impl Into<String>) -> Self {
        ModelInfo { as_of: as_of.into(), ..ModelInfo::default() }
    }

    /// Sets the maximum number of tokens of the conversation and the answer together.
    pub fn context_tokens(mut self, tokens: u32) -> Self {
        self.context_tokens = Some(tokens);
        self
    }

    /// Sets the maximum number of tokens of an answer.
    pub fn max_output_tokens(mut self, tokens: u32) -> Self {
        self.max_output_tokens = Some(tokens);
        self
    }

    /// Sets the price.
    pub fn price(mut self, price: Price) -> Self {
        self.price = Some(price);
        self
    }

    /// Adds a capability.
    pub fn capability(mut self, capability: Capability) -> Self {
        if !self.can(capability) {
            self.capabilities.push(capability);
        }
        self
    }

    /// Returns whether the model has a capability.
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}
