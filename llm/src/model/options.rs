//! The settings of an answer.

use crate::{ReasoningEffort, ResponseFormat};
use catena::{Details, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The settings of a model's answer. The provider chooses the values of unset fields.
///
/// ```
/// use catena_llm::Options;
///
/// let options = Options::new().temperature(0.2).max_tokens(200).stop("\n\n");
/// assert_eq!(options.max_tokens, Some(200));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The randomness of the answer; 0 is the lowest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The maximum number of tokens in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// The probability mass of nucleus sampling: the model chooses among the most likely tokens that together have this
    /// probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The stop sequences: texts at which the answer ends. They are not part of the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// The seed for reproducible answers, as far as the provider supports them. Anthropic has no seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The format of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_format: Option<ResponseFormat>,
    /// The effort that a reasoning model spends before it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<ReasoningEffort>,
}

impl Options {
    /// Creates options without any values.
    pub fn new() -> Self {
        Options::default()
    }

    /// Sets the randomness of the answer.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// Sets the maximum number of tokens in the answer.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = Some(tokens);
        self
    }

    /// Sets the probability mass of nucleus sampling.
    pub fn top_p(mut self, probability: f64) -> Self {
        self.top_p = Some(probability);
        self
    }

    /// Adds a stop sequence.
    pub fn stop(mut self, text: impl Into<String>) -> Self {
        self.stop.push(text.into());
        self
    }

    /// Sets the seed for reproducible answers, as far as the provider supports them.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the format of the answer: text, JSON, or JSON with a schema.
    pub fn response_format(mut self, format: ResponseFormat) -> Self {
        self.response_format = Some(format);
        self
    }

    /// Sets the effort that a reasoning model spends before it answers.
    pub fn reasoning_effort(mut self, effort: ReasoningEffort) -> Self {
        self.reasoning_effort = Some(effort);
        self
    }

    /// Returns these options, with the values of `defaults` for unset fields.
    pub fn or(mut self, defaults: &Options) -> Self {
        self.temperature = self.temperature.or(defaults.temperature);
        self.max_tokens = self.max_tokens.or(defaults.max_tokens);
        self.top_p = self.top_p.or(defaults.top_p);
        self.seed = self.seed.or(defaults.seed);
        self.response_format = self.response_format.or_else(|| defaults.response_format.clone());
        self.reasoning_effort = self.reasoning_effort.or(defaults.reasoning_effort);
        if self.stop.is_empty() {
            self.stop.clone_from(&defaults.stop);
        }
        self
    }

    /// Adds the options that are set, for graphs and manifests.
    pub(crate) fn tell(&self, details: &mut Details) {
        let Ok(Value::Object(set)) = serde_json::to_value(self) else { return };
        set.into_iter().for_each(|(name, value)| details.set(name, value));
    }

    /// Checks that the values are valid for at least some provider. For implementations of
    /// [`ChatModel`](crate::ChatModel).
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`], with the first invalid value.
    pub fn check(&self) -> Result<()> {
        let wrong = |message: String| Err(Error::new(ErrorKind::BadInput, message));
        match *self {
            Options { temperature: Some(t), .. } if !t.is_finite() || t < 0.0 => {
                wrong(format!("`temperature` is {t}: it has to be 0 or more"))
            }
            Options { top_p: Some(p), .. } if !(0.0..=1.0).contains(&p) => {
                wrong(format!("`top_p` is {p}: it has to be between 0 and 1"))
            }
            Options { max_tokens: Some(0), .. } => wrong("`max_tokens` is 0: it has to be at least 1".to_owned()),
            Options { response_format: Some(ResponseFormat::JsonSchema { ref name, .. }), .. } if !is_name(name) => {
                wrong(format!(
                    "the response format is called {name:?}: a name has letters, digits, `_` and `-`, at most 64"
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Returns whether providers accept this as the name of a format.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
}
