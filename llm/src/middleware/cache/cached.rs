use super::{CacheKey, CacheStore, CachedAnswer};
use crate::{Chat, ChatModel, ChatRequest, Message, MessageChunk, message, model::same_as, telemetry::Telemetry};
use catena::{Chunks, Context, Details, Error, Result};
use futures_util::stream;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// A model whose answers are [cached](super); created by [`Chat::cached`]. A clone shares the store.
#[derive(Clone, Debug)]
pub struct Cached<M, S> {
    model: M,
    store: Arc<S>,
    asking: Arc<Asking>,
}

impl<M: ChatModel> Chat<M> {
    /// Caches the answers in this store. If equal requests for whole answers are made concurrently, the model is called
    /// once, and the others wait for its answer.
    ///
    /// Wrappers around the cache apply to cached answers too. To limit only the calls of the model, limit it first:
    /// `.rate_limited(..).cached(..)`. See [`cache`](crate::cache).
    pub fn cached<S: CacheStore>(self, store: S) -> Chat<Cached<M, S>> {
        self.map_model(|model| Cached { model, store: Arc::new(store), asking: Arc::default() })
    }
}

/// The requests in flight.
#[derive(Debug, Default)]
struct Asking(Mutex<HashMap<CacheKey, Weak<tokio::sync::Mutex<()>>>>);

impl Asking {
    /// Returns the lock that is held while this request is in flight.
    fn turn(&self, key: &CacheKey) -> Arc<tokio::sync::Mutex<()>> {
        let mut asking = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = asking.get(key).and_then(Weak::upgrade) {
            return turn;
        }
        asking.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(tokio::sync::Mutex::new(()));
        asking.insert(key.clone(), Arc::downgrade(&turn));
        turn
    }
}

impl<M: ChatModel, S: CacheStore> Cached<M, S> {
    async fn known(&self, key: &CacheKey) -> Option<CachedAnswer> {
        self.store.get(key).await.unwrap_or_else(|error| {
            self.warn(&error);
            None
        })
    }

    async fn keep(&self, key: &CacheKey, answer: CachedAnswer) {
        if let Err(error) = self.store.put(key, &answer).await {
            self.warn(&error);
        }
    }

    /// Logs an error of the store. The answer is returned nevertheless, since it was paid for.
    #[cold]
    fn warn(&self, error: &Error) {
        tracing::warn!(target: "catena_llm::cache", model = self.model.name(), %error, "the cache of answers failed");
    }
}

impl<M: ChatModel, S: CacheStore> ChatModel for Cached<M, S> {
    same_as!(self, self.model);

    fn details(&self, details: &mut Details) {
        self.model.details(details);
        details.set("cached", true);
    }

    async fn complete(&self, request: ChatRequest, cx: &Context) -> Result<Message> {
        let key = CacheKey::of(&self.model, &request);
        let turn = self.asking.turn(&key);
        let _turn = turn.lock().await;
        if let Some(answer) = self.known(&key).await {
            Telemetry::note_cached(cx);
            return answer.message();
        }
        let answer = self.model.complete(request, cx).await?;
        self.keep(&key, CachedAnswer::of_message(answer.clone())).await;
        Ok(answer)
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        Chunks::open(async move {
            let key = CacheKey::of(&self.model, &request);
            if let Some(answer) = self.known(&key).await {
                Telemetry::note_cached(cx);
                return Ok(Chunks::new(stream::iter(answer.replay().map(Ok))));
            }
            let add = |seen: &mut Vec<MessageChunk>, chunk: &MessageChunk| {
                seen.push(chunk.clone());
                chunk.finish_reason().is_some()
            };
            Ok(message::recorded(self.model.stream(request, cx), Vec::new(), add, move |seen| async move {
                self.keep(&key, CachedAnswer::of_chunks(seen)).await;
                Ok(())
            }))
        })
    }
}
