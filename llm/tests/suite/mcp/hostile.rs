//! A server that dies, hangs, floods, lies and changes, as a process of its own.

use super::{call, names};
use catena_llm::{
    mcp::{McpServer, Stdio},
    tools,
};
use serde_json::{Value, json};
use std::{
    env,
    io::{self, BufRead, Write},
    time::Duration,
};

const MODE: &str = "CATENA_TEST_MCP";

/// A server that misbehaves in this way.
pub(super) fn server(mode: &str) -> McpServer<Stdio> {
    let arguments = ["--exact", "mcp::hostile::program", "--ignored", "--nocapture"];
    McpServer::stdio(env::current_exe().unwrap(), arguments).env(MODE, mode)
}

/// Serves until its input ends. The words of the test harness on its output are no messages.
#[test]
#[ignore = "the program that the tests below start"]
fn program() {
    let Ok(mode) = env::var(MODE) else { return };
    let mut program = Program { mode, tools: vec![json!({ "name": "grow" })], cancelled: false };
    for line in io::stdin().lock().lines() {
        let message: Value = serde_json::from_str(&line.unwrap()).unwrap();
        program.take(&message);
    }
    // Ends with its input, except one that does not.
    if program.mode == "stays" {
        std::thread::sleep(Duration::from_hours(1));
    }
}

struct Program {
    mode: String,
    tools: Vec<Value>,
    cancelled: bool,
}

impl Program {
    fn send(&self, message: &Value) {
        let mut out = io::stdout().lock();
        // A stray answer before the handshake has ended is the end of it.
        if self.mode == "floods" && message["result"]["protocolVersion"].is_null() && message["error"].is_null() {
            for number in 0..20_000 {
                let log = json!({ "level": "info", "data": number });
                writeln!(out, "{}", json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": log }))
                    .unwrap();
            }
            writeln!(out, "no message at all\n{{\"jsonrpc\": \"2.0\", \"id\": 999, \"result\": {{}}}}").unwrap();
        }
        writeln!(out, "{message}").and_then(|()| out.flush()).unwrap();
    }

    fn take(&mut self, message: &Value) {
        let id = &message["id"];
        let answer = |result: Value| json!({ "jsonrpc": "2.0", "id": id, "result": result });
        match (message["method"].as_str().unwrap_or_default(), self.mode.as_str()) {
            (_, "exits") => {
                eprintln!("no license for key {}", env::var("KEY").unwrap_or_default());
                std::process::exit(3);
            }
            ("initialize", "silent") => {}
            ("initialize", _) => self.send(&answer(json!({
                "protocolVersion": "2025-11-25",
                "capabilities": { "tools": { "listChanged": true } },
                "serverInfo": { "name": "hostile", "version": "1" },
            }))),
            ("tools/list", "endless") => {
                let next = format!("{}x", message["params"]["cursor"].as_str().unwrap_or_default());
                self.send(&answer(json!({ "tools": [], "nextCursor": next })));
            }
            ("tools/list", "circle") => self.send(&answer(json!({ "tools": [], "nextCursor": "again" }))),
            ("tools/list", _) => self.send(&answer(json!({ "tools": self.list() }))),
            ("tools/call", _) => self.call(message),
            ("notifications/cancelled", _) => self.cancelled = true,
            (_, _) if id.is_null() => {}
            _ => self.send(&json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "not found" } })),
        }
    }

    fn list(&self) -> Vec<Value> {
        let plain = |name: &str| json!({ "name": name, "inputSchema": { "type": "object" } });
        let names: Vec<String> = match self.mode.as_str() {
            "many" => (0..5000).map(|number| format!("tool_{number}")).collect(),
            "changing" => self.tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect(),
            "liar" => {
                let deep = (0..60).fold(json!({}), |inner, _| json!({ "properties": { "x": inner } }));
                return vec![
                    json!({ "name": "text", "inputSchema": { "type": "string" } }),
                    json!({ "name": "untyped", "inputSchema": {} }),
                    json!({ "name": "odd", "inputSchema": { "type": "object", "properties": 5, "required": "x" } }),
                    json!({ "name": "loop", "inputSchema": { "type": "object", "properties": { "x": { "$ref": "#/properties/x" } } } }),
                    json!({ "name": "deep", "inputSchema": { "type": "object", "properties": deep } }),
                    json!({ "name": "odd", "inputSchema": { "type": "object" } }),
                    json!({ "name": "a name/with: everything…", "inputSchema": { "type": "object" } }),
                    json!({ "name": "wrong", "inputSchema": { "type": "object" },
                            "outputSchema": { "type": "object", "required": ["celsius"] } }),
                ];
            }
            _ => ["die", "pid", "hang", "huge", "was_cancelled", "env"].map(str::to_owned).into(),
        };
        names.iter().map(|name| plain(name)).collect()
    }

    fn call(&mut self, message: &Value) {
        let text = |text: String| json!({ "content": [{ "type": "text", "text": text }] });
        let result = match message["params"]["name"].as_str().unwrap_or_default() {
            "die" => {
                eprintln!("out of memory");
                std::process::exit(3);
            }
            "hang" => return,
            "env" => {
                text(env::vars().flat_map(|(name, value)| [name, "=".to_owned(), value, ";".to_owned()]).collect())
            }
            "huge" => text("x".repeat(50 << 20)),
            "pid" => text(std::process::id().to_string()),
            "was_cancelled" => text(self.cancelled.to_string()),
            "grow" => {
                self.tools.push(json!({ "name": "sprout" }));
                self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" }));
                text("grown".to_owned())
            }
            "sprout" => text("sprouted".to_owned()),
            "wrong" => json!({ "content": 5, "structuredContent": "warm", "isError": "no" }),
            other => text(other.to_owned()),
        };
        self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
    }
}

#[tokio::test]
async fn a_server_that_dies_is_started_again_by_the_next_call() {
    let tools = tools![server("dies")].unwrap();
    let first = call(&tools, "pid", "{}").await;
    assert_eq!(call(&tools, "pid", "{}").await, first, "one process serves all calls");
    let died = call(&tools, "die", "{}").await;
    assert!(died.contains("lost while the tool was called") && died.contains("out of memory"), "{died}");
    let second = call(&tools, "pid", "{}").await;
    assert!(second.parse::<u32>().is_ok() && second != first, "{second}");
}

#[tokio::test]
async fn a_call_that_hangs_is_cancelled_and_the_server_goes_on() {
    let tools = tools![server("hangs").timeout(Duration::from_millis(300))].unwrap();
    let pid = call(&tools, "pid", "{}").await;
    assert_eq!(call(&tools, "hang", "{}").await, "Error: `hang` gave nothing within 300ms");
    assert_eq!(call(&tools, "was_cancelled", "{}").await, "true");
    assert_eq!(call(&tools, "pid", "{}").await, pid);
}

#[tokio::test]
async fn a_process_sees_what_it_was_given_and_no_keys() {
    let seen = call(&tools![server("env")].unwrap(), "env", "{}").await;
    assert!(seen.contains("CATENA_TEST_MCP=env;") && seen.contains("PATH="), "{seen}");
    // The test has this from cargo, as it could have a key.
    assert!(env::var_os("CARGO_MANIFEST_DIR").is_some() && !seen.contains("CARGO_MANIFEST_DIR"), "{seen}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_an_error_in_time() {
    let tools = tools![server("silent").connect_timeout(Duration::from_millis(500))].unwrap();
    let error = tools.listed().await.unwrap_err();
    assert!(error.message().ends_with("cannot be used: it did not start within 500ms"), "{error}");
}

#[tokio::test]
async fn a_server_that_exits_is_an_error_with_its_words_and_without_secrets() {
    let error = tools![server("exits").env("KEY", "a-very-secret-key")].unwrap().listed().await.unwrap_err();
    let message = error.message();
    assert!(message.contains("it closed the connection before it answered; it said: "), "{message}");
    assert!(message.contains("no license for key") && !message.contains("very-secret"), "{message}");
}

#[tokio::test]
async fn floods_are_survived() {
    let tools = tools![server("floods")].unwrap();
    assert_eq!(names(&tools).await.len(), 6);
    call(&tools, "pid", "{}").await.parse::<u32>().unwrap();
}

#[tokio::test]
async fn fifty_megabytes_are_refused_and_the_server_is_started_again() {
    let tools = tools![server("huge")].unwrap();
    let pid = call(&tools, "pid", "{}").await;
    let huge = call(&tools, "huge", "{}").await;
    assert!(huge.contains("it sent a message of more than 16777216 bytes"), "{huge}");
    let next = call(&tools, "pid", "{}").await;
    assert!(next.parse::<u32>().is_ok() && next != pid, "{next}");
}

#[tokio::test]
async fn lies_about_schemas_cost_their_tool_alone() {
    let tools = tools![server("liar")].unwrap();
    assert_eq!(names(&tools).await, ["untyped", "odd", "loop", "deep", "a_name_with__everything_", "wrong"]);
    // A mapped name is mapped back.
    assert_eq!(call(&tools, "a_name_with__everything_", "{}").await, "a name/with: everything…");
    for name in ["untyped", "odd", "loop", "deep"] {
        assert_eq!(call(&tools, name, r#"{"x": 1.0}"#).await, name);
    }
    let wrong = call(&tools, "wrong", "{}").await;
    assert!(wrong.starts_with("Error: "), "{wrong}");
    assert_eq!(call(&tools, "odd", "{}").await, "odd", "the server is still there");
}

#[tokio::test]
async fn lists_without_end_are_refused() {
    for (mode, wanted) in [
        ("many", "it lists more than 1000 tools: choose some by `only`"),
        ("circle", "the pages of its list of tools have no end"),
        ("endless", "its list of tools has more than 1000 pages"),
    ] {
        let error = tools![server(mode)].unwrap().listed().await.unwrap_err();
        assert!(error.message().ends_with(wanted), "{mode}: {error}");
    }
    assert_eq!(names(&tools![server("many").only(["tool_4999"])].unwrap()).await, ["tool_4999"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_process_ends_with_the_last_clone_of_its_set() {
    for mode in ["ends", "stays"] {
        let tools = tools![server(mode)].unwrap();
        let pid = call(&tools, "pid", "{}").await;
        let clone = tools.clone();
        drop(tools);
        assert_eq!(call(&clone, "pid", "{}").await, pid);
        drop(clone);
        super::ended(&pid).await;
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_ends_with_its_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let tools = tools![server("stays")].unwrap();
    let pid = runtime.block_on(call(&tools, "pid", "{}"));
    assert!(super::runs(&pid));
    drop(tools);
    drop(runtime);
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(super::ended(&pid));
}
