//! The reason that an answer ended.

use crate::FinishReason;
use genai::chat::StopReason;

/// Converts the client's reason. `calls_tools` is whether the answer has tool calls.
pub(super) fn finish_reason(reason: StopReason, calls_tools: bool) -> FinishReason {
    match reason {
        // Gemini has no such reason.
        StopReason::Completed(_) if calls_tools => FinishReason::ToolCalls,
        StopReason::Completed(_) | StopReason::StopSequence(_) => FinishReason::Stop,
        StopReason::MaxTokens(_) => FinishReason::Length,
        StopReason::ToolCall(_) => FinishReason::ToolCalls,
        // Other servers with Gemini's protocol may have one.
        StopReason::Other(word) if word.eq_ignore_ascii_case("FUNCTION_CALL") => FinishReason::ToolCalls,
        StopReason::ContentFilter(_) => FinishReason::ContentFilter,
        StopReason::Other(word) => FinishReason::Other(word),
    }
}
