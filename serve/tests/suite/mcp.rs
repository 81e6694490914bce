//! The Model Context Protocol.

use crate::{chains, running::Running};
use serde_json::{Value, json};

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// Calls a method in the way of 2026-07-28, and returns the last message.
async fn call(server: &Running, method: &str, mut params: Value) -> Value {
    params["_meta"][VERSION] = "2026-07-28".into();
    params["_meta"]["io.modelcontextprotocol/clientInfo"] = json!({ "name": "test", "version": "1" });
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
    let mut request = server
        .client
        .post(server.url("mcp"))
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method);
    if let Some(name) = params["name"].as_str() {
        request = request.header("mcp-name", name);
    }
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let response = request.json(&body).send().await.unwrap();
    let text = response.text().await.unwrap();
    let last =
        text.lines().rev().find_map(|line| line.strip_prefix("data:").map(str::trim).filter(|data| !data.is_empty()));
    serde_json::from_str(last.unwrap_or(&text)).unwrap_or_else(|_| panic!("{method}: {text}"))
}

#[tokio::test]
async fn chains_are_tools() {
    let server = Running::start(chains::server()).await;
    let list = call(&server, "tools/list", json!({})).await;
    let tools = list["result"]["tools"].as_array().unwrap_or_else(|| panic!("{list}"));
    let named = |name: &str| tools.iter().find(|tool| tool["name"] == name).unwrap();
    assert_eq!(named("count")["inputSchema"]["properties"]["text"]["type"], "string");
    assert_eq!(named("count")["outputSchema"]["properties"]["words"]["type"], "integer");
    assert_eq!(named("shout")["inputSchema"]["properties"]["input"]["type"], "string");
    assert_eq!(named("shout").get("outputSchema"), None);

    let result = call(&server, "tools/call", json!({ "name": "count", "arguments": { "text": "to be" } })).await;
    assert_eq!(result["result"]["structuredContent"], json!({ "words": 2, "text": "to be" }), "{result}");
    let result = call(&server, "tools/call", json!({ "name": "shout", "arguments": { "input": "hey" } })).await;
    assert_eq!(result["result"]["content"][0]["text"], "HEY", "{result}");
}

#[tokio::test]
async fn clients_of_the_version_before_are_served() {
    let server = Running::start(chains::server()).await;
    let send = async |body: Value| {
        let request = server.client.post(server.url("mcp")).header("accept", "application/json, text/event-stream");
        let response = request.header("mcp-protocol-version", "2025-11-25").json(&body).send().await.unwrap();
        let text = response.text().await.unwrap();
        let last = text.lines().rev().filter_map(|line| line.strip_prefix("data:")).find(|data| data.contains('{'));
        serde_json::from_str::<Value>(last.unwrap_or(&text)).unwrap_or_default()
    };
    let info = json!({ "name": "t", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info });
    let hello = send(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params })).await;
    assert_eq!(hello["result"]["protocolVersion"], "2025-11-25", "{hello}");
    send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    let list = send(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" })).await;
    assert!(list["result"]["tools"].as_array().is_some_and(|tools| tools.len() == 7), "{list}");
    let params = json!({ "name": "count", "arguments": { "text": "to be" } });
    let result = send(json!({ "jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": params })).await;
    assert_eq!(result["result"]["structuredContent"], json!({ "words": 2, "text": "to be" }), "{result}");
    let params = json!({ "name": "fail", "arguments": { "input": "rate" } });
    let result = send(json!({ "jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": params })).await;
    assert_eq!(result["result"]["isError"], true, "{result}");
}

#[tokio::test]
async fn a_failed_chain_is_a_result() {
    let server = Running::start(chains::server()).await;
    for (name, arguments, words) in [
        ("fail", json!({ "input": "rate" }), "rate limited"),
        ("fail", json!({ "input": "panic" }), "failed"),
        ("count", json!({ "text": 3 }), "text: invalid type"),
    ] {
        let result = call(&server, "tools/call", json!({ "name": name, "arguments": arguments })).await;
        assert_eq!(result["result"]["isError"], true, "{result}");
        let text = result["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(words) && !text.contains("secret"), "{text}");
    }
    let result = call(&server, "tools/call", json!({ "name": "none", "arguments": {} })).await;
    assert!(result["error"]["code"].is_number(), "{result}");
    assert!(!result.to_string().contains("shout"), "{result}");
}

#[tokio::test]
async fn forged_hosts_and_origins_are_refused() {
    let ask = async |server: &Running, name: &'static str, value: &str| {
        let request = server.client.post(server.url("mcp")).header("accept", "application/json, text/event-stream");
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" },
        }});
        request.header(name, value).json(&body).send().await.unwrap().status().as_u16()
    };
    let server = Running::start(chains::server()).await;
    let own = server.address.to_string();
    assert_eq!(ask(&server, "host", &own).await, 200);
    assert_eq!(ask(&server, "host", "evil.example").await, 403);
    assert_eq!(ask(&server, "origin", "https://evil.example").await, 403);
    let open = chains::server().allow_origin("https://app.example").allow_host("api.example");
    let server = Running::start(open).await;
    assert_eq!(ask(&server, "host", "api.example").await, 200);
    assert_eq!(ask(&server, "origin", "https://app.example").await, 200);
    assert_eq!(ask(&server, "origin", "https://evil.example").await, 403);
}
