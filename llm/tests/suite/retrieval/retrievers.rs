//! Retrievers around others: hybrid, ranked again, whole documents, compressed; and stores and services that are down.

use super::{document, ids};
use catena::{Config, ErrorKind, Result, Retry, RunnableExt, StepExt, prelude::*};
use catena_llm::{
    Spending, cohere_reranker, compatible_reranker,
    retrieval::{
        Bm25, Compressed, ContentHash, Document, EmbeddedDocument, Filter, Fuse, HashingEmbedder, Hybrid,
        ModelReranker, Reranked, Retrieve, VectorIndex, VectorSpace, VectorStore,
    },
    testing::Scripted,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

async fn library() -> Bm25 {
    let index = Bm25::in_memory().unwrap();
    let documents = [
        document("night", "Backups run at two in the night."),
        document("who", "The team of operations looks after backups."),
        document("coffee", "Coffee is upstairs."),
    ];
    index.add(documents).await.unwrap();
    index
}

#[tokio::test]
async fn both_halves_of_a_hybrid_count() {
    let documents = [document("a", "red red apple"), document("b", "green pear"), document("c", "red car")];
    let words = Bm25::in_memory().unwrap();
    words.add(documents.clone()).await.unwrap();
    let vectors = VectorIndex::in_memory(HashingEmbedder::new(64)).unwrap();
    vectors.add(documents).await.unwrap();
    let both = Retrieve::new(Hybrid::new(words.clone(), vectors.clone())).top(2);
    assert_eq!(ids(&both.invoke("red apple").await.unwrap()), ["a", "c"]);
    // Without a word in common only the vectors have an answer.
    let found = Retrieve::new(Hybrid::new(words, vectors).weights([1.0, 0.5])).top(3).invoke("xyz").await.unwrap();
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|document| document.score().is_some_and(|score| score < 0.5 / 60.0)));
}

#[tokio::test]
async fn a_model_ranks_and_its_call_counts() {
    let model = Scripted::answers(["Here they are: [1, 7, 0]"]);
    let search = Retrieve::new(Reranked::new(library().await, ModelReranker::new(model.chat()))).top(2);
    let spending = Spending::new();
    let found = search.invoke_with("Who looks after backups?", Config::new().with(spending.clone())).await.unwrap();
    // The index has the document on operations first, and the model the other one.
    assert_eq!(ids(&found), ["night", "who"]);
    assert_eq!(found.iter().map(Document::score).collect::<Vec<_>>(), [Some(1.0), Some(0.5)]);
    assert_eq!(spending.calls(), 1);
    assert!(model.requests()[0].messages.last().unwrap().text().contains("Who looks after backups?"));

    let model = Scripted::answers(["I cannot."]);
    let search = Retrieve::new(Reranked::new(library().await, ModelReranker::new(model.chat())));
    let error = search.invoke("backups").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Parse { .. }), "{error:?}");
}

#[tokio::test]
async fn compression_keeps_passages_and_drops_what_has_none() {
    let model = Scripted::new().when("night", "at two").when("operations", "NOTHING");
    let search = Retrieve::new(Compressed::new(library().await, model.chat()));
    let found = search.invoke("When do backups run?").await.unwrap();
    assert_eq!(ids(&found), ["night"]);
    assert_eq!(found[0].content(), "at two");
    assert!(found[0].score().is_some());
}

/// A stand-in for a service that ranks: the real ones need a key. It gives these answers, one after the other, and keeps
/// the requests.
async fn service(answers: Vec<(u16, Value)>) -> (String, Arc<Mutex<Vec<(String, Value)>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v2", listener.local_addr().unwrap());
    let requests: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
    let kept = requests.clone();
    tokio::spawn(async move {
        for (status, answer) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut reader = BufReader::new(&mut stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert!(reader.read_line(&mut head).await.unwrap() > 0, "{head}");
            }
            let lower = head.to_lowercase();
            let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
            let mut body = vec![0; length.trim().parse().unwrap()];
            reader.read_exact(&mut body).await.unwrap();
            kept.lock().unwrap().push((head, serde_json::from_slice(&body).unwrap()));
            let answer = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                answer.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, requests)
}

#[tokio::test]
async fn a_service_ranks() {
    let results = json!({"results": [{"index": 1, "relevance_score": 0.2}, {"index": 0, "relevance_score": 0.9}]});
    let too_many = json!({"message": "too many requests"});
    let (url, requests) = service(vec![
        (200, results),
        (429, too_many),
        (200, json!({"results": [{"index": 9, "relevance_score": 1.0}]})),
    ])
    .await;
    let reranker = cohere_reranker("rerank-v3.5").base_url(&url).api_key("secret-key").build().unwrap();
    let search = Retrieve::new(Reranked::new(library().await, reranker).candidates(2)).top(2);
    let found = search.invoke("Who looks after backups?").await.unwrap();
    assert_eq!(found.iter().map(Document::score).collect::<Vec<_>>(), [Some(0.9), Some(0.2)]);
    {
        let requests = requests.lock().unwrap();
        let (head, body) = &requests[0];
        assert!(head.starts_with("POST /v2/rerank HTTP/1.1\r\n"), "{head}");
        assert!(head.to_lowercase().contains("authorization: bearer secret-key"), "{head}");
        assert_eq!((&body["model"], &body["top_n"]), (&json!("rerank-v3.5"), &json!(2)));
        assert_eq!(body["documents"].as_array().unwrap().len(), 2);
    }
    let error = search.invoke("backups").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::RateLimited { .. }), "{error:?}");
    let printed = format!("{error} {error:?}");
    assert!(printed.contains("too many requests") && !printed.contains("secret-key"), "{printed}");
    let error = search.invoke("backups").await.unwrap_err();
    assert!(error.message().contains("ranked document 9"), "{error}");

    let error = cohere_reranker("rerank-v3.5").variables(|_| None).build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Auth);
    assert!(error.message().contains("COHERE_API_KEY"), "{error}");
}

#[tokio::test]
async fn a_service_that_is_down_is_unavailable() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let reranker = compatible_reranker(format!("http://{closed}/v1"), "bge").build().unwrap();
    let search = Retrieve::new(Reranked::new(library().await, reranker));
    let error = search.invoke("backups").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable { .. }) && error.is_retryable(), "{error:?}");
}

/// A stand-in for a database that is down for the first calls.
#[derive(Clone, Default)]
struct Down {
    for_calls: usize,
    calls: Arc<AtomicUsize>,
}

impl Down {
    fn call<T>(&self, answer: T) -> Result<T> {
        if self.calls.fetch_add(1, Ordering::Relaxed) < self.for_calls {
            let down = ErrorKind::Unavailable { retry_after: None };
            return Err(catena::Error::new(down, "the database refused the connection"));
        }
        Ok(answer)
    }
}

impl VectorStore for Down {
    fn name(&self) -> &'static str {
        "far"
    }

    async fn space(&self) -> Result<Option<VectorSpace>> {
        self.call(Some(VectorSpace { model: "hashed-words".to_owned(), dimensions: 8 }))
    }

    async fn add(&self, _: VectorSpace, _: Vec<EmbeddedDocument>) -> Result<()> {
        self.call(())
    }

    async fn remove(&self, ids: Vec<String>) -> Result<usize> {
        self.call(ids.len())
    }

    async fn nearest(&self, _: &[f32], _: usize, _: &Filter) -> Result<Vec<Document>> {
        self.call(vec![document("far", "from far away")])
    }

    async fn hashes(&self, _: &Filter) -> Result<BTreeMap<String, ContentHash>> {
        self.call(BTreeMap::new())
    }

    async fn len(&self) -> Result<usize> {
        self.call(1)
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_is_retried_or_done_without() {
    let index = |for_calls| VectorIndex::new(HashingEmbedder::new(8), Down { for_calls, calls: Arc::default() });
    let error = Retrieve::new(index(usize::MAX)).invoke("backups").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains("searching far"), "{error}");

    let retried = Retrieve::new(index(2)).retry(Retry::attempts(3).base(Duration::from_secs(1)));
    assert_eq!(ids(&retried.invoke("backups").await.unwrap()), ["far"]);

    let words = library().await;
    let both = Retrieve::new(Hybrid::new(words.clone(), index(usize::MAX)));
    assert!(matches!(both.invoke("coffee").await.unwrap_err().kind(), ErrorKind::Unavailable { .. }));
    let (words, far) = (Retrieve::new(words), Retrieve::new(index(usize::MAX)));
    let settled = chain!(String => <words?: words, far?: far> | Fuse::by_rank());
    assert_eq!(ids(&settled.invoke("coffee".to_owned()).await.unwrap()), ["coffee"]);

    let error = index(usize::MAX).sync([document("a", "text")]).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
}
