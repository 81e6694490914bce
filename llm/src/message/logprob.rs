use serde::{Deserialize, Serialize};

/// A token of an answer with its log probability; asked for by [`Options::logprobs`](crate::Options::logprobs).
///
/// ```
/// use catena_llm::TokenLogprob;
///
/// let token = TokenLogprob::new("Yes", -0.105);
/// assert_eq!(format!("{:.2}", token.probability()), "0.90");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TokenLogprob {
    /// The text of the token. A token may be a part of a character; the provider's stand-in is then its text.
    pub token: String,
    /// The natural logarithm of the token's probability: 0 is certain.
    pub logprob: f64,
    /// The bytes of the token, if the provider sends them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Vec<u8>>,
    /// The most likely tokens at this place, the most likely one first. The token itself may be among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<TokenLogprob>,
}

impl TokenLogprob {
    /// Creates a token without alternatives.
    pub fn new(token: impl Into<String>, logprob: f64) -> Self {
        TokenLogprob { token: token.into(), logprob, bytes: None, alternatives: Vec::new() }
    }

    /// Returns the probability of the token, between 0 and 1.
    pub fn probability(&self) -> f64 {
        self.logprob.exp()
    }
}
