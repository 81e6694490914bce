//! The tokens in a body that is no answer. They were used, and have to be paid for.

use crate::Usage;
use serde_json::Value;

/// Reads the tokens in a body or an event, in any of the three protocols.
pub(super) fn from_body(body: &Value) -> Option<Usage> {
    let number = |value: &Value, keys: &[&str]| keys.iter().find_map(|key| value.pointer(key)?.as_u64());
    let count = |value: &Value, keys: &[&str]| number(value, keys).unwrap_or(0);
    if let Some(usage) = body.get("usageMetadata").filter(|usage| usage.is_object()) {
        let thoughts = count(usage, &["/thoughtsTokenCount"]);
        return Some(Usage {
            cached_input_tokens: count(usage, &["/cachedContentTokenCount"]),
            reasoning_tokens: thoughts,
            ..Usage::new(count(usage, &["/promptTokenCount"]), count(usage, &["/candidatesTokenCount"]) + thoughts)
        });
    }
    let usage =
        [body.get("usage"), body.pointer("/message/usage")].into_iter().flatten().find(|usage| usage.is_object())?;
    if usage.get("prompt_tokens").is_some() || usage.get("completion_tokens").is_some() {
        return Some(Usage {
            cached_input_tokens: count(usage, &["/prompt_tokens_details/cached_tokens"]),
            reasoning_tokens: count(usage, &["/completion_tokens_details/reasoning_tokens"]),
            ..Usage::new(count(usage, &["/prompt_tokens"]), count(usage, &["/completion_tokens"]))
        });
    }
    // Anthropic does not include cached tokens in the input.
    let (read, written) =
        (count(usage, &["/cache_read_input_tokens"]), count(usage, &["/cache_creation_input_tokens"]));
    Some(Usage {
        cached_input_tokens: read,
        cache_write_tokens: written,
        ..Usage::new(count(usage, &["/input_tokens"]) + read + written, count(usage, &["/output_tokens"]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_protocol_is_understood() {
        for (body, usage) in [
            (json!({"usage": {"prompt_tokens": 3, "completion_tokens": 5}}), Some(Usage::new(3, 5))),
            (
                json!({"type": "message_start", "message": {"usage": {"input_tokens": 3, "output_tokens": 1}}}),
                Some(Usage::new(3, 1)),
            ),
            (json!({"type": "message_delta", "usage": {"output_tokens": 9}}), Some(Usage::new(0, 9))),
            (json!({"usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}}), Some(Usage::new(3, 2))),
            (json!({"usage": null, "choices": []}), None),
            (json!([{"error": {}}]), None),
        ] {
            assert_eq!(from_body(&body), usage, "{body}");
        }
        let cached =
            json!({"usage": {"input_tokens": 1, "cache_read_input_tokens": 4, "cache_creation_input_tokens": 2}});
        assert_eq!(from_body(&cached).map(|usage| (usage.input_tokens, usage.cached_input_tokens)), Some((7, 4)));
    }
}
