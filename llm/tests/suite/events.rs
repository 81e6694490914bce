//! The events of a prompt, a model and a parser, against what LangChain's are recorded to be.

use catena::{Chunks, Event, Result, RunId, RunnableExt, chain, prelude::runnable, record};
use catena_llm::{Chat, ChatModel, ChatRequest, Message, MessageChunk, prompt};
use futures_util::{Stream, TryStreamExt, stream};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};

/// A model that says these pieces.
struct Says(&'static str, &'static [&'static str]);

impl ChatModel for Says {
    fn name(&self) -> &str {
        self.0
    }

    async fn complete(&self, _: ChatRequest, _: &catena::Context) -> Result<Message> {
        Ok(Message::assistant(self.1.concat()))
    }

    fn stream<'a>(&'a self, _: ChatRequest, _: &'a catena::Context) -> Chunks<'a, MessageChunk> {
        Chunks::new(stream::iter(self.1.iter().map(|piece| Ok(MessageChunk::text(*piece)))))
    }
}

#[runnable(kind = parser)]
fn text(chunks: impl Stream<Item = Result<MessageChunk>> + Send) -> impl Stream<Item = Result<String>> + Send {
    chunks.map_ok(|chunk| chunk.text)
}

fn recording(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tests/suite/conformance/recordings");
    serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// What a run has told: the place, and its events with their data.
type Runs = BTreeMap<String, Vec<Value>>;

/// Runs are known by their families and their tags: names are each one's own.
fn key(event: &str, tags: &Value) -> String {
    let family = event.trim_start_matches("on_").rsplit_once('_').unwrap().0;
    format!("{family} {tags}")
}

/// LangChain's messages in Catena's form. Whether a chunk is the last one is not told there.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("$prompt") => plain(&fields["$prompt"]),
        Value::Object(fields) if fields.contains_key("$msg") => {
            let role = match fields["$msg"].as_str().unwrap() {
                "SystemMessage" => "system",
                "HumanMessage" => "user",
                _ => "assistant",
            };
            json!({"role": role, "content": fields["content"]})
        }
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        Value::Array(items) => items.iter().map(plain).collect(),
        value => value.clone(),
    }
}

fn recorded(events: &Value) -> Runs {
    let mut runs = Runs::new();
    for event in events.as_array().unwrap() {
        let name = event["event"].as_str().unwrap();
        let entry =
            json!({"event": name, "data": plain(&event["data"]), "within": event["parents"].as_array().unwrap().len()});
        runs.entry(key(name, &event["tags"])).or_default().push(entry);
    }
    runs
}

/// The same of ours; a chunk has no role, for it is always the model's.
fn observed(events: &[Event]) -> Runs {
    let mut runs = Runs::new();
    let ids: Vec<RunId> = events.iter().map(|event| event.run.id()).collect();
    for event in events {
        let mut told = serde_json::to_value(event).unwrap();
        if event.event() == "on_chat_model_stream" {
            told["data"]["chunk"]["role"] = json!("assistant");
        }
        // What a run as a whole got, LangChain does not repeat at its end.
        if event.run.parent().is_none() && event.event() == "on_chain_end" {
            assert!(event.input().is_some());
            told["data"].as_object_mut().unwrap().remove("input");
        }
        assert!(event.run.parents().iter().all(|parent| ids.contains(parent)), "{told}");
        let entry = json!({"event": event.event(), "data": told["data"], "within": event.run.parents().len()});
        runs.entry(key(event.event(), &told["tags"])).or_default().push(entry);
    }
    runs
}

#[tokio::test]
async fn events_are_those_of_langchain() {
    let g01 = recording("g01_events_prompt_genericmodel_parser");
    let chain = chain!({ topic: String } =>
        prompt!(system: "You are terse.", user: "Tell me about {topic}")
        | Chat::new(Says("hello", &["hello", " ", "goodbye"]))
        | text
    );
    let events: Vec<Event> = chain.events(record! { topic: "cats".to_owned() }).try_collect().await.unwrap();
    assert_eq!(observed(&events), recorded(&g01["events"]));
}

#[tokio::test]
async fn events_of_a_single_message_are_those_of_langchain() {
    let g02 = recording("g02_events_prompt_listmodel_parser");
    let chain = chain!({ x: String } => prompt!(user: "Say {x}") | Chat::new(Says("letters", &["a", "b", "c"])) | text);
    let events: Vec<Event> = chain.events(record! { x: "hi".to_owned() }).try_collect().await.unwrap();
    assert_eq!(observed(&events), recorded(&g02["events"]));
}
