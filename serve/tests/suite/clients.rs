//! The clients from their registries, against the server.
//!
//! Where they are not installed, the tests say so and pass; `CATENA_REQUIRE_CLIENTS=1` makes that a failure:
//!
//! ```sh
//! .ci/install-clients
//! ```

use crate::{chains, running::Running};
use serde_json::Value;
use std::{io::Write, path::PathBuf, process::Stdio};
use tokio::process::Command;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

fn skip(why: &str) {
    assert!(std::env::var_os("CATENA_REQUIRE_CLIENTS").is_none(), "{why}");
    // Not `eprintln!`, which the test harness keeps to itself when a test passes. It names the thread after the test.
    let thread = std::thread::current();
    writeln!(std::io::stderr().lock(), "SKIPPED: {}: {why}", thread.name().unwrap_or_default()).unwrap();
}

/// Runs a script with the address of a server, and returns what it prints: one JSON object.
async fn script(program: PathBuf, name: &str) -> Value {
    let server = Running::start(chains::server()).await;
    let output = Command::new(program)
        .arg(folder().join(name))
        .arg(server.url(""))
        .current_dir(folder())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{name}: {text}\n{errors}"))
}

/// The Python that the clients are installed for.
fn python() -> Option<PathBuf> {
    let python = folder().join("venv/bin/python");
    python.exists().then_some(python)
}

/// Node, if the clients are installed for it.
fn node() -> Option<PathBuf> {
    folder().join("node_modules/openai").exists().then(|| "node".into())
}

#[tokio::test]
async fn langchain_for_python_is_served() {
    let Some(python) = python() else { return skip("the clients for Python are not here: `.ci/install-clients`") };
    let said = script(python, "remote_runnable.py").await;
    for (name, wanted) in [
        ("invoke", r#"{"words": 2, "text": "to be"}"#),
        ("ainvoke", r#"{"words": 1, "text": "x"}"#),
        ("message", r#"["AIMessage", "Hello there!", 12]"#),
        ("tool call", r#"["weather", {"city": "Oslo"}]"#),
        ("batch", r#"["A", "B"]"#),
        ("batch with a failure", "429"),
        ("stream", r#"["to ", "be ", "or"]"#),
        ("stream of messages", r#"["AIMessageChunk", "Hello there!"]"#),
        ("stream of a map", r#"["Hello there!", 2]"#),
        ("cut stream", r#"["Hello", 429]"#),
        ("bad input", "422"),
        ("events", r#"["on_chain_start", "on_chain_end", "on_chat_model_stream"]"#),
        ("log", r#""Hello there!""#),
        ("prompt, remote, parser", r#""Hello there!""#),
        ("prompt, remote, parser, streamed", r#""Hello there!""#),
    ] {
        assert_eq!(said[name], serde_json::from_str::<Value>(wanted).unwrap(), "{name}: {said}");
    }
}

#[tokio::test]
async fn langchain_for_javascript_is_served() {
    let Some(node) = node() else { return skip("the clients for Node are not here: `.ci/install-clients`") };
    let said = script(node, "remote_runnable.mjs").await;
    for (name, wanted) in [
        ("invoke", r#"["AIMessage", 2]"#),
        ("message", r#"["AIMessage", "Hello there!"]"#),
        ("batch", r#"["A", "B"]"#),
        ("stream", r#"["to ", "be ", "or"]"#),
        ("cut stream", "true"),
        ("bad input", "true"),
        ("events", r#"["on_chain_start", "on_chain_end"]"#),
        ("log", r#""Hello there!""#),
        ("prompt, remote, parser", r#""Hello there!""#),
    ] {
        assert_eq!(said[name], serde_json::from_str::<Value>(wanted).unwrap(), "{name}: {said}");
    }
}

#[tokio::test]
async fn openai_for_python_is_served() {
    let Some(python) = python() else { return skip("the clients for Python are not here: `.ci/install-clients`") };
    let said = script(python, "oai.py").await;
    for (name, wanted) in [
        ("models", r#"["shout", "fail", "words", "chat"]"#),
        ("completion", r#""Hello there!""#),
        ("stream", r#"["", "Hel", "lo ", "there!", null, 12]"#),
        ("call", r#"["weather", {"city": "Oslo"}]"#),
        ("streamed call", r#"["weather", {"city": "Oslo"}]"#),
        ("not found", r#"["NotFoundError", "model_not_found"]"#),
        ("rate limit", r#"["RateLimitError", "rate_limited"]"#),
        ("cut", r#"["APIError", "rate_limited"]"#),
        ("response", r#""Hello there!""#),
        ("streamed response", r#""Hello there!""#),
        ("streamed item", r#"["function_call", "weather", {"city": "Oslo"}]"#),
    ] {
        assert_eq!(said[name], serde_json::from_str::<Value>(wanted).unwrap(), "{name}: {said}");
    }
}

#[tokio::test]
async fn openai_for_javascript_is_served() {
    let Some(node) = node() else { return skip("the clients for Node are not here: `.ci/install-clients`") };
    let said = script(node, "oai.mjs").await;
    for (name, wanted) in [
        ("models", r#"["shout", "fail", "words", "chat"]"#),
        ("completion", r#""Hello there!""#),
        ("stream", r#""Hello there!""#),
        ("not found", r#"["NotFoundError", "model_not_found"]"#),
        ("cut", r#"["APIError", "rate_limited"]"#),
        ("response", r#""Hello there!""#),
        ("streamed response", r#""Hello there!""#),
    ] {
        assert_eq!(said[name], serde_json::from_str::<Value>(wanted).unwrap(), "{name}: {said}");
    }
}

#[cfg(feature = "mcp")]
const TOOLS: &str = r#"["shout", "count", "fail", "words", "chat", "answer", "both"]"#;

#[cfg(feature = "mcp")]
#[tokio::test]
async fn mcp_for_python_is_served() {
    let Some(python) = python() else { return skip("the clients for Python are not here: `.ci/install-clients`") };
    let said = script(python, "mcp_client.py").await;
    for (name, wanted) in [
        ("tools", TOOLS),
        ("call", r#"[false, {"words": 2, "text": "to be"}]"#),
        ("failed", "[true, false]"),
        ("progress", r#"["prompted", "scripted-1", "text"]"#),
    ] {
        assert_eq!(said[name], serde_json::from_str::<Value>(wanted).unwrap(), "{name}: {said}");
    }
}

#[cfg(feature = "mcp")]
#[tokio::test]
async fn mcp_for_javascript_is_served() {
    let Some(node) = node() else { return skip("the clients for Node are not here: `.ci/install-clients`") };
    let said = script(node, "mcp_client.mjs").await;
    for (name, wanted) in [("tools", TOOLS), ("call", r#"[false, {"words": 2, "text": "to be"}]"#), ("failed", "true")]
    {
        assert_eq!(said[name], serde_json::from_str::<Value>(wanted).unwrap(), "{name}: {said}");
    }
}

#[tokio::test]
async fn interfaces_for_javascript_are_served() {
    let Some(node) = node() else { return skip("the clients for Node are not here: `.ci/install-clients`") };
    let said = script(node, "ui.mjs").await;
    for (name, wanted) in [
        ("message", r#""Hello there!""#),
        ("steps", r#"["prompted", "scripted-1", "text"]"#),
        ("cut", r#"["Hello", "a provider is rate limited: try again later"]"#),
        ("call", r#"[["weather", {"city": "Oslo"}]]"#),
        ("ag-ui", r#"["assistant", "Hello there!"]"#),
        ("ag-ui steps", r#"["STEP_STARTED", "STEP_FINISHED"]"#),
        ("ag-ui cut", "true"),
        ("ag-ui result", "2"),
    ] {
        assert_eq!(said[name], serde_json::from_str::<Value>(wanted).unwrap(), "{name}: {said}");
    }
}

#[tokio::test]
async fn a_browser_uses_the_page() {
    let browser = std::env::var("CATENA_BROWSER").unwrap_or_else(|_| "chromium".to_owned());
    for program in ["node", &browser] {
        let there =
            std::process::Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            let why = format!("the page in a browser: install node and {browser}");
            assert!(std::env::var_os("CATENA_REQUIRE_BROWSER").is_none(), "{why}");
            return skip(&why);
        }
    }
    let said = script("node".into(), "page.mjs").await;
    for (name, wanted) in [
        ("focus", r#""field-text""#),
        ("output", r#""Hello there!""#),
        ("drawn", "true"),
        ("runs", "1"),
        ("error", r#""scripted-1: a provider is rate limited: try again later""#),
        ("fits", "true"),
        ("dark", "true"),
        ("linked", "true"),
        ("complaints", "[]"),
    ] {
        assert_eq!(said[name], serde_json::from_str::<Value>(wanted).unwrap(), "{name}: {said}");
    }
}
