//! The UI message stream of the AI SDK: for `useChat` and its `DefaultChatTransport`.

use super::{Asked, Told, conversation};
use crate::{
    failure::Failure,
    response::{Frame, Frames},
};
use catena::RunId;
use serde_json::{Value, json};

/// The part of the message that is open.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Text,
    Reasoning,
}

#[derive(Default)]
pub(super) struct Protocol {
    open: Option<Open>,
    parts: u32,
}

impl super::Protocol for Protocol {
    fn read(mut body: Value) -> Result<Asked<Self>, Failure> {
        let input = body.get_mut("input").map(Value::take);
        let request = conversation::of_ai_sdk(&body)?;
        Ok(Asked { protocol: Protocol::default(), request, input })
    }

    fn chat(body: &Value) -> Option<&str> {
        body["id"].as_str()
    }

    fn begin(&mut self, run_id: RunId, frames: &mut Frames) {
        part(frames, &json!({ "type": "start", "messageId": run_id }));
        part(frames, &json!({ "type": "start-step" }));
    }

    fn write(&mut self, told: Told, frames: &mut Frames) {
        let json = match told {
            Told::Text(text) => return self.delta(Open::Text, &text, frames),
            Told::Reasoning(text) => return self.delta(Open::Reasoning, &text, frames),
            Told::Step { id, name } => json!({ "type": "data-step", "id": id, "data": { "name": name } }),
            Told::StepEnded { id, name, milliseconds, failed } => {
                let data = json!({ "name": name, "ms": milliseconds, "failed": failed });
                json!({ "type": "data-step", "id": id, "data": data })
            }
            Told::Call { id, name, arguments } => {
                self.close(frames);
                json!({
                    "type": "tool-input-available", "toolCallId": id, "toolName": name, "input": arguments, "dynamic": true,
                })
            }
            Told::Result { id, output } => {
                json!({ "type": "tool-output-available", "toolCallId": id, "output": output, "dynamic": true })
            }
            Told::CallFailed { id } => {
                json!({ "type": "tool-output-error", "toolCallId": id, "errorText": "the tool failed", "dynamic": true })
            }
            Told::Custom { name, data } => json!({ "type": "data-event", "data": { "name": name, "data": data } }),
            Told::Output(output) => json!({ "type": "data-output", "data": output }),
        };
        part(frames, &json);
    }

    fn end(&mut self, failure: Option<&Failure>, frames: &mut Frames) {
        self.close(frames);
        if let Some(failure) = failure {
            part(frames, &json!({ "type": "error", "errorText": failure.message }));
        }
        part(frames, &json!({ "type": "finish-step" }));
        let reason = if failure.is_some() { "error" } else { "stop" };
        part(frames, &json!({ "type": "finish", "finishReason": reason }));
        frames.push_back(Frame::data("[DONE]"));
    }
}

impl Protocol {
    fn delta(&mut self, kind: Open, text: &str, frames: &mut Frames) {
        if self.open != Some(kind) {
            self.close(frames);
            self.parts += 1;
            self.open = Some(kind);
            part(frames, &json!({ "type": format!("{}-start", kind.name()), "id": self.id() }));
        }
        part(frames, &json!({ "type": format!("{}-delta", kind.name()), "id": self.id(), "delta": text }));
    }

    fn close(&mut self, frames: &mut Frames) {
        if let Some(kind) = self.open.take() {
            part(frames, &json!({ "type": format!("{}-end", kind.name()), "id": self.id() }));
        }
    }

    fn id(&self) -> String {
        self.parts.to_string()
    }
}

impl Open {
    fn name(self) -> &'static str {
        match self {
            Open::Text => "text",
            Open::Reasoning => "reasoning",
        }
    }
}

fn part(frames: &mut Frames, json: &Value) {
    frames.push_back(Frame::json(json));
}
