//! Servers that others wrote: the reference servers, and one by the Python SDK.
//!
//! Where they are not installed, the tests say so and pass; `CATENA_REQUIRE_MCP=1` makes that a failure:
//!
//! ```sh
//! .ci/install-mcp-servers
//! ```

use super::{call, message, names};
use catena_llm::{
    Part, Tools,
    mcp::{McpServer, Stdio},
    tools,
};
use std::{
    ffi::OsString,
    io::Write,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command},
    time::Duration,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite/mcp/servers")
}

/// Returns the program and its first argument, if it is installed.
fn installed(program: &str, file: &str) -> Option<(OsString, OsString)> {
    let file = folder().join(file);
    let program = if program == "python" { folder().join("venv/bin/python").into_os_string() } else { program.into() };
    let there = file.exists() && Command::new(&program).arg("--version").output().is_ok();
    if !there {
        let why = format!("{} is not here: `.ci/install-mcp-servers`", file.display());
        assert!(std::env::var_os("CATENA_REQUIRE_MCP").is_none(), "{why}");
        let thread = std::thread::current();
        writeln!(std::io::stderr().lock(), "SKIPPED: {}: {why}", thread.name().unwrap_or_default()).unwrap();
    }
    there.then(|| (program, file.into_os_string()))
}

fn everything() -> Option<(OsString, OsString)> {
    installed("node", "node_modules/@modelcontextprotocol/server-everything/dist/index.js")
}

/// A server over HTTP in a process of its own, ended with this.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    async fn start(program: &OsString, arguments: impl Fn(u16) -> Vec<OsString>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        command.args(arguments(port)).env("PORT", port.to_string());
        let quiet = || std::process::Stdio::null();
        let process = command.stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn().unwrap();
        let server = Server { process, port };
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server did not start");
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn check_everything(tools: &Tools) {
    let names = names(tools).await;
    assert!(names.contains(&"all_echo".to_owned()) && names.contains(&"all_get-sum".to_owned()), "{names:?}");
    assert_eq!(call(tools, "all_echo", r#"{"message": "grüß dich"}"#).await, "Echo: grüß dich");
    assert!(call(tools, "all_get-sum", r#"{"a": 2, "b": 40}"#).await.contains("42"));
    let image = message(tools, "all_get-tiny-image", "{}").await;
    let images: Vec<_> = image.parts().iter().filter(|part| matches!(part, Part::Image(_))).collect();
    assert_eq!(images.len(), 1, "{image:?}");
    let structured = call(tools, "all_get-structured-content", r#"{"location": "Chicago"}"#).await;
    assert_eq!(structured.matches("humidity").count(), 1, "{structured}");
    let links = call(tools, "all_get-resource-links", r#"{"count": 2}"#).await;
    assert_eq!(links.matches("[resource ").count(), 2, "{links}");
    let wrong = call(tools, "all_get-sum", r#"{"a": "two", "b": 40}"#).await;
    assert!(wrong.starts_with("Error: ") && wrong.contains("has to be a number"), "{wrong}");
}

#[tokio::test]
async fn everything_is_understood_over_pipes() {
    let Some((node, script)) = everything() else { return };
    let server = McpServer::stdio(node, [script, "stdio".into()]).prefix("all").env("TOKEN_FOR_SERVER", "from us");
    let tools = tools![server].unwrap();
    check_everything(&tools).await;
    // A process sees what it was given, and no keys.
    let environment = call(&tools, "all_get-env", "{}").await;
    assert!(environment.contains("TOKEN_FOR_SERVER") && environment.contains("PATH"), "{environment}");
    assert!(!environment.contains("CARGO_MANIFEST_DIR"), "{environment}");
}

#[tokio::test]
async fn everything_is_understood_over_http() {
    let Some((node, script)) = everything() else { return };
    let server = Server::start(&node, |_| vec![script.clone(), "streamableHttp".into()]).await;
    check_everything(&tools![McpServer::http(server.url()).prefix("all")].unwrap()).await;
}

#[tokio::test]
async fn files_are_read_and_an_error_is_told() {
    let path = "node_modules/@modelcontextprotocol/server-filesystem/dist/index.js";
    let Some((node, script)) = installed("node", path) else { return };
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    std::fs::write(root.join("a.txt"), "in the file").unwrap();
    let server: McpServer<Stdio> = McpServer::stdio(node, [script, root.clone().into_os_string()]);
    let tools = tools![server.prefix("fs").only(["read_text_file", "list_directory"])].unwrap();
    assert_eq!(names(&tools).await, ["fs_read_text_file", "fs_list_directory"]);
    let path = |name: &str| serde_json::json!({ "path": root.join(name) }).to_string();
    assert_eq!(call(&tools, "fs_list_directory", &path("")).await.lines().next(), Some("[FILE] a.txt"));
    assert!(call(&tools, "fs_read_text_file", &path("a.txt")).await.starts_with("in the file"));
    let outside = call(&tools, "fs_read_text_file", r#"{"path": "/etc/hostname"}"#).await;
    assert!(outside.starts_with("Error: ") && outside.to_lowercase().contains("access denied"), "{outside}");
}

async fn check_python(tools: &Tools) {
    assert_eq!(names(tools).await, ["forecast"]);
    let said = call(tools, "forecast", r#"{"city": "Oslo", "days": 2}"#).await;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said, serde_json::json!({ "city": "Oslo", "weather": "sunny", "days": 2 }));
    let deep = call(tools, "forecast", r#"{"city": "Atlantis"}"#).await;
    assert!(deep.starts_with("Error: ") && deep.contains("the sea is too deep"), "{deep}");
}

#[tokio::test]
async fn pythons_sdk_is_understood_over_pipes() {
    let Some((python, script)) = installed("python", "weather.py") else { return };
    check_python(&tools![McpServer::stdio(python, [script])].unwrap()).await;
}

#[tokio::test]
async fn pythons_sdk_is_understood_over_http() {
    let Some((python, script)) = installed("python", "weather.py") else { return };
    let server = Server::start(&python, |port| vec![script.clone(), port.to_string().into()]).await;
    check_python(&tools![McpServer::http(server.url())].unwrap()).await;
}
