//! The log of a run: JSON Patch operations that build its state.

use crate::{Config, Event, EventKind, Events, Result, RunId, RunKind, Runnable, host};
use futures_core::Stream;
use json_patch::{Patch, PatchOperation};
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    pin::Pin,
    sync::Arc,
    task::{Context as Task, Poll},
};

/// The log of a run as [RFC 6902](https://datatracker.ietf.org/doc/html/rfc6902) patches; created by
/// [`run_log`](crate::RunnableExt::run_log), and by [`run_log_owned`](crate::RunnableExt::run_log_owned) for responses of
/// servers. Requires the feature `run-log`.
///
/// Applied one after the other, to any document, the patches give the state of LangChain's `astream_log`: `id`, `name`, `type`,
/// `streamed_output`, `final_output`, and in `logs` the same for each step, by its name (`parse`, `parse:2`, ..). A step that
/// fails has an `error`. The error of the run is also the last item of the stream.
///
/// ```
/// use catena::prelude::*;
/// use futures_util::TryStreamExt;
///
/// #[runnable]
/// fn double(n: u32) -> u32 { n * 2 }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let chain = chain!(u32 => double | double);
/// let mut state = serde_json::Value::Null;
/// let mut log = chain.run_log(3);
/// while let Some(patch) = log.try_next().await? {
///     json_patch::patch(&mut state, &patch).unwrap();
/// }
/// assert_eq!(state["final_output"], 12);
/// assert_eq!(state["logs"]["double"]["final_output"], 6);
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
pub struct RunLog<'a> {
    events: Events<'a>,
    log: Log,
}

/// The state that later patches depend on.
#[derive(Default)]
struct Log {
    root: Option<RunId>,
    /// The place of each step's log, as a JSON pointer.
    places: HashMap<RunId, String>,
    /// The number of steps of each name.
    names: HashMap<String, usize>,
    /// The output so far, gathered from the chunks of the run.
    output: Value,
}

impl<'a> RunLog<'a> {
    pub(crate) fn new<In: Send + 'a, R: Runnable<In>>(step: &'a R, input: In) -> Self {
        RunLog { events: Events::new(step, input), log: Log::default() }
    }

    /// Sets the settings of the run.
    pub fn with(mut self, config: Config) -> Self {
        self.events = self.events.with(config);
        self
    }
}

impl RunLog<'static> {
    /// The log of a run that keeps its step.
    pub(crate) fn owned<In: Send + 'static, R: Runnable<In> + 'static>(step: Arc<R>, input: In) -> Self {
        RunLog { events: Events::owned(step, input), log: Log::default() }
    }
}

impl Stream for RunLog<'_> {
    type Item = Result<Patch>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::task::ready!(Pin::new(&mut self.events).poll_next(task)) {
                Some(Ok(event)) => {
                    let operations = self.log.operations(&event);
                    if !operations.is_empty() {
                        return Poll::Ready(Some(patch(operations)));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

fn patch(operations: Vec<Value>) -> Result<Patch> {
    let operations: Vec<PatchOperation> = serde_json::from_value(operations.into())?;
    Ok(Patch(operations))
}

fn operation(op: &str, path: &str, value: Value) -> Value {
    Value::from_iter([("op", op.into()), ("path", path.into()), ("value", value)])
}

fn now() -> Value {
    humantime::format_rfc3339_millis(host::now()).to_string().into()
}

impl Log {
    fn operations(&mut self, event: &Event) -> Vec<Value> {
        let id = event.run.id();
        let is_root = *self.root.get_or_insert(id) == id;
        match &event.kind {
            EventKind::Start { .. } if is_root => {
                let state = json!({
                    "id": id, "name": event.name(), "type": event.run.kind().name(),
                    "streamed_output": [], "final_output": null, "logs": {},
                });
                vec![operation("replace", "", state)]
            }
            EventKind::Start { .. } => self.begin(event),
            EventKind::Stream { chunk: Some(chunk) } => self.piece(event, is_root, Value::clone(chunk)),
            EventKind::End { output, .. } => {
                let place = if is_root {
                    ""
                } else {
                    let Some(place) = self.places.get(&id) else { return Vec::new() };
                    place
                };
                let mut operations = Vec::new();
                match output.as_deref() {
                    Some(output) if is_root && *output == self.output => {}
                    Some(output) => operations.push(operation("add", &format!("{place}/final_output"), output.clone())),
                    // There is one, but it cannot be written: neither `null` nor the chunks so far are it.
                    None => operations.push(json!({ "op": "remove", "path": format!("{place}/final_output") })),
                }
                if !is_root {
                    operations.push(operation("add", &format!("{place}/end_time"), now()));
                }
                operations
            }
            EventKind::Error { error, .. } => {
                let error = json!(error);
                let place = if is_root { "" } else { self.places.get(&id).map_or("", String::as_str) };
                let mut operations = vec![operation("add", &format!("{place}/error"), error)];
                if !is_root {
                    operations.push(operation("add", &format!("{place}/end_time"), now()));
                }
                operations
            }
            EventKind::Stream { chunk: None } | EventKind::Custom { .. } => Vec::new(),
        }
    }

    fn begin(&mut self, event: &Event) -> Vec<Value> {
        let number = self.names.entry(event.name().to_owned()).or_default();
        *number += 1;
        let name = if *number == 1 { event.name().to_owned() } else { format!("{}:{number}", event.name()) };
        let place = format!("/logs/{}", name.replace('~', "~0").replace('/', "~1"));
        let log = json!({
            "id": event.run.id(), "name": event.name(), "type": event.run.kind().name(),
            "tags": event.run.tags().collect::<Vec<_>>(), "metadata": event.run.metadata(), "start_time": now(),
            "streamed_output": [], "streamed_output_str": [], "final_output": null, "end_time": null,
        });
        self.places.insert(event.run.id(), place.clone());
        vec![operation("add", &place, log)]
    }

    fn piece(&mut self, event: &Event, is_root: bool, chunk: Value) -> Vec<Value> {
        if is_root {
            add(&mut self.output, &chunk);
            return vec![
                operation("add", "/streamed_output/-", chunk),
                operation("replace", "/final_output", self.output.clone()),
            ];
        }
        let Some(place) = self.places.get(&event.run.id()) else { return Vec::new() };
        let mut operations = Vec::new();
        if event.run.kind() == RunKind::ChatModel
            && let Some(text) = chunk.get("content").and_then(Value::as_str).or(chunk.as_str())
        {
            operations.push(operation("add", &format!("{place}/streamed_output_str/-"), text.into()));
        }
        operations.push(operation("add", &format!("{place}/streamed_output/-"), chunk));
        operations
    }
}

/// Adds a chunk to the output so far: texts and lists are concatenated, fields are merged, and any other value replaces the one
/// before. The end of the run has the exact output.
fn add(sum: &mut Value, chunk: &Value) {
    match (&mut *sum, chunk) {
        (Value::String(sum), Value::String(chunk)) => sum.push_str(chunk),
        (Value::Array(sum), Value::Array(chunk)) => sum.extend(chunk.iter().cloned()),
        (Value::Object(sum), Value::Object(chunk)) => merge(sum, chunk),
        _ => *sum = chunk.clone(),
    }
}

fn merge(sum: &mut Map<String, Value>, chunk: &Map<String, Value>) {
    for (name, value) in chunk {
        match sum.get_mut(name) {
            Some(known) => add(known, value),
            None => drop(sum.insert(name.clone(), value.clone())),
        }
    }
}
