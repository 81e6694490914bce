//! What can be set about an answer.

use crate::{ReasoningEffort, ResponseFormat};
use catena::{Details, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Settings of a model's answer. What is not set is left to the provider.
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
    /// How much chance there is in the choice of words; 0 is the least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The most tokens it may answer with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Choose among the likeliest words that together have this probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Texts at which it stops, without saying them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// For answers that repeat, as far as the provider can. Anthropic has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The form of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_format: Option<ResponseFormat>,
    /// How long a model that reasons may do so before it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<ReasoningEffort>,
}

impl Options {
    /// Nothing set.
    pub fn new() -> Self {
        Options::default()
    }

    /// How much chance there is in the choice of words.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// The most tokens it may answer with.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = Some(tokens);
        self
    }

    /// Choose among the likeliest words that together have this probability.
    pub fn top_p(mut self, probability: f64) -> Self {
        self.top_p = Some(probability);
        self
    }

    /// One more text at which it stops.
    pub fn stop(mut self, text: impl Into<String>) -> Self {
        self.stop.push(text.into());
        self
    }

    /// For answers that repeat, as far as the provider can.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The form of the answer: text, JSON, JSON by a schema.
    pub fn response_format(mut self, format: ResponseFormat) -> Self {
        self.response_format = Some(format);
        self
    }

    /// How long a model that reasons may do so before it answers.
    pub fn reasoning_effort(mut self, effort: ReasoningEffort) -> Self {
        self.reasoning_effort = Some(effort);
        self
    }

    /// These, and from `defaults` what is not set here.
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

    /// What is set, for graphs and manifests.
    pub(crate) fn tell(&self, details: &mut Details) {
        let Ok(Value::Object(set)) = serde_json::to_value(self) else { return };
        set.into_iter().for_each(|(name, value)| details.set(name, value));
    }

    /// Whether the values make sense to any provider at all; for [`ChatModel`](crate::ChatModel)s.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`], with the value that does not.
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

/// Whether providers take it for the name of a form.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
}
