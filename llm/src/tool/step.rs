//! A tool as a step of a chain.

use super::{Tool, ToolDefinition, catch_panic};
use crate::{Message, ToolCall};
use catena::{Chunks, Context, Details, Kind, Node, Result, Runnable, Running, Step, Types, Whole};
use serde_json::Value;
use std::future::Future;

/// A [`Tool`] as a step: from a [`ToolCall`] to the [`Message`] that answers it.
///
/// Functions under [`#[tool]`](macro@crate::tool) are such steps themselves.
///
/// # Errors
/// [`Parse`](catena::ErrorKind::Parse) for arguments that do not fit; [`Timeout`](catena::ErrorKind::Timeout);
/// [`Panic`](catena::ErrorKind::Panic); that of the tool. [`Tools`](crate::Tools) and agents make them texts for the model.
///
/// # Streaming
/// Waits for its whole input, and gives its output in one.
#[derive(Clone, Debug)]
pub struct ToolStep<T> {
    tool: T,
    definition: ToolDefinition,
}

impl<T: Tool> ToolStep<T> {
    /// This tool.
    pub fn new(tool: T) -> Self {
        let definition = ToolDefinition::of(&tool);
        ToolStep { tool, definition }
    }

    /// What a model is told of it.
    pub fn definition(&self) -> &ToolDefinition {
        &self.definition
    }

    pub(super) fn tool(&self) -> &T {
        &self.tool
    }
}

impl<T: Tool> Step for ToolStep<T> {
    const NODE: Node = Node::leaf("", Kind::Tool);

    fn name(&self) -> Option<&str> {
        Some(&self.definition.name)
    }

    fn details(&self, details: &mut Details) {
        details.set("description", self.definition.description.as_str());
        if self.tool.idempotent() {
            details.set("idempotent", true);
        }
    }
}

/// What the run of a tool took, as LangChain has it: the arguments.
#[doc(hidden)]
pub fn input_json(call: &ToolCall) -> Value {
    serde_json::from_str(&call.raw_arguments).unwrap_or_else(|_| Value::from(call.raw_arguments.as_str()))
}

impl<T: Tool> Runnable<ToolCall> for ToolStep<T> {
    type Output = Message;
    type Chunk = Message;
    type Assembler = Whole<Message>;

    fn assembler(&self) -> Whole<Message> {
        Whole::default()
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<Message>();
        types.clone::<Message>();
    }

    fn input_json(&self, call: &ToolCall) -> Option<Value> {
        Some(input_json(call))
    }

    fn call<'a>(&'a self, call: ToolCall, cx: &'a Context) -> impl Future<Output = Result<Message>> + Send {
        Running::call(self, call, cx)
    }

    async fn call_unobserved<'a>(&'a self, call: ToolCall, cx: &'a Context) -> Result<Message> {
        catch_panic::call_checked(&self.tool, &self.definition.schema, call, cx).await
    }

    fn call_stream<'a>(&'a self, call: ToolCall, cx: &'a Context) -> Chunks<'a, Message>
    where
        ToolCall: 'a,
    {
        catena::__private::stream_whole(self, call, cx)
    }
}
