//! The tools of MCP servers: over real pipes and HTTP, from processes that end as they should.

mod agents;
mod hostile;
mod in_memory;
mod others;

use catena::RunnableExt;
use catena_llm::{Message, ToolCall, Tools};

/// Calls a tool, and returns what the model reads.
async fn call(tools: &Tools, name: &str, arguments: &str) -> String {
    message(tools, name, arguments).await.parts()[0].content().to_owned()
}

async fn message(tools: &Tools, name: &str, arguments: &str) -> Message {
    let asked = Message::assistant("").with_tool_call(ToolCall::new("1", name, arguments));
    tools.invoke(asked).await.unwrap()[0].clone()
}

async fn names(tools: &Tools) -> Vec<String> {
    tools.listed().await.unwrap().definitions().iter().map(|tool| tool.name.clone()).collect()
}

/// Returns whether a process runs. One that has ended and was not waited for does not.
#[cfg(target_os = "linux")]
fn runs(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = status.rsplit(')').next().unwrap_or_default().trim_start().chars().next();
    state.is_some_and(|state| state != 'Z')
}

/// Waits until a process has ended.
#[cfg(target_os = "linux")]
async fn ended(pid: &str) {
    for _ in 0..1000 {
        if !runs(pid) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the process {pid} still runs");
}
