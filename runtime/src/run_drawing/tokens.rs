//! The tokens of a model's answer, read from the JSON of its end.

use serde_json::Value;

/// The tokens that models used in a run, as their providers count them.
///
/// They are read from the outputs of models (runs of the kind [`ChatModel`](crate::RunKind::ChatModel)) that have a field `usage`
/// or `usage_metadata` with `input_tokens` and `output_tokens`, like the messages of `catena-llm` and of LangChain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// The tokens that were sent.
    pub input: u64,
    /// The tokens of the answers.
    pub output: u64,
}

impl Tokens {
    pub(super) fn add(&mut self, other: Tokens) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
    }

    pub(super) fn is_none(self) -> bool {
        self == Tokens::default()
    }
}

/// The usage that the output of a model tells.
pub(super) fn usage(output: &Value) -> Option<&Value> {
    ["usage", "usage_metadata"].into_iter().find_map(|name| output.get(name)).filter(|usage| usage.is_object())
}

pub(super) fn tokens(usage: &Value) -> Tokens {
    let count = |name| usage.get(name).and_then(Value::as_u64).unwrap_or_default();
    Tokens { input: count("input_tokens"), output: count("output_tokens") }
}

/// The model that answered, as the provider names it.
pub(super) fn model(output: &Value) -> Option<&str> {
    output.get("model").or_else(|| output.get("response_metadata")?.get("model_name")).and_then(Value::as_str)
}
