//! A set of tools.

use super::{
    Dispatch, Tool, ToolDefinition, ToolEntry, ToolResult, ToolStep, call_limits::CallLimits, source::Sources,
};
use crate::{Message, Messages, ToolCall};
use catena::{Chunks, Component, Context, Node, Result, Runnable, Step, Types, Whole};
use futures_util::future::BoxFuture;
use std::{fmt, sync::Arc};

/// A set of tools of different types, by name. A clone copies pointers.
///
/// ```
/// use catena::RunnableExt;
/// use catena_llm::{Message, ToolCall, Tools, tool, tools};
///
/// /// The sum of two numbers.
/// #[tool]
/// fn add(a: i64, b: i64) -> i64 { a + b }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let tools: Tools = tools![add]?;
/// assert_eq!(tools.clone().with(add).unwrap_err().message(), "there are two tools `add`");
///
/// // As a step: all calls of a message, concurrently.
/// let asked = Message::assistant("").with_tool_call(ToolCall::new("1", "add", r#"{"a": 1, "b": 2}"#));
/// let answers = tools.invoke(asked).await?;
/// assert_eq!(answers[0].parts()[0].content(), "3");
/// # Ok::<(), catena::Error>(()) }).unwrap();
/// ```
///
/// As a step it takes the message of a model and makes its tool calls concurrently, up to the run's
/// [`max_concurrency`](catena::Config::max_concurrency), 32 at most by [default](Tools::max_concurrent_calls). Of one
/// message it makes [128 calls](Tools::max_calls) at most. It returns the result messages in the order of the calls. The
/// error of a call becomes its message for the model. Only errors that end the whole run (a deadline, a cancellation,
/// the recursion limit, a pause) are errors of the step.
///
/// # Streaming
/// Buffers its input, and yields the output as one chunk.
#[derive(Clone, Default)]
pub struct Tools {
    pub(super) steps: Arc<Vec<Arc<dyn Boxed>>>,
    pub(super) definitions: Arc<[ToolDefinition]>,
    pub(super) limits: CallLimits,
    pub(super) sources: Sources,
}

/// A [`ToolStep`] of any type.
pub(crate) trait Boxed: Send + Sync {
    fn run<'a>(&'a self, call: ToolCall, cx: &'a Context) -> BoxFuture<'a, Result<Message>>;
    fn component(&self) -> Component;
    fn definition(&self) -> &ToolDefinition;
    fn idempotent(&self) -> bool;
}

impl<T: Tool> Boxed for ToolStep<T> {
    fn run<'a>(&'a self, call: ToolCall, cx: &'a Context) -> BoxFuture<'a, Result<Message>> {
        Box::pin(self.call(call, cx))
    }

    fn component(&self) -> Component {
        Runnable::component(self)
    }

    fn definition(&self) -> &ToolDefinition {
        ToolStep::definition(self)
    }

    fn idempotent(&self) -> bool {
        self.tool().idempotent()
    }
}

impl Tools {
    /// Creates an empty set.
    pub fn new() -> Self {
        Tools::default()
    }

    /// Adds a tool, a server or another set.
    ///
    /// # Errors
    /// [`ErrorKind::BadInput`](catena::ErrorKind::BadInput) if the set has a tool of this name, or if providers do not
    /// accept the name. The same if the schema is not that of an object, or if a setting of a server is invalid.
    pub fn with(self, entry: impl ToolEntry) -> Result<Self> {
        entry.add_to(self)
    }

    /// Returns the definitions that a model receives, in the order in which the tools were added. Those of servers are
    /// in the set that [`listed`](Self::listed) returns.
    pub fn definitions(&self) -> &Arc<[ToolDefinition]> {
        &self.definitions
    }

    /// Returns whether the tool of this name is idempotent.
    pub fn is_idempotent(&self, name: &str) -> bool {
        self.find(name).is_some_and(Boxed::idempotent)
    }

    /// Returns whether the set has neither tools nor servers.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.sources.is_empty()
    }

    /// Returns the number of tools, without those of servers.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    pub(crate) fn find(&self, name: &str) -> Option<&dyn Boxed> {
        self.steps.iter().map(AsRef::as_ref).find(|step| step.definition().name == name)
    }

    pub(crate) fn components(&self) -> impl Iterator<Item = (&str, Component)> {
        self.steps.iter().map(|step| (step.definition().name.as_str(), step.component()))
    }
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.definitions.iter().map(|definition| definition.name.clone());
        f.debug_list().entries(names.chain(self.sources.names())).finish()
    }
}

/// Creates [`Tools`] of these tools, servers and sets: `tools![weather, search]?`.
///
/// # Errors
/// Those of [`Tools::with`].
#[macro_export]
macro_rules! tools {
    ($($tool:expr),* $(,)?) => {
        ::core::result::Result::Ok($crate::Tools::new())
            $(.and_then(|tools: $crate::Tools| tools.with($tool)))*
    };
}

impl Step for Tools {
    const NODE: Node = Dispatch::TOOLS;
}

impl Runnable<Message> for Tools {
    type Output = Messages;
    type Chunk = Messages;
    type Assembler = Whole<Messages>;

    fn assembler(&self) -> Whole<Messages> {
        Whole::default()
    }

    fn types(&self, types: &mut Types) {
        Dispatch::new(self.clone()).types(types);
        types.serialize::<Messages>();
        types.clone::<Messages>();
    }

    fn input_json(&self, message: &Message) -> Option<serde_json::Value> {
        serde_json::to_value(message).ok()
    }

    async fn call<'a>(&'a self, message: Message, cx: &'a Context) -> Result<Messages> {
        // The run of the calls is that of this step, which got the message.
        let child = cx.given(|| self.input_json(&message));
        let cx = child.as_ref().unwrap_or(cx);
        let calls = message.tool_calls();
        let made = calls.iter().take(self.limits.calls).cloned().collect();
        let results: Vec<ToolResult> = self.listed().await?.dispatch(None).call(made, cx).await?;
        if let Some(error) = results.iter().find_map(ToolResult::paused) {
            return Err(error.clone());
        }
        let refused = calls.iter().enumerate().filter_map(|(index, call)| self.refused(index, call));
        Ok(results.into_iter().chain(refused).map(|result| result.message).collect())
    }

    fn call_stream<'a>(&'a self, message: Message, cx: &'a Context) -> Chunks<'a, Messages>
    where
        Message: 'a,
    {
        catena::__private::stream_whole(self, message, cx)
    }
}
