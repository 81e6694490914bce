//! A tool as a step of a chain.

use super::{Tool, ToolDefinition, catch_panic};
use crate::{Message, ToolCall};
use catena::{
    __private::{Call, Started, waits},
    Chunks, Context, Details, Kind, Node, Runnable, Step, Types, Whole,
};
use serde_json::Value;

/// A [`Tool`] as a step, from a [`ToolCall`] to the [`Message`] that answers it.
///
/// Functions with [`#[tool]`](macro@crate::tool) are such steps themselves.
///
/// # Errors
/// [`Parse`](catena::ErrorKind::Parse) for invalid arguments, [`Timeout`](catena::ErrorKind::Timeout),
/// [`Panic`](catena::ErrorKind::Panic), and the error of the tool. [`Tools`](crate::Tools) and agents convert them to
/// texts for the model.
///
/// # Streaming
/// Buffers its input, and yields the output as one chunk.
#[derive(Clone, Debug)]
pub struct ToolStep<T> {
    tool: T,
    definition: ToolDefinition,
}

impl<T: Tool> ToolStep<T> {
    /// Creates a step of this tool.
    pub fn new(tool: T) -> Self {
        let definition = ToolDefinition::of(&tool);
        ToolStep { tool, definition }
    }

    /// Returns the description that a model receives.
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

/// Returns the arguments: the input of a tool's run, as LangChain records it.
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

    fn start<'a>(&'a self, call: ToolCall, cx: &'a Context) -> Started<impl Call<'a, Self, Message>, Message> {
        waits(catch_panic::call_checked(&self.tool, &self.definition.schema, call, cx))
    }

    fn call_stream<'a>(&'a self, call: ToolCall, cx: &'a Context) -> Chunks<'a, Message>
    where
        ToolCall: 'a,
    {
        catena::__private::stream_whole(self, call, cx)
    }
}
