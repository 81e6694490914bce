//! Steps that remember, over real HTTP where a model is asked: what they send, and what is stored when.

use catena::{CancellationToken, Config, ErrorKind, Keys, prelude::*};
use catena_llm::{
    Message, MessageAssembler, Messages, Model, anthropic,
    memory::{HistoryExt, HistoryStore, InMemoryHistory, SESSION, SqliteHistory, Trim, Turn},
    openai, prompt,
    simulator::{Fault, Simulator},
};
use futures_util::StreamExt;
use serde_json::{Value, json};

fn gpt(sim: &Simulator) -> Model {
    openai("gpt-4o-mini").base_url(sim.openai_url()).api_key("k").build().unwrap()
}

fn session(id: &str) -> Config {
    Config::new().set(&SESSION, Some(id.to_owned()))
}

fn texts(messages: &Messages) -> Vec<&str> {
    messages.iter().map(Message::text).collect()
}

/// The messages of the last request, as they were sent.
fn sent(sim: &Simulator) -> Value {
    sim.requests().pop().unwrap().request.body["messages"].clone()
}

#[tokio::test]
async fn a_model_is_sent_what_was_said_before_called_or_streamed() {
    let (sim, folder) = (Simulator::start().await.unwrap(), tempfile::tempdir().unwrap());
    let store = SqliteHistory::open(folder.path().join("chats.db")).await.unwrap();
    let chat = gpt(&sim).with_history(store.clone(), &SESSION);
    chat.invoke_with("one", session("a")).await.unwrap();
    let streamed = chat.stream_with("two", session("a")).assemble(MessageAssembler::default()).await.unwrap();
    assert_eq!(streamed.text(), "You said: two");
    chat.invoke_with("elsewhere", session("b")).await.unwrap();
    assert_eq!(sent(&sim).as_array().unwrap().len(), 1);
    chat.invoke_with("three", session("a")).await.unwrap();
    let said = [
        ("user", "one"),
        ("assistant", "You said: one"),
        ("user", "two"),
        ("assistant", "You said: two"),
        ("user", "three"),
    ];
    for (sent, (role, text)) in sent(&sim).as_array().unwrap().iter().zip(said) {
        assert_eq!((&sent["role"], &sent["content"]), (&json!(role), &json!(text)));
    }
    let stored = store.get("a").await.unwrap();
    assert_eq!(stored[3], streamed, "whole, with its usage and reason to stop");
    assert!(stored[3].usage().is_some());
}

#[tokio::test]
async fn prompts_take_the_history_and_the_input_by_name() {
    let sim = Simulator::start().await.unwrap();
    let chain = chain!(Turn<String> =>
        <count: .history | |history| history.len(), input: .input>
        | prompt!(system: "There were {count} messages.", user: "{input}")
        | anthropic("claude-sonnet-4-5").base_url(sim.anthropic_url()).api_key("k").build().unwrap()
    );
    let chat = chain.with_history(InMemoryHistory::new(), "one");
    chat.invoke("hi".to_owned()).await.unwrap();
    chat.invoke("again".to_owned()).await.unwrap();
    assert_eq!(sim.requests().pop().unwrap().request.system(), "There were 2 messages.");
}

#[tokio::test]
async fn a_turn_that_fails_stores_nothing_and_a_retry_stores_one() {
    let (sim, store) = (Simulator::start().await.unwrap(), InMemoryHistory::new());
    let chat = gpt(&sim).with_history(store.clone(), "a");
    sim.script("gpt-4o-mini").fail(Fault::status(401)).fail(Fault::status(500)).times(2);
    assert_eq!(chat.invoke("no").await.unwrap_err().kind(), &ErrorKind::Auth);
    assert_eq!(store.sessions().await.unwrap().len(), 0);
    chat.retry(Retry::attempts(3).base(std::time::Duration::ZERO)).invoke("yes").await.unwrap();
    assert_eq!(texts(&store.get("a").await.unwrap()), ["yes", "You said: yes"]);
}

#[tokio::test]
async fn a_stream_that_is_cut_dropped_or_cancelled_stores_nothing() {
    let (sim, store) = (Simulator::start().await.unwrap(), InMemoryHistory::new());
    let chat = gpt(&sim).with_history(store.clone(), "a");
    let nothing_stored = async || assert_eq!(store.sessions().await.unwrap(), Vec::<String>::new());

    for fault in [Fault::Cut { after: 2 }, Fault::EarlyEnd { after: 2 }] {
        sim.script("gpt-4o-mini").fail(fault);
        let chunks: Vec<_> = chat.stream("one two three").collect().await;
        assert!(chunks.last().unwrap().is_err());
        nothing_stored().await;
    }

    let mut chunks = chat.stream("one two three");
    chunks.next().await.unwrap().unwrap();
    drop(chunks);
    nothing_stored().await;

    let stop = CancellationToken::new();
    let mut chunks = chat.stream_with("one two three", Config::new().cancel(stop.clone()));
    chunks.next().await.unwrap().unwrap();
    stop.cancel();
    let mut last = None;
    while let Some(chunk) = chunks.next().await {
        last = Some(chunk);
    }
    assert_eq!(last.unwrap().unwrap_err().kind(), &ErrorKind::Cancelled);
    nothing_stored().await;

    // And of one that goes well nothing before the chunk that says that it is complete.
    let mut chunks = chat.stream("one");
    while let Some(chunk) = chunks.next().await {
        if chunk.unwrap().finish_reason().is_some() {
            break;
        }
        nothing_stored().await;
    }
    drop(chunks);
    assert_eq!(texts(&store.get("a").await.unwrap()), ["one", "You said: one"]);
}

/// Its pieces cannot be copied.
struct Piece(&'static str);

impl catena::Gather for Piece {
    type Assembler = Pieces;
}

#[derive(Default)]
struct Pieces(String);

impl catena::Assemble for Pieces {
    type Chunk = Piece;
    type Output = String;

    fn push(&mut self, piece: Piece) {
        self.0.push_str(piece.0);
    }

    fn finish(self) -> catena::Result<String> {
        Ok(self.0)
    }

    fn split(&self, _whole: String, emit: &mut dyn FnMut(Piece)) {
        emit(Piece("all"));
    }
}

#[runnable]
fn pieces(_messages: Messages) -> impl futures_util::Stream<Item = catena::Result<Piece>> + Send {
    futures_util::stream::iter([Ok(Piece("a")), Ok(Piece("ll"))])
}

#[tokio::test]
async fn pieces_that_cannot_be_copied_and_outputs_in_one_are_stored_too() {
    let store = InMemoryHistory::new();
    let chat = pieces.with_history(store.clone(), "pieces").as_messages();
    let got: Vec<&str> = chat.stream("?").map(|piece| piece.unwrap().0).collect().await;
    assert_eq!((got, texts(&store.get("pieces").await.unwrap())), (vec!["all"], vec!["?", "all"]));

    let chat = chain!(Messages => |_| "whole".to_owned()).with_history(store.clone(), "whole").as_messages();
    let got: Vec<String> = chat.stream("?").map(Result::unwrap).collect().await;
    assert_eq!((got, texts(&store.get("whole").await.unwrap())), (vec!["whole".to_owned()], vec!["?", "whole"]));
}

#[tokio::test]
async fn what_is_read_is_trimmed_and_what_is_stored_is_not() {
    let store = InMemoryHistory::new();
    let chat = chain!(Messages => |messages| messages.len().to_string());
    let chat = chat.with_history(store.clone(), "a").trimmed(Trim::messages(4)).as_messages();
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(chat.invoke("again").await.unwrap());
    }
    assert_eq!(seen, ["1", "3", "5", "5", "5"]);
    assert_eq!(store.get("a").await.unwrap().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_of_one_session_at_once_are_stored_as_pairs() {
    let (sim, folder) = (Simulator::start().await.unwrap(), tempfile::tempdir().unwrap());
    let store = SqliteHistory::open(folder.path().join("chats.db")).await.unwrap();
    let chat = gpt(&sim).with_history(store.clone(), "a");
    let questions: Vec<String> = (0..30).map(|n| format!("q{n}")).collect();
    for answer in chat.batch(questions).await {
        answer.unwrap();
    }
    let stored = store.get("a").await.unwrap();
    assert_eq!(stored.len(), 60);
    for pair in stored.chunks(2) {
        assert_eq!(pair[1].text(), format!("You said: {}", pair[0].text()));
    }
}

#[tokio::test]
async fn a_session_is_set_from_json_and_a_blank_one_is_none() {
    let store = InMemoryHistory::new();
    let chat = chain!(Messages => |_| "hi".to_owned()).with_history(store.clone(), &SESSION).as_messages();
    let mut keys = Keys::new();
    catena::Step::keys(&chat, &mut keys);
    let config = |id: &str| Config::from_json(&json!({ "configurable": { "session_id": id } }), &keys).unwrap();
    chat.invoke_with("?", config("anna")).await.unwrap();
    assert_eq!(store.sessions().await.unwrap(), ["anna"]);
    for missing in [Config::new(), config("  "), Config::new().set(&SESSION, None)] {
        let error = chat.invoke_with("?", missing).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains("`session_id`"), "{error}");
    }
}
