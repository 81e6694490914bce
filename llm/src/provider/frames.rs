use super::{
    openai_compat::{self, ToolCallDelta},
    usage,
};
use crate::Usage;
use genai::chat::{ChatFrameSink, FrameCtx, RawFrameRef};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A recorder of the raw events of a stream. The client's events lack the model, the id, and whether anything was
/// received. They also lack the finish reason of servers that end a stream without a final event.
#[derive(Debug, Default)]
pub(super) struct Frames(Mutex<Seen>);

/// The events so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The number of blocks between empty lines, including text that is not an event.
    pub(super) blocks: usize,
    /// The number of events with data.
    pub(super) events: usize,
    /// The data of the last event.
    pub(super) last: String,
    /// The data of the event before the last one.
    before: String,
    /// The tokens that the first events report.
    usage: Option<Usage>,
    /// Chunks of tool calls that are not yielded yet, in OpenAI's protocol.
    pub(super) calls: Vec<ToolCallDelta>,
    /// The reason that tool calls cannot be parsed, in OpenAI's protocol.
    pub(super) unread: Option<String>,
    /// The model's refusal, in OpenAI's protocol.
    pub(super) refusal: String,
    /// The model that answers.
    pub(super) model: Option<String>,
    /// The id of the answer.
    pub(super) id: Option<String>,
    /// The reason that the model stopped, in OpenAI's and Anthropic's protocols.
    pub(super) finish: Option<String>,
}

/// The positions of the model and the id in the three protocols.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    model: Option<String>,
    id: Option<String>,
    #[serde(rename = "modelVersion")]
    model_version: Option<String>,
    #[serde(rename = "responseId")]
    response_id: Option<String>,
    message: Option<Inner>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    model: Option<String>,
    id: Option<String>,
    usage: Option<Value>,
}

/// The number of events that may have the model and the id. Later ones are not parsed for them.
const HEAD: usize = 3;

impl Seen {
    /// Returns the tokens that were reported so far.
    #[cold]
    pub(super) fn usage(&self) -> Option<Usage> {
        let read = |data: &str| serde_json::from_str(data).ok().as_ref().and_then(usage::from_body);
        usage::merged([self.usage, read(&self.before), read(&self.last)].into_iter().flatten())
    }
}

impl Frames {
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChatFrameSink for Frames {
    fn on_frame(&self, _: &FrameCtx, frame: RawFrameRef<'_>) {
        let mut seen = self.seen();
        seen.blocks += 1;
        if frame.data.is_empty() {
            return;
        }
        seen.events += 1;
        let Seen { last, before, calls, refusal, unread, .. } = &mut *seen;
        std::mem::swap(last, before);
        last.clear();
        last.push_str(frame.data);
        match openai_compat::deltas(frame.data) {
            Ok((deltas, refused)) => {
                calls.extend(deltas);
                refusal.push_str(&refused);
            }
            Err(error) => *unread = Some(error.to_string()),
        }
        if seen.events <= HEAD && (seen.model.is_none() || seen.id.is_none()) {
            let Head { model, id, model_version, response_id, message } =
                serde_json::from_str(frame.data).unwrap_or_default();
            let Inner { model: inner_model, id: inner_id, usage } = message.unwrap_or_default();
            if let Some(usage) = usage {
                seen.usage = usage::from_body(&json!({ "usage": usage }));
            }
            seen.model = model.or(model_version).or(inner_model).or(seen.model.take());
            seen.id = id.or(response_id).or(inner_id).or(seen.id.take());
        }
        if let Some(word) = finish_reason(frame.data) {
            seen.finish = Some(word.to_owned());
        }
    }
}

/// Returns the value of `"finish_reason":` or `"stop_reason":`. It searches the text without parsing it, because it
/// runs for every event. Within a string, the quotes around the key would be escaped.
fn finish_reason(data: &str) -> Option<&str> {
    let (_, rest) = data.split_once("\"finish_reason\"").or_else(|| data.split_once("\"stop_reason\""))?;
    rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?.split_once('"').map(|(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::finish_reason;

    #[test]
    fn a_finish_reason_is_found_where_there_is_one() {
        for (data, word) in [
            (r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, Some("stop")),
            (r#"{"choices": [{"finish_reason" : "length", "delta": {}}]}"#, Some("length")),
            (r#"{"choices":[{"delta":{"content":"x"},"finish_reason":null}]}"#, None),
            (r#"{"choices":[{"delta":{"content":"\"finish_reason\":\"stop\""}}]}"#, None),
            ("[DONE]", None),
            (r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null}}"#, Some("end_turn")),
            (r#"{"type":"message_start","message":{"stop_reason":null}}"#, None),
        ] {
            assert_eq!(finish_reason(data), word, "{data}");
        }
    }
}
