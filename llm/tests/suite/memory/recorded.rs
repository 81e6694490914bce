//! The same conversations as in the recording of langchain-core's `RunnableWithMessageHistory`, with the same outcomes.

use catena::{Config, ConfigKey, Error, ErrorKind, Keys, Result, prelude::*};
use catena_llm::{
    Message, Messages,
    memory::{HistoryExt, HistoryStore, InMemoryHistory, SESSION, Turn},
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

static USER: ConfigKey<Option<String>> = ConfigKey::new("user_id", None);
static CONVERSATION: ConfigKey<Option<String>> = ConfigKey::new("conv_id", None);

fn recording() -> Value {
    let recording: Value = serde_json::from_str(include_str!("g28_history.json")).unwrap();
    recording["cases"].clone()
}

/// As the recording writes messages.
fn recorded(messages: &Messages) -> Value {
    let class = |message: &Message| match message.role().to_string().as_str() {
        "system" => "SystemMessage",
        "user" => "HumanMessage",
        _ => "AIMessage",
    };
    messages.iter().map(|message| json!({ "$msg": class(message), "content": message.text() })).collect()
}

async fn stored(store: &InMemoryHistory) -> Value {
    let mut all = serde_json::Map::new();
    for session in store.sessions().await.unwrap() {
        let messages = store.get(&session).await.unwrap();
        all.insert(session, recorded(&messages));
    }
    all.into()
}

fn ok(message: &Message) -> Value {
    json!({ "ok": recorded(&message.clone().into())[0] })
}

fn session(id: &str) -> Config {
    Config::new().set(&SESSION, Some(id.to_owned()))
}

/// A model that says how many messages it saw, and what it saw.
type Seen = Arc<Mutex<Vec<Value>>>;

#[tokio::test]
async fn g28_messages_in_and_a_message_out() {
    let (case, store, seen) = (&recording()["messages in / message out"], InMemoryHistory::new(), Seen::default());
    let model = chain!(Messages => |messages| {
        seen.lock().map_err(|_| Error::msg("poisoned"))?.push(recorded(&messages));
        Message::assistant(format!("reply#{}", messages.len()))
    });
    let chat = model.with_history(store.clone(), &SESSION).as_messages();
    let first = chat.invoke_with(Messages::from(Message::user("hi")), session("s1")).await.unwrap();
    let second = chat.invoke_with("again", session("s1")).await.unwrap();
    let third = chat.invoke_with("other", session("s2")).await.unwrap();
    assert_eq!(json!([ok(&first), ok(&second), ok(&third)]), case["replies"]);
    assert_eq!(json!(*seen.lock().unwrap()), case["model_saw"]);
    assert_eq!(stored(&store).await, case["store"]);
}

#[tokio::test]
async fn g28_a_missing_session() {
    let chat = chain!(Messages => |_| Message::assistant("never")).with_history(InMemoryHistory::new(), &SESSION);
    let error = chat.as_messages().invoke("x").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    let upstream = recording()["missing session_id"]["err"]["msg"].as_str().unwrap().to_owned();
    assert!(error.message().contains("session_id") && upstream.contains("session_id"), "{error}");
}

#[tokio::test]
async fn g28_a_record_with_a_history() {
    let (case, store, seen) = (&recording()["dict in + history key"], InMemoryHistory::new(), Seen::default());
    let chain = chain!(Turn<String> =>
        |turn| {
            let mut messages = Messages::from(Message::system("sys"));
            messages.extend(turn.history);
            messages.push(Message::user(turn.input));
            messages
        }
        | |messages| {
            seen.lock().map_err(|_| Error::msg("poisoned"))?.push(recorded(&messages));
            Message::assistant(format!("reply#{}", messages.len()))
        }
    );
    let chat = chain.with_history(store.clone(), &SESSION);
    let first = chat.invoke_with("one".to_owned(), session("z")).await.unwrap();
    let second = chat.invoke_with("two".to_owned(), session("z")).await.unwrap();
    assert_eq!(json!([ok(&first), ok(&second)]), case["replies"]);
    assert_eq!(json!(*seen.lock().unwrap()), case["model_saw"]);
    assert_eq!(stored(&store).await, case["store"]);
}

#[tokio::test]
async fn g28_a_failure_stores_nothing() {
    let (case, store) = (&recording()["failure stores nothing"], InMemoryHistory::new());
    let down = chain!(Messages => |_| Err::<Message, _>(Error::msg("model down"))?);
    let error = down.with_history(store.clone(), &SESSION).as_messages().invoke_with("x", session("e")).await;
    assert_eq!(error.unwrap_err().message(), case["r"]["err"]["msg"]);
    assert_eq!(json!({ "e": recorded(&store.get("e").await.unwrap()) }), case["store"]);
}

#[runnable]
fn tokens(_messages: Messages) -> impl futures_util::Stream<Item = Result<String>> + Send {
    futures_util::stream::iter(["A", "B"].map(|token| Ok(token.to_owned())))
}

#[tokio::test]
async fn g28_a_stream_is_stored_once_as_the_sum() {
    let case = &recording()["stream: chunks pass through, stored once as the sum"];
    let store = InMemoryHistory::new();
    let chat = tokens.with_history(store.clone(), &SESSION).as_messages();
    let chunks: Vec<String> = chat.stream_with("x", session("st")).map(Result::unwrap).collect().await;
    assert_eq!(json!([chunks, null]), case["chunks"]);
    assert_eq!(stored(&store).await, case["store"]);
}

#[tokio::test]
async fn g28_keys_of_your_own() {
    let (case, store) = (&recording()["custom keys"], InMemoryHistory::new());
    let chat = chain!(Messages => |_| "hello".to_owned()).with_history(store.clone(), [&USER, &CONVERSATION]);
    let chat = chat.as_messages();
    let user = || Config::new().set(&USER, Some("u".to_owned()));
    let both = user().set(&CONVERSATION, Some("c".to_owned()));
    assert_eq!(chat.invoke_with("x", both).await.unwrap(), case["ok"]["ok"].as_str().unwrap());
    let sessions = store.sessions().await.unwrap();
    let sessions: Vec<Value> = sessions.iter().map(|session| serde_json::from_str(session).unwrap()).collect();
    assert_eq!(json!(sessions), case["store_keys"]);
    let error = chat.invoke_with("x", user()).await.unwrap_err();
    assert!(error.message().contains("conv_id") && !error.message().contains("user_id"), "{error}");
    assert!(case["missing one"]["err"]["msg"].as_str().unwrap().contains("['conv_id']"));
    let mut keys = Keys::new();
    catena::Step::keys(&chat, &mut keys);
    let mut ids: Vec<&str> = keys.ids().collect();
    ids.sort_unstable();
    assert_eq!(json!(ids), case["config_specs"]);
}
