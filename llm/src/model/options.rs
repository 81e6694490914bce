//! The settings of an answer.

use crate::{ReasoningEffort, ResponseFormat};
use catena::{Details, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The settings of a model's answer. The provider chooses the values of unset fields.
///
/// A setting that a protocol does not have fails the call with
/// [`ErrorKind::BadInput`](catena::ErrorKind::BadInput), before anything is sent:
///
/// | setting | OpenAI chat | OpenAI responses | Anthropic | Gemini | compatible servers |
/// |---|---|---|---|---|---|
/// | `temperature`, `top_p`, `max_tokens` | yes | yes | yes | yes | yes |
/// | `stop` | yes | no | yes | yes | yes |
/// | `seed` | yes | no | no | yes | yes |
/// | `reasoning_effort` | yes | yes | yes | yes | yes |
/// | `reasoning_budget` | no | no | until Opus 4.6 and Sonnet 4.6 | yes | no |
/// | `top_k` | no | no | yes | yes | yes; Ollama: no |
/// | `frequency_penalty`, `presence_penalty` | yes | no | no | yes | yes |
/// | `logprobs` | yes | yes | no | yes | yes |
/// | `service_tier` | yes | yes | yes | yes | yes; Ollama: no |
///
/// A model may refuse a setting that its protocol has. The error is then the provider's own. Settings that are not in
/// the table are sent by [`ModelBuilder::extra_body`](crate::ModelBuilder::extra_body).
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
    /// The seed for reproducible answers, as far as the provider supports them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The format of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_format: Option<ResponseFormat>,
    /// The effort that a reasoning model spends before it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<ReasoningEffort>,
    /// The maximum number of tokens of reasoning, for providers that take one in place of an effort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_budget: Option<u32>,
    /// The number of the most likely tokens among which the model chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// The penalty for tokens by how often they have occurred, between -2 and 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<f64>,
    /// The penalty for tokens that have occurred, between -2 and 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<f64>,
    /// The number of alternatives whose log probabilities are returned for each token, besides that of the token
    /// itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<u8>,
    /// The service tier, by the provider's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
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

    /// Sets the maximum number of tokens of reasoning; 0 for no reasoning. Excludes a
    /// [`reasoning_effort`](Options::reasoning_effort).
    pub fn reasoning_budget(mut self, tokens: u32) -> Self {
        self.reasoning_budget = Some(tokens);
        self
    }

    /// Sets the number of the most likely tokens among which the model chooses.
    pub fn top_k(mut self, count: u32) -> Self {
        self.top_k = Some(count);
        self
    }

    /// Sets the penalty for tokens by how often they have occurred, between -2 and 2.
    pub fn frequency_penalty(mut self, penalty: f64) -> Self {
        self.frequency_penalty = Some(penalty);
        self
    }

    /// Sets the penalty for tokens that have occurred, between -2 and 2.
    pub fn presence_penalty(mut self, penalty: f64) -> Self {
        self.presence_penalty = Some(penalty);
        self
    }

    /// Asks for the log probabilities of the answer's tokens, and of this many alternatives for each, at most 20. The
    /// answer has them as [`Message::logprobs`](crate::Message::logprobs).
    pub fn logprobs(mut self, alternatives: u8) -> Self {
        self.logprobs = Some(alternatives);
        self
    }

    /// Sets the service tier, by the provider's name for it: `flex` or `priority` of OpenAI and Gemini, `standard_only`
    /// of Anthropic. The [`PriceTable`](crate::PriceTable) has the prices of the standard tier.
    pub fn service_tier(mut self, tier: impl Into<String>) -> Self {
        self.service_tier = Some(tier.into());
        self
    }

    /// Returns these options, with the values of `defaults` for unset fields.
    pub fn or(mut self, defaults: &Options) -> Self {
        self.temperature = self.temperature.or(defaults.temperature);
        self.max_tokens = self.max_tokens.or(defaults.max_tokens);
        self.top_p = self.top_p.or(defaults.top_p);
        self.seed = self.seed.or(defaults.seed);
        self.response_format = self.response_format.or_else(|| defaults.response_format.clone());
        // Each of these two excludes the other.
        if self.reasoning_effort.is_none() && self.reasoning_budget.is_none() {
            self.reasoning_effort = defaults.reasoning_effort;
            self.reasoning_budget = defaults.reasoning_budget;
        }
        self.top_k = self.top_k.or(defaults.top_k);
        self.frequency_penalty = self.frequency_penalty.or(defaults.frequency_penalty);
        self.presence_penalty = self.presence_penalty.or(defaults.presence_penalty);
        self.logprobs = self.logprobs.or(defaults.logprobs);
        self.service_tier = self.service_tier.or_else(|| defaults.service_tier.clone());
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
            Options { top_k: Some(0), .. } => wrong("`top_k` is 0: it has to be at least 1".to_owned()),
            Options { frequency_penalty: Some(p), .. } if !(-2.0..=2.0).contains(&p) => {
                wrong(format!("`frequency_penalty` is {p}: it has to be between -2 and 2"))
            }
            Options { presence_penalty: Some(p), .. } if !(-2.0..=2.0).contains(&p) => {
                wrong(format!("`presence_penalty` is {p}: it has to be between -2 and 2"))
            }
            Options { logprobs: Some(count), .. } if count > 20 => {
                wrong(format!("`logprobs` is {count}: providers return at most 20 alternatives"))
            }
            Options { reasoning_effort: Some(_), reasoning_budget: Some(_), .. } => {
                wrong("`reasoning_effort` and `reasoning_budget` are set: providers take one of them".to_owned())
            }
            Options { service_tier: Some(ref tier), .. } if tier.trim().is_empty() => {
                wrong("`service_tier` is empty".to_owned())
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
