//! AG-UI: for `HttpAgent` and what is built on it.

use super::{Asked, Told, conversation};
use crate::{
    failure::Failure,
    response::{Frame, Frames},
};
use catena::RunId;
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

    fn begin(&mut self, run_id: RunId, frames: &mut Frames) {
        for id in [&mut self.thread, &mut self.run] {
            if id.is_empty() {
                *id = run_id.to_string();
            }
        }
        event(frames, &json!({ "type": "RUN_STARTED", "threadId": self.thread, "runId": self.run }));
    }

    fn write(&mut self, told: Told, frames: &mut Frames) {
        match told {
            Told::Text(text) => self.delta(Open::Text, &text, frames),
            Told::Reasoning(text) => self.delta(Open::Reasoning, &text, frames),
            Told::Step { name, .. } => {
                event(frames, &json!({ "type": "STEP_STARTED", "stepName": name }));
                self.steps.push(name);
            }
            Told::StepEnded { name, .. } => {
                self.steps.retain(|other| *other != name);
                event(frames, &json!({ "type": "STEP_FINISHED", "stepName": name }));
            }
            Told::Call { id, name, arguments } => {
                self.close(frames);
                event(frames, &json!({ "type": "TOOL_CALL_START", "toolCallId": id, "toolCallName": name }));
                let arguments = arguments.to_string();
                event(frames, &json!({ "type": "TOOL_CALL_ARGS", "toolCallId": id, "delta": arguments }));
                event(frames, &json!({ "type": "TOOL_CALL_END", "toolCallId": id }));
            }
            Told::Result { id, output } => {
                let content = output.as_str().map_or_else(|| output.to_string(), str::to_owned);
                result(frames, &id, &content);
            }
            Told::CallFailed { id } => result(frames, &id, "the tool failed"),
            Told::Custom { name, data } => event(frames, &json!({ "type": "CUSTOM", "name": name, "value": data })),
            Told::Output(output) => self.output = Some(output),
        }
    }

    fn end(&mut self, failure: Option<&Failure>, frames: &mut Frames) {
        self.close(frames);
        for name in self.steps.drain(..) {
            event(frames, &json!({ "type": "STEP_FINISHED", "stepName": name }));
        }
        if let Some(failure) = failure {
            event(frames, &json!({ "type": "RUN_ERROR", "message": failure.message, "code": failure.code }));
            return;
        }
        let mut end = json!({ "type": "RUN_FINISHED", "threadId": self.thread, "runId": self.run });
        if let Some(output) = self.output.take() {
            end["result"] = output;
        }
        event(frames, &end);
    }
}

impl Protocol {
    fn delta(&mut self, kind: Open, text: &str, frames: &mut Frames) {
        if self.open != Some(kind) {
            self.close(frames);
            self.messages += 1;
            self.open = Some(kind);
            let id = self.id();
            if kind == Open::Reasoning {
                event(frames, &json!({ "type": "REASONING_START", "messageId": id }));
            }
            let role = if kind == Open::Text { "assistant" } else { "reasoning" };
            event(frames, &json!({ "type": kind.event("START"), "messageId": id, "role": role }));
        }
        event(frames, &json!({ "type": kind.event("CONTENT"), "messageId": self.id(), "delta": text }));
    }

    fn close(&mut self, frames: &mut Frames) {
        let Some(kind) = self.open.take() else { return };
        event(frames, &json!({ "type": kind.event("END"), "messageId": self.id() }));
        if kind == Open::Reasoning {
            event(frames, &json!({ "type": "REASONING_END", "messageId": self.id() }));
        }
    }

    fn id(&self) -> String {
        format!("{}-{}", self.run, self.messages)
    }
}

fn result(frames: &mut Frames, id: &str, content: &str) {
    let message = format!("{id}-result");
    event(
        frames,
        &json!({
            "type": "TOOL_CALL_RESULT", "messageId": message, "toolCallId": id, "content": content, "role": "tool",
        }),
    );
}

fn event(frames: &mut Frames, json: &Value) {
    frames.push_back(Frame::json(json));
}

impl Open {
    fn event(self, phase: &str) -> String {
        match self {
            Open::Text => format!("TEXT_MESSAGE_{phase}"),
            Open::Reasoning => format!("REASONING_MESSAGE_{phase}"),
        }
    }
}
