use crate::{Chat, ChatModel, ChatRequest, Message, MessageChunk, model::same_as};
use catena::{Chunks, Context, Details, Error, ErrorKind, Result};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A limit on requests in flight. A clone is the same limit: models that share it share its permits.
///
/// ```
/// use catena_llm::{limit::ConcurrencyLimit, testing::Scripted};
///
/// let limit = ConcurrencyLimit::new(4);
/// let fast = Scripted::answers(["Hi"]).chat().concurrency_limited(&limit);
/// let good = Scripted::answers(["Hello"]).chat().concurrency_limited(&limit); // both share the permits
/// assert_eq!(limit.free(), 4);
/// ```
#[derive(Clone, Debug)]
pub struct ConcurrencyLimit {
    permits: Arc<Semaphore>,
    size: usize,
}

impl ConcurrencyLimit {
    /// Creates a limit of this many requests; 0 counts as 1.
    pub fn new(size: usize) -> Self {
        let size = size.clamp(1, Semaphore::MAX_PERMITS);
        ConcurrencyLimit { permits: Arc::new(Semaphore::new(size)), size }
    }

    /// Returns the number of available permits.
    pub fn free(&self) -> usize {
        self.permits.available_permits()
    }

    /// Waits for a permit, in order of arrival. The permit is held until it is dropped.
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

/// A model with a limit on requests in flight; created by [`Chat::concurrency_limited`]. A clone shares the limit.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimited<M> {
    model: M,
    limit: ConcurrencyLimit,
}

impl<M: ChatModel> Chat<M> {
    /// Limits the number of requests in flight, to a number or by a shared [`ConcurrencyLimit`]. Further requests wait
    /// in order of arrival. A stream holds its permit until it ends or is dropped.
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
                // The permit is dropped with this closure, and so with the stream.
                let _ = &permit;
            })))
        })
    }
}
