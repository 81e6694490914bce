//! AG-UI: for `HttpAgent` and what is built on it.

use super::{Asked, Told, conversation};
use crate::{failure::Failure, response::Frame};
use serde_json::{Value, json};

/// The message that is open.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Text,
    Reasoning,
}

pub(super) struct Protocol {
    thread: String,
    run: String,
    open: Option<Open>,
    messages: u32,
    /// The steps in flight: a run that failed leaves none of them open.
    steps: Vec<String>,
    output: Option<Value>,
}

impl super::Protocol for Protocol {
    fn read(mut body: Value) -> Result<Asked<Self>, Failure> {
        let input = body.pointer_mut("/forwardedProps/input").map(Value::take);
        let request = conversation::of_ag_ui(&body)?;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let (thread, run) = (text("threadId"), text("runId"));
        let protocol = Protocol { thread, run, open: None, messages: 0, steps: Vec::new(), output: None };
        Ok(Asked { protocol, request, input })
    }

    fn begin(&mut self, run_id: &str) -> Vec<Frame> {
        for id in [&mut self.thread, &mut self.run] {
            if id.is_empty() {
                run_id.clone_into(id);
            }
        }
        vec![Frame::json(&json!({ "type": "RUN_STARTED", "threadId": self.thread, "runId": self.run }))]
    }

    fn write(&mut self, told: Told) -> Vec<Frame> {
        match told {
            Told::Text(text) => self.delta(Open::Text, &text),
            Told::Reasoning(text) => self.delta(Open::Reasoning, &text),
            Told::Step { name, .. } => {
                self.steps.push(name.clone());
                vec![Frame::json(&json!({ "type": "STEP_STARTED", "stepName": name }))]
            }
            Told::StepEnded { name, .. } => {
                self.steps.retain(|other| *other != name);
                vec![Frame::json(&json!({ "type": "STEP_FINISHED", "stepName": name }))]
            }
            Told::Call { id, name, arguments } => {
                let mut frames = self.close();
                frames.extend([
                    Frame::json(&json!({ "type": "TOOL_CALL_START", "toolCallId": id, "toolCallName": name })),
                    Frame::json(&json!({ "type": "TOOL_CALL_ARGS", "toolCallId": id, "delta": arguments.to_string() })),
                    Frame::json(&json!({ "type": "TOOL_CALL_END", "toolCallId": id })),
                ]);
                frames
            }
            Told::Result { id, output } => {
                let content = output.as_str().map_or_else(|| output.to_string(), str::to_owned);
                result(&id, &content)
            }
            Told::CallFailed { id } => result(&id, "the tool failed"),
            Told::Custom { name, data } => vec![Frame::json(&json!({ "type": "CUSTOM", "name": name, "value": data }))],
            Told::Output(output) => {
                self.output = Some(output);
                Vec::new()
            }
        }
    }

    fn end(&mut self, failure: Option<&Failure>) -> Vec<Frame> {
        let mut frames = self.close();
        for name in self.steps.drain(..) {
            frames.push(Frame::json(&json!({ "type": "STEP_FINISHED", "stepName": name })));
        }
        frames.push(if let Some(failure) = failure {
            Frame::json(&json!({ "type": "RUN_ERROR", "message": failure.message, "code": failure.code }))
        } else {
            let mut end = json!({ "type": "RUN_FINISHED", "threadId": self.thread, "runId": self.run });
            if let Some(output) = self.output.take() {
                end["result"] = output;
            }
            Frame::json(&end)
        });
        frames
    }
}

impl Protocol {
    fn delta(&mut self, kind: Open, text: &str) -> Vec<Frame> {
        let mut frames = Vec::new();
        if self.open != Some(kind) {
            frames = self.close();
            self.messages += 1;
            self.open = Some(kind);
            let id = self.id();
            if kind == Open::Reasoning {
                frames.push(Frame::json(&json!({ "type": "REASONING_START", "messageId": id })));
            }
            let role = if kind == Open::Text { "assistant" } else { "reasoning" };
            frames.push(Frame::json(&json!({ "type": kind.event("START"), "messageId": id, "role": role })));
        }
        frames.push(Frame::json(&json!({ "type": kind.event("CONTENT"), "messageId": self.id(), "delta": text })));
        frames
    }

    fn close(&mut self) -> Vec<Frame> {
        let Some(kind) = self.open.take() else { return Vec::new() };
        let mut frames = vec![Frame::json(&json!({ "type": kind.event("END"), "messageId": self.id() }))];
        if kind == Open::Reasoning {
            frames.push(Frame::json(&json!({ "type": "REASONING_END", "messageId": self.id() })));
        }
        frames
    }

    fn id(&self) -> String {
        format!("{}-{}", self.run, self.messages)
    }
}

fn result(id: &str, content: &str) -> Vec<Frame> {
    let message = format!("{id}-result");
    vec![Frame::json(&json!({
        "type": "TOOL_CALL_RESULT", "messageId": message, "toolCallId": id, "content": content, "role": "tool",
    }))]
}

impl Open {
    fn event(self, phase: &str) -> String {
        match self {
            Open::Text => format!("TEXT_MESSAGE_{phase}"),
            Open::Reasoning => format!("REASONING_MESSAGE_{phase}"),
        }
    }
}
