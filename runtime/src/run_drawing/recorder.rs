//! The record of each event.

use super::{
    Drawing, format, layout,
    run_stats::{Failure, Seen},
    tokens,
};
use crate::{Error, Event, EventKind, Node, Observer, RunKind, host::Instant};
use catena_graph::Status;
use serde_json::Value;
use std::fmt::Write as _;

/// The maximum length of a stored input or output, in characters.
const VALUE: usize = 2_000;

impl Drawing {
    fn begun(&self, seen: &mut Seen, input: Option<&Value>) {
        if matches!(seen.run.structure.0, Node::Map(_)) {
            seen.items = input.and_then(Value::as_array).map(|items| items.len() as u64);
        }
        self.value(input, &mut seen.input);
    }

    fn ended(&self, seen: &mut Seen, input: Option<&Value>, output: Option<&Value>) {
        self.value(input, &mut seen.input);
        self.value(output, &mut seen.output);
        if seen.run.kind() != RunKind::ChatModel || !self.usage {
            return;
        }
        let Some(output) = output else { return };
        seen.model = tokens::model(output).map(str::to_owned);
        if let Some(usage) = tokens::usage(output) {
            seen.tokens = tokens::tokens(usage);
            let model = seen.model.as_deref().unwrap_or(&seen.run.name);
            seen.cost = self.price.as_ref().and_then(|price| price(model, usage)).filter(|cost| cost.is_finite());
        }
    }

    fn value(&self, value: Option<&Value>, kept: &mut Option<String>) {
        if let (true, Some(value)) = (self.values, value) {
            *kept = Some(cut(match value {
                Value::String(text) => text.clone(),
                value => serde_json::to_string_pretty(value).unwrap_or_default(),
            }));
        }
    }
}

/// The first characters of a text, and how many more there are.
fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(VALUE) {
        let more = text[end..].chars().count();
        text.truncate(end);
        let _ = write!(text, "… and {} more characters", format::count(more as u64));
    }
    text
}

fn failure(error: &Error) -> Failure {
    Failure { message: cut(error.message().to_owned()), whole: cut(error.to_string()) }
}

impl Observer for Drawing {
    fn event(&self, event: &Event) {
        let now = Instant::now();
        let mut log = self.lock();
        let id = event.run.id();
        match &event.kind {
            EventKind::Start { input } => self.begun(log.begin(&event.run, now), input.as_deref()),
            EventKind::Stream { .. } => {
                if let Some(seen) = log.open(id) {
                    seen.chunks += 1;
                }
            }
            EventKind::Custom { .. } => {
                if let Some(seen) = log.open(id) {
                    seen.custom += 1;
                }
            }
            EventKind::End { input, output } => {
                if let Some(seen) = log.open(id) {
                    self.ended(seen, input.as_deref(), output.as_deref());
                }
                log.end(id, Status::Ok, now);
            }
            EventKind::Error { input, error } => {
                let status = layout::status(error.kind());
                if let Some(seen) = log.open(id) {
                    self.ended(seen, input.as_deref(), None);
                    seen.error = (self.errors && status == Status::Failed).then(|| failure(error));
                }
                log.end(id, status, now);
            }
        }
    }

    fn reads(&self) -> bool {
        self.values || self.usage
    }
}
