use crate::FinishReason;

/// Converts a server's word, in any case of letters. Servers with other protocols behind them pass on words of these.
/// `calls_tools` is whether the answer has tool calls.
pub(super) fn finish_reason(word: &str, calls_tools: bool) -> FinishReason {
    let word = word.trim();
    // Gemini's words follow those of OpenAI: `content_filter: PROHIBITED_CONTENT`.
    match &*word.split(':').next().unwrap_or(word).trim().to_ascii_lowercase() {
        "stop" | "end_turn" | "eos" | "eos_token" | "stop_sequence" if calls_tools => FinishReason::ToolCalls,
        "stop" | "end_turn" | "eos" | "eos_token" | "stop_sequence" => FinishReason::Stop,
        "length"
        | "max_tokens"
        | "max_output_tokens"
        | "max_length"
        | "model_length"
        | "model_context_window_exceeded" => FinishReason::Length,
        "tool_calls" | "tool_use" | "function_call" => FinishReason::ToolCalls,
        "content_filter" | "safety" | "refusal" | "sensitive" | "recitation" | "prohibited_content" => {
            FinishReason::ContentFilter
        }
        _ => FinishReason::Other(word.to_owned()),
    }
}
