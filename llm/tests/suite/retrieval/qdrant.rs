//! Vectors in Qdrant: its engine behind a small HTTP front, for no registry has the server.
//!
//! If it is not installed (`.ci/install-qdrant`), the tests say so and pass; `CATENA_REQUIRE_QDRANT=1` makes that a failure.

use super::{contract, document, ids, vectors::Literal};
use catena::{ErrorKind, RunnableExt};
use catena_llm::retrieval::{QdrantVectors, Retrieve, VectorIndex, VectorStore, qdrant};
use std::{
    io::Write,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// The front, in a process of its own that ends with this.
struct Front {
    process: Child,
    url: String,
}

impl Front {
    fn start(key: &[&str]) -> Option<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite/retrieval/qdrant");
        let python = folder.join("venv/bin/python");
        if !python.exists() {
            let _ = writeln!(
                std::io::stderr().lock(),
                "SKIPPED: vectors in Qdrant, for its engine is not here: `.ci/install-qdrant`"
            );
            assert!(std::env::var_os("CATENA_REQUIRE_QDRANT").is_none(), "Qdrant's engine is not here");
            return None;
        }
        let mut command = Command::new(python);
        command.arg(folder.join("front.py")).args(key).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://"), "the front did not start");
        Some(Front { process, url: url.trim().to_owned() })
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn index(store: QdrantVectors) -> VectorIndex<Literal, QdrantVectors> {
    VectorIndex::new(Literal::default(), store)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_such_a_store() {
    let Some(front) = Front::start(&[]) else { return };
    contract::holds(|name| {
        let store = qdrant(&front.url, format!("{name} of the test")).build().unwrap();
        async { store }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_refused_and_shown_nowhere() {
    let Some(front) = Front::start(&["right-key-1234567"]) else { return };
    let right = index(qdrant(&front.url, "a").api_key("right-key-1234567").build().unwrap());
    right.add([document("east", "1 0")]).await.unwrap();
    assert_eq!(ids(&Retrieve::new(right).invoke("1 0").await.unwrap()), ["east"]);
    let builder = qdrant(&front.url, "a").api_key("wrong-key-1234567");
    assert!(!format!("{builder:?}").contains("wrong-key"));
    let error = index(builder.build().unwrap()).len().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Auth);
    assert!(error.message().contains("401") && error.message().contains("Invalid API key"), "{error}");
    assert!(!format!("{error:?}").contains("wrong-key"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_of_another_length_says_so() {
    let Some(front) = Front::start(&[]) else { return };
    let store = qdrant(&front.url, "a").build().unwrap();
    index(store.clone()).add([document("a", "1 0")]).await.unwrap();
    index(store.clone()).remove(["a"]).await.unwrap();
    // Without points it has no space, and still the length.
    assert_eq!(store.space().await.unwrap(), None);
    let error = index(store).add([document("a", "1 0 0")]).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::BadInput);
    assert!(error.message().contains("expected dim: 2, got 3"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn points_of_a_newer_version_are_left_alone() {
    let Some(front) = Front::start(&[]) else { return };
    let http = reqwest::Client::new();
    let put =
        |path: &str, body: serde_json::Value| http.put(format!("{}/collections/a{path}", front.url)).json(&body).send();
    put("", serde_json::json!({ "vectors": { "size": 2, "distance": "Cosine" } })).await.unwrap();
    let payload =
        serde_json::json!({ "page_content": "x", "catena": { "model": "literal", "dimensions": 2, "version": 2 } });
    let point = serde_json::json!({ "id": 7, "vector": [1.0, 0.0], "payload": payload });
    let answer = put("/points?wait=true", serde_json::json!({ "points": [point] })).await.unwrap();
    assert!(answer.status().is_success());
    let index = index(qdrant(&front.url, "a").build().unwrap());
    for error in
        [index.add([document("a", "1 0")]).await.unwrap_err(), Retrieve::new(&index).invoke("1 0").await.unwrap_err()]
    {
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains("are of version 2, and this program knows 1"), "{error}");
    }
    assert_eq!(index.len().await.unwrap(), 1);
}

/// No engine is needed.
#[tokio::test]
async fn a_server_that_is_down_or_silent_is_a_clear_error() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let gone = qdrant(format!("http://127.0.0.1:{port}"), "a").build().unwrap();
    for error in [
        index(gone.clone()).add([document("a", "1 0")]).await.unwrap_err(),
        Retrieve::new(index(gone)).invoke("1 0").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), &ErrorKind::Unavailable { retry_after: None });
        assert!(
            error.message().contains(&format!("the Qdrant server at 127.0.0.1:{port} cannot be reached")),
            "{error}"
        );
    }
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let silent_store = qdrant(url, "a").timeout(Duration::from_millis(50)).build().unwrap();
    let error = index(silent_store).len().await.unwrap_err();
    assert!(error.is_retryable() && error.message().contains("does not answer within 50ms"), "{error}");
}

#[test]
fn urls_and_names_that_cannot_be_are_refused_before_anything_is_sent() {
    for (url, collection, words) in [
        ("localhost", "a", "URL cannot be read"),
        ("ftp://localhost", "a", "URL has more than"),
        ("http://user:hunter2hunter2@localhost", "a", "URL has more than"),
        ("http://localhost:6333", "", "cannot be called"),
        ("http://localhost:6333", "a/../b", "cannot be called"),
        ("http://localhost:6333", "..", "cannot be called"),
    ] {
        let error = qdrant(url, collection).build().unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::BadInput);
        assert!(error.message().contains(words) && !format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let error = qdrant("http://localhost:6333", "a").api_key("a\nb").build().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Auth);
}
