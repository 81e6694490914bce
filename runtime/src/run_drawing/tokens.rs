//! What a model's answer took, read from the JSON of its end.

use serde_json::Value;

/// The tokens that models took in a run, as their providers count them.
///
/// Read from the output of models (runs of the kind [`ChatModel`](crate::RunKind::ChatModel)) where it has a field `usage` or
/// `usage_metadata` with `input_tokens` and `output_tokens`, as `catena-llm`'s messages and LangChain's have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// What was sent.
    pub input: u64,
    /// What was answered.
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
