//! A server of our own tools, over the protocol.

use super::{call, message, names};
use catena::{Error, Result};
use catena_llm::{Image, Part, ToolContent, mcp::McpServer, tool, tools};
use std::time::Duration;

/// Reads a file.
#[tool]
fn read(path: &str) -> Result<String> {
    if path == "secret" { Err(Error::msg("not that one")) } else { Ok(format!("the text of {path}")) }
}

/// A picture.
#[tool]
fn picture() -> ToolContent {
    ToolContent::new("A dot:").with_image(Image::bytes("image/png", *b"dot"))
}

/// Sleeps for an hour.
#[tool]
async fn nap() -> &'static str {
    tokio::time::sleep(Duration::from_hours(1)).await;
    "awake"
}

/// Says the same again and again.
#[tool]
fn babble() -> String {
    "bla ".repeat(1000)
}

fn server() -> McpServer<catena_llm::mcp::InMemory> {
    McpServer::in_memory(tools![read, picture, nap, babble].unwrap())
}

#[tokio::test]
async fn tools_have_their_schemas_and_results() {
    let tools = tools![server()].unwrap();
    assert!(tools.definitions().is_empty() && !tools.is_empty(), "nothing is asked before it is needed");
    let listed = tools.listed().await.unwrap();
    let first = &listed.definitions()[0];
    assert_eq!((first.name.as_str(), first.description.as_str()), ("read", "Reads a file."));
    assert_eq!(first.schema["required"], serde_json::json!(["path"]));
    assert_eq!(call(&tools, "read", r#"{"path": "a.txt"}"#).await, "the text of a.txt");
    let shown = message(&tools, "picture", "{}").await;
    assert_eq!(shown.parts()[0].content(), "A dot:");
    assert_eq!(shown.parts()[1], Part::Image(Image::bytes("image/png", *b"dot")));
    let text_only = tools![server().text_only()].unwrap();
    assert_eq!(call(&text_only, "picture", "{}").await, "A dot:\n[image/png, 3 bytes, not shown]");
}

#[tokio::test]
async fn errors_are_told_to_the_model() {
    let tools = tools![server()].unwrap();
    assert_eq!(call(&tools, "read", r#"{"path": "secret"}"#).await, "Error: Error: not that one");
    // Arguments are checked here, before they are sent.
    let said = call(&tools, "read", r#"{"file": "a.txt"}"#).await;
    assert!(said.starts_with("Error: the arguments of `read` are not right: `path` is missing"), "{said}");
}

#[tokio::test]
async fn tools_are_chosen_and_named() {
    let own = tools![read, server().prefix("fs").only(["read", "babble"]), server()].unwrap();
    // Own tools keep their names; one of a server that has the same is called by another.
    assert_eq!(names(&own).await, ["read", "fs_read", "fs_babble", "read_2", "picture", "nap", "babble"]);
    assert_eq!(call(&own, "read_2", r#"{"path": "a"}"#).await, "the text of a");
    assert_eq!(call(&own, "fs_read", r#"{"path": "b"}"#).await, "the text of b");

    let error = tools![server().only(["write"])].unwrap().listed().await.unwrap_err();
    let wanted = "the MCP server `in memory` cannot be used: it has no tool `write`; its tools are: `babble`, `nap`, `picture`, `read`";
    assert_eq!(error.message(), wanted);
}

#[tokio::test]
async fn sets_are_joined() {
    let inner = tools![server().only(["read"])].unwrap();
    assert_eq!(names(&tools![babble, inner].unwrap()).await, ["babble", "read"]);
    let error = tools![babble, tools![babble].unwrap()].unwrap_err();
    assert_eq!(error.message(), "there are two tools `babble`");
}

#[tokio::test(start_paused = true)]
async fn time_and_output_are_limited() {
    let tools = tools![server().timeout(Duration::from_secs(5)).output_limit(8)].unwrap();
    assert_eq!(call(&tools, "nap", "{}").await, "Error: `nap` gave nothing within 5s");
    let said = call(&tools, "babble", "{}").await;
    assert!(said.starts_with("bla bla \n[cut off here: the tool gave 4000 bytes"), "{said}");
}

#[test]
fn settings_are_checked_when_the_set_is_made() {
    for (url, wanted) in [
        ("mcp.example.com", "the URL `mcp.example.com` of an MCP server cannot be read"),
        (
            "ftp://user:secret@example.com/?key=secret",
            "the URL `ftp://example.com/` of an MCP server does not start with http",
        ),
    ] {
        let error = tools![McpServer::http(url)].unwrap_err();
        assert!(error.message().starts_with(wanted), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let error = tools![McpServer::http("http://localhost/").bearer("se\ncret")].unwrap_err();
    assert_eq!(error.message(), "the header `authorization` for an MCP server has an invalid value");
    assert!(tools![McpServer::stdio("", [""; 0])].unwrap_err().message().contains("no program"));
}
