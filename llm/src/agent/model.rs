//! Models of any type, for agents and their hooks.

use super::local;
use crate::{ChatRequest, Message, MessageChunk};
use catena::{Chunks, Context, Result, Runnable};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// A model of any type.
pub(super) trait AnyModel: Send + Sync {
    fn name(&self) -> &str;
    fn call<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> BoxFuture<'a, Result<Message>>;
    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk>;
}

impl<S> AnyModel for S
where
    S: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk>,
{
    fn name(&self) -> &str {
        catena::Step::name(self).filter(|name| !name.is_empty()).unwrap_or("model")
    }

    fn call<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> BoxFuture<'a, Result<Message>> {
        Box::pin(Runnable::call(self, request, cx))
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        self.call_stream(request, cx)
    }
}

/// The model of a hook. What it costs counts towards the agent.
#[derive(Clone)]
pub(super) struct HookModel(pub(super) Arc<dyn AnyModel>);

impl HookModel {
    pub(super) fn new<S>(model: S) -> Self
    where
        S: Runnable<ChatRequest, Output = Message, Chunk = MessageChunk> + 'static,
    {
        HookModel(Arc::new(model))
    }

    pub(super) async fn ask(&self, request: ChatRequest, cx: &Context) -> Result<Message> {
        let message = self.0.call(request, cx).await?;
        local::count(&message);
        Ok(message)
    }
}
