use crate::{Usage, wire::lenient};
use serde::Deserialize;

/// The tokens of an answer, as the server counts them. Later events count from the beginning, and may leave out what an
/// earlier one had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_field_names, reason = "they are the words of the protocol")]
pub(super) struct Tokens {
    #[serde(deserialize_with = "lenient::count")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    output_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    cache_read_input_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    cache_creation_input_tokens: Option<u64>,
    #[serde(deserialize_with = "crate::wire::inline::object")]
    output_tokens_details: Option<Details>,
    /// OpenAI's words, which some compatible servers use.
    #[serde(deserialize_with = "lenient::count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    completion_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "lenient::count")]
    thinking_tokens: Option<u64>,
}

impl Tokens {
    /// Takes the larger count of each kind.
    pub(super) fn merge(&mut self, later: Tokens) {
        let larger = |first: &mut Option<u64>, second: Option<u64>| *first = (*first).max(second);
        larger(&mut self.input_tokens, later.input_tokens);
        larger(&mut self.output_tokens, later.output_tokens);
        larger(&mut self.cache_read_input_tokens, later.cache_read_input_tokens);
        larger(&mut self.cache_creation_input_tokens, later.cache_creation_input_tokens);
        larger(&mut self.prompt_tokens, later.prompt_tokens);
        larger(&mut self.completion_tokens, later.completion_tokens);
        let details = self.output_tokens_details.get_or_insert_default();
        larger(&mut details.thinking_tokens, later.output_tokens_details.unwrap_or_default().thinking_tokens);
    }

    /// Returns the usage, or `None` if the server reported none.
    pub(super) fn usage(self) -> Option<Usage> {
        // Anthropic's input is without the cached tokens, OpenAI's is with them.
        let read = self.cache_read_input_tokens;
        let written = self.cache_creation_input_tokens;
        let cached = read.unwrap_or(0).saturating_add(written.unwrap_or(0));
        let input = match (self.input_tokens, self.prompt_tokens) {
            (None, Some(prompt)) => Some(prompt),
            (None, None) => read.or(written).map(|_| cached),
            (Some(input), _) => Some(input.saturating_add(cached)),
        };
        let output = self.output_tokens.or(self.completion_tokens);
        (input.is_some() || output.is_some()).then(|| Usage {
            cached_input_tokens: read.unwrap_or(0),
            cache_write_tokens: written.unwrap_or(0),
            reasoning_tokens: self.output_tokens_details.and_then(|details| details.thinking_tokens).unwrap_or(0),
            ..Usage::new(input.unwrap_or(0), output.unwrap_or(0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Tokens;
    use crate::{Usage, wire::lenient};

    #[test]
    fn counts_are_merged() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.usage(), None);
        for event in [
            r#"{"input_tokens": 2679, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 3}"#,
            r#"{"input_tokens": 10682, "output_tokens": "510", "server_tool_use": {"web_search_requests": 1}}"#,
            r#"{"output_tokens": null}"#,
        ] {
            tokens.merge(lenient::parse(event).unwrap());
        }
        let mut usage = Usage::new(10697, 510);
        (usage.cached_input_tokens, usage.cache_write_tokens) = (5, 10);
        assert_eq!(tokens.usage(), Some(usage));
    }

    #[test]
    fn words_of_others_are_read() {
        let tokens: Tokens = lenient::parse(r#"{"prompt_tokens": 7, "completion_tokens": 2.0}"#).unwrap();
        assert_eq!(tokens.usage(), Some(Usage::new(7, 2)));
    }
}
