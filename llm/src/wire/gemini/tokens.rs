use crate::{Usage, wire::lenient};
use serde::Deserialize;

/// The tokens of an answer, as the server counts them. Each event counts from the beginning, and may leave out what an
/// earlier one had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "they are the words of the protocol")]
pub(super) struct Tokens {
    #[serde(alias = "prompt_token_count", deserialize_with = "lenient::count")]
    prompt_token_count: Option<u64>,
    #[serde(alias = "candidates_token_count", deserialize_with = "lenient::count")]
    candidates_token_count: Option<u64>,
    #[serde(alias = "thoughts_token_count", deserialize_with = "lenient::count")]
    thoughts_token_count: Option<u64>,
    #[serde(alias = "cached_content_token_count", deserialize_with = "lenient::count")]
    cached_content_token_count: Option<u64>,
    /// The results of the provider's own tools, which are input.
    #[serde(alias = "tool_use_prompt_token_count", deserialize_with = "lenient::count")]
    tool_use_prompt_token_count: Option<u64>,
    #[serde(alias = "total_token_count", deserialize_with = "lenient::count")]
    total_token_count: Option<u64>,
}

impl Tokens {
    /// Takes the larger count of each kind.
    pub(super) fn merge(&mut self, later: Tokens) {
        let larger = |first: &mut Option<u64>, second: Option<u64>| *first = (*first).max(second);
        larger(&mut self.prompt_token_count, later.prompt_token_count);
        larger(&mut self.candidates_token_count, later.candidates_token_count);
        larger(&mut self.thoughts_token_count, later.thoughts_token_count);
        larger(&mut self.cached_content_token_count, later.cached_content_token_count);
        larger(&mut self.tool_use_prompt_token_count, later.tool_use_prompt_token_count);
        larger(&mut self.total_token_count, later.total_token_count);
    }

    /// Returns the usage, or `None` if the server reported none.
    pub(super) fn usage(self) -> Option<Usage> {
        if self == Tokens::default() {
            return None;
        }
        let input = self.prompt_token_count.unwrap_or(0).saturating_add(self.tool_use_prompt_token_count.unwrap_or(0));
        let thoughts = self.thoughts_token_count.unwrap_or(0);
        let output = match (self.candidates_token_count, self.total_token_count) {
            // Some servers count the thoughts among the candidates, and the total tells it.
            (Some(candidates), Some(total)) if total == input.saturating_add(candidates) => candidates,
            (Some(candidates), _) => candidates.saturating_add(thoughts),
            (None, Some(total)) => total.saturating_sub(input).max(thoughts),
            (None, None) => thoughts,
        };
        Some(Usage {
            cached_input_tokens: self.cached_content_token_count.unwrap_or(0),
            reasoning_tokens: thoughts,
            ..Usage::new(input, output)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Tokens;
    use crate::{Usage, wire::lenient};

    fn usage(events: &[&str]) -> Option<Usage> {
        let mut tokens = Tokens::default();
        for event in events {
            tokens.merge(lenient::parse(event).unwrap());
        }
        tokens.usage()
    }

    #[test]
    fn counts_are_merged() {
        assert_eq!(usage(&["{}"]), None);
        let thoughts = |usage: Usage, thoughts| Usage { reasoning_tokens: thoughts, ..usage };
        let two = [
            r#"{"promptTokenCount": 8, "totalTokenCount": 72, "thoughtsTokenCount": 64}"#,
            r#"{"promptTokenCount": 8, "candidatesTokenCount": 12, "totalTokenCount": 84, "thoughtsTokenCount": 64}"#,
        ];
        assert_eq!(usage(&two[..1]), Some(thoughts(Usage::new(8, 64), 64)));
        assert_eq!(usage(&two), Some(thoughts(Usage::new(8, 76), 64)));
        let among =
            r#"{"promptTokenCount": 8, "candidatesTokenCount": 76, "totalTokenCount": 84, "thoughtsTokenCount": 64}"#;
        assert_eq!(usage(&[among]), Some(thoughts(Usage::new(8, 76), 64)));
        let tool = r#"{"promptTokenCount": 8, "toolUsePromptTokenCount": 100, "candidatesTokenCount": 1, "cachedContentTokenCount": 4}"#;
        assert_eq!(usage(&[tool]), Some(Usage { cached_input_tokens: 4, ..Usage::new(108, 1) }));
    }
}
