//! The hooks of an agent.

use super::{Ending, Hook, NextModel, NextTool, Turn};
use crate::{Message, ToolCall, ToolResult, Tools, tool::Around};
use catena::{Context, Error, ErrorKind, Result};
use futures_util::{FutureExt, future::BoxFuture};
use std::{fmt, future::Future, panic::AssertUnwindSafe, sync::Arc};

/// A [`Hook`] of any type.
pub(in crate::agent) trait Erased: Send + Sync {
    fn name(&self) -> &str;
    fn tools(&self) -> Result<Tools>;
    fn before_model<'a>(&'a self, turn: Turn, cx: &'a Context) -> BoxFuture<'a, Result<Turn>>;
    fn around_model<'a>(&'a self, turn: Turn, next: NextModel<'a>) -> BoxFuture<'a, Result<Message>>;
    fn after_model<'a>(&'a self, message: Message, cx: &'a Context) -> BoxFuture<'a, Result<Message>>;
    fn around_tool(&self, call: ToolCall, next: NextTool) -> BoxFuture<'_, Result<ToolResult>>;
    fn at_end<'a>(&'a self, ending: Ending, cx: &'a Context) -> BoxFuture<'a, Result<Ending>>;
}

impl<H: Hook> Erased for H {
    fn name(&self) -> &str {
        Hook::name(self)
    }

    fn tools(&self) -> Result<Tools> {
        Hook::tools(self)
    }

    fn before_model<'a>(&'a self, turn: Turn, cx: &'a Context) -> BoxFuture<'a, Result<Turn>> {
        Box::pin(Hook::before_model(self, turn, cx))
    }

    fn around_model<'a>(&'a self, turn: Turn, next: NextModel<'a>) -> BoxFuture<'a, Result<Message>> {
        Box::pin(Hook::around_model(self, turn, next))
    }

    fn after_model<'a>(&'a self, message: Message, cx: &'a Context) -> BoxFuture<'a, Result<Message>> {
        Box::pin(Hook::after_model(self, message, cx))
    }

    fn around_tool(&self, call: ToolCall, next: NextTool) -> BoxFuture<'_, Result<ToolResult>> {
        Box::pin(Hook::around_tool(self, call, next))
    }

    fn at_end<'a>(&'a self, ending: Ending, cx: &'a Context) -> BoxFuture<'a, Result<Ending>> {
        Box::pin(Hook::at_end(self, ending, cx))
    }
}

/// Hooks, from the outermost to the innermost. A clone copies a pointer.
#[derive(Clone, Default)]
pub(in crate::agent) struct Hooks(Arc<Vec<Arc<dyn Erased>>>);

impl Hooks {
    pub(in crate::agent) fn push(&mut self, hook: impl Hook) {
        Arc::make_mut(&mut self.0).push(Arc::new(hook));
    }

    pub(in crate::agent) fn all(&self) -> &[Arc<dyn Erased>] {
        &self.0
    }

    pub(in crate::agent) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the tools of an agent with those of its hooks.
    pub(in crate::agent) fn with_tools(&self, tools: &Tools) -> Result<Tools> {
        self.0.iter().try_fold(tools.clone(), |tools, hook| {
            let own = hook.tools().and_then(|own| if own.is_empty() { Ok(tools) } else { tools.with(own) });
            own.map_err(|error| error.while_doing(format!("adding the tools of the hook `{}`", hook.name())))
        })
    }

    pub(in crate::agent) async fn before_model(&self, mut turn: Turn, cx: &Context) -> Result<Turn> {
        for hook in self.0.iter() {
            turn = run(&**hook, "before a call of the model", async { hook.before_model(turn, cx).await }).await?;
        }
        Ok(turn)
    }

    pub(in crate::agent) async fn after_model(&self, mut message: Message, cx: &Context) -> Result<Message> {
        for hook in self.0.iter().rev() {
            message = run(&**hook, "after a call of the model", async { hook.after_model(message, cx).await }).await?;
        }
        Ok(message)
    }

    /// Runs until a hook asks the model again.
    pub(in crate::agent) async fn at_end(&self, mut ending: Ending, cx: &Context) -> Result<Ending> {
        for hook in self.0.iter().rev() {
            ending = run(&**hook, "at the end", async { hook.at_end(ending, cx).await }).await?;
            if ending.again.is_some() {
                break;
            }
        }
        Ok(ending)
    }
}

/// The hooks around the calls of one answer.
pub(in crate::agent) struct AroundCalls {
    pub(in crate::agent) hooks: Hooks,
    pub(in crate::agent) step: u32,
}

impl Around for AroundCalls {
    fn call(&self, call: ToolCall, tools: Tools, cx: Context) -> BoxFuture<'static, Result<ToolResult>> {
        NextTool { hooks: self.hooks.clone(), at: 0, step: self.step, tools, cx }.call(call)
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|hook| hook.name())).finish()
    }
}

/// Runs a part of a hook, whose name its error has.
async fn run<T>(hook: &dyn Erased, when: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let outcome = caught(&who(hook.name(), when), work).await;
    outcome.map_err(|error| match error.kind() {
        ErrorKind::Panic => error,
        _ => error.while_doing(format!("running the hook `{}`", hook.name())),
    })
}

/// Names a hook, for the error of its panic.
pub(super) fn who(name: &str, when: &str) -> String {
    format!("the hook `{name}`, {when},")
}

/// Makes an error of a panic.
pub(super) async fn caught<T>(who: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| Err(Error::panicked(who, &*panic)))
}
