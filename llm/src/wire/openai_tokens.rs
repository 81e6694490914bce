use crate::{
    Usage,
    wire::lenient::{self, Struct},
};
use serde::Deserialize;

/// The tokens of an answer in OpenAI's protocols, by the names of both and of several servers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_field_names, reason = "they are the names of the fields in JSON")]
pub(crate) struct Tokens {
    #[serde(deserialize_with = "lenient::count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    completion_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    total_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    output_tokens: Option<u64>,
    prompt_tokens_details: Struct<Details>,
    completion_tokens_details: Struct<Details>,
    input_tokens_details: Struct<Details>,
    output_tokens_details: Struct<Details>,
    /// `DeepSeek`'s name for cached tokens.
    #[serde(deserialize_with = "lenient::count")]
    prompt_cache_hit_tokens: Option<u64>,
    /// Moonshot's name for cached tokens.
    #[serde(deserialize_with = "lenient::count")]
    cached_tokens: Option<u64>,
    #[serde(deserialize_with = "lenient::count")]
    reasoning_tokens: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
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
    /// Returns the tokens, or `None` if neither part nor the total is known.
    pub(crate) fn usage(self) -> Option<Usage> {
        let input = self.prompt_tokens.or(self.input_tokens);
        let output = self.completion_tokens.or(self.output_tokens);
        let total = self.total_tokens;
        input.or(output).or(total)?;
        let either =
            |first: Struct<Details>, second: Struct<Details>| first.read().or(second.read()).unwrap_or_default();
        let prompt = either(self.prompt_tokens_details, self.input_tokens_details);
        let completion = either(self.completion_tokens_details, self.output_tokens_details);
        let reasoning = completion.reasoning_tokens.or(self.reasoning_tokens).unwrap_or(0);
        let input = input.unwrap_or_else(|| total.unwrap_or(0).saturating_sub(output.unwrap_or(0)));
        let output = output.unwrap_or_else(|| total.unwrap_or(0).saturating_sub(input));
        // Some servers count reasoning apart from the output. Then only the total has both.
        let is_apart = reasoning > 0
            && total.is_some_and(|total| {
                Some(total) == input.checked_add(output).and_then(|sum| sum.checked_add(reasoning))
            });
        Some(Usage {
            cached_input_tokens: prompt
                .cached_tokens
                .or(self.prompt_cache_hit_tokens)
                .or(self.cached_tokens)
                .unwrap_or(0),
            cache_write_tokens: prompt.cache_write_tokens.unwrap_or(0),
            reasoning_tokens: reasoning,
            ..Usage::new(input, if is_apart { output + reasoning } else { output })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Usage> {
        serde_json::from_str::<Tokens>(json).unwrap().usage()
    }

    #[test]
    fn tokens_are_read_by_every_name() {
        for (json, usage) in [
            (r#"{"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}"#, Some(Usage::new(9, 12))),
            (r#"{"prompt_tokens": "9", "completion_tokens": 12.0, "total_tokens": null}"#, Some(Usage::new(9, 12))),
            (r#"{"prompt_tokens": 9, "total_tokens": 21}"#, Some(Usage::new(9, 12))),
            (r#"{"input_tokens": 9, "output_tokens": 12}"#, Some(Usage::new(9, 12))),
            ("{}", None),
            (r#"{"prompt_tokens": null}"#, None),
        ] {
            assert_eq!(read(json), usage, "{json}");
        }
        for cached in [
            r#"{"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 4, "prompt_tokens_details": null}"#,
            r#"{"input_tokens": 9, "output_tokens": 1, "input_tokens_details": {"cached_tokens": 4}}"#,
        ] {
            assert_eq!(read(cached).map(|usage| usage.cached_input_tokens), Some(4), "{cached}");
        }
    }

    #[test]
    fn reasoning_that_is_counted_apart_is_part_of_the_output() {
        let within = r#"{"prompt_tokens": 10, "completion_tokens": 30, "total_tokens": 40, "completion_tokens_details": {"reasoning_tokens": 20}}"#;
        let apart = r#"{"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 40, "completion_tokens_details": {"reasoning_tokens": 20}}"#;
        for json in [within, apart] {
            let usage = read(json).unwrap();
            assert_eq!((usage.output_tokens, usage.reasoning_tokens), (30, 20), "{json}");
        }
    }
}
