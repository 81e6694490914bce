//! The events of a run that both protocols send.

use crate::chain::PieceKind;
use catena::{Event, EventKind, RunId, RunKind};
use catena_llm::{Message, MessageChunk, Part};
use serde_json::Value;
use std::collections::HashMap;
use tokio::time::Instant;

/// Something that happened in a run, as a user interface shows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    Text(String),
    Reasoning(String),
    /// A step began, whose name is unique among those in flight.
    Step {
        id: String,
        name: String,
    },
    StepEnded {
        id: String,
        name: String,
        milliseconds: u64,
        failed: bool,
    },
    /// A call of a tool: of the chain's own, or for the client to make.
    Call {
        id: String,
        name: String,
        arguments: Value,
    },
    Result {
        id: String,
        output: Value,
    },
    CallFailed {
        id: String,
    },
    /// An event of a step's own.
    Custom {
        name: String,
        data: Value,
    },
    /// The output, if it is more than the text.
    Output(Value),
}

/// Tells a run by its events.
pub(super) struct Teller {
    pieces: PieceKind,
    steps: HashMap<RunId, (String, Instant)>,
    texts: bool,
}

impl Teller {
    pub(super) fn new(pieces: PieceKind) -> Self {
        Teller { pieces, steps: HashMap::new(), texts: false }
    }

    pub(super) fn tell(&mut self, event: &Event) -> Vec<Told> {
        let id = event.run.id();
        if let EventKind::Custom { name, data } = &event.kind {
            return vec![Told::Custom { name: name.to_string(), data: data.as_deref().cloned().unwrap_or_default() }];
        }
        if event.run.parent().is_none() {
            return self.root(event);
        }
        match &event.kind {
            EventKind::Start { input } => {
                let name = self.free(event.name());
                self.steps.insert(id, (name.clone(), Instant::now()));
                let mut told = vec![Told::Step { id: id.to_string(), name }];
                if event.run.kind() == RunKind::Tool {
                    let arguments = input.as_deref().cloned().unwrap_or_default();
                    told.push(Told::Call { id: id.to_string(), name: event.name().to_owned(), arguments });
                }
                told
            }
            EventKind::End { output, .. } => {
                let output = output.as_deref().cloned().unwrap_or_default();
                self.ended(event, Told::Result { id: id.to_string(), output }, false)
            }
            EventKind::Error { .. } => self.ended(event, Told::CallFailed { id: id.to_string() }, true),
            _ => Vec::new(),
        }
    }

    fn ended(&mut self, event: &Event, result: Told, failed: bool) -> Vec<Told> {
        let id = event.run.id();
        let mut told = Vec::new();
        if event.run.kind() == RunKind::Tool {
            told.push(result);
        }
        if let Some((name, begun)) = self.steps.remove(&id) {
            let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            told.push(Told::StepEnded { id: id.to_string(), name, milliseconds, failed });
        }
        told
    }

    /// The name of a step, with a number if another one of the name is in flight.
    fn free(&self, name: &str) -> String {
        let taken = |name: &str| self.steps.values().any(|(other, _)| other == name);
        let mut free = name.to_owned();
        let mut number = 2;
        while taken(&free) {
            free = format!("{name}#{number}");
            number += 1;
        }
        free
    }

    fn root(&mut self, event: &Event) -> Vec<Told> {
        match &event.kind {
            EventKind::Stream { chunk: Some(chunk) } if self.pieces != PieceKind::Whole => self.chunk(chunk),
            EventKind::End { output: Some(output), .. } => self.output(output),
            _ => Vec::new(),
        }
    }

    fn chunk(&mut self, chunk: &Value) -> Vec<Told> {
        if self.pieces == PieceKind::MessageChunk {
            return serde_json::from_value(chunk.clone()).map(|chunk| self.message_chunk(chunk)).unwrap_or_default();
        }
        if let Some(text) = chunk.as_str() {
            return self.text(text);
        }
        // The events of an agent. Its calls of tools are runs of their own.
        match (chunk["type"].as_str(), chunk["data"].as_str()) {
            (Some("text"), Some(text)) => self.text(text),
            (Some("reasoning"), Some(text)) => vec![Told::Reasoning(text.to_owned())],
            _ => Vec::new(),
        }
    }

    fn text(&mut self, text: &str) -> Vec<Told> {
        self.texts |= !text.is_empty();
        (!text.is_empty()).then(|| Told::Text(text.to_owned())).into_iter().collect()
    }

    fn message_chunk(&mut self, chunk: MessageChunk) -> Vec<Told> {
        let mut told = match chunk.part {
            Some(Part::Reasoning(reasoning)) if !reasoning.text.is_empty() => vec![Told::Reasoning(reasoning.text)],
            Some(part) => self.text(part.text()),
            None => Vec::new(),
        };
        told.extend(self.text(&chunk.text));
        told
    }

    fn output(&mut self, output: &Value) -> Vec<Told> {
        let message = match output {
            Value::String(text) => Some(Message::assistant(text.as_str())),
            output if output["role"] == "assistant" => serde_json::from_value::<Message>(output.clone()).ok(),
            _ => None,
        };
        let Some(message) = message else { return vec![Told::Output(output.clone())] };
        let mut told = Vec::new();
        if !self.texts {
            let thoughts = message.reasoning();
            if !thoughts.is_empty() && self.pieces == PieceKind::Whole {
                told.push(Told::Reasoning(thoughts));
            }
            told.extend(self.text(message.text()));
        }
        told.extend(message.tool_calls().iter().map(|call| Told::Call {
            id: call.id.clone(),
            name: call.name.clone(),
            arguments: call.arguments().unwrap_or_else(|_| call.raw_arguments.clone().into()),
        }));
        told
    }
}
