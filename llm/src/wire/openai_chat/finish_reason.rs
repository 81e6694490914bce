use crate::FinishReason;

/// Converts a server's word, in any case of letters. Servers with other protocols behind them pass on words of these.
/// `calls_tools` is whether the answer has tool calls.
pub(super) fn finish_reason(word: &str, calls_tools: bool) -> FinishReason {
    match &*word.to_ascii_lowercase() {
        "stop" | "end_turn" | "eos" | "stop_sequence" if calls_tools => FinishReason::ToolCalls,
        "stop" | "end_turn" | "eos" | "stop_sequence" => FinishReason::Stop,
        "length" | "max_tokens" | "max_output_tokens" => FinishReason::Length,
        "tool_calls" | "tool_use" | "function_call" => FinishReason::ToolCalls,
        "content_filter" | "safety" | "refusal" => FinishReason::ContentFilter,
        _ => FinishReason::Other(word.to_owned()),
    }
}
