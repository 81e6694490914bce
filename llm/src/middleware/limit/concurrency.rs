use crate::{Chat, ChatModel, ChatRequest, Message, MessageChunk, model::same_as};
use catena::{Chunks, Context, Details, Error, ErrorKind, Result};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many requests are under way at once. A clone is the same cap: models that share it share the places.
///
/// ```
/// use catena_llm::{limit::Cap, testing::Scripted};
///
/// let cap = Cap::new(4);
/// let fast = Scripted::answers(["Hi"]).chat().capped(&cap);
/// let good = Scripted::answers(["Hello"]).chat().capped(&cap); // four at once, of both together
/// assert_eq!(cap.free(), 4);
/// ```
#[derive(Clone, Debug)]
pub struct Cap {
    places: Arc<Semaphore>,
    size: usize,
}

impl Cap {
    /// So many at once; 0 counts as 1.
    pub fn new(size: usize) -> Self {
        let size = size.clamp(1, Semaphore::MAX_PERMITS);
        Cap { places: Arc::new(Semaphore::new(size)), size }
    }

    /// How many more could begin now.
    pub fn free(&self) -> usize {
        self.places.available_permits()
    }

    /// A place, held until it is dropped. Given in the order it was asked for.
    async fn enter(&self) -> Result<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        place.map_err(|error| Error::from_source(ErrorKind::Cancelled, error))
    }
}

impl From<usize> for Cap {
    fn from(size: usize) -> Self {
        Cap::new(size)
    }
}

impl From<&Cap> for Cap {
    fn from(cap: &Cap) -> Self {
        cap.clone()
    }
}

/// A model that is asked only so often at once; made by [`Chat::capped`]. A clone shares the cap.
#[derive(Clone, Debug)]
pub struct Capped<M> {
    model: M,
    cap: Cap,
}

impl<M: ChatModel> Chat<M> {
    /// Ask it only so often at once: a number, or a [`Cap`] that others share. More requests wait, first come, first
    /// served. A stream keeps its place until it has ended or is dropped.
    pub fn capped(self, cap: impl Into<Cap>) -> Chat<Capped<M>> {
        self.map_model(|model| Capped { model, cap: cap.into() })
    }
}

impl<M: ChatModel> ChatModel for Capped<M> {
    same_as!(self, self.model);

    fn details(&self, details: &mut Details) {
        self.model.details(details);
        details.set("max_concurrent_requests", self.cap.size);
    }

    async fn complete(&self, request: ChatRequest, cx: &Context) -> Result<Message> {
        let _place = self.cap.enter().await?;
        self.model.complete(request, cx).await
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        Chunks::open(async move {
            let place = self.cap.enter().await?;
            let chunks = self.model.stream(request, cx);
            Ok(Chunks::new(chunks.inspect(move |_| {
                // Held by this closure, which is dropped with the stream.
                let _ = &place;
            })))
        })
    }
}
