//! The rest of a call, inside of a hook.

use super::{
    Turn,
    chain::{self, Erased, Hooks},
};
use crate::{Message, ToolCall, ToolResult, Tools, agent::model::AnyModel, tool::Dispatch};
use catena::{Context, Result};
use futures_util::future::BoxFuture;
use std::{fmt, sync::Arc};

/// The model of an agent of any type.
pub(in crate::agent) trait CallModel: Send + Sync {
    fn call_model<'a>(&'a self, turn: Turn, cx: &'a Context) -> BoxFuture<'a, Result<Message>>;

    /// Calls another model in its place, with the same reader of the stream.
    fn call_other<'a>(&'a self, model: &'a dyn AnyModel, turn: Turn, cx: &'a Context)
    -> BoxFuture<'a, Result<Message>>;

    /// Returns whether a part of an answer was yielded already.
    fn has_streamed(&self) -> bool;
}

/// The call of the model, with the hooks that are nested in this one. A clone can call it again.
#[derive(Clone, Copy)]
pub struct NextModel<'a> {
    pub(in crate::agent) hooks: &'a [Arc<dyn Erased>],
    pub(in crate::agent) model: &'a dyn CallModel,
    pub(in crate::agent) cx: &'a Context,
}

impl<'a> NextModel<'a> {
    /// Calls the model.
    ///
    /// # Errors
    /// Those of the model.
    pub fn call(self, turn: Turn) -> BoxFuture<'a, Result<Message>> {
        match self.hooks.split_first() {
            None => Box::pin(chain::caught("the model", self.model.call_model(turn, self.cx))),
            Some((hook, rest)) => {
                let next = NextModel { hooks: rest, ..self };
                let who = chain::who(hook.name(), "around a call of the model");
                Box::pin(async move { chain::caught(&who, async { hook.around_model(turn, next).await }).await })
            }
        }
    }

    /// Calls another model in place of the agent's, without the hooks that are nested in this one.
    pub(in crate::agent) fn call_other(self, model: &'a dyn AnyModel, turn: Turn) -> BoxFuture<'a, Result<Message>> {
        self.model.call_other(model, turn, self.cx)
    }

    /// Returns whether a part of an answer was yielded to a reader of the agent's stream already.
    pub fn has_streamed(&self) -> bool {
        self.model.has_streamed()
    }

    /// Returns the context of the call.
    pub fn context(&self) -> &'a Context {
        self.cx
    }
}

impl fmt::Debug for NextModel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextModel").field("hooks", &self.hooks.len()).finish_non_exhaustive()
    }
}

/// The call of a tool, with the hooks that are nested in this one. A clone can make it again.
#[derive(Clone)]
pub struct NextTool {
    pub(super) hooks: Hooks,
    /// The number of hooks that are around it.
    pub(super) at: usize,
    pub(super) step: u32,
    pub(super) tools: Tools,
    pub(super) cx: Context,
}

impl NextTool {
    /// Makes the call. An error of the tool is in the result.
    ///
    /// # Errors
    /// Those that end the run: a deadline, a cancellation, the recursion limit, errors of hooks.
    pub fn call(self, call: ToolCall) -> BoxFuture<'static, Result<ToolResult>> {
        Box::pin(async move {
            let hooks = self.hooks.clone();
            match hooks.all().get(self.at) {
                None => Dispatch::new(self.tools).call_tool(call, &self.cx).await,
                Some(hook) => {
                    let who = chain::who(hook.name(), &format!("around a call of `{}`", call.name));
                    let next = NextTool { at: self.at + 1, ..self };
                    chain::caught(&who, async { hook.around_tool(call, next).await }).await
                }
            }
        })
    }

    /// Returns the number of the model's call that asked for this one, from 1. With the id of the call it is a key, for
    /// ids may come again in a later answer.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Returns whether the tool of this name declares that calling it twice has the effect of calling it once.
    pub fn is_idempotent(&self, name: &str) -> bool {
        self.tools.is_idempotent(name)
    }

    /// Returns the context of the call.
    pub fn context(&self) -> &Context {
        &self.cx
    }
}

impl fmt::Debug for NextTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextTool").field("tools", &self.tools).finish_non_exhaustive()
    }
}
