//! Events in a form that can be compared with those of a recording.

use catena::{Event, EventKind, prelude::*};
use futures_util::StreamExt;
use serde_json::{Map, Value};

/// LangChain's name for what Catena names otherwise.
pub(crate) fn translated(name: &str) -> String {
    let starts = |prefix: &str, other: &str| name.strip_prefix(prefix).map(|rest| format!("{other}{rest}"));
    match name {
        "sequence" => "RunnableSequence".to_owned(),
        "branch" => "RunnableBranch".to_owned(),
        "fallback" => "RunnableWithFallbacks".to_owned(),
        "_" => "RunnablePassthrough".to_owned(),
        closure if closure.starts_with('|') => "RunnableLambda".to_owned(),
        _ => starts("parallel<", "RunnableParallel<").or(starts("map<", "RunnableEach<")).unwrap_or(name.to_owned()),
    }
}

/// What a run of this step is called, in LangChain's words.
pub(crate) async fn name_of_run<In: Send, R: Runnable<In>>(step: &R, input: In) -> String {
    let first = step.events(input).next().await.unwrap().unwrap();
    translated(first.name())
}

/// One run: what its events have in common, and each of them with its data.
#[derive(Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) name: String,
    pub(crate) parent: Option<usize>,
    pub(crate) tags: Vec<String>,
    pub(crate) events: Vec<String>,
    data: Vec<Value>,
}

fn sorted(mut tags: Vec<String>) -> Vec<String> {
    tags.sort();
    tags
}

/// The runs of a recording, in the order in which they begin. How the events of different runs interleave is one of the
/// differences.
pub(crate) fn recorded(events: &Value) -> Vec<Run> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut ids: Vec<String> = Vec::new();
    let mut runs: Vec<Run> = Vec::new();
    for event in events.as_array().unwrap() {
        let id = text(&event["run"]);
        let at = ids.iter().position(|known| *known == id).unwrap_or_else(|| {
            let parent = event["parents"].as_array().unwrap().last().map(text);
            runs.push(Run {
                name: text(&event["name"]),
                parent: parent.and_then(|parent| ids.iter().position(|known| *known == parent)),
                tags: sorted(event["tags"].as_array().unwrap().iter().map(text).collect()),
                events: Vec::new(),
                data: Vec::new(),
            });
            ids.push(id);
            ids.len() - 1
        });
        runs[at].events.push(text(&event["event"]));
        runs[at].data.push(event["data"].clone());
    }
    runs
}

/// The runs of Catena, the same way. Events of errors are an addition to what LangChain has, except for tools.
pub(crate) fn observed(events: &[Event]) -> Vec<Run> {
    let mut ids = Vec::new();
    let mut runs: Vec<Run> = Vec::new();
    for event in events {
        let id = event.run.id();
        let at = ids.iter().position(|known| *known == id).unwrap_or_else(|| {
            let parent = event.run.parent().map(catena::Run::id);
            runs.push(Run {
                name: translated(event.run.name()),
                parent: parent.and_then(|parent| ids.iter().position(|known| *known == parent)),
                tags: sorted(event.run.tags().map(String::from).collect()),
                events: Vec::new(),
                data: Vec::new(),
            });
            ids.push(id);
            ids.len() - 1
        });
        if !matches!(event.kind, EventKind::Error { .. }) || event.event() == "on_tool_error" {
            runs[at].events.push(event.event().to_owned());
            runs[at].data.push(serde_json::to_value(event).unwrap()["data"].clone());
        }
    }
    runs
}

/// A recorded value as Catena's chains here have it: a message is its text. Nothing for values of other types.
fn comparable(value: &Value) -> Option<Value> {
    match value {
        Value::Object(fields) if fields.contains_key("$msg") => Some(fields["content"].clone()),
        Value::Object(fields) if fields.keys().any(|key| key.starts_with('$') || key == "messages") => None,
        Value::Object(fields) => {
            let fields: Option<Map<_, _>> = fields.iter().map(|(k, v)| Some((k.clone(), comparable(v)?))).collect();
            fields.map(Value::Object)
        }
        Value::Array(items) if items.iter().any(|item| comparable(item).is_none()) => None,
        value => Some(value.clone()),
    }
}

/// That the runs are the same, and that what both tell of inputs, chunks and outputs is the same.
pub(crate) fn conforms(events: &Value, ours: &[Event]) {
    let (recorded, observed) = (recorded(events), observed(ours));
    let outline = |runs: &[Run]| -> Vec<_> {
        runs.iter().map(|run| (run.name.clone(), run.parent, run.tags.clone(), run.events.clone())).collect()
    };
    assert_eq!(outline(&recorded), outline(&observed));
    for (theirs, ours) in recorded.iter().zip(&observed) {
        for (theirs, ours) in theirs.data.iter().zip(&ours.data) {
            for part in ["input", "chunk", "output"] {
                // An empty object is what upstream records for an input that it has not seen.
                let theirs = theirs.get(part).filter(|value| **value != Value::Object(Map::new())).and_then(comparable);
                if let (Some(theirs), Some(ours)) = (theirs, ours.get(part)) {
                    assert_eq!(&theirs, ours, "{part} in {theirs} and {ours}");
                }
            }
        }
    }
}
