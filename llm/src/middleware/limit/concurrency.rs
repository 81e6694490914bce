use crate::{Chat, ChatModel, ChatRequest, Message, MessageChunk, model::same_as};
use catena::{Chunks, Context, Details, Error, ErrorKind, Result};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many requests are under way at once. A clone is the same cap: models that share it share the places.
///
/// ```
/// use catena_llm::{limit::ConcurrencyLimit, testing::Scripted};
///
/// let cap = ConcurrencyLimit::new(4);
/// let fast = Scripted::answers(["Hi"]).chat().concurrency_limited(&cap);
/// let good = Scripted::answers(["Hello"]).chat().concurrency_limited(&cap); // four at once, of both together
/// assert_eq!(cap.free(), 4);
/// ```
#[derive(Clone, Debug)]
pub struct ConcurrencyLimit {
    permits: Arc<Semaphore>,
    size: usize,
}

impl ConcurrencyLimit {
    /// So many at once; 0 counts as 1.
    pub fn new(size: usize) -> Self {
        let size = size.clamp(1, Semaphore::MAX_PERMITS);
        ConcurrencyLimit { permits: Arc::new(Semaphore::new(size)), size }
    }

    /// How many more could begin now.
    pub fn free(&self) -> usize {
        self.permits.available_permits()
    }

    /// A place, held until it is dropped. Given in the order it was asked for.
    async fn acquire(&self) -> Result<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        permit.map_err(|error| Error::from_source(ErrorKind::Cancelled, error))
    }
}

impl From<usize> for ConcurrencyLimit {
    fn from(size: usize) -> Self {
        ConcurrencyLimit::new(size)
    }
}

impl From<&ConcurrencyLimit> for ConcurrencyLimit {
    fn from(limit: &ConcurrencyLimit) -> Self {
        limit.clone()
    }
}

/// A model that is asked only so often at once; made by [`Chat::concurrency_limited`]. A clone shares the cap.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimited<M> {
    model: M,
    limit: ConcurrencyLimit,
}

impl<M: ChatModel> Chat<M> {
    /// Ask it only so often at once: a number, or a [`ConcurrencyLimit`] that others share. More requests wait, first come, first
    /// served. A stream keeps its place until it has ended or is dropped.
    pub fn concurrency_limited(self, limit: impl Into<ConcurrencyLimit>) -> Chat<ConcurrencyLimited<M>> {
        self.map_model(|model| ConcurrencyLimited { model, limit: limit.into() })
    }
}

impl<M: ChatModel> ChatModel for ConcurrencyLimited<M> {
    same_as!(self, self.model);

    fn details(&self, details: &mut Details) {
        self.model.details(details);
        details.set("max_concurrent_requests", self.limit.size);
    }

    async fn complete(&self, request: ChatRequest, cx: &Context) -> Result<Message> {
        let _permit = self.limit.acquire().await?;
        self.model.complete(request, cx).await
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        Chunks::open(async move {
            let permit = self.limit.acquire().await?;
            let chunks = self.model.stream(request, cx);
            Ok(Chunks::new(chunks.inspect(move |_| {
                // Held by this closure, which is dropped with the stream.
                let _ = &permit;
            })))
        })
    }
}
