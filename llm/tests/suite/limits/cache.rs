use catena::{Assemble, Context, RunnableExt};
use catena_llm::{
    ChatModel, ChatRequest, Image, Message, MessageAssembler, MessageChunk, Options, Usage,
    cache::{CacheKey, CacheStore, CachedAnswer, MemoryCache},
    testing::{Reply, Scripted},
};
use futures_util::StreamExt;
use serde_json::json;
use std::time::Duration;

fn counting() -> Scripted {
    let count = std::sync::atomic::AtomicUsize::new(1);
    Scripted::new().named("gpt").respond(move |_| {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Some(Reply::from(format!("answer {n}")).usage(Usage::new(10, 2)))
    })
}

#[tokio::test]
async fn everything_that_matters_makes_another_request() {
    let store = MemoryCache::new(100);
    let chat = counting().chat().cached(store.clone());
    let plain = || vec![Message::user("What?")];
    let mut answers = Vec::new();
    let mut ask = async |options: Options, messages: Vec<Message>| {
        answers.push(chat.clone().with_options(options).invoke(messages).await.unwrap().to_string());
    };
    ask(Options::new(), plain()).await;
    ask(Options::new().temperature(0.5), plain()).await;
    ask(Options::new().max_tokens(5), plain()).await;
    ask(Options::new().seed(1), plain()).await;
    ask(Options::new().stop("x"), plain()).await;
    ask(Options::new(), vec![Message::user("What? ")]).await;
    ask(Options::new(), vec![Message::system("What?")]).await;
    ask(Options::new(), vec![Message::user("What?").with_name("ann")]).await;
    ask(Options::new(), vec![Message::user("What?").with_image(Image::bytes("image/png", *b"a"))]).await;
    ask(Options::new(), vec![Message::user("What?").with_image(Image::bytes("image/png", *b"b"))]).await;
    let wanted: Vec<_> = (1..=answers.len()).map(|n| format!("answer {n}")).collect();
    assert_eq!(answers, wanted);
    assert_eq!(store.len(), wanted.len());
    // The same again, and another model in the same store.
    assert_eq!(chat.invoke(plain()).await.unwrap().text(), "answer 1");
    let other = Scripted::answers(["other"]).named("claude").chat().cached(store);
    assert_eq!(other.invoke(plain()).await.unwrap().text(), "other");
}

#[tokio::test]
async fn a_stream_comes_again_as_the_chunks_that_it_was_and_costs_nothing() {
    let reply =
        Reply::chunks(["one ", "two ", "", "three"]).and_tool_call("f", json!({"a": 1})).usage(Usage::new(7, 3));
    let model = Scripted::answers([reply]);
    let chat = model.chat().cached(MemoryCache::new(10));
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(chat.stream("?").map(|chunk| chunk.unwrap()).collect::<Vec<MessageChunk>>().await);
    }
    let texts = |chunks: &[MessageChunk]| {
        chunks.iter().map(|chunk| (chunk.text.clone(), chunk.tool_calls.clone())).collect::<Vec<_>>()
    };
    assert_eq!(texts(&streams[0]), texts(&streams[1]));
    assert_eq!(streams[1], streams[2]);
    assert_eq!(streams[0].last().unwrap().usage(), Some(Usage::new(7, 3)));
    assert_eq!(streams[1].last().unwrap().usage(), Some(Usage::default()));
    // A call is answered by a stream's answer, whole.
    let called = chat.invoke("?").await.unwrap();
    let mut whole = MessageAssembler::default();
    streams[1].iter().cloned().for_each(|chunk| whole.push(chunk));
    assert_eq!(called, whole.finish().unwrap());
    assert_eq!(model.requests().len(), 1);
}

#[tokio::test]
async fn only_whole_answers_are_kept() {
    let store = MemoryCache::new(10);
    let model = Scripted::new()
        .answer(catena::Error::msg("down"))
        .answer(Reply::from("one two three").then_fail(catena::Error::msg("cut")))
        .answer("left early")
        .answer("whole");
    let chat = model.chat().cached(store.clone());
    chat.invoke("?").await.unwrap_err();
    chat.stream("?").assemble(MessageAssembler::default()).await.unwrap_err();
    chat.stream("?").next().await.unwrap().unwrap();
    assert!(store.is_empty());
    assert_eq!(chat.invoke("?").await.unwrap().text(), "whole");
    assert_eq!((chat.invoke("?").await.unwrap().text(), store.len()), ("whole", 1));
}

#[tokio::test(start_paused = true)]
async fn of_equal_requests_at_once_one_is_asked() {
    let model = Scripted::answers([Reply::from("slow").delay(Duration::from_secs(3))]);
    let chat = model.chat().cached(MemoryCache::new(10));
    let answers = chat.batch(vec!["?"; 5]).await;
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().text() == "slow"));
    assert_eq!(model.requests().len(), 1);
    // Where the one fails, the next one tries.
    let model = Scripted::answers([Reply::from(catena::Error::msg("down")).delay(Duration::from_secs(1)), "up".into()]);
    let answers = model.chat().cached(MemoryCache::new(10)).batch(vec!["?"; 3]).await;
    let failed = answers.iter().filter(|answer| answer.is_err()).count();
    assert_eq!((failed, model.requests().len()), (1, 2));
}

#[tokio::test]
async fn the_least_used_are_forgotten() {
    let store = MemoryCache::new(2);
    let chat = counting().chat().cached(store.clone());
    for (asked, answer) in [
        ("a", "answer 1"),
        ("b", "answer 2"),
        ("a", "answer 1"),
        ("c", "answer 3"),
        ("a", "answer 1"),
        ("b", "answer 4"),
    ] {
        assert_eq!(chat.invoke(asked).await.unwrap().text(), answer, "{asked}");
    }
    assert_eq!(store.len(), 2);
    let none = Scripted::answers(["1", "2"]).chat().cached(MemoryCache::new(0));
    none.invoke("?").await.unwrap();
    assert_eq!(none.invoke("?").await.unwrap().text(), "2");
}

/// A store that does not work.
struct Broken;

impl CacheStore for Broken {
    async fn get(&self, _: &CacheKey) -> catena::Result<Option<CachedAnswer>> {
        Err(catena::Error::msg("locked"))
    }

    async fn put(&self, _: &CacheKey, _: &CachedAnswer) -> catena::Result<()> {
        Err(catena::Error::msg("full"))
    }
}

#[tokio::test]
async fn a_store_that_fails_loses_no_answer() {
    let chat = Scripted::answers(["1", "2", "3"]).chat().cached(Broken);
    assert_eq!(chat.invoke("?").await.unwrap().text(), "1");
    assert_eq!(chat.stream("?").assemble(MessageAssembler::default()).await.unwrap().text(), "2");
}

/// The same model name on another server.
struct At(&'static str);

impl ChatModel for At {
    fn name(&self) -> &'static str {
        "llama"
    }

    fn host(&self) -> Option<&str> {
        Some(self.0)
    }

    async fn complete(&self, _: ChatRequest, _: &Context) -> catena::Result<Message> {
        Ok(Message::assistant(self.0))
    }
}

#[tokio::test]
async fn another_server_is_another_model() {
    let store = MemoryCache::new(10);
    for host in ["one.example", "two.example"] {
        let chat = catena_llm::Chat::new(At(host)).cached(store.clone());
        assert_eq!(chat.invoke("?").await.unwrap().text(), host);
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;
    use catena_llm::cache::SqliteCache;

    #[tokio::test]
    async fn a_file_keeps_answers_from_one_program_to_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers.db");
        let reply = || Reply::chunks(["Zwölf ", "🦀"]).and_tool_call("f", json!({"ü": [1, 2]})).usage(Usage::new(3, 4));
        let model = Scripted::answers([reply(), reply()]);
        let mut streams = Vec::new();
        for _ in 0..2 {
            let chat = model.chat().cached(SqliteCache::open(&path).await.unwrap());
            streams.push(chat.stream("?").map(|chunk| chunk.unwrap()).collect::<Vec<_>>().await);
        }
        assert_eq!(streams[0].len(), streams[1].len());
        for (first, again) in streams[0].iter().zip(&streams[1]) {
            assert_eq!(
                (&first.text, &first.tool_calls, first.model()),
                (&again.text, &again.tool_calls, again.model())
            );
        }
        let store = SqliteCache::open(&path).await.unwrap();
        assert_eq!((store.count().await.unwrap(), model.requests().len()), (1, 1));
        // What is put in twice is there once, and may all go.
        store.clear().await.unwrap();
        assert_eq!(store.count().await.unwrap(), 0);
        model.chat().cached(store).invoke("?").await.unwrap();
        assert_eq!(model.requests().len(), 2);
    }

    #[tokio::test]
    async fn what_is_no_cache_is_said_when_it_is_opened_and_a_damaged_answer_is_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "this is no database, but text of some length ".repeat(100)).unwrap();
        let error = SqliteCache::open(&path).await.unwrap_err();
        assert_eq!(error.kind(), &catena::ErrorKind::BadInput);
        assert!(error.message().contains("notes.txt"), "{error}");

        let path = folder.path().join("answers.db");
        let model = Scripted::answers(["one", "two"]);
        let chat = model.chat().cached(SqliteCache::open(&path).await.unwrap());
        chat.invoke("?").await.unwrap();
        let file = rusqlite_update(&path);
        assert_eq!(file, 1);
        assert_eq!(chat.invoke("?").await.unwrap().text(), "two");
        assert_eq!(chat.invoke("?").await.unwrap().text(), "two");
    }

    fn rusqlite_update(path: &std::path::Path) -> usize {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute("UPDATE catena_answers SET answer = 'no JSON'", []).unwrap()
    }
}
