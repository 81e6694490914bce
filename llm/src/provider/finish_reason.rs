//! Why an answer ended, in the words of this crate.

use crate::FinishReason;
use genai::chat::StopReason;

/// Returns the reason that an answer ended for. `calls_tools` is whether the answer has tool calls.
pub(super) fn finish_reason(reason: StopReason, calls_tools: bool) -> FinishReason {
    match reason {
        // Gemini has no word for it.
        StopReason::Completed(_) if calls_tools => FinishReason::ToolCalls,
        StopReason::Completed(_) | StopReason::StopSequence(_) => FinishReason::Stop,
        StopReason::MaxTokens(_) => FinishReason::Length,
        StopReason::ToolCall(_) => FinishReason::ToolCalls,
        // Servers that speak Gemini's protocol may well have a word for it.
        StopReason::Other(word) if word.eq_ignore_ascii_case("FUNCTION_CALL") => FinishReason::ToolCalls,
        StopReason::ContentFilter(_) => FinishReason::ContentFilter,
        StopReason::Other(word) => FinishReason::Other(word),
    }
}
