//! The step that calls a tool by its name.

use super::{ToolResult, Tools, result::ends_the_run};
use crate::{Message, ToolCall};
use catena::{Chunks, Context, Error, ErrorKind, Kind, Node, Recorder, Result, Runnable, Step, Types, Whole};
use futures_util::future::BoxFuture;
use std::{fmt, sync::Arc};

/// A step from a call to its result. It emits no events of its own; the tool does.
#[derive(Clone)]
pub(crate) struct Dispatch {
    pub(super) tools: Tools,
    /// A layer around each call.
    pub(super) around: Option<Arc<dyn Around>>,
}

/// A layer around calls of tools.
pub(crate) trait Around: Send + Sync {
    /// Makes a call, by [`Dispatch::call_tool`], or does something in its place.
    fn call(&self, call: ToolCall, tools: Tools, cx: Context) -> BoxFuture<'static, Result<ToolResult>>;
}

impl fmt::Debug for Dispatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatch").field("tools", &self.tools).finish_non_exhaustive()
    }
}

impl Dispatch {
    /// The structure of any set of tools.
    pub(crate) const TOOLS: Node = Node::leaf("tools", Kind::Tool).opaque();
}

impl Step for Dispatch {
    const NODE: Node = Dispatch::TOOLS;
}

impl Runnable<ToolCall> for Dispatch {
    type Output = ToolResult;
    type Chunk = ToolResult;
    type Assembler = Whole<ToolResult>;

    fn assembler(&self) -> Whole<ToolResult> {
        Whole::default()
    }

    fn types(&self, types: &mut Types) {
        types.serialize::<Message>();
        types.clone::<Message>();
        types.serialize::<ToolResult>();
        types.clone::<ToolResult>();
    }

    fn input_json(&self, call: &ToolCall) -> Option<serde_json::Value> {
        serde_json::to_value(call).ok()
    }

    /// A call that pauses is a result, so that those beside it end first: see [`ToolResult::paused`].
    async fn call<'a>(&'a self, call: ToolCall, cx: &'a Context) -> Result<ToolResult> {
        let asked = call.clone();
        let outcome = match cx.get::<Recorder>() {
            None => self.run(call, cx).await,
            Some(recorder) => self.recorded(recorder, call, cx).await,
        };
        match outcome {
            Err(error) if *error.kind() == ErrorKind::Paused => Ok(ToolResult::failed(asked, error)),
            outcome => outcome,
        }
    }

    fn call_stream<'a>(&'a self, call: ToolCall, cx: &'a Context) -> Chunks<'a, ToolResult>
    where
        ToolCall: 'a,
    {
        catena::__private::stream_whole(self, call, cx)
    }
}

impl Dispatch {
    pub(crate) fn new(tools: Tools) -> Self {
        Dispatch { tools, around: None }
    }

    async fn run(&self, call: ToolCall, cx: &Context) -> Result<ToolResult> {
        match &self.around {
            None => self.call_tool(call, cx).await,
            Some(around) => around.call(call, self.tools.clone(), cx.clone()).await,
        }
    }

    /// Returns the result that a recorder keeps of the call, or makes it. A failed call is kept too: the model has seen its error.
    async fn recorded(&self, recorder: &Recorder, call: ToolCall, cx: &Context) -> Result<ToolResult> {
        let run = async {
            let result = self.run(call.clone(), cx).await?;
            Ok((result.message, result.error.map(|error| error.to_string())))
        };
        let name = format!("tool:{}", call.name);
        let (message, error): (Message, Option<String>) = recorder.call(&name, &call, cx, run).await?;
        Ok(ToolResult { call, message, error: error.map(Error::msg) })
    }

    /// Calls a tool. Its error is a result, unless it ends the whole run.
    pub(crate) async fn call_tool(&self, call: ToolCall, cx: &Context) -> Result<ToolResult> {
        let outcome = match self.tools.find(&call.name) {
            Some(tool) => tool.run(call.clone(), cx).await,
            None => Err(self.unknown(&call.name)),
        };
        match outcome {
            Ok(message) => Ok(ToolResult::new(call, message)),
            Err(error) if ends_the_run(&error) => Err(error),
            Err(error) => Ok(ToolResult::failed(call, error)),
        }
    }

    #[cold]
    fn unknown(&self, name: &str) -> Error {
        let names: Vec<String> = self.tools.definitions().iter().map(|tool| format!("`{}`", tool.name)).collect();
        let there =
            if names.is_empty() { "there are none".to_owned() } else { format!("there are {}", names.join(", ")) };
        Error::new(ErrorKind::BadInput, format!("there is no tool `{name}`: {there}"))
    }
}
