use super::{Hook, NextTool};
use crate::{ToolCall, ToolResult};
use catena::{ErrorKind, Result};
use std::time::Duration;

/// Makes a call of a tool again if it fails, before the model reads the error.
///
/// Errors that another call would give again are not retried: arguments that are not right, bad input, panics. Use it for
/// tools that may be called twice. Between attempts it waits, twice as long each time.
///
/// ```
/// use catena::{Error, RunnableExt};
/// use catena_llm::{Agent, Message, ToolCall, hooks::RetryTool, testing::{Reply, Scripted}, tool_fn, tools};
/// use std::{sync::atomic::{AtomicU32, Ordering}, time::Duration};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Nothing {}
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let calls = AtomicU32::new(0);
/// let flaky = tool_fn("flaky", "Fails once.", move |_: Nothing| {
///     let first = calls.fetch_add(1, Ordering::Relaxed) == 0;
///     async move { if first { Err(Error::msg("busy")) } else { Ok("done") } }
/// });
/// let asked = Message::assistant("").with_tool_call(ToolCall::new("1", "flaky", "{}"));
/// let model = Scripted::answers([Reply::from(asked), "Done.".into()]).chat();
/// let agent = Agent::new(model).tools(tools![flaky]?).hook(RetryTool::new("flaky", 3).delay(Duration::from_secs(1)));
/// assert_eq!(agent.invoke("Go.").await?.messages[2].parts()[0].content(), "done");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct RetryTool {
    tool: String,
    attempts: u32,
    delay: Duration,
}

impl RetryTool {
    /// Makes a call of the tool of this name at most so many times.
    pub fn new(tool: impl Into<String>, attempts: u32) -> Self {
        RetryTool { tool: tool.into(), attempts, delay: Duration::from_millis(500) }
    }

    /// Sets the delay before the second attempt. The default is half a second.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

impl Hook for RetryTool {
    fn name(&self) -> &'static str {
        "retry_tool"
    }

    async fn around_tool(&self, call: ToolCall, next: NextTool) -> Result<ToolResult> {
        if call.name != self.tool {
            return next.call(call).await;
        }
        let mut delay = self.delay;
        for _ in 1..self.attempts {
            let result = next.clone().call(call.clone()).await?;
            let is_worth_it = |error: &catena::Error| {
                error.is_retryable() && !matches!(error.kind(), ErrorKind::Parse { .. } | ErrorKind::BadInput)
            };
            if !result.error.as_ref().is_some_and(is_worth_it) {
                return Ok(result);
            }
            tokio::time::sleep(delay).await;
            delay = delay.saturating_mul(2);
        }
        next.call(call).await
    }
}
