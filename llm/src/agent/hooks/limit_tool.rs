use super::{Hook, NextTool};
use crate::{ToolCall, ToolResult, agent::local::Local};
use catena::Result;

/// Limits how often a tool is called in a run. The model reads of each further call that it was not made.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Agent, Message, ToolCall, hooks::LimitTool, testing::{Reply, Scripted}, tool, tools};
///
/// /// Searches the web.
/// #[tool]
/// fn search(query: &str) -> String { format!("nothing about {query}") }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let call = || ToolCall::new("1", "search", r#"{"query": "x"}"#);
/// let asked = Message::assistant("").with_tool_call(call()).with_tool_call(call());
/// let model = Scripted::answers([Reply::from(asked), "I do not know.".into()]).chat();
/// let agent = Agent::new(model).tools(tools![search]?).hook(LimitTool::new("search", 1));
/// let said = agent.invoke("What is x?").await?;
/// assert_eq!(said.messages[2].parts()[0].content(), "nothing about x");
/// assert_eq!(said.messages[3].parts()[0].content(), "Not called: `search` may be called 1 time. Answer without it.");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct LimitTool {
    tool: String,
    calls: u32,
}

impl LimitTool {
    /// Limits the calls of the tool of this name.
    pub fn new(tool: impl Into<String>, calls: u32) -> Self {
        LimitTool { tool: tool.into(), calls }
    }
}

impl Hook for LimitTool {
    fn name(&self) -> &'static str {
        "limit_tool"
    }

    async fn around_tool(&self, call: ToolCall, next: NextTool) -> Result<ToolResult> {
        if call.name != self.tool {
            return next.call(call).await;
        }
        // The hook of an agent stays where it is for as long as the run.
        let own = std::ptr::from_ref(self).addr();
        let number = Local::around().map_or(1, |local| local.count_call(own, &call.name));
        if number <= self.calls {
            return next.call(call).await;
        }
        let times = if self.calls == 1 { "time" } else { "times" };
        let text = format!("Not called: `{}` may be called {} {times}. Answer without it.", call.name, self.calls);
        Ok(ToolResult::of_text(call, text))
    }
}
