//! What holds at each door: a client that leaves, bodies that cannot be read, chains that panic.

use crate::{chains, limits::Gated, running::Running};
use catena_serve::{Limits, Server};
use serde_json::{Value, json};
use std::sync::atomic::Ordering::SeqCst;
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// Each door that runs a chain over text: its path, and a request for this input.
fn doors(chain: &str, input: &str) -> Vec<(String, Value)> {
    let said = json!([{ "role": "user", "content": input }]);
    let parts = json!([{ "role": "user", "parts": [{ "type": "text", "text": input }] }]);
    let of_chain = |path: &str, body: Value| (format!("{chain}/{path}"), body);
    let shared = |path: &str, body: Value| (path.to_owned(), body);
    vec![
        of_chain("invoke", json!({ "input": input })),
        of_chain("batch", json!({ "inputs": [input] })),
        of_chain("stream", json!({ "input": input })),
        of_chain("stream_events", json!({ "input": input })),
        of_chain("stream_log", json!({ "input": input })),
        of_chain("runs", json!({ "input": input })),
        of_chain("ai-sdk", json!({ "messages": parts })),
        of_chain("ag-ui", json!({ "messages": said })),
        shared("v1/chat/completions", json!({ "model": chain, "messages": said })),
        shared("v1/chat/completions", json!({ "model": chain, "messages": said, "stream": true })),
        shared("v1/responses", json!({ "model": chain, "input": input })),
        shared("v1/responses", json!({ "model": chain, "input": input, "stream": true })),
        #[cfg(feature = "mcp")]
        shared("mcp", call(chain, &json!({ "input": input }))),
    ]
}

#[cfg(feature = "mcp")]
fn call(chain: &str, arguments: &Value) -> Value {
    let params = json!({ "name": chain, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })
}

/// Posts a body, as a client of any of the doors.
async fn post(server: &Running, path: &str, kind: &str, body: String) -> (u16, String) {
    let request = server.client.post(server.url(path)).header("content-type", kind).body(body);
    let response = request.header("accept", "application/json, text/event-stream").send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_client_that_leaves_cancels_its_run() {
    let gated = Gated::default();
    let server = Running::start(Server::new().chain("gated", gated.clone())).await;
    for (path, body) in doors("gated", "a") {
        let body = body.to_string();
        let mut client = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST /{path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
            server.address,
            body.len()
        );
        client.write_all(head.as_bytes()).await.unwrap();
        gated.begun().await;
        assert!(gated.0.running.load(SeqCst), "{path}");
        drop(client);
        // It has given no chunk, and none is asked for.
        gated.dropped().await;
        assert!(!gated.0.running.load(SeqCst), "{path}");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let server = Running::start(chains::server().limits(Limits::new().body(10_000))).await;
    let json = "application/json";
    let deep = format!(r#"{{"input":{0}1{1},"messages":{0}1{1}}}"#, "[".repeat(2000), "]".repeat(2000));
    for (path, good) in doors("shout", "a") {
        let (status, text) = post(&server, &path, json, good.to_string()).await;
        assert!(status == 200 && text.contains('A'), "{path}: {text}");
        let statuses = async |kind: &str, body: &str| post(&server, &path, kind, body.to_owned()).await.0;
        let wrong = |status: u16| [400, 415, 422].contains(&status);
        assert!(wrong(statuses(json, "{").await), "{path}: no JSON");
        assert!(wrong(statuses(json, "\"text\"").await), "{path}: a text");
        assert!(wrong(statuses(json, &deep).await), "{path}: deep");
        assert_eq!(statuses("text/plain", &good.to_string()).await, 415, "{path}");
        let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(20_000));
        assert_eq!(statuses(json, &large).await, 413, "{path}");
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_named() {
    let server = Running::start(chains::server()).await;
    for (path, body, status, param) in [
        ("shout/invoke", json!({ "input": 3 }), 422, "input"),
        ("shout/batch", json!({ "inputs": ["a", 3] }), 422, "inputs[1]"),
        ("shout/stream", json!({ "input": 3 }), 422, "input"),
        ("shout/stream_events", json!({ "input": "a", "include_names": 3 }), 422, "include_names"),
        ("shout/stream_log", json!({ "input": "a", "config": [] }), 422, "config"),
        ("count/runs", json!({ "input": { "text": 3 } }), 422, "input.text"),
        ("shout/ai-sdk", json!({ "messages": [{ "role": "wizard" }] }), 422, "messages[0].role"),
        ("shout/ag-ui", json!({ "messages": [{ "role": 3 }] }), 422, "messages[0].role"),
        ("v1/chat/completions", json!({ "model": "shout", "messages": "a" }), 422, "messages"),
        ("v1/responses", json!({ "model": "shout", "input": [{ "role": "user" }] }), 400, "input[0].content"),
    ] {
        let (got, answer) = server.answer(path, &body).await;
        assert_eq!((got, answer["error"]["param"].as_str()), (status, Some(param)), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_chain_that_panics_fails_its_run_alone() {
    let server = Running::start(chains::server()).await;
    for (path, body) in doors("fail", "panic") {
        let (status, text) = post(&server, &path, "application/json", body.to_string()).await;
        let says = if path == "mcp" { "isError" } else { "panic" };
        let says = if path.ends_with("ai-sdk") { "a step of the chain failed" } else { says };
        assert!([200, 500].contains(&status) && text.contains(says), "{path}: {status} {text}");
        assert!(!text.contains("secret"), "{path}: {text}");
    }
    for (path, body) in doors("fail", "fine") {
        let (status, text) = post(&server, &path, "application/json", body.to_string()).await;
        assert!(status == 200 && text.contains("fine"), "{path}: {text}");
    }
}
