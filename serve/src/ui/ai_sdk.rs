//! The UI message stream of the AI SDK: for `useChat` and its `DefaultChatTransport`.

use super::{Asked, Told, conversation};
use crate::{failure::Failure, response::Frame};
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

    fn begin(&mut self, run_id: &str) -> Vec<Frame> {
        vec![part(&json!({ "type": "start", "messageId": run_id })), part(&json!({ "type": "start-step" }))]
    }

    fn write(&mut self, told: Told) -> Vec<Frame> {
        match told {
            Told::Text(text) => self.delta(Open::Text, &text),
            Told::Reasoning(text) => self.delta(Open::Reasoning, &text),
            Told::Step { id, name } => vec![part(&json!({ "type": "data-step", "id": id, "data": { "name": name } }))],
            Told::StepEnded { id, name, milliseconds, failed } => {
                let data = json!({ "name": name, "ms": milliseconds, "failed": failed });
                vec![part(&json!({ "type": "data-step", "id": id, "data": data }))]
            }
            Told::Call { id, name, arguments } => {
                let mut frames = self.close();
                frames.push(part(&json!({
                    "type": "tool-input-available", "toolCallId": id, "toolName": name, "input": arguments, "dynamic": true,
                })));
                frames
            }
            Told::Result { id, output } => vec![part(
                &json!({ "type": "tool-output-available", "toolCallId": id, "output": output, "dynamic": true }),
            )],
            Told::CallFailed { id } => vec![part(
                &json!({ "type": "tool-output-error", "toolCallId": id, "errorText": "the tool failed", "dynamic": true }),
            )],
            Told::Custom { name, data } => {
                vec![part(&json!({ "type": "data-event", "data": { "name": name, "data": data } }))]
            }
            Told::Output(output) => vec![part(&json!({ "type": "data-output", "data": output }))],
        }
    }

    fn end(&mut self, failure: Option<&Failure>) -> Vec<Frame> {
        let mut frames = self.close();
        if let Some(failure) = failure {
            frames.push(part(&json!({ "type": "error", "errorText": failure.message })));
        }
        frames.push(part(&json!({ "type": "finish-step" })));
        let reason = if failure.is_some() { "error" } else { "stop" };
        frames.push(part(&json!({ "type": "finish", "finishReason": reason })));
        frames.push(Frame::data("[DONE]"));
        frames
    }
}

impl Protocol {
    fn delta(&mut self, kind: Open, text: &str) -> Vec<Frame> {
        let mut frames = Vec::new();
        if self.open != Some(kind) {
            frames = self.close();
            self.parts += 1;
            self.open = Some(kind);
            frames.push(part(&json!({ "type": format!("{}-start", kind.name()), "id": self.id() })));
        }
        frames.push(part(&json!({ "type": format!("{}-delta", kind.name()), "id": self.id(), "delta": text })));
        frames
    }

    fn close(&mut self) -> Vec<Frame> {
        let ended =
            self.open.take().map(|kind| part(&json!({ "type": format!("{}-end", kind.name()), "id": self.id() })));
        ended.into_iter().collect()
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

fn part(json: &Value) -> Frame {
    Frame::json(json)
}
