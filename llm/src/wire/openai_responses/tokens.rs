use crate::{
    Usage,
    wire::lenient::{self, Struct},
};
use serde::Deserialize;

/// The tokens of an answer, as the server counts them.
#[derive(Default, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_field_names, reason = "they are the names of the fields in JSON")]
pub(super) struct Tokens {
    #[serde(deserialize_with = "lenient::count")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    output_tokens: Option<u64>,
    /// The words of chat completions, which some compatible servers use.
    #[serde(deserialize_with = "lenient::count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    completion_tokens: Option<u64>,
    #[serde(alias = "prompt_tokens_details")]
    input_tokens_details: Struct<Details>,
    #[serde(alias = "completion_tokens_details")]
    output_tokens_details: Struct<Details>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_field_names, reason = "they are the names of the fields in JSON")]
struct Details {
    #[serde(deserialize_with = "lenient::count")]
    cached_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    cache_write_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    reasoning_tokens: Option<u64>,
}

impl Tokens {
    /// Returns the usage, or `None` if the server reported none.
    pub(super) fn usage(self) -> Option<Usage> {
        let input = self.input_tokens.or(self.prompt_tokens);
        let output = self.output_tokens.or(self.completion_tokens);
        if input.is_none() && output.is_none() {
            return None;
        }
        let of_input = self.input_tokens_details.read().unwrap_or_default();
        let of_output = self.output_tokens_details.read().unwrap_or_default();
        Some(Usage {
            cached_input_tokens: of_input.cached_tokens.unwrap_or(0),
            cache_write_tokens: of_input.cache_write_tokens.unwrap_or(0),
            reasoning_tokens: of_output.reasoning_tokens.unwrap_or(0),
            ..Usage::new(input.unwrap_or(0), output.unwrap_or(0))
        })
    }
}
