//! The OpenAPI document.

use crate::{chains, running::Running};
use serde_json::{Value, json};

#[tokio::test]
async fn each_path_of_each_door_is_described_and_there() {
    let server = Running::start(chains::server()).await;
    let document: Value = server.get("openapi.json").await.json().await.unwrap();
    let paths = document["paths"].as_object().unwrap();
    let below = [
        "",
        "invoke",
        "batch",
        "stream",
        "stream_events",
        "stream_log",
        "input_schema",
        "output_schema",
        "config_schema",
        "graph",
        "streams/{id}",
        "ai-sdk",
        "ai-sdk/{chat}/stream",
        "ag-ui",
        "runs",
        "runs/{id}",
    ];
    for path in below {
        assert!(paths.contains_key(&format!("/count/{path}")), "{path}");
    }
    let shared = [
        "/v1/models",
        "/v1/models/{id}",
        "/v1/chat/completions",
        "/v1/responses",
        "/healthz",
        "/readyz",
        #[cfg(feature = "mcp")]
        "/mcp",
    ];
    for path in shared {
        assert!(paths.contains_key(path), "{path}");
    }
    assert_eq!(paths.len(), 7 * below.len() + shared.len());
    let mut ids = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            ids.push(operation["operationId"].as_str().unwrap());
            let url = server.url(&path[1..].replace(['{', '}'], ""));
            let request = server.client.request(method.to_uppercase().parse().unwrap(), url);
            let response = request.json(&json!({})).send().await.unwrap();
            let (status, text) = (response.status().as_u16(), response.text().await.unwrap());
            assert!(status != 405 && !text.contains("there is nothing at"), "{method} {path}: {status} {text}");
        }
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "two operations have one id");
}
