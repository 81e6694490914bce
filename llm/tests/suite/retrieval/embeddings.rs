//! Embedding models of every provider over real HTTP, against the simulator.

use super::{document, ids};
use catena::{Context, ErrorKind, RunnableExt};
use catena_llm::{
    EmbeddingBuilder, gemini_embeddings, openai_compatible_embeddings, openai_embeddings,
    retrieval::{Embedder, HashingEmbedder, Retrieve, VectorIndex},
    simulator::{BadBody, Fault, Provider, Simulator},
};
use serde_json::json;
use std::time::Duration;

const KEY: &str = "sk-very/secret+key";

fn ways(sim: &Simulator) -> [EmbeddingBuilder; 3] {
    [
        openai_embeddings("text-embedding-3-small").base_url(sim.openai_url()),
        gemini_embeddings("gemini-embedding-001").base_url(sim.base_url(Provider::Gemini)),
        openai_compatible_embeddings(sim.openai_url(), "nomic-embed-text"),
    ]
    .map(|builder| builder.api_key(KEY))
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts_in_batches() {
    let sim = Simulator::start().await.unwrap();
    for builder in ways(&sim) {
        let before = sim.requests().len();
        let model = builder.batch(2).dimensions(64).build().unwrap();
        let asked = texts(&["backups run at two", "coffee is upstairs", "tea", "🦀 crab", "last"]);
        let vectors = model.embed(&asked, &Context::new()).await.unwrap();
        let wanted: Vec<_> = asked.iter().map(|text| HashingEmbedder::new(64).vector(text)).collect();
        assert_eq!(vectors, wanted, "{model:?}");
        assert_eq!(sim.requests().len() - before, 3);
        assert_eq!(model.embed(&[], &Context::new()).await.unwrap(), Vec::<Vec<f32>>::new());
        assert_eq!(sim.requests().len() - before, 3);
    }
}

#[tokio::test]
async fn the_nearest_documents_are_found() {
    let sim = Simulator::start().await.unwrap();
    for builder in ways(&sim) {
        let store = VectorIndex::in_memory(builder.build().unwrap()).unwrap();
        store.add([document("b", "Backups run at two."), document("c", "Coffee is upstairs.")]).await.unwrap();
        assert_eq!(ids(&Retrieve::new(store).top(1).invoke("where is coffee").await.unwrap()), ["c"]);
    }
}

#[tokio::test]
async fn a_local_server_needs_no_key() {
    let sim = Simulator::start().await.unwrap();
    let model = openai_compatible_embeddings(sim.openai_url(), "nomic-embed-text").build().unwrap();
    let error = model.embed(&texts(&["hi"]), &Context::new()).await.unwrap_err();
    // The simulator is OpenAI's and wants one: what matters is that the request came, without one.
    assert_eq!(error.kind(), &ErrorKind::Auth);
    let request = sim.requests().pop().unwrap().request;
    assert_eq!(request.path, "/v1/embeddings");
    assert!(!request.headers.contains_key("authorization"));
}

#[tokio::test]
async fn what_goes_wrong_is_told_as_for_answers_and_never_with_the_key() {
    let sim = Simulator::start().await.unwrap();
    let unavailable = ErrorKind::Unavailable { retry_after: None };
    let after = Some(Duration::from_secs(7));
    for (fault, kind) in [
        (Fault::from(Fault::status(401)), Some(ErrorKind::Auth)),
        (
            Fault::from(Fault::status(429).retry_after(Duration::from_secs(7))),
            Some(ErrorKind::RateLimited { retry_after: after }),
        ),
        (Fault::status(500).into(), Some(unavailable.clone())),
        (Fault::status(502).html().into(), Some(unavailable.clone())),
        (Fault::Cut { after: 1 }, Some(unavailable)),
        (Fault::malformed_body(), None),
        (Fault::Body(BadBody::Html), None),
        (Fault::Body(BadBody::Empty), None),
        (Fault::Body(BadBody::Json(json!({ "object": "list" }))), None),
        (
            Fault::Body(BadBody::Json(
                json!({ "object": "list", "data": [], "embeddings": [], "model": "x", "usage": {"prompt_tokens": 1, "total_tokens": 1} }),
            )),
            None,
        ),
    ] {
        for builder in ways(&sim) {
            let model = builder.build().unwrap();
            sim.script(model.name()).fail(fault.clone());
            let error = model.embed(&texts(&["hi"]), &Context::new()).await.unwrap_err();
            match &kind {
                Some(kind) => assert_eq!(error.kind(), kind, "{fault:?}: {error:?}"),
                None => assert!(matches!(error.kind(), ErrorKind::Parse { .. }), "{fault:?}: {error:?}"),
            }
            assert!(error.to_string().contains(model.name()), "{error}");
            assert!(!format!("{error} {error:?}").contains(KEY));
        }
    }
}

#[test]
fn what_cannot_be_set_up_says_why() {
    let none = openai_embeddings("text-embedding-3-small").variables(|_| None).build().unwrap_err();
    assert!(none.kind() == &ErrorKind::Auth && none.message().contains("OPENAI_API_KEY"), "{none}");
    for builder in [
        openai_embeddings(" ").api_key(KEY),
        openai_embeddings("m").api_key(KEY).dimensions(0),
        openai_embeddings("m").api_key(KEY).base_url("nowhere"),
    ] {
        assert!(!format!("{builder:?}").contains(KEY));
        assert_eq!(builder.build().unwrap_err().kind(), &ErrorKind::BadInput);
    }
}

#[tokio::test]
async fn blank_texts_are_refused_before_they_are_sent() {
    let sim = Simulator::start().await.unwrap();
    let [model, ..] = ways(&sim).map(|builder| builder.build().unwrap());
    let error = model.embed(&texts(&["hi", " \n"]), &Context::new()).await.unwrap_err();
    assert!(error.kind() == &ErrorKind::BadInput && error.message().contains("text 2 of 2"), "{error}");
    assert_eq!(sim.requests().len(), 0);
}

#[tokio::test]
async fn the_simulator_refuses_what_openai_would() {
    let sim = Simulator::start().await.unwrap();
    let client = crate::client();
    for (body, words) in [
        (json!({ "model": "m" }), "'input'"),
        (json!({ "model": "m", "input": [] }), "'input'"),
        (json!({ "model": "m", "input": "" }), "empty string"),
        (json!({ "model": "m", "input": vec!["x"; 2049] }), "2048"),
        (json!({ "input": "x" }), "model"),
    ] {
        let request = client.post(sim.openai_url() + "embeddings").bearer_auth("k").json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 400, "{body}");
        let said = response.text().await.unwrap();
        assert!(said.contains(words), "{said}");
    }
    let body = json!({ "model": "m", "input": "x", "dimensions": 2, "encoding_format": "base64" });
    let request = client.post(sim.openai_url() + "embeddings").bearer_auth("k").json(&body);
    let said: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(said["data"][0]["embedding"].as_str().unwrap().len(), 12, "{said}");
}
