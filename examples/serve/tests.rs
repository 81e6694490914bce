//! The example's chains, through the doors that its README shows.

use crate::{models::Models, server};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn all_chains_answer_at_all_doors() {
    let models = Models::simulated(Duration::ZERO).await.unwrap();
    let router = server(&models).await.unwrap().router::<()>().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let client = reqwest::Client::new();
    let post = async |path: &str, body: Value| {
        let request = client.post(format!("{url}/{path}")).header("accept", "application/json, text/event-stream");
        request.json(&body).send().await.unwrap().text().await.unwrap()
    };

    let text = post("compare/invoke", json!({ "input": { "text": "What is Rust?" } })).await;
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["output"]["agreeing"], 3, "{text}");
    let text = post("rag/invoke", json!({ "input": "Why does a database keep a write-ahead log?" })).await;
    let output = serde_json::from_str::<Value>(&text).unwrap()["output"].take();
    assert_eq!(
        (&output["answer"]["type"], output["found"].as_array().map(Vec::len)),
        (&json!("ai"), Some(3)),
        "{output}"
    );

    let where_to = json!([{ "role": "user", "content": "Where can I swim?" }]);
    for (path, body) in [
        ("agent/stream", json!({ "input": where_to })),
        ("agent/stream_events", json!({ "input": where_to })),
        ("v1/chat/completions", json!({ "model": "agent", "messages": where_to, "stream": true })),
        ("v1/responses", json!({ "model": "agent", "input": "Where can I swim?" })),
        (
            "agent/ai-sdk",
            json!({ "messages": [{ "role": "user", "parts": [{ "type": "text", "text": "Where can I swim?" }] }] }),
        ),
        ("agent/ag-ui", json!({ "messages": where_to })),
    ] {
        let text = post(path, body).await;
        assert!(text.contains("Lugano"), "{path}: {text}");
    }
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "compare", "arguments": { "text": "?" } } });
    let text = post("mcp", call).await;
    assert!(text.contains("structuredContent"), "{text}");
    let page = client.get(format!("{url}/agent/")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Plans an excursion"));
    serving.abort();
}
