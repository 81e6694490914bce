//! A cache gives no answer of one tenant to another, and keeps no words of theirs as keys.

use catena::{Context, RunnableExt};
use catena_llm::{
    BoxModel, Chat, ChatModel, ChatRequest, Message, ModelBuilder, ModelIdentity, anthropic, azure_openai,
    cache::MemoryCache, gemini, openai, openai_compatible,
};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server that gives the nth answer to the nth request, in the form that each provider reads. Returns its URL.
async fn serve(answers: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let text = format!("answer {}", answers.fetch_add(1, Ordering::SeqCst));
            let body = json!({
                "type": "message", "role": "assistant", "stop_reason": "end_turn",
                "content": [{ "type": "text", "text": text }],
                "choices": [{ "message": { "content": text }, "finish_reason": "stop" }],
                "status": "completed",
                "output": [{ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": text }] }],
                "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": "STOP" }],
            });
            let (body, mut request) = (body.to_string(), vec![0; 64 << 10]);
            let _ = stream.read(&mut request).await;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
            let _ = stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn models_that_send_something_else_share_no_answer() {
    let count = Arc::new(AtomicUsize::new(0));
    let url = serve(count.clone()).await;
    let store = MemoryCache::new(1000);
    let compatible = |query: &str| openai_compatible(format!("{url}/v1{query}"), "m").api_key("key-of-all");
    let base = || compatible("");
    let variants: Vec<(&str, ModelBuilder)> = vec![
        ("plain", base()),
        ("a tenant in the query", compatible("?tenant=ALICE")),
        ("another", compatible("?tenant=BOB")),
        ("a path", openai_compatible(format!("{url}/v2"), "m").api_key("key-of-all")),
        ("a header", base().header("x-tenant", "ALICE")),
        ("another value", base().header("x-tenant", "BOB")),
        ("another header", base().header("x-user", "BOB")),
        ("two headers", base().header("x-tenant", "A").header("x-user", "B")),
        ("their values swapped", base().header("x-tenant", "B").header("x-user", "A")),
        ("a key", base().api_key("key-of-alice")),
        ("another key", base().api_key("key-of-bob")),
        ("no key", openai_compatible(format!("{url}/v1"), "m")),
        ("a field", base().extra_body(json!({ "user": "ALICE" }))),
        ("another field", base().extra_body(json!({ "user": "BOB" }))),
        ("one field less", base().without("stream_options")),
        ("the responses", base().responses(true)),
        ("a deployment", azure_openai(&url, "m").api_key("key-of-all")),
        ("another version", azure_openai(&url, "m").api_key("key-of-all").api_version("2025-01-01")),
        ("OpenAI", openai("m").base_url(format!("{url}/v1")).api_key("key-of-all")),
        ("Anthropic", anthropic("m").base_url(format!("{url}/v1")).api_key("key-of-all")),
        ("Gemini", gemini("m").base_url(format!("{url}/v1")).api_key("key-of-all")),
    ];
    let mut seen: Vec<(&str, String)> = Vec::new();
    for (name, builder) in &variants {
        // Wrappers forward what tells the models apart.
        let chat = builder.clone().build().unwrap().concurrency_limited(5).boxed_model().cached(store.clone());
        let answer = chat.invoke("Who am I?").await.unwrap().text().to_owned();
        let stranger = seen.iter().find(|(_, known)| *known == answer);
        assert_eq!(stranger, None, "`{name}` got the answer of another");
        assert_eq!(chat.invoke("Who am I?").await.unwrap().text(), answer, "`{name}` is not cached");
        seen.push((name, answer));
    }
    assert_eq!(count.load(Ordering::SeqCst), variants.len());
    // Another builder of the same settings gets the same answer.
    let again = base().build().unwrap().cached(store);
    assert_eq!(again.invoke("Who am I?").await.unwrap().text(), seen[0].1);
}

/// A model of another crate.
struct Tenant(&'static str);

impl ChatModel for Tenant {
    fn name(&self) -> &'static str {
        "shared"
    }

    fn identity(&self, identity: &mut ModelIdentity) {
        identity.add("tenant", self.0);
    }

    async fn complete(&self, _: ChatRequest, _: &Context) -> catena::Result<Message> {
        Ok(Message::assistant(self.0))
    }
}

#[tokio::test]
async fn a_model_of_another_crate_says_what_tells_it_apart() {
    let store = MemoryCache::new(10);
    for name in ["alice", "bob"] {
        let model = Chat::new(BoxModel::new(Arc::new(Tenant(name)))).cached(store.clone());
        assert_eq!(model.invoke("?").await.unwrap().text(), name);
    }
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_file_of_answers_has_no_request_and_no_key() {
    use catena_llm::cache::SqliteCache;
    let url = serve(Arc::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteCache::open(folder.path().join("answers.db")).await.unwrap();
    let builder = openai_compatible(format!("{url}/v1?tenant=tenant-of-alice"), "m").api_key("key-of-alice");
    builder.header("x-team", "team-of-alice").build().unwrap().cached(store).invoke("words of Alice").await.unwrap();
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("answer 0"));
    for word in ["tenant-of-alice", "key-of-alice", "team-of-alice", "words of Alice"] {
        assert!(!text.contains(word), "{word}");
    }
}
