//! Any bytes as the body of a request, at each door: a client's mistake is an answer, and never one that the server failed.

#[path = "../../../llm/tests/suite/fuzzed/harness.rs"]
mod harness;

use crate::{chains, running::Running};
use harness::Target;
use std::{path::Path, sync::LazyLock};
use tokio::runtime::Runtime;

const TARGETS: [Target; 9] = [
    ("invoke", |bytes| post("count/invoke", bytes)),
    ("batch", |bytes| post("shout/batch", bytes)),
    ("messages", |bytes| post("chat/invoke", bytes)),
    ("stream_events", |bytes| post("answer/stream_events", bytes)),
    ("completions", |bytes| post("v1/chat/completions", bytes)),
    ("responses", |bytes| post("v1/responses", bytes)),
    ("ai_sdk", |bytes| post("chat/ai-sdk", bytes)),
    ("ag_ui", |bytes| post("chat/ag-ui", bytes)),
    ("mcp", |bytes| post("mcp", bytes)),
];

static SERVER: LazyLock<(Runtime, Running)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(Running::start(chains::server()));
    (runtime, server)
});

/// Posts a body, and reads the answer to its end.
fn post(path: &str, body: &[u8]) {
    let (runtime, server) = &*SERVER;
    let request = server
        .client
        .post(server.url(path))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25");
    runtime.block_on(async {
        let response = request.body(body.to_vec()).send().await.unwrap();
        let status = response.status();
        let answer = response.bytes().await.unwrap();
        assert_ne!(status, 500, "{}", String::from_utf8_lossy(&answer));
    });
}

#[test]
fn any_body_is_answered() {
    harness::run_all(&TARGETS, &[Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")]);
}
