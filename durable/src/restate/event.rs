//! The events of a run, in the order in which the engine keeps them.

use crate::{
    record::{Record, digest::Digest, usage::Usage},
    store::Wait,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing that happened in a run. The engine's journal is a list of these, and reading it again gives the same state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Event {
    /// A step has finished.
    Step(KeptStep),
    /// The run has come to a pause or a timer.
    Wait(Wait),
    /// An answer could not be read.
    Unanswered(String),
    /// The chain ended at a pause or a timer.
    Paused(String),
    /// The chain ended because of an answer that could not be read.
    Again,
    Output(Value),
    Failed(Failed),
}

/// An error that ends the run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Failed {
    /// The status of HTTP.
    pub(super) code: u16,
    pub(super) message: String,
}

/// A finished step. The payload is JSON, and so is text.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptStep {
    key: String,
    input: String,
    payload: String,
    #[serde(default)]
    usage: Usage,
    chain: String,
    process: String,
    started: i64,
    finished: i64,
}

impl From<Record> for KeptStep {
    fn from(record: Record) -> Self {
        KeptStep {
            key: record.key,
            input: record.input.text().to_owned(),
            payload: String::from_utf8_lossy(&record.payload).into_owned(),
            usage: record.usage,
            chain: record.chain,
            process: record.process,
            started: record.started,
            finished: record.finished,
        }
    }
}

impl From<KeptStep> for Record {
    fn from(step: KeptStep) -> Self {
        Record {
            key: step.key,
            input: Digest::stored(step.input),
            payload: step.payload.into_bytes(),
            usage: step.usage,
            chain: step.chain,
            process: step.process,
            started: step.started,
            finished: step.finished,
        }
    }
}

impl Event {
    /// The bytes that it has about, for the size of a message.
    pub(super) fn size(&self) -> usize {
        match self {
            Event::Step(step) => step.payload.len() + step.key.len() + 200,
            Event::Wait(wait) => wait.input.len() + wait.key.len() + 200,
            Event::Output(_) | Event::Failed(_) | Event::Paused(_) | Event::Unanswered(_) | Event::Again => 200,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events that version 0.1 writes: runs may wait in Restate for longer than a version lives. It is never changed.
    const EVENTS: &str = r#"[{"step":{"key":"[0].a/1","input":"00","payload":"{\"output\":1}","usage":{"calls":1,"input_tokens":2,"output_tokens":3,"models":{"m":1}},"chain":"","process":"1@a","started":1,"finished":2}},
{"wait":{"key":"manager","expects":"bool","input":"1","since":1,"until":null,"answer":null,"answered":null}},{"unanswered":"manager"},{"paused":"manager"},"again",{"failed":{"code":500,"message":"no"}},{"output":1}]"#;

    #[test]
    fn the_events_of_older_versions_are_read() {
        let events: Vec<Event> = serde_json::from_str(EVENTS).unwrap();
        assert_eq!(serde_json::to_string(&events).unwrap(), EVENTS.replace('\n', ""));
        let Some(Event::Step(step)) = events.into_iter().next() else { panic!("no step") };
        let record = Record::from(step);
        assert_eq!(
            (&*record.key, &*record.payload, record.usage.output_tokens),
            ("[0].a/1", &b"{\"output\":1}"[..], 3)
        );
    }
}
