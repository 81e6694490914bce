//! Hooks that are plain functions.

use super::{Ending, Hook, NextTool, Turn};
use crate::{Message, ToolCall, ToolResult};
use catena::{Context, Result};
use std::future::Future;

/// A function that runs before each call of the model.
pub(in crate::agent) struct BeforeModel<F>(pub(in crate::agent) F);

impl<F, Fut> Hook for BeforeModel<F>
where
    F: Fn(Turn) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Turn>> + Send + 'static,
{
    fn name(&self) -> &'static str {
        "before_model"
    }

    fn before_model<'a>(&'a self, turn: Turn, _: &'a Context) -> impl Future<Output = Result<Turn>> + Send + 'a {
        (self.0)(turn)
    }
}

/// A function that runs after each call of the model.
pub(in crate::agent) struct AfterModel<F>(pub(in crate::agent) F);

impl<F, Fut> Hook for AfterModel<F>
where
    F: Fn(Message) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Message>> + Send + 'static,
{
    fn name(&self) -> &'static str {
        "after_model"
    }

    fn after_model<'a>(
        &'a self,
        message: Message,
        _: &'a Context,
    ) -> impl Future<Output = Result<Message>> + Send + 'a {
        (self.0)(message)
    }
}

/// A function around each call of a tool.
pub(in crate::agent) struct AroundTool<F>(pub(in crate::agent) F);

impl<F, Fut> Hook for AroundTool<F>
where
    F: Fn(ToolCall, NextTool) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<ToolResult>> + Send + 'static,
{
    fn name(&self) -> &'static str {
        "around_tool"
    }

    fn around_tool(&self, call: ToolCall, next: NextTool) -> impl Future<Output = Result<ToolResult>> + Send {
        (self.0)(call, next)
    }
}

/// A function that runs when the model has answered.
pub(in crate::agent) struct AtEnd<F>(pub(in crate::agent) F);

impl<F, Fut> Hook for AtEnd<F>
where
    F: Fn(Ending) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Ending>> + Send + 'static,
{
    fn name(&self) -> &'static str {
        "at_end"
    }

    fn at_end<'a>(&'a self, ending: Ending, _: &'a Context) -> impl Future<Output = Result<Ending>> + Send + 'a {
        (self.0)(ending)
    }
}
