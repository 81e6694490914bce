//! The stores: each session apart, in order, and clear words where a file cannot be used.

use catena::{Error, ErrorKind, prelude::*};
use catena_llm::{
    Message, Messages, ToolCall, Usage,
    memory::{HistoryError, HistoryExt, HistoryStore, InMemoryHistory, SqliteHistory},
};
use std::{fs, path::Path, time::Duration};

fn turn(text: &str) -> Messages {
    [Message::user(text), Message::assistant(text.to_uppercase())].into()
}

/// Names that a careless store would mix up or stumble over.
const SESSIONS: [&str; 9] =
    ["a", "A", "a ", "a%", "%", "'; DROP TABLE catena_messages; --", "a\0b", "日本語", "[\"a\"]"];

async fn keeps_sessions_apart(store: &impl HistoryStore) {
    for session in SESSIONS {
        store.append(session, turn(session)).await.unwrap();
    }
    for session in SESSIONS {
        assert_eq!(store.get(session).await.unwrap(), turn(session), "{session:?}");
    }
    assert_eq!(store.get("b").await.unwrap(), Messages::new());
    let mut known = SESSIONS.map(str::to_owned);
    known.sort();
    assert_eq!(store.sessions().await.unwrap(), known);
    store.clear("%").await.unwrap();
    assert_eq!(store.get("%").await.unwrap(), Messages::new());
    assert_eq!(store.sessions().await.unwrap().len(), SESSIONS.len() - 1);
    store.append("empty", Messages::new()).await.unwrap();
    assert!(!store.sessions().await.unwrap().contains(&"empty".to_owned()));
}

async fn open(folder: &Path) -> SqliteHistory {
    SqliteHistory::open(folder.join("chats.db")).await.unwrap()
}

#[tokio::test]
async fn sessions_cannot_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    keeps_sessions_apart(&InMemoryHistory::new()).await;
    keeps_sessions_apart(&open(folder.path()).await).await;
}

#[tokio::test]
async fn messages_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let call = ToolCall::new("call_1", "weather", r#"{"city": "Oslo"}"#);
    let usage = Usage::new(3, 2);
    let said: Messages = [
        Message::system("Be {brief}."),
        Message::user("\u{0}null, \"quotes\", 🦀 and\nlines").with_name("anna"),
        Message::assistant("").with_tool_call(call).with_model("gpt-4o").with_id("chatcmpl-1"),
        Message::tool("call_1", "rain"),
        Message::assistant("It rains.").with_usage(usage),
    ]
    .into();
    open(folder.path()).await.append("a", said.clone()).await.unwrap();
    assert_eq!(open(folder.path()).await.get("a").await.unwrap(), said);
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_at_once_are_all_there_and_none_is_torn_apart() {
    let folder = tempfile::tempdir().unwrap();
    // Two connections, as of two programs.
    let stores = [open(folder.path()).await, open(folder.path()).await];
    let turns = (0..100).map(|n| {
        let store = stores[n % 2].clone();
        tokio::spawn(async move { store.append("shared", turn(&format!("q{n}"))).await })
    });
    for turn in turns.collect::<Vec<_>>() {
        turn.await.unwrap().unwrap();
    }
    let messages = stores[0].get("shared").await.unwrap();
    let mut questions: Vec<&str> = Vec::new();
    for pair in messages.chunks(2) {
        assert_eq!(pair, &*turn(pair[0].text()));
        questions.push(pair[0].text());
    }
    questions.sort_unstable();
    questions.dedup();
    assert_eq!(questions.len(), 100);
}

#[tokio::test]
async fn a_locked_database_is_a_clear_error_and_the_answer_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.with_busy_timeout(Duration::ZERO);
    let chat = chain!(Messages => |messages| format!("answer {}", messages.len()));
    let chat = chat.with_history(store.clone(), "a").as_messages();
    chat.invoke("first").await.unwrap();
    let other = rusqlite::Connection::open(folder.path().join("chats.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = chat.invoke("second").await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
    assert!(error.message().contains("is locked") && error.message().contains("chats.db"), "{error}");
    assert!(!error.is_retryable(), "another try would ask the model again");
    let lost: &HistoryError = error.downcast_ref().unwrap();
    assert_eq!(*lost.messages, [Message::user("second"), Message::assistant("answer 3")]);
    assert_eq!(store.get(&lost.session).await.unwrap().len(), 2, "reading goes on, and finds what was there");
    other.execute_batch("ROLLBACK").unwrap();
    store.append(&lost.session, lost.messages.clone()).await.unwrap();
    assert_eq!(chat.invoke("third").await.unwrap(), "answer 5");
}

async fn refused(path: &Path) -> Error {
    let error = SqliteHistory::open(path).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput, "{error}");
    let file = path.file_name().unwrap().to_str().unwrap();
    assert!(error.to_string().contains(file), "{error}");
    error
}

#[tokio::test]
async fn files_that_cannot_be_used_are_refused_and_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "Not a database at all. ".repeat(100)).unwrap();
    assert!(refused(&text).await.message().contains("another sort"));
    assert_eq!(fs::read_to_string(&text).unwrap(), "Not a database at all. ".repeat(100));
    refused(&folder.path().join("no_such_folder").join("chats.db")).await;

    let newer = folder.path().join("newer.db");
    SqliteHistory::open(&newer).await.unwrap().append("a", turn("hi")).await.unwrap();
    let connection = rusqlite::Connection::open(&newer).unwrap();
    connection.execute("UPDATE catena_versions SET version = 99", []).unwrap();
    assert!(refused(&newer).await.message().contains("version 99"));
    connection.execute("UPDATE catena_versions SET version = 1", []).unwrap();
    assert_eq!(SqliteHistory::open(&newer).await.unwrap().get("a").await.unwrap(), turn("hi"));
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.append("a", turn("hi")).await.unwrap();
    let connection = rusqlite::Connection::open(folder.path().join("chats.db")).unwrap();
    connection.execute("UPDATE catena_messages SET message = '{' WHERE sequence = 2", []).unwrap();
    let error = store.get("a").await.unwrap_err();
    assert!(error.message().contains("message 2 of session `a`"), "{error}");
    assert_eq!(error.raw_output(), Some("{"));
}

#[test]
fn a_store_works_without_a_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let store = futures_executor(SqliteHistory::open(folder.path().join("chats.db"))).unwrap();
    futures_executor(store.append("a", turn("hi"))).unwrap();
    assert_eq!(futures_executor(store.get("a")).unwrap(), turn("hi"));
}

/// Polls a future that is ready at once, outside of any runtime.
fn futures_executor<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut task = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut task) {
        std::task::Poll::Ready(done) => done,
        std::task::Poll::Pending => panic!("it waits for a runtime"),
    }
}
