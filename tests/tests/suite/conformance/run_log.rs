//! The log of a run as JSON patches: g31.

use catena::{Result, prelude::*};
use catena_tests::Cases;
use futures_util::{Stream, TryStreamExt, stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[runnable(kind = prompt, name = "PromptTemplate")]
fn prompt(x: &str) -> String {
    x.to_owned()
}

#[runnable(kind = model, name = "FakeListChatModel")]
fn model(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    text.map_ok(|_| stream::iter(["a", "b"].map(|piece| Ok(piece.to_owned())))).try_flatten()
}

#[runnable(kind = parser, name = "StrOutputParser")]
fn parser(text: impl Stream<Item = Result<String>> + Send) -> impl Stream<Item = Result<String>> + Send {
    text
}

/// What LangChain's types are for Catena's chains here, all of whose values are texts.
fn translated(value: &Value) -> Value {
    let of = |pointer: &str| value.pointer(pointer);
    if let Some(text) = of("/generations/0/0/text").or(of("/$prompt_str")) {
        return text.clone();
    }
    if of("/$msg").is_some() {
        return value["content"].clone();
    }
    match value {
        // The end of a step in the log has its output in an object.
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("output") => fields["output"].clone(),
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "lc_versions").map(|(n, v)| (n.clone(), translated(v))).collect()
        }
        Value::Array(items) => items.iter().map(translated).collect(),
        Value::String(name) if name == "RunnableSequence" => "sequence".into(),
        Value::String(kind) if kind == "llm" => "chat_model".into(),
        value => value.clone(),
    }
}

/// Without what is another in each run.
fn scrubbed(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match name.as_str() {
                "id" => (name.clone(), "<id>".into()),
                "start_time" | "end_time" if !value.is_null() => (name.clone(), "<ts>".into()),
                _ => (name.clone(), scrubbed(value)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(scrubbed).collect(),
        value => value.clone(),
    }
}

/// The operations of each run, by the path of its log: how those of different runs interleave is one of the differences.
fn by_run(patches: &Value) -> BTreeMap<String, Vec<Value>> {
    let mut runs: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for operation in patches.as_array().unwrap().iter().flat_map(|patch| patch.as_array().unwrap()) {
        let path = operation["path"].as_str().unwrap();
        let run = path.split('/').nth(2).filter(|_| path.starts_with("/logs/")).unwrap_or_default();
        let mut operation = operation.clone();
        if path.ends_with("_time") {
            operation["value"] = "<ts>".into();
        }
        runs.entry(run.to_owned()).or_default().push(operation);
    }
    runs
}

#[tokio::test]
async fn g31_run_log() {
    let mut g31 = Cases::of("g31_astream_log", "");
    let chain = chain!(String => prompt | model | parser);
    let (mut state, mut patches) = (Value::Null, Vec::new());
    let mut log = chain.run_log("q".to_owned());
    while let Some(patch) = log.try_next().await.unwrap() {
        json_patch::patch(&mut state, &patch).unwrap();
        patches.push(scrubbed(&json!(patch)));
    }
    assert_eq!(scrubbed(&state), translated(&g31.take("final_state")));
    g31.told("values in the log of a run");
    assert_eq!(by_run(&json!(patches)), by_run(&translated(&g31.take("patches"))));
    g31.told("order of events");
}
