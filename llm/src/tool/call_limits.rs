//! The limits of the calls in one answer of a model.

use super::{Around, Dispatch, ToolResult, Tools};
use crate::ToolCall;
use catena::{Map, Named, StepExt};
use std::sync::Arc;

/// The limits of a set of tools. A model that floods its caller meets them.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallLimits {
    /// The most calls of one answer that are made.
    pub(super) calls: usize,
    /// The most calls of one answer in flight.
    pub(super) in_flight: usize,
}

impl Default for CallLimits {
    fn default() -> Self {
        CallLimits { calls: 128, in_flight: 32 }
    }
}

impl Tools {
    /// Sets how many calls of one answer are made. The default is 128. The model reads of each further call that it
    /// was not made, and why.
    ///
    /// ```
    /// use catena_llm::{Message, ToolCall, tool, tools};
    /// use catena::RunnableExt;
    ///
    /// /// The sum of two numbers.
    /// #[tool]
    /// fn add(a: i64, b: i64) -> i64 { a + b }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let call = |id: &str| ToolCall::new(id, "add", r#"{"a": 1, "b": 2}"#);
    /// let asked = Message::assistant("").with_tool_call(call("1")).with_tool_call(call("2"));
    /// let answers = tools![add]?.max_calls(1).invoke(asked).await?;
    /// assert_eq!(answers[0].parts()[0].content(), "3");
    /// assert!(answers[1].parts()[0].content().starts_with("Not called: "));
    /// # Ok::<(), catena::Error>(()) }).unwrap();
    /// ```
    pub fn max_calls(mut self, calls: usize) -> Self {
        self.limits.calls = calls;
        self
    }

    /// Sets how many calls of one answer run concurrently, at least one. The default is 32. The run's
    /// [`max_concurrency`](catena::Config::max_concurrency) applies as well.
    pub fn max_concurrent_calls(mut self, calls: usize) -> Self {
        self.limits.in_flight = calls.max(1);
        self
    }

    /// Returns the result of a call that is one too many; `None` if the call may be made. `index` is its place in the
    /// answer.
    pub(crate) fn refused(&self, index: usize, call: &ToolCall) -> Option<ToolResult> {
        let most = self.limits.calls;
        (index >= most).then(|| {
            let text = format!(
                "Not called: one answer may make {most} calls of tools, and this is call {}. Call it again later, if it \
                 is still needed.",
                index + 1
            );
            ToolResult::not_called(call.clone(), text)
        })
    }

    /// Returns the step that makes calls concurrently, up to the limit, with this around each of them.
    pub(crate) fn dispatch(&self, around: Option<Arc<dyn Around>>) -> Named<Map<Dispatch>> {
        Dispatch { tools: self.clone(), around }.map().concurrency(self.limits.in_flight).named("tools")
    }
}
