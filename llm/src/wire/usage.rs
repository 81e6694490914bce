//! The tokens of an answer, in the forms that protocols share.

use crate::Usage;

/// Merges the tokens that two events of an answer report. Each counts from the beginning, and may lack what the other
/// has.
pub(crate) fn larger(before: Option<Usage>, now: Option<Usage>) -> Option<Usage> {
    let (Some(first), Some(second)) = (before, now) else { return before.or(now) };
    Some(Usage {
        input_tokens: first.input_tokens.max(second.input_tokens),
        output_tokens: first.output_tokens.max(second.output_tokens),
        cached_input_tokens: first.cached_input_tokens.max(second.cached_input_tokens),
        cache_write_tokens: first.cache_write_tokens.max(second.cache_write_tokens),
        reasoning_tokens: first.reasoning_tokens.max(second.reasoning_tokens),
    })
}
